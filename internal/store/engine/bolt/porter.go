package bolt

import (
	"context"
	"fmt"
	"io"
	"iter"

	"go.etcd.io/bbolt"

	"github.com/caretaker/caretaker/internal/store/engine"
)

var _ engine.Porter = (*Engine)(nil)

// Records implements engine.Porter. They are of one moment, and Commits go on meanwhile.
func (e *Engine) Records(ctx context.Context) iter.Seq2[engine.Record, error] {
	return func(yield func(engine.Record, error) bool) {
		stopped := false
		err := e.db.View(func(tx *bbolt.Tx) error {
			c := tx.Bucket(bucketRecords).Cursor()
			for k, v := c.First(); k != nil && !stopped; k, v = c.Next() {
				if err := ctx.Err(); err != nil {
					return err
				}
				id, err := splitKey(k)
				if err != nil {
					return err
				}
				r, err := decodeRecord(id, v)
				if err != nil {
					return err
				}
				stopped = !yield(r, nil)
			}
			return nil
		})
		if err != nil && !stopped {
			yield(engine.Record{}, failed("read the store", err))
		}
	}
}

// Empty implements engine.Porter.
func (e *Engine) Empty(ctx context.Context) (empty bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	err = e.db.View(func(tx *bbolt.Tx) error {
		k, _ := tx.Bucket(bucketRecords).Cursor().First()
		empty = k == nil
		return nil
	})
	return empty, err
}

// Remove implements engine.Porter, in one transaction.
func (e *Engine) Remove(ctx context.Context, keys []engine.Key) error {
	gone := make([]engine.Record, len(keys))
	for i, k := range keys {
		gone[i].Key = k
	}
	return e.Load(ctx, gone)
}

// Load implements engine.Porter, in one transaction.
func (e *Engine) Load(ctx context.Context, records []engine.Record) error {
	return e.submit(ctx, func(t *transaction) (refused, broken error) {
		for _, r := range records {
			stored, err := t.read(r.Key)
			if err == nil {
				err = t.replace(stored, r)
			}
			if err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

// Copy writes the file as it is at one moment, feed included; Commits go on meanwhile. What comes of it is a file of this
// engine.
func (e *Engine) Copy(w io.Writer) error {
	err := e.db.View(func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(w)
		return err
	})
	if err != nil {
		return fmt.Errorf("copy the store: %w", err)
	}
	return nil
}
