package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// result is what sweeps of one store took.
type result struct {
	users, due int
	cost       engine.Cost
	turns      []float64 // microseconds an account, by turn
	loading    time.Duration
	megabytes  int64
}

// perAccount is the median of the turns, in microseconds: a neighbour on the machine who is busy for a while spoils one turn
// and not the figure.
func (r result) perAccount() float64 {
	sorted := slices.Sorted(slices.Values(r.turns))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// subject is a store under measurement.
type subject struct {
	*host.Local
	now    time.Time
	result result
}

// compare fills both stores and sweeps them in turns, so that whatever the machine does meanwhile slows both.
func compare(ctx context.Context, s setup, folder string, out io.Writer) (small, large result, err error) {
	var subjects []*subject
	defer func() {
		for _, sub := range subjects {
			err = errors.Join(err, sub.Close())
		}
	}()
	for i, users := range []int{s.due, s.large} {
		sub, err := open(ctx, s, filepath.Join(folder, fmt.Sprint(i)), users)
		if err != nil {
			return result{}, result{}, err
		}
		subjects = append(subjects, sub)
		fmt.Fprintf(out, "%d users stored in %.1f s\n", sub.result.users, sub.result.loading.Seconds())
	}
	for turn := range s.turns {
		for i := range subjects { // first the one, then the other
			if err := subjects[(turn+i)%2].sweep(ctx, s, turn); err != nil {
				return result{}, result{}, err
			}
		}
	}
	return subjects[0].result, subjects[1].result, nil
}

// open makes a store with so many users in each organisation, as the product opens its own.
func open(ctx context.Context, s setup, folder string, users int) (*subject, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the store's folder: %w", err)
	}
	sub := &subject{now: began, result: result{users: users * s.organisations}}
	local, err := host.OpenEmbedded(app.Config{
		BaseURL: "http://127.0.0.1", MailFrom: "no-reply@caretaker.example", Product: "Caretaker", Log: slog.New(slog.DiscardHandler),
	}, folder, func() time.Time { return sub.now }, embedded.Params{})
	if err != nil {
		return nil, err
	}
	sub.Local = local
	started := time.Now()
	e, ok := local.Feed.(engine.Engine)
	if !ok {
		return nil, errors.Join(errors.New("the embedded feed is no engine"), local.Close())
	}
	if err := fill(ctx, s, e, users); err != nil {
		return nil, errors.Join(err, local.Close())
	}
	sub.result.loading, sub.result.megabytes = time.Since(started), size(folder)>>20
	return sub, nil
}

func size(folder string) (bytes int64) {
	files, _ := os.ReadDir(folder)
	for _, f := range files {
		if info, err := f.Info(); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}

// sweep does what is due at a turn, all of it and nothing else.
func (sub *subject) sweep(ctx context.Context, s setup, turn int) error {
	sub.now = dayOf(turn)
	if _, err := sub.DrySweep(ctx); err != nil { // so that what is due is in memory, be the store new or not
		return fmt.Errorf("dry run among %d users: %w", sub.result.users, err)
	}
	m := &engine.Meter{}
	runtime.GC() // what the other store's turn left behind is not this one's to clear away
	started := time.Now()
	done, err := sub.Sweep(engine.WithMeter(ctx, m))
	took := time.Since(started)
	if err != nil {
		return fmt.Errorf("sweep of %d users: %w", sub.result.users, err)
	}
	if want := s.expected(turn); done.Looked != want || done.Warned+done.Archived+done.Purged+done.Reminded != want {
		return fmt.Errorf("turn %d among %d users: %d accounts were due, and the sweep did %+v", turn, sub.result.users, want, done)
	}
	cost, r := m.Total(), &sub.result
	r.cost.Calls, r.cost.Commits, r.cost.Records = r.cost.Calls+cost.Calls, r.cost.Commits+cost.Commits, r.cost.Records+cost.Records
	r.due += done.Looked
	r.turns = append(r.turns, float64(took.Microseconds())/float64(done.Looked))
	return nil
}

// expected is how many accounts are due at a turn.
func (s setup) expected(turn int) int {
	each := s.due / s.turns
	if turn < s.due%s.turns {
		each++
	}
	return each * s.organisations
}
