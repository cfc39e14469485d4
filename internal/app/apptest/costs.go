package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
)

// Cost is what one request took at the store.
type Cost struct {
	Calls                 int64
	ReadUnits, WriteUnits float64
}

// costs reads the log as operations do.
type costs struct {
	mu    sync.Mutex
	last  Cost
	lines []slog.Record
}

// LastCost is what the last request took, as the log says it.
func (s *Stack) LastCost() Cost {
	s.costs.mu.Lock()
	defer s.costs.mu.Unlock()
	return s.costs.last
}

// Logged is what the log says, a member for each attribute, beside msg.
func (s *Stack) Logged(tb testing.TB) []map[string]any {
	tb.Helper()
	s.costs.mu.Lock()
	defer s.costs.mu.Unlock()
	var text bytes.Buffer
	write := slog.NewJSONHandler(&text, nil)
	var lines []map[string]any
	for _, r := range s.costs.lines {
		text.Reset()
		var line map[string]any
		err := write.Handle(tb.Context(), r)
		if err == nil {
			err = json.Unmarshal(text.Bytes(), &line)
		}
		if err != nil {
			tb.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

func (c *costs) Enabled(context.Context, slog.Level) bool { return true }
func (c *costs) WithAttrs([]slog.Attr) slog.Handler       { return c }
func (c *costs) WithGroup(string) slog.Handler            { return c }

// Handle keeps a line, and the cost of a request.
func (c *costs) Handle(_ context.Context, r slog.Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, r.Clone())
	if r.Message != "request" {
		return nil
	}
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
