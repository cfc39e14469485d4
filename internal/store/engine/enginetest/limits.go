package enginetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/store/engine"
)

var limitCases = []testCase{
	{"keys that are too much", "what one engine accepts and the other does not is found out too late", badKeys},
	{"records that are too much", "the same", badRecords},
	{"commits that are too much", "the same", badCommits},
	{"queries that are too much", "the same", badQueries},
	{
		"the largest record", "all limits reached at once still fit into DynamoDB's 400 KB",
		func(t *testing.T, e engine.Engine) {
			r := largest(0, engine.MaxBody)
			for v, op := range []func(engine.Record) engine.Op{engine.Put, engine.Put, engine.Set} {
				r.Version = int64(v)
				commit(t, e, op(r))
			}
			commit(t, e, engine.Add(r.Key, 1, 0, most))
			r.Version, r.Count = 4, 1
			same(t, "the record", getOne(t, e, r.Key), r)
			q := engine.Query{Index: engine.Index6, Partition: r.Index[engine.Index6].Partition, Limit: 1}
			await(t, "the index", func() bool { return len(drain(t, e, q)) == 1 })
		},
	},
	{
		"the largest commit", "a hundred records with every position still fit into DynamoDB's 4 MB",
		func(t *testing.T, e engine.Engine) {
			var all []engine.Op
			for i := range engine.MaxOps {
				r := largest(i, 0)
				r.Body = make([]byte, engine.MaxCommit/engine.MaxOps-sizeOfParts)
				all = append(all, engine.Put(r))
			}
			commit(t, e, all...)
			all[0].Record.Body = append(all[0].Record.Body, 0)
			for i := range all {
				all[i].Record.Version = 1
			}
			wantLimit(t, e.Commit(t.Context(), all...))
		},
	},
}

// sizeOfParts is what the key and all positions of a largest record count.
const sizeOfParts = 7 * (engine.MaxPartition + engine.MaxSort)

// largest is a record whose key and positions are as long as can be.
func largest(n, body int) engine.Record {
	fill := func(what string, size int) string {
		return what + strings.Repeat("ø", (size-len(what))/2) + strings.Repeat("x", (size-len(what))%2)
	}
	name := fmt.Sprint("record ", n)
	r := engine.Record{
		Key:   key(fill(name, engine.MaxPartition), fill(name, engine.MaxSort)),
		Index: map[engine.Index]engine.Position{}, Body: make([]byte, body),
		Expires: time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC),
	}
	for _, slot := range engine.Indexes() {
		r.Index[slot] = engine.Position{
			Partition: fill(string(slot), engine.MaxPartition), Sort: fill(name+string(slot), engine.MaxSort),
		}
	}
	return r
}

// badParts is what neither a key nor a position may be.
var badParts = map[string]engine.Key{
	"no partition":           {Partition: "", Sort: "s"},
	"no sort":                {Partition: "p", Sort: ""},
	"a long partition":       {Partition: strings.Repeat("p", engine.MaxPartition+1), Sort: "s"},
	"a long sort":            {Partition: "p", Sort: strings.Repeat("s", engine.MaxSort+1)},
	"long in bytes":          {Partition: "p", Sort: strings.Repeat("ø", engine.MaxSort/2+1)},
	"partition not UTF-8":    {Partition: "p\xff", Sort: "s"},
	"sort not UTF-8":         {Partition: "p", Sort: "s\xc3"},
	"half a surrogate":       {Partition: "p", Sort: "\xed\xa0\x80"},
	"sort beyond its prefix": {Partition: "p", Sort: "s\U0010FFFF"},
}

func badKeys(t *testing.T, e engine.Engine) {
	good := key("p", "good")
	for why, k := range badParts {
		t.Log(why)
		_, err := e.Get(t.Context(), k)
		wantLimit(t, err)
		_, err = e.Get(t.Context(), good, k)
		wantLimit(t, err)
		for _, op := range []engine.Op{put(k), engine.Delete(k, 1), engine.Check(k, 0), engine.Add(k, 1, 0, 1)} {
			wantLimit(t, e.Commit(t.Context(), op))
			wantLimit(t, e.Commit(t.Context(), put(good), op))
		}
	}
	keys := make([]engine.Key, engine.MaxKeys+1)
	for i := range keys {
		keys[i] = good
	}
	_, err := e.Get(t.Context(), keys...)
	wantLimit(t, err)
	if getOne(t, e, good).Exists() {
		t.Error("a good op beside a bad one was kept")
	}
}

func badRecords(t *testing.T, e engine.Engine) {
	good := key("p", "good")
	in := func(slot engine.Index) map[engine.Index]engine.Position {
		return map[engine.Index]engine.Position{slot: {Partition: "p", Sort: "s"}}
	}
	for why, change := range map[string]func(*engine.Record){
		"a large body":            func(r *engine.Record) { r.Body = make([]byte, engine.MaxBody+1) },
		"an unknown index":        func(r *engine.Record) { r.Index = in("i7") },
		"the table as an index":   func(r *engine.Record) { r.Index = in("") },
		"a version below all":     func(r *engine.Record) { r.Version = -2 },
		"expiry before 1970":      func(r *engine.Record) { r.Expires = time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC) },
		"expiry in 1970's second": func(r *engine.Record) { r.Expires = time.Unix(0, 0) },
		"expiry after year 9999":  func(r *engine.Record) { r.Expires = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		t.Log(why)
		r := engine.Record{Key: key("p", "s")}
		change(&r)
		op := engine.Put(r)
		wantLimit(t, e.Commit(t.Context(), op))
		wantLimit(t, e.Commit(t.Context(), put(good), op))
	}
	for why, k := range badParts {
		t.Log("position:", why)
		index := map[engine.Index]engine.Position{engine.Index6: engine.Position(k)}
		wantLimit(t, e.Commit(t.Context(), engine.Put(engine.Record{Key: key("p", "s"), Index: index})))
	}
	same(t, "what was kept", drain(t, e, engine.Query{Partition: "p", Limit: 10}), []engine.Record(nil))
}

func badCommits(t *testing.T, e engine.Engine) {
	k := key("p", "s")
	many := make([]engine.Op, engine.MaxOps+1)
	for i := range many {
		many[i] = put(key("p", fmt.Sprint(i)))
	}
	largeOnes := make([]engine.Op, 11)
	for i := range largeOnes {
		largeOnes[i] = engine.Put(engine.Record{Key: key("p", fmt.Sprint(i)), Body: large(i)})
	}
	for why, ops := range map[string][]engine.Op{
		"too many ops":             many,
		"a key twice":              {put(k), put(key("p", "other")), put(k)},
		"a key checked and put":    {engine.Check(k, 0), put(k)},
		"more than fits":           largeOnes,
		"a check of any version":   {engine.Check(k, engine.AnyVersion)},
		"an add that can never be": {engine.Add(k, 1, 5, 4)},
		"an add at a version":      {{Kind: engine.OpAdd, Record: engine.Record{Key: k, Version: 1}, Delta: 1, Max: 1}},
		"no kind":                  {{Record: engine.Record{Key: k}}},
		"a kind there is not":      {{Kind: "swap", Record: engine.Record{Key: k}}},
		"one bad op beside others": {put(key("p", "1")), engine.Check(key("p", "2"), 7), put(key("p", ""))},
	} {
		t.Log(why)
		wantLimit(t, e.Commit(t.Context(), ops...))
	}
	same(t, "what was kept", drain(t, e, engine.Query{Partition: "p", Limit: 10}), []engine.Record(nil))
}

func badQueries(t *testing.T, e engine.Engine) {
	for why, q := range map[string]engine.Query{
		"no limit":                {Partition: "p"},
		"a limit below 0":         {Partition: "p", Limit: -1},
		"a great limit":           {Partition: "p", Limit: engine.MaxLimit + 1},
		"no partition":            {Limit: 1},
		"a long partition":        {Partition: strings.Repeat("p", engine.MaxPartition+1), Limit: 1},
		"partition not UTF-8":     {Partition: "p\xff", Limit: 1},
		"an unknown index":        {Index: "i7", Partition: "p", Limit: 1},
		"from not UTF-8":          {Partition: "p", From: "\xff", Limit: 1},
		"to not UTF-8":            {Partition: "p", To: "\xff", Limit: 1},
		"a bound beyond all keys": {Partition: "p", To: strings.Repeat("s", engine.MaxSort+5), Limit: 1},
	} {
		t.Log(why)
		_, err := e.Query(t.Context(), q)
		wantLimit(t, err)
	}
	from, to := engine.Prefix(strings.Repeat("s", engine.MaxSort))
	if _, err := e.Query(t.Context(), engine.Query{Partition: "p", From: from, To: to, Limit: 1}); err != nil {
		t.Errorf("the longest prefix: %v", err)
	}
}
