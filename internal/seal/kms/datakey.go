package kms

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/caretaker/caretaker/internal/seal"
)

// maxEncrypted is the longest data key that KMS decrypts, in bytes. Those it makes have fewer than 200.
const maxEncrypted = 6144

const lengthBytes = 2 // of the length of the encrypted data key in a head

// dataKey is a key that KMS has made, ready for use until a point in time.
type dataKey struct {
	cipher seal.Key
	head   []byte // what stands before whatever it has sealed
	until  time.Time
}

// newDataKey wipes plain.
func newDataKey(plain []byte, encrypted string, until time.Time) (dataKey, error) {
	defer clear(plain)
	if encrypted == "" || len(encrypted) > maxEncrypted {
		return dataKey{}, seal.Failed("kms: an encrypted data key has %d bytes, must have 1 to %d", len(encrypted), maxEncrypted)
	}
	cipher, err := seal.NewKey(plain)
	if err != nil {
		return dataKey{}, err
	}
	return dataKey{cipher: cipher, head: head(encrypted), until: until}, nil
}

func (k dataKey) usable(now time.Time) bool { return now.Before(k.until) }

func head(encrypted string) []byte {
	h := make([]byte, 0, 1+lengthBytes+len(encrypted))
	h = append(h, seal.FormatKMS)
	h = binary.BigEndian.AppendUint16(h, uint16(len(encrypted)))
	return append(h, encrypted...)
}

// split undoes head; false if there is none.
func split(sealed []byte) (encrypted string, rest []byte, ok bool) {
	if len(sealed) < 1+lengthBytes || sealed[0] != seal.FormatKMS {
		return "", nil, false
	}
	n := int(binary.BigEndian.Uint16(sealed[1:]))
	rest = sealed[1+lengthBytes:]
	if n < 1 || n > maxEncrypted || n > len(rest) {
		return "", nil, false
	}
	return string(rest[:n]), rest[n:], true
}

// sealing is the data key that seals at present, if any, and how often it still may.
type sealing struct {
	mu   sync.Mutex
	key  dataKey
	left int
}

// take uses it once; false when it has come to an end.
func (s *sealing) take(now time.Time) (dataKey, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == 0 || !s.key.usable(now) {
		return dataKey{}, false
	}
	s.left--
	return s.key, true
}

// look is take without using it.
func (s *sealing) look(now time.Time) (dataKey, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key, s.left > 0 && s.key.usable(now)
}

func (s *sealing) begin(key dataKey, seals int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key, s.left = key, seals
}
