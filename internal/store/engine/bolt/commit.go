package bolt

import (
	"context"
	"encoding/binary"

	"go.etcd.io/bbolt"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// Commit implements engine.Engine. It returns nil after the operating system has said that the data is on the disk.
func (e *Engine) Commit(ctx context.Context, ops ...engine.Op) error {
	if err := engine.ValidateCommit(ops); err != nil || len(ops) == 0 {
		return err
	}
	end, err := begin(ctx, engine.Cost{Commits: 1})
	if err != nil {
		return err
	}
	defer end()
	return e.submit(ctx, func(t *transaction) (refused, broken error) { return t.commit(ops) })
}

// commit judges ops by the state that the requests before it in the group have left, and does all or nothing.
func (t *transaction) commit(ops []engine.Op) (refused, broken error) {
	before := make([]engine.Record, len(ops))
	var failed []int
	for i, op := range ops {
		stored, err := t.read(op.Key())
		if err != nil {
			return nil, err
		}
		before[i] = stored
		if !holds(op, stored) {
			failed = append(failed, i)
		}
	}
	if len(failed) > 0 {
		return &engine.ConditionError{Failed: failed}, nil
	}
	for i, op := range ops {
		if err := t.apply(op, before[i]); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// holds tells whether the op's condition is met by what is stored.
func holds(op engine.Op, stored engine.Record) bool {
	if op.Kind == engine.OpAdd {
		lo, hi, ok := op.CountRange()
		return ok && stored.Count >= lo && stored.Count <= hi
	}
	return op.Record.Version == engine.AnyVersion || op.Record.Version == stored.Version
}

func (t *transaction) apply(op engine.Op, stored engine.Record) error {
	after := op.Record
	switch op.Kind {
	case engine.OpPut:
	case engine.OpAdd:
		after = stored
		after.Key = op.Key()
		after.Count += op.Delta
	case engine.OpDelete:
		if !stored.Exists() {
			return nil
		}
		return t.replace(stored, engine.Record{Key: op.Key()})
	default: // a check
		return nil
	}
	after.Version = stored.Version + 1
	return t.replace(stored, after)
}

// replace writes a record, with all that points to it, in the place of what was there; a record after of Version 0
// deletes.
func (t *transaction) replace(before, after engine.Record) error {
	t.writes++
	if err := t.reindex(before, after); err != nil {
		return err
	}
	if err := t.rearm(before, after); err != nil {
		return err
	}
	id, encoded := recordKey(after.Key), []byte(nil)
	if after.Exists() {
		encoded = encodeRecord(after)
		if err := t.records.Put(id, encoded); err != nil {
			return err
		}
	} else if err := t.records.Delete(id); err != nil {
		return err
	}
	return t.enqueue(after.Key, id, encoded)
}

// reindex moves the record from its old positions to its new ones.
func (t *transaction) reindex(before, after engine.Record) error {
	for slot, p := range before.Index {
		if kept, ok := after.Index[slot]; ok && kept == p {
			continue
		}
		if err := t.index[slot].Delete(entryKey(p, after.Key)); err != nil {
			return err
		}
	}
	for slot, p := range after.Index {
		if old, ok := before.Index[slot]; ok && old == p {
			continue
		}
		if err := t.index[slot].Put(entryKey(p, after.Key), nil); err != nil {
			return err
		}
	}
	return nil
}

// read returns what is stored under the key, as seen by this transaction.
func (t *transaction) read(k engine.Key) (engine.Record, error) { return readRecord(t.records, k) }

// readRecord returns the zero Record if there is none.
func readRecord(records *bbolt.Bucket, k engine.Key) (engine.Record, error) {
	encoded := records.Get(recordKey(k))
	if encoded == nil {
		return engine.Record{}, nil
	}
	return decodeRecord(k, encoded)
}

// number makes a key that sorts like the number, which is not negative.
func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
