package enginetest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/store/engine"
)

var recordCases = []testCase{
	{
		"everything comes back", "bytes, not text; positions in every slot; the largest count",
		func(t *testing.T, e engine.Engine) {
			want := full(key("p", "s"))
			commit(t, e, engine.Put(want))
			want.Version = 1
			same(t, "the record", getOne(t, e, want.Key), want)
		},
	},
	{
		"an absent record is the zero record", "Exists is all a caller has to look at",
		func(t *testing.T, e engine.Engine) {
			same(t, "the record", getOne(t, e, key("p", "s")), engine.Record{})
		},
	},
	{
		"an empty body is no body", "nil and empty are the same",
		func(t *testing.T, e engine.Engine) {
			nothing, empty := key("p", "nil"), key("p", "empty")
			commit(t, e, engine.Put(engine.Record{Key: nothing}), engine.Put(engine.Record{Key: empty, Body: []byte{}}))
			for _, r := range get(t, e, nothing, empty) {
				if r.Version != 1 || len(r.Body) != 0 || len(r.Index) != 0 || !r.Expires.IsZero() {
					t.Errorf("%+v", r)
				}
			}
		},
	},
	{
		"a put that repeats what is there", "the version tells of a write, not of a difference",
		func(t *testing.T, e engine.Engine) {
			r := full(key("p", "s"))
			for v := range int64(3) {
				commit(t, e, engine.Put(version(r, v)))
			}
			same(t, "the record", getOne(t, e, r.Key), version(r, 3))
		},
	},
	{
		"what was handed in or out is the caller's", "a cache or a codec that works in place must not change the store",
		ownSlices,
	},
	{
		"expiry is a moment, to the second", "organisations live in different time zones and clocks have fractions",
		expiryIsAMoment,
	},
	{
		"an expired record is a record", "dropping may take days, and until then a version protects it",
		func(t *testing.T, e engine.Engine) {
			k := key("p", "s")
			past := time.Now().Add(-time.Minute)
			commit(t, e, engine.Put(engine.Record{Key: k, Expires: past, Body: []byte("old")}))
			if r := getOne(t, e, k); r.Version != 1 || string(r.Body) != "old" {
				t.Fatalf("expired a minute ago and already %+v", r)
			}
			wantFailed(t, e.Commit(t.Context(), engine.Put(engine.Record{Key: k})), 0)
			commit(t, e, engine.Put(engine.Record{Key: k, Version: 1, Body: []byte("new")}))
			same(t, "the record", getOne(t, e, k), engine.Record{Key: k, Version: 2, Body: []byte("new")})
		},
	},
	{
		"get keeps order and repeats", "callers match the answer with their keys by position",
		func(t *testing.T, e engine.Engine) {
			a, b, absent := key("p", "a"), key("p", "b"), key("p", "absent")
			commit(t, e, put(a), put(b))
			got := get(t, e, b, absent, a, b, absent)
			same(t, "the records", sorts(got), []string{"b", "", "a", "b", ""})
			got[0].Body[0] = '#'
			if string(got[3].Body) != "b" {
				t.Error("two answers for one key share their body")
			}
		},
	},
	{
		"get of one key twice", "an engine may ask for a single record by another way",
		func(t *testing.T, e engine.Engine) {
			a := key("p", "a")
			commit(t, e, put(a))
			same(t, "the records", sorts(get(t, e, a, a)), []string{"a", "a"})
		},
	},
	{
		"get of nothing", "a caller with an empty list need not look first",
		func(t *testing.T, e engine.Engine) {
			if got := get(t, e); len(got) != 0 {
				t.Errorf("%+v", got)
			}
		},
	},
	{
		"get of a hundred keys", "the most a Get may have, across partitions",
		func(t *testing.T, e engine.Engine) {
			keys, ops := make([]engine.Key, engine.MaxKeys), []engine.Op(nil)
			want := make([]string, len(keys))
			for i := range keys {
				keys[i] = key(fmt.Sprint(i%7), fmt.Sprint(i))
				if i%3 > 0 {
					ops, want[i] = append(ops, put(keys[i])), keys[i].Sort
				}
			}
			commit(t, e, ops...)
			same(t, "the records", sorts(get(t, e, keys...)), want)
		},
	},
	{
		"get of more than 16 MB", "DynamoDB answers such a request in parts",
		func(t *testing.T, e engine.Engine) {
			keys := make([]engine.Key, 50)
			for i := range keys {
				keys[i] = key("large", fmt.Sprintf("%02d", i))
				commit(t, e, engine.Put(engine.Record{Key: keys[i], Body: large(i)}))
			}
			for i, r := range get(t, e, keys...) {
				if r.Key != keys[i] || !bytes.Equal(r.Body, large(i)) {
					t.Fatalf("record %d is %v with %d bytes", i, r.Key, len(r.Body))
				}
			}
		},
	},
}

// full is a record that uses every field.
func full(k engine.Key) engine.Record {
	r := engine.Record{
		Key: k, Count: most, Body: []byte("\x00\xff\xfe{}\r\n"),
		Expires: time.Date(2031, 8, 31, 23, 59, 59, 0, time.UTC),
		Index:   map[engine.Index]engine.Position{},
	}
	for _, slot := range engine.Indexes() {
		r.Index[slot] = engine.Position{Partition: "of " + string(slot), Sort: string(slot) + "|" + k.Sort}
	}
	return r
}

// large is a body of the greatest size, different for each n.
func large(n int) []byte { return bytes.Repeat([]byte{byte('a' + n%26)}, engine.MaxBody) }

func ownSlices(t *testing.T, e engine.Engine) {
	r := full(key("p", "s"))
	want := full(r.Key)
	want.Version = 1
	spoil := func(r engine.Record) {
		for i := range r.Body {
			r.Body[i] = '#'
		}
		clear(r.Index)
		r.Index[engine.Index1] = engine.Position{Partition: "spoilt", Sort: "spoilt"}
	}
	commit(t, e, engine.Put(r))
	spoil(r)
	same(t, "after changing what was put", getOne(t, e, r.Key), want)
	spoil(getOne(t, e, r.Key))
	same(t, "after changing what was read", getOne(t, e, r.Key), want)
	for _, read := range drain(t, e, engine.Query{Partition: "p", Limit: 10}) {
		spoil(read)
	}
	same(t, "after changing what was listed", getOne(t, e, r.Key), want)
}

func expiryIsAMoment(t *testing.T, e engine.Engine) {
	moment := time.Date(2031, 10, 26, 1, 30, 0, 999_999_999, time.UTC)
	for name, zone := range map[string]*time.Location{
		"UTC": time.UTC, "Copenhagen in the hour that comes twice": time.FixedZone("CET", 3600),
		"west of the date line": time.FixedZone("", -11*3600), "at a half hour": time.FixedZone("", 5*3600+1800),
	} {
		k := key("p", name)
		commit(t, e, engine.Put(engine.Record{Key: k, Expires: moment.In(zone)}))
		got := getOne(t, e, k).Expires
		if !got.Equal(moment.Truncate(time.Second)) || got.Location() != time.UTC {
			t.Errorf("%s: %s came back as %s", name, moment.In(zone), got)
		}
	}
}
