package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// Query implements engine.Engine. Next is set whenever DynamoDB stopped before it had seen the end, so the page after
// the last record may be asked for, and is empty.
func (e *Engine) Query(ctx context.Context, q engine.Query) (engine.Page, error) {
	if err := engine.ValidateQuery(q); err != nil {
		return engine.Page{}, err
	}
	in, err := e.queryInput(q)
	if err != nil {
		return engine.Page{}, err
	}
	if err := ctx.Err(); err != nil {
		return engine.Page{}, err
	}
	if q.To != "" && q.From > q.To {
		return engine.Page{}, nil // DynamoDB calls this range invalid
	}
	defer engine.Begin(ctx)()
	p := e.patience()
	out, err := e.client.Query(ctx, in, p.options)
	if err != nil {
		charge(ctx, p)
		return engine.Page{}, failure("query", err)
	}
	charge(ctx, p, reads(out.ConsumedCapacity)...)
	engine.Charge(ctx, engine.Cost{Records: len(out.Items)})
	return pageOf(q, out)
}

func (e *Engine) queryInput(q engine.Query) (*dynamodb.QueryInput, error) {
	in := &dynamodb.QueryInput{
		TableName: e.table, Limit: aws.Int32(int32(q.Limit)), ScanIndexForward: aws.Bool(!q.Backwards),
		ReturnConsumedCapacity: total,
	}
	if q.Index == "" {
		in.ConsistentRead = aws.Bool(true)
	} else {
		in.IndexName = indexName(q.Index)
	}
	condition, values := rangeOf(q)
	in.KeyConditionExpression, in.ExpressionAttributeValues = &condition, values
	if q.After == "" {
		return in, nil
	}
	at, err := engine.DecodeCursor(q)
	in.ExclusiveStartKey = startKey(q, at)
	return in, err
}

// namesOf are the attributes that the query's partition and sort are kept in.
func namesOf(slot engine.Index) (partition, sort string) {
	if slot == "" {
		return attrPartition, attrSort
	}
	return attrPosition(slot)
}

// rangeOf is the key condition of a query.
func rangeOf(q engine.Query) (condition string, values item) {
	partition, sort := namesOf(q.Index)
	condition, values = partition+" = :p", item{":p": text(q.Partition)}
	if q.From != "" {
		values[":from"] = text(q.From)
	}
	if q.To != "" {
		values[":to"] = text(q.To)
	}
	switch {
	case q.From != "" && q.To != "":
		condition += " AND " + sort + " BETWEEN :from AND :to"
	case q.From != "":
		condition += " AND " + sort + " >= :from"
	case q.To != "":
		condition += " AND " + sort + " <= :to"
	}
	return condition, values
}

// startKey is the place in DynamoDB's terms.
func startKey(q engine.Query, at engine.Place) item {
	if q.Index == "" {
		return keyOf(engine.Key{Partition: q.Partition, Sort: at.Sort})
	}
	key := keyOf(at.Key)
	partition, sort := attrPosition(q.Index)
	key[partition], key[sort] = text(q.Partition), text(at.Sort)
	return key
}

func pageOf(q engine.Query, out *dynamodb.QueryOutput) (engine.Page, error) {
	page := engine.Page{Records: make([]engine.Record, len(out.Items))}
	for i, it := range out.Items {
		r, err := decodeRecord(fromTable(it))
		if err != nil {
			return engine.Page{}, fmt.Errorf("query: %w", err)
		}
		page.Records[i] = r
	}
	if len(out.LastEvaluatedKey) == 0 {
		return page, nil
	}
	at, err := placeOf(q, fromTable(out.LastEvaluatedKey))
	if err != nil {
		return engine.Page{}, fmt.Errorf("query: where the page ended: %w", err)
	}
	page.Next = engine.EncodeCursor(q, at)
	return page, nil
}

// placeOf is the opposite of startKey.
func placeOf(q engine.Query, get lookup) (engine.Place, error) {
	k, err := decodeKey(get)
	if err != nil || q.Index == "" {
		return engine.Place{Sort: k.Sort}, err
	}
	_, sort := attrPosition(q.Index)
	return engine.Place{Sort: get(sort).text, Key: k}, nil
}
