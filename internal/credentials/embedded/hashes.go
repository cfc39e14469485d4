package embedded

import (
	"context"

	"github.com/caretaker/caretaker/internal/directory"
)

// Hashes keeps one Entry per user. It may be used from many goroutines at once. Any method may fail with kind
// Unavailable, after which the outcome is not known.
type Hashes interface {
	// Hash returns the user's entry, one without Hash if there is none. It sees every PutHash that has returned.
	Hash(ctx context.Context, id directory.UserID) (Entry, error)
	// PutHash stores the entry if the stored version is still e.Version, and gives it the next one. It fails with
	// kind Stale, having written nothing, if it is not.
	PutHash(ctx context.Context, id directory.UserID, e Entry) error
	// DeleteHash forgets the entry, whatever its version. It succeeds if there is none.
	DeleteHash(ctx context.Context, id directory.UserID) error
}

// Entry is what is kept for a user.
type Entry struct {
	// Hash is in the PHC string format, at most 300 bytes; empty if the user has no password.
	Hash string
	// Disabled bars the password. It means nothing without a Hash.
	Disabled bool
	// Version is 0 before the first PutHash and grows with each. A store had better not hand out a version again
	// after a DeleteHash (it may answer one without a Hash): if it does, a re-hash that began before the deletion can
	// bring the old password back, should the user be given a new one in that same fraction of a second.
	Version int64
}
