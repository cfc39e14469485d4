package bolt_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
)

// clock is a time that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func write(t *testing.T, e *bolt.Engine, records ...engine.Record) {
	t.Helper()
	ops := make([]engine.Op, len(records))
	for i, r := range records {
		ops[i] = engine.Set(r)
	}
	if err := e.Commit(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, e *bolt.Engine, q engine.Query) string {
	t.Helper()
	q.Limit = engine.MaxLimit
	page, err := e.Query(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, r := range page.Records {
		all += r.Key.Sort
	}
	return all
}

func TestExpiredRecordsAreDroppedAfterADay(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	c := &clock{now}
	e := open(t, bolt.Memory, bolt.WithClock(c.now), bolt.WithFeed(func(k engine.Key) bool { return k.Sort == "b" }))
	at := func(sort string, expires time.Time) engine.Record {
		return engine.Record{
			Key: engine.Key{Partition: "p", Sort: sort}, Expires: expires,
			Index: map[engine.Index]engine.Position{engine.Index1: {Partition: "i", Sort: sort}},
		}
	}
	write(t, e, at("a", time.Time{}), at("b", now), at("c", now.Add(time.Hour)), at("d", now), at("e", now))
	write(t, e, at("d", now.Add(time.Hour))) // prolonged
	write(t, e, at("e", time.Time{}))        // for ever
	for _, step := range []struct {
		passed time.Duration
		want   string
	}{
		{0, "abcde"},
		{24 * time.Hour, "abcde"},
		{24*time.Hour + time.Second, "acde"},
		{25*time.Hour + time.Second, "ae"},
	} {
		c.at = now.Add(step.passed)
		if got := names(t, e, engine.Query{Partition: "p"}); step.passed > 0 && got == step.want && step.want != "abcde" {
			t.Errorf("%s: dropped without a Commit", step.passed)
		}
		write(t, e, engine.Record{Key: engine.Key{Partition: "other", Sort: "x"}})
		for _, q := range []engine.Query{{Partition: "p"}, {Index: engine.Index1, Partition: "i"}} {
			if got := names(t, e, q); got != step.want {
				t.Errorf("%s: %+v lists %q, want %q", step.passed, q, got, step.want)
			}
		}
	}
	changes, err := e.Next(t.Context(), 10)
	if err != nil || len(changes) != 2 || changes[1].Record.Exists() {
		t.Errorf("the feed does not end with the dropping: %+v, %v", changes, err)
	}
}

func TestWithoutAClockNothingIsDropped(t *testing.T) {
	t.Parallel()
	e := open(t, bolt.Memory)
	first := time.Unix(1, 0) // the earliest expiry there can be
	write(t, e, engine.Record{Key: engine.Key{Partition: "p", Sort: "a"}, Expires: first})
	write(t, e, engine.Record{Key: engine.Key{Partition: "p", Sort: "b"}}) // a Commit that would drop it
	if got := names(t, e, engine.Query{Partition: "p"}); got != "ab" {
		t.Errorf("left %q", got)
	}
}

func TestDroppingIsBoundedAndCatchesUp(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	c := &clock{now}
	e := open(t, bolt.Memory, bolt.WithClock(c.now))
	var records []engine.Record
	for i := range 100 {
		k := engine.Key{Partition: "p", Sort: fmt.Sprintf("%02d", i)}
		records = append(records, engine.Record{Key: k, Expires: now})
	}
	write(t, e, records...)
	c.at = now.Add(48 * time.Hour)
	left := []int{82, 64, 46, 28, 10, 0, 0} // 16 and 2 more for each record written
	for i, want := range left {
		write(t, e, engine.Record{Key: engine.Key{Partition: "other", Sort: fmt.Sprint(i)}})
		if got := len(names(t, e, engine.Query{Partition: "p"})) / 2; got != want {
			t.Fatalf("after %d Commits %d are left, want %d", i+1, got, want)
		}
	}
}
