package faults_test

import (
	"log/slog"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/app/front/passkey"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// elsewhere is another function on the same store, whose clock is off.
func (w *world) elsewhere(t *testing.T, off time.Duration) *world {
	t.Helper()
	_, hasher := apptest.Secrets(t)
	config := app.Config{
		BaseURL: baseURL, MailFrom: "no-reply@users.example", Product: "Caretaker", Log: slog.New(slog.DiscardHandler),
	}
	parts := app.Parts{
		Engine: w.store(), Credentials: w.pool, Hasher: hasher, Sealer: w.Directory.Sealer, Sender: w.inbox,
		Now: func() time.Time { return w.clock.Now().Add(off) },
	}
	if err := app.AddAll(config, &parts, front.Proofs, passkey.Add); err != nil {
		t.Fatal(err)
	}
	a := app.New(config, parts)
	other := &world{App: a, injector: w.injector, people: w.people, engine: w.engine, pool: w.pool, inbox: w.inbox, clock: w.clock, written: w.written}
	var err error
	if other.handler, err = a.HTTP(httpapi.Areas()...); err != nil {
		t.Fatal(err)
	}
	return other
}

// in is the same browser, whose requests the other function serves.
func (v *visitor) in(w *world) *visitor { return &visitor{w, maps.Clone(v.cookies)} }

// Functions' clocks differ by milliseconds; should one be minutes off, in either direction, people go on working: sessions,
// links, bars and answers given again hold everywhere, and what was begun in one function is ended and healed by another.
// Codes of an authenticator app alone are refused by the one that is off, for they are good for half a minute.
func TestFunctionsWhoseClocksDiffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.remember(t)
	for _, off := range []time.Duration{5 * time.Minute, -5 * time.Minute} {
		x := skew{t, w, w.elsewhere(t, off), off}
		for _, check := range []func(){x.sessions, x.links, x.keys, x.bars, x.codes, x.healing} {
			check()
			w.restore(t, before)
		}
	}
}

// skew is a function here and another elsewhere.
type skew struct {
	*testing.T
	here, there *world
	off         time.Duration
}

func (x skew) want(status int, a answer) answer {
	x.Helper()
	if a.Code != status {
		x.Errorf("off by %s: %d %s, want %d", x.off, a.Code, a.Body, status)
	}
	return a
}

func (x skew) sessions() {
	for _, c := range [][2]*world{{x.here, x.there}, {x.there, x.here}} {
		v := c[0].visitor()
		x.want(http.StatusOK, v.call(x.T, "POST", "/session", signingIn("bash-street", x.here.dannyName, password)))
		for range 3 { // used by turns, so that each notes it
			x.here.clock.advance(2 * time.Minute)
			x.want(http.StatusOK, v.in(c[1]).call(x.T, "GET", "/me", nil))
			x.want(http.StatusOK, v.in(c[0]).call(x.T, "GET", "/me", nil))
		}
	}
}

func (x skew) links() {
	for _, c := range [][2]*world{{x.here, x.there}, {x.there, x.here}} {
		token, err := c[0].Directory.IssueLink(x.Context(), "bash-street", directory.UserID(x.here.dannyID))
		if err != nil {
			x.Fatal(err)
		}
		x.here.clock.advance(50 * time.Minute)
		body := chosen(map[bool]string{true: otherPassword, false: "Secret5of6cupboards"}[c[0] == x.here])
		body["token"] = token.Text()
		x.want(http.StatusNoContent, c[1].visitor().call(x.T, "POST", "/password-resets/confirm", body))
	}
}

func (x skew) keys() {
	roger := person("Roger", "bash-street")
	first := x.want(http.StatusCreated, x.here.jane.call(x.T, "POST", "/users", roger, "Idempotency-Key", "once"))
	again := x.want(http.StatusCreated, x.here.jane.in(x.there).call(x.T, "POST", "/users", roger, "Idempotency-Key", "once"))
	if first.text("user.id") != again.text("user.id") {
		x.Errorf("off by %s: two users were made", x.off)
	}
}

func (x skew) bars() {
	x.there.guess(x.T)
	x.want(http.StatusLocked, x.here.visitor().call(x.T, "POST", "/session", signingIn("bash-street", x.here.dannyName, password)))
	x.here.jane.must(x.T, "POST", "/users/"+x.here.dannyID+"/unlock", nil)
	x.want(http.StatusOK, x.there.visitor().call(x.T, "POST", "/session", signingIn("bash-street", x.here.dannyName, password)))
}

func (x skew) codes() {
	secret := x.here.useApp(x.T)
	x.here.clock.advance(10 * time.Minute)
	code, err := totp.GenerateCode(secret, x.here.clock.Now())
	if err != nil {
		x.Fatal(err)
	}
	for _, c := range []struct {
		function *world
		status   int
	}{{x.there, http.StatusUnprocessableEntity}, {x.here, http.StatusOK}} {
		v := c.function.visitor()
		x.want(http.StatusOK, v.call(x.T, "POST", "/session", signingIn("bash-street", x.here.dannyName, password)))
		x.want(c.status, v.call(x.T, "POST", "/session/totp", object{"code": code}))
	}
}

// healing has what was begun there put right here: a new password of which nobody knows, and letters.
func (x skew) healing() {
	x.here.jane.in(x.there).must(x.T, "GET", "/me", nil) // which notes the use of the session, if it is time to
	x.here.arm(3, outage)                                // the pool's
	x.here.jane.in(x.there).call(x.T, "POST", "/users/"+x.here.dannyID+"/password-reset", nil)
	x.here.disarm()
	x.there.jane.in(x.there).must(x.T, "POST", "/users", person("Roger", "bash-street"))
	if err := x.here.inbox.Clear(x.Context()); err != nil {
		x.Fatal(err)
	}
	x.here.tidy(x.T)
	sent, err := x.here.inbox.List(x.Context(), "")
	if err != nil || len(sent) != 2 { // the welcome, and that the change was interrupted
		x.Errorf("off by %s: %d letters, %v", x.off, len(sent), err)
	}
}
