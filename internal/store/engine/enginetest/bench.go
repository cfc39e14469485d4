package enginetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// Bench measures what requests do most: the three records of a session, a change with its audit entry, outbox entry
// and counter, and a page of a list. open returns a new, empty engine.
func Bench(b *testing.B, open func(b *testing.B) engine.Engine) {
	b.Helper()
	b.Run("Get of 3", func(b *testing.B) {
		e := open(b)
		keys := []engine.Key{key("o", "session"), key("o", "user"), key("o", "organisation")}
		for _, k := range keys {
			benchCommit(b, e, engine.Put(typical(k)))
		}
		measure(b, func(m *meter) {
			for b.Loop() {
				m.do(b, func() error { _, err := e.Get(m.ctx, keys...); return err })
			}
		})
	})
	b.Run("Commit of 4", func(b *testing.B) {
		e := open(b)
		measure(b, func(m *meter) {
			for n := 0; b.Loop(); n++ {
				m.do(b, func() error { return e.Commit(m.ctx, change(n)...) })
			}
		})
	})
	b.Run("Commit of 4 by 64", func(b *testing.B) {
		e := open(b)
		var n atomic.Int64
		b.SetParallelism(32) // for each of 2 processors
		measure(b, func(m *meter) {
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					m.do(b, func() error { return e.Commit(m.ctx, change(int(n.Add(1)))...) })
				}
			})
		})
	})
	b.Run("Query of 50 by index", func(b *testing.B) {
		e := open(b)
		for i := range 200 {
			r := typical(key("o", fmt.Sprint(i)))
			benchCommit(b, e, engine.Put(r))
		}
		q := engine.Query{Index: engine.Index1, Partition: "users of o", Limit: 50}
		measure(b, func(m *meter) {
			for b.Loop() {
				m.do(b, func() error {
					page, err := e.Query(m.ctx, q)
					if err == nil && len(page.Records) != q.Limit {
						err = fmt.Errorf("%d records", len(page.Records))
					}
					return err
				})
			}
		})
	})
}

// change is a Commit as the store makes them, different for each n.
func change(n int) []engine.Op {
	id := fmt.Sprintf("%09d", n)
	user, audit, mail := typical(key("o", id)), typical(key("audit", id)), typical(key("outbox", id))
	audit.Index, mail.Index = nil, nil
	return []engine.Op{
		engine.Put(user), engine.Put(audit), engine.Put(mail), engine.Add(key("count", id[:6]), 1, 0, most),
	}
}

// typical is a record of half a kilobyte with two positions.
func typical(k engine.Key) engine.Record {
	return engine.Record{Key: k, Body: make([]byte, 500), Index: map[engine.Index]engine.Position{
		engine.Index1: {Partition: "users of o", Sort: k.Sort}, engine.Index2: {Partition: "due", Sort: k.Sort},
	}}
}

func benchCommit(b *testing.B, e engine.Engine, ops ...engine.Op) {
	b.Helper()
	if err := e.Commit(b.Context(), ops...); err != nil {
		b.Fatal(err)
	}
}

// meter is where the calls of a benchmark are counted.
type meter struct {
	ctx  context.Context
	cost engine.Meter
}

func (m *meter) do(b *testing.B, call func() error) {
	if err := call(); err != nil {
		b.Error(err)
	}
}

// measure reports, beside the time, what a call costs on DynamoDB.
func measure(b *testing.B, run func(m *meter)) {
	b.Helper()
	m := &meter{}
	m.ctx = engine.WithMeter(b.Context(), &m.cost)
	run(m)
	total := m.cost.Total()
	b.ReportMetric(total.ReadUnits/float64(b.N), "RCU/op")
	b.ReportMetric(total.WriteUnits/float64(b.N), "WCU/op")
}
