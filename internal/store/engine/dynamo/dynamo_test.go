package dynamo_test

import (
	"crypto/rand"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
	"github.com/caretaker/caretaker/internal/store/engine/enginetest"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }

// local returns a client of DynamoDB Local.
func local(tb testing.TB, options ...func(*dynamodb.Options)) *dynamodb.Client {
	tb.Helper()
	return dynamodb.NewFromConfig(emulatortest.AWS(tb, emulatortest.DynamoDB(tb)), options...)
}

// newTable makes a table of the test's own and returns its name.
func newTable(tb testing.TB, client *dynamodb.Client) string {
	tb.Helper()
	name := "test-" + rand.Text()
	if err := dynamo.CreateTable(tb.Context(), client, name); err != nil {
		tb.Fatal(err)
	}
	return name
}

func TestEngineMeetsThePort(t *testing.T) {
	t.Parallel()
	client := local(t)
	enginetest.Run(t, func(t *testing.T) engine.Engine { return dynamo.New(client, newTable(t, client)) })
}

func TestFeedMeetsThePort(t *testing.T) {
	t.Parallel()
	client := local(t)
	stream := dynamodbstreams.NewFromConfig(emulatortest.AWS(t, emulatortest.DynamoDB(t)))
	enginetest.RunFeed(t, func(t *testing.T, wanted func(engine.Key) bool) enginetest.Source {
		table := newTable(t, client)
		var source func(t *testing.T) enginetest.Source
		source = func(*testing.T) enginetest.Source {
			return enginetest.Source{
				Engine: dynamo.New(client, table), Feed: dynamo.NewFeed(stream, table, wanted), Restart: source,
			}
		}
		return source(t)
	})
}
