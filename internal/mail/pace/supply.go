package pace

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

const (
	turnsToSend = "mail"
	// lapse is how late a turn can still be used. What was not used by then is lost, so that turns do not pile up; in a
	// second, up to a quarter more than the rate can be sent.
	lapse = 250 * time.Millisecond
	// patience bounds the wait of whoever has no deadline.
	patience = 5 * time.Minute
)

// supply is turns, one every interval, that one process has reserved for itself, several at a time: who reserves them pays
// for a write. It begins with as many as wait and takes twice as many each time while all are used, at most those of a
// second, so that others never wait for long for turns that nobody uses.
type supply struct {
	turns   Turns
	every   time.Duration
	most    int
	now     func() time.Time
	waiting atomic.Int64
	lock    chan struct{} // held by sending; a mutex could not be waited for with a context

	next   time.Time // the next turn
	left   int       // how many there are from then on
	size   int       // of the last lot
	lapsed bool      // some of it were not used
}

func newSupply(turns Turns, c Config) *supply {
	return &supply{
		turns: turns, every: time.Second / time.Duration(c.PerSecond), most: c.PerSecond, now: c.Now, lock: make(chan struct{}, 1),
	}
}

// take returns when its caller may send. It fails with Unavailable if that is later than the context's deadline.
func (s *supply) take(ctx context.Context) (time.Time, error) {
	s.waiting.Add(1)
	defer s.waiting.Add(-1)
	select {
	case s.lock <- struct{}{}:
		defer func() { <-s.lock }()
	case <-ctx.Done():
		return time.Time{}, noTime(0, context.Cause(ctx))
	}
	now := s.now()
	latest, bounded := ctx.Deadline()
	if !bounded {
		latest = now.Add(patience)
	}
	s.forget(now.Add(-lapse))
	if s.left == 0 {
		if err := s.reserve(ctx, now, latest); err != nil {
			return time.Time{}, err
		}
	}
	if s.next.After(latest) {
		return time.Time{}, noTime(s.next.Sub(latest), errTooLate)
	}
	at := s.next
	s.next, s.left = s.next.Add(s.every), s.left-1
	return at, nil
}

var errTooLate = errors.New("all turns to send are taken until later than this has time for")

// forget gives up turns before a moment.
func (s *supply) forget(before time.Time) {
	for s.left > 0 && s.next.Before(before) {
		s.next, s.left, s.lapsed = s.next.Add(s.every), s.left-1, true
	}
}

func (s *supply) reserve(ctx context.Context, now, latest time.Time) error {
	size := max(int(s.waiting.Load()), 2*s.size)
	if s.lapsed || s.next.Before(now.Add(-lapse)) { // nobody waited for the turn after the last lot
		size = int(s.waiting.Load())
	}
	size = min(max(size, 1), s.most)
	from, ok, err := s.turns.Reserve(ctx, turnsToSend, time.Duration(size)*s.every, now, latest)
	if err != nil {
		return err
	}
	if !ok {
		return noTime(from.Sub(latest), errTooLate)
	}
	s.next, s.left, s.size, s.lapsed = from, size, size, false
	return nil
}
