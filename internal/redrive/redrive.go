package redrive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Message is one that a dead-letter queue holds.
type Message struct {
	Handle string
	Body   []byte
	SentAt time.Time // when it came to the queue
}

// Queue is a dead-letter queue.
type Queue interface {
	// Take returns what the queue holds, up to limit, and hides it from others for a time.
	Take(ctx context.Context, hide time.Duration, limit int) ([]Message, error)
	// Hide keeps messages that were taken hidden for a time from now on; 0 shows them again.
	Hide(ctx context.Context, messages []Message, d time.Duration) error
	Delete(ctx context.Context, messages []Message) error
}

// Function is a function of the deployment.
type Function interface {
	// Invoke hands the function an event and waits for its answer. A function that failed is an error.
	Invoke(ctx context.Context, event []byte) (answer []byte, err error)
}

// Source is a dead-letter queue, with the function that what it holds was for.
type Source struct {
	Name     string // of the queue in the template
	Queue    Queue
	Function Function
}

// Drive puts back what dead-letter queues hold.
type Drive struct {
	Sources []Source
	// DryRun only tells what is there.
	DryRun bool
	// Out is told, a line for each queue and for whatever stays.
	Out io.Writer
}

const (
	// hidden is how long messages are kept from others, so that two people do not put them back at once: longer than any
	// function runs.
	hidden = 20 * time.Minute
	// most is how many messages of a queue are put back at a time.
	most = 5000
	// showTime is what showing them again gets when the context has ended.
	showTime = 10 * time.Second
)

// errLeft says that a queue is not empty afterwards.
var errLeft = errors.New("messages are left in the queues; the lines above say why")

// Run puts back what each queue holds. It fails if something is left, for whatever reason; it can be run again at any time.
func (d *Drive) Run(ctx context.Context) error {
	left := 0
	for _, s := range d.Sources {
		n, err := d.drain(ctx, s)
		if err != nil {
			d.say("%s: %v", s.Name, err)
			n = max(n, 1)
		}
		left += n
	}
	if left > 0 && !d.DryRun {
		return errLeft
	}
	return nil
}

// drain puts back what a queue holds, and returns how many messages are left of it.
func (d *Drive) drain(ctx context.Context, s Source) (left int, err error) {
	held, err := s.Queue.Take(ctx, hidden, most)
	if err != nil {
		return len(held), errors.Join(fmt.Errorf("read the queue: %w", err), d.settle(ctx, s.Queue, nil, held))
	}
	if len(held) == 0 {
		d.say("%s: empty", s.Name)
		return 0, nil
	}
	put := d.putEvents
	if s.Name == ofMails {
		put = d.putMails
	}
	done, err := put(ctx, s, held)
	stay := without(held, done)
	err = errors.Join(err, d.settle(ctx, s.Queue, done, stay))
	d.say("%s: %d of %d messages put back", s.Name, len(done), len(held))
	return len(stay), err
}

// settle deletes what is done, and shows again what stays.
func (d *Drive) settle(ctx context.Context, q Queue, done, stay []Message) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), showTime)
	defer cancel()
	var errs []error
	if len(done) > 0 {
		errs = append(errs, q.Delete(ctx, done))
	}
	if len(stay) > 0 {
		errs = append(errs, q.Hide(ctx, stay, 0))
	}
	return errors.Join(errs...)
}

func without(all, these []Message) []Message {
	gone := map[string]bool{}
	for _, m := range these {
		gone[m.Handle] = true
	}
	var rest []Message
	for _, m := range all {
		if !gone[m.Handle] {
			rest = append(rest, m)
		}
	}
	return rest
}

func (d *Drive) say(format string, about ...any) { fmt.Fprintf(d.Out, format+"\n", about...) }
