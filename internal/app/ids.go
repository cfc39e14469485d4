package app

import (
	"crypto/rand"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// newIDs makes ids that sort by time, also within one millisecond: ULIDs in lower case, which are easier to read out and
// the same to a user pool that does not tell cases apart.
func newIDs(now func() time.Time) func() string {
	var mu sync.Mutex
	entropy := ulid.Monotonic(rand.Reader, 0)
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.ToLower(ulid.MustNew(ulid.Timestamp(now()), entropy).String())
	}
}
