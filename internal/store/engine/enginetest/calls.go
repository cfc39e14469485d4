package enginetest

import (
	"context"
	"errors"
	"testing"

	"github.com/caretaker/caretaker/internal/store/engine"
)

var callCases = []testCase{
	{
		"a context that has ended", "a caller that went away gets no answer and leaves nothing behind",
		func(t *testing.T, e engine.Engine) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			k := key("p", "s")
			_, got := e.Get(ctx, k)
			_, many := e.Get(ctx, k, key("p", "t"))
			_, query := e.Query(ctx, engine.Query{Partition: "p", Limit: 1})
			for what, err := range map[string]error{
				"get": got, "get of several": many, "query": query,
				"commit": e.Commit(ctx, put(k)), "commit of several": e.Commit(ctx, put(k), put(key("p", "t"))),
				"check": e.Commit(ctx, engine.Check(k, 0)),
			} {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if getOne(t, e, k).Exists() {
				t.Error("a Commit was kept")
			}
		},
	},
	{
		"a meter counts calls", "a request's cost is budgeted by round trips, whatever the engine",
		func(t *testing.T, e engine.Engine) {
			k := key("p", "s")
			var m engine.Meter
			ctx := engine.WithMeter(t.Context(), &m)
			for _, c := range []struct {
				what string
				want engine.Cost
				call func() error
			}{
				{"get", engine.Cost{Records: 1}, func() error { _, err := e.Get(ctx, k); return err }},
				{"get of several", engine.Cost{Records: 2}, func() error { _, err := e.Get(ctx, k, key("p", "t")); return err }},
				{"query of nothing", engine.Cost{}, func() error { return queryOne(ctx, e) }},
				{"commit", engine.Cost{Commits: 1}, func() error { return e.Commit(ctx, engine.Set(engine.Record{Key: k})) }},
				{"query", engine.Cost{Records: 1}, func() error { return queryOne(ctx, e) }},
				{"commit of several", engine.Cost{Commits: 1}, func() error { return e.Commit(ctx, engine.Add(k, 1, 0, 1), put(key("p", "t"))) }},
				{"query of one of two", engine.Cost{Records: 1}, func() error { return queryOne(ctx, e) }},
				{"failed commit", engine.Cost{Commits: 1}, func() error {
					_, err := unlessCondition(e.Commit(ctx, engine.Check(k, 99)))
					return err
				}},
			} {
				before := m.Total()
				if err := c.call(); err != nil {
					t.Fatalf("%s: %v", c.what, err)
				}
				cost := m.Total().Since(before)
				cost.ReadUnits, cost.WriteUnits = 0, 0 // DynamoDB's alone
				if c.want.Calls, c.want.Trips = 1, 1; cost != c.want {
					t.Errorf("%s: %+v was counted, want %+v", c.what, cost, c.want)
				}
			}
			before := m.Total()
			if err := e.Commit(ctx, put(key("", ""))); err == nil || m.Total() != before {
				t.Errorf("what was refused without a call was counted: %+v", m.Total())
			}
		},
	},
}

func queryOne(ctx context.Context, e engine.Engine) error {
	_, err := e.Query(ctx, engine.Query{Partition: "p", Limit: 1})
	return err
}
