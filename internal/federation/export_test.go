package federation

import (
	"encoding/json"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// What the tests look at from inside.
var (
	Public   = public
	ParseKey = parseKey
	KnownFor = knownFor
	MaxKnown = maxKnown
	MaxBytes = maxAnswer
	MaxKeys  = maxKeys
)

// KeysAgainAfter is the pause between two looks for new keys.
const KeysAgainAfter = keysAgainAfter

// ParseKeys parses a list of keys.
func ParseKeys(published []json.RawMessage) []jose.JSONWebKey { return parseKeys(published) }

// Within shortens the time that a request may take.
func (ps *Providers) Within(d time.Duration) { ps.issuers.web.client.Timeout = d }

// Known is how many issuers are remembered.
func (ps *Providers) Known() int {
	ps.issuers.mu.Lock()
	defer ps.issuers.mu.Unlock()
	return len(ps.issuers.known)
}
