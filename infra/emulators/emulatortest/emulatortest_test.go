package emulatortest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/infra/emulators/openid/openidtest"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }

func TestOneEmulatorServesAllTestsOfAPackage(t *testing.T) {
	t.Parallel()
	if a, b := emulatortest.DynamoDB(t), emulatortest.DynamoDB(t); a != b {
		t.Errorf("two calls started two emulators: %s and %s", a, b)
	}
}

func TestDynamoDBListsTheTableThatWasCreated(t *testing.T) {
	t.Parallel()
	client := dynamodb.NewFromConfig(emulatortest.AWS(t, emulatortest.DynamoDB(t)))
	createTable(t, client, "listed")
	out, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(out.TableNames, "listed") {
		t.Errorf("tables = %q, want one named listed", out.TableNames)
	}
}

// The store commits up to 100 operations at once, which DynamoDB allows and old emulators do not.
func TestDynamoDBTakesATransactionOf100Writes(t *testing.T) {
	t.Parallel()
	client := dynamodb.NewFromConfig(emulatortest.AWS(t, emulatortest.DynamoDB(t)))
	createTable(t, client, "transactions")
	writes := make([]types.TransactWriteItem, 100)
	for i := range writes {
		writes[i].Put = &types.Put{TableName: aws.String("transactions"), Item: item(fmt.Sprint(i))}
	}
	if _, err := client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: writes}); err != nil {
		t.Fatal(err)
	}
	out, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("transactions")})
	if err != nil {
		t.Fatal(err)
	}
	if out.Count != 100 {
		t.Errorf("the table holds %d items, want 100", out.Count)
	}
}

func TestDynamoDBStreamsDeliverAChange(t *testing.T) {
	t.Parallel()
	config := emulatortest.AWS(t, emulatortest.DynamoDB(t))
	client := dynamodb.NewFromConfig(config)
	arn := createTable(t, client, "streamed")
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("streamed"), Item: item("ann")}); err != nil {
		t.Fatal(err)
	}
	records := readStream(t, dynamodbstreams.NewFromConfig(config), arn)
	if len(records) != 1 {
		t.Fatalf("the stream holds %d records, want 1", len(records))
	}
	key, ok := records[0].Dynamodb.Keys["id"].(*streamtypes.AttributeValueMemberS)
	if records[0].EventName != streamtypes.OperationTypeInsert || !ok || key.Value != "ann" {
		t.Errorf("record = %s %v, want the insertion of ann", records[0].EventName, records[0].Dynamodb.Keys)
	}
}

func TestMotoCreatesAUserPool(t *testing.T) {
	t.Parallel()
	client := cognitoidentityprovider.NewFromConfig(emulatortest.AWS(t, emulatortest.Moto(t)))
	pool, err := client.CreateUserPool(t.Context(), &cognitoidentityprovider.CreateUserPoolInput{PoolName: aws.String("staff")})
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.DescribeUserPool(t.Context(), &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: pool.UserPool.Id})
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(out.UserPool.Name); got != "staff" {
		t.Errorf("pool's name = %q, want staff", got)
	}
}

func TestSESKeepsTheMailItWasSent(t *testing.T) {
	t.Parallel()
	endpoint := emulatortest.SES(t)
	text := func(s string) *sestypes.Content { return &sestypes.Content{Data: aws.String(s)} }
	sent, err := sesv2.NewFromConfig(emulatortest.AWS(t, endpoint)).SendEmail(t.Context(), &sesv2.SendEmailInput{
		FromEmailAddress: aws.String("office@school.example"),
		Destination:      &sestypes.Destination{ToAddresses: []string{"ann@school.example"}},
		Content: &sestypes.EmailContent{Simple: &sestypes.Message{
			Subject: text("Welcome"), Body: &sestypes.Body{Text: text("Hello Ann")},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, mail := range storedMails(t, endpoint) {
		if mail.MessageID != aws.ToString(sent.MessageId) {
			continue
		}
		if mail.Subject != "Welcome" || !slices.Equal(mail.Destination.To, []string{"ann@school.example"}) || mail.Body.Text != "Hello Ann" {
			t.Errorf("stored mail = %+v", mail)
		}
		return
	}
	t.Errorf("no stored mail has the id %s", aws.ToString(sent.MessageId))
}

func TestOpenIDMakesAnIssuer(t *testing.T) {
	t.Parallel()
	p := openidtest.New(t, emulatortest.OpenID(t))
	var metadata struct{ Issuer string }
	if err := json.Unmarshal(get(t.Context(), t, p.Issuer+"/.well-known/openid-configuration"), &metadata); err != nil {
		t.Fatal(err)
	}
	if metadata.Issuer != p.Issuer {
		t.Errorf("issuer = %q, want %q", metadata.Issuer, p.Issuer)
	}
}

func TestConfigurationReadsNothingFromTheEnvironment(t *testing.T) {
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
	t.Setenv("AWS_ENDPOINT_URL", "https://aws.example")
	config := emulatortest.AWS(t, "http://127.0.0.1:1")
	keys, err := config.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	options := dynamodb.NewFromConfig(config).Options()
	if options.Region != emulatortest.Region || keys.AccessKeyID == "AKIAREAL" || aws.ToString(options.BaseEndpoint) != "http://127.0.0.1:1" {
		t.Errorf("region %q, key %q, endpoint %q", options.Region, keys.AccessKeyID, aws.ToString(options.BaseEndpoint))
	}
}

func TestAnEndpointElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"https://dynamodb.eu-west-2.amazonaws.com", "http://192.0.2.1:8000", ""} {
		if !refused(t, endpoint) {
			t.Errorf("%q was accepted", endpoint)
		}
	}
}

// refusing is a testing.TB that notes Fatalf instead of failing.
type refusing struct {
	testing.TB
	failed bool
}

func (r *refusing) Fatalf(string, ...any) { r.failed = true }

func refused(t *testing.T, endpoint string) bool {
	t.Helper()
	r := &refusing{TB: t}
	emulatortest.AWS(r, endpoint)
	return r.failed
}

func item(id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}}
}

// createTable creates a table with a stream and returns the stream's ARN.
func createTable(t *testing.T, client *dynamodb.Client, name string) string {
	t.Helper()
	out, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:            &name,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		BillingMode:          types.BillingModePayPerRequest,
		StreamSpecification:  &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages},
	})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.TableDescription.LatestStreamArn)
}

// readStream reads the only shard of a stream from its beginning.
func readStream(t *testing.T, client *dynamodbstreams.Client, arn string) []streamtypes.Record {
	t.Helper()
	stream, err := client.DescribeStream(t.Context(), &dynamodbstreams.DescribeStreamInput{StreamArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(stream.StreamDescription.Shards); n != 1 {
		t.Fatalf("the stream has %d shards, want 1", n)
	}
	from, err := client.GetShardIterator(t.Context(), &dynamodbstreams.GetShardIteratorInput{
		StreamArn: &arn, ShardId: stream.StreamDescription.Shards[0].ShardId,
		ShardIteratorType: streamtypes.ShardIteratorTypeTrimHorizon,
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.GetRecords(t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: from.ShardIterator})
	if err != nil {
		t.Fatal(err)
	}
	return out.Records
}

type storedMail struct {
	MessageID   string `json:"messageId"`
	Subject     string
	Destination struct{ To []string }
	Body        struct{ Text string }
}

func storedMails(t *testing.T, endpoint string) []storedMail {
	t.Helper()
	var store struct{ Emails []storedMail }
	if err := json.Unmarshal(get(t.Context(), t, endpoint+"/store"), &store); err != nil {
		t.Fatal(err)
	}
	return store.Emails
}

func get(ctx context.Context, t *testing.T, url string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, res.Status, err)
	}
	return body
}
