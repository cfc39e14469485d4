// Package keyfile seals with keys that lie in a file of this machine: how the file is made, written, read and guarded, and
// which of its keys seals. It shares the file with other processes, but reads it at the start only: a process that is to
// open what was sealed with a key added by another has to be started anew.
//
// The file is text: one key on a line, its id and itself. The first seals, all open. An id is a digest of its key, so
// that a damaged line is found when the file is read and not when a secret is lost.
package keyfile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/seal"
)

// Memory as the path keeps the keys nowhere: what is sealed can be opened by the same Sealer alone.
const Memory = ":memory:"

// Config says where the keys are and what new ones are made of.
type Config struct {
	// Path of the file. Its folder must be there. Whoever can read the file can open everything.
	Path string
	// Random gives keys and nonces. It must be safe for concurrent use and fit for secrets, as crypto/rand.Reader is.
	Random io.Reader
}

// Sealer implements directory.Sealer. It may be used from many goroutines at once.
type Sealer struct {
	config Config
	adding sync.Mutex
	keys   atomic.Pointer[ring]
}

var _ directory.Sealer = (*Sealer)(nil)

// Open reads the keys. A file that is missing is made, with one key; one that is there is never written. Its errors say
// what is wrong with the file and what to do.
func Open(c Config) (*Sealer, error) {
	if c.Random == nil {
		return nil, seal.Failed("key file: no source of random bytes")
	}
	keys, err := open(c)
	if err != nil {
		return nil, err
	}
	s := &Sealer{config: c}
	s.keys.Store(&keys)
	return s, nil
}

func open(c Config) (ring, error) {
	if c.Path == Memory {
		return ring(nil).with(c.Random)
	}
	keys, err := load(c.Path)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	if keys, err = ring(nil).with(c.Random); err != nil {
		return nil, err
	}
	err = create(c.Path, keys.text())
	if errors.Is(err, fs.ErrExist) { // another process was a moment ahead, and its keys are as good
		return load(c.Path)
	}
	return keys, err
}

// AddKey makes a key that seals from now on. The former ones stay for opening. When it returns, the key is on the disk.
func (s *Sealer) AddKey() error {
	s.adding.Lock()
	defer s.adding.Unlock()
	keys, err := s.added()
	if err != nil {
		return err
	}
	s.keys.Store(&keys)
	return nil
}

func (s *Sealer) added() (ring, error) {
	if s.config.Path == Memory {
		return s.keys.Load().with(s.config.Random)
	}
	return rewrite(s.config.Path, func(there ring) (ring, error) { return there.with(s.config.Random) })
}

// Seal implements the port.
func (s *Sealer) Seal(ctx context.Context, label string, plain []byte) ([]byte, error) {
	if err := seal.Check(ctx, plain); err != nil {
		return nil, err
	}
	k := s.keys.Load().current()
	return k.cipher.Seal(s.config.Random, k.id.head(), label, plain)
}

// Open implements the port.
func (s *Sealer) Open(ctx context.Context, label string, sealed []byte) ([]byte, error) {
	if err := seal.CheckTime(ctx); err != nil {
		return nil, err
	}
	id, rest, ok := split(sealed)
	if !ok {
		return nil, seal.Unreadable("it was not sealed with a key file, or was cut off")
	}
	k, ok := s.keys.Load().find(id)
	if !ok {
		return nil, seal.Unreadable("it was sealed with key %s, which is not in %s: if there is a copy of the file that has "+
			"the key, put the key's line back and start again", id, s.config.Path)
	}
	return k.cipher.Open(id.head(), rest, label)
}
