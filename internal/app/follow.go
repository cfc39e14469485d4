package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/caretaker/caretaker/internal/store/engine"
)

const (
	followBatch = 100
	followPause = 250 * time.Millisecond // after a failure, before the same changes are tried again
)

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
	a.obey(ctx, changes)
	if err := ctx.Err(); err != nil {
		return err // what was not delivered comes again
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
