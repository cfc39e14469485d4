package cognito

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// What goes to the pool as typed: printable ASCII without spaces, of a length that every pool can be set to take. The
// bounds are narrower than Cognito's (6 to 256), since they must hold for as long as there are passwords, whatever the
// pool or the emulator.
const (
	minPlain = 6
	maxPlain = 64
)

// foldPrefix marks a folded password. It has a letter of both cases, a digit and a symbol, for pools whose policy
// asks for them after all.
const foldPrefix = "Fold-1."

// fold returns what stands in the pool for a password in its normal form. Cognito takes no password of fewer than 6
// characters, none with a space at either end, and does not say what it makes of letters beyond ASCII; the port takes
// all of them. So a password that is anything but plain is replaced by its SHA-256 in base64, and one that looks like
// such a replacement is itself replaced, so that two passwords never share one. The pool hashes what it is given in
// its own way; this adds nothing to its safety and takes nothing from it.
//
// Every password set so far depends on this function: it must never change for a password it has folded or let pass.
func fold(normal string) string {
	if plain(normal) {
		return normal
	}
	sum := sha256.Sum256([]byte(normal))
	return foldPrefix + base64.RawURLEncoding.EncodeToString(sum[:])
}

func plain(s string) bool {
	if len(s) < minPlain || len(s) > maxPlain || strings.HasPrefix(s, foldPrefix) {
		return false
	}
	for _, r := range s {
		if r < '!' || r > '~' {
			return false
		}
	}
	return true
}
