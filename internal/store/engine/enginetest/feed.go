package enginetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// Source is an engine and a feed of what is committed to it.
type Source struct {
	Engine engine.Engine
	Feed   engine.Feed
	// Restart does what the end and a new start of the program would do, and returns the source as it is then.
	Restart func(t *testing.T) Source
}

// RunFeed checks a feed against the port. open returns a new, empty engine for each case with a feed of the wanted
// keys, and closes both when the test it is given ends; cases run in parallel.
func RunFeed(t *testing.T, open func(t *testing.T, wanted func(engine.Key) bool) Source) {
	t.Helper()
	for _, c := range feedCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("why this matters: %s", c.why)
				}
			})
			c.run(t, open(t, func(k engine.Key) bool { return k.Partition == "fed" }))
		})
	}
}

type feedCase struct {
	name, why string
	run       func(t *testing.T, s Source)
}

var feedCases = []feedCase{
	{
		"every kind of op, with the record it left", "the mail is written from what the change says",
		func(t *testing.T, s Source) {
			k := fed("a")
			r := full(k)
			r.Count = 1
			commit(t, s.Engine, engine.Put(r))
			commit(t, s.Engine, engine.Add(k, 1, 0, 9), engine.Check(fed("absent"), 0))
			commit(t, s.Engine, engine.Set(engine.Record{Key: k}))
			commit(t, s.Engine, engine.Delete(k, 3))
			c := consumer{t: t, feed: s.Feed}
			c.until(func() bool { return len(c.fresh) == 4 })
			added := r
			added.Version, added.Count = 2, 2
			r.Version = 1
			same(t, "the changes", c.fresh, []engine.Change{
				{Key: k, Record: r}, {Key: k, Record: added}, {Key: k, Record: engine.Record{Key: k, Version: 3}}, {Key: k},
			})
		},
	},
	{
		"only the wanted keys", "the outbox is a fraction of what is written",
		func(t *testing.T, s Source) {
			commit(t, s.Engine, put(key("unfed", "a")), put(fed("b")), put(key("unfed", "c")))
			commit(t, s.Engine, put(key("unfed", "d")))
			commit(t, s.Engine, put(fed("e")))
			c := consumer{t: t, feed: s.Feed}
			c.until(func() bool { return c.has(fed("e"), 1) })
			for _, change := range c.fresh {
				if change.Key.Partition != "fed" {
					t.Errorf("%v was handed out", change.Key)
				}
			}
			if len(c.fresh) != 2 {
				t.Errorf("%d of 2 changes", len(c.fresh))
			}
		},
	},
	{
		"nothing of what was refused", "no mail about what did not happen",
		func(t *testing.T, s Source) {
			wantFailed(t, s.Engine.Commit(t.Context(), put(fed("a")), engine.Check(fed("b"), 1)), 1)
			wantFailed(t, s.Engine.Commit(t.Context(), engine.Delete(fed("a"), 1)), 0)
			commit(t, s.Engine, engine.Delete(fed("never there"), engine.AnyVersion))
			commit(t, s.Engine, engine.Check(fed("a"), 0))
			commit(t, s.Engine, put(fed("c")))
			c := consumer{t: t, feed: s.Feed}
			c.until(func() bool { return len(c.fresh) > 0 })
			same(t, "the first change", c.fresh[0].Key, fed("c"))
		},
	},
	{
		"what is not done comes again", "a mail that could not be sent is tried again",
		notDoneComesAgain,
	},
	{
		"what is not done outlives a restart", "a crash between the change and the mail loses neither",
		func(t *testing.T, s Source) {
			k := fed("a")
			for range 2 {
				commit(t, s.Engine, engine.Set(engine.Record{Key: k}))
			}
			var changes []engine.Change
			await(t, "both changes", func() bool {
				changes = next(t, s.Feed, 2)
				return len(changes) == 2
			})
			if err := s.Feed.Done(t.Context(), changes[0].Sequence); err != nil {
				t.Fatal(err)
			}
			s = s.Restart(t)
			commit(t, s.Engine, engine.Set(engine.Record{Key: k}))
			again := consumer{t: t, feed: s.Feed, last: map[engine.Key]int64{k: 1}}
			again.until(func() bool { return again.has(k, 3) })
		},
	},
	{
		"next waits for a change", "a consumer without work costs nothing and is not late",
		func(t *testing.T, s Source) {
			first := make(chan []engine.Change)
			go func() {
				defer close(first)
				if changes, err := s.Feed.Next(t.Context(), 1); err == nil {
					first <- changes
				}
			}()
			commit(t, s.Engine, put(fed("a")))
			if changes := <-first; len(changes) != 1 || changes[0].Key != fed("a") {
				t.Errorf("%+v", changes)
			}
		},
	},
	{
		"next ends with its context", "the program must be able to stop",
		func(t *testing.T, s Source) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			changes, err := s.Feed.Next(ctx, 1)
			if !errors.Is(err, context.DeadlineExceeded) || len(changes) > 0 {
				t.Errorf("%+v, %v", changes, err)
			}
		},
	},
	{
		"no more than the limit", "a consumer decides how much it takes on",
		func(t *testing.T, s Source) {
			for i := range 5 {
				commit(t, s.Engine, put(fed(fmt.Sprint(i))))
			}
			c := consumer{t: t, feed: s.Feed, limit: 2}
			c.until(func() bool { return len(c.fresh) == 5 })
		},
	},
	{
		"a crowd of writers", "per key every version comes, in order, without a gap",
		func(t *testing.T, s Source) {
			atOnce(t, func(i int) error {
				ops := []engine.Op{engine.Add(fed(fmt.Sprint(i%5)), 1, 0, crowd), put(key("unfed", fmt.Sprint(i)))}
				_, err := untilAvailable(func() error { return s.Engine.Commit(t.Context(), ops...) })
				return err
			})
			c := consumer{t: t, feed: s.Feed}
			c.until(func() bool { return len(c.fresh) == crowd })
			for _, change := range c.fresh {
				if change.Record.Count != change.Record.Version {
					t.Errorf("version %d counts %d", change.Record.Version, change.Record.Count)
				}
			}
		},
	},
}

func fed(sort string) engine.Key { return key("fed", sort) }

func notDoneComesAgain(t *testing.T, s Source) {
	for _, sort := range []string{"a", "b", "c"} {
		commit(t, s.Engine, put(fed(sort)))
	}
	first := next(t, s.Feed, 1)
	same(t, "asked again", next(t, s.Feed, 1), first)
	if err := s.Feed.Done(t.Context(), first[0].Sequence); err != nil {
		t.Fatal(err)
	}
	second := next(t, s.Feed, 1)
	if second[0].Key == first[0].Key {
		t.Fatalf("%v came again after it was done", first[0].Key)
	}
	c := consumer{t: t, feed: s.Feed}
	c.until(func() bool { return len(c.fresh) == 2 })
	commit(t, s.Engine, put(fed("d")))
	c.until(func() bool { return c.has(fed("d"), 1) })
	if c.has(first[0].Key, 1) {
		t.Errorf("%v came again after it was done", first[0].Key)
	}
}

func next(t *testing.T, feed engine.Feed, limit int) []engine.Change {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), awaitFor)
	defer cancel()
	changes, err := feed.Next(ctx, limit)
	if err != nil || len(changes) == 0 || len(changes) > limit {
		t.Fatalf("next of %d: %d changes, %v", limit, len(changes), err)
	}
	return changes
}

// consumer reads a feed, marks all it has read as done, and checks the order: a change may come again, but a new one
// of a key must be the version after the last.
type consumer struct {
	t     *testing.T
	feed  engine.Feed
	limit int             // of one Next; 0 is 100
	fresh []engine.Change // without repeats and without Sequence
	last  map[engine.Key]int64
}

// until reads until the condition holds.
func (c *consumer) until(done func() bool) {
	c.t.Helper()
	deadline := time.Now().Add(awaitFor)
	for !done() {
		if time.Now().After(deadline) {
			c.t.Fatalf("only %d new changes after %s", len(c.fresh), awaitFor)
		}
		limit := c.limit
		if limit == 0 {
			limit = 100
		}
		changes := next(c.t, c.feed, limit)
		for _, change := range changes {
			c.take(change)
		}
		if err := c.feed.Done(c.t.Context(), changes[len(changes)-1].Sequence); err != nil {
			c.t.Fatalf("done: %v", err)
		}
	}
}

func (c *consumer) take(change engine.Change) {
	c.t.Helper()
	if c.last == nil {
		c.last = map[engine.Key]int64{}
	}
	k, v := change.Key, change.Record.Version
	if v > 0 && v <= c.last[k] {
		return // a repeat
	}
	if v > 0 && v != c.last[k]+1 {
		c.t.Fatalf("version %d of %v came after %d", v, k, c.last[k])
	}
	if v > 0 {
		c.last[k] = v
	}
	change.Sequence = ""
	c.fresh = append(c.fresh, change)
}

func (c *consumer) has(k engine.Key, version int64) bool { return c.last[k] >= version }
