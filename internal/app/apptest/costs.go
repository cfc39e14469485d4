package apptest

import (
	"context"
	"log/slog"
	"sync"
)

// Cost is what one request took at the store.
type Cost struct {
	Calls                 int64
	ReadUnits, WriteUnits float64
}

// costs reads the log of requests as operations do.
type costs struct {
	mu   sync.Mutex
	last Cost
}

// LastCost is what the last request took, as the log says it.
func (s *Stack) LastCost() Cost {
	s.costs.mu.Lock()
	defer s.costs.mu.Unlock()
	return s.costs.last
}

func (c *costs) Enabled(context.Context, slog.Level) bool { return true }
func (c *costs) WithAttrs([]slog.Attr) slog.Handler       { return c }
func (c *costs) WithGroup(string) slog.Handler            { return c }

// Handle keeps the cost of a request.
func (c *costs) Handle(_ context.Context, r slog.Record) error {
	if r.Message != "request" {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = Cost{}
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "storeCalls":
			c.last.Calls = a.Value.Int64()
		case "readUnits":
			c.last.ReadUnits = a.Value.Float64()
		case "writeUnits":
			c.last.WriteUnits = a.Value.Float64()
		}
		return true
	})
	return nil
}
