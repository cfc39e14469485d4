package enginetest

import (
	"fmt"
	"math"
	"testing"

	"github.com/caretaker/caretaker/internal/store/engine"
)

var commitCases = []testCase{
	{
		"an op alone", "an engine may write a single record by another way than several",
		func(t *testing.T, e engine.Engine) {
			eachOp(t, e, func(op engine.Op) ([]engine.Op, int) { return []engine.Op{op}, 0 })
		},
	},
	{
		"an op in company", "the same op means the same whether others are committed with it or not",
		func(t *testing.T, e engine.Engine) {
			eachOp(t, e, func(op engine.Op) ([]engine.Op, int) {
				return []engine.Op{put(key("company", op.Record.Key.Sort)), op}, 1
			})
			for _, row := range opRows {
				companion := getOne(t, e, key("company", row.name))
				if companion.Exists() == row.fails {
					t.Errorf("%s: fails is %t, and the op beside it was kept: %t", row.name, row.fails, companion.Exists())
				}
			}
		},
	},
	{
		"every failing op is named and nothing is written", "the caller turns each into its own message to the user",
		namesEveryFailure,
	},
	{
		"a hundred ops", "the most a Commit may have",
		func(t *testing.T, e engine.Engine) {
			ops := make([]engine.Op, engine.MaxOps)
			for i := range ops {
				ops[i] = put(key("p", fmt.Sprintf("%03d", i)))
			}
			commit(t, e, ops...)
			if n := len(drain(t, e, engine.Query{Partition: "p", Limit: engine.MaxLimit})); n != len(ops) {
				t.Errorf("%d of %d records are there", n, len(ops))
			}
		},
	},
	{
		"checks alone", "a Commit may do nothing but look",
		func(t *testing.T, e engine.Engine) {
			a, b := key("p", "a"), key("p", "b")
			commit(t, e, put(a))
			commit(t, e, engine.Check(a, 1), engine.Check(b, 0))
			err := e.Commit(t.Context(), engine.Check(a, 2), engine.Check(b, 0), engine.Check(key("p", "c"), 1))
			wantFailed(t, err, 0, 2)
			if r := getOne(t, e, a); r.Version != 1 {
				t.Errorf("a check left version %d", r.Version)
			}
		},
	},
	{
		"no ops", "a caller without changes need not look first",
		func(t *testing.T, e engine.Engine) { commit(t, e) },
	},
}

// opRow is an op on a record in a certain state. The row's name is the record's sort key.
type opRow struct {
	name   string
	before []engine.Op   // committed one by one; keys are filled in
	op     engine.Op     // its key is filled in
	fails  bool          // the condition does not hold
	after  engine.Record // what is there afterwards; Version 0: nothing
}

var (
	text  = engine.Record{Body: []byte("text"), Count: 7, Index: at("x")}
	other = engine.Record{Body: []byte("other")}
	none  = engine.Key{}
	gone  = engine.Record{}

	textThere  = ops(engine.Put(text))
	otherThere = ops(engine.Put(other))
	otherTwice = ops(engine.Put(other), engine.Set(other))
	addOne     = engine.Add(none, 1, 0, 2)
)

func at(sort string) map[engine.Index]engine.Position {
	return map[engine.Index]engine.Position{engine.Index1: {Partition: "index", Sort: sort}}
}

// version gives the record the version that an op expects or that is read back.
func version(r engine.Record, v int64) engine.Record {
	r.Version = v
	return r
}

const (
	least = math.MinInt64
	most  = math.MaxInt64
)

var opRows = []opRow{
	{"put, absent", nil, engine.Put(text), false, version(text, 1)},
	// A new record must not overwrite one.
	{"put, there", otherThere, engine.Put(text), true, version(other, 1)},
	{"put at its version", otherThere, engine.Put(version(text, 1)), false, version(text, 2)},
	{"put at an older version", otherTwice, engine.Put(version(text, 1)), true, version(other, 2)},
	{"put at a newer version", otherThere, engine.Put(version(text, 2)), true, version(other, 1)},
	// A change must not bring back a deleted record.
	{"put at a version, absent", nil, engine.Put(version(text, 1)), true, gone},
	// Nothing of the old record remains.
	{"put of less", textThere, engine.Put(version(gone, 1)), false, version(gone, 2)},
	// Versions start again.
	{"put after delete", ops(engine.Put(other), engine.Delete(none, 1)), engine.Put(text), false, version(text, 1)},

	{"set, absent", nil, engine.Set(text), false, version(text, 1)},
	// The version still grows, so others notice.
	{"set, there", ops(engine.Put(other), engine.Set(other)), engine.Set(text), false, version(text, 3)},
	// Nothing of the old record remains.
	{"set of less", textThere, engine.Set(gone), false, version(gone, 2)},

	{"delete at its version", textThere, engine.Delete(none, 1), false, gone},
	{"delete at another version", textThere, engine.Delete(none, 2), true, version(text, 1)},
	// It is somebody else's deletion.
	{"delete at a version, absent", nil, engine.Delete(none, 1), true, gone},
	{"delete any", textThere, engine.Delete(none, engine.AnyVersion), false, gone},
	{"delete any, absent", nil, engine.Delete(none, engine.AnyVersion), false, gone},
	// A check, in effect.
	{"delete version 0, absent", nil, engine.Delete(none, 0), false, gone},
	{"delete version 0, there", textThere, engine.Delete(none, 0), true, version(text, 1)},

	{"check of its version", textThere, engine.Check(none, 1), false, version(text, 1)},
	{"check of another version", textThere, engine.Check(none, 2), true, version(text, 1)},
	{"check of absence", nil, engine.Check(none, 0), false, gone},
	{"check of absence, there", textThere, engine.Check(none, 0), true, version(text, 1)},
	{"check of a version, absent", nil, engine.Check(none, 1), true, gone},

	// An absent record counts from 0.
	{"add, absent", nil, engine.Add(none, 5, 0, 5), false, count(gone, 1, 5)},
	{"add, absent, below 0", nil, engine.Add(none, -1, 0, most), true, gone},
	{"add, absent, to a negative", nil, engine.Add(none, -1, -1, 0), false, count(gone, 1, -1)},
	{"add, absent, above the most", nil, engine.Add(none, 6, 0, 5), true, gone},
	// All else stays.
	{"add, there", textThere, engine.Add(none, 3, least, most), false, count(text, 2, 10)},
	// A put of 0 and no put are the same.
	{"add, there without a count", otherThere, engine.Add(none, 3, 3, 3), false, count(other, 2, 3)},
	// Bounds are inclusive.
	{"add up to the most", textThere, engine.Add(none, 3, 0, 10), false, count(text, 2, 10)},
	{"add above the most", textThere, engine.Add(none, 3, 0, 9), true, version(text, 1)},
	{"add down to the least", textThere, engine.Add(none, -7, 0, 10), false, count(text, 2, 0)},
	{"add below the least", textThere, engine.Add(none, -8, 0, 10), true, version(text, 1)},
	// Looks at the bounds all the same.
	{"add nothing", textThere, engine.Add(none, 0, 8, 9), true, version(text, 1)},
	{"add to the largest number", textThere, engine.Add(none, most-7, 0, most), false, count(text, 2, most)},
	// It would wrap around to a negative.
	{"add beyond the largest number", textThere, engine.Add(none, most-6, least, most), true, version(text, 1)},
	{"add to the smallest number", textThere, engine.Add(none, least, least, 0), false, count(text, 2, least+7)},
	{"add after add", ops(addOne, addOne), addOne, true, count(gone, 2, 2)},
	// An add raises the version.
	{"put after add", ops(engine.Put(other), addOne), engine.Put(version(text, 1)), true, count(other, 2, 1)},
}

func ops(all ...engine.Op) []engine.Op { return all }

func count(r engine.Record, version, count int64) engine.Record {
	r.Version, r.Count = version, count
	return r
}

// eachOp commits every row's op in the form that wrap gives it, at the position that wrap says.
func eachOp(t *testing.T, e engine.Engine, wrap func(engine.Op) (ops []engine.Op, position int)) {
	t.Helper()
	for _, row := range opRows {
		k := key("rows", row.name)
		for _, op := range row.before {
			op.Record.Key = k
			commit(t, e, op)
		}
		row.op.Record.Key = k
		ops, position := wrap(row.op)
		err := e.Commit(t.Context(), ops...)
		t.Logf("%s: %v", row.name, err)
		if row.fails {
			wantFailed(t, err, position)
		} else if err != nil {
			t.Fatal(err)
		}
		if row.after.Exists() {
			row.after.Key = k
		}
		same(t, row.name, getOne(t, e, k), row.after)
	}
}

func namesEveryFailure(t *testing.T, e engine.Engine) {
	there, moved := key("p", "there"), key("p", "moved")
	commit(t, e, put(there), engine.Put(engine.Record{Key: moved, Index: at("before")}))
	err := e.Commit(t.Context(),
		put(there), // 0 fails
		put(key("p", "new")),
		engine.Delete(key("p", "gone"), 3), // 2 fails
		engine.Put(engine.Record{Key: moved, Version: 1, Index: at("after")}),
		engine.Check(key("p", "absent"), 1), // 4 fails
		engine.Add(key("p", "count"), 1, 0, 9),
		engine.Add(key("p", "full"), 1, 0, 0), // 6 fails
		engine.Set(engine.Record{Key: key("p", "set")}),
		engine.Delete(key("p", "other"), engine.AnyVersion),
	)
	wantFailed(t, err, 0, 2, 4, 6)
	for _, sort := range []string{"new", "count", "full", "set"} {
		if r := getOne(t, e, key("p", sort)); r.Exists() {
			t.Errorf("%s was written: %+v", sort, r)
		}
	}
	if r := getOne(t, e, moved); r.Version != 1 || r.Index[engine.Index1].Sort != "before" {
		t.Errorf("the record to be moved is now %+v", r)
	}
	// An index may lag, so absence is looked for once something written later is listed.
	commit(t, e, engine.Put(engine.Record{Key: key("p", "marker"), Index: at("marker")}))
	q := engine.Query{Index: engine.Index1, Partition: "index", Limit: 10}
	await(t, "the marker in the index", func() bool { return len(drain(t, e, q)) >= 2 })
	same(t, "the index", sorts(drain(t, e, q)), []string{"moved", "marker"})
}
