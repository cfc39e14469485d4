package pace

import (
	"context"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
)

// Turns hands out spans of time, each to one alone, to all who ask under the same name.
type Turns interface {
	// Reserve takes a span that begins now or, if that is taken, where what is taken ends. It takes none if that is later
	// than the latest beginning; ok is false then, and from when there would be one.
	Reserve(ctx context.Context, name string, span time.Duration, now, latest time.Time) (from time.Time, ok bool, err error)
}

// Config says how fast messages leave.
type Config struct {
	// PerSecond is how many may be sent a second, by all who share the turns together; 0: as many as come.
	PerSecond int
	Now       func() time.Time
	// Jitter picks a pause below the longest one, so that those who were sent away together do not come back together.
	Jitter func(longest time.Duration) time.Duration
}

// Sender is a mail.Sender that sends at the shared rate. It is safe for concurrent use.
type Sender struct {
	next   mail.Sender
	turns  *supply
	config Config
}

// New returns a sender that hands messages on to next in its turn.
func New(next mail.Sender, turns Turns, c Config) *Sender {
	s := &Sender{next: next, config: c}
	if c.PerSecond > 0 {
		s.turns = newSupply(turns, c)
	}
	return s
}

// How long to stay away from a service that is sent too much a second. With full jitter half of it on average, some 15 s
// over all tries; then others decide when it is tried again.
const (
	firstPause   = 500 * time.Millisecond
	longestPause = 8 * time.Second
	tries        = 8
)

// Send waits for a turn and sends. A service that is busy is tried again after a pause, each time in a new turn, as long as
// the context has time for it. Beside the errors of the sender behind it, it fails with Unavailable when the context ends
// first, or would before the turn comes; the message was not sent then.
func (s *Sender) Send(ctx context.Context, m mail.Message) error {
	longest := firstPause
	for n := 1; ; n++ {
		if err := s.turn(ctx); err != nil {
			return err
		}
		err := s.next.Send(ctx, m)
		if directory.KindOf(err) != directory.Busy || n == tries {
			return err
		}
		pause := s.config.Jitter(longest)
		if end, bounded := ctx.Deadline(); bounded && s.config.Now().Add(pause).After(end) {
			return err
		}
		if wait(ctx, pause) != nil {
			return err
		}
		longest = min(2*longest, longestPause)
	}
}

func (s *Sender) turn(ctx context.Context) error {
	if s.turns == nil {
		return nil
	}
	at, err := s.turns.take(ctx)
	if err != nil {
		return err
	}
	return wait(ctx, at.Sub(s.config.Now()))
}

// wait lets time pass, or says why it did not.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return noTime(0, context.Cause(ctx))
	}
}

func noTime(retryAfter time.Duration, err error) error {
	return directory.NewUnavailable("mail service", retryAfter, err)
}
