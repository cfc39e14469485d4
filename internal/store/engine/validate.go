package engine

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// lastRune is the end of every range that Prefix makes, so no sort key may hold it: one that did could lie outside
// the range of its own prefix. Unicode assigns it no character.
const lastRune = "\U0010FFFF"

// The seconds that Expires may have: after 1970 (0 means never on both engines), and no later than what RFC 3339 can
// write.
const (
	minExpires = 1
	maxExpires = 253402300799
)

// ValidateGet returns a *LimitError for what no engine accepts as a Get.
func ValidateGet(keys []Key) error {
	if len(keys) > MaxKeys {
		return limitf("%d keys in one Get, at most %d", len(keys), MaxKeys)
	}
	for _, k := range keys {
		if err := validateParts("key", k.Partition, k.Sort); err != nil {
			return err
		}
	}
	return nil
}

// ValidateQuery returns a *LimitError for what no engine accepts as a Query. It leaves After to DecodeCursor.
func ValidateQuery(q Query) error {
	if q.Index != "" && !knownIndex(q.Index) {
		return limitf("no index %q", q.Index)
	}
	if q.Limit < 1 || q.Limit > MaxLimit {
		return limitf("a page of %d records, 1 to %d are allowed", q.Limit, MaxLimit)
	}
	if err := validatePart("partition", q.Partition, MaxPartition); err != nil {
		return err
	}
	for _, bound := range []string{q.From, q.To} {
		if !utf8.ValidString(bound) || len(bound) > MaxSort+len(lastRune) {
			return limitf("a bound of the sort key is not UTF-8 or too long")
		}
	}
	return nil
}

// ValidateCommit returns a *LimitError for what no engine accepts as a Commit, whatever is stored.
func ValidateCommit(ops []Op) error {
	if len(ops) > MaxOps {
		return limitf("%d ops in one Commit, at most %d", len(ops), MaxOps)
	}
	size, seen := 0, make(map[Key]bool, len(ops))
	for i, op := range ops {
		if err := validateOp(op); err != nil {
			return fmt.Errorf("op %d: %w", i, err)
		}
		if seen[op.Key()] {
			return limitf("op %d: a second op on the same key", i)
		}
		seen[op.Key()] = true
		size += op.size()
	}
	if size > MaxCommit {
		return limitf("a Commit of %d bytes, at most %d", size, MaxCommit)
	}
	return nil
}

func validateOp(op Op) error {
	if err := validateParts("key", op.Record.Key.Partition, op.Record.Key.Sort); err != nil {
		return err
	}
	if op.Record.Version < AnyVersion {
		return limitf("version %d", op.Record.Version)
	}
	switch op.Kind {
	case OpPut:
		return validateRecord(op.Record)
	case OpDelete:
		return nil
	case OpCheck:
		if op.Record.Version == AnyVersion {
			return limitf("a check needs a version")
		}
		return nil
	case OpAdd:
		return validateAdd(op)
	default:
		return limitf("no kind of op %q", op.Kind)
	}
}

func validateAdd(op Op) error {
	if op.Record.Version != AnyVersion {
		return limitf("an add has no version")
	}
	if _, _, ok := op.CountRange(); !ok {
		return limitf("no count allows adding %d between %d and %d", op.Delta, op.Min, op.Max)
	}
	return nil
}

func validateRecord(r Record) error {
	if len(r.Body) > MaxBody {
		return limitf("a body of %d bytes, at most %d", len(r.Body), MaxBody)
	}
	if s := r.Expires.Unix(); !r.Expires.IsZero() && (s < minExpires || s > maxExpires) {
		return limitf("expiry %s", r.Expires.Format(time.RFC3339))
	}
	for slot, p := range r.Index {
		if !knownIndex(slot) {
			return limitf("no index %q", slot)
		}
		if err := validateParts("position", p.Partition, p.Sort); err != nil {
			return err
		}
	}
	return nil
}

func validateParts(what, partition, sort string) error {
	if err := validatePart(what+"'s partition", partition, MaxPartition); err != nil {
		return err
	}
	if strings.Contains(sort, lastRune) {
		return limitf("a %s's sort holds U+10FFFF", what)
	}
	return validatePart(what+"'s sort", sort, MaxSort)
}

func validatePart(what, part string, limit int) error {
	switch {
	case part == "":
		return limitf("a %s is empty", what)
	case len(part) > limit:
		return limitf("a %s of %d bytes, at most %d", what, len(part), limit)
	case !utf8.ValidString(part):
		return limitf("a %s is not UTF-8", what)
	}
	return nil
}

func knownIndex(slot Index) bool {
	switch slot {
	case Index1, Index2, Index3, Index4, Index5, Index6:
		return true
	}
	return false
}

// size is what the op counts towards MaxCommit.
func (o Op) size() int {
	size := len(o.Record.Key.Partition) + len(o.Record.Key.Sort) + len(o.Record.Body)
	for _, p := range o.Record.Index {
		size += len(p.Partition) + len(p.Sort)
	}
	return size
}

func limitf(format string, args ...any) error {
	return &LimitError{What: fmt.Sprintf(format, args...)}
}
