package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// runner is a whole local runner in this process, reached as a browser reaches it.
type runner struct {
	url    string
	screen *screen
	client *http.Client
	stop   func() error
}

// screen is the terminal: it can be read while the runner writes.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
	ends chan struct{} // closed once the greeting is there
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	had := strings.Contains(s.text.String(), greetingEnds)
	n, err := s.text.Write(b)
	if !had && strings.Contains(s.text.String(), greetingEnds) {
		close(s.ends)
	}
	return n, err
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

const greetingEnds = "Ctrl-C stops it."

// env makes an environment of pairs; the port is a free one unless it says otherwise.
func env(pairs ...string) func(string) string {
	set := map[string]string{"PORT": "0"}
	for i := 0; i+1 < len(pairs); i += 2 {
		set[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return set[name] }
}

var address = regexp.MustCompile(`ready after \d+ ms: (http://127\.0\.0\.1:\d+)\n`)

// start runs the runner until the test, or stop, ends it; both are a failure unless it ends well.
func start(t *testing.T, getenv func(string) string) *runner {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	shown := &screen{ends: make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, getenv, shown) }()
	r := &runner{screen: shown, stop: sync.OnceValue(func() error {
		cancel()
		return <-ended
	})}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("stopped: %v", err)
		}
	})
	select {
	case <-shown.ends:
	case err := <-ended:
		ended <- nil
		t.Fatalf("did not start: %v\n%s", err, shown)
	}
	found := address.FindStringSubmatch(shown.String())
	if found == nil {
		t.Fatalf("does not say where it is:\n%s", shown)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	r.url, r.client = found[1], &http.Client{Jar: jar}
	return r
}

// ask sends a request and reads the answer into value, unless that is nil.
func (r *runner) ask(t *testing.T, method, path, body string, status int, value any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		t.Fatalf("%s %s: %d, %v; want %d: %s", method, path, response.StatusCode, err, status, content)
	}
	if value == nil {
		return
	}
	if err := json.Unmarshal(content, value); err != nil {
		t.Fatalf("%s %s: %v: %s", method, path, err, content)
	}
}

// told is what GET /dev/demo says.
type told struct {
	Organisations []struct {
		Slug  string
		Users []toldUser
	}
}

type toldUser struct{ Username, Password, Kind string }

// signIn signs somebody of the kind in, who is expected to go straight in, and returns who it is.
func (r *runner) signIn(t *testing.T, kind string) toldUser {
	t.Helper()
	var people told
	r.ask(t, "GET", "/dev/demo", "", 200, &people)
	for _, o := range people.Organisations {
		for _, u := range o.Users {
			if u.Kind != kind {
				continue
			}
			body, err := json.Marshal(map[string]string{"organisation": o.Slug, "username": u.Username, "password": u.Password})
			if err != nil {
				t.Fatal(err)
			}
			var session struct{ Status string }
			r.ask(t, "POST", "/api/v1/session", string(body), 200, &session)
			if session.Status != "active" {
				t.Fatalf("%+v does not get straight in: %s", u, session.Status)
			}
			return u
		}
	}
	t.Fatalf("nobody is an %s: %+v", kind, people)
	return toldUser{}
}

type mails struct {
	Items []struct{ ID, To, Text, SentAt string }
	Total int
}

// awaitMails waits until there is a mail in the inbox.
func (r *runner) awaitMails(t *testing.T, to string) mails {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	var got mails
	for range 1000 {
		r.ask(t, "GET", "/dev/inbox?to="+to, "", 200, &got)
		if got.Total > 0 {
			return got
		}
		<-again.C
	}
	t.Fatalf("no mail to %q came", to)
	return got
}

func (r *runner) now(t *testing.T) time.Time {
	t.Helper()
	var clock struct{ Now time.Time }
	r.ask(t, "GET", "/dev/clock", "", 200, &clock)
	return clock.Now
}

func TestTheWholeProductStartsWorksAndStops(t *testing.T) {
	t.Parallel()
	for name, stack := range map[string]string{"embedded": "", "on emulators of AWS": "aws"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, env("DATA", ":memory:", "STACK", stack))
			r.ask(t, "GET", "/healthz", "", 200, nil)
			jane := r.signIn(t, "administrator")
			wantSaid(t, r.screen.String(), jane.Username, jane.Password, r.url+"/inbox", r.url+"/api/openapi.json", "nothing is kept")

			var made struct{ User struct{ Username string } }
			r.ask(t, "POST", "/api/v1/users", `{"givenName":"Danny","familyName":"Smith","email":"d.smith@school.example"}`, 201, &made)
			welcome := r.awaitMails(t, "d.smith@school.example").Items[0]
			wantSaid(t, welcome.Text, made.User.Username, r.url+"/o/bash-street")

			var document struct{ OpenAPI string }
			r.ask(t, "GET", "/api/openapi.json", "", 200, &document)
			wantSaid(t, document.OpenAPI, "3.1.")
			for _, page := range []string{"/dev", "/inbox", "/style.css"} {
				r.ask(t, "GET", page, "", 200, nil)
			}
			r.ask(t, "GET", "/api/v1/nothing", "", 404, nil)
			r.stopsWell(t)
		})
	}
}

// stopsWell stops the runner and looks whether the port is free again.
func (r *runner) stopsWell(t *testing.T) {
	t.Helper()
	if err := r.stop(); err != nil {
		t.Errorf("stopped: %v", err)
	}
	l, err := listen(t.Context(), strings.TrimPrefix(r.url, "http://127.0.0.1:"))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestTidyReportsInTheFormOfTheInterface(t *testing.T) {
	t.Parallel()
	r := start(t, env("DATA", ":memory:", "DEMO", "0"))
	var got any
	r.ask(t, "POST", "/dev/run/tidy", "", 200, &got)
	want := map[string]any{
		"announcements": 0.0,
		"credentials":   map[string]any{"looked": 0.0, "dropped": 0.0, "interrupted": 0.0},
		"mails":         map[string]any{"late": 0.0, "sent": 0.0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestDigestReportsInTheFormOfTheInterface(t *testing.T) {
	t.Parallel()
	r := start(t, env("DATA", ":memory:", "DEMO", "0"))
	var got any
	r.ask(t, "POST", "/dev/run/digest", "", 200, &got)
	want := map[string]any{"organisations": 1.0, "written": 0.0, "mailed": 0.0, "nothingToSay": 1.0, "more": false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestARestartKeepsUsersMailsAndTheClock(t *testing.T) {
	t.Parallel()
	data := env("DATA", filepath.Join(t.TempDir(), "data"))
	first := start(t, data)
	before := first.signIn(t, "administrator")
	first.ask(t, "POST", "/api/v1/users", `{"givenName":"Danny","familyName":"Smith","email":"d.smith@school.example"}`, 201, nil)
	mailed := first.awaitMails(t, "d.smith@school.example").Items[0]
	first.ask(t, "PUT", "/dev/clock", `{"advance":"P1Y"}`, 200, nil)
	late := first.now(t)
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}

	second := start(t, data)
	if after := second.signIn(t, "administrator"); after != before {
		t.Errorf("the administrator is %+v, was %+v", after, before)
	}
	var users struct{ Total int }
	second.ask(t, "GET", "/api/v1/users", "", 200, &users)
	if users.Total != 4 { // three of the demonstration, and Danny Smith
		t.Errorf("%d users", users.Total)
	}
	if got := second.awaitMails(t, "d.smith@school.example"); got.Total != 1 || got.Items[0] != mailed {
		t.Errorf("his mails are %+v, were %+v", got, mailed)
	}
	if got := second.now(t); got.Before(late) {
		t.Errorf("it is %v, was %v", got, late)
	}
}

var firstOperator = regexp.MustCompile(`organisation operator as (\S+)\n  with the one-time password (\S+) ,`)

// Nobody is there but the platform's first operator, whose password is shown at the first start and at no other.
func TestWithoutADemonstrationThereIsAnOperatorAlone(t *testing.T) {
	t.Parallel()
	data := env("DATA", filepath.Join(t.TempDir(), "data"), "DEMO", "0", "OPERATOR", "Winston Warden <winston@school.example>")
	first := start(t, data)
	var people told
	first.ask(t, "GET", "/dev/demo", "", 200, &people)
	if len(people.Organisations) != 0 {
		t.Errorf("there are %+v", people)
	}
	shown := firstOperator.FindStringSubmatch(first.screen.String())
	if shown == nil {
		t.Fatalf("no operator is shown:\n%s", first.screen)
	}
	body, err := json.Marshal(map[string]string{"organisation": "operator", "username": shown[1], "password": shown[2]})
	if err != nil {
		t.Fatal(err)
	}
	var session struct{ Challenge struct{ Kind string } }
	first.ask(t, "POST", "/api/v1/session", string(body), 200, &session)
	if session.Challenge.Kind != "newPassword" {
		t.Errorf("the operator is asked for %q", session.Challenge.Kind)
	}
	if got := first.awaitMails(t, "winston@school.example").Items[0]; strings.Contains(got.Text, shown[2]) {
		t.Errorf("the password is mailed: %s", got.Text)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	second := start(t, data)
	if strings.Contains(second.screen.String(), "password") {
		t.Errorf("the second start says\n%s", second.screen)
	}
	second.ask(t, "POST", "/api/v1/session", string(body), 200, nil)
}

// A backup is made while the runner runs, and is itself a folder that the product runs on.
func TestABackupOfTheRunningRunnerIsAnInstallation(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	first := start(t, env("DATA", data))
	var made struct{ Folder string }
	first.ask(t, "POST", "/dev/run/backup", "", 200, &made)
	if about, err := os.Stat(made.Folder); err != nil || about.Mode().Perm() != 0o700 || !strings.HasPrefix(made.Folder, data) {
		t.Fatalf("it is in %q: %v", made.Folder, err)
	}
	var people told
	first.ask(t, "GET", "/dev/demo", "", 200, &people)
	jane := people.Organisations[0].Users[0]
	second := start(t, env("DATA", made.Folder, "DEMO", "0"))
	body, err := json.Marshal(map[string]string{"organisation": people.Organisations[0].Slug, "username": jane.Username, "password": jane.Password})
	if err != nil {
		t.Fatal(err)
	}
	second.ask(t, "POST", "/api/v1/session", string(body), 200, nil)
}

func TestNothingIsBackedUpWhereNothingIsKept(t *testing.T) {
	t.Parallel()
	r := start(t, env("DATA", ":memory:", "DEMO", "0"))
	r.ask(t, "POST", "/dev/run/backup", "", 500, nil)
}

func TestAnOperatorWithoutANameIsRefused(t *testing.T) {
	t.Parallel()
	wantSaid(t, fails(t, env("DATA", ":memory:", "DEMO", "0", "OPERATOR", "winston@school.example")), "OPERATOR", "Olive Operator <olive@your.domain>")
}

// fails runs a runner that must not start, and returns what it says.
func fails(t *testing.T, getenv func(string) string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	shown := &screen{ends: make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, getenv, shown) }()
	select {
	case err := <-ended:
		if err == nil {
			t.Fatal("it ended well")
		}
		return err.Error()
	case <-shown.ends:
		cancel()
		t.Fatalf("it started; %v:\n%s", <-ended, shown)
		return ""
	}
}

func wantSaid(t *testing.T, said string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(said, part) {
			t.Errorf("%q does not say %q", said, part)
		}
	}
}

func TestATakenPortIsSaidBeforeAnythingIsTouched(t *testing.T) {
	t.Parallel()
	l, err := listen(t.Context(), "0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	wantSaid(t, fails(t, env("PORT", port, "DATA", data)), "port "+port, "PORT chooses another", "address already in use")
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("the data folder: %v, want none", err)
	}
}

func TestDataThatAnotherHoldsAreSaidAndLeft(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first := start(t, env("DATA", data, "DEMO", "0"))
	first.ask(t, "PUT", "/dev/clock", `{"advance":"P1Y"}`, 200, nil)
	clock, err := os.ReadFile(filepath.Join(data, "clock.json"))
	if err != nil {
		t.Fatal(err)
	}
	wantSaid(t, fails(t, env("DATA", data)), "in use by another process", "DATA chooses another folder", data)
	if after, err := os.ReadFile(filepath.Join(data, "clock.json")); err != nil || !bytes.Equal(after, clock) {
		t.Errorf("the clock's file is now %s, %v", after, err)
	}
	first.ask(t, "GET", "/healthz", "", 200, nil)
}

func TestDataOfAnUnknownPlatformSayWhatToDo(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := start(t, env("DATA", data)).stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(data, "demo.json")); err != nil {
		t.Fatal(err)
	}
	wantSaid(t, fails(t, env("DATA", data)), "operator's password is not known", "DEMO=0", data)
	start(t, env("DATA", data, "DEMO", "0"))
}

func TestWrongSettingsSayWhatIsRight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, want string }{
		{"PORT", "http", "from 0 to 65535"},
		{"PORT", "65536", "from 0 to 65535"},
		{"PORT", "-1", "from 0 to 65535"},
		{"DEMO", "yes", "must be 1"},
		{"STACK", "azure", "embedded, or aws"},
	} {
		wantSaid(t, fails(t, env(c.name, c.value)), c.name, c.value, c.want)
	}
}

func TestSettingsHaveDefaults(t *testing.T) {
	t.Parallel()
	s, err := settingsFrom(func(string) string { return "" })
	if want := (settings{port: "8080", data: ".local", demo: true, operator: "Olive Operator <olive@platform.example>"}); err != nil || s != want {
		t.Errorf("%+v, %v; want %+v", s, err, want)
	}
	if got := s.file("clock.json"); got != filepath.Join(".local", "clock.json") {
		t.Errorf("the clock is kept in %q", got)
	}
}
