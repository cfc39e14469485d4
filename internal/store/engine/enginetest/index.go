package enginetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/caretaker/caretaker/internal/store/engine"
)

var indexCases = []testCase{
	{
		"lists whole records by position", "a list by name, say, needs no second read",
		func(t *testing.T, e engine.Engine) {
			want := full(key("p", "s"))
			commit(t, e, engine.Put(want), engine.Put(engine.Record{Key: key("p", "in no index")}))
			want.Version = 1
			for _, slot := range engine.Indexes() {
				q := engine.Query{Index: slot, Partition: "of " + string(slot), Limit: 10}
				await(t, string(slot), func() bool { return len(drain(t, e, q)) == 1 })
				same(t, string(slot), drain(t, e, q), []engine.Record{want})
				q.Partition = "p"
				same(t, "the record's own partition", drain(t, e, q), []engine.Record(nil))
			}
		},
	},
	{
		"bounds, direction and pages", "the same as in the table",
		func(t *testing.T, e engine.Engine) {
			rangesAgree(t, e, engine.Index3, func(partition, sort string) engine.Op {
				return engine.Put(engine.Record{
					Key:   key("records of "+partition, sort),
					Index: map[engine.Index]engine.Position{engine.Index3: {Partition: partition, Sort: sort}},
				})
			})
		},
	},
	{
		"follows the record", "a position changes in the Commit that changes the record, whatever kind of op it is",
		followsTheRecord,
	},
	{
		"lists all that share a position", "two people may have one name; pages must not lose or repeat either",
		sharedPositions,
	},
	{
		"shows counts", "an add changes the record the index lists",
		func(t *testing.T, e engine.Engine) {
			k := key("p", "s")
			commit(t, e, engine.Put(engine.Record{Key: k, Index: at("x"), Count: 1}))
			commit(t, e, engine.Add(k, 1, 0, 2))
			wantListed(t, e, engine.Record{Key: k, Index: at("x"), Count: 2, Version: 2})
		},
	},
	{
		"a page after a record that moved away", "the position a page ended at may be gone when the next is asked for",
		func(t *testing.T, e engine.Engine) {
			for _, sort := range []string{"a", "b", "c"} {
				commit(t, e, engine.Put(engine.Record{Key: key("p", sort), Index: at(sort)}))
			}
			q := engine.Query{Index: engine.Index1, Partition: "index", Limit: 2}
			await(t, "the index", func() bool { return len(drain(t, e, q)) == 3 })
			page, err := e.Query(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "the first page", sorts(page.Records), []string{"a", "b"})
			commit(t, e, engine.Put(engine.Record{Key: key("p", "b"), Version: 1}))
			q.After = page.Next
			await(t, "the page after", func() bool { return slices.Equal(sorts(drain(t, e, q)), []string{"c"}) })
		},
	},
}

// wantListed waits until Index1 lists exactly these records, in this order.
func wantListed(t *testing.T, e engine.Engine, want ...engine.Record) {
	t.Helper()
	q := engine.Query{Index: engine.Index1, Partition: "index", Limit: 10}
	var got []engine.Record
	await(t, "the index to show the last Commit", func() bool {
		got = drain(t, e, q)
		return len(got) == len(want) && (len(want) == 0 || got[0].Version == want[0].Version)
	})
	same(t, "the index", got, want)
}

func followsTheRecord(t *testing.T, e engine.Engine) {
	r := engine.Record{Key: key("p", "s"), Index: at("first")}
	for _, step := range []struct {
		what string
		op   func(engine.Record) engine.Op
		at   map[engine.Index]engine.Position
	}{
		{"put", engine.Put, at("first")},
		{"put elsewhere", engine.Put, at("second")},
		{"put without a position", engine.Put, nil},
		{"set", engine.Set, at("third")},
		{"set elsewhere", engine.Set, at("fourth")},
		{"set without a position", engine.Set, nil},
		{"put again", engine.Put, at("first")},
	} {
		r.Index = step.at
		commit(t, e, step.op(r))
		r.Version++
		var want []engine.Record
		if step.at != nil {
			want = append(want, r)
		}
		t.Log(step.what)
		wantListed(t, e, want...)
	}
	commit(t, e, engine.Delete(r.Key, r.Version))
	wantListed(t, e)
}

func sharedPositions(t *testing.T, e engine.Engine) {
	want := map[engine.Key]bool{}
	for i := range 12 {
		r := engine.Record{Key: key(fmt.Sprint("p", i%3), fmt.Sprint(i)), Index: at([]string{"a", "b"}[i%2])}
		commit(t, e, engine.Put(r))
		want[r.Key] = true
	}
	q := engine.Query{Index: engine.Index1, Partition: "index", Limit: 100}
	await(t, "the index", func() bool { return len(drain(t, e, q)) == len(want) })
	for _, limit := range []int{1, 2, 5, 100} {
		for _, backwards := range []bool{false, true} {
			q.Limit, q.Backwards = limit, backwards
			all := drain(t, e, q)
			seen := map[engine.Key]bool{}
			for _, r := range all {
				seen[r.Key] = true
			}
			same(t, fmt.Sprintf("%+v", q), seen, want)
			if len(all) != len(want) {
				t.Errorf("%+v: %d records, %d of them different", q, len(all), len(seen))
			}
		}
	}
	q.From, q.To = "b", "b"
	if n := len(drain(t, e, q)); n != 6 {
		t.Errorf("%d of 6 records at one position", n)
	}
}
