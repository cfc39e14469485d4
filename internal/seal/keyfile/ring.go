package keyfile

import (
	"crypto/sha256"
	"encoding/hex"
	"io"

	"github.com/caretaker/caretaker/internal/seal"
)

// idLength is in bytes. Ids tell the few keys of a file apart and damaged ones from whole ones; they are no secret and no
// protection.
const idLength = 8

// id is the beginning of a digest of the key.
type id [idLength]byte

// idOf digests a prefix too, so that the id is of no use for whatever else might be derived from a key by SHA-256.
func idOf(raw []byte) id {
	sum := sha256.Sum256(append([]byte("caretaker sealing key "), raw...))
	return id(sum[:idLength])
}

func (i id) String() string { return hex.EncodeToString(i[:]) }

// head is what stands before whatever the key has sealed.
func (i id) head() []byte { return append([]byte{seal.FormatKeyFile}, i[:]...) }

// split undoes head; false if there is none.
func split(sealed []byte) (id, []byte, bool) {
	if len(sealed) < 1+idLength || sealed[0] != seal.FormatKeyFile {
		return id{}, nil, false
	}
	return id(sealed[1 : 1+idLength]), sealed[1+idLength:], true
}

type key struct {
	id     id
	raw    []byte // to be written
	cipher seal.Key
}

func newKey(raw []byte) (key, error) {
	cipher, err := seal.NewKey(raw)
	if err != nil {
		return key{}, err
	}
	return key{id: idOf(raw), raw: raw, cipher: cipher}, nil
}

// ring is one or more keys, the current one first. It is never changed, only replaced.
type ring []key

func (r ring) current() key { return r[0] }

func (r ring) find(wanted id) (key, bool) {
	for _, k := range r {
		if k.id == wanted {
			return k, true
		}
	}
	return key{}, false
}

// with returns the ring with a new current key.
func (r ring) with(random io.Reader) (ring, error) {
	raw := make([]byte, seal.KeyLength)
	if _, err := io.ReadFull(random, raw); err != nil {
		return nil, seal.Failed("read a new key: %w", err)
	}
	k, err := newKey(raw)
	if err != nil {
		return nil, err
	}
	if _, there := r.find(k.id); there {
		return nil, seal.Failed("a new key is one that is there already: the source of random bytes repeats itself")
	}
	return append(ring{k}, r...), nil
}
