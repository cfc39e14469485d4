//go:build linux

package runtime_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/app"
)

// poller reads the table's stream as Lambda does for a function: what the mapping's filter lets through, in batches, the
// failed ones again. It takes records as they come over the wire, for so they reach the function.
type poller struct {
	d        *deployment
	endpoint string
	arn      string
	mapping  event
	next     map[string]string // iterators by shard
	last     json.RawMessage   // the newest batch, for tests that look at its form
}

func newPoller(t *testing.T, d *deployment, endpoint string) *poller {
	t.Helper()
	table, err := dynamodb.NewFromConfig(emulatortest.AWS(t, endpoint)).DescribeTable(
		t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(d.resources["Table"])})
	if err != nil {
		t.Fatal(err)
	}
	return &poller{
		d: d, endpoint: endpoint, arn: *table.Table.LatestStreamArn, mapping: d.functions(t)["notify"].event(t, "DynamoDB"),
		next: map[string]string{},
	}
}

// drain hands notify all that is in the stream, and what notify adds to it, until there is nothing more. It returns how many
// records the filter let through.
func (p *poller) drain(t *testing.T) int {
	t.Helper()
	taken := 0
	for range 100 {
		records, more := p.read(t)
		taken += len(records)
		for batch := range slices.Chunk(records, p.mapping.Properties.BatchSize) {
			p.hand(t, batch)
		}
		if !more {
			return taken
		}
	}
	t.Fatal("the stream does not end: something that notify does asks for more of it each time")
	return 0
}

type record map[string]any

func (r record) sequence() string {
	return fmt.Sprint(r["dynamodb"].(map[string]any)["SequenceNumber"])
}

// hand gives notify a batch, again from the record on that it says has failed.
func (p *poller) hand(t *testing.T, batch []record) {
	t.Helper()
	for range 1 + p.mapping.Properties.MaximumRetryAttempts {
		text, err := json.Marshal(map[string]any{"Records": batch})
		if err != nil {
			t.Fatal(err)
		}
		p.last = text
		var answer app.Notified
		p.d.invoke(t, "notify", text, &answer)
		if len(answer.BatchItemFailures) == 0 {
			return
		}
		from := slices.IndexFunc(batch, func(r record) bool { return r.sequence() == answer.BatchItemFailures[0].ItemIdentifier })
		if from < 0 {
			t.Fatalf("notify names the record %s, which it was not given", answer.BatchItemFailures[0].ItemIdentifier)
		}
		batch = batch[from:]
	}
	t.Fatalf("given up: %v", batch)
}

// read takes what is new in every shard; more tells whether there was anything, wanted or not.
func (p *poller) read(t *testing.T) (wanted []record, more bool) {
	t.Helper()
	var stream struct {
		StreamDescription struct {
			Shards []struct{ ShardId string } //nolint:revive // DynamoDB's name
		}
	}
	p.ask(t, "DescribeStream", map[string]any{"StreamArn": p.arn}, &stream)
	for _, shard := range stream.StreamDescription.Shards {
		records := p.readShard(t, shard.ShardId)
		more = more || len(records) > 0
		for _, r := range records {
			if p.filtered(t, r) {
				r["eventSourceARN"] = p.arn
				wanted = append(wanted, r)
			}
		}
	}
	return wanted, more
}

func (p *poller) readShard(t *testing.T, shard string) []record {
	t.Helper()
	at, known := p.next[shard]
	if !known {
		var got struct{ ShardIterator string }
		p.ask(t, "GetShardIterator", map[string]any{
			"StreamArn": p.arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON",
		}, &got)
		at = got.ShardIterator
	}
	if at == "" { // the shard was read to its end
		return nil
	}
	var got struct {
		Records           []record
		NextShardIterator string
	}
	p.ask(t, "GetRecords", map[string]any{"ShardIterator": at}, &got)
	p.next[shard] = got.NextShardIterator
	return got.Records
}

// filtered tells whether one of the mapping's patterns lets a record through.
func (p *poller) filtered(t *testing.T, r record) bool {
	t.Helper()
	return slices.ContainsFunc(p.mapping.Properties.FilterCriteria.Filters, func(f struct{ Pattern string }) bool {
		var pattern any
		if err := json.Unmarshal([]byte(f.Pattern), &pattern); err != nil {
			t.Fatal(err)
		}
		return matches(t, pattern, map[string]any(r))
	})
}

// ask calls DynamoDB Streams without its client, which would take the records apart.
func (p *poller) ask(t *testing.T, operation string, input, output any) {
	t.Helper()
	body, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.endpoint, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "DynamoDBStreams_20120810."+operation)
	keys, hash := aws.Credentials{AccessKeyID: "emulator", SecretAccessKey: "emulator"}, sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, r, hex.EncodeToString(hash[:]), "dynamodb", emulatortest.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s, %v", operation, res.Status, answer, err)
	}
	if err := json.Unmarshal(answer, output); err != nil {
		t.Fatal(err)
	}
}

// matches tells whether a pattern of EventBridge, in as much of its language as the template uses, accepts a value.
func matches(tb testing.TB, pattern, value any) bool {
	tb.Helper()
	switch pattern := pattern.(type) {
	case map[string]any:
		members, _ := value.(map[string]any)
		for name, p := range pattern {
			if !matches(tb, p, members[name]) {
				return false
			}
		}
		return true
	case []any:
		values, several := value.([]any)
		if !several {
			values = []any{value}
		}
		return slices.ContainsFunc(pattern, func(choice any) bool {
			return slices.ContainsFunc(values, func(v any) bool { return chosen(tb, choice, v) })
		})
	}
	tb.Fatalf("a pattern has lists of what is accepted, not %v", pattern)
	return false
}

func chosen(tb testing.TB, choice, value any) bool {
	tb.Helper()
	text, _ := value.(string)
	operator, special := choice.(map[string]any)
	if !special {
		return text == choice
	}
	prefix, known := operator["prefix"].(string)
	if !known || len(operator) != 1 {
		tb.Fatalf("%v is not known here", operator)
	}
	return value != nil && strings.HasPrefix(text, prefix)
}

func TestPatternsAreReadAsEventBridgeDoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, value string
		want           bool
	}{
		{`{"a":["x","y"]}`, `{"a":"y","b":"z"}`, true},
		{`{"a":["x"]}`, `{"a":"y"}`, false},
		{`{"a":["x"]}`, `{}`, false},
		{`{"a":["x"],"b":["y"]}`, `{"a":"x"}`, false},           // all members
		{`{"a":["x"]}`, `{"a":["w","x"]}`, true},                // any value of a list
		{`{"a":[{"prefix":"out#"}]}`, `{"a":"out#1"}`, true},    // what begins so
		{`{"a":[{"prefix":"out#"}]}`, `{"a":"in#out#"}`, false}, // and not what contains it
		{`{"a":[{"prefix":""}]}`, `{}`, false},                  // what is not there begins with nothing
	} {
		var pattern, value any
		if err := json.Unmarshal([]byte(c.pattern), &pattern); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(c.value), &value); err != nil {
			t.Fatal(err)
		}
		if got := matches(t, pattern, value); got != c.want {
			t.Errorf("%s accepts %s: %t", c.pattern, c.value, got)
		}
	}
}
