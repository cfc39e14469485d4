package bolt_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
	"github.com/caretaker/caretaker/internal/store/engine/enginetest"
)

func open(tb testing.TB, path string, options ...bolt.Option) *bolt.Engine {
	tb.Helper()
	e, err := bolt.Open(path, options...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := e.Close(); err != nil {
			tb.Error(err)
		}
	})
	return e
}

func file(tb testing.TB) string {
	tb.Helper()
	return filepath.Join(tb.TempDir(), "store.db")
}

func TestFileMeetsThePort(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, func(t *testing.T) engine.Engine { return open(t, file(t), bolt.WithClock(time.Now)) })
}

func TestMemoryMeetsThePort(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, func(t *testing.T) engine.Engine { return open(t, bolt.Memory) })
}

func TestFeedMeetsThePort(t *testing.T) {
	t.Parallel()
	enginetest.RunFeed(t, func(t *testing.T, wanted func(engine.Key) bool) enginetest.Source {
		path := file(t)
		var source func(t *testing.T) enginetest.Source
		source = func(t *testing.T) enginetest.Source {
			e := open(t, path, bolt.WithFeed(wanted))
			return enginetest.Source{Engine: e, Feed: e, Restart: func(t *testing.T) enginetest.Source {
				if err := e.Close(); err != nil {
					t.Fatal(err)
				}
				return source(t)
			}}
		}
		return source(t)
	})
}

func TestRecordsOutliveTheProgram(t *testing.T) {
	t.Parallel()
	path, k := file(t), engine.Key{Partition: "p", Sort: "s"}
	e := open(t, path)
	want := engine.Record{
		Key: k, Body: []byte("kept"),
		Index: map[engine.Index]engine.Position{engine.Index2: {Partition: "i", Sort: "x"}},
	}
	if err := errors.Join(e.Commit(t.Context(), engine.Put(want)), e.Close()); err != nil {
		t.Fatal(err)
	}
	page, err := open(t, path).Query(t.Context(), engine.Query{Index: engine.Index2, Partition: "i", Limit: 1})
	if err != nil || len(page.Records) != 1 || string(page.Records[0].Body) != "kept" {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestFileIsReadableForThisUserOnly(t *testing.T) {
	t.Parallel()
	path := file(t)
	open(t, path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestOpenRefusesWithAReason(t *testing.T) {
	t.Parallel()
	for reason, made := range map[string]func(t *testing.T, path string){
		"in use by another process": func(t *testing.T, path string) { open(t, path) },
		"is not a store": func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("name,email\n", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"not of this program": func(t *testing.T, path string) { bucket(t, path, "users", "k", "v") },
		`it has format "2"`:   func(t *testing.T, path string) { bucket(t, path, "meta", "format", "2") },
		"no such file":        func(_ *testing.T, path string) { _ = os.RemoveAll(filepath.Dir(path)) },
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "store", "s.db")
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			made(t, path)
			begun := time.Now()
			e, err := bolt.Open(path)
			if err == nil {
				t.Fatal("opened", e.Close())
			}
			if !strings.Contains(err.Error(), reason) || !strings.Contains(err.Error(), path) {
				t.Errorf("says %q", err)
			}
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("took %s to say so", took)
			}
		})
	}
}

// bucket makes a bbolt file with one entry.
func bucket(t *testing.T, path, name, k, v string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte(name))
		if err != nil {
			return err
		}
		return b.Put([]byte(k), []byte(v))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestMemoryLeavesNothingBehind(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	e := open(t, bolt.Memory)
	if err := e.Commit(t.Context(), engine.Put(engine.Record{Key: engine.Key{Partition: "p", Sort: "s"}})); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestClosedEngineRefusesAndWakesTheFeed(t *testing.T) {
	t.Parallel()
	e, k := open(t, bolt.Memory), engine.Key{Partition: "p", Sort: "s"}
	waiting := make(chan error)
	go func() {
		_, err := e.Next(t.Context(), 1)
		waiting <- err
	}()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	_, get := e.Get(t.Context(), k)
	_, query := e.Query(t.Context(), engine.Query{Partition: "p", Limit: 1})
	for what, err := range map[string]error{
		"get": get, "query": query, "commit": e.Commit(t.Context(), engine.Check(k, 0)),
		"next": <-waiting, "done": e.Done(t.Context(), "0000000000000001"),
	} {
		if !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := e.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
}

func TestDoneRefusesWhatNextHasNotHandedOut(t *testing.T) {
	t.Parallel()
	e := open(t, bolt.Memory)
	for _, sequence := range []string{"", "1", "zz00000000000001", "000000000000000001"} {
		var limit *engine.LimitError
		if err := e.Done(t.Context(), sequence); !errors.As(err, &limit) {
			t.Errorf("%q: %v", sequence, err)
		}
	}
}

func TestPageSaysThatItIsTheLast(t *testing.T) {
	t.Parallel()
	e := open(t, bolt.Memory)
	for _, sort := range []string{"a", "b"} {
		op := engine.Put(engine.Record{Key: engine.Key{Partition: "p", Sort: sort}})
		if err := e.Commit(t.Context(), op); err != nil {
			t.Fatal(err)
		}
	}
	page, err := e.Query(t.Context(), engine.Query{Partition: "p", Limit: 2})
	if err != nil || len(page.Records) != 2 || page.Next != "" {
		t.Errorf("%+v, %v", page, err)
	}
}
