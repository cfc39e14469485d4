package redrive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// SQS is what is used of *sqs.Client.
type SQS interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	ChangeMessageVisibilityBatch(
		context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options),
	) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// Lambda is what is used of *lambda.Client.
type Lambda interface {
	Invoke(context.Context, *lambda.InvokeInput, ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
}

// queue is a queue of SQS.
type queue struct {
	client SQS
	url    string
}

// atOnce is how many messages a request to SQS is about, the most there may be.
const atOnce = 10

func (q *queue) Take(ctx context.Context, hide time.Duration, limit int) ([]Message, error) {
	var taken []Message
	for len(taken) < limit {
		page, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &q.url, MaxNumberOfMessages: atOnce, VisibilityTimeout: int32(hide.Seconds()),
			WaitTimeSeconds:             1, // asks all servers that keep the queue; without, a few of them, so that some is missed
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameSentTimestamp},
		})
		if err != nil {
			return taken, err
		}
		if len(page.Messages) == 0 {
			break
		}
		for _, m := range page.Messages {
			sent, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64)
			if err != nil {
				return taken, fmt.Errorf("when a message was sent: %w", err)
			}
			taken = append(taken, Message{
				Handle: aws.ToString(m.ReceiptHandle), Body: []byte(aws.ToString(m.Body)), SentAt: time.UnixMilli(sent),
			})
		}
	}
	return taken, nil
}

func (q *queue) Hide(ctx context.Context, messages []Message, d time.Duration) error {
	for some := range slices.Chunk(messages, atOnce) {
		in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url}
		for i, m := range some {
			in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), ReceiptHandle: aws.String(m.Handle), VisibilityTimeout: int32(d.Seconds()),
			})
		}
		out, err := q.client.ChangeMessageVisibilityBatch(ctx, in)
		if err != nil {
			return fmt.Errorf("hide messages: %w", err)
		}
		if err := refused(out.Failed); err != nil {
			return fmt.Errorf("hide messages: %w", err)
		}
	}
	return nil
}

func (q *queue) Delete(ctx context.Context, messages []Message) error {
	for some := range slices.Chunk(messages, atOnce) {
		in := &sqs.DeleteMessageBatchInput{QueueUrl: &q.url}
		for i, m := range some {
			in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), ReceiptHandle: aws.String(m.Handle),
			})
		}
		out, err := q.client.DeleteMessageBatch(ctx, in)
		if err != nil {
			return fmt.Errorf("delete messages: %w", err)
		}
		if err := refused(out.Failed); err != nil {
			return fmt.Errorf("delete messages: %w", err)
		}
	}
	return nil
}

// refused is an error if some of a request's messages were.
func refused(failed []types.BatchResultErrorEntry) error {
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("%d were refused: %s %s", len(failed), aws.ToString(failed[0].Code), aws.ToString(failed[0].Message))
}

// invoker is a function of Lambda.
type invoker struct {
	client Lambda
	name   string
}

func (f *invoker) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	out, err := f.client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &f.name, Payload: event})
	if err != nil {
		return nil, fmt.Errorf("invoke %s: %w", f.name, err)
	}
	if out.FunctionError == nil {
		return out.Payload, nil
	}
	var says struct {
		ErrorMessage string `json:"errorMessage"`
	}
	if json.Unmarshal(out.Payload, &says) != nil || says.ErrorMessage == "" {
		says.ErrorMessage = string(out.Payload)
	}
	return nil, errors.New(f.name + " failed: " + says.ErrorMessage)
}
