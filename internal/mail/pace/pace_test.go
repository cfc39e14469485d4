package pace_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/mail/pace"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
	"github.com/caretaker/caretaker/internal/store/engine/enginetest"
	"github.com/caretaker/caretaker/internal/text"
)

// service is a mail service that takes 150 ms for a message and, if it has a bound, no more than so many a second: a bucket
// that is filled at the rate and holds a second's worth.
type service struct {
	mu      sync.Mutex
	took    []time.Time
	away    int // messages sent away
	bound   float64
	level   float64
	filled  time.Time
	refuses error
}

var busy = directory.NewBusy("mail service", 5*time.Second, errors.New("rate exceeded"))

func (s *service) Send(context.Context, mail.Message) error {
	<-time.After(150 * time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.refuses != nil {
		s.away++
		return s.refuses
	}
	if s.bound > 0 {
		s.level = min(s.bound, s.level+now.Sub(s.filled).Seconds()*s.bound)
		if s.filled = now; s.level < 1 {
			s.away++
			return busy
		}
		s.level--
	}
	s.took = append(s.took, now)
	return nil
}

// inAnySecond is the most that was taken within a second.
func (s *service) inAnySecond() int {
	most := 0
	for i := range s.took {
		n := 0
		for _, at := range s.took[i:] {
			if at.Sub(s.took[i]) < time.Second {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// turnsIn is a store in memory, and the writes it has done.
func turnsIn(t *testing.T) (turns *store.Store, writes *atomic.Int64) {
	t.Helper()
	e, err := bolt.Open(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	writes = &atomic.Int64{}
	return store.New(&enginetest.Faulty{Engine: e, OnCommit: func([]engine.Op) (bool, error) {
		writes.Add(1)
		return true, nil
	}}, text.Fold), writes
}

func config(rate int) pace.Config {
	return pace.Config{PerSecond: rate, Now: time.Now, Jitter: func(longest time.Duration) time.Duration { return longest / 2 }}
}

// crowd sends from several processes, each with several messages in hand at once as a function has.
func crowd(t *testing.T, processes, inHand, each int, start func() *pace.Sender) {
	t.Helper()
	var all sync.WaitGroup
	for range processes {
		sender := start()
		for range inHand {
			all.Go(func() {
				for range each {
					if err := sender.Send(t.Context(), mail.Message{}); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
}

func TestAllWhoSendStayWithinTheSharedRate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		processes, inHand, each, rate int
		writes                        float64 // at most, for a message
		seconds                       float64 // at most, as a multiple of what the rate allows
	}{
		{processes: 1, inHand: 8, each: 50, rate: 14, writes: 0.15, seconds: 1.1},
		{processes: 5, inHand: 8, each: 20, rate: 14, writes: 0.2, seconds: 1.1},
		{processes: 10, inHand: 8, each: 20, rate: 50, writes: 0.2, seconds: 1.5},
		{processes: 3, inHand: 1, each: 30, rate: 10, writes: 0.5, seconds: 1.4}, // who sends one after the other leaves turns unused
		{processes: 3, inHand: 1, each: 5, rate: 1, writes: 1.6, seconds: 1.1},   // the sandbox; those who were not first write again
	} {
		t.Run(fmt.Sprintf("%d processes with %d in hand at %d a second", c.processes, c.inHand, c.rate), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				turns, writes := turnsIn(t)
				s := &service{}
				began := time.Now()
				crowd(t, c.processes, c.inHand, c.each, func() *pace.Sender { return pace.New(s, turns, config(c.rate)) })
				sent := c.processes * c.inHand * c.each
				if most := c.rate + c.rate/4 + 1; len(s.took) != sent || s.inAnySecond() > most {
					t.Errorf("%d of %d sent, up to %d in a second, want at most %d", len(s.took), sent, s.inAnySecond(), most)
				}
				took, paid := time.Since(began).Seconds()/(float64(sent)/float64(c.rate)), float64(writes.Load())/float64(sent)
				if took > c.seconds || paid > c.writes {
					t.Errorf("took %.2f of the time that the rate allows, %.2f writes a message; want at most %.2f and %.2f", took, paid, c.seconds, c.writes)
				}
				t.Logf("%.2f of the time, %.2f writes a message, up to %d in a second", took, paid, s.inAnySecond())
			})
		})
	}
}

// The rate that was set may be more than the account has: then all slow down, and everything arrives.
func TestABusyServiceIsTriedAgainLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns, _ := turnsIn(t)
		s := &service{bound: 5}
		crowd(t, 2, 2, 15, func() *pace.Sender { return pace.New(s, turns, config(8)) })
		if len(s.took) != 60 || s.away == 0 || s.away > 60 {
			t.Errorf("%d of 60 arrived, %d sent away", len(s.took), s.away)
		}
	})
}

func TestAServiceThatStaysBusyIsLeftToOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why     string
		time    time.Duration // until the deadline
		refuses error
		tries   int
		atMost  time.Duration
	}{
		{"after eight tries, some fifteen seconds", time.Hour, busy, 8, 20 * time.Second},
		{"when the deadline is too near for another try", 2 * time.Second, busy, 3, 2 * time.Second},
		{
			"at once when it is not the rate: a day's quota is not over in a minute", time.Hour,
			directory.NewUnavailable("mail service", time.Hour, nil), 1, time.Second,
		},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{refuses: c.refuses}
				ctx, cancel := context.WithTimeout(t.Context(), c.time)
				defer cancel()
				began := time.Now()
				err := pace.New(s, nil, config(0)).Send(ctx, mail.Message{})
				if !errors.Is(err, c.refuses) || s.away != c.tries || time.Since(began) > c.atMost {
					t.Errorf("%d tries in %s: %v", s.away, time.Since(began), err)
				}
			})
		})
	}
}

// Nobody waits for a turn that comes too late, and none is taken for them.
func TestATurnAfterTheDeadlineIsNotTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns, writes := turnsIn(t)
		s := &service{}
		now := time.Now()
		if _, ok, err := turns.Reserve(t.Context(), "mail", time.Minute, now, now); err != nil || !ok {
			t.Fatal(ok, err)
		}
		before := writes.Load()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		err := pace.New(s, turns, config(10)).Send(ctx, mail.Message{})
		e, _ := errors.AsType[*directory.Error](err)
		if e == nil || e.Kind != directory.Unavailable || e.RetryAfter != 30*time.Second {
			t.Errorf("got %v, want unavailable for half a minute", err)
		}
		if time.Since(now) > 0 || writes.Load() != before || len(s.took) > 0 {
			t.Errorf("it waited %s, wrote %d times and sent %d", time.Since(now), writes.Load()-before, len(s.took))
		}
		patient := pace.New(s, turns, config(10))
		if err := patient.Send(t.Context(), mail.Message{}); err != nil || time.Since(now) < time.Minute {
			t.Errorf("who has no deadline sent after %s: %v", time.Since(now), err)
		}
	})
}

// Whose time ends while others are in line gets no turn, and does not keep theirs.
func TestWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns, _ := turnsIn(t)
		s := &service{}
		sender := pace.New(s, turns, config(1))
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 3)
		for range 3 {
			go func() { failed <- sender.Send(ctx, mail.Message{}) }()
		}
		synctest.Wait()
		cancel()
		lost := 0
		for range 3 {
			if err := <-failed; err != nil {
				lost++
				if directory.KindOf(err) != directory.Unavailable {
					t.Errorf("got %v", err)
				}
			}
		}
		if lost != 2 {
			t.Errorf("%d were not sent, want the two who waited", lost)
		}
	})
}

// lostTurns is a store that does not answer.
type lostTurns struct{ err error }

func (e lostTurns) Reserve(context.Context, string, time.Duration, time.Time, time.Time) (time.Time, bool, error) {
	return time.Time{}, false, e.err
}

func TestWithoutTurnsNothingIsSent(t *testing.T) {
	t.Parallel()
	s := &service{}
	down := directory.NewUnavailable("store", 0, nil)
	if err := pace.New(s, lostTurns{down}, config(10)).Send(t.Context(), mail.Message{}); !errors.Is(err, down) || len(s.took) > 0 {
		t.Errorf("%v, %d sent", err, len(s.took))
	}
}
