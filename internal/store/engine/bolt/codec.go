package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// A record is written as
//
//	1 byte    layout, 1
//	uvarint   version
//	varint    expiry in Unix seconds, 0 for never
//	varint    count
//	uvarint   number of positions, then of each: 1 byte slot (1 to 6, ascending), its partition, its sort
//	          (each a uvarint length and the bytes)
//	the rest  body
//
// Its key is that of the bucket entry.
const layout = 1

var errRecord = errors.New("damaged record")

func encodeRecord(r engine.Record) []byte {
	b := make([]byte, 0, 32+len(r.Body)+len(r.Index)*64)
	b = append(b, layout)
	b = binary.AppendUvarint(b, uint64(r.Version))
	b = binary.AppendVarint(b, expirySeconds(r))
	b = binary.AppendVarint(b, r.Count)
	b = binary.AppendUvarint(b, uint64(len(r.Index)))
	for i, slot := range engine.Indexes() {
		if p, ok := r.Index[slot]; ok {
			b = append(b, byte(i+1))
			b = appendText(b, p.Partition)
			b = appendText(b, p.Sort)
		}
	}
	return append(b, r.Body...)
}

// expirySeconds is 0 for a record that does not expire.
func expirySeconds(r engine.Record) int64 {
	if r.Expires.IsZero() {
		return 0
	}
	return r.Expires.Unix()
}

// decodeRecord reads what encodeRecord wrote. The record shares no memory with b.
func decodeRecord(k engine.Key, b []byte) (engine.Record, error) {
	if len(b) == 0 || b[0] != layout {
		return engine.Record{}, errRecord
	}
	d := decoder{rest: b[1:]}
	r := engine.Record{Key: k, Version: int64(d.uvarint())}
	if seconds := d.varint(); seconds != 0 {
		r.Expires = time.Unix(seconds, 0).UTC()
	}
	r.Count = d.varint()
	r.Index = d.positions()
	if d.bad || r.Version < 1 {
		return engine.Record{}, fmt.Errorf("%w of %q, %q", errRecord, k.Partition, k.Sort)
	}
	r.Body = slices.Clone(d.rest)
	return r, nil
}

// decoder takes values off the front of rest. After the first that is not there it only gives zeros.
type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) positions() map[engine.Index]engine.Position {
	slots := engine.Indexes()
	n := d.uvarint()
	if n == 0 {
		return nil
	}
	index := make(map[engine.Index]engine.Position, min(n, uint64(len(slots))))
	before := 0
	for ; n > 0 && !d.bad; n-- {
		slot := int(d.byte())
		if slot <= before || slot > len(slots) {
			d.bad = true
			return nil
		}
		before = slot
		index[slots[slot-1]] = engine.Position{Partition: d.text(), Sort: d.text()}
	}
	return index
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		d.bad = true
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	return took(d, v, n)
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	return took(d, v, n)
}

// took moves on by the n bytes that v was read from; 0 or less: v could not be read.
func took[V int64 | uint64](d *decoder, v V, n int) V {
	if n <= 0 {
		d.bad, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) text() string {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.bad, d.rest = true, nil
		return ""
	}
	s := string(d.rest[:n])
	d.rest = d.rest[n:]
	return s
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// recordKey is the record's key in the records bucket.
func recordKey(k engine.Key) []byte { return []byte(join(k.Partition, k.Sort)) }

// splitKey is the opposite of recordKey.
func splitKey(b []byte) (engine.Key, error) {
	parts, err := split(string(b))
	if err != nil || len(parts) != 2 {
		return engine.Key{}, fmt.Errorf("damaged key %q", b)
	}
	return engine.Key{Partition: parts[0], Sort: parts[1]}, nil
}

// entryKey is the record's key in an index bucket.
func entryKey(p engine.Position, k engine.Key) []byte {
	return []byte(join(p.Partition, p.Sort, k.Partition, k.Sort))
}

// splitEntry is the opposite of entryKey.
func splitEntry(b []byte) (engine.Position, engine.Key, error) {
	parts, err := split(string(b))
	if err != nil || len(parts) != 4 {
		return engine.Position{}, engine.Key{}, fmt.Errorf("damaged index entry %q", b)
	}
	return engine.Position{Partition: parts[0], Sort: parts[1]}, engine.Key{Partition: parts[2], Sort: parts[3]}, nil
}
