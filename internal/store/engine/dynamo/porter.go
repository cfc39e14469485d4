package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// PorterAPI is what a Porter calls. *dynamodb.Client has it.
type PorterAPI interface {
	dynamodb.ScanAPIClient
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...option) (*dynamodb.BatchWriteItemOutput, error)
}

// Porter implements engine.Porter on a table. Its Records are not of one moment: what is written meanwhile may be among them
// or not. For one moment there is DynamoDB's own export, which ParseLine reads too.
type Porter struct {
	client PorterAPI
	table  string
}

var _ engine.Porter = (*Porter)(nil)

// NewPorter makes no call.
func NewPorter(client PorterAPI, table string) *Porter { return &Porter{client: client, table: table} }

// Records implements engine.Porter, with consistent reads.
func (p *Porter) Records(ctx context.Context) iter.Seq2[engine.Record, error] {
	return func(yield func(engine.Record, error) bool) {
		pages := dynamodb.NewScanPaginator(p.client, &dynamodb.ScanInput{TableName: &p.table, ConsistentRead: aws.Bool(true)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(engine.Record{}, fmt.Errorf("read the table %s: %w", p.table, err))
				return
			}
			for _, it := range page.Items {
				r, err := decodeRecord(fromTable(it))
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// Empty implements engine.Porter.
func (p *Porter) Empty(ctx context.Context) (bool, error) {
	page, err := p.client.Scan(ctx, &dynamodb.ScanInput{TableName: &p.table, Limit: aws.Int32(1), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return false, fmt.Errorf("look into the table %s: %w", p.table, err)
	}
	return len(page.Items) == 0 && len(page.LastEvaluatedKey) == 0, nil
}

const (
	loadBatch = 25 // the most that one request may write
	loadTries = 8  // for what DynamoDB leaves out of a request; each waits twice as long as the one before
	loadPause = 100 * time.Millisecond
)

// Load implements engine.Porter.
func (p *Porter) Load(ctx context.Context, records []engine.Record) error {
	writes := make([]types.WriteRequest, len(records))
	for i, r := range records {
		writes[i] = types.WriteRequest{PutRequest: &types.PutRequest{Item: encode(r)}}
	}
	return p.writeAll(ctx, writes)
}

// Remove implements engine.Porter.
func (p *Porter) Remove(ctx context.Context, keys []engine.Key) error {
	writes := make([]types.WriteRequest, len(keys))
	for i, k := range keys {
		writes[i] = types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: keyOf(k)}}
	}
	return p.writeAll(ctx, writes)
}

func (p *Porter) writeAll(ctx context.Context, writes []types.WriteRequest) error {
	for some := range slices.Chunk(writes, loadBatch) {
		if err := p.write(ctx, some); err != nil {
			return fmt.Errorf("write to the table %s: %w", p.table, err)
		}
	}
	return nil
}

func (p *Porter) write(ctx context.Context, writes []types.WriteRequest) error {
	wait := loadPause
	for range loadTries {
		out, err := p.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{p.table: writes}})
		if err != nil {
			return err
		}
		if writes = out.UnprocessedItems[p.table]; len(writes) == 0 {
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		wait *= 2
	}
	return fmt.Errorf("%d records were left out again and again: %w", len(writes), engine.ErrUnavailable)
}

// line is a record as DynamoDB's export to S3 writes it, in the format DYNAMODB_JSON.
type line struct {
	Item map[string]events.DynamoDBAttributeValue
}

// Line is a record as a line of an export.
func Line(r engine.Record) ([]byte, error) {
	l := line{Item: map[string]events.DynamoDBAttributeValue{}}
	for name, v := range encode(r) {
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			l.Item[name] = events.NewStringAttribute(v.Value)
		case *types.AttributeValueMemberN:
			l.Item[name] = events.NewNumberAttribute(v.Value)
		case *types.AttributeValueMemberB:
			l.Item[name] = events.NewBinaryAttribute(v.Value)
		}
	}
	return json.Marshal(l)
}

// ParseLine is the opposite of Line; it reads what DynamoDB exported as well.
func ParseLine(text []byte) (engine.Record, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return engine.Record{}, fmt.Errorf("read a line of an export: %w", err)
	}
	return decodeRecord(fromLambda(l.Item))
}
