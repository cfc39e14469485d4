package federation_test

import (
	"errors"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/infra/emulators/openid/openidtest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/federation"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }

const (
	base     = "https://users.example.org"
	callback = base + federation.CallbackPath
	secret   = "client-secret-9f3a7c"
)

// flow is one sign-in under way.
var flow = directory.Flow{
	State: "state-abcdefghijklmnop", Nonce: "nonce-abcdefghijklmnop",
	Verifier: "verifier-abcdefghijklmnopqrstuvwxyz0123456789ABC",
}

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a provider that knows Ann, and Caretaker relying on it.
type world struct {
	*openidtest.Provider
	federation *federation.Providers
	clock      *clock
	settings   directory.Provider
}

func newWorld(t *testing.T) world {
	t.Helper()
	return worldAt(t, openidtest.New(t, emulatortest.OpenID(t)), openidtest.Client{Secret: secret})
}

func worldAt(t *testing.T, p *openidtest.Provider, c openidtest.Client) world {
	t.Helper()
	c.ID, c.RedirectURIs = "caretaker", []string{callback}
	p.SetClient(t, c)
	p.SetAccount(t, "ann", map[string]any{
		"preferred_username": "ann.smith", "email": "ann@school.example", "email_verified": true, "number": 7,
	})
	now := newClock()
	return world{
		Provider: p, clock: now,
		federation: federation.New(federation.Config{BaseURL: base, Now: now.Now, AllowLoopback: true}),
		settings: directory.Provider{
			Issuer: p.Issuer, ClientID: c.ID, ClientSecret: c.Secret, Claim: "preferred_username",
		},
	}
}

// leave sends Ann's browser to the provider and returns with what address it is sent back.
func (w world) leave(t *testing.T) url.Values {
	t.Helper()
	w.NextSignIn(t, "ann")
	address, err := w.federation.Begin(t.Context(), w.settings, flow)
	if err != nil {
		t.Fatalf("Begin: %v", err)
	}
	back := w.SignIn(t, address)
	if got := "https://" + back.Host + back.Path; got != callback {
		t.Fatalf("the browser is sent back to %s, want %s", got, callback)
	}
	return back.Query()
}

// signIn signs Ann in.
func (w world) signIn(t *testing.T) (directory.Identity, error) {
	t.Helper()
	return w.finish(t, w.leave(t))
}

func (w world) finish(t *testing.T, answer url.Values) (directory.Identity, error) {
	t.Helper()
	f := flow
	f.Issuer = answer.Get("iss")
	return w.federation.Finish(t.Context(), w.settings, f, answer.Get("code"))
}

var ann = directory.Identity{Subject: "ann", Name: "ann.smith", Email: "ann@school.example", EmailVerified: true}

func wantAnn(t *testing.T, got directory.Identity, err error) {
	t.Helper()
	if err != nil || got != ann {
		t.Errorf("identity = %+v, %v; want Ann's", got, err)
	}
}

// wantError wants an error of the domain with a cause for the log.
func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("err = %v, want %v", err, want)
		return
	}
	if e, _ := errors.AsType[*directory.Error](err); e.Err == nil {
		t.Errorf("%v has no cause for the log", err)
	}
}

// errUnavailable is what errors.Is compares with.
var errUnavailable = directory.NewUnavailable("", 0, nil)
