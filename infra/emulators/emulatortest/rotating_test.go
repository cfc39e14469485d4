package emulatortest_test

import (
	"net"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
)

// One that has served enough tests is followed by another, ends with the last of its tests, and not before.
func TestRotatingDynamoDB(t *testing.T) { //nolint:tparallel // its tests follow one another
	t.Parallel()
	var first, last string
	t.Run("first tests", func(t *testing.T) { //nolint:paralleltest // see above
		first = emulatortest.RotatingDynamoDB(t)
		for last = first; last == first; {
			//nolint:paralleltest // see above
			t.Run("another test", func(t *testing.T) { last = emulatortest.RotatingDynamoDB(t) })
		}
		client := dynamodb.NewFromConfig(emulatortest.AWS(t, first))
		if _, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil {
			t.Errorf("the first emulator ended before its last test: %v", err)
		}
	})
	u, err := url.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	if open, err := new(net.Dialer).DialContext(t.Context(), "tcp", u.Host); err == nil {
		_ = open.Close()
		t.Error("the first emulator goes on after its last test")
	}
}
