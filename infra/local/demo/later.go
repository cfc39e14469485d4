package demo

import (
	"context"
	"fmt"
	"sync"

	"github.com/caretaker/caretaker/internal/directory"
)

// later is how far the organisations are that can wait. The zero value says that nothing is to come.
type later struct {
	mu   sync.Mutex
	done chan struct{} // nil: nothing is to come; closed: it came, or failed
	err  error         // once done
}

func (l *later) expect() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done, l.err = make(chan struct{}), nil
}

func (l *later) settle(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
	close(l.done)
}

func (l *later) pending() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done
}

// wait waits until the organisations are there. It fails with kind Unavailable when they could not be set up, or the
// context ends before.
func (l *later) wait(ctx context.Context) error {
	done := l.pending()
	if done == nil {
		return nil
	}
	select {
	case <-done:
	case <-ctx.Done():
		return directory.NewUnavailable("demonstration", 0, fmt.Errorf("it is still being set up: %w", ctx.Err()))
	}
	if l.err == nil { // written before done was closed
		return nil
	}
	return directory.NewUnavailable("demonstration", 0, l.err)
}

// SeedLater sets up the organisations that Seed left for later, in the same way; it may run while the directory is used
// by others. It must be called after a Seed that did not fail, since Organisations waits for it; where nothing is
// left, it does nothing.
func (d *Demo) SeedLater(ctx context.Context) error {
	done := d.later.pending()
	if done == nil {
		return nil
	}
	select {
	case <-done:
		return nil
	default:
	}
	// One after another and few at a time: those who use the directory already need the processors too.
	err := d.setUp(ctx, d.plan.later, 1, 2)
	if err != nil {
		err = fmt.Errorf("set up the rest of the demonstration: %w", err)
	}
	d.later.settle(err)
	return err
}
