// Package embedded owns passwords that are kept in the product's own store, as argon2id hashes: how they are made,
// written, compared and renewed, and how much memory that may take. Where the hashes lie is the business of whoever
// implements Hashes.
package embedded

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"

	"github.com/caretaker/caretaker/internal/credentials"
	"github.com/caretaker/caretaker/internal/directory"
)

var _ directory.Credentials = (*Passwords)(nil)

// Config says what hashing costs and how much of it is done at once.
type Config struct {
	// Params of new hashes; the zero value stands for Recommended.
	Params Params
	// Random gives salts. It must be safe for concurrent use and fit for secrets, as crypto/rand.Reader is.
	Random io.Reader
	// Parallel is the most hashes computed at the same time, so that a burst of sign-ins takes at most
	// Parallel × Params.MemoryKiB of live memory and the rest waits in line. 0 stands for the number of processors
	// the program may use, beyond which more at once gains nothing.
	Parallel int
}

// Passwords implements directory.Credentials.
type Passwords struct {
	hashes Hashes
	params Params
	random io.Reader
	slots  *semaphore.Weighted
	derive func(password string, salt []byte, p Params, length int) []byte
}

// New fails if the configuration is out of bounds.
func New(hashes Hashes, c Config) (*Passwords, error) {
	params := cmp.Or(c.Params, Recommended())
	if err := params.Validate(); err != nil {
		return nil, fmt.Errorf("embedded passwords: %w", err)
	}
	if c.Random == nil {
		return nil, errors.New("embedded passwords: no source of random bytes")
	}
	if c.Parallel < 0 {
		return nil, fmt.Errorf("embedded passwords: %d hashes in parallel, must be 0 or more", c.Parallel)
	}
	slots := cmp.Or(c.Parallel, runtime.GOMAXPROCS(0))
	return &Passwords{
		hashes: hashes, params: params, random: c.Random,
		slots: semaphore.NewWeighted(int64(slots)), derive: argon2id,
	}, nil
}

func argon2id(password string, salt []byte, p Params, length int) []byte {
	return argon2.IDKey([]byte(password), salt, p.Passes, p.MemoryKiB, p.Lanes, uint32(length))
}

// SetPassword implements the port. It fails with kind Invalid if the password is out of the port's bounds.
func (p *Passwords) SetPassword(ctx context.Context, id directory.UserID, password string) error {
	if err := credentials.CheckUserID(id); err != nil {
		return err
	}
	normal, err := credentials.Normal(password)
	if err != nil {
		return err
	}
	encoded, err := p.hash(ctx, normal)
	if err != nil {
		return failure(ctx, "hash a password", err)
	}
	return p.change(ctx, id, func(e Entry) Entry {
		return Entry{Hash: encoded, Disabled: e.Disabled && e.Hash != "", Version: e.Version}
	})
}

// VerifyPassword implements the port. A user without a password costs the same reads and the same hash computation as
// any other. (A password hashed with former params costs what those cost, until it is renewed.)
func (p *Passwords) VerifyPassword(ctx context.Context, id directory.UserID, password string) error {
	if err := credentials.CheckUserID(id); err != nil {
		return err
	}
	normal, err := credentials.Normal(password)
	if err != nil {
		return directory.ErrWrongPassword // nobody can have this password, so answering at once tells nothing
	}
	entry, err := p.hashes.Hash(ctx, id)
	if err != nil {
		return failure(ctx, "read a hash", err)
	}
	stored, err := p.stored(entry)
	if err != nil {
		return failure(ctx, "read a hash", fmt.Errorf("user %s: %w", id, err))
	}
	key, err := p.compute(ctx, normal, stored.salt, stored.params, len(stored.key))
	if err != nil {
		return failure(ctx, "verify a password", err)
	}
	right := subtle.ConstantTimeCompare(key, stored.key) == 1
	if !right || entry.Hash == "" || entry.Disabled {
		return directory.ErrWrongPassword
	}
	if stored.outdated(p.params) {
		p.renew(ctx, id, entry, normal)
	}
	return nil
}

// SetDisabled implements the port.
func (p *Passwords) SetDisabled(ctx context.Context, id directory.UserID, disabled bool) error {
	if err := credentials.CheckUserID(id); err != nil {
		return err
	}
	return p.change(ctx, id, func(e Entry) Entry {
		if e.Hash != "" {
			e.Disabled = disabled
		}
		return e
	})
}

// DeletePassword implements the port.
func (p *Passwords) DeletePassword(ctx context.Context, id directory.UserID) error {
	if err := credentials.CheckUserID(id); err != nil {
		return err
	}
	return failure(ctx, "delete a hash", p.hashes.DeleteHash(ctx, id))
}

// stored is the digest to compare with: for a user without one, a digest that no password has.
func (p *Passwords) stored(e Entry) (digest, error) {
	if e.Hash == "" {
		return digest{params: p.params, salt: make([]byte, saltLength), key: make([]byte, keyLength)}, nil
	}
	return parse(e.Hash)
}

// attempts bounds how often change starts over. Each failed one means that another change of the same user
// succeeded, so only a user who is changed from many sides at once comes near it.
const attempts = 10

// change writes what f makes of the user's entry, starting over when someone else wrote in between.
func (p *Passwords) change(ctx context.Context, id directory.UserID, f func(Entry) Entry) error {
	var stale error
	for range attempts {
		before, err := p.hashes.Hash(ctx, id)
		if err != nil {
			return failure(ctx, "read a hash", err)
		}
		after := f(before)
		if after == before {
			return nil
		}
		stale = p.hashes.PutHash(ctx, id, after)
		if stale == nil || directory.KindOf(stale) != directory.Stale {
			return failure(ctx, "store a hash", stale)
		}
	}
	return failure(ctx, "store a hash", stale)
}

// renew replaces a hash of former params. The sign-in that gave the occasion has succeeded already, and the next one
// is as good an occasion, so no failure is worth reporting: neither a full queue nor a store that does not answer, nor
// that the password or its being disabled changed in between, in which case the newer entry must stay.
func (p *Passwords) renew(ctx context.Context, id directory.UserID, e Entry, normal string) {
	encoded, err := p.hash(ctx, normal)
	if err != nil {
		return
	}
	e.Hash = encoded
	_ = p.hashes.PutHash(ctx, id, e)
}

// hash returns the PHC string of the password with a new salt.
func (p *Passwords) hash(ctx context.Context, normal string) (string, error) {
	salt := make([]byte, saltLength)
	if _, err := io.ReadFull(p.random, salt); err != nil {
		return "", fmt.Errorf("read a salt: %w", err)
	}
	key, err := p.compute(ctx, normal, salt, p.params, keyLength)
	if err != nil {
		return "", err
	}
	return digest{params: p.params, salt: salt, key: key}.String(), nil
}

// compute waits for a slot and computes. Once begun, a computation runs to its end.
func (p *Passwords) compute(
	ctx context.Context, normal string, salt []byte, params Params, length int,
) ([]byte, error) {
	if err := p.slots.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer p.slots.Release(1)
	return p.derive(normal, salt, params, length), nil
}

// retryAfter is a guess: a burst of sign-ins is over, and a contended entry free again, within a second.
const retryAfter = time.Second

// failure says what could not be done. A context that has ended and an entry that never held still are Unavailable.
func failure(ctx context.Context, what string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return directory.NewUnavailable("password store", retryAfter, fmt.Errorf("%s: %w", what, ctx.Err()))
	case directory.KindOf(err) == directory.Stale:
		return directory.NewUnavailable("password store", retryAfter, fmt.Errorf("%s: %w", what, err))
	}
	return fmt.Errorf("%s: %w", what, err)
}
