package host

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/app/front/passkey"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail/inbox"
	"github.com/caretaker/caretaker/internal/seal/keyfile"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
)

// InMemory is the folder of an embedded installation that keeps nothing.
const InMemory = ":memory:"

// sweepAbreast has sweeps fill the engine's groups of 1,024 Commits, of which all share one sync of the disk.
const sweepAbreast = 1024 / directory.DueParts

// Local is an installation on one machine: the program, its mails, and the feed that delivers them.
type Local struct {
	*app.App
	Inbox inbox.Box
	Feed  engine.Feed
	close []func() error

	file   *bolt.Engine // nil on emulators
	folder string
}

// Close lets go of files and connections.
func (l *Local) Close() error {
	var errs []error
	for _, c := range l.close {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// OpenEmbedded opens an installation that needs no server: bbolt, argon2id and an inbox, kept in a folder. params says
// what hashing a password costs; the zero value is the recommendation.
func OpenEmbedded(c app.Config, folder string, now func() time.Time, params embedded.Params) (*Local, error) {
	data, mails, keys := filepath.Join(folder, StoreFile), filepath.Join(folder, "inbox.jsonl"), filepath.Join(folder, KeysFile)
	if folder == InMemory {
		data, mails, keys = InMemory, "", keyfile.Memory
	}
	sealer, err := keyfile.Open(keyfile.Config{Path: keys, Random: rand.Reader})
	if err != nil {
		return nil, err
	}
	e, err := bolt.Open(data, bolt.WithFeed(store.Followed), bolt.WithClock(now))
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	box, err := inbox.Open(inbox.Config{Now: now, File: mails})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the inbox: %w", err), e.Close())
	}
	passwords, err := embedded.New(hashes{store.NewVault(e, "password")}, embedded.Config{Params: params, Random: rand.Reader})
	if err != nil {
		return nil, errors.Join(err, box.Close(), e.Close())
	}
	c.AllowLoopback = true
	p := app.Parts{Engine: e, Credentials: passwords, Hasher: passwords.Hasher(), Sealer: sealer, Sender: box, Now: now, SweepAbreast: sweepAbreast}
	if err := app.AddAll(c, &p, front.Proofs, passkey.Add); err != nil {
		return nil, errors.Join(err, box.Close(), e.Close())
	}
	return &Local{App: app.New(c, p), Inbox: box, Feed: e, close: []func() error{e.Close, box.Close}, file: e, folder: folder}, nil
}
