package bolt

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// Group commit: one goroutine writes. It takes what is waiting, does it in one bbolt transaction, and answers all
// after the one fsync. While the disk is busy the next group gathers, so the more callers there are, the more share
// an fsync; a lone caller waits for nobody. bbolt's own Batch runs a function again when another in its group fails
// and waits for company; here a request that is refused leaves nothing behind and the others go on.

// maxGroup bounds how many requests share a transaction, and so how long the first of them waits: some 0.2 s.
const maxGroup = 1024

// request is something to be done in a transaction. do returns refused when the request is to be answered with an
// error and has changed nothing, and broken when the transaction cannot go on.
type request struct {
	do     func(*transaction) (refused, broken error)
	answer chan error
}

// submit hands a request to the writer and returns its answer. ctx counts until the writer has taken it: from then on
// it will be done, and its outcome known within the time of a group.
func (e *Engine) submit(ctx context.Context, do func(*transaction) (refused, broken error)) error {
	r := &request{do: do, answer: make(chan error, 1)}
	select {
	case e.queue <- r:
		return <-r.answer
	case <-ctx.Done():
		return ctx.Err()
	case <-e.closing:
		return errClosed
	}
}

// write is the writer.
func (e *Engine) write() {
	defer close(e.written)
	for {
		select {
		case first := <-e.queue:
			e.writeGroup(e.gather(first))
		case <-e.closing:
			return
		}
	}
}

// gather takes what is waiting behind the first, without waiting for more.
func (e *Engine) gather(first *request) []*request {
	group := []*request{first}
	for len(group) < maxGroup {
		select {
		case r := <-e.queue:
			group = append(group, r)
		default:
			return group
		}
	}
	return group
}

// writeGroup does the requests and answers them. If one breaks the transaction each is tried alone, so that a request
// that meets a damaged record, say, does not fail its neighbours; not so if the outcome is unknown, because a second
// try could do a request twice.
func (e *Engine) writeGroup(group []*request) {
	refused, err := e.transact(group)
	if err != nil && len(group) > 1 && !errors.Is(err, engine.ErrUnavailable) {
		for _, r := range group {
			e.writeGroup([]*request{r})
		}
		return
	}
	for i, r := range group {
		if err != nil {
			r.answer <- err
		} else {
			r.answer <- refused[i]
		}
	}
}

// transact does the requests one after the other in one transaction and makes it durable. Also those that are
// refused wait for that: what refused them may have been another of the group.
func (e *Engine) transact(group []*request) (refused []error, err error) {
	tx, err := e.db.Begin(true)
	if err != nil {
		return nil, unavailable("begin", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a Commit
	t := e.transaction(tx)
	if refused, err = t.run(group); err != nil || t.writes == 0 {
		return refused, err
	}
	if err := tx.Commit(); err != nil {
		return nil, unavailable("commit", err)
	}
	if t.queued {
		e.news.ring()
	}
	return refused, nil
}

func unavailable(what string, err error) error {
	return fmt.Errorf("%s: %w: %w", what, engine.ErrUnavailable, err)
}

// transaction is a bbolt transaction with the buckets of a store.
type transaction struct {
	records, expiry, feed *bbolt.Bucket
	index                 map[engine.Index]*bbolt.Bucket
	wanted                func(engine.Key) bool
	now                   int64 // Unix seconds

	writes int  // records and queue entries written or deleted
	queued bool // something was added to the feed
}

// fill is how full the first of two pages is left that one is split into, where most of what is new comes behind what is
// there: lines of a trail, letters, changes. bbolt's half leaves them half full for good, in a file half as large again.
const fill = 0.9

func (e *Engine) transaction(tx *bbolt.Tx) *transaction {
	t := &transaction{
		records: tx.Bucket(bucketRecords), expiry: tx.Bucket(bucketExpiry), feed: tx.Bucket(bucketFeed),
		index:  map[engine.Index]*bbolt.Bucket{},
		wanted: e.fed, now: e.now().Unix(),
	}
	for _, slot := range engine.Indexes() {
		t.index[slot] = tx.Bucket([]byte(slot))
	}
	for _, growing := range []*bbolt.Bucket{t.records, t.expiry, t.feed} {
		growing.FillPercent = fill
	}
	return t
}

// run does the requests, and drops what it is time to drop.
func (t *transaction) run(group []*request) (refused []error, broken error) {
	refused = make([]error, len(group))
	for i, r := range group {
		if refused[i], broken = r.do(t); broken != nil {
			return nil, broken
		}
	}
	if t.writes == 0 {
		return refused, nil
	}
	return refused, t.dropExpired()
}
