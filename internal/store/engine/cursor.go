package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// Place is where a page ended: the last record read, as the query's order sees it.
type Place struct {
	Sort string // in the table, or in the index
	Key  Key    // the record itself; only set for an index, where it tells records at one position apart
}

// cursorVersion opens every cursor, so that a later layout can refuse the cursors of this one.
const cursorVersion = 1

// digestSize is what a cursor keeps of the hash of its query: enough to notice that it belongs to another one.
const digestSize = 8

// EncodeCursor turns the place where a page of q ended into its Next.
//
// A cursor may travel through the hands of strangers. It is not signed, so they can change it, and not encrypted, so
// they can read the sort key in it. It names no partition of the query, though: that comes with the Query, so no
// cursor leads out of the partition or the bounds that the caller set.
func EncodeCursor(q Query, at Place) string {
	b := append([]byte{cursorVersion}, digest(q)...)
	b = appendText(b, at.Sort)
	if q.Index != "" {
		b = appendText(b, at.Key.Partition)
		b = appendText(b, at.Key.Sort)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// DecodeCursor returns the place that q.After names. It fails with ErrCursor if After is damaged, or was handed out
// for another query; the Limit may differ.
func DecodeCursor(q Query) (Place, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(q.After)
	if err != nil || len(b) < 1+digestSize || b[0] != cursorVersion || !bytes.Equal(b[1:1+digestSize], digest(q)) {
		return Place{}, ErrCursor
	}
	var at Place
	rest, ok := cutText(b[1+digestSize:], &at.Sort)
	if q.Index != "" && ok {
		if rest, ok = cutText(rest, &at.Key.Partition); ok {
			rest, ok = cutText(rest, &at.Key.Sort)
		}
	}
	if !ok || len(rest) > 0 || !possible(q, at) {
		return Place{}, ErrCursor
	}
	return at, nil
}

// possible tells whether a page of q can have ended at the place.
func possible(q Query, at Place) bool {
	if q.Index != "" && validateParts("key", at.Key.Partition, at.Key.Sort) != nil {
		return false
	}
	return validateParts("place", q.Partition, at.Sort) == nil &&
		at.Sort >= q.From && (q.To == "" || at.Sort <= q.To)
}

// digest stands for what must be the same in the query that follows.
func digest(q Query) []byte {
	var b []byte
	for _, part := range []string{string(q.Index), q.Partition, q.From, q.To} {
		b = appendText(b, part)
	}
	if q.Backwards {
		b = append(b, 1)
	}
	sum := sha256.Sum256(b)
	return sum[:digestSize]
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// cutText reads what appendText wrote into s and returns what follows.
func cutText(b []byte, s *string) (rest []byte, ok bool) {
	n, width := binary.Uvarint(b)
	if width <= 0 || n > uint64(len(b)-width) {
		return nil, false
	}
	end := width + int(n)
	*s = string(b[width:end])
	return b[end:], true
}
