package app_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// outage is a service of AWS that stays away, and what somebody asks for meanwhile.
type outage struct {
	name, on string
	does     func(http.ResponseWriter, *http.Request, http.Handler)
	asks     func(w *school) question
	atMost   time.Duration // 0: what an answer may take at most
	minimum  int           // tries of the service, at least
}

// question is a request to one of the functions.
type question struct{ area, method, path, body, cookie string }

// school is who is there.
type school struct {
	admin, danny string // cookies
	signIn       string // Danny's
	dannyID      string
}

const loud = "loud and clear"

func signingIn(w *school) question {
	return question{"session", http.MethodPost, "/session", w.signIn, ""}
}

func looking(w *school) question {
	return question{"users", http.MethodGet, "/users", "", w.admin}
}

func adding(w *school) question {
	return question{"users", http.MethodPost, "/users", `{"givenName":"Roger","familyName":"Dodger","email":"r.dodger@users.example"}`, w.admin}
}

func resetting(w *school) question {
	return question{"passwords", http.MethodPost, "/users/" + w.dannyID + "/password-reset", "", w.admin}
}

func sealing(w *school) question {
	return question{"organisation", http.MethodPut, "/standard-code", `{"standardCode":"Begin4here$now"}`, w.admin}
}

func outages() []outage {
	const give = 5 * time.Second
	return []outage{
		{name: "table without capacity", on: dynamoDB, does: says(400, "ProvisionedThroughputExceededException", loud), asks: looking, atMost: give, minimum: 5},
		{name: "table throttled", on: dynamoDB, does: says(400, "ThrottlingException", loud), asks: signingIn, atMost: give, minimum: 5},
		{name: "account throttled", on: dynamoDB, does: says(400, "RequestLimitExceeded", loud), asks: adding, atMost: give, minimum: 5},
		{name: "table broken", on: dynamoDB, does: says(500, "InternalServerError", loud), asks: adding, atMost: give, minimum: 5},
		{name: "table gone away", on: dynamoDB, does: says(503, "ServiceUnavailable", loud), asks: looking, atMost: give, minimum: 5},
		{name: "no connection to the table", on: dynamoDB, does: cutOff, asks: looking, atMost: give, minimum: 5},
		// Two tries of two seconds, and no more.
		{name: "no answer of the table", on: dynamoDB, does: hangs, asks: looking, atMost: 6 * time.Second, minimum: 2},
		{name: "a transaction in progress", on: dynamoDB + "TransactWriteItems", does: says(400, "TransactionInProgressException", loud), asks: adding, atMost: 2 * give, minimum: 5},
		{name: "writes throttled", on: dynamoDB + "TransactWriteItems", does: says(400, "ThrottlingException", loud), asks: signingIn, minimum: 5},
		{name: "pool throttled", on: userPool, does: says(400, "TooManyRequestsException", loud), asks: signingIn, atMost: give, minimum: 3},
		{name: "pool at its limit", on: userPool, does: says(400, "LimitExceededException", loud), asks: resetting, atMost: give, minimum: 1},
		{name: "pool broken", on: userPool, does: says(500, "InternalErrorException", loud), asks: signingIn, atMost: give, minimum: 3},
		{name: "no connection to the pool", on: userPool, does: cutOff, asks: adding, atMost: give, minimum: 3},
		{name: "no answer of the pool", on: userPool, does: hangs, asks: signingIn, minimum: 3},
		{name: "keys throttled", on: keys, does: says(400, "ThrottlingException", loud), asks: sealing, atMost: give, minimum: 3},
		{name: "keys broken", on: keys, does: says(500, "KMSInternalException", loud), asks: sealing, atMost: give, minimum: 3},
		{name: "keys waiting for themselves", on: keys, does: says(503, "DependencyTimeoutException", loud), asks: sealing, atMost: give, minimum: 3},
		{name: "key disabled", on: keys, does: says(400, "DisabledException", loud), asks: sealing, atMost: give, minimum: 1},
		{name: "key to be deleted", on: keys, does: says(400, "KMSInvalidStateException", loud), asks: sealing, atMost: give, minimum: 1},
		{name: "no answer of the keys", on: keys, does: hangs, asks: sealing, minimum: 3},
	}
}

// A service that stays away is told to the caller in time, in our own words, and when it is back the same request is served.
func TestAServiceThatStaysAway(t *testing.T) {
	t.Parallel()
	for _, service := range []string{dynamoDB, userPool, keys} {
		t.Run(strings.TrimSuffix(service, "."), func(t *testing.T) {
			t.Parallel()
			g := openRegion(t)
			for _, o := range outages() { // one after the other: there is one region
				if strings.HasPrefix(o.on, service) {
					g.endure(t, o)
				}
			}
		})
	}
}

// endure has somebody ask while the service is away, and again when it is back.
func (g *region) endure(t *testing.T, o outage) {
	t.Helper()
	g.start(t)
	w := g.newSchool(t)
	q := o.asks(w)
	g.breaks(&fault{on: o.on, does: o.does})
	began := time.Now()
	a := g.ask(t, q)
	took, calls := time.Since(began), g.calls()
	g.breaks(nil)
	t.Logf("%-30s %3d calls, %4.1f s", o.name, calls, took.Seconds())
	wantComeBackSoon(t, o.name, a, took)
	if calls < o.minimum || o.atMost > 0 && took > o.atMost {
		t.Errorf("%s: answered after %s and %d calls", o.name, took, calls)
	}
	if again := g.ask(t, q); again.StatusCode/100 != 2 {
		t.Errorf("%s: afterwards %d %s", o.name, again.StatusCode, again.Body)
	}
}

// slug is the newest school's.
func (g *region) slug() directory.Slug { return directory.Slug(fmt.Sprintf("school-%d", g.schools)) }

func (g *region) newSchool(t *testing.T) *school {
	t.Helper()
	admin, user := g.school(t)
	return &school{
		admin: g.cookieOf(t, admin), danny: g.cookieOf(t, user), signIn: signInBody(user), dannyID: string(user.User.ID),
	}
}

// A page waits a second at most for the note that its session was used, also when the table does not answer to it.
func TestAPageWhileWritesHang(t *testing.T) {
	t.Parallel()
	g := openRegion(t)
	w := g.newSchool(t)
	g.Directory.Now = func() time.Time { return time.Now().Add(2 * time.Minute) } // so that the use is to be noted
	g.breaks(&fault{on: dynamoDB + "PutItem", does: hangs})
	began := time.Now()
	page := g.ask(t, looking(w))
	if took := time.Since(began); page.StatusCode != http.StatusOK || g.calls() != 1 || took < time.Second || took > 4*time.Second {
		t.Errorf("%d %s after %s; %d notes were tried", page.StatusCode, page.Body, took, g.calls())
	}
}

// A call that fails once is tried again, and the caller sees nothing of it: what was asked for is done, and done once.
func TestACallThatFailsOnce(t *testing.T) {
	t.Parallel()
	g := openRegion(t)
	for _, c := range []struct {
		name, on string
		does     func(http.ResponseWriter, *http.Request, http.Handler)
	}{
		{"the table has no capacity for a moment", dynamoDB, says(400, "ProvisionedThroughputExceededException", loud)},
		{"a read is cut off", dynamoDB + "BatchGetItem", cutOff},
		{"a write collides", dynamoDB + "TransactWriteItems", says(400, "TransactionConflictException", loud)},
		{"the answer to a write is lost", dynamoDB + "TransactWriteItems", answerLost},
		{"the answer to a lone write is lost", dynamoDB + "PutItem", answerLost},
		{"a write is not answered", dynamoDB + "TransactWriteItems", hangs},
		{"the pool is busy for a moment", userPool, says(400, "TooManyRequestsException", loud)},
		{"the pool stumbles", userPool, says(500, "InternalErrorException", loud)},
		{"the answer to a new password is lost", userPool + "AdminSetUserPassword", answerLost},
		{"the answer to a new user of the pool is lost", userPool + "AdminCreateUser", answerLost},
		{"the pool does not answer", userPool, hangs},
	} {
		w := g.newSchool(t)
		g.breaks(&fault{on: c.on, times: 1, does: c.does})
		made := g.ask(t, adding(w))
		calls := g.calls()
		g.breaks(nil)
		if made.StatusCode != http.StatusCreated || calls < 2 {
			t.Errorf("%s: %d %s after %d calls", c.name, made.StatusCode, made.Body, calls)
		}
		var created struct {
			User            struct{ Username string }
			InitialPassword string
		}
		if err := json.Unmarshal([]byte(made.Body), &created); err != nil {
			t.Fatal(err)
		}
		slug := g.slug()
		in := g.ask(t, question{"session", http.MethodPost, "/session", fmt.Sprintf(
			`{"organisation":%q,"username":%q,"password":%q}`, slug, created.User.Username, created.InitialPassword), ""})
		if in.StatusCode != http.StatusOK {
			t.Errorf("%s: the new user does not get in: %d %s", c.name, in.StatusCode, in.Body)
		}
		if users := g.users(t, slug); len(users) != 3 {
			t.Errorf("%s: %d users, want three", c.name, len(users))
		}
	}
}

// A clock that is minutes off has AWS refuse every request as signed too early or too late. The answer says what time it is
// there, and the client signs anew, then and from then on.
func TestAClockThatIsOff(t *testing.T) {
	t.Parallel()
	g := openRegion(t)
	w := g.newSchool(t)
	for _, off := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		there := func() time.Time { return time.Now().Add(-off) }
		g.start(t)
		g.breaks(&fault{on: dynamoDB, does: func(rw http.ResponseWriter, r *http.Request, pass http.Handler) {
			rw.Header().Set("Date", there().UTC().Format(http.TimeFormat))
			signed, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
			if err != nil || signed.Sub(there()).Abs() > 5*time.Minute {
				says(400, "InvalidSignatureException", "Signature expired")(rw, r, pass)
				return
			}
			rec := httptest.NewRecorder() // or the emulator would tell its own time
			pass.ServeHTTP(rec, r)
			rec.Header().Del("Date")
			maps.Copy(rw.Header(), rec.Header())
			rw.WriteHeader(rec.Code)
			_, _ = rec.Body.WriteTo(rw)
		}})
		first := g.ask(t, looking(w))
		afterFirst := g.calls()
		second := g.ask(t, looking(w))
		if first.StatusCode != http.StatusOK || second.StatusCode != http.StatusOK {
			t.Errorf("off by %s: %d %s, then %d", off, first.StatusCode, first.Body, second.StatusCode)
		}
		if more := g.calls() - afterFirst; afterFirst != more+1 {
			t.Errorf("off by %s: %d calls at first and %d then, want one call less", off, afterFirst, more)
		}
		g.breaks(nil)
	}
}
