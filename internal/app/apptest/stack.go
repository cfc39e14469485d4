// Package apptest opens whole installations for tests: the embedded one, and the same program on emulators of AWS, each
// with a clock that the test moves and a server on loopback. It knows no scenario.
package apptest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/mail/inbox"
	"github.com/caretaker/caretaker/internal/seal/keyfile"
)

// Clock is the time of an installation. Tests move it, always forward.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Stack is a running installation.
type Stack struct {
	*host.Local
	URL   string
	Clock *Clock
	// Operator is a browser in which an operator of the platform is signed in.
	Operator *Browser
	// Transport is how browsers reach the URL; nil is by the network.
	Transport http.RoundTripper
	sender    string
	costs     *costs
	server    *httptest.Server
	dynamoDB  string
}

// DynamoDB is the endpoint of the emulator that holds the installation's table, among others; empty on the embedded stack.
func (s *Stack) DynamoDB() string { return s.dynamoDB }

// Cheap are the least params of argon2id: tests are about rules, not about the cost of guessing.
var Cheap = embedded.Params{MemoryKiB: 8, Passes: 1, Lanes: 1}

// Each runs a test on both stacks. The package's TestMain must call emulatortest.Main.
func Each(t *testing.T, test func(t *testing.T, s *Stack)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		test(t, Embedded(t))
	})
	t.Run("aws", func(t *testing.T) {
		t.Parallel()
		test(t, AWS(t))
	})
}

var opened atomic.Int64

// config gives each installation a sender of its own, for the emulator of SES is shared, and a server's address.
func config(s *Stack) app.Config {
	s.server = httptest.NewUnstartedServer(nil)
	return app.Config{
		BaseURL: "http://" + s.server.Listener.Addr().String(), MailFrom: fmt.Sprintf("no-reply-%d@caretaker.example", opened.Add(1)),
		Product: "Caretaker", Log: slog.New(s.costs),
	}
}

// Secrets are what an installation seals and hashes with, for tests that wire one themselves.
func Secrets(tb testing.TB) (directory.Sealer, directory.Hasher) {
	tb.Helper()
	sealer, err := keyfile.Open(keyfile.Config{Path: keyfile.Memory, Random: rand.Reader})
	if err != nil {
		tb.Fatal(err)
	}
	hasher, err := embedded.NewHasher(embedded.Config{Params: Cheap, Random: rand.Reader})
	if err != nil {
		tb.Fatal(err)
	}
	return sealer, hasher
}

// NewClock shows the present time and stands still.
func NewClock() *Clock { return &Clock{now: time.Now().Truncate(time.Second)} }

// Embedded opens an installation that keeps everything in memory.
func Embedded(tb testing.TB) *Stack {
	tb.Helper()
	s := Stack{Clock: NewClock(), costs: &costs{}}
	c := config(&s)
	local, err := host.OpenEmbedded(c, host.InMemory, s.Clock.Now, Cheap)
	return start(tb, s, c, local, err)
}

// AWS opens an installation on DynamoDB Local, moto and the SES emulator, with a table and a pool of its own.
func AWS(tb testing.TB) *Stack {
	tb.Helper()
	s := Stack{Clock: NewClock(), costs: &costs{}, dynamoDB: emulatortest.RotatingDynamoDB(tb)}
	c := config(&s)
	endpoints := host.Endpoints{DynamoDB: s.dynamoDB, Moto: emulatortest.Moto(tb), SES: emulatortest.SES(tb)}
	local, err := host.OpenEmulated(tb.Context(), c, endpoints, s.Clock.Now)
	return start(tb, s, c, local, err)
}

func start(tb testing.TB, s Stack, c app.Config, local *host.Local, err error) *Stack {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
	handler, err := local.HTTP(httpapi.Areas()...)
	if err != nil {
		tb.Fatal(err)
	}
	server := s.server
	server.Config.Handler = handler
	server.Start()
	s.Local, s.URL, s.sender = local, server.URL, c.MailFrom
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context())) // it ends after the server, below
	followed := make(chan error, 1)
	go func() { followed <- local.Follow(ctx, local.Feed) }()
	tb.Cleanup(func() {
		server.Close()
		cancel()
		if err := <-followed; !errors.Is(err, context.Canceled) {
			tb.Error(err)
		}
		if err := local.Close(); err != nil {
			tb.Error(err)
		}
	})
	s.Operator = s.foundPlatform(tb)
	return &s
}

// foundPlatform sets the platform up and signs its first operator in.
func (s *Stack) foundPlatform(tb testing.TB) *Browser {
	tb.Helper()
	made, err := s.Directory.FoundPlatform(tb.Context(), directory.NewOrganisation{
		Name: "Caretaker platform", Preset: "platform",
		FirstAdministrator: directory.NewPerson("Olive", "Operator", "olive@platform.example"),
	})
	if err != nil {
		tb.Fatal(err)
	}
	b := s.Browser(tb)
	b.SignIn(string(directory.OperatorSlug), made.User.Username, string(made.Password)).Want(200)
	b.Call("POST", "/session/password", NewPassword("Correct-horse-9-battery")).Want(200)
	return b
}

// SignIn asks for a session.
func (b *Browser) SignIn(organisation, username, password string) Answer {
	b.tb.Helper()
	return b.Call("POST", "/session", map[string]string{"organisation": organisation, "username": username, "password": password})
}

// NewPassword is the body of a request that chooses a password.
func NewPassword(password string) map[string]string {
	return map[string]string{"newPassword": password, "repeatPassword": password}
}

// Found has the operator set an organisation up; it returns the first administrator's username and initial password.
func (s *Stack) Found(tb testing.TB, slug, name, preset, given, family string) (username, password string) {
	tb.Helper()
	a := s.Operator.Call("POST", "/operator/organisations", map[string]any{
		"slug": slug, "name": name, "preset": preset, "firstAdministrator": map[string]string{
			"givenName": given, "familyName": family,
			"email": strings.ToLower(given[:1]+"."+family) + "@" + slug + ".example",
		},
	}).Want(201)
	return a.Text("user.username"), a.Text("initialPassword")
}

// Enter takes somebody in the school portal's way from the initial password to the inside.
func (s *Stack) Enter(tb testing.TB, organisation, username, initial, password string) *Browser {
	tb.Helper()
	b := s.Browser(tb)
	b.SignIn(organisation, username, initial).Want(200)
	b.Call("POST", "/session/password", NewPassword(password)).Want(200)
	in := b.SignIn(organisation, username, password).Want(200)
	if in.Text("challenge.kind") == string(directory.ChallengeAgreement) {
		in = b.Call("POST", "/session/agreement", map[string]any{"version": in.At("challenge.version"), "accepted": true}).Want(200)
	}
	if in.Text("status") != "active" {
		tb.Fatalf("%s did not get in: %s", username, in.Body)
	}
	return b
}

// Mail waits for a mail to an address with this in its subject.
func (s *Stack) Mail(tb testing.TB, to, subject string) inbox.Received {
	tb.Helper()
	var found inbox.Received
	var mails []inbox.Received
	s.Await(tb, func() (came bool) {
		var err error
		if mails, err = s.Inbox.List(tb.Context(), to); err != nil {
			tb.Fatal(err)
		}
		for _, m := range mails {
			if m.From == s.sender && strings.Contains(m.Subject, subject) {
				found = m
				return true
			}
		}
		return false
	}, func() string { return fmt.Sprintf("no mail about %q came to %s, but these: %+v", subject, to, mails) })
	return found
}

// Mails are all that this installation sent, the oldest first. Those on their way are waited for.
func (s *Stack) Mails(tb testing.TB) []inbox.Received {
	tb.Helper()
	s.Await(tb, func() bool {
		waiting, err := s.Store.Unsent(tb.Context(), s.Clock.Now().Add(time.Hour), 1)
		if err != nil {
			tb.Fatal(err)
		}
		return len(waiting) == 0
	}, func() string { return "mails wait to be sent" })
	all, err := s.Inbox.List(tb.Context(), "")
	if err != nil {
		tb.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(m inbox.Received) bool { return m.From != s.sender })
	slices.Reverse(all)
	return all
}

// await lets a little time pass for what follows a change.
func await(tb testing.TB) {
	tb.Helper()
	timer := time.NewTimer(25 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-tb.Context().Done():
		tb.Fatal(tb.Context().Err())
	}
}

// Await asks again and again until something holds, for what follows a change a moment later.
func (s *Stack) Await(tb testing.TB, holds func() bool, otherwise func() string) {
	tb.Helper()
	for range 400 {
		if holds() {
			return
		}
		await(tb)
	}
	tb.Fatal(otherwise())
}

// SignsIn fails the test unless the password opens a session, whatever challenge it has.
func (s *Stack) SignsIn(tb testing.TB, organisation, username, password string) {
	tb.Helper()
	s.Browser(tb).SignIn(organisation, username, password).Want(200)
}
