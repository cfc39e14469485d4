package engine

import (
	"encoding/base64"
	"errors"
	"testing"
)

func TestCursorComesBackForTheSameQuery(t *testing.T) {
	t.Parallel()
	from, to := Prefix("a")
	table := Query{Partition: "p", From: from, To: to, Limit: 10}
	index := Query{Index: Index2, Partition: "p", Backwards: true, Limit: 10}
	for _, c := range []struct {
		query Query
		place Place
	}{
		{table, Place{Sort: "a"}},
		{table, Place{Sort: "a|b/\x00\U0001F600"}},
		{index, Place{Sort: "s", Key: Key{"records", "s|1"}}},
	} {
		next := c.query
		next.After = EncodeCursor(c.query, c.place)
		next.Limit = 1 // another limit is still the same query
		got, err := DecodeCursor(next)
		if err != nil || got != c.place {
			t.Errorf("%+v came back as %+v, %v", c.place, got, err)
		}
	}
}

func TestCursorOfAnotherQueryIsRefused(t *testing.T) {
	t.Parallel()
	q := Query{Partition: "p", From: "a", To: "f", Limit: 10}
	cursor := EncodeCursor(q, Place{Sort: "c"})
	for name, change := range map[string]func(*Query){
		"index":                func(q *Query) { q.Index = Index1 },
		"partition":            func(q *Query) { q.Partition = "P" },
		"from":                 func(q *Query) { q.From = "b" },
		"to":                   func(q *Query) { q.To = "" },
		"direction":            func(q *Query) { q.Backwards = true },
		"parts that join":      func(q *Query) { q.From, q.To = "", "af" },
		"cut short":            func(q *Query) { q.After = q.After[:len(q.After)-1] },
		"longer":               func(q *Query) { q.After += "AAAA" },
		"not base64url":        func(q *Query) { q.After = "+/" + q.After[2:] },
		"padded":               func(q *Query) { q.After += "=" },
		"another layout":       func(q *Query) { q.After = "Ag" + q.After[2:] },
		"too short for a hash": func(q *Query) { q.After = "AQ" },
	} {
		other := q
		other.After = cursor
		change(&other)
		if at, err := DecodeCursor(other); !errors.Is(err, ErrCursor) {
			t.Errorf("%s: accepted as %+v (%v)", name, at, err)
		}
	}
}

// A stranger can compute the hash, so what a cursor says must be checked for itself.
func TestForgedCursorStaysWithinTheBounds(t *testing.T) {
	t.Parallel()
	q := Query{Partition: "p", From: "b", To: "f", Limit: 10}
	for _, sort := range []string{"a", "fa", "", "\xff"} {
		q.After = EncodeCursor(q, Place{Sort: sort})
		if _, err := DecodeCursor(q); !errors.Is(err, ErrCursor) {
			t.Errorf("%q is outside the bounds and was accepted", sort)
		}
	}
	index := Query{Index: Index1, Partition: "p", Limit: 10}
	index.After = EncodeCursor(index, Place{Sort: "s"})
	if _, err := DecodeCursor(index); !errors.Is(err, ErrCursor) {
		t.Error("a place in an index without a record was accepted")
	}
}

func FuzzDecodeCursor(f *testing.F) {
	for _, q := range []Query{{Partition: "p"}, {Index: Index1, Partition: "p", From: "a"}} {
		raw, err := base64.RawURLEncoding.DecodeString(EncodeCursor(q, Place{Sort: "a", Key: Key{"p", "k"}}))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw[1+digestSize:], string(q.Index), q.Partition, q.From, q.To)
	}
	f.Fuzz(func(t *testing.T, payload []byte, index, partition, from, to string) {
		q := Query{Index: Index(index), Partition: partition, From: from, To: to, Limit: 1}
		raw := append(append([]byte{cursorVersion}, digest(q)...), payload...)
		q.After = base64.RawURLEncoding.EncodeToString(raw)
		at, err := DecodeCursor(q)
		if err != nil {
			return
		}
		if at.Sort < from || to != "" && at.Sort > to {
			t.Fatalf("%q lies outside %q to %q", at.Sort, from, to)
		}
		again := q
		again.After = EncodeCursor(q, at)
		if back, err := DecodeCursor(again); err != nil || back != at {
			t.Fatalf("%+v came back as %+v, %v", at, back, err)
		}
	})
}
