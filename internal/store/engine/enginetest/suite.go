// Package enginetest owns what every engine must do: Run and RunFeed are the conformance suites of the port, and
// Faulty makes an engine fail on request. It tests no engine's inside and no key that the store uses.
package enginetest

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// Run checks an engine against the port. open returns a new, empty engine for each case, and closes it when the
// test it is given ends; cases run in parallel.
func Run(t *testing.T, open func(t *testing.T) engine.Engine) {
	t.Helper()
	groups := map[string][]testCase{
		"commit":   commitCases,
		"record":   recordCases,
		"query":    queryCases,
		"order":    orderCases,
		"index":    indexCases,
		"parallel": parallelCases,
		"limits":   limitCases,
		"calls":    callCases,
	}
	for group, cases := range groups {
		for _, c := range cases {
			t.Run(group+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				t.Cleanup(func() {
					if t.Failed() {
						t.Logf("why this matters: %s", c.why)
					}
				})
				c.run(t, open(t))
			})
		}
	}
}

// testCase is one thing the port promises. why is shown when it fails.
type testCase struct {
	name, why string
	run       func(t *testing.T, e engine.Engine)
}

// Bounds of the waiting for what the port allows to lag.
const (
	awaitFor   = 20 * time.Second
	awaitEvery = 20 * time.Millisecond
)

// await returns when done does, and fails the test if that takes too long.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline, again := time.After(awaitFor), time.NewTicker(awaitEvery)
	defer again.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("waited %s in vain: %s", awaitFor, what)
		case <-again.C:
		}
	}
}

func key(partition, sort string) engine.Key { return engine.Key{Partition: partition, Sort: sort} }

// put is an op that makes a new record with nothing in it but its sort key as body.
func put(k engine.Key) engine.Op { return engine.Put(engine.Record{Key: k, Body: []byte(k.Sort)}) }

func commit(t *testing.T, e engine.Engine, ops ...engine.Op) {
	t.Helper()
	if err := e.Commit(t.Context(), ops...); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

// commitAll commits more ops than fit into one Commit.
func commitAll(t *testing.T, e engine.Engine, ops []engine.Op) {
	t.Helper()
	for part := range slices.Chunk(ops, engine.MaxOps) {
		commit(t, e, part...)
	}
}

func get(t *testing.T, e engine.Engine, keys ...engine.Key) []engine.Record {
	t.Helper()
	records, err := e.Get(t.Context(), keys...)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	if len(records) != len(keys) {
		t.Fatalf("get: %d records for %d keys", len(records), len(keys))
	}
	return records
}

func getOne(t *testing.T, e engine.Engine, k engine.Key) engine.Record {
	t.Helper()
	return get(t, e, k)[0]
}

// drain reads a query to its end, page by page.
func drain(t *testing.T, e engine.Engine, q engine.Query) []engine.Record {
	t.Helper()
	var all []engine.Record
	for range 10_000 {
		page, err := e.Query(t.Context(), q)
		if err != nil {
			t.Fatalf("query %+v: %v", q, err)
		}
		if len(page.Records) > q.Limit {
			t.Fatalf("query %+v: %d records in a page", q, len(page.Records))
		}
		all = append(all, page.Records...)
		if page.Next == "" {
			return all
		}
		q.After = page.Next
	}
	t.Fatalf("query %+v: no end", q)
	return nil
}

func sorts(records []engine.Record) []string {
	all := make([]string, len(records))
	for i, r := range records {
		all[i] = r.Key.Sort
	}
	return all
}

// bodies compares bodies at once: cmp alone takes seconds for the largest, byte by byte.
var bodies = cmp.FilterValues(func(a, b []byte) bool { return len(a) > 0 || len(b) > 0 }, cmp.Comparer(bytes.Equal))

// same compares what was read with what is expected; nil and empty are the same.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), bodies); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// wantFailed checks that err names exactly the ops whose condition did not hold.
func wantFailed(t *testing.T, err error, failed ...int) {
	t.Helper()
	condition, ok := errors.AsType[*engine.ConditionError](err)
	if !ok {
		t.Fatalf("got %v, want a ConditionError of %v", err, failed)
	}
	same(t, "failed ops", condition.Failed, failed)
}

// wantLimit checks that err says that the call was outside the limits.
func wantLimit(t *testing.T, err error) {
	t.Helper()
	if _, ok := errors.AsType[*engine.LimitError](err); !ok {
		t.Fatalf("got %v, want a LimitError", err)
	}
}
