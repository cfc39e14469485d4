package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// streamsOption is what a call of the SDK takes beside its input.
type streamsOption = func(*dynamodbstreams.Options)

// StreamsAPI is what a Feed calls. *dynamodbstreams.Client has it.
type StreamsAPI interface {
	ListStreams(
		context.Context, *dynamodbstreams.ListStreamsInput, ...streamsOption,
	) (*dynamodbstreams.ListStreamsOutput, error)
	DescribeStream(
		context.Context, *dynamodbstreams.DescribeStreamInput, ...streamsOption,
	) (*dynamodbstreams.DescribeStreamOutput, error)
	GetShardIterator(
		context.Context, *dynamodbstreams.GetShardIteratorInput, ...streamsOption,
	) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(
		context.Context, *dynamodbstreams.GetRecordsInput, ...streamsOption,
	) (*dynamodbstreams.GetRecordsOutput, error)
}

// Feed reads the table's stream for a program that runs without Lambda, as the local runner does with DynamoDB Local.
//
// What is done is kept in memory only. After a restart the feed begins with the oldest change the stream still has,
// up to 24 hours back, so everything comes again: the consumer's own sent marks stop repeats.
type Feed struct {
	client StreamsAPI
	table  string
	wanted func(engine.Key) bool

	// reading is held by whoever reads the stream; arn, shards and quiet are theirs.
	reading chan struct{}
	arn     *string
	shards  map[string]*shard
	quiet   int // reads since the shards were last listed

	// mu guards what follows.
	mu      sync.Mutex
	pending []engine.Change // read and not done
	given   int64           // Sequence of the last of pending
}

var _ engine.Feed = (*Feed)(nil)

// A stream can only be asked again and again. DynamoDB allows 5 reads per shard and second; new shards come every
// few hours, and always when one ends.
const (
	readEvery = 250 * time.Millisecond
	listEvery = 40 // reads
)

// shard is a piece of the stream. The changes of one key are in one shard at a time, and go on in a child of it.
type shard struct {
	id, parent string
	iterator   *string // nil: to be asked for
	last       *string // sequence number of the last record read
	ended      bool    // everything in it has been read
}

// NewFeed returns a feed of the changes of the keys that wanted accepts. It makes no call.
func NewFeed(client StreamsAPI, table string, wanted func(engine.Key) bool) *Feed {
	return &Feed{
		client: client, table: table, wanted: wanted,
		reading: make(chan struct{}, 1), shards: map[string]*shard{},
	}
}

// Next implements engine.Feed. It asks the stream about four times a second while there is nothing.
func (f *Feed) Next(ctx context.Context, limit int) ([]engine.Change, error) {
	if limit < 1 {
		return nil, &engine.LimitError{What: fmt.Sprintf("%d changes at a time", limit)}
	}
	select {
	case f.reading <- struct{}{}:
		defer func() { <-f.reading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for {
		if changes := f.waiting(limit); len(changes) > 0 {
			return changes, nil
		}
		before := f.total()
		if err := f.read(ctx); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, unavailable("read the stream", err)
		}
		if f.total() > before {
			continue
		}
		if err := wait(ctx, readEvery); err != nil {
			return nil, err
		}
	}
}

// Done implements engine.Feed.
func (f *Feed) Done(_ context.Context, sequence string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	last, err := strconv.ParseInt(sequence, 10, 64)
	if err != nil || last < 1 || last > f.given {
		return &engine.LimitError{What: fmt.Sprintf("sequence %q", sequence)}
	}
	first := f.given - int64(len(f.pending)) + 1
	if n := last - first + 1; n > 0 {
		f.pending = slices.Clone(f.pending[n:])
	}
	return nil
}

func (f *Feed) waiting(limit int) []engine.Change {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.pending[:min(limit, len(f.pending))])
}

func (f *Feed) total() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.given
}

func (f *Feed) add(change engine.Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.given++
	change.Sequence = strconv.FormatInt(f.given, 10)
	f.pending = append(f.pending, change)
}

// read asks every shard once that may be read now.
func (f *Feed) read(ctx context.Context) error {
	f.quiet++
	if len(f.shards) == 0 || f.quiet > listEvery {
		if err := f.list(ctx); err != nil {
			return err
		}
	}
	for _, s := range f.shards {
		parent, known := f.shards[s.parent]
		if s.ended || known && !parent.ended {
			continue
		}
		if err := f.readShard(ctx, s); err != nil {
			return err
		}
		if s.ended {
			f.quiet = listEvery // it may have children
		}
	}
	return nil
}

// list brings shards up to date. One that is no longer listed has been trimmed, a day after it ended.
func (f *Feed) list(ctx context.Context) error {
	if err := f.find(ctx); err != nil {
		return err
	}
	listed := map[string]*shard{}
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: f.arn}
	for {
		out, err := f.client.DescribeStream(ctx, in)
		if err != nil {
			return fmt.Errorf("list shards: %w", err)
		}
		for _, found := range out.StreamDescription.Shards {
			id := deref(found.ShardId)
			if listed[id] = f.shards[id]; listed[id] == nil {
				listed[id] = &shard{id: id, parent: deref(found.ParentShardId)}
			}
		}
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			f.shards, f.quiet = listed, 0
			return nil
		}
	}
}

// find looks up the table's stream. A table that was made anew may have streams of its predecessors.
func (f *Feed) find(ctx context.Context) error {
	if f.arn != nil {
		return nil
	}
	out, err := f.client.ListStreams(ctx, &dynamodbstreams.ListStreamsInput{TableName: &f.table})
	if err != nil {
		return fmt.Errorf("find the stream of table %s: %w", f.table, err)
	}
	if len(out.Streams) == 0 {
		return fmt.Errorf("table %s has no stream", f.table)
	}
	newest := slices.MaxFunc(out.Streams, func(a, b streams.Stream) int {
		return strings.Compare(deref(a.StreamLabel), deref(b.StreamLabel)) // the label is the time of creation
	})
	f.arn = newest.StreamArn
	return nil
}

// readShard takes what the shard has next.
func (f *Feed) readShard(ctx context.Context, s *shard) error {
	if s.iterator == nil {
		if err := f.locate(ctx, s); err != nil {
			return err
		}
	}
	out, err := f.client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: s.iterator})
	var expired *streams.ExpiredIteratorException
	var trimmed *streams.TrimmedDataAccessException
	switch {
	case errors.As(err, &trimmed):
		s.iterator, s.last = nil, nil
		return nil
	case errors.As(err, &expired): // after 15 minutes without a read, as on a laptop that slept
		s.iterator = nil
		return nil
	case err != nil:
		return fmt.Errorf("read shard %s: %w", s.id, err)
	}
	for _, record := range out.Records {
		change, err := Decode(record)
		if err != nil {
			return err
		}
		s.last = record.Dynamodb.SequenceNumber
		if f.wanted(change.Key) {
			f.add(change)
		}
	}
	s.iterator, s.ended = out.NextShardIterator, out.NextShardIterator == nil
	return nil
}

// locate asks for an iterator behind the last record read, or at the start of the shard.
func (f *Feed) locate(ctx context.Context, s *shard) error {
	in := &dynamodbstreams.GetShardIteratorInput{
		StreamArn: f.arn, ShardId: &s.id, ShardIteratorType: streams.ShardIteratorTypeTrimHorizon,
	}
	if s.last != nil {
		in.ShardIteratorType, in.SequenceNumber = streams.ShardIteratorTypeAfterSequenceNumber, s.last
	}
	out, err := f.client.GetShardIterator(ctx, in)
	var trimmed *streams.TrimmedDataAccessException
	if errors.As(err, &trimmed) && s.last != nil {
		s.last = nil
		return f.locate(ctx, s)
	}
	if err != nil {
		return fmt.Errorf("find a place in shard %s: %w", s.id, err)
	}
	s.iterator = out.ShardIterator
	return nil
}
