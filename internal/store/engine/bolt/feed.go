package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"

	"go.etcd.io/bbolt"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// enqueue adds the change to the queue if it is wanted. encoded is empty when the record was deleted.
func (t *transaction) enqueue(k engine.Key, id, encoded []byte) error {
	if !t.wanted(k) {
		return nil
	}
	sequence, err := t.feed.NextSequence()
	if err != nil {
		return err
	}
	t.queued = true
	entry := make([]byte, 0, binary.MaxVarintLen32+len(id)+len(encoded))
	entry = append(appendText(entry, string(id)), encoded...)
	return t.feed.Put(number(sequence), entry)
}

// Next implements engine.Feed. It also returns, with an error that wraps ErrUnavailable, when the engine is closed.
func (e *Engine) Next(ctx context.Context, limit int) ([]engine.Change, error) {
	if limit < 1 {
		return nil, &engine.LimitError{What: fmt.Sprintf("%d changes at a time", limit)}
	}
	for {
		news := e.news.next() // before looking: what is committed meanwhile rings it
		changes, err := e.queued(limit)
		if err != nil {
			return nil, failed("next changes", err)
		}
		if len(changes) > 0 {
			return changes, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-e.closing:
			return nil, errClosed
		}
	}
}

// queued reads the oldest changes that are not done, and no more at once than a page may have bytes.
func (e *Engine) queued(limit int) ([]engine.Change, error) {
	var changes []engine.Change
	err := e.db.View(func(tx *bbolt.Tx) error {
		cursor, size := tx.Bucket(bucketFeed).Cursor(), 0
		for k, v := cursor.First(); k != nil && len(changes) < limit && size < pageBytes; k, v = cursor.Next() {
			change, err := decodeChange(k, v)
			if err != nil {
				return err
			}
			changes = append(changes, change)
			size += len(v)
		}
		return nil
	})
	return changes, err
}

func decodeChange(sequence, entry []byte) (engine.Change, error) {
	d := decoder{rest: entry}
	id := d.text()
	k, err := splitKey([]byte(id))
	if d.bad || err != nil {
		return engine.Change{}, fmt.Errorf("damaged change %x", sequence)
	}
	change := engine.Change{Sequence: hex.EncodeToString(sequence), Key: k}
	if len(d.rest) > 0 {
		change.Record, err = decodeRecord(k, d.rest)
	}
	return change, err
}

// Done implements engine.Feed: it deletes the changes from the queue, as durably as a Commit.
func (e *Engine) Done(ctx context.Context, sequence string) error {
	last, err := hex.DecodeString(sequence)
	if err != nil || len(last) != binary.Size(uint64(0)) {
		return &engine.LimitError{What: fmt.Sprintf("sequence %q", sequence)}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return e.submit(ctx, func(t *transaction) (refused, broken error) { return nil, t.dequeue(last) })
}

func (t *transaction) dequeue(last []byte) error {
	var done [][]byte
	cursor := t.feed.Cursor()
	for k, _ := cursor.First(); k != nil && bytes.Compare(k, last) <= 0; k, _ = cursor.Next() {
		done = append(done, k)
	}
	t.writes += len(done)
	for _, k := range done {
		if err := t.feed.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// bell wakes those who wait for something new.
type bell struct {
	mu   sync.Mutex
	rung chan struct{}
}

// next returns a channel that is closed by the next ring.
func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	return b.rung
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}
