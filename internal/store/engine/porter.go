package engine

import (
	"context"
	"iter"
)

// Porter moves whole stores, for backups. It goes through everything there is, so nothing that serves requests calls it.
type Porter interface {
	// Records hands out every record, in no order, with its version, expiry and positions. Whether they are of one moment is
	// the engine's to say. It ends after the first error.
	Records(ctx context.Context) iter.Seq2[Record, error]
	// Load stores records as they were, versions included. It does not look at what is there under their keys: it is for a
	// store that is Empty.
	Load(ctx context.Context, records []Record) error
	// Remove deletes records, whatever is stored under the keys.
	Remove(ctx context.Context, keys []Key) error
	// Empty tells whether there is no record.
	Empty(ctx context.Context) (bool, error)
}
