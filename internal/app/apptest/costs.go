package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"testing"
)

// Cost is what one request took at the store: calls, how many of them had to follow one another, and capacity units.
type Cost struct {
	Calls, Trips          int64
	ReadUnits, WriteUnits float64
}

// Request is one that was answered.
type Request struct {
	Operation string // method and pattern of the path
	Status    int64
	Cost
}

// costs reads the log as operations do.
type costs struct {
	mu    sync.Mutex
	all   []Request
	lines []slog.Record
}

// LastCost is what the last request took, as the log says it.
func (s *Stack) LastCost() Cost {
	s.costs.mu.Lock()
	defer s.costs.mu.Unlock()
	if len(s.costs.all) == 0 {
		return Cost{}
	}
	return s.costs.all[len(s.costs.all)-1].Cost
}

// Requests are all that were answered so far.
func (s *Stack) Requests() []Request {
	s.costs.mu.Lock()
	defer s.costs.mu.Unlock()
	return slices.Clone(s.costs.all)
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
	var q Request
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "operation":
			q.Operation = a.Value.String()
		case "status":
			q.Status = a.Value.Int64()
		case "storeCalls":
			q.Calls = a.Value.Int64()
		case "storeTrips":
			q.Trips = a.Value.Int64()
		case "readUnits":
			q.ReadUnits = a.Value.Float64()
		case "writeUnits":
			q.WriteUnits = a.Value.Float64()
		}
		return true
	})
	c.all = append(c.all, q)
	return nil
}
