package enginetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/caretaker/caretaker/internal/store/engine"
)

var orderCases = []testCase{
	{
		"sort keys are in byte order", "a collation, or UTF-16, orders them otherwise and pages would skip records",
		func(t *testing.T, e engine.Engine) {
			shuffled := slices.Clone(ascending)
			slices.Reverse(shuffled)
			for _, sort := range shuffled {
				commit(t, e, engine.Put(engine.Record{Key: key("p", sort), Index: at(sort)}))
			}
			same(t, "the table", sorts(drain(t, e, engine.Query{Partition: "p", Limit: 4})), ascending)
			q := engine.Query{Index: engine.Index1, Partition: "index", Limit: 4}
			await(t, "the index", func() bool { return len(drain(t, e, q)) == len(ascending) })
			same(t, "the index", sorts(drain(t, e, q)), ascending)
		},
	},
	{
		"letter case is kept apart", "two accounts must never become one",
		func(t *testing.T, e engine.Engine) {
			wantApart(t, e, key("p", "ann"), key("p", "Ann"), key("P", "ann"), key("p", "ANN"))
		},
	},
	{
		"nothing is normalised", "é can be written in two ways; which one is canonical is the domain's business",
		func(t *testing.T, e engine.Engine) {
			wantApart(t, e, key("p", "\u00e9"), key("p", "e\u0301"), key("p", "\u212b"), key("p", "\u00c5"),
				key("p", "a "), key("p", "a"))
		},
	},
	{
		"parts never join", "a separator inside a name must not reach into another's record",
		func(t *testing.T, e engine.Engine) {
			wantApart(t, e, key("a", "bc"), key("ab", "c"), key("a|b", "c"), key("a", "b|c"),
				key("a\x00b", "c"), key("a", "b\x00c"),
				key("a\x01", "\x01c"), key("a\x01\x01", "c"), key("a#", "#c"), key("a", "##c"),
				key("a/b", "c"), key("a", "b/c"))
		},
	},
}

// ascending holds what breaks wrong orders: punctuation on both sides of letters and digits, control characters,
// accents, and characters beyond U+FFFF, which UTF-16 would put before U+FB00.
var ascending = []string{
	"\x00", "\x00a", "\x01", "\t", " ", "!", "#", "+", "-", "/", "/a", "0", "10", "9", ":", "A", "Z", "a", "a\x00",
	"a\x00b", "a\x01", "a ", "a/", "aa", "ab", "a|", "a}", "a~", "a\u00e9", "b", "z", "|", "}", "~", "\u007f", "\u0080",
	"\u00c5", "\u00e9", "\u00f8", "\u0301", "\u20ac", "\u212b", "\ud7ff", "\ue000", "\ufb00", "\ufffd", "\U00010000",
	"\U0001F600", "\U0010FFFE",
}

// wantApart puts a record under each key and checks that each is a record of its own, also when listed.
func wantApart(t *testing.T, e engine.Engine, keys ...engine.Key) {
	t.Helper()
	for i, k := range keys {
		commit(t, e, engine.Put(engine.Record{
			Key: k, Body: fmt.Append(nil, i),
			Index: map[engine.Index]engine.Position{engine.Index1: engine.Position(k)},
		}))
	}
	for i, r := range get(t, e, keys...) {
		if r.Key != keys[i] || string(r.Body) != fmt.Sprint(i) {
			t.Errorf("%q holds %q of %q", keys[i], r.Body, r.Key)
		}
	}
	for _, k := range keys {
		want := slices.DeleteFunc(slices.Clone(keys), func(other engine.Key) bool { return other.Partition != k.Partition })
		for _, q := range []engine.Query{{Partition: k.Partition}, {Partition: k.Partition, Index: engine.Index1}} {
			q.Limit = 100
			await(t, fmt.Sprintf("%+v", q), func() bool { return len(drain(t, e, q)) == len(want) })
		}
		one := drain(t, e, engine.Query{Partition: k.Partition, From: k.Sort, To: k.Sort, Limit: 100})
		same(t, "the range of one key", sorts(one), []string{k.Sort})
	}
}
