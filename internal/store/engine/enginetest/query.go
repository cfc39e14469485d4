package enginetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/store/engine"
)

var queryCases = []testCase{
	{
		"a partition and nothing else", "partitions keep organisations apart",
		func(t *testing.T, e engine.Engine) {
			commit(t, e, put(key("p", "1")), put(key("p", "2")))
			commit(t, e, put(key("pp", "3")), put(key("P", "4")), put(key("p\x00", "5")))
			same(t, "p", sorts(drain(t, e, engine.Query{Partition: "p", Limit: 10})), []string{"1", "2"})
			same(t, "an empty one", drain(t, e, engine.Query{Partition: "q", Limit: 10}), []engine.Record(nil))
		},
	},
	{
		"records are whole", "a list needs no second read",
		func(t *testing.T, e engine.Engine) {
			want := full(key("p", "s"))
			commit(t, e, engine.Put(want))
			want.Version = 1
			same(t, "the page", drain(t, e, engine.Query{Partition: "p", Limit: 1}), []engine.Record{want})
		},
	},
	{
		"bounds, direction and pages", "all of them together, compared with a plain list",
		func(t *testing.T, e engine.Engine) { rangesAgree(t, e, "", commitPlain) },
	},
	{
		"a prefix", "what sorts right behind the prefix is not part of it",
		func(t *testing.T, e engine.Engine) {
			for _, sort := range []string{"a", "a{", "a|", "a|1", "a|\x00", "a|z\U0010FFFE", "a|\U0010FFFE", "a}", "A|1"} {
				commit(t, e, put(key("p", sort)))
			}
			from, to := engine.Prefix("a|")
			got := sorts(drain(t, e, engine.Query{Partition: "p", From: from, To: to, Limit: 3}))
			same(t, "a|", got, []string{"a|", "a|\x00", "a|1", "a|z\U0010FFFE", "a|\U0010FFFE"})
			from, to = engine.Prefix("")
			if n := len(drain(t, e, engine.Query{Partition: "p", From: from, To: to, Limit: 100})); n != 9 {
				t.Errorf("the empty prefix covers %d of 9", n)
			}
		},
	},
	{
		"a page after a deleted record", "the record a page ended at may be gone when the next is asked for",
		func(t *testing.T, e engine.Engine) {
			for _, backwards := range []bool{false, true} {
				pageAfterDeleted(t, e, fmt.Sprint("p ", backwards), backwards)
			}
		},
	},
	{
		"large records", "DynamoDB ends a page at 1 MB whatever the limit",
		func(t *testing.T, e engine.Engine) {
			var want []string
			for i := range 9 {
				k := key("p", fmt.Sprint(i))
				commit(t, e, engine.Put(engine.Record{Key: k, Body: large(i)}))
				want = append(want, k.Sort)
			}
			same(t, "forwards", sorts(drain(t, e, engine.Query{Partition: "p", Limit: 100})), want)
			slices.Reverse(want)
			same(t, "backwards", sorts(drain(t, e, engine.Query{Partition: "p", Limit: 100, Backwards: true})), want)
		},
	},
	{
		"more records than fit into many small pages", "whole lists are read with the greatest limit",
		func(t *testing.T, e engine.Engine) {
			var all []engine.Op
			for i := range 1005 {
				all = append(all, put(key("p", fmt.Sprintf("%04d", i))))
			}
			commitAll(t, e, all)
			for _, limit := range []int{1000, engine.MaxLimit} {
				if n := len(drain(t, e, engine.Query{Partition: "p", Limit: limit})); n != len(all) {
					t.Errorf("%d of %d records, %d in a page", n, len(all), limit)
				}
			}
		},
	},
	{
		"a cursor that is none, or another query's", "it comes from outside and must end as a 400, never as another list",
		cursorsAreChecked,
	},
}

// commitPlain puts a record with this sort key into the partition.
func commitPlain(partition, sort string) engine.Op { return put(key(partition, sort)) }

// rangesAgree compares queries over every pair of bounds, both directions and several limits with a sorted list.
// made makes the record that the query lists under partition and sort.
func rangesAgree(t *testing.T, e engine.Engine, slot engine.Index, made func(partition, sort string) engine.Op) {
	t.Helper()
	all := []string{"a", "a/", "aa", "b", "b|", "c", "é", "\U0001F600"}
	for _, sort := range all {
		commit(t, e, made("p", sort), made("other", sort))
	}
	everything := engine.Query{Index: slot, Partition: "p", Limit: 100}
	await(t, "all records listed", func() bool { return len(drain(t, e, everything)) == len(all) })

	for _, from := range []string{"", "a/", "ab", "é"} {
		for _, to := range []string{"", "a", "a/", "b|", "bb", "\U0001F600"} {
			want := slices.DeleteFunc(slices.Clone(all), func(s string) bool {
				return s < from || to != "" && s > to
			})
			for _, limit := range []int{1, 3, 100} {
				q := engine.Query{Index: slot, Partition: "p", From: from, To: to, Limit: limit}
				same(t, fmt.Sprintf("%+v", q), sorts(drain(t, e, q)), want)
				q.Backwards = true
				got := sorts(drain(t, e, q))
				slices.Reverse(got)
				same(t, fmt.Sprintf("%+v", q), got, want)
			}
		}
	}
}

func pageAfterDeleted(t *testing.T, e engine.Engine, partition string, backwards bool) {
	t.Helper()
	for sort := range strings.SplitSeq("abcdef", "") {
		commit(t, e, put(key(partition, sort)))
	}
	want := []string{"d", "e", "f"}
	last := "c"
	if backwards {
		want, last = []string{"c", "b", "a"}, "d"
	}
	q := engine.Query{Partition: partition, Limit: 3, Backwards: backwards}
	page, err := e.Query(t.Context(), q)
	if err != nil || len(page.Records) != 3 || page.Next == "" {
		t.Fatalf("%+v, %v", page, err)
	}
	commit(t, e, engine.Delete(key(partition, last), 1))
	q.After = page.Next
	same(t, "what follows", sorts(drain(t, e, q)), want)
}

func cursorsAreChecked(t *testing.T, e engine.Engine) {
	for _, sort := range []string{"a", "b", "c"} {
		r := engine.Record{Key: key("p", sort), Index: at(sort)}
		commit(t, e, engine.Put(r), put(key("q", sort)))
	}
	table := engine.Query{Partition: "p", Limit: 1}
	index := engine.Query{Index: engine.Index1, Partition: "index", Limit: 1}
	await(t, "the index", func() bool { return len(drain(t, e, index)) == 3 })
	for _, q := range []engine.Query{table, index} {
		page, err := e.Query(t.Context(), q)
		if err != nil || page.Next == "" {
			t.Fatalf("%+v, %v", page, err)
		}
		for why, change := range map[string]func(*engine.Query){
			"another partition": func(q *engine.Query) { q.Partition = "q" },
			"another index":     func(q *engine.Query) { q.Index = engine.Index2 },
			"other bounds":      func(q *engine.Query) { q.To = "z" },
			"other direction":   func(q *engine.Query) { q.Backwards = true },
			"cut off":           func(q *engine.Query) { q.After = q.After[:len(q.After)-2] },
			"not a cursor":      func(q *engine.Query) { q.After = "../../etc" },
		} {
			wrong := q
			wrong.After = page.Next
			change(&wrong)
			if page, err := e.Query(t.Context(), wrong); !errors.Is(err, engine.ErrCursor) {
				t.Errorf("%s: %+v, %v", why, page, err)
			}
		}
		q.After, q.Limit = page.Next, 2
		if rest := drain(t, e, q); len(rest) != 2 {
			t.Errorf("with another limit %d of 2 records follow", len(rest))
		}
	}
}
