package engine

import (
	"context"
	"sync"
)

// Cost is what calls to an engine took: round trips, how many of them were Commits, the records that were asked for by
// key or came in a page, and the capacity units DynamoDB charges (0 on bolt).
type Cost struct {
	Calls      int
	Commits    int
	Records    int
	ReadUnits  float64
	WriteUnits float64
}

// Meter adds up the cost of the calls made under one context.
type Meter struct {
	mu   sync.Mutex
	cost Cost
}

// Total is the cost so far.
func (m *Meter) Total() Cost {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cost
}

// Since is what was added to an earlier total.
func (c Cost) Since(before Cost) Cost {
	return Cost{
		Calls: c.Calls - before.Calls, Commits: c.Commits - before.Commits, Records: c.Records - before.Records,
		ReadUnits: c.ReadUnits - before.ReadUnits, WriteUnits: c.WriteUnits - before.WriteUnits,
	}
}

type meterKey struct{}

// WithMeter returns a context whose engine calls are added to m.
func WithMeter(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

// Charge adds c to the meter of the context, if it has one. Engines call it for every round trip, and for what came of it.
func Charge(ctx context.Context, c Cost) {
	m, _ := ctx.Value(meterKey{}).(*Meter)
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cost.Calls += c.Calls
	m.cost.Commits += c.Commits
	m.cost.Records += c.Records
	m.cost.ReadUnits += c.ReadUnits
	m.cost.WriteUnits += c.WriteUnits
}
