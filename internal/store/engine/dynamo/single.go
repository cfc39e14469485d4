package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// check reads the version of one record.
func (e *Engine) check(ctx context.Context, op engine.Op) error {
	it, err := e.getItem(ctx, &dynamodb.GetItemInput{
		Key: keyOf(op.Key()), ProjectionExpression: aws.String(attrVersion),
	})
	if err != nil {
		return err
	}
	version, err := decodeNumber(fromTable(it)(attrVersion))
	if err != nil {
		return fmt.Errorf("check: version: %w", err)
	}
	if version != op.Record.Version {
		return &engine.ConditionError{Failed: []int{0}}
	}
	return nil
}

// write does an op that is alone in its Commit.
func (e *Engine) write(ctx context.Context, op engine.Op) error {
	token, err := e.tokens.GetIdempotencyToken()
	if err != nil {
		return unavailable("commit: make a token", err)
	}
	p := e.patience()
	err = e.send(ctx, p, op, plan(op, token))
	var failed *types.ConditionalCheckFailedException
	switch {
	case !errors.As(err, &failed):
		return p.failure("commit", err)
	case fromTable(failed.Item)(attrToken).text == token:
		return nil // the answer to an earlier try was lost, but that try was kept
	case p.lost:
		return unavailable("commit", err) // an earlier try may have been kept, and others have written since
	}
	return &engine.ConditionError{Failed: []int{0}}
}

// Every call returns what it cost, and every lone write the item that its condition failed on.
const (
	total  = types.ReturnConsumedCapacityTotal
	allOld = types.ReturnValuesOnConditionCheckFailureAllOld
)

// send makes the call that the op needs.
func (e *Engine) send(ctx context.Context, p *patience, op engine.Op, s statement) error {
	call := e.deleteItem
	switch {
	case s.item != nil:
		call = e.putItem
	case s.update != nil:
		call = e.updateItem
	}
	used, err := call(ctx, op.Key(), s, p.options)
	charge(ctx, p, writes(used)...)
	return err
}

func (e *Engine) putItem(ctx context.Context, _ engine.Key, s statement, o option) (*types.ConsumedCapacity, error) {
	out, err := e.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: e.table, Item: s.item, ConditionExpression: s.condition, ExpressionAttributeValues: s.values,
		ReturnConsumedCapacity: total, ReturnValuesOnConditionCheckFailure: allOld,
	}, o)
	if err != nil {
		return nil, err
	}
	return out.ConsumedCapacity, nil
}

func (e *Engine) updateItem(ctx context.Context, k engine.Key, s statement, o option) (*types.ConsumedCapacity, error) {
	out, err := e.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: e.table, Key: keyOf(k), UpdateExpression: s.update,
		ConditionExpression: s.condition, ExpressionAttributeValues: s.values,
		ReturnConsumedCapacity: total, ReturnValuesOnConditionCheckFailure: allOld,
	}, o)
	if err != nil {
		return nil, err
	}
	return out.ConsumedCapacity, nil
}

func (e *Engine) deleteItem(ctx context.Context, k engine.Key, s statement, o option) (*types.ConsumedCapacity, error) {
	out, err := e.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: e.table, Key: keyOf(k), ConditionExpression: s.condition, ExpressionAttributeValues: s.values,
		ReturnConsumedCapacity: total, ReturnValuesOnConditionCheckFailure: allOld,
	}, o)
	if err != nil {
		return nil, err
	}
	return out.ConsumedCapacity, nil
}
