// Package kms seals with data keys from AWS KMS (envelope encryption): KMS makes a data key and gives it twice, plain and
// encrypted with a key that never leaves KMS. The plain one seals and is forgotten after a while; the encrypted one
// travels inside what it has sealed, and KMS alone can decrypt it. The package owns when KMS is asked, how long a data key
// is used, and what KMS's answers mean. Who may use the key is a matter of IAM: these calls need kms:GenerateDataKey and
// kms:Decrypt on it, and nothing else.
package kms

import (
	"cmp"
	"context"
	"io"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"golang.org/x/sync/singleflight"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/seal"
)

// API is what Sealer calls of *kms.Client.
type API interface {
	GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...option) (*kms.GenerateDataKeyOutput, error)
	Decrypt(context.Context, *kms.DecryptInput, ...option) (*kms.DecryptOutput, error)
}

type option = func(*kms.Options)

var (
	_ API              = (*kms.Client)(nil)
	_ directory.Sealer = (*Sealer)(nil)
)

// Bounds that a Config may leave out. A data key seals for an hour at most, so that one that leaks gives away little, and an
// organisation that enrols hundreds of people in a morning still pays for one or two.
const (
	DefaultMaxSeals = 10_000
	DefaultMaxAge   = time.Hour
	DefaultMaxKeys  = 1_000 // of about 1 KiB each

	// maxSeals is the most that MaxSeals may be: far fewer than the 2³² random nonces that GCM allows a key.
	maxSeals = 1 << 30
	// minAge is far more than KMS takes to answer: a key that is too old when it comes would be asked for without end.
	minAge = time.Second
)

// Config names the key and says how long data keys are used.
type Config struct {
	// KeyID is the key's ARN, id or alias, of a symmetric key. KMS's own yearly rotation keeps it. What was sealed with one
	// key is not opened with another, so an alias must not be moved.
	KeyID string
	// Context is bound to every data key and stands in the trail of the key's use; nil is {"service": "caretaker"}. Data
	// keys are decrypted only with the context that they were made with, so it must never change.
	Context map[string]string
	// Random gives nonces. It must be safe for concurrent use and fit for secrets, as crypto/rand.Reader is.
	Random io.Reader
	Now    func() time.Time
	// MaxSeals is how often a data key seals, 0 for DefaultMaxSeals; MaxAge how long it is kept plain in memory, for sealing
	// and for opening, 0 for DefaultMaxAge. Who loses the right to use the key can thus go on opening for MaxAge.
	MaxSeals int
	MaxAge   time.Duration
	// MaxKeys is the most data keys kept for opening, 0 for DefaultMaxKeys. The least recently used go first.
	MaxKeys int
}

// Sealer implements directory.Sealer. It may be used from many goroutines at once.
type Sealer struct {
	api     API
	config  Config
	sealing sealing
	opening opening
	calls   singleflight.Group
}

// New calls nothing. It fails if the configuration is out of bounds.
func New(client API, c Config) (*Sealer, error) {
	c.MaxSeals = cmp.Or(c.MaxSeals, DefaultMaxSeals)
	c.MaxAge = cmp.Or(c.MaxAge, DefaultMaxAge)
	c.MaxKeys = cmp.Or(c.MaxKeys, DefaultMaxKeys)
	c.Context = maps.Clone(c.Context)
	if c.Context == nil {
		c.Context = map[string]string{"service": "caretaker"}
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return &Sealer{api: client, config: c, opening: newOpening(c.MaxKeys)}, nil
}

func (c Config) check() error {
	switch {
	case c.KeyID == "":
		return seal.Failed("kms: no key is named")
	case c.Random == nil || c.Now == nil:
		return seal.Failed("kms: no source of random bytes or no clock")
	case c.MaxSeals < 1 || c.MaxSeals > maxSeals:
		return seal.Failed("kms: a data key is to seal %d times, must be 1 to %d", c.MaxSeals, maxSeals)
	case c.MaxAge < minAge || c.MaxKeys < 0:
		return seal.Failed("kms: data keys are to be kept for %v, at least %v, and %d at most", c.MaxAge, minAge, c.MaxKeys)
	}
	return nil
}

// Seal implements the port. It calls KMS when the data key in use has come to an end.
func (s *Sealer) Seal(ctx context.Context, label string, plain []byte) ([]byte, error) {
	if err := seal.Check(ctx, plain); err != nil {
		return nil, err
	}
	for {
		if key, ok := s.sealing.take(s.config.Now()); ok {
			return key.cipher.Seal(s.config.Random, key.head, label, plain)
		}
		if _, err := s.once(ctx, generating, s.generate); err != nil {
			return nil, failure(ctx, "generate a data key", err)
		}
		// Others who waited may have used it up by now; then it takes another.
	}
}

// Open implements the port. It calls KMS for a data key that it has not met before, or not for a while.
func (s *Sealer) Open(ctx context.Context, label string, sealed []byte) ([]byte, error) {
	if err := seal.CheckTime(ctx); err != nil {
		return nil, err
	}
	encrypted, rest, ok := split(sealed)
	if !ok {
		return nil, seal.Unreadable("it was not sealed with KMS, or was cut off")
	}
	key, ok := s.opening.find(encrypted, s.config.Now())
	if !ok {
		var err error
		key, err = s.once(ctx, encrypted, func(ctx context.Context) (dataKey, error) { return s.decrypt(ctx, encrypted) })
		if err != nil {
			return nil, failure(ctx, "decrypt a data key", err)
		}
	}
	return key.cipher.Open(key.head, rest, label)
}
