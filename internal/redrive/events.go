package redrive

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
)

// FunctionOf names the function, by its name in the template, that what a dead-letter queue holds was for: SweepFunction for
// SweepDeadLetters. Mails and tidying up are both of the function notify.
func FunctionOf(queue string) string {
	switch queue {
	case ofMails, "TidyDeadLetters":
		return "NotifyFunction"
	default:
		return strings.TrimSuffix(queue, "DeadLetters") + "Function"
	}
}

// putEvents hands the function the events that the messages hold, the same ones once, and returns the messages whose event it
// has dealt with.
func (d *Drive) putEvents(ctx context.Context, s Source, held []Message) (done []Message, err error) {
	events := map[string][]Message{}
	var order []string
	for _, m := range held {
		event, ok := eventOf(m.Body)
		if !ok {
			d.say("%s: a message of %s holds no event: %.200s", s.Name, stamp(m.SentAt), m.Body)
			continue
		}
		if events[event] == nil {
			order = append(order, event)
		}
		events[event] = append(events[event], m)
	}
	for _, event := range order {
		same := events[event]
		if d.DryRun {
			d.say("%s: would invoke the function for %d messages, the oldest of %s, with %.200s", s.Name, len(same), stamp(oldest(same)), event)
			continue
		}
		if _, err := s.Function.Invoke(ctx, []byte(event)); err != nil {
			d.say("%s: failed again with %.200s: %v", s.Name, event, err)
			continue
		}
		done = append(done, same...)
	}
	return done, nil
}

// eventOf reads the event out of a message: what Lambda sends of a function that failed has it within; what a schedule could
// not hand over is the event itself.
func eventOf(body []byte) (string, bool) {
	var failure struct {
		RequestContext json.RawMessage `json:"requestContext"`
		RequestPayload json.RawMessage `json:"requestPayload"`
	}
	event := body
	if err := json.Unmarshal(body, &failure); err != nil {
		return "", false
	}
	if failure.RequestContext != nil && failure.RequestPayload != nil {
		event = failure.RequestPayload
	}
	var short bytes.Buffer
	if err := json.Compact(&short, event); err != nil {
		return "", false
	}
	return short.String(), true
}
