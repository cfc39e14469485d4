package store

import (
	"context"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// Vault keeps small opaque things of one kind by id, for an adapter that has no storage of its own.
type Vault struct {
	engine engine.Engine
	kind   string
}

// NewVault keeps things of a kind in e.
func NewVault(e engine.Engine, kind string) Vault { return Vault{engine: e, kind: kind} }

func (v Vault) key(id string) engine.Key {
	return engine.Key{Partition: Join("vault", v.kind, id), Sort: "kept"}
}

// Load returns what is kept and its version; 0 when there is nothing.
func (v Vault) Load(ctx context.Context, id string) ([]byte, int64, error) {
	records, err := v.engine.Get(ctx, v.key(id))
	if err != nil {
		return nil, 0, outward(err)
	}
	return records[0].Body, records[0].Version, nil
}

// Save keeps body if the version is still the one given; Stale if not.
func (v Vault) Save(ctx context.Context, id string, body []byte, version int64) error {
	return v.commit(ctx, engine.Put(engine.Record{Key: v.key(id), Version: version, Body: body}))
}

// Delete forgets what is kept, if anything.
func (v Vault) Delete(ctx context.Context, id string) error {
	return v.commit(ctx, engine.Delete(v.key(id), engine.AnyVersion))
}

func (v Vault) commit(ctx context.Context, op engine.Op) error {
	var b batch
	b.add(op, directory.ErrStale)
	return (&Store{engine: v.engine}).commit(ctx, b)
}
