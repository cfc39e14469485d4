// Package dynamo keeps records in one DynamoDB table: the engine for AWS, and for tests against DynamoDB Local. It owns
// the table's layout, the conditions of writes, and how long to try again. It creates no table in AWS (template.yaml
// does; CreateTable is for local use) and reads no configuration.
//
// Attribute names are short because every item pays for them:
//
//	pk, sk             S  the key: partition and sort
//	v                  N  version, 1 or more
//	n                  N  count; not there is 0
//	x                  N  expiry in Unix seconds; the table's TTL attribute
//	b                  B  body
//	i1p, i1s … i6p, i6s  S  positions in the indexes; by-i1 … by-i6 are global secondary indexes of all attributes
//	t                  S  token of the last Commit that wrote the item alone
//
// # Writing
//
// Several ops are one TransactWriteItems. Its ClientRequestToken, which the SDK fills in, makes a retry after a lost
// answer harmless. An op alone is a PutItem, UpdateItem or DeleteItem, which costs half the write units and does not
// collide with its like; these have no token, so the item carries one, from where the SDK takes its own: when the
// condition of a retry fails on an item that holds the token of this very Commit, the first try had been kept. If the
// item has been changed again in between that cannot be seen, and the Commit is reported as ErrUnavailable, whose
// meaning is that it may have been kept. The exception is an op without a version (Add and Set): with an answer lost,
// and another writer between that and the retry a few milliseconds later, it is done twice. A counter for which that
// matters is committed together with what it counts.
//
// A Put without a version is an UpdateItem that sets all attributes and removes those the record does not have, because
// only an update can raise a version it does not know; reading first would cost a read and need retries.
//
// A check alone is a consistent read: half a read unit instead of two write units.
package dynamo

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// option is what a call of the SDK takes beside its input.
type option = func(*dynamodb.Options)

// API is what the engine calls. *dynamodb.Client has it.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...option) (*dynamodb.GetItemOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...option) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...option) (*dynamodb.QueryOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...option) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...option) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...option) (*dynamodb.DeleteItemOutput, error)
	TransactWriteItems(
		context.Context, *dynamodb.TransactWriteItemsInput, ...option,
	) (*dynamodb.TransactWriteItemsOutput, error)

	// Options is asked for the IdempotencyTokenProvider, which names each Commit: see Writing.
	Options() dynamodb.Options
}

// Engine implements engine.Engine.
type Engine struct {
	client API
	table  *string
	tokens dynamodb.IdempotencyTokenProvider
	quota  retry.RateLimiter
	total  time.Duration // the patience of a call
}

var _ engine.Engine = (*Engine)(nil)

// New returns an engine on the table. It makes no call, so it costs nothing at a cold start; a table that is not
// there, or not of the Schema, shows at the first use.
func New(client API, table string, options ...Option) *Engine {
	e := &Engine{
		client: client, table: &table, tokens: client.Options().IdempotencyTokenProvider,
		quota: ratelimit.NewTokenRateLimit(retry.DefaultRetryRateTokens), total: patienceTotal,
	}
	for _, option := range options {
		option(e)
	}
	return e
}

// Option changes what New makes.
type Option func(*Engine)

// WithPatience has a call tried again for longer than the three seconds that people are kept waiting for: DynamoDB Local lets a
// write wait for others for seconds, and then fails it.
func WithPatience(total time.Duration) Option { return func(e *Engine) { e.total = total } }

// Close does nothing: the client belongs to whoever made it.
func (e *Engine) Close() error { return nil }

// charge adds a call that was answered, and the tries before it that were not, to the meter of the context.
func charge(ctx context.Context, p *patience, capacity ...types.ConsumedCapacity) {
	cost := engine.Cost{Calls: 1 + p.takeRetries()}
	for _, c := range capacity {
		cost.ReadUnits += deref(c.ReadCapacityUnits)
		cost.WriteUnits += deref(c.WriteCapacityUnits)
	}
	engine.Charge(ctx, cost)
}

// reads and writes fill in the split that DynamoDB leaves out where an operation only does one of the two.
func reads(c *types.ConsumedCapacity) []types.ConsumedCapacity {
	if c == nil {
		return nil
	}
	return []types.ConsumedCapacity{{ReadCapacityUnits: c.CapacityUnits}}
}

func writes(c *types.ConsumedCapacity) []types.ConsumedCapacity {
	if c == nil {
		return nil
	}
	return []types.ConsumedCapacity{{WriteCapacityUnits: c.CapacityUnits}}
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// keyOf is the primary key of a record.
func keyOf(k engine.Key) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{attrPartition: text(k.Partition), attrSort: text(k.Sort)}
}

// distinct returns the keys without repeats, in order.
func distinct(keys []engine.Key) []engine.Key {
	var once []engine.Key
	for _, k := range keys {
		if !slices.Contains(once, k) {
			once = append(once, k)
		}
	}
	return once
}
