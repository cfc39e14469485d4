package mail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// LateAfter is how old an unsent letter is before it counts as left behind. Whatever follows the changes must have given a
// letter up by then, so that two never send it at once: template.yaml keeps to that.
const LateAfter = 15 * time.Minute

// Turns hands out spans of time, each to one alone, to all who ask under the same name, wherever they run.
type Turns interface {
	// Reserve takes a span that begins now or, if that is taken, where what is taken ends. It takes none if that is later
	// than the latest beginning; ok is false then, and from when there would be one.
	Reserve(ctx context.Context, name string, span time.Duration, now, latest time.Time) (from time.Time, ok bool, err error)
	// Release gives a span back from now on, by its end. Nothing happens if another one has been taken behind it.
	Release(ctx context.Context, name string, end, now time.Time) error
}

// Redelivered says what Redeliver found and did.
type Redelivered struct {
	Late   int `json:"late"`   // letters that were left behind, as far as they were looked at
	Sent   int `json:"sent"`   // of them, those done with: sent, or marked as not to be sent any more
	Failed int `json:"failed"` // of them, those that still wait
	// More says that the end was not reached: the time was up, or the mail service took nothing more.
	More bool `json:"more"`
	// Elsewhere says that somebody else is at it, so that nothing was done.
	Elsewhere bool `json:"elsewhere"`
}

// redelivering is the name of the turn of whoever redelivers, and its span: longer than a function runs.
const (
	redelivering    = "redelivery"
	redeliveryTurn  = 6 * time.Minute
	toldOfFailures  = 10 // failures beyond are counted and not told
	releaseDeadline = 5 * time.Second
)

// Redeliver sends what the change feed has left behind, page by page, until there is no more or the context's time is up.
// It looks at some limit letters at a time. Two never do so at once.
func (d *Delivery) Redeliver(ctx context.Context, limit int) (Redelivered, error) {
	before := d.Now().Add(-LateAfter)
	page, err := d.Outbox.Waiting(ctx, before, "", limit)
	if err != nil || len(page.Mails)+len(page.Unreadable) == 0 {
		return Redelivered{}, err
	}
	release, ok, err := d.alone(ctx)
	if err != nil || !ok {
		return Redelivered{Elsewhere: !ok && err == nil}, err
	}
	defer release()
	var r redelivery
	for {
		goOn := r.page(ctx, d, page)
		if !goOn || page.Next == "" {
			r.More = r.More || !goOn
			return r.Redelivered, r.err()
		}
		if page, err = d.Outbox.Waiting(ctx, before, page.Next, limit); err != nil {
			r.More = true
			return r.Redelivered, errors.Join(err, r.err())
		}
	}
}

// alone takes the turn to redeliver; not ok if another has it.
func (d *Delivery) alone(ctx context.Context) (release func(), ok bool, err error) {
	if d.Turns == nil {
		return func() {}, true, nil
	}
	now := d.Now()
	from, ok, err := d.Turns.Reserve(ctx, redelivering, redeliveryTurn, now, now)
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseDeadline)
		defer cancel()
		_ = d.Turns.Release(ctx, redelivering, from.Add(redeliveryTurn), d.Now()) // otherwise it ends by itself
	}, ok, err
}

// redelivery is one under way.
type redelivery struct {
	Redelivered
	told []error
}

// page delivers a page. It tells whether to go on: not when the time is up, and not when letters could have gone out and
// none did, for then the mail service takes none.
func (r *redelivery) page(ctx context.Context, d *Delivery, page directory.WaitingMails) bool {
	r.Late += len(page.Mails) + len(page.Unreadable)
	for _, id := range page.Unreadable {
		r.fail(fmt.Errorf("the letter %s cannot be read", id))
	}
	sent, passing := 0, 0
	for i, err := range d.DeliverAll(ctx, page.Mails) {
		switch {
		case err == nil:
			sent++
			continue
		case Passing(err):
			passing++
		}
		r.fail(fmt.Errorf("the letter %s of %s: %w", page.Mails[i].ID, page.Mails[i].Org, err))
	}
	r.Sent += sent
	return ctx.Err() == nil && (sent > 0 || passing == 0)
}

func (r *redelivery) fail(err error) {
	r.Failed++
	if len(r.told) < toldOfFailures {
		r.told = append(r.told, err)
	}
}

func (r *redelivery) err() error {
	if r.Failed == 0 {
		return nil
	}
	return fmt.Errorf("%d letters wait to be sent: %w", r.Failed, errors.Join(r.told...))
}
