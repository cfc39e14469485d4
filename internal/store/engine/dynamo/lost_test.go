package dynamo_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// lossy is a transport to DynamoDB Local that cuts the connection of the first write.
type lossy struct {
	arrives bool   // before it is cut, the write gets there and is done
	between func() // what others do before the retry
	used    atomic.Bool
}

func (l *lossy) Do(r *http.Request) (*http.Response, error) {
	write := !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "GetItem")
	if !write || l.used.Swap(true) {
		return http.DefaultTransport.RoundTrip(r)
	}
	if l.arrives {
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			return nil, err
		}
		_ = res.Body.Close()
	}
	if l.between != nil {
		l.between()
	}
	return nil, errors.New("connection reset by peer")
}

// lostAnswer is a Commit whose first try is cut off, and what is there when it has ended.
type lostAnswer struct {
	stored  bool // at version 1, with count 1
	never   bool // the write does not get there
	op      engine.Op
	company bool
	between *engine.Op // what another writer does before the retry; an add is in company
	wantErr error
	version int64 // afterwards
	count   int64
}

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	calm := local(t)
	table := newTable(t, calm)
	for name, c := range map[string]lostAnswer{
		"put":                {op: engine.Put(engine.Record{}), version: 1},
		"put at its version": {stored: true, op: engine.Put(engine.Record{Version: 1, Count: 5}), version: 2, count: 5},
		"set":                {stored: true, op: engine.Set(engine.Record{Count: 5}), version: 2, count: 5},
		"add":                {stored: true, op: engine.Add(engine.Key{}, 1, 0, 9), version: 2, count: 2},
		"add to nothing":     {op: engine.Add(engine.Key{}, 1, 0, 9), version: 1, count: 1},
		"delete":             {stored: true, op: engine.Delete(engine.Key{}, engine.AnyVersion)},
		"put in company": {
			stored: true, company: true, op: engine.Put(engine.Record{Version: 1, Count: 5}), version: 2, count: 5,
		},
		"set in company": {
			stored: true, company: true, op: engine.Set(engine.Record{Count: 5}), version: 2, count: 5,
		},
		"add in company":       {stored: true, company: true, op: engine.Add(engine.Key{}, 1, 0, 9), version: 2, count: 2},
		"delete in company":    {stored: true, company: true, op: engine.Delete(engine.Key{}, 1)},
		"put that got nowhere": {never: true, op: engine.Put(engine.Record{}), version: 1},
		"add that got nowhere": {never: true, stored: true, op: engine.Add(engine.Key{}, 1, 0, 9), version: 2, count: 2},

		// That it is gone may be the work of this Commit, or of another.
		"delete at its version": {stored: true, op: engine.Delete(engine.Key{}, 1), wantErr: engine.ErrUnavailable},
		// What it wrote has been overwritten, so nothing tells that it did.
		"put, and another after it": {
			stored: true, op: engine.Put(engine.Record{Version: 1}), wantErr: engine.ErrUnavailable,
			between: new(engine.Set(engine.Record{Count: 7})), version: 3, count: 7,
		},
		"put that got nowhere, and another": {
			never: true, stored: true, op: engine.Put(engine.Record{Version: 1}), wantErr: engine.ErrUnavailable,
			between: new(engine.Set(engine.Record{Count: 7})), version: 2, count: 7,
		},
		// The other's transaction leaves the token where it was.
		"put, and an add of a transaction after it": {
			stored: true, op: engine.Put(engine.Record{Version: 1}), company: false,
			between: new(engine.Add(engine.Key{}, 1, 0, 9)), version: 3, count: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.run(t, dynamo.New(calm, table), table, engine.Key{Partition: "p", Sort: name})
		})
	}
}

func (c lostAnswer) run(t *testing.T, steady *dynamo.Engine, table string, k engine.Key) {
	if c.stored {
		commit(t, steady, engine.Put(engine.Record{Key: k, Count: 1}))
	}
	l := &lossy{arrives: !c.never}
	if c.between != nil {
		l.between = func() { commit(t, steady, about(k, *c.between, c.between.Kind == engine.OpAdd)...) }
	}
	e := dynamo.New(local(t, func(o *dynamodb.Options) { o.HTTPClient = l }), table)
	if err := e.Commit(t.Context(), about(k, c.op, c.company)...); !errors.Is(err, c.wantErr) {
		t.Errorf("%v, want %v", err, c.wantErr)
	}
	got, err := steady.Get(t.Context(), k)
	if err != nil || got[0].Version != c.version || got[0].Count != c.count {
		t.Errorf("left %+v, %v", got, err)
	}
	if !l.used.Load() {
		t.Error("nothing was cut")
	}
}

// about makes op one about k, in company with a check that holds if so wished.
func about(k engine.Key, op engine.Op, company bool) []engine.Op {
	op.Record.Key = k
	if company {
		return []engine.Op{op, engine.Check(engine.Key{Partition: "absent", Sort: k.Sort}, 0)}
	}
	return []engine.Op{op}
}

// commit may be called from any goroutine.
func commit(t *testing.T, e *dynamo.Engine, ops ...engine.Op) {
	t.Helper()
	if err := e.Commit(t.Context(), ops...); err != nil {
		t.Error(err)
	}
}
