package dev_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/infra/local/clock"
	"github.com/caretaker/caretaker/infra/local/demo"
	"github.com/caretaker/caretaker/infra/local/dev"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/mail/inbox"
)

var start = time.Date(2026, time.September, 1, 8, 0, 0, 0, time.UTC)

// bench is the interface over parts that the test holds in its hands.
type bench struct {
	t       *testing.T
	handler http.Handler
	inbox   *inbox.Inbox
	clock   *clock.Clock
	local   *host.Local
}

// set makes a bench with the demonstration on it.
func set(t *testing.T) *bench {
	t.Helper()
	b, people := empty(t)
	if err := errors.Join(people.Seed(t.Context()), people.SeedLater(t.Context())); err != nil {
		t.Fatal(err)
	}
	return b
}

// empty makes a bench on which nothing is set up; the machine's own clock stands still.
func empty(t *testing.T) (*bench, *demo.Demo) {
	t.Helper()
	now, err := clock.Open("", func() time.Time { return start })
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	cheap := embedded.Params{MemoryKiB: 8, Passes: 1, Lanes: 1}
	local, err := host.OpenEmbedded(app.Config{Product: "Caretaker", BaseURL: "http://127.0.0.1", MailFrom: "no-reply@caretaker.example", Log: log},
		host.InMemory, now.Now, cheap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := local.Close(); err != nil {
			t.Error(err)
		}
	})
	people, err := demo.Open(local.Directory, "")
	if err != nil {
		t.Fatal(err)
	}
	box := local.Inbox.(*inbox.Inbox)
	return &bench{t: t, inbox: box, clock: now, local: local, handler: dev.New(dev.Config{
		Inbox: box, Clock: now, Demo: people, Log: log, Functions: map[string]func(context.Context) (any, error){
			"count": func(context.Context) (any, error) { return map[string]int{"counted": 3}, nil },
			"break": func(context.Context) (any, error) { return nil, errors.New("it broke") },
		},
		Feedback: func(ctx context.Context, event json.RawMessage) (any, error) { return local.Heed(ctx, event) },
	})}, people
}

// ask sends a request; headers come in pairs.
func (b *bench) ask(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

// want fails the test unless the answer is 200 with this JSON.
func (b *bench) want(w *httptest.ResponseRecorder, body string) {
	b.t.Helper()
	var got, want any
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		b.t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	if diff := cmp.Diff(want, got); diff != "" || w.Code != http.StatusOK {
		b.t.Errorf("status %d; -want +got\n%s", w.Code, diff)
	}
}

// wantProblem fails the test unless the answer is a problem document; location is the field it names, if any.
func (b *bench) wantProblem(what string, w *httptest.ResponseRecorder, status int, code, location string) {
	b.t.Helper()
	var p struct {
		Type, Title, Detail, Code string
		Status                    int
		Errors                    []struct{ Location, Message string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		b.t.Fatalf("%s: %d %q: %v", what, w.Code, w.Body, err)
	}
	if w.Code != status || p.Status != status || p.Code != code || p.Detail == "" || p.Title == "" ||
		p.Type != "urn:caretaker:problem:"+code || w.Header().Get("Content-Type") != "application/problem+json" {
		b.t.Errorf("%s: %d %s %s, want %d %s", what, w.Code, w.Header().Get("Content-Type"), w.Body, status, code)
	}
	if location != "" && (len(p.Errors) != 1 || p.Errors[0].Location != location || p.Errors[0].Message == "") {
		b.t.Errorf("%s: %s does not name %s alone", what, w.Body, location)
	}
}

func (b *bench) send(to, subject string) {
	b.t.Helper()
	err := b.inbox.Send(b.t.Context(), mail.Message{
		ID: "letter-" + subject, Subject: subject, From: mail.Address{Email: "no-reply@caretaker.example"},
		To: mail.Address{Email: to}, Text: "text", HTML: "<p>html</p>",
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestTheInboxIsListedAndCleared(t *testing.T) {
	t.Parallel()
	b := set(t)
	b.want(b.ask("GET", "/dev/inbox", ""), `{"items":[],"total":0}`)
	b.send("d.smith@school.example", "First")
	b.send("j.admin@school.example", "Second")
	mailed := func(to, subject string) string {
		return fmt.Sprintf(`{"id":"letter-%[2]s","to":%[1]q,"from":"no-reply@caretaker.example","subject":%[2]q,"text":"text",
			"html":"<p>html</p>","headers":{"From":"no-reply@caretaker.example","To":%[1]q},"sentAt":"2026-09-01T08:00:00Z"}`, to, subject)
	}
	first, second := mailed("d.smith@school.example", "First"), mailed("j.admin@school.example", "Second")
	b.want(b.ask("GET", "/dev/inbox", ""), `{"items":[`+second+`,`+first+`],"total":2}`)
	b.want(b.ask("GET", "/dev/inbox?to=D.Smith@school.example", ""), `{"items":[`+first+`],"total":1}`)

	if w := b.ask("DELETE", "/dev/inbox", ""); w.Code != 204 || w.Body.Len() != 0 {
		t.Errorf("clear: %d %s", w.Code, w.Body)
	}
	b.want(b.ask("GET", "/dev/inbox", ""), `{"items":[],"total":0}`)
}

func TestTheClockIsMoved(t *testing.T) {
	t.Parallel()
	b := set(t)
	b.want(b.ask("GET", "/dev/clock", ""), `{"now":"2026-09-01T08:00:00Z"}`)
	b.want(b.ask("PUT", "/dev/clock", `{"advance":"P15M"}`), `{"now":"2027-12-01T08:00:00Z"}`)
	b.want(b.ask("PUT", "/dev/clock", `{"now":"2028-01-01T00:00:00+01:00"}`), `{"now":"2027-12-31T23:00:00Z"}`)
	form := b.ask("PUT", "/dev/clock", `{"advance":"PT1H"}`, "Content-Type", "application/x-www-form-urlencoded")
	b.want(form, `{"now":"2028-01-01T00:00:00Z"}`) // what curl -d sends unless told otherwise
	b.want(b.ask("GET", "/dev/clock", ""), `{"now":"2028-01-01T00:00:00Z"}`)
}

func TestAClockThatCannotBeMovedSoSaysWhy(t *testing.T) {
	t.Parallel()
	b := set(t)
	for body, want := range map[string]struct {
		status         int
		code, location string
	}{
		`{"now":"2026-08-31T08:00:00Z"}`: {409, "clock_goes_back", ""},
		`{"advance":"-P1D"}`:             {409, "clock_goes_back", ""},
		`{"now":"2300-01-01T00:00:00Z"}`: {422, "invalid", "body"},
		`{"advance":"P300Y"}`:            {422, "invalid", "body"},
		`{"advance":"15 months"}`:        {422, "invalid", "body.advance"},
		`{"advance":15}`:                 {422, "invalid", "body.advance"},
		`{"now":"tomorrow"}`:             {422, "invalid", "body.now"},
		`{}`:                             {422, "invalid", "body"},
		`{"now":"2027-01-01T00:00:00Z","advance":"P15M"}`: {422, "invalid", "body"},
		`{"later":true}`: {422, "invalid", "body.later"},
		`{"advance":`:    {400, "malformed", ""},
	} {
		b.wantProblem(body, b.ask("PUT", "/dev/clock", body), want.status, want.code, want.location)
	}
	if got := b.clock.Now(); got != start {
		t.Errorf("all the same it shows %v", got)
	}
}

func TestFunctionsAreRunByName(t *testing.T) {
	t.Parallel()
	b := set(t)
	b.want(b.ask("POST", "/dev/run/count", ""), `{"counted":3}`)
	b.wantProblem("a function that fails", b.ask("POST", "/dev/run/break", ""), 500, "internal", "")
	unknown := b.ask("POST", "/dev/run/sweep", "")
	b.wantProblem("an unknown function", unknown, 404, "not_found", "")
	if !strings.Contains(unknown.Body.String(), "break, count") {
		t.Errorf("%s does not say which there are", unknown.Body)
	}
}

func TestAMailBounces(t *testing.T) {
	t.Parallel()
	b := set(t)
	letter := b.deliver()
	body := func(to, kind string) string { return fmt.Sprintf(`{"to":%q,"kind":%q}`, to, kind) }
	b.want(b.ask("POST", "/dev/bounce", body(strings.ToUpper(letter.ToEmail), "bounce")), `{"told":1,"unknown":0,"marked":1}`)
	b.want(b.ask("POST", "/dev/bounce", body(letter.ToEmail, "complaint")), `{"told":1,"unknown":0,"marked":0}`)
	u, err := b.local.Store.User(t.Context(), letter.Org, letter.User)
	if err != nil || u.Undeliverable == nil || u.Undeliverable.Reason != directory.Bounced {
		t.Errorf("%+v, %v", u.Undeliverable, err)
	}
	b.send("d.smith@school.example", "Stray") // no letter of the outbox
	b.want(b.ask("POST", "/dev/bounce", body("d.smith@school.example", "complaint")), `{"told":1,"unknown":1,"marked":0}`)
	b.wantProblem("nobody", b.ask("POST", "/dev/bounce", body("nobody@school.example", "bounce")), 404, "not_found", "")
	b.wantProblem("everybody", b.ask("POST", "/dev/bounce", body("", "bounce")), 404, "not_found", "")
	b.wantProblem("what", b.ask("POST", "/dev/bounce", body(letter.ToEmail, "delivery")), 422, "invalid", "body.kind")
}

// deliver sends one of the mails that wait since the demonstration was made.
func (b *bench) deliver() directory.Mail {
	b.t.Helper()
	mails, err := b.local.Store.Unsent(b.t.Context(), b.clock.Now().Add(time.Hour), 100)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, m := range mails {
		if m.User != "" && m.Org == "bash-street" {
			if err := b.local.Delivery.Deliver(b.t.Context(), m); err != nil {
				b.t.Fatal(err)
			}
			return m
		}
	}
	b.t.Fatalf("of %d mails none is for a user of Bash Street", len(mails))
	return directory.Mail{}
}

func TestTheDemonstrationIsTold(t *testing.T) {
	t.Parallel()
	b := set(t)
	w := b.ask("GET", "/dev/demo", "")
	var told struct {
		Organisations []struct {
			Slug         directory.Slug
			Name, Preset string
			Users        []struct {
				Username, Password, Kind string
				Roles                    []string
			}
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || w.Code != 200 || len(told.Organisations) != 7 {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	for _, o := range told.Organisations {
		for _, u := range o.Users {
			in := directory.SignIn{Org: o.Slug, Username: u.Username, Password: u.Password}
			if _, _, err := b.local.Directory.SignIn(t.Context(), in); err != nil {
				t.Errorf("%s of %s: %v", u.Username, o.Slug, err)
			}
			if o.Name == "" || o.Preset == "" || u.Kind == "" || u.Roles == nil {
				t.Errorf("of %s is told %+v", o.Slug, u)
			}
		}
	}
}

func TestTheDemonstrationIsToldOnceAllOfItIsThere(t *testing.T) {
	t.Parallel()
	b, people := empty(t)
	if err := people.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := make(chan *httptest.ResponseRecorder)
	go func() { told <- b.ask("GET", "/dev/demo", "") }()
	if err := people.SeedLater(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := <-told
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"slug":"havnegade-skole"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestADemonstrationThatFailedIsAProblem(t *testing.T) {
	t.Parallel()
	b, people := empty(t)
	if err := people.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := people.SeedLater(ended); err == nil {
		t.Fatal("it was set up all the same")
	}
	w := b.ask("GET", "/dev/demo", "")
	if w.Code != 503 || !strings.Contains(w.Body.String(), "set up the rest of the demonstration") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestChangesFromOtherPagesAreRefused(t *testing.T) {
	t.Parallel()
	b := set(t)
	b.send("d.smith@school.example", "First")
	for _, c := range []struct{ method, path, body string }{
		{"DELETE", "/dev/inbox", ""},
		{"PUT", "/dev/clock", `{"advance":"P1D"}`},
		{"POST", "/dev/run/count", ""},
		{"POST", "/dev/bounce", `{"to":"d.smith@school.example","kind":"bounce"}`},
	} {
		w := b.ask(c.method, c.path, c.body, "Sec-Fetch-Site", "cross-site", "Origin", "https://elsewhere.example")
		b.wantProblem(c.method+" "+c.path, w, 403, "cross_origin", "")
	}
	if mails, err := b.inbox.List(t.Context(), ""); err != nil || len(mails) != 1 || b.clock.Now() != start {
		t.Errorf("all the same there are %d mails, %v, and it is %v", len(mails), err, b.clock.Now())
	}
}

func TestWhatThereIsNotIsAProblemToo(t *testing.T) {
	t.Parallel()
	b := set(t)
	b.wantProblem("another address", b.ask("GET", "/dev/nothing", ""), 404, "not_found", "")
	for path, allowed := range map[string]string{"/dev/inbox": "GET, DELETE", "/dev/clock": "GET, PUT", "/dev/run/count": "POST", "/dev/bounce": "POST"} {
		w := b.ask("PATCH", path, "")
		b.wantProblem("PATCH "+path, w, 405, "method_not_allowed", "")
		if got := w.Header().Get("Allow"); got != allowed {
			t.Errorf("%s allows %q, want %q", path, got, allowed)
		}
	}
}

// gone is an inbox that does not answer.
type gone struct{}

func (gone) List(context.Context, string) ([]inbox.Received, error) { return nil, errGone }
func (gone) Clear(context.Context) error                            { return errGone }

var errGone = directory.NewUnavailable("SES emulator", time.Second, errors.New("connection refused"))

func TestAnInboxThatDoesNotAnswerIsSaid(t *testing.T) {
	t.Parallel()
	b := &bench{t: t, handler: dev.New(dev.Config{Inbox: gone{}, Log: slog.New(slog.DiscardHandler)})}
	b.wantProblem("list", b.ask("GET", "/dev/inbox", ""), 503, "unavailable", "")
	b.wantProblem("clear", b.ask("DELETE", "/dev/inbox", ""), 503, "unavailable", "")
	bounce := b.ask("POST", "/dev/bounce", `{"to":"d.smith@school.example","kind":"bounce"}`)
	b.wantProblem("bounce", bounce, 503, "unavailable", "")
}
