package dynamo

import (
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// StreamRecord is a record of the table's stream, as Lambda's event source mapping hands it to a function or as the
// streams API returns it.
type StreamRecord interface {
	events.DynamoDBEventRecord | streams.Record
}

// Decode turns a stream record into the change it tells of. The Sequence is the record's sequence number, which is
// also what a function reports for a record that failed. A deletion, whoever did it, time to live included, has the
// zero Record.
func Decode[R StreamRecord](r R) (engine.Change, error) {
	switch r := any(r).(type) {
	case events.DynamoDBEventRecord:
		c := r.Change
		return decodeChange(c.SequenceNumber, fromLambda(c.Keys), fromLambda(c.NewImage), len(c.NewImage) == 0)
	case streams.Record:
		if r.Dynamodb == nil {
			return engine.Change{}, fmt.Errorf("a stream record without content")
		}
		d := r.Dynamodb
		return decodeChange(deref(d.SequenceNumber), fromStreams(d.Keys), fromStreams(d.NewImage), len(d.NewImage) == 0)
	}
	return engine.Change{}, fmt.Errorf("a stream record of type %T", r)
}

func decodeChange(sequence string, keys, image lookup, deleted bool) (engine.Change, error) {
	k, err := decodeKey(keys)
	if err != nil {
		return engine.Change{}, fmt.Errorf("stream record %s: %w", sequence, err)
	}
	change := engine.Change{Sequence: sequence, Key: k}
	if deleted {
		return change, nil
	}
	if change.Record, err = decodeRecord(image); err != nil {
		return engine.Change{}, fmt.Errorf("stream record %s: %w", sequence, err)
	}
	return change, nil
}

func fromLambda(image map[string]events.DynamoDBAttributeValue) lookup {
	return func(name string) value {
		v, ok := image[name]
		if !ok {
			return value{}
		}
		switch v.DataType() {
		case events.DataTypeString:
			return value{kind: 'S', text: v.String()}
		case events.DataTypeNumber:
			return value{kind: 'N', text: v.Number()}
		case events.DataTypeBinary:
			return value{kind: 'B', bytes: v.Binary()}
		}
		return value{}
	}
}

func fromStreams(image map[string]streams.AttributeValue) lookup {
	return func(name string) value {
		switch v := image[name].(type) {
		case *streams.AttributeValueMemberS:
			return value{kind: 'S', text: v.Value}
		case *streams.AttributeValueMemberN:
			return value{kind: 'N', text: v.Value}
		case *streams.AttributeValueMemberB:
			return value{kind: 'B', bytes: v.Value}
		}
		return value{}
	}
}
