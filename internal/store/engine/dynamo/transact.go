package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// transact does several ops in one transaction, and again when it collided with another.
//
// Each of these tries has a token of its own. DynamoDB says what a token does for a call that succeeded, not for one
// that was cancelled, and a cancelled call has written nothing. Within a try, the SDK repeats the token.
func (e *Engine) transact(ctx context.Context, ops []engine.Op) error {
	p, items := e.patience(), make([]types.TransactWriteItem, len(ops))
	for i, op := range ops {
		items[i] = e.transactItem(op)
	}
	for {
		err := e.tryTransact(ctx, p, items)
		var cancelled *types.TransactionCanceledException
		if !errors.As(err, &cancelled) {
			return p.failure("commit", err)
		}
		p.lost = false // had a try with this token been kept, this one would have succeeded
		v := judge(cancelled.CancellationReasons)
		if !v.collided {
			return v.failure(err)
		}
		if gaveUp := p.pause(ctx, err); gaveUp != nil {
			if len(v.failed) > 0 {
				return v.failure(err)
			}
			return unavailable("commit", gaveUp)
		}
	}
}

// tryTransact makes the call with a token of its own, which the SDK keeps for as long as it tries again by itself.
func (e *Engine) tryTransact(ctx context.Context, p *patience, items []types.TransactWriteItem) error {
	out, err := e.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: items, ReturnConsumedCapacity: total,
	}, p.options)
	if err != nil {
		charge(ctx, p)
		return err
	}
	var capacity []types.ConsumedCapacity
	for _, c := range out.ConsumedCapacity {
		// A repeated token is answered with what it cost to read; only then is the split there without writes.
		if c.ReadCapacityUnits == nil && c.WriteCapacityUnits == nil {
			c.WriteCapacityUnits = c.CapacityUnits
		}
		capacity = append(capacity, c)
	}
	charge(ctx, p, capacity...)
	return nil
}

func (e *Engine) transactItem(op engine.Op) types.TransactWriteItem {
	s, key := plan(op, ""), keyOf(op.Key())
	switch {
	case s.item != nil:
		return types.TransactWriteItem{Put: &types.Put{
			TableName: e.table, Item: s.item, ConditionExpression: s.condition, ExpressionAttributeValues: s.values,
		}}
	case s.update != nil:
		return types.TransactWriteItem{Update: &types.Update{
			TableName: e.table, Key: key, UpdateExpression: s.update,
			ConditionExpression: s.condition, ExpressionAttributeValues: s.values,
		}}
	case op.Kind == engine.OpDelete:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: e.table, Key: key, ConditionExpression: s.condition, ExpressionAttributeValues: s.values,
		}}
	default:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: e.table, Key: key, ConditionExpression: s.condition, ExpressionAttributeValues: s.values,
		}}
	}
}

// verdict is why a transaction was cancelled.
type verdict struct {
	failed   []int // ops whose condition did not hold
	collided bool  // with another transaction, or with the limits of capacity
	large    string
}

// judge reads the reasons, of which there is one for each op.
func judge(reasons []types.CancellationReason) verdict {
	var v verdict
	for i, reason := range reasons {
		switch deref(reason.Code) {
		case "ConditionalCheckFailed":
			v.failed = append(v.failed, i)
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
			v.collided = true
		case "ItemCollectionSizeLimitExceeded", "ValidationError":
			if aboutSize(deref(reason.Message)) {
				v.large = fmt.Sprintf("op %d: %s", i, *reason.Message)
			}
		}
	}
	return v
}

// failure is the error of the port for a verdict. err is what it was read from.
func (v verdict) failure(err error) error {
	switch {
	case v.large != "":
		return &engine.LimitError{What: v.large}
	case len(v.failed) > 0:
		return &engine.ConditionError{Failed: v.failed}
	}
	return fmt.Errorf("commit: %w", err) // a reason that is not known here: nothing was written
}
