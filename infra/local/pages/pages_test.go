package pages_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/infra/local/demo"
	"github.com/caretaker/caretaker/infra/local/pages"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/mail/inbox"
)

const base = "http://127.0.0.1:8080"

var now = time.Date(2026, time.September, 1, 8, 0, 0, 0, time.UTC)

// site is the pages over an installation that keeps nothing.
type site struct {
	handler http.Handler
	local   *host.Local
	people  *demo.Demo
}

func open(t *testing.T, seeded bool) *site {
	t.Helper()
	clock := func() time.Time { return now }
	cheap := embedded.Params{MemoryKiB: 8, Passes: 1, Lanes: 1}
	local, err := host.OpenEmbedded(app.Config{Product: "Caretaker", BaseURL: base, Log: slog.New(slog.DiscardHandler)}, host.InMemory, clock, cheap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := local.Close(); err != nil {
			t.Error(err)
		}
	})
	people, err := demo.Open(local.Directory, "")
	if err == nil && seeded {
		err = errors.Join(people.Seed(t.Context()), people.SeedLater(t.Context()))
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &site{local: local, people: people}
	s.handler = serve(t, pages.Config{BaseURL: base, Inbox: local.Inbox, Now: clock, Demo: people})
	return s
}

func serve(t *testing.T, c pages.Config) http.Handler {
	t.Helper()
	c.Log = slog.New(slog.DiscardHandler)
	handler, err := pages.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

func get(t *testing.T, h http.Handler, path string, status int) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
	if w.Code != status {
		t.Fatalf("%s: %d, want %d: %s", path, w.Code, status, w.Body)
	}
	return w
}

func wantText(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(page, part) {
			t.Errorf("%q is not in\n%s", part, page)
		}
	}
}

func (s *site) send(t *testing.T, m mail.Message) {
	t.Helper()
	m.From = mail.Address{Email: "no-reply@caretaker.example"}
	if err := s.local.Delivery.Sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestEveryPageIsWholeAndGuarded(t *testing.T) {
	t.Parallel()
	s := open(t, true)
	for path, status := range map[string]int{
		"/dev": 200, "/inbox": 200, "/nowhere": 404, "/inbox/none/html": 404,
	} {
		w := get(t, s.handler, path, status)
		wantText(t, w.Body.String(), `<html lang="en">`, "<title>", "Caretaker", `<main id="main"`, `<a class="skip" href="#main">`, "</html>")
		if n := strings.Count(w.Body.String(), "<h1>"); n != 1 {
			t.Errorf("%s has %d headings of the first rank", path, n)
		}
		if strings.Contains(w.Body.String(), "<script") || strings.Contains(w.Body.String(), "style=") {
			t.Errorf("%s has what its policy forbids", path)
		}
		h := w.Header()
		if h.Get("Content-Type") != "text/html; charset=utf-8" || h.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self';") {
			t.Errorf("%s has the headers %v", path, h)
		}
	}
}

func TestTheStyleSheetIsServed(t *testing.T) {
	t.Parallel()
	w := get(t, open(t, false).handler, "/style.css", 200)
	if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/css") {
		t.Errorf("it is %q", got)
	}
	wantText(t, w.Body.String(), "prefers-color-scheme: dark")
}

func TestTheFirstPageTellsHowToSignIn(t *testing.T) {
	t.Parallel()
	s := open(t, true)
	page := get(t, s.handler, "/dev", 200).Body.String()
	organisations, err := s.people.Organisations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range organisations {
		wantText(t, page, o.Name, `href="/o/`+string(o.Slug)+`"`)
		for _, u := range o.Users {
			wantText(t, page, u.Name, "<code>"+u.Username+"</code>", u.Note)
		}
	}
	wantText(t, page, "curl -c cookies.txt "+base+"/api/v1/session", `href="/inbox"`, `href="/api/openapi.json"`,
		`"username":"`+organisations[0].Users[0].Username+`"`, "1 September 2026, 08:00:00 UTC")
}

func TestWithoutADemonstrationTheFirstPageSaysSo(t *testing.T) {
	t.Parallel()
	wantText(t, get(t, open(t, false).handler, "/dev", 200).Body.String(), "no demonstration", "USERNAME")
}

func TestMailsAreShownAndCannotHarm(t *testing.T) {
	t.Parallel()
	s := open(t, false)
	wantText(t, get(t, s.handler, "/inbox", 200).Body.String(), "No mail yet.")
	s.send(t, mail.Message{
		ID: "letter-1", Subject: `<script>alert("1")</script>`, To: mail.Address{Email: "d.smith@school.example"},
		Text: "Sign in at http://127.0.0.1:8080/o/bash-street.\n<b>", HTML: `<p style="color: red">Hello</p><script>alert("2")</script>`,
	})
	s.send(t, mail.Message{ID: "letter-2", Subject: "Other", To: mail.Address{Email: "else@school.example"}, Text: "text", HTML: "<p>"})

	page := get(t, s.handler, "/inbox?to=D.Smith@school.example", 200).Body.String()
	wantText(t, page, "1 mail.", "&lt;script&gt;", "d.smith@school.example", "&lt;b&gt;", `src="/inbox/letter-1/html"`, `value="D.Smith@school.example"`,
		`<a href="http://127.0.0.1:8080/o/bash-street">http://127.0.0.1:8080/o/bash-street</a>.`)
	if strings.Contains(page, "<script") || strings.Contains(page, "Other") {
		t.Errorf("it has a script, or another's mail:\n%s", page)
	}
	whole := get(t, s.handler, "/inbox", 200).Body.String()
	if first, second := strings.Index(whole, "Other"), strings.Index(whole, "letter-1"); first > second {
		t.Error("the newest is not the first")
	}

	framed := get(t, s.handler, "/inbox/letter-1/html", 200)
	wantText(t, framed.Body.String(), `<p style="color: red">Hello</p>`)
	wantText(t, framed.Header().Get("Content-Security-Policy"), "sandbox allow-popups", "default-src 'none'", "frame-ancestors 'self'")
	if policy := framed.Header().Get("Content-Security-Policy"); strings.Contains(policy, "allow-scripts") || strings.Contains(policy, "allow-same-origin") {
		t.Errorf("a mail may do what it likes: %s", policy)
	}
}

func TestALongInboxIsCut(t *testing.T) {
	t.Parallel()
	s := open(t, false)
	for range 101 {
		s.send(t, mail.Message{ID: "letter", Subject: "Subject", To: mail.Address{Email: "d@school.example"}, Text: "text", HTML: "<p>"})
	}
	page := get(t, s.handler, "/inbox", 200).Body.String()
	wantText(t, page, "The newest 100 of 101 mails.")
	if n := strings.Count(page, "<article>"); n != 100 {
		t.Errorf("%d mails are shown", n)
	}
}

// broken stands for whatever does not answer.
type broken struct{}

var errBroken = errors.New("the emulator has gone")

func (broken) List(context.Context, string) ([]inbox.Received, error) { return nil, errBroken }
func (broken) Clear(context.Context) error                            { return errBroken }

func TestWhatDoesNotWorkIsSaid(t *testing.T) {
	t.Parallel()
	h := serve(t, pages.Config{BaseURL: base, Inbox: broken{}, Now: func() time.Time { return now }})
	for _, path := range []string{"/inbox", "/inbox/letter/html"} {
		wantText(t, get(t, h, path, 500).Body.String(), "Something went wrong", "the emulator has gone")
	}
}
