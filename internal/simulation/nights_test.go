package simulation_test

import (
	"context"
	"sync"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// sweepRun is one sweep, as it reported itself.
type sweepRun struct {
	at      time.Time
	whole   bool // it came to its end
	done    directory.Swept
	records int // read
}

// night is what happens while nobody works: mostly one sweep.
func (w *world) night() {
	drawn := w.random.IntN(1000)
	switch {
	case w.outage(), drawn < 50:
		return
	case drawn < 90: // its time is over after some accounts
		w.sweep(&turns{left: 1 + w.random.IntN(40), writes: -1})
	case drawn < 120: // it is killed at some write, which may have been done
		w.sweep(&turns{left: -1, writes: 1 + w.random.IntN(20), lost: chance(w.random, 500)})
	case drawn < 140:
		w.twoAtOnce()
	case drawn < 170:
		w.dry()
	case drawn < 220:
		w.sweep(&turns{left: -1, writes: -1})
		w.again()
	default:
		w.sweep(&turns{left: -1, writes: -1})
	}
}

// outage is when nothing runs for weeks.
func (w *world) outage() bool { return w.day()%1000 >= 500 && w.day()%1000 < 520 }

// sweep lets the product sweep by this store.
func (w *world) sweep(s *turns) sweepRun {
	s.Store, s.wake, s.started = w.app.Store, sync.NewCond(&s.mu), w.now
	d := *w.app.Directory
	d.Store, d.Clock = s, s.clock
	m := &engine.Meter{}
	done, err := d.Sweep(engine.WithMeter(w.ctx, m), directory.SweepOptions{Deadline: w.now.Add(time.Hour)})
	if err != nil && !s.killed {
		w.Fatalf("%v: sweep: %v", w, err)
	}
	run := sweepRun{at: w.now, whole: err == nil && !s.killed && !done.More, done: done, records: m.Total().Records}
	w.sweeps = append(w.sweeps, run)
	return run
}

// again sweeps a second time, for which there is nothing left.
func (w *world) again() {
	first := w.sweeps[len(w.sweeps)-1]
	w.now = w.now.Add(time.Second)
	if run := w.sweep(&turns{left: -1, writes: -1}); run.done.Looked > 0 && first.done.Held == 0 {
		w.Errorf("%v: after a sweep that did %+v another did %+v", w, first.done, run.done)
	}
}

// dry has told what the sweep that follows does.
func (w *world) dry() {
	d := *w.app.Directory
	told, err := d.Sweep(w.ctx, directory.SweepOptions{DryRun: true})
	if err != nil {
		w.Fatal(err)
	}
	run := w.sweep(&turns{left: -1, writes: -1})
	if told.More { // a policy is new: nothing is planned by it yet
		return
	}
	if told != run.done {
		w.Errorf("%v: a dry run told %+v and the sweep did %+v", w, told, run.done)
	}
}

// twoAtOnce runs two sweeps side by side, whose order is not known. They have ids of their own, so that what comes after has
// the same ones every time.
func (w *world) twoAtOnce() {
	var both sync.WaitGroup
	runs, errs := [2]directory.Swept{}, [2]error{}
	at := w.now
	for i := range runs {
		d := *w.app.Directory
		d.NewID = ids(func() time.Time { return at }, uint64(1000+i))
		both.Go(func() { runs[i], errs[i] = d.Sweep(w.ctx, directory.SweepOptions{}) })
	}
	both.Wait()
	for i := range runs {
		if errs[i] != nil {
			w.Fatalf("%v: two sweeps at once: %v", w, errs[i])
		}
	}
	runs[0].Held = max(runs[0].Held, runs[1].Held)
	w.sweeps = append(w.sweeps, sweepRun{at: w.now, whole: true, done: runs[0], records: -1})
}

// turns is the store as one sweep sees it: the parts take turns, so that the same is done every time, and it ends after a
// number of looks at the clock, or of writes.
type turns struct {
	directory.Store
	left, writes int // negative: without end
	lost         bool
	started      time.Time
	killed       bool

	mu      sync.Mutex
	wake    *sync.Cond
	arrived int  // parts that asked for their first account
	turn    int  // the part that is served
	over    bool // nobody is served any more
	pages   [directory.DueParts]duePage
}

type duePage struct {
	begun bool
	users []directory.User
	next  string
}

// clock is past the deadline once the sweep has looked at it often enough. Looks of parts that wait do not count: how many
// there are by then is chance.
func (s *turns) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left > 0 && s.arrived == directory.DueParts {
		s.left--
		if s.left == 0 {
			s.end()
		}
	}
	if s.over && s.left == 0 {
		return s.started.Add(2 * time.Hour)
	}
	return s.started
}

func (s *turns) end() {
	s.over = true
	s.wake.Broadcast()
}

// Due gives out one account at a time, and those of one part after those of another.
func (s *turns) Due(ctx context.Context, at time.Time, part, limit int, cursor string) ([]directory.User, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page := &s.pages[part]
	if cursor == "" {
		s.arrived++
		s.wake.Broadcast()
	}
	for !s.over && (s.arrived < directory.DueParts || s.turn != part) {
		s.wake.Wait()
	}
	if s.over {
		return nil, "", nil
	}
	if len(page.users) == 0 && (!page.begun || page.next != "") {
		var err error
		if page.users, page.next, err = s.Store.Due(ctx, at, part, limit, page.next); err != nil {
			return nil, "", err
		}
		page.begun = true
	}
	if len(page.users) == 0 {
		s.turn++
		s.wake.Broadcast()
		return nil, "", nil
	}
	one := page.users[:1]
	page.users = page.users[1:]
	return one, "more", nil
}

// write does a write unless the sweep is killed before it; afterwards it may be, too.
func (s *turns) write(do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writes > 0 {
		s.writes--
		if s.writes == 0 {
			s.killed = true
			if s.lost {
				_ = do()
			}
		}
	}
	if s.killed {
		s.end()
		return directory.NewUnavailable("store", time.Second, context.DeadlineExceeded)
	}
	return do()
}

func (s *turns) Commit(ctx context.Context, c directory.Change) error {
	return s.write(func() error { return s.Store.Commit(ctx, c) })
}

func (s *turns) Replan(ctx context.Context, users []directory.PutUser) error {
	return s.write(func() error { return s.Store.Replan(ctx, users) })
}

func (s *turns) PutReplanned(ctx context.Context, o directory.Organisation) error {
	return s.write(func() error { return s.Store.PutReplanned(ctx, o) })
}

func (s *turns) Redact(ctx context.Context, org directory.Slug, user directory.UserID) error {
	return s.write(func() error { return s.Store.Redact(ctx, org, user) })
}

func (s *turns) Erase(ctx context.Context, i directory.Intent) error {
	return s.write(func() error { return s.Store.Erase(ctx, i) })
}

func (s *turns) Abandon(ctx context.Context, i directory.Intent, l *directory.PasswordLink) error {
	return s.write(func() error { return s.Store.Abandon(ctx, i, l) })
}
