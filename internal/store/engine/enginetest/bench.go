package enginetest

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// Bench measures what requests do most: the three records of a session, a change with its audit entry, outbox entry
// and counter, and a page of a list. open returns a new, empty engine.
func Bench(b *testing.B, open func(b *testing.B) engine.Engine) {
	b.Helper()
	b.Run("Get of 3", func(b *testing.B) { benchGet(b, open(b)) })
	b.Run("Commit of 4", func(b *testing.B) { benchCommit(b, open(b)) })
	b.Run("Commit of 4 by 64", func(b *testing.B) { benchCrowd(b, open(b)) })
	b.Run("Query of 50 by index", func(b *testing.B) { benchQuery(b, open(b)) })
}

func benchGet(b *testing.B, e engine.Engine) {
	keys := []engine.Key{key("o", "session"), key("o", "user"), key("o", "organisation")}
	for _, k := range keys {
		prepare(b, e, k)
	}
	measure(b, func(ctx context.Context) {
		for b.Loop() {
			if _, err := e.Get(ctx, keys...); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func benchCommit(b *testing.B, e engine.Engine) {
	measure(b, func(ctx context.Context) {
		for n := 0; b.Loop(); n++ {
			if err := e.Commit(ctx, change(n)...); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func benchCrowd(b *testing.B, e engine.Engine) {
	var n atomic.Int64
	b.SetParallelism(max(1, 64/runtime.GOMAXPROCS(0)))
	measure(b, func(ctx context.Context) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := e.Commit(ctx, change(int(n.Add(1)))...); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

func benchQuery(b *testing.B, e engine.Engine) {
	for i := range 200 {
		prepare(b, e, key("o", fmt.Sprint(i)))
	}
	q := engine.Query{Index: engine.Index1, Partition: "users of o", Limit: 50}
	measure(b, func(ctx context.Context) {
		for b.Loop() {
			page, err := e.Query(ctx, q)
			if err != nil || len(page.Records) != q.Limit {
				b.Fatalf("%d records, %v", len(page.Records), err)
			}
		}
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

func prepare(b *testing.B, e engine.Engine, k engine.Key) {
	b.Helper()
	if err := e.Commit(b.Context(), engine.Put(typical(k))); err != nil {
		b.Fatal(err)
	}
}

// measure reports, beside the time, what a call costs on DynamoDB.
func measure(b *testing.B, run func(ctx context.Context)) {
	b.Helper()
	var m engine.Meter
	run(engine.WithMeter(b.Context(), &m))
	total := m.Total()
	b.ReportMetric(total.ReadUnits/float64(b.N), "RCU/op")
	b.ReportMetric(total.WriteUnits/float64(b.N), "WCU/op")
}
