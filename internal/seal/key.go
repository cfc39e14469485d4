package seal

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"io"
)

// First bytes of what is sealed.
const (
	FormatKeyFile byte = 1
	FormatKMS     byte = 2
)

// Lengths in bytes.
const (
	KeyLength = 32   // AES-256
	MinPlain  = 1    // of what can be sealed
	MaxPlain  = 4096 // likewise

	nonceLength = 12 // GCM's own, for any other is hashed first
	tagLength   = 16
)

// Key is an AES-256 key. It may be used from many goroutines at once.
//
// Nonces are random, so one key should seal no more than 2³² times (NIST SP 800-38D section 8.3).
type Key struct{ gcm cipher.AEAD }

// NewKey does not keep raw, which the caller may wipe.
func NewKey(raw []byte) (Key, error) {
	if len(raw) != KeyLength {
		return Key{}, Failed("a key has %d bytes, must have %d", len(raw), KeyLength)
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return Key{}, Failed("prepare a key: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return Key{}, Failed("prepare a key: %w", err)
	}
	return Key{gcm: gcm}, nil
}

// Check says whether there is time, and whether plain is of a length that can be sealed.
func Check(ctx context.Context, plain []byte) error {
	if len(plain) < MinPlain || len(plain) > MaxPlain {
		return Failed("%d bytes to seal, must be %d to %d", len(plain), MinPlain, MaxPlain)
	}
	return CheckTime(ctx)
}

// Seal returns head and, behind it, plain encrypted.
func (k Key) Seal(random io.Reader, head []byte, label string, plain []byte) ([]byte, error) {
	sealed := make([]byte, len(head)+nonceLength, len(head)+nonceLength+len(plain)+tagLength)
	copy(sealed, head)
	nonce := sealed[len(head):]
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, Failed("read a nonce: %w", err)
	}
	return k.gcm.Seal(sealed, nonce, plain, additional(head, label)), nil
}

// Open returns what Seal was given, from the head and what stands behind it.
func (k Key) Open(head, rest []byte, label string) ([]byte, error) {
	if len(rest) < nonceLength+MinPlain+tagLength {
		return nil, Unreadable("it was cut off")
	}
	plain, err := k.gcm.Open(nil, rest[:nonceLength], rest[nonceLength:], additional(head, label))
	if err != nil {
		return nil, Unreadable("it was altered, or sealed under another label: %w", err)
	}
	return plain, nil
}

// additional is unambiguous because a head tells its own length.
func additional(head []byte, label string) []byte {
	data := make([]byte, 0, len(head)+len(label))
	return append(append(data, head...), label...)
}
