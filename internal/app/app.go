package app

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/presets/builtin"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/text"
)

// Parts are the adapters of one program. A function has those that it needs and leaves the others nil: each takes room, and time
// at the start.
type Parts struct {
	Engine      engine.Engine
	Credentials directory.Credentials
	Hasher      directory.Hasher
	Sealer      directory.Sealer
	TOTP        directory.TOTP
	Passkeys    directory.Passkeys
	Providers   directory.IdentityProviders
	// Common is directory.Directory's.
	Common func(password string) bool
	Sender mail.Sender
	// Now is the clock; time.Now unless someone travels in time.
	Now func() time.Time
	// SweepAbreast is directory.SweepOptions.Abreast, for the Engine decides what pays.
	SweepAbreast int
}

// Add puts parts to those that are there.
type Add func(Config, *Parts) error

// AddAll adds one after the other.
func AddAll(c Config, p *Parts, all ...Add) error {
	for _, add := range all {
		if err := add(c, p); err != nil {
			return err
		}
	}
	return nil
}

// Clock is Now, in the precision in which times are kept, so that what is read is what was written.
func (p *Parts) Clock() func() time.Time {
	now := p.Now
	if now == nil {
		now = time.Now
	}
	return func() time.Time { return now().UTC().Truncate(time.Millisecond) }
}

// App is a wired program.
type App struct {
	Directory *directory.Directory
	Delivery  *mail.Delivery
	Store     *store.Store
	config    Config
	abreast   int
}

// New wires a program from its parts.
func New(c Config, p Parts) *App {
	now := p.Clock()
	c.Log = traceable(c.Log)
	s := store.New(p.Engine, text.Fold)
	d := &directory.Directory{
		Store: s, Credentials: p.Credentials, Presets: builtin.New(), Sealer: p.Sealer, Hasher: p.Hasher,
		TOTP: p.TOTP, Passkeys: p.Passkeys, Providers: p.Providers, Common: p.Common, Product: c.Product,
		Now: now, Clock: time.Now, NewID: newIDs(now), Random: rand.Reader, Normal: text.Normal, Latin: text.Latin,
	}
	delivery := &mail.Delivery{
		Outbox: s, Links: d, Announcements: d, Helpers: d, Addressees: d, Turns: s, Sender: p.Sender, Now: now,
		Settings: mail.Settings{
			From: mail.Address{Email: c.MailFrom}, FromNews: mail.Address{Email: c.MailFromNews}, BaseURL: c.BaseURL, Product: c.Product,
		},
	}
	a := &App{Store: s, Directory: d, Delivery: delivery, config: c, abreast: p.SweepAbreast}
	if p.Sender != nil {
		delivery.Sender = a.paced(p.Sender)
	}
	return a
}

// Config is what the installation was opened with, with the names that were found for it.
func (a *App) Config() Config { return a.config }

// HTTP is the handler of some areas of the interface.
func (a *App) HTTP(areas ...httpapi.Area) (http.Handler, error) {
	return httpapi.New(a.Directory, httpapi.Config{
		Secure: strings.HasPrefix(a.config.BaseURL, "https://"), BaseURL: strings.TrimSuffix(a.config.BaseURL, "/"),
		TrustedOrigins: a.config.TrustedOrigins, Log: a.config.Log, Observe: a.observe,
	}, areas...)
}
