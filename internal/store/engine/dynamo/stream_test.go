package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// What Lambda is handed, as JSON; bodies are base64 there.
const (
	lambdaPut = `{"eventName": "MODIFY", "dynamodb": {"SequenceNumber": "700", "StreamViewType": "NEW_IMAGE",
		"Keys": {"pk": {"S": "p"}, "sk": {"S": "s"}},
		"NewImage": {"pk": {"S": "p"}, "sk": {"S": "s"}, "v": {"N": "2"}, "n": {"N": "-3"}, "x": {"N": "1924991999"},
			"b": {"B": "AP8="}, "i2p": {"S": "i"}, "i2s": {"S": "x"}, "t": {"S": "token"}, "later": {"BOOL": true}}}}`
	lambdaRemove = `{"eventName": "REMOVE", "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
		"dynamodb": {"SequenceNumber": "701", "Keys": {"pk": {"S": "p"}, "sk": {"S": "s"}}}}`
)

func TestDecodeReadsBothKindsOfStreamRecord(t *testing.T) {
	t.Parallel()
	k, sequence := engine.Key{Partition: "p", Sort: "s"}, "700"
	put := engine.Change{Sequence: sequence, Key: k, Record: engine.Record{
		Key: k, Version: 2, Count: -3, Body: []byte{0, 255}, Expires: time.Date(2030, 12, 31, 23, 59, 59, 0, time.UTC),
		Index: map[engine.Index]engine.Position{engine.Index2: {Partition: "i", Sort: "x"}},
	}}
	var modified, removed events.DynamoDBEventRecord
	for event, record := range map[string]*events.DynamoDBEventRecord{lambdaPut: &modified, lambdaRemove: &removed} {
		if err := json.Unmarshal([]byte(event), record); err != nil {
			t.Fatal(err)
		}
	}
	s := func(v string) streams.AttributeValue { return &streams.AttributeValueMemberS{Value: v} }
	n := func(v string) streams.AttributeValue { return &streams.AttributeValueMemberN{Value: v} }
	read := streams.Record{Dynamodb: &streams.StreamRecord{
		SequenceNumber: &sequence, Keys: map[string]streams.AttributeValue{"pk": s("p"), "sk": s("s")},
		NewImage: map[string]streams.AttributeValue{
			"pk": s("p"), "sk": s("s"), "v": n("2"), "n": n("-3"), "x": n("1924991999"), "i2p": s("i"), "i2s": s("x"),
			"b":     &streams.AttributeValueMemberB{Value: []byte{0, 255}},
			"later": &streams.AttributeValueMemberBOOL{Value: true},
		},
	}}
	gone := read
	gone.Dynamodb = &streams.StreamRecord{SequenceNumber: &sequence, Keys: read.Dynamodb.Keys}

	wantChange(t, "lambda, modified", modified, put)
	wantChange(t, "lambda, removed", removed, engine.Change{Sequence: "701", Key: k})
	wantChange(t, "streams, modified", read, put)
	wantChange(t, "streams, removed", gone, engine.Change{Sequence: sequence, Key: k})
}

func wantChange[R dynamo.StreamRecord](t *testing.T, name string, record R, want engine.Change) {
	t.Helper()
	got, err := dynamo.Decode(record)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
	}
}

func TestDecodeRefusesWhatIsNoRecord(t *testing.T) {
	t.Parallel()
	for name, record := range map[string]string{
		"nothing": `{}`,
		"no keys": `{"dynamodb": {"NewImage": {"v": {"N": "1"}}}}`,
		"no version": `{"dynamodb": {"Keys": {"pk": {"S": "p"}, "sk": {"S": "s"}},
			"NewImage": {"pk": {"S": "p"}, "sk": {"S": "s"}}}}`,
		"another type": `{"dynamodb": {"Keys": {"pk": {"S": "p"}, "sk": {"N": "1"}}}}`,
	} {
		var r events.DynamoDBEventRecord
		if err := json.Unmarshal([]byte(record), &r); err != nil {
			t.Fatal(err)
		}
		if change, err := dynamo.Decode(r); err == nil {
			t.Errorf("%s: %+v", name, change)
		}
	}
	if change, err := dynamo.Decode(streams.Record{}); err == nil {
		t.Errorf("an empty record: %+v", change)
	}
}

// fakeStream is a stream with the shards that a test gives it. It is for one goroutine.
type fakeStream struct {
	shards  []fakeShard
	expired map[string]bool // iterators that are refused, once
	trimmed map[string]bool // the same, for another reason
	asked   []string
}

type fakeShard struct {
	id, parent string
	keys       []string // of the changes in it, in order; each is a new version of its key
	open       bool
}

func (f *fakeStream) ListStreams(
	context.Context, *dynamodbstreams.ListStreamsInput, ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.ListStreamsOutput, error) {
	return &dynamodbstreams.ListStreamsOutput{Streams: []streams.Stream{
		{StreamArn: new("new"), StreamLabel: new("2030-01-02T00:00:00.000")},
		{StreamArn: new("old"), StreamLabel: new("2030-01-01T00:00:00.000")},
	}}, nil
}

// DescribeStream lists one shard at a time.
func (f *fakeStream) DescribeStream(
	_ context.Context, in *dynamodbstreams.DescribeStreamInput, _ ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.DescribeStreamOutput, error) {
	if *in.StreamArn != "new" {
		return nil, fmt.Errorf("the stream of an earlier table was asked for: %s", *in.StreamArn)
	}
	f.asked = append(f.asked, "list")
	i := 0
	for in.ExclusiveStartShardId != nil && f.shards[i].id != *in.ExclusiveStartShardId {
		i++
	}
	if in.ExclusiveStartShardId != nil {
		i++
	}
	out := &dynamodbstreams.DescribeStreamOutput{StreamDescription: &streams.StreamDescription{
		Shards: []streams.Shard{{ShardId: &f.shards[i].id, ParentShardId: &f.shards[i].parent}},
	}}
	if i+1 < len(f.shards) {
		out.StreamDescription.LastEvaluatedShardId = &f.shards[i].id
	}
	return out, nil
}

// GetShardIterator makes iterators of the form shard/position.
func (f *fakeStream) GetShardIterator(
	_ context.Context, in *dynamodbstreams.GetShardIteratorInput, _ ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.GetShardIteratorOutput, error) {
	at := 0
	if in.ShardIteratorType == streams.ShardIteratorTypeAfterSequenceNumber {
		if _, err := fmt.Sscan(*in.SequenceNumber, &at); err != nil {
			return nil, err
		}
		at++
	}
	return &dynamodbstreams.GetShardIteratorOutput{ShardIterator: new(fmt.Sprintf("%s/%d", *in.ShardId, at))}, nil
}

// GetRecords returns one record at a time.
func (f *fakeStream) GetRecords(
	_ context.Context, in *dynamodbstreams.GetRecordsInput, _ ...func(*dynamodbstreams.Options),
) (*dynamodbstreams.GetRecordsOutput, error) {
	f.asked = append(f.asked, *in.ShardIterator)
	if f.expired[*in.ShardIterator] {
		delete(f.expired, *in.ShardIterator)
		return nil, &streams.ExpiredIteratorException{}
	}
	if f.trimmed[*in.ShardIterator] {
		delete(f.trimmed, *in.ShardIterator)
		return nil, &streams.TrimmedDataAccessException{}
	}
	id, position, _ := strings.Cut(*in.ShardIterator, "/")
	var at int
	if _, err := fmt.Sscan(position, &at); err != nil {
		return nil, err
	}
	for _, s := range f.shards {
		if s.id == id {
			return s.records(at), nil
		}
	}
	return nil, &streams.ResourceNotFoundException{}
}

func (s fakeShard) records(at int) *dynamodbstreams.GetRecordsOutput {
	out := &dynamodbstreams.GetRecordsOutput{}
	if at < len(s.keys) {
		key := map[string]streams.AttributeValue{
			"pk": &streams.AttributeValueMemberS{Value: "p"}, "sk": &streams.AttributeValueMemberS{Value: s.keys[at]},
		}
		out.Records = []streams.Record{{Dynamodb: &streams.StreamRecord{SequenceNumber: new(fmt.Sprint(at)), Keys: key}}}
		at++
	}
	if at < len(s.keys) || s.open {
		out.NextShardIterator = new(fmt.Sprintf("%s/%d", s.id, at))
	}
	return out
}

// follow reads changes until the given number has come, marking all as done, and returns their sort keys.
func follow(t *testing.T, feed *dynamo.Feed, n int) []string {
	t.Helper()
	var got []string
	for len(got) < n {
		changes, err := feed.Next(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			got = append(got, c.Key.Sort)
		}
		if err := feed.Done(t.Context(), changes[len(changes)-1].Sequence); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

func all(engine.Key) bool { return true }

func TestFeedReadsAShardBeforeItsChildren(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fakeStream{shards: []fakeShard{
			{id: "grandchild", parent: "child", keys: []string{"4"}, open: true},
			{id: "child", parent: "parent", keys: []string{"3"}},
			{id: "parent", parent: "trimmed", keys: []string{"1", "2"}},
		}}
		if got := follow(t, dynamo.NewFeed(f, "t", all), 4); fmt.Sprint(got) != "[1 2 3 4]" {
			t.Errorf("%v", got)
		}
	})
}

func TestFeedFindsShardsThatComeLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fakeStream{shards: []fakeShard{{id: "first", keys: []string{"1"}, open: true}}}
		feed := dynamo.NewFeed(f, "t", all)
		follow(t, feed, 1)
		f.shards[0].open = false
		f.shards[0].keys = append(f.shards[0].keys, "2")
		f.shards = append(f.shards,
			fakeShard{id: "second", parent: "first", keys: []string{"3"}, open: true},
			fakeShard{id: "unrelated", keys: []string{"4"}, open: true},
		)
		got := follow(t, feed, 3)
		if got[0] != "2" || len(got) != 3 {
			t.Errorf("%v", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		before := len(f.asked)
		if changes, err := feed.Next(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%+v, %v", changes, err)
		}
		// Two open shards, four times a second, and now and then a look for more.
		if n := len(f.asked) - before; n < 400 || n > 560 {
			t.Errorf("asked %d times in a minute without changes", n)
		}
	})
}

func TestFeedGoesOnAfterAnIteratorExpired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fakeStream{
			shards:  []fakeShard{{id: "s", keys: []string{"1", "2", "3"}, open: true}},
			expired: map[string]bool{"s/0": true, "s/2": true},
		}
		if got := follow(t, dynamo.NewFeed(f, "t", all), 3); fmt.Sprint(got) != "[1 2 3]" {
			t.Errorf("%v", got)
		}
		if len(f.expired) > 0 {
			t.Error("no iterator expired")
		}
	})
}

func TestFeedBeginsAgainWhereTheStreamHasBeenTrimmed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fakeStream{
			shards:  []fakeShard{{id: "s", keys: []string{"1", "2", "3"}, open: true}},
			trimmed: map[string]bool{"s/2": true},
		}
		// The fake's oldest record is still the first, so what comes again is seen.
		if got := follow(t, dynamo.NewFeed(f, "t", all), 5); fmt.Sprint(got) != "[1 2 1 2 3]" {
			t.Errorf("%v", got)
		}
	})
}

func TestFeedRefusesWhatItHasNotHandedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		feed := dynamo.NewFeed(&fakeStream{shards: []fakeShard{{id: "s", keys: []string{"1"}, open: true}}}, "t", all)
		follow(t, feed, 1)
		for _, sequence := range []string{"", "0", "2", "x"} {
			if err := feed.Done(t.Context(), sequence); err == nil || !isLimit(err) {
				t.Errorf("%q: %v", sequence, err)
			}
		}
		if err := feed.Done(t.Context(), "1"); err != nil {
			t.Errorf("done twice: %v", err)
		}
		if _, err := feed.Next(t.Context(), 0); !isLimit(err) {
			t.Errorf("next of none: %v", err)
		}
	})
}
