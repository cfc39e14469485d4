package engine

import (
	"context"
	"sync"
)

// Cost is what calls to an engine took: calls, how many of them had to follow one another, how many were Commits, the
// records that were asked for by key or came in a page, and the capacity units DynamoDB charges (0 on bolt).
type Cost struct {
	Calls      int
	Trips      int // the longest chain of calls of which each began when the one before had ended
	Commits    int
	Records    int
	ReadUnits  float64
	WriteUnits float64
}

// Meter adds up the cost of the calls made under one context.
type Meter struct {
	mu   sync.Mutex
	cost Cost
	done int // the longest chain among the calls that have ended
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
		Calls: c.Calls - before.Calls, Trips: c.Trips - before.Trips, Commits: c.Commits - before.Commits, Records: c.Records - before.Records,
		ReadUnits: c.ReadUnits - before.ReadUnits, WriteUnits: c.WriteUnits - before.WriteUnits,
	}
}

type (
	meterKey  struct{}
	besideKey struct{}
)

// Beside returns a context for calls that nothing waits for but the end of the request: what begins after them need not have
// followed them.
func Beside(ctx context.Context) context.Context { return context.WithValue(ctx, besideKey{}, true) }

// WithMeter returns a context whose engine calls are added to m.
func WithMeter(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

// Begin notes that a call begins; what it returns is called at its end. Engines call it once for each call of the port.
func Begin(ctx context.Context) (end func()) {
	m, _ := ctx.Value(meterKey{}).(*Meter)
	if m == nil {
		return func() {}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	place := m.done + 1
	m.cost.Trips = max(m.cost.Trips, place)
	if ctx.Value(besideKey{}) != nil {
		return func() {}
	}
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.done = max(m.done, place)
	}
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
