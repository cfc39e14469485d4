package store

import (
	"context"
	"errors"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// turns says up to when the spans of time under a name are taken. That is all there is to keep: what lies behind is over,
// and spans follow one another without a gap.
type turns struct{ Until time.Time }

// reserveTries bounds how often others may have been first. Each try is a read and a write, some 10 ms on DynamoDB.
const reserveTries = 20

// Reserve takes a span of time under a name for the caller alone: from now on or, if that is taken, from where what is taken
// ends. If that is later than the latest beginning, it takes nothing and is not ok. Cost: a read, and a write if it is ok,
// for as much as the caller does within the span.
func (s *Store) Reserve(
	ctx context.Context, name string, span time.Duration, now, latest time.Time,
) (from time.Time, ok bool, err error) {
	for range reserveTries {
		taken, version, err := s.turns(ctx, name)
		if err != nil {
			return time.Time{}, false, err
		}
		from = now
		if taken.Until.After(now) {
			from = taken.Until
		}
		if from.After(latest) {
			return from, false, nil
		}
		if err := s.putTurns(ctx, name, turns{from.Add(span)}, version); !errors.Is(err, directory.ErrStale) {
			return from, err == nil, err
		}
	}
	return time.Time{}, false, directory.NewUnavailable("store", retryAfter, errors.New("others were first each time"))
}

// Release gives a span back, from now on. Nothing happens if another one has been taken behind it.
func (s *Store) Release(ctx context.Context, name string, end, now time.Time) error {
	taken, version, err := s.turns(ctx, name)
	if err != nil || !taken.Until.Equal(end) {
		return err
	}
	if err := s.putTurns(ctx, name, turns{now}, version); !errors.Is(err, directory.ErrStale) {
		return err
	}
	return nil
}

func (s *Store) turns(ctx context.Context, name string) (turns, int64, error) {
	var t turns
	version, err := s.one(ctx, turnsKey(name), &t)
	if errors.Is(err, directory.ErrNotFound) {
		return turns{}, 0, nil
	}
	return t, version, err
}

func (s *Store) putTurns(ctx context.Context, name string, t turns, version int64) error {
	var b batch
	b.put(engine.Record{Key: turnsKey(name), Version: version}, t, directory.ErrStale)
	return s.commit(ctx, b)
}
