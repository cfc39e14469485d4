package embedded

import (
	"context"
	"crypto/subtle"

	"golang.org/x/text/unicode/norm"

	"github.com/caretaker/caretaker/internal/directory"
)

var _ directory.Hasher = Hasher{}

// Hasher implements directory.Hasher: hashes as passwords have them, kept by whoever asks for them. It may be used from
// many goroutines at once.
type Hasher struct{ passwords *Passwords }

// Hasher hashes with the params and the randomness of p, and stands in the same line: of passwords and other secrets
// together no more are hashed at once than Config.Parallel says.
func (p *Passwords) Hasher() Hasher { return Hasher{p} }

// NewHasher is for an installation whose passwords are kept elsewhere. It fails if the configuration is out of bounds.
func NewHasher(c Config) (Hasher, error) {
	p, err := New(nil, c)
	if err != nil {
		return Hasher{}, err
	}
	return p.Hasher(), nil
}

// Hash implements the port. The bounds of a secret are for the caller to set: any text can be hashed.
func (h Hasher) Hash(ctx context.Context, secret string) (string, error) {
	encoded, err := h.passwords.hash(ctx, asTyped(secret))
	return encoded, failure(ctx, "hash a secret", err)
}

// Matches implements the port. It costs what the params in the hash say.
func (h Hasher) Matches(ctx context.Context, hash, secret string) (bool, error) {
	made, err := parse(hash)
	if err != nil {
		return false, failure(ctx, "read the hash of a secret", err)
	}
	key, err := h.passwords.compute(ctx, asTyped(secret), made.salt, made.params, len(made.key))
	if err != nil {
		return false, failure(ctx, "verify a secret", err)
	}
	return subtle.ConstantTimeCompare(key, made.key) == 1, nil
}

// asTyped is one form for all ways in which keyboards write a letter, as credentials.Normal gives it to passwords.
func asTyped(secret string) string { return norm.NFC.String(secret) }
