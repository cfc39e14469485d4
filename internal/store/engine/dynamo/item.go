package dynamo

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// The attributes of an item. None is one of DynamoDB's reserved words, so expressions name them as they are.
const (
	attrPartition = "pk"
	attrSort      = "sk"
	attrVersion   = "v"
	attrCount     = "n"
	attrExpires   = "x"
	attrBody      = "b"
	attrToken     = "t"
)

// attrPosition returns the names of the two attributes that are an index's key.
func attrPosition(slot engine.Index) (partition, sort string) {
	return string(slot) + "p", string(slot) + "s"
}

type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func binary(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }
func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// content is the item of a record without its key, version and token. What the record does not have is not there: an
// index's key may not be empty, and the rest costs nothing that way.
func content(r engine.Record) item {
	it := item{}
	if r.Count != 0 {
		it[attrCount] = number(r.Count)
	}
	if !r.Expires.IsZero() {
		it[attrExpires] = number(r.Expires.Unix())
	}
	if len(r.Body) > 0 {
		it[attrBody] = binary(r.Body)
	}
	for slot, at := range r.Index {
		partition, sort := attrPosition(slot)
		it[partition], it[sort] = text(at.Partition), text(at.Sort)
	}
	return it
}

// contentNames lists all attributes that content may have.
func contentNames() []string {
	names := []string{attrCount, attrExpires, attrBody}
	for _, slot := range engine.Indexes() {
		partition, sort := attrPosition(slot)
		names = append(names, partition, sort)
	}
	return names
}

// encode is the whole item of a record.
func encode(r engine.Record) item {
	it := content(r)
	maps.Copy(it, keyOf(r.Key))
	it[attrVersion] = number(r.Version)
	return it
}

// value is an attribute, whichever of AWS's packages it came from. kind is 'S', 'N' or 'B'; 0 is not there, or of a
// type that no record has.
type value struct {
	kind  byte
	text  string // also of a number
	bytes []byte
}

// lookup finds an attribute of an item by name.
type lookup func(name string) value

func fromTable(it item) lookup {
	return func(name string) value {
		switch v := it[name].(type) {
		case *types.AttributeValueMemberS:
			return value{kind: 'S', text: v.Value}
		case *types.AttributeValueMemberN:
			return value{kind: 'N', text: v.Value}
		case *types.AttributeValueMemberB:
			return value{kind: 'B', bytes: v.Value}
		}
		return value{}
	}
}

// decodeKey reads the key of an item.
func decodeKey(get lookup) (engine.Key, error) {
	partition, sort := get(attrPartition), get(attrSort)
	if partition.kind != 'S' || sort.kind != 'S' {
		return engine.Key{}, fmt.Errorf("an item without %s and %s", attrPartition, attrSort)
	}
	return engine.Key{Partition: partition.text, Sort: sort.text}, nil
}

// decodeRecord is the opposite of encode. It passes over attributes it does not know, so that a newer version of this
// package may add some. The record shares no memory with the item.
func decodeRecord(get lookup) (engine.Record, error) {
	k, err := decodeKey(get)
	if err != nil {
		return engine.Record{}, err
	}
	r := engine.Record{Key: k, Body: slices.Clone(get(attrBody).bytes)}
	var seconds int64
	for name, field := range map[string]*int64{
		attrVersion: &r.Version, attrCount: &r.Count, attrExpires: &seconds,
	} {
		if *field, err = decodeNumber(get(name)); err != nil {
			return engine.Record{}, fmt.Errorf("attribute %s of %q, %q: %w", name, k.Partition, k.Sort, err)
		}
	}
	if r.Version < 1 {
		return engine.Record{}, fmt.Errorf("version %d of %q, %q", r.Version, k.Partition, k.Sort)
	}
	if seconds != 0 {
		r.Expires = time.Unix(seconds, 0).UTC()
	}
	r.Index = decodePositions(get)
	return r, nil
}

func decodeNumber(v value) (int64, error) {
	if v.kind == 0 {
		return 0, nil
	}
	return strconv.ParseInt(v.text, 10, 64)
}

func decodePositions(get lookup) map[engine.Index]engine.Position {
	var index map[engine.Index]engine.Position
	for _, slot := range engine.Indexes() {
		p, s := attrPosition(slot)
		partition, sort := get(p), get(s)
		if partition.kind != 'S' || sort.kind != 'S' {
			continue
		}
		if index == nil {
			index = map[engine.Index]engine.Position{}
		}
		index[slot] = engine.Position{Partition: partition.text, Sort: sort.text}
	}
	return index
}
