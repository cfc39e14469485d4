package enginetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// crowd is how many do the same thing at once.
const crowd = 100

var parallelCases = []testCase{
	{
		"adds are all counted", "places are taken by many at once and none may be lost or taken twice",
		func(t *testing.T, e engine.Engine) {
			k := key("p", "count")
			atOnce(t, func(int) error { return e.Commit(t.Context(), engine.Add(k, 1, 0, crowd)) })
			same(t, "the record", getOne(t, e, k), engine.Record{Key: k, Version: crowd, Count: crowd})
			wantFailed(t, e.Commit(t.Context(), engine.Add(k, 1, 0, crowd)), 0)
		},
	},
	{
		"adds stop at the bound", "the last place goes to one",
		func(t *testing.T, e engine.Engine) {
			const places = crowd / 3
			k := key("p", "count")
			var taken atomic.Int64
			atOnce(t, func(int) error {
				won, err := unlessCondition(e.Commit(t.Context(), engine.Add(k, 1, 0, places)))
				if won {
					taken.Add(1)
				}
				return err
			})
			if got := getOne(t, e, k).Count; taken.Load() != places || got != places {
				t.Errorf("%d were told they have one of %d places, %d are taken", taken.Load(), places, got)
			}
		},
	},
	{
		"adds with a record each", "a counter and what it counts change together or not at all",
		func(t *testing.T, e engine.Engine) {
			const places = 10
			k := key("p", "count")
			atOnce(t, func(i int) error {
				ops := []engine.Op{engine.Add(k, 1, 0, places), put(key("taken", fmt.Sprint(i)))}
				_, err := untilAvailable(func() error { return e.Commit(t.Context(), ops...) })
				return err
			})
			records := drain(t, e, engine.Query{Partition: "taken", Limit: engine.MaxLimit})
			if got := getOne(t, e, k).Count; len(records) != places || got != places {
				t.Errorf("%d records, %d counted, want %d", len(records), got, places)
			}
		},
	},
	{
		"compare and swap", "every version is written by exactly one, from 1 to the last without a gap",
		func(t *testing.T, e engine.Engine) {
			k := key("p", "s")
			var mu sync.Mutex
			var written []int64
			atOnce(t, func(int) error {
				v, err := swapUntilDone(t, e, k)
				mu.Lock()
				defer mu.Unlock()
				written = append(written, v)
				return err
			})
			slices.Sort(written)
			want := make([]int64, crowd)
			for i := range want {
				want[i] = int64(i) + 1
			}
			same(t, "versions written", written, want)
			same(t, "the record", getOne(t, e, k), engine.Record{Key: k, Version: crowd, Count: crowd})
		},
	},
	{
		"one winner of a name", "a user name is given once",
		func(t *testing.T, e engine.Engine) {
			oneWinner(t, e, func(i int) []engine.Op { return []engine.Op{claim(i)} })
		},
	},
	{
		"one winner of a name, with a record each", "whoever loses leaves nothing behind",
		func(t *testing.T, e engine.Engine) {
			oneWinner(t, e, func(i int) []engine.Op { return []engine.Op{put(key("user", fmt.Sprint(i))), claim(i)} })
			if n := len(drain(t, e, engine.Query{Partition: "user", Limit: crowd})); n != 1 {
				t.Errorf("%d records were left", n)
			}
		},
	},
}

// atOnce calls do for 0 to crowd-1, all at the same time, and fails the test if one returns an error.
func atOnce(t *testing.T, do func(i int) error) {
	t.Helper()
	var all sync.WaitGroup
	start := make(chan struct{})
	failed := make(chan error, crowd)
	for i := range crowd {
		all.Go(func() {
			<-start
			failed <- do(i)
		})
	}
	close(start)
	all.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// unlessCondition splits the outcomes of a Commit into kept, refused by its condition, and gone wrong.
func unlessCondition(err error) (kept bool, wrong error) {
	if _, ok := errors.AsType[*engine.ConditionError](err); ok {
		return false, nil
	}
	return err == nil, err
}

// untilAvailable repeats what the engine gave up on: a crowd around one record can exhaust the patience of an engine
// that tries again by itself. The call must be one that may be repeated.
func untilAvailable(do func() error) (kept bool, wrong error) {
	for {
		if err := do(); !errors.Is(err, engine.ErrUnavailable) {
			return unlessCondition(err)
		}
	}
}

// swapUntilDone raises the count of the record by one, at its version, and returns the version written.
func swapUntilDone(t *testing.T, e engine.Engine, k engine.Key) (int64, error) {
	for {
		records, err := e.Get(t.Context(), k)
		if err != nil {
			return 0, err
		}
		r := records[0]
		r.Key, r.Count = k, r.Count+1
		kept, err := unlessCondition(e.Commit(t.Context(), engine.Put(r)))
		if kept || err != nil {
			return r.Version + 1, err
		}
	}
}

// claim puts a record that names i as its owner.
func claim(i int) engine.Op {
	return engine.Put(engine.Record{Key: key("name", "ann"), Body: fmt.Append(nil, i)})
}

func oneWinner(t *testing.T, e engine.Engine, ops func(i int) []engine.Op) {
	t.Helper()
	var mu sync.Mutex
	var winners []string
	atOnce(t, func(i int) error {
		kept, err := unlessCondition(e.Commit(t.Context(), ops(i)...))
		if kept {
			mu.Lock()
			defer mu.Unlock()
			winners = append(winners, fmt.Sprint(i))
		}
		return err
	})
	owner := getOne(t, e, key("name", "ann"))
	same(t, "winners", winners, []string{string(owner.Body)})
}
