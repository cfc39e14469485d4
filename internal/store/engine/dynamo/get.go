package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// Get implements engine.Engine. Each record is read consistently; together they are not of one moment.
func (e *Engine) Get(ctx context.Context, keys ...engine.Key) ([]engine.Record, error) {
	if err := engine.ValidateGet(keys); err != nil || len(keys) == 0 {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer engine.Begin(ctx)()
	found, err := e.find(ctx, distinct(keys))
	if err != nil {
		return nil, err
	}
	engine.Charge(ctx, engine.Cost{Records: len(keys)})
	records := make([]engine.Record, len(keys))
	for i, k := range keys {
		records[i] = found[k]
		if slices.Contains(keys[:i], k) { // two answers must not share memory
			records[i].Body, records[i].Index = slices.Clone(found[k].Body), maps.Clone(found[k].Index)
		}
	}
	return records, nil
}

func (e *Engine) find(ctx context.Context, keys []engine.Key) (map[engine.Key]engine.Record, error) {
	if len(keys) > 1 {
		return e.findMany(ctx, keys)
	}
	it, err := e.getItem(ctx, &dynamodb.GetItemInput{Key: keyOf(keys[0])})
	if err != nil || len(it) == 0 {
		return nil, err
	}
	found := map[engine.Key]engine.Record{}
	return found, collect(found, it)
}

// collect decodes items into found.
func collect(found map[engine.Key]engine.Record, items ...item) error {
	for _, it := range items {
		r, err := decodeRecord(fromTable(it))
		if err != nil {
			return fmt.Errorf("get: %w", err)
		}
		found[r.Key] = r
	}
	return nil
}

// getItem completes and does a consistent GetItem.
func (e *Engine) getItem(ctx context.Context, in *dynamodb.GetItemInput) (item, error) {
	p := e.patience()
	in.TableName, in.ConsistentRead = e.table, aws.Bool(true)
	in.ReturnConsumedCapacity = total
	out, err := e.client.GetItem(ctx, in, p.options)
	if err != nil {
		charge(ctx, p)
		return nil, failure("get", err)
	}
	charge(ctx, p, reads(out.ConsumedCapacity)...)
	return out.Item, nil
}

// errUnprocessed is why findMany tries again.
var errUnprocessed = errors.New("DynamoDB left keys unprocessed")

// findMany reads several keys, none of them twice, and asks again for those that DynamoDB leaves out: because the
// answer is larger than 16 MB, or because there is no capacity.
func (e *Engine) findMany(ctx context.Context, keys []engine.Key) (map[engine.Key]engine.Record, error) {
	p, found := e.patience(), make(map[engine.Key]engine.Record, len(keys))
	ask := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
	for _, k := range keys {
		ask.Keys = append(ask.Keys, keyOf(k))
	}
	for {
		out, err := e.batchGet(ctx, p, ask)
		if err != nil {
			return nil, err
		}
		got := out.Responses[*e.table]
		if err := collect(found, got...); err != nil {
			return nil, err
		}
		if ask = out.UnprocessedKeys[*e.table]; len(ask.Keys) == 0 {
			return found, nil
		}
		if len(got) > 0 {
			p = e.patience() // it goes on, if slowly
		}
		if err := p.pause(ctx, errUnprocessed); err != nil {
			return nil, unavailable("get", err)
		}
	}
}

func (e *Engine) batchGet(
	ctx context.Context, p *patience, ask types.KeysAndAttributes,
) (*dynamodb.BatchGetItemOutput, error) {
	out, err := e.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
		RequestItems:           map[string]types.KeysAndAttributes{*e.table: ask},
		ReturnConsumedCapacity: total,
	}, p.options)
	if err != nil {
		charge(ctx, p)
		return nil, failure("get", err)
	}
	var capacity []types.ConsumedCapacity
	for _, c := range out.ConsumedCapacity {
		capacity = append(capacity, reads(&c)...)
	}
	charge(ctx, p, capacity...)
	return out, nil
}
