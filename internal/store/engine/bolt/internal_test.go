package bolt

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"github.com/caretaker/caretaker/internal/store/engine"
)

func openFile(tb testing.TB) *Engine {
	tb.Helper()
	e, err := Open(filepath.Join(tb.TempDir(), "store.db"))
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func transactions(tb testing.TB, e *Engine) int {
	tb.Helper()
	id := 0
	if err := e.db.View(func(tx *bbolt.Tx) error { id = tx.ID(); return nil }); err != nil {
		tb.Fatal(err)
	}
	return id
}

func TestWaitingCommitsShareATransaction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := openFile(t)
		before := transactions(t, e)
		gate := make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			err := e.submit(t.Context(), func(*transaction) (refused, broken error) { <-gate; return nil, nil })
			if err != nil {
				t.Error(err)
			}
		})
		synctest.Wait() // the writer is busy
		k := engine.Key{Partition: "p", Sort: "s"}
		kept, refused := 0, 0
		var mu sync.Mutex
		for range 60 {
			all.Go(func() {
				err := e.Commit(t.Context(), engine.Add(k, 1, 0, 50))
				mu.Lock()
				defer mu.Unlock()
				if _, ok := errors.AsType[*engine.ConditionError](err); ok {
					refused++
				} else if err == nil {
					kept++
				}
			})
		}
		synctest.Wait() // they have queued up
		close(gate)
		all.Wait()
		if kept != 50 || refused != 10 {
			t.Errorf("%d kept, %d refused", kept, refused)
		}
		if n := transactions(t, e) - before; n != 1 {
			t.Errorf("%d transactions for what was waiting", n)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestCommitIsWithdrawnUntilTheWriterHasIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := openFile(t)
		gate := make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			_ = e.submit(t.Context(), func(*transaction) (refused, broken error) { <-gate; return nil, nil })
		})
		synctest.Wait() // the writer is busy
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		k := engine.Key{Partition: "p", Sort: "s"}
		if err := e.Commit(ctx, engine.Put(engine.Record{Key: k})); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		close(gate)
		all.Wait()
		if r, err := e.Get(t.Context(), k); err != nil || r[0].Exists() {
			t.Errorf("%+v, %v", r, err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestDamagedRecordFailsNoNeighbour(t *testing.T) {
	t.Parallel()
	e := openFile(t)
	t.Cleanup(func() { _ = e.Close() })
	good, bad := engine.Key{Partition: "p", Sort: "good"}, engine.Key{Partition: "p", Sort: "bad"}
	err := e.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketRecords).Put(recordKey(bad), []byte("garbage")) })
	if err != nil {
		t.Fatal(err)
	}
	group := []*request{}
	for _, k := range []engine.Key{good, bad, {Partition: "p", Sort: "other"}} {
		group = append(group, &request{answer: make(chan error, 1), do: func(t *transaction) (refused, broken error) {
			return t.commit([]engine.Op{engine.Add(k, 1, 0, 9)})
		}})
	}
	e.writeGroup(group)
	for i, r := range group {
		if err := <-r.answer; errors.Is(err, errRecord) != (i == 1) || errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("request %d: %v", i, err)
		}
	}
	if _, err := e.Get(t.Context(), bad); !errors.Is(err, errRecord) {
		t.Errorf("get: %v", err)
	}
	if r, err := e.Get(t.Context(), good); err != nil || r[0].Count != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func FuzzRecord(f *testing.F) {
	f.Add(int64(1), int64(0), int64(-3), "", "", []byte("body"))
	f.Add(int64(1<<62), int64(253402300799), int64(1<<62), "p", "s\x00", []byte{})
	f.Fuzz(func(t *testing.T, version, expires, count int64, partition, sort string, body []byte) {
		r := engine.Record{Key: engine.Key{Partition: "p", Sort: "s"}, Version: max(version, 1), Count: count}
		if expires > 0 && expires < 1<<40 {
			r.Expires = time.Unix(expires, 0).UTC()
		}
		if partition != "" {
			r.Index = map[engine.Index]engine.Position{
				engine.Index2: {Partition: partition, Sort: sort}, engine.Index6: {Partition: sort, Sort: partition},
			}
		}
		if len(body) > 0 {
			r.Body = body
		}
		got, err := decodeRecord(r.Key, encodeRecord(r))
		if len(got.Body) == 0 {
			got.Body = nil
		}
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Fatalf("%+v came back as %+v, %v", r, got, err)
		}
	})
}

// Whatever is in the file is refused or means one record; it never brings the program down.
func FuzzDecodeRecord(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{layout, 1, 0, 0, 7, 1})
	f.Add([]byte{2, 1, 0, 0, 0})
	f.Add(encodeRecord(engine.Record{
		Version: 3, Index: map[engine.Index]engine.Position{engine.Index1: {Partition: "p", Sort: "s"}},
	}))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(engine.Key{Partition: "p", Sort: "s"}, b)
		if err != nil {
			return
		}
		again, err := decodeRecord(r.Key, encodeRecord(r))
		if err != nil || fmt.Sprintf("%#v", again) != fmt.Sprintf("%#v", r) {
			t.Fatalf("%x is %+v, and again %+v, %v", b, r, again, err)
		}
	})
}

func FuzzDecodeChange(f *testing.F) {
	id := recordKey(engine.Key{Partition: "p", Sort: "s"})
	f.Add(appendText(nil, string(id)))
	f.Add(append(appendText(nil, string(id)), encodeRecord(engine.Record{Version: 1})...))
	f.Fuzz(func(t *testing.T, entry []byte) {
		change, err := decodeChange(number(1), entry)
		if err == nil && change.Record.Exists() && change.Record.Key != change.Key {
			t.Fatalf("%x: %+v", entry, change)
		}
	})
}
