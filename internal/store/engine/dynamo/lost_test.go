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

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	calm := local(t)
	table := newTable(t, calm)
	steady := dynamo.New(calm, table)
	company := func(name string) engine.Op { return engine.Check(engine.Key{Partition: "absent", Sort: name}, 0) }

	for name, c := range map[string]struct {
		stored  bool // at version 1, with count 1
		never   bool // the write does not get there
		op      engine.Op
		company bool
		between *engine.Op
		wantErr error
		version int64 // afterwards
		count   int64
	}{
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
			k := engine.Key{Partition: "p", Sort: name}
			if c.stored {
				if err := steady.Commit(t.Context(), engine.Put(engine.Record{Key: k, Count: 1})); err != nil {
					t.Fatal(err)
				}
			}
			l := &lossy{arrives: !c.never}
			if c.between != nil {
				l.between = func() {
					op := *c.between
					op.Record.Key = k
					ops := []engine.Op{op}
					if op.Kind == engine.OpAdd {
						ops = append(ops, company(name))
					}
					if err := steady.Commit(t.Context(), ops...); err != nil {
						t.Error(err)
					}
				}
			}
			e := dynamo.New(local(t, func(o *dynamodb.Options) { o.HTTPClient = l }), table)
			c.op.Record.Key = k
			ops := []engine.Op{c.op}
			if c.company {
				ops = append(ops, company(name))
			}
			if err := e.Commit(t.Context(), ops...); !errors.Is(err, c.wantErr) {
				t.Errorf("%v, want %v", err, c.wantErr)
			}
			got, err := steady.Get(t.Context(), k)
			if err != nil || got[0].Version != c.version || got[0].Count != c.count {
				t.Errorf("left %+v, %v", got, err)
			}
			if !l.used.Load() {
				t.Error("nothing was cut")
			}
		})
	}
}
