package credentialstest

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
)

// Hashes is an embedded.Hashes in memory. The zero value is empty and ready to use.
type Hashes struct {
	mu      sync.Mutex
	entries map[directory.UserID]embedded.Entry
	last    int64 // of all versions handed out, so that none comes twice
}

// Hash implements embedded.Hashes.
func (h *Hashes) Hash(ctx context.Context, id directory.UserID) (embedded.Entry, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.entries[id], ctx.Err()
}

// PutHash implements embedded.Hashes.
func (h *Hashes) PutHash(ctx context.Context, id directory.UserID, e embedded.Entry) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if h.entries[id].Version != e.Version {
		return directory.ErrStale
	}
	if h.entries == nil {
		h.entries = map[directory.UserID]embedded.Entry{}
	}
	h.last++
	e.Version = h.last
	h.entries[id] = e
	return nil
}

// DeleteHash implements embedded.Hashes.
func (h *Hashes) DeleteHash(ctx context.Context, id directory.UserID) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	delete(h.entries, id)
	return nil
}

// RunHashes checks an implementation of embedded.Hashes. Every case opens its own, which must be empty.
func RunHashes(t *testing.T, open func(t *testing.T) embedded.Hashes) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, h embedded.Hashes)
	}{
		{"a user without an entry has none", absentEntry},
		{"what was put is read back with the next version", entryComesBack},
		{"users do not see each other's entries", entriesAreApart},
		{"a stale version writes nothing", staleWritesNothing},
		{"of parallel writers of one version one wins", oneWriterWins},
		{"a deleted entry is gone and can be put anew", deletedEntry},
		{"a context that has ended writes nothing", endedContextWritesNothing},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, open(t))
		})
	}
}

func absentEntry(t *testing.T, h embedded.Hashes) {
	if got := hashOf(t, h, "ann"); got != (embedded.Entry{}) {
		t.Errorf("got %+v", got)
	}
	if err := h.DeleteHash(t.Context(), "ann"); err != nil {
		t.Errorf("deleting nothing failed: %v", err)
	}
}

func entryComesBack(t *testing.T, h embedded.Hashes) {
	want := embedded.Entry{Hash: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA", Disabled: true}
	putHash(t, h, "ann", want)
	first := hashOf(t, h, "ann")
	if first.Hash != want.Hash || !first.Disabled || first.Version <= 0 {
		t.Errorf("got %+v, want %+v with a version", first, want)
	}
	changed := first
	changed.Disabled = false
	putHash(t, h, "ann", changed)
	second := hashOf(t, h, "ann")
	if second.Hash != want.Hash || second.Disabled || second.Version <= first.Version {
		t.Errorf("got %+v after %+v", second, first)
	}
}

func entriesAreApart(t *testing.T, h embedded.Hashes) {
	putHash(t, h, "ann", embedded.Entry{Hash: "a"})
	putHash(t, h, "ann2", embedded.Entry{Hash: "b"})
	if err := h.DeleteHash(t.Context(), "ann2"); err != nil {
		t.Fatal(err)
	}
	if got := hashOf(t, h, "ann"); got.Hash != "a" {
		t.Errorf("got %+v", got)
	}
}

func staleWritesNothing(t *testing.T, h embedded.Hashes) {
	putHash(t, h, "ann", embedded.Entry{Hash: "first"})
	old := hashOf(t, h, "ann")
	putHash(t, h, "ann", embedded.Entry{Hash: "second", Version: old.Version})
	for name, version := range map[string]int64{"as if absent": 0, "former": old.Version, "future": old.Version + 1000} {
		err := h.PutHash(t.Context(), "ann", embedded.Entry{Hash: "late", Version: version})
		if directory.KindOf(err) != directory.Stale {
			t.Errorf("%s version: got %v, want kind stale", name, err)
		}
	}
	if err := h.PutHash(t.Context(), "bob", embedded.Entry{Hash: "x", Version: 7}); directory.KindOf(err) != directory.Stale {
		t.Errorf("a version of an absent entry: got %v, want kind stale", err)
	}
	if got := hashOf(t, h, "bob"); got != (embedded.Entry{}) {
		t.Errorf("an absent entry was written: %+v", got)
	}
	if got := hashOf(t, h, "ann"); got.Hash != "second" {
		t.Errorf("got %+v", got)
	}
}

func oneWriterWins(t *testing.T, h embedded.Hashes) {
	const writers = 8
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() { errs[i] = h.PutHash(t.Context(), "ann", embedded.Entry{Hash: string(rune('a' + i))}) })
	}
	wg.Wait()
	var winners []string
	for i, err := range errs {
		switch {
		case err == nil:
			winners = append(winners, string(rune('a'+i)))
		case directory.KindOf(err) != directory.Stale:
			t.Errorf("writer %d: got %v, want kind stale", i, err)
		}
	}
	if got := hashOf(t, h, "ann"); !slices.Equal(winners, []string{got.Hash}) {
		t.Errorf("writers %q succeeded and %q is stored", winners, got.Hash)
	}
}

func deletedEntry(t *testing.T, h embedded.Hashes) {
	putHash(t, h, "ann", embedded.Entry{Hash: "first", Disabled: true})
	for range 2 {
		if err := h.DeleteHash(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
	}
	gone := hashOf(t, h, "ann")
	if gone.Hash != "" {
		t.Fatalf("got %+v", gone)
	}
	putHash(t, h, "ann", embedded.Entry{Hash: "second", Version: gone.Version})
	if got := hashOf(t, h, "ann"); got.Hash != "second" || got.Disabled {
		t.Errorf("got %+v", got)
	}
}

func endedContextWritesNothing(t *testing.T, h embedded.Hashes) {
	putHash(t, h, "ann", embedded.Entry{Hash: "first"})
	before := hashOf(t, h, "ann")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.PutHash(ctx, "ann", embedded.Entry{Hash: "second", Version: before.Version}); err == nil {
		t.Error("PutHash succeeded")
	}
	if err := h.DeleteHash(ctx, "ann"); err == nil {
		t.Error("DeleteHash succeeded")
	}
	if got := hashOf(t, h, "ann"); got != before {
		t.Errorf("got %+v, want %+v", got, before)
	}
}

func hashOf(t *testing.T, h embedded.Hashes, id directory.UserID) embedded.Entry {
	t.Helper()
	e, err := h.Hash(t.Context(), id)
	if err != nil {
		t.Fatalf("Hash(%s): %v", id, err)
	}
	return e
}

func putHash(t *testing.T, h embedded.Hashes, id directory.UserID, e embedded.Entry) {
	t.Helper()
	if err := h.PutHash(t.Context(), id, e); err != nil {
		t.Fatalf("PutHash(%s): %v", id, err)
	}
}
