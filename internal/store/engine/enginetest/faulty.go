package enginetest

import (
	"context"
	"fmt"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// Faulty is an engine that fails when its hooks say so, for the tests of what is built on engines. A nil hook never
// fails. Hooks are set before the engine is shared, and may be called by many goroutines at once.
//
//	e := &enginetest.Faulty{Engine: real, OnCommit: enginetest.Kept}
type Faulty struct {
	engine.Engine
	// OnCommit decides whether the Commit is passed on, and what the caller is told if it is kept or not passed on:
	// (true, nil) is a Commit like any other, (false, err) failed and is lost, (true, err) is kept and said to have
	// failed. A Commit that the engine itself refuses returns the engine's error.
	OnCommit func(ops []engine.Op) (apply bool, err error)
	// OnGet returns an error to fail the Get.
	OnGet func(keys []engine.Key) error
	// OnQuery returns an error to fail the Query. It may also lower the limit, which makes pages short.
	OnQuery func(q *engine.Query) error
}

// errInjected is what Lost and Kept answer.
var errInjected = fmt.Errorf("injected fault: %w", engine.ErrUnavailable)

// Lost is an OnCommit that keeps nothing and says that the store is not available.
func Lost([]engine.Op) (apply bool, err error) { return false, errInjected }

// Kept is an OnCommit that keeps everything and says that the store is not available.
func Kept([]engine.Op) (apply bool, err error) { return true, errInjected }

// Commit asks OnCommit.
func (f *Faulty) Commit(ctx context.Context, ops ...engine.Op) error {
	if f.OnCommit == nil {
		return f.Engine.Commit(ctx, ops...)
	}
	apply, failure := f.OnCommit(ops)
	if apply {
		if err := f.Engine.Commit(ctx, ops...); err != nil {
			return err
		}
	}
	return failure
}

// Get asks OnGet.
func (f *Faulty) Get(ctx context.Context, keys ...engine.Key) ([]engine.Record, error) {
	if f.OnGet != nil {
		if err := f.OnGet(keys); err != nil {
			return nil, err
		}
	}
	return f.Engine.Get(ctx, keys...)
}

// Query asks OnQuery.
func (f *Faulty) Query(ctx context.Context, q engine.Query) (engine.Page, error) {
	if f.OnQuery != nil {
		if err := f.OnQuery(&q); err != nil {
			return engine.Page{}, err
		}
	}
	return f.Engine.Query(ctx, q)
}
