package directory

import "context"

// Sealer encrypts small secrets that have to be read again, such as the shared secret of a TOTP generator. What is sealed
// is of no use to whoever has the store alone. Every method may fail with kind Unavailable.
type Sealer interface {
	// Seal encrypts plain, 1 byte to 4 KiB. The label says what it is for and whose it is; it is not secret, and only Open
	// with the same label gives plain back, so that one secret cannot be put in another's place.
	Seal(ctx context.Context, label string, plain []byte) ([]byte, error)
	// Open returns what was sealed under the label. It fails with kind Internal for what was not sealed by this
	// installation, was altered, or was sealed under another label.
	Open(ctx context.Context, label string, sealed []byte) ([]byte, error)
}

// Hasher hashes secrets that people choose and that are kept in the store, slowly, so that they cannot be guessed from it.
type Hasher interface {
	// Hash makes a text to be kept, with a salt of its own. It fails only when there is no time or no randomness.
	Hash(ctx context.Context, secret string) (string, error)
	// Matches tells whether the text was made of this secret. A text that is no hash is an error.
	Matches(ctx context.Context, hash, secret string) (bool, error)
}
