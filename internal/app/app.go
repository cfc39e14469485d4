package app

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/breached"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/federation"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/passkeys"
	"github.com/caretaker/caretaker/internal/presets"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/text"
	"github.com/caretaker/caretaker/internal/totp"
)

// Parts are the adapters of one installation.
type Parts struct {
	Engine      engine.Engine
	Credentials directory.Credentials
	Hasher      directory.Hasher
	Sealer      directory.Sealer
	Sender      mail.Sender
	// Now is the clock; time.Now unless someone travels in time.
	Now func() time.Time
	// SweepAbreast is directory.SweepOptions.Abreast, for the Engine decides what pays.
	SweepAbreast int
}

// App is a wired program.
type App struct {
	Directory *directory.Directory
	Delivery  *mail.Delivery
	Store     *store.Store
	config    Config
	abreast   int
}

// New wires a program from its parts. It fails when passkeys cannot be had under the base URL.
func New(c Config, p Parts) (*App, error) {
	if p.Now == nil {
		p.Now = time.Now
	}
	p.Now = inMilliseconds(p.Now)
	c.Log = traceable(c.Log)
	party, err := passkeys.ConfigFor(c.BaseURL, c.Product)
	if err != nil {
		return nil, err
	}
	keys, err := passkeys.New(party, p.Now)
	if err != nil {
		return nil, err
	}
	s := store.New(p.Engine, text.Fold)
	d := &directory.Directory{
		Store: s, Credentials: p.Credentials, Presets: presets.Builtin(), Sealer: p.Sealer, Hasher: p.Hasher,
		TOTP: totp.Codes{Random: rand.Reader}, Passkeys: keys, Common: breached.Known, Product: c.Product,
		// A provider tells the time by the real clock, so its tokens are judged by that.
		Providers: federation.New(federation.Config{BaseURL: c.BaseURL, Now: time.Now, AllowLoopback: c.AllowLoopback}),
		Now:       p.Now, Clock: time.Now, NewID: newIDs(p.Now), Random: rand.Reader, Normal: text.Normal, Latin: text.Latin,
	}
	delivery := &mail.Delivery{
		Outbox: s, Links: d, Announcements: d, Helpers: d, Addressees: d, Turns: s, Sender: p.Sender, Now: p.Now,
		Settings: mail.Settings{
			From: mail.Address{Email: c.MailFrom}, FromNews: mail.Address{Email: c.MailFromNews}, BaseURL: c.BaseURL, Product: c.Product,
		},
	}
	a := &App{Store: s, Directory: d, Delivery: delivery, config: c, abreast: p.SweepAbreast}
	if p.Sender != nil {
		delivery.Sender = a.paced(p.Sender)
	}
	return a, nil
}

// Config is what the installation was opened with, with the names that were found for it.
func (a *App) Config() Config { return a.config }

// inMilliseconds is the precision in which times are kept, so that what is read is what was written.
func inMilliseconds(now func() time.Time) func() time.Time {
	return func() time.Time { return now().UTC().Truncate(time.Millisecond) }
}

// HTTP is the handler of some areas of the interface.
func (a *App) HTTP(areas ...httpapi.Area) (http.Handler, error) {
	return httpapi.New(a.Directory, httpapi.Config{
		Secure: strings.HasPrefix(a.config.BaseURL, "https://"), BaseURL: strings.TrimSuffix(a.config.BaseURL, "/"),
		TrustedOrigins: a.config.TrustedOrigins, Log: a.config.Log, Observe: a.observe,
	}, areas...)
}
