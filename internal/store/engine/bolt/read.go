package bolt

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// pageBytes ends a page before its limit, as on DynamoDB: a page never takes much more memory than this, and a caller
// who forgets that pages can be short finds out here.
const pageBytes = 1 << 20

// Get implements engine.Engine. All records are of one moment.
func (e *Engine) Get(ctx context.Context, keys ...engine.Key) ([]engine.Record, error) {
	if err := engine.ValidateGet(keys); err != nil || len(keys) == 0 {
		return nil, err
	}
	end, err := begin(ctx, engine.Cost{Records: len(keys)})
	if err != nil {
		return nil, err
	}
	defer end()
	records := make([]engine.Record, len(keys))
	err = e.db.View(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(bucketRecords)
		for i, k := range keys {
			r, err := readRecord(bucket, k)
			if err != nil {
				return err
			}
			records[i] = r
		}
		return nil
	})
	if err != nil {
		return nil, failed("get", err)
	}
	return records, nil
}

// Query implements engine.Engine. All records of a page are of one moment.
func (e *Engine) Query(ctx context.Context, q engine.Query) (engine.Page, error) {
	if err := engine.ValidateQuery(q); err != nil {
		return engine.Page{}, err
	}
	s, err := spanOf(q)
	if err != nil {
		return engine.Page{}, err
	}
	end, err := begin(ctx, engine.Cost{})
	if err != nil {
		return engine.Page{}, err
	}
	defer end()
	var page engine.Page
	err = e.db.View(func(tx *bbolt.Tx) error {
		page, err = s.page(tx, q)
		return err
	})
	if err != nil {
		return engine.Page{}, failed("query", err)
	}
	engine.Charge(ctx, engine.Cost{Records: len(page.Records)})
	return page, nil
}

// span is a range of keys of a bucket, from start up to but not including end.
type span struct{ start, end []byte }

// spanOf is where the records of the page are. In a joined key a part ends with U+0000 or with the key, and nothing
// inside a part is lower than U+0001: so that byte, behind a part, bounds everything in which the part is whole.
func spanOf(q engine.Query) (span, error) {
	const after = "\x01"
	partition := join(q.Partition)
	s := span{start: []byte(join(q.Partition, q.From)), end: []byte(partition + after)}
	if q.To != "" {
		s.end = []byte(join(q.Partition, q.To) + after)
	}
	if q.After == "" {
		return s, nil
	}
	at, err := engine.DecodeCursor(q)
	if err != nil {
		return span{}, err
	}
	last := recordKey(engine.Key{Partition: q.Partition, Sort: at.Sort})
	if q.Index != "" {
		last = entryKey(engine.Position{Partition: q.Partition, Sort: at.Sort}, at.Key)
	}
	if q.Backwards {
		s.end = last
	} else {
		s.start = slices.Concat(last, []byte{0}) // the very next key there can be
	}
	return s, nil
}

// page reads records until the page is full, or the span ends. Next is set only if there is more.
func (s span) page(tx *bbolt.Tx, q engine.Query) (engine.Page, error) {
	read := reader(tx, q.Index)
	var page engine.Page
	var last engine.Place
	size := 0
	for k, v := range s.walk(tx.Bucket(bucketOf(q.Index)), q.Backwards) {
		if len(page.Records) == q.Limit || size >= pageBytes {
			page.Next = engine.EncodeCursor(q, last)
			break
		}
		r, at, err := read(k, v)
		if err != nil {
			return engine.Page{}, err
		}
		page.Records, last = append(page.Records, r), at
		size += len(k) + len(r.Body)
	}
	return page, nil
}

func bucketOf(slot engine.Index) []byte {
	if slot == "" {
		return bucketRecords
	}
	return []byte(slot)
}

// walk yields the entries of the span in order.
func (s span) walk(bucket *bbolt.Bucket, backwards bool) func(yield func(k, v []byte) bool) {
	return func(yield func(k, v []byte) bool) {
		c := bucket.Cursor()
		k, v := s.first(c, backwards)
		for k != nil && bytes.Compare(k, s.start) >= 0 && bytes.Compare(k, s.end) < 0 {
			if !yield(k, v) {
				return
			}
			if backwards {
				k, v = c.Prev()
			} else {
				k, v = c.Next()
			}
		}
	}
}

func (s span) first(c *bbolt.Cursor, backwards bool) (k, v []byte) {
	if !backwards {
		return c.Seek(s.start)
	}
	if k, _ := c.Seek(s.end); k == nil {
		return c.Last()
	}
	return c.Prev()
}

// reader returns what turns an entry of the table, or of an index, into the record and its place.
func reader(tx *bbolt.Tx, slot engine.Index) func(k, v []byte) (engine.Record, engine.Place, error) {
	if slot == "" {
		return func(k, v []byte) (engine.Record, engine.Place, error) {
			id, err := splitKey(k)
			if err != nil {
				return engine.Record{}, engine.Place{}, err
			}
			r, err := decodeRecord(id, v)
			return r, engine.Place{Sort: id.Sort}, err
		}
	}
	records := tx.Bucket(bucketRecords)
	return func(k, _ []byte) (engine.Record, engine.Place, error) {
		position, id, err := splitEntry(k)
		if err != nil {
			return engine.Record{}, engine.Place{}, err
		}
		r, err := readRecord(records, id)
		if err == nil && !r.Exists() {
			err = fmt.Errorf("index %s lists %q, %q, which is not there", slot, id.Partition, id.Sort)
		}
		return r, engine.Place{Sort: position.Sort, Key: id}, err
	}
}
