package app

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/presets"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/text"
)

// Parts are the adapters of one installation.
type Parts struct {
	Engine      engine.Engine
	Credentials directory.Credentials
	Sender      mail.Sender
	// Now is the clock; time.Now unless someone travels in time.
	Now func() time.Time
}

// App is a wired program.
type App struct {
	Directory *directory.Directory
	Delivery  *mail.Delivery
	Store     *store.Store
	config    Config
}

// New wires a program from its parts.
func New(c Config, p Parts) *App {
	if p.Now == nil {
		p.Now = time.Now
	}
	p.Now = inMilliseconds(p.Now)
	s := store.New(p.Engine, text.Fold)
	return &App{
		Store: s,
		Directory: &directory.Directory{
			Store: s, Credentials: p.Credentials, Presets: presets.Builtin(), Now: p.Now, NewID: newIDs(p.Now),
			Random: rand.Reader, Normal: text.Normal, Latin: text.Latin,
		},
		Delivery: &mail.Delivery{
			Outbox: s, Sender: p.Sender, Now: p.Now,
			Settings: mail.Settings{From: mail.Address{Email: c.MailFrom}, BaseURL: c.BaseURL, Product: c.Product},
		},
		config: c,
	}
}

// inMilliseconds is the precision in which times are kept, so that what is read is what was written.
func inMilliseconds(now func() time.Time) func() time.Time {
	return func() time.Time { return now().UTC().Truncate(time.Millisecond) }
}

// HTTP is the handler of some areas of the interface.
func (a *App) HTTP(areas ...httpapi.Area) (http.Handler, error) {
	return httpapi.New(a.Directory, httpapi.Config{
		Secure: strings.HasPrefix(a.config.BaseURL, "https://"), TrustedOrigins: a.config.TrustedOrigins,
		Log: a.config.Log, Observe: observe,
	}, areas...)
}

// observe counts what a request costs at the store.
func observe(ctx context.Context) (context.Context, func() []slog.Attr) {
	m := &engine.Meter{}
	return engine.WithMeter(ctx, m), func() []slog.Attr {
		cost := m.Total()
		return []slog.Attr{
			slog.Int("storeCalls", cost.Calls), slog.Float64("readUnits", cost.ReadUnits), slog.Float64("writeUnits", cost.WriteUnits),
		}
	}
}

// Tidied says what Tidy did.
type Tidied struct {
	Credentials directory.Healed
	Mails       mail.Redelivered
}

// tidyLimit bounds what one Tidy looks at, so that it ends well within a function's time; the next one goes on.
const tidyLimit = 200

// Tidy puts right what crashes left behind: interrupted credential changes, and mails that the change feed lost. It may
// run at any time, also twice at once.
func (a *App) Tidy(ctx context.Context) (Tidied, error) {
	healed, err := a.Directory.Heal(ctx, tidyLimit)
	if err != nil {
		return Tidied{Credentials: healed}, err
	}
	mails, err := a.Delivery.Redeliver(ctx, tidyLimit)
	return Tidied{Credentials: healed, Mails: mails}, err
}
