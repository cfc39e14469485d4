package attacks_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
)

// Whoever does not know the right password must not learn who has an account: not by the answer, not by what it costs to
// make it, and not by the time that it takes.

// names are people as a stranger may name them, by what they are.
type names map[string]*person

// everyKind has one account of each kind, and a name that nobody has.
func (o *organisation) everyKind(t *testing.T) names {
	t.Helper()
	n := names{
		"nobody":    {username: "nemo", email: "nemo@" + o.slug + ".example"},
		"active":    o.join(t, "minnie"),
		"new":       o.add(t, "danny"),
		"with app":  o.join(t, "toots"),
		"suspended": o.join(t, "sidney"),
		"archived":  o.join(t, "plug"),
		"ended":     o.join(t, "smiffy"),
	}
	o.useApp(t, n["with app"])
	o.head.Call("POST", "/users/"+n["suspended"].id+"/suspend", nil).Want(200)
	o.head.Call("POST", "/users/"+n["archived"].id+"/archive", nil).Want(200)
	o.head.Call("PATCH", "/users/"+n["ended"].id, object{"endsAt": o.Clock.Now().Add(time.Second)}).Want(200)
	o.Clock.Advance(time.Minute)
	return n
}

// signIn, and the others, are what a stranger can ask about a name.
func signIn(p *person) object {
	return object{"organisation": school, "username": p.username, "password": wrongPassword}
}

func linkByName(p *person) object  { return object{"organisation": school, "username": p.username} }
func linkByEmail(p *person) object { return object{"organisation": school, "email": p.email} }

var questions = []struct {
	about, path string
	body        func(*person) object
}{
	{"sign-in", "/session", signIn},
	{"link by name", "/password-resets", linkByName},
	{"link by address", "/password-resets", linkByEmail},
}

// Each question is asked beyond the point where names are barred and mails no longer sent. Every answer of a round is the
// same to the last byte, headers and the seconds to wait included. So is what it costs at the store, which decides the time
// that it takes and, unlike that, can be counted.
func TestNamesCannotBeToldByTheAnswerOrItsCost(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		kinds := o.everyKind(t)
		barred := false
		for _, q := range questions {
			for round := range 5 {
				want := ""
				for _, kind := range slices.Sorted(maps.Keys(kinds)) {
					a := ask(t, s, http.MethodPost, q.path, text(t, q.body(kinds[kind])), nil)
					barred = barred || a.status == http.StatusLocked
					a.header.Del("Date")
					whole := fmt.Sprintf("%d %v %s, %d calls of the store", a.status, a.header, a.body, s.LastCost().Calls)
					if want = cmp.Or(want, whole); whole != want {
						t.Errorf("%s, round %d: %s is answered\n%s\nothers\n%s", q.about, round, kind, whole, want)
					}
				}
				if !strings.Contains(want, "X-Content-Type-Options") {
					t.Errorf("no headers were compared: %s", want)
				}
			}
			cost := s.LastCost().Calls
			ask(t, s, http.MethodGet, "/unsubscribe?token=none", "", nil)
			if other := s.LastCost().Calls; cost == 0 || cost == other {
				t.Errorf("%s costs %d calls, another question %d: they cannot have been counted", q.about, cost, other)
			}
		}
		if !barred {
			t.Error("no name was barred, so that nothing was compared there")
		}
	})
}

// Passkeys say in the clear whose they are. One that is forged for somebody's id is answered like one for nobody's.
func TestIDsCannotBeToldByAForgedPasskey(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		kinds := o.everyKind(t)
		newDevice(s, kinds["active"].id).register(t, kinds["active"])
		kinds["nobody"].id = "00000000000000000000000001"
		want := ""
		for kind, p := range kinds {
			options := s.Browser(t).Call("POST", "/passkey-sign-in/options", object{"organisation": school}).Want(200)
			forged := newDevice(s, p.id).answer(t, options)
			a := s.Browser(t).Call("POST", "/passkey-sign-in", object{"organisation": school, "credential": forged})
			if want = cmp.Or(want, string(a.Body)); string(a.Body) != want || a.Status != http.StatusUnauthorized {
				t.Errorf("%s: %d %s, others %s", kind, a.Status, a.Body, want)
			}
		}
	})
}

const (
	pairs = 150
	// Somebody is told from nobody when a question about somebody takes longer, or less long, with a chance that is so far
	// from one half (150 pairs come there by chance once in 100,000 times), and by a fifth or more of the time. What is less
	// than that on the embedded store is less than a tenth of a millisecond (the entry of a person in an index), for which a
	// stranger would need far more samples than the three to a hundred that a name allows.
	chanceApart = 0.15
	timeApart   = 1.2
)

// timing asks about accounts and about nobody in turn, so that whatever else the machine does slows both alike.
type timing struct {
	*organisation
	somebody, nobody []*person
}

// A hash that costs about a millisecond, and every mail left undelivered: what follows an answer is no part of it.
func timed(aws bool) wanted {
	return wanted{
		aws: aws, folder: host.InMemory, silent: true, log: slog.DiscardHandler,
		hashes: embedded.Params{MemoryKiB: 1024, Passes: 1, Lanes: 1},
	}
}

func (w wanted) timing(t *testing.T) *timing {
	t.Helper()
	x := &timing{organisation: openSchool(t, own(t, w))}
	x.change(t, "signIn", "lockout", object{"threshold": 100, "minutes": 15})
	for i := range 7 {
		x.somebody = append(x.somebody, x.add(t, fmt.Sprintf("pupil%d", i)))
		name := fmt.Sprintf("ghost%d", i)
		x.nobody = append(x.nobody, &person{username: name, email: name + "@" + school + ".example"})
	}
	return x
}

// measure takes the time of pairs of questions. Twenty pairs are asked an hour, for more links are not mailed.
func (x *timing) measure(t *testing.T, path string, body func(*person) object) (somebody, nobody []time.Duration) {
	t.Helper()
	for i := range pairs {
		if i%20 == 0 {
			x.Clock.Advance(61 * time.Minute)
		}
		one, other := text(t, body(x.somebody[i%7])), text(t, body(x.nobody[i%7]))
		if i%2 == 0 {
			somebody = append(somebody, x.time(t, path, one))
		}
		nobody = append(nobody, x.time(t, path, other))
		if i%2 == 1 {
			somebody = append(somebody, x.time(t, path, one))
		}
	}
	return somebody, nobody
}

func (x *timing) time(t *testing.T, path, body string) time.Duration {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, x.URL+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	begun := time.Now()
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, response.Body)
	took := time.Since(begun)
	if err := cmp.Or(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusUnauthorized && response.StatusCode != http.StatusAccepted {
		t.Fatalf("%s: got %d", path, response.StatusCode)
	}
	return took
}

// longer is the chance that one of the first takes longer than one of the second: the statistic U of Mann and Whitney,
// divided by the number of pairs.
func longer(first, second []time.Duration) float64 {
	wins := 0.0
	for _, a := range first {
		for _, b := range second {
			switch {
			case a > b:
				wins++
			case a == b:
				wins += 0.5
			}
		}
	}
	return wins / float64(len(first)*len(second))
}

// toldApart looks twice before it says so.
func (x *timing) toldApart(t *testing.T, path string, body func(*person) object) bool {
	t.Helper()
	for range 2 {
		somebody, nobody := x.measure(t, path, body)
		chance := longer(somebody, nobody)
		slices.Sort(somebody)
		slices.Sort(nobody)
		one, other := somebody[pairs/2], nobody[pairs/2]
		t.Logf("%s: somebody takes longer with a chance of %.2f; medians %v and %v", path, chance, one, other)
		if math.Abs(chance-0.5) <= chanceApart || float64(max(one, other))/float64(min(one, other)) < timeApart {
			return false
		}
	}
	return true
}

func TestNamesCannotBeToldByTheTime(t *testing.T) { //nolint:paralleltest // it measures time, so it goes before the others
	for stack, aws := range map[string]bool{"embedded": false, "aws": true} { //nolint:paralleltest // likewise
		t.Run(stack, func(t *testing.T) {
			x := timed(aws).timing(t)
			for _, q := range questions {
				if x.toldApart(t, q.path, q.body) {
					t.Errorf("%s: somebody can be told from nobody", q.about)
				}
			}
		})
	}
}

// The measure has to see a leak where there is one: an interface that does one thing more for somebody is found out.
func TestALeakWouldBeSeen(t *testing.T) { //nolint:paralleltest // likewise
	for stack, leak := range map[string]struct { //nolint:paralleltest // likewise
		aws  bool
		more func(*apptest.Stack, *http.Request) error
	}{
		"a hash": {more: func(s *apptest.Stack, r *http.Request) error {
			_, err := s.Directory.Hasher.Hash(r.Context(), wrongPassword)
			return err
		}},
		"a look at a password in the pool": {aws: true, more: func(s *apptest.Stack, r *http.Request) error {
			err := s.Directory.Credentials.VerifyPassword(r.Context(), "00000000000000000000000000", wrongPassword)
			if errors.Is(err, directory.ErrWrongPassword) {
				return nil
			}
			return err
		}},
	} {
		t.Run(stack, func(t *testing.T) {
			w := timed(leak.aws)
			w.front = func(s *apptest.Stack, inner http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					body, err := io.ReadAll(r.Body)
					if err == nil && bytes.Contains(body, []byte(`"username":"pupil`)) && !bytes.Contains(body, []byte("email")) {
						err = leak.more(s, r)
					}
					if err != nil {
						t.Error(err)
					}
					r.Body = io.NopCloser(bytes.NewReader(body))
					inner.ServeHTTP(rw, r)
				})
			}
			if x := w.timing(t); !x.toldApart(t, "/password-resets", linkByName) {
				t.Error("it was not seen")
			}
		})
	}
}
