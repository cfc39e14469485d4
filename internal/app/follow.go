package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
)

const (
	followBatch = 100
	followPause = 250 * time.Millisecond // after a failure, before the same changes are tried again
)

// Deliver carries the mail that a change of the outbox asks for, if it asks for one.
func (a *App) Deliver(ctx context.Context, change engine.Change) error {
	m, wanted, err := store.MailOf(change)
	if err != nil || !wanted {
		return err
	}
	return a.Delivery.Deliver(ctx, m)
}

// Follow delivers what the feed hands out until the context ends. A mail that cannot be delivered now is left to Tidy,
// so that it does not hold up the ones behind it.
func (a *App) Follow(ctx context.Context, feed engine.Feed) error {
	for ctx.Err() == nil {
		if err := a.followOnce(ctx, feed); err != nil && ctx.Err() == nil {
			a.config.Log.WarnContext(ctx, "the change feed stumbled", slog.Any("error", err))
			pause(ctx, followPause)
		}
	}
	return context.Cause(ctx)
}

func (a *App) followOnce(ctx context.Context, feed engine.Feed) error {
	changes, err := feed.Next(ctx, followBatch)
	if err != nil {
		return err
	}
	var failed []error
	for _, c := range changes {
		failed = append(failed, a.Deliver(ctx, c))
	}
	if err := ctx.Err(); err != nil {
		return err // what was not delivered comes again
	}
	if err := errors.Join(failed...); err != nil {
		a.config.Log.WarnContext(ctx, "a mail was not delivered and is left to the tidying up", slog.Any("error", err))
	}
	if len(changes) == 0 {
		return nil
	}
	return feed.Done(ctx, changes[len(changes)-1].Sequence)
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
