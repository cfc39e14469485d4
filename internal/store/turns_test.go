package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
	"github.com/caretaker/caretaker/internal/text"
)

func TestTurnsFollowOneAnother(t *testing.T) {
	t.Parallel()
	s := open(t)
	reserve := func(name string, now, latest time.Duration) (time.Duration, bool) {
		t.Helper()
		from, ok, err := s.Reserve(t.Context(), name, time.Minute, morning.Add(now), morning.Add(latest))
		if err != nil {
			t.Fatal(err)
		}
		return from.Sub(morning), ok
	}
	for _, step := range []struct {
		why         string
		name        string
		now, latest time.Duration
		from        time.Duration
		ok          bool
	}{
		{"nobody had one yet", "mail", 0, 0, 0, true},
		{"the next begins where the first ends", "mail", time.Second, time.Hour, time.Minute, true},
		{"and is not taken by who cannot wait that long", "mail", 2 * time.Second, time.Minute, 2 * time.Minute, false},
		{"just then can be waited for", "mail", 2 * time.Second, 2 * time.Minute, 2 * time.Minute, true},
		{"under another name nothing is taken", "redelivery", 0, 0, 0, true},
		{"what is over is not made up for", "mail", time.Hour, time.Hour, time.Hour, true},
	} {
		if from, ok := reserve(step.name, step.now, step.latest); from != step.from || ok != step.ok {
			t.Errorf("%s: from %s, %t; want %s, %t", step.why, from, ok, step.from, step.ok)
		}
	}
	if err := s.Release(t.Context(), "mail", morning.Add(3*time.Minute), morning.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if from, _ := reserve("mail", time.Hour, 2*time.Hour); from != time.Hour+time.Minute {
		t.Errorf("somebody else's turn was given back: the next is from %s", from)
	}
	if err := s.Release(t.Context(), "mail", morning.Add(time.Hour+2*time.Minute), morning.Add(time.Hour+time.Second)); err != nil {
		t.Fatal(err)
	}
	if from, _ := reserve("mail", time.Hour+2*time.Second, 2*time.Hour); from != time.Hour+2*time.Second {
		t.Errorf("one's own was not given back: the next is from %s", from)
	}
}

func TestTurnsTakenAtOnceDoNotOverlap(t *testing.T) {
	t.Parallel()
	s := open(t)
	const many, each = 8, 25
	var mu sync.Mutex
	var taken []time.Time
	var all sync.WaitGroup
	for range many {
		all.Go(func() {
			for range each {
				from, ok, err := s.Reserve(t.Context(), "mail", time.Second, morning, morning.Add(time.Hour))
				if directory.KindOf(err) == directory.Unavailable {
					continue // others were first twenty times; nothing was taken
				}
				if err != nil || !ok {
					t.Errorf("%t, %v", ok, err)
				}
				mu.Lock()
				taken = append(taken, from)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	slices.SortFunc(taken, time.Time.Compare)
	for i, from := range taken {
		if !from.Equal(morning.Add(time.Duration(i) * time.Second)) {
			t.Fatalf("turn %d of %d begins at %s", i, len(taken), from.Sub(morning))
		}
	}
	if len(taken) < many*each/2 {
		t.Errorf("only %d of %d turns were had", len(taken), many*each)
	}
}

// outboxOf is a store with letters in it, written one second apart, and the engine behind it.
func outboxOf(t *testing.T, letters int) (*store.Store, engine.Engine) {
	t.Helper()
	e, err := bolt.Open(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	s := store.New(e, text.Fold)
	for n := range letters {
		m := directory.Mail{ID: fmt.Sprintf("%03d", n), Org: school, ToEmail: "d.smith@bash-street.example", CreatedAt: morning.Add(time.Duration(n) * time.Second)}
		if err := s.Commit(t.Context(), directory.Change{Entries: []directory.Entry{entry()}, Mails: []directory.Mail{m}}); err != nil {
			t.Fatal(err)
		}
	}
	return s, e
}

// Letters lie in several parts of the index, by chance; read page by page they come oldest first all the same.
func TestWaitingLettersComeOldestFirst(t *testing.T) {
	t.Parallel()
	s, e := outboxOf(t, 60)
	// One that nobody can read any more does not hide the others.
	broken, err := e.Get(t.Context(), engine.Key{Partition: store.Join("outbox", string(school), ""), Sort: "030"})
	if err != nil {
		t.Fatal(err)
	}
	broken[0].Body = []byte("no letter")
	if err := e.Commit(t.Context(), engine.Put(broken[0])); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{1, 7, 100} {
		var ids, unreadable []string
		pages := 0
		for from := ""; ; pages++ {
			page, err := s.Waiting(t.Context(), morning.Add(50*time.Second), from, limit)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.Mails {
				ids = append(ids, m.ID)
			}
			unreadable = append(unreadable, page.Unreadable...)
			if from = page.Next; from == "" {
				break
			}
		}
		if len(ids) != 49 || !slices.IsSorted(ids) || !slices.Equal(unreadable, []string{"030"}) || slices.Contains(ids, "050") {
			t.Errorf("by %d: %v, unreadable %v", limit, ids, unreadable)
		}
		if limit == 100 && pages != 0 {
			t.Errorf("%d further pages", pages)
		}
	}
}
