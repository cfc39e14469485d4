// Package engine owns the narrow port behind which records are kept: four methods, two engines (bolt and dynamo),
// one conformance suite (enginetest). It does not know what a user or an organisation is; package store does, and
// nothing but package store should call an engine.
package engine

import (
	"context"
	"math"
	"time"
)

// Engine keeps records. It may be used from many goroutines at once.
//
// Consistency: a Commit that has returned nil is durable and every later Get, and every later Query without an
// Index, sees all of it. A Get of several keys is not a snapshot: it may see one Commit's effect on one key and not
// on another. A Query on an Index may lag a moment behind on the dynamo engine and never does on bolt.
type Engine interface {
	// Get reads up to MaxKeys records. The answer has the length and order of keys; a record that is not there is
	// the zero Record (Version 0). The same key may be asked for twice. It fails with a *LimitError, or with an error
	// that wraps ErrUnavailable.
	Get(ctx context.Context, keys ...Key) ([]Record, error)

	// Query reads one page of a partition in byte order of the sort key. A page may hold fewer records than the
	// limit, even none, while Next is set; the end is reached when Next is empty. A From beyond To is an empty range.
	// It fails with a *LimitError, with ErrCursor, or with an error that wraps ErrUnavailable.
	Query(ctx context.Context, q Query) (Page, error)

	// Commit does all of ops or nothing of them. It fails with a *ConditionError that names every op whose
	// condition did not hold, with a *LimitError when an op is too large or malformed (nothing is written), and
	// with an error that wraps ErrUnavailable when the outcome is not known: it may have been kept.
	// No two ops may name the same key. Without ops there is nothing to do, and nil is returned.
	Commit(ctx context.Context, ops ...Op) error

	// Close lets go of files and connections. Nothing else may be called afterwards.
	Close() error
}

// Limits are DynamoDB's, with room left for what the dynamo engine adds, and both engines refuse what exceeds them.
// Sizes are in bytes of UTF-8.
const (
	MaxKeys      = 100        // keys of one Get
	MaxOps       = 100        // ops of one Commit
	MaxLimit     = 10000      // records of one page, which ends at 1 MB anyway
	MaxPartition = 1024       // a partition, of the table or of an index
	MaxSort      = 512        // a sort key, of the table or of an index
	MaxBody      = 380 << 10  // a body
	MaxCommit    = 3800 << 10 // keys, positions and bodies of one Commit together
)

// Key names a record. Neither part is empty, both are valid UTF-8, and the sort does not hold U+10FFFF (see Prefix).
// Keys are compared byte by byte: case matters, nothing is normalised, and parts never join, so ("a", "bc") and
// ("ab", "c") are different records.
type Key struct{ Partition, Sort string }

// Index names one of the fixed index slots. What a slot is used for is the store's business.
type Index string

// The index slots. A record may take one position in each; it is listed in a slot only if it has one there.
const (
	Index1 Index = "i1"
	Index2 Index = "i2"
	Index3 Index = "i3"
	Index4 Index = "i4"
	Index5 Index = "i5"
	Index6 Index = "i6"
)

// Indexes lists every slot, for whoever creates tables or buckets.
func Indexes() []Index { return []Index{Index1, Index2, Index3, Index4, Index5, Index6} }

// Position is a record's place in an index. What holds for a Key holds for it, but several records may share one;
// which of them comes first is not said.
type Position struct{ Partition, Sort string }

// Record is what is kept under a key.
type Record struct {
	Key Key
	// Version is 0 for a record that is not there and grows by one with every Commit that writes it. A record put
	// again after it was deleted, or dropped, starts at 1. The engine sets it; in an Op it says which version is
	// expected.
	Version int64
	// Expires, if not zero, is the moment after which the engine may drop the record. It lies after 1970; fractions
	// of a second are cut off and it is read back in UTC. Until the record is dropped, which can take days, it is a
	// record like any other: whoever reads it must look at the time.
	Expires time.Time
	// Index holds the positions of the record in the index slots.
	Index map[Index]Position
	// Count is a number that Add changes. Put writes it like any other field.
	Count int64
	// Body is opaque to the engine. Nil and empty are the same.
	Body []byte
}

// Exists tells whether the record was there when it was read.
func (r Record) Exists() bool { return r.Version > 0 }

// Query asks for a page.
type Query struct {
	Index     Index  // "" reads the table itself
	Partition string // of the table or of the index
	From, To  string // bounds of the sort key, both inclusive; "" is open
	Backwards bool   // from To to From
	Limit     int    // 1 to MaxLimit; the most records in the page
	After     string // Next of the page before; "" is the start. Opaque, only good for the same Query
}

// Page is a stretch of records and where the next one starts.
type Page struct {
	Records []Record
	Next    string
}

// Prefix returns the bounds that cover every sort key that starts with prefix.
func Prefix(prefix string) (from, to string) { return prefix, prefix + lastRune }

// OpKind says what an Op does.
type OpKind string

// The kinds of Op.
const (
	OpPut    OpKind = "put"
	OpDelete OpKind = "delete"
	OpCheck  OpKind = "check"
	OpAdd    OpKind = "add"
)

// AnyVersion as the expected version makes an op unconditional.
const AnyVersion int64 = -1

// Op is one part of a Commit. Build it with Put, Set, Delete, Check or Add.
type Op struct {
	Kind   OpKind
	Record Record // Put: all of it. Others: the key. Version is the one expected: 0 absent, AnyVersion no condition
	Delta  int64  // Add
	Min    int64  // Add: the least Count allowed afterwards
	Max    int64  // Add: the most Count allowed afterwards
}

// Key is the record the op is about.
func (o Op) Key() Key { return o.Record.Key }

// Put writes r if the stored version is still r.Version (0: if there is none) and stores it as the next version.
func Put(r Record) Op { return Op{Kind: OpPut, Record: r} }

// Set writes r whatever is stored. The version still grows.
func Set(r Record) Op {
	r.Version = AnyVersion
	return Op{Kind: OpPut, Record: r}
}

// Delete removes the record if its version is still the one given; AnyVersion removes it if it is there at all.
func Delete(k Key, version int64) Op {
	return Op{Kind: OpDelete, Record: Record{Key: k, Version: version}}
}

// Check writes nothing and fails the Commit unless the stored version is the one given (0: unless there is none).
func Check(k Key, version int64) Op {
	return Op{Kind: OpCheck, Record: Record{Key: k, Version: version}}
}

// Add changes Count by delta, starting from 0 where there is no record, if the outcome lies between lo and hi, both
// inclusive. All else in the record stays as it is. Adds to one key from many Commits at once are all counted.
func Add(k Key, delta, lo, hi int64) Op {
	return Op{Kind: OpAdd, Record: Record{Key: k, Version: AnyVersion}, Delta: delta, Min: lo, Max: hi}
}

// CountRange returns the counts, both inclusive, from which an Add ends between its Min and its Max; adding to one of
// them cannot overflow. It is not ok when there is none.
func (o Op) CountRange() (lo, hi int64, ok bool) {
	lo, under := subtract(o.Min, o.Delta)
	hi, over := subtract(o.Max, o.Delta)
	return lo, hi, o.Min <= o.Max && under <= 0 && over >= 0
}

// subtract returns a-b, cut off at the ends of int64; beyond is -1 or 1 where it was.
func subtract(a, b int64) (difference int64, beyond int) {
	d := a - b
	switch {
	case b > 0 && d > a:
		return math.MinInt64, -1
	case b < 0 && d < a:
		return math.MaxInt64, 1
	}
	return d, 0
}
