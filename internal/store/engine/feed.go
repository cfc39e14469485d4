package engine

import "context"

// Change is a record as a Commit left it.
type Change struct {
	// Sequence names the change towards Done. Opaque.
	Sequence string
	Key      Key
	// Record is the new state; the zero Record when it was deleted.
	Record Record
}

// Feed hands out what Commits wrote, so that mail and events follow a change without being part of the request.
// Each change comes at least once and, for one key, in the order of its versions. An engine offers a feed of the
// partitions its owner asked for; in AWS the table's stream and an event source mapping take its place.
type Feed interface {
	// Next waits until there is a change that is not done and returns up to limit of them, oldest first. It returns
	// ctx.Err() when the context ends first.
	Next(ctx context.Context, limit int) ([]Change, error)
	// Done says that everything up to and including the change with this sequence has been dealt with. It fails with
	// a *LimitError for what cannot be a sequence of Next's.
	Done(ctx context.Context, sequence string) error
}
