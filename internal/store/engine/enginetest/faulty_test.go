package enginetest_test

import (
	"errors"
	"testing"

	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
	"github.com/caretaker/caretaker/internal/store/engine/enginetest"
)

func faulty(t *testing.T) *enginetest.Faulty {
	t.Helper()
	e, err := bolt.Open(bolt.Memory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return &enginetest.Faulty{Engine: e}
}

func TestFaultyWithoutHooksIsTheEngine(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, func(t *testing.T) engine.Engine { return faulty(t) })
}

func TestCommitFailsAsItsHookSays(t *testing.T) {
	t.Parallel()
	k := engine.Key{Partition: "p", Sort: "s"}
	own := errors.New("own")
	for name, c := range map[string]struct {
		hook    func([]engine.Op) (bool, error)
		wantErr error
		kept    bool
	}{
		"failed and lost":  {enginetest.Lost, engine.ErrUnavailable, false},
		"failed but kept":  {enginetest.Kept, engine.ErrUnavailable, true},
		"error of its own": {func([]engine.Op) (bool, error) { return false, own }, own, false},
		"lost in silence":  {func([]engine.Op) (bool, error) { return false, nil }, nil, false},
		"nothing":          {func([]engine.Op) (bool, error) { return true, nil }, nil, true},
	} {
		f := faulty(t)
		f.OnCommit = c.hook
		if err := f.Commit(t.Context(), engine.Put(engine.Record{Key: k})); !errors.Is(err, c.wantErr) {
			t.Errorf("%s: %v", name, err)
		}
		if r, err := f.Get(t.Context(), k); err != nil || r[0].Exists() != c.kept {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestRefusalOfTheEngineComesFirst(t *testing.T) {
	t.Parallel()
	f := faulty(t)
	f.OnCommit = enginetest.Kept
	var condition *engine.ConditionError
	if err := f.Commit(t.Context(), engine.Check(engine.Key{Partition: "p", Sort: "s"}, 1)); !errors.As(err, &condition) {
		t.Errorf("a Commit that was refused is said to be kept: %v", err)
	}
}

func TestReadsFailAsTheirHooksSay(t *testing.T) {
	t.Parallel()
	f, k := faulty(t), engine.Key{Partition: "p", Sort: "s"}
	f.OnGet = func(keys []engine.Key) error {
		if keys[0] == k {
			return engine.ErrUnavailable
		}
		return nil
	}
	f.OnQuery = func(q *engine.Query) error {
		if q.Partition == "broken" {
			return engine.ErrUnavailable
		}
		q.Limit = 1
		return nil
	}
	if _, err := f.Get(t.Context(), k); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("get: %v", err)
	}
	if _, err := f.Query(t.Context(), engine.Query{Partition: "broken", Limit: 1}); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("query: %v", err)
	}
	for _, sort := range []string{"1", "2"} {
		op := engine.Put(engine.Record{Key: engine.Key{Partition: "q", Sort: sort}})
		if err := f.Commit(t.Context(), op); err != nil {
			t.Fatal(err)
		}
	}
	page, err := f.Query(t.Context(), engine.Query{Partition: "q", Limit: 10})
	if err != nil || len(page.Records) != 1 || page.Next == "" {
		t.Errorf("the hook has not made the page short: %+v, %v", page, err)
	}
}
