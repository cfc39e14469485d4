package bolt

import (
	"bytes"
	"slices"
	"time"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// Expired records are dropped a few at a time by the transactions that write anyway, from a bucket ordered by expiry:
// there is no scan and no timer, and no Commit does more than a bounded piece of it.

// dropAfter is how long an expired record stays at least. DynamoDB takes up to two days; whoever relies on dropping
// finds out here too, within a day.
const dropAfter = 24 * time.Hour

// A transaction drops up to dropPerGroup records and dropPerWrite more for each it writes itself: more than one for
// one, so that dropping catches up with any number of writers of expiring records.
const (
	dropPerGroup = 16
	dropPerWrite = 2
)

func expiryKey(r engine.Record) []byte {
	return append(number(uint64(expirySeconds(r))), recordKey(r.Key)...)
}

// rearm keeps the expiry bucket in step with the record.
func (t *transaction) rearm(before, after engine.Record) error {
	if expirySeconds(before) == expirySeconds(after) {
		return nil
	}
	if !before.Expires.IsZero() {
		if err := t.expiry.Delete(expiryKey(before)); err != nil {
			return err
		}
	}
	if !after.Expires.IsZero() {
		return t.expiry.Put(expiryKey(after), nil)
	}
	return nil
}

// dropExpired deletes the portion of expired records that is this transaction's share.
func (t *transaction) dropExpired() error {
	until := t.now - int64(dropAfter/time.Second)
	for _, id := range t.expired(until, dropPerGroup+dropPerWrite*t.writes) {
		k, err := splitKey(id)
		if err != nil {
			return err
		}
		stored, err := t.read(k)
		if err != nil {
			return err
		}
		if err := t.replace(stored, engine.Record{Key: k}); err != nil {
			return err
		}
	}
	return nil
}

// expired returns the keys of up to n records that expired before the moment, the oldest first.
func (t *transaction) expired(before int64, n int) [][]byte {
	if before <= 0 {
		return nil
	}
	var ids [][]byte
	end, cursor := number(uint64(before)), t.expiry.Cursor()
	for entry, _ := cursor.First(); entry != nil && len(ids) < n; entry, _ = cursor.Next() {
		if bytes.Compare(entry, end) >= 0 {
			break
		}
		ids = append(ids, slices.Clone(entry[len(end):]))
	}
	return ids
}
