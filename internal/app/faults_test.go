package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/enginetest"
)

// browser is a signed-in administrator at the interface, without a network.
type browser struct {
	handler http.Handler
	cookie  string
}

func (p *plant) browser(t *testing.T, c directory.Caller) browser {
	t.Helper()
	handler, err := p.HTTP(httpapi.Areas()...)
	if err != nil {
		t.Fatal(err)
	}
	b := browser{handler: handler}
	body := fmt.Sprintf(`{"organisation":%q,"username":%q,"password":%q}`, c.Organisation.Slug, c.User.Username, chosen)
	in := b.call(t, http.MethodPost, "/session", body)
	if in.Code != http.StatusOK {
		t.Fatal(in.Body)
	}
	b.cookie, _, _ = strings.Cut(in.Header().Get("Set-Cookie"), ";")
	return b
}

func (b browser) call(t *testing.T, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, httpapi.Prefix+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", b.cookie)
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

// wantComeBack fails the test unless the answer asks to come back later, and says nothing of the inside.
func wantComeBack(t *testing.T, what string, w *httptest.ResponseRecorder) {
	t.Helper()
	var p httpapi.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusServiceUnavailable || p.Code != "unavailable" || w.Header().Get("Retry-After") == "" || p.RetryAfter == 0 {
		t.Errorf("%s: got %d %s, Retry-After %q", what, w.Code, w.Body, w.Header().Get("Retry-After"))
	}
	if strings.Contains(w.Body.String(), "injected") || strings.Contains(w.Body.String(), "rate exceeded") {
		t.Errorf("%s: the cause is shown: %s", what, w.Body)
	}
}

const danny = `{"givenName":"Danny","familyName":"Smith","email":"d.smith@users.example"}`

func TestWithoutTheStoreEverythingSaysComeBackLater(t *testing.T) {
	t.Parallel()
	p, _ := small(t)
	admin, _ := p.school(t)
	b := p.browser(t, admin)
	down := fmt.Errorf("injected: %w", engine.ErrUnavailable)
	p.faulty.OnGet = func([]engine.Key) error { return down }
	wantComeBack(t, "read", b.call(t, http.MethodGet, "/session", ""))
	wantComeBack(t, "sign in", b.call(t, http.MethodPost, "/session", `{"organisation":"school-1","username":"x","password":"y"}`))
	p.faulty.OnGet = nil
	p.faulty.OnQuery = func(*engine.Query) error { return down }
	wantComeBack(t, "list", b.call(t, http.MethodGet, "/users", ""))
	wantComeBack(t, "search", b.call(t, http.MethodGet, "/users?q=smith", ""))
	p.faulty.OnQuery = nil
	p.faulty.OnCommit = enginetest.Lost
	wantComeBack(t, "write", b.call(t, http.MethodPost, "/users", danny))
	p.faulty.OnCommit = nil
	if w := b.call(t, http.MethodPost, "/users", danny); w.Code != http.StatusCreated {
		t.Errorf("afterwards: %d %s", w.Code, w.Body)
	}
}

// throttled is a pool that turns every request away.
type throttled struct{ directory.Credentials }

func (throttled) SetPassword(context.Context, directory.UserID, string) error {
	return directory.NewBusy("sign-in service", 2*time.Second, errors.New("rate exceeded"))
}

func (throttled) VerifyPassword(context.Context, directory.UserID, string) error {
	return directory.NewBusy("sign-in service", 2*time.Second, errors.New("rate exceeded"))
}

func TestWhenThePoolThrottlesNothingChanges(t *testing.T) {
	t.Parallel()
	p, _ := small(t)
	admin, user := p.school(t)
	b := p.browser(t, admin)
	working := p.pool.Credentials
	p.pool.Credentials = throttled{working}
	before := p.users(t, admin.Organisation.Slug)
	wantComeBack(t, "create", b.call(t, http.MethodPost, "/users", danny))
	wantComeBack(t, "reset", b.call(t, http.MethodPost, "/users/"+string(user.User.ID)+"/password-reset", ""))
	wantComeBack(t, "sign in", b.call(t, http.MethodPost, "/session", fmt.Sprintf(
		`{"organisation":%q,"username":%q,"password":%q}`, user.Organisation.Slug, user.User.Username, chosen)))
	p.pool.Credentials = working
	after := p.users(t, admin.Organisation.Slug)
	if len(after) != len(before) || after["Danny"].Version != before["Danny"].Version {
		t.Errorf("something changed: %+v, before %+v", after, before)
	}
	if left, err := p.Store.Intents(t.Context(), p.clock.Now().Add(time.Hour), 10); err != nil || len(left) != 0 {
		t.Errorf("left to heal: %v, %v", left, err)
	}
	if err := p.pool.VerifyPassword(t.Context(), user.User.ID, chosen); err != nil {
		t.Errorf("the old password: %v", err)
	}
}

func TestEverySignInAndChangeLeavesATrace(t *testing.T) {
	t.Parallel()
	p, _ := small(t)
	admin, user := p.school(t)
	b := p.browser(t, admin)
	path := "/users/" + string(user.User.ID)
	danny := b
	danny.cookie = "" // at a computer of his own: signing in at hers would end her session
	signIn := func(password string) {
		danny.call(t, http.MethodPost, "/session", fmt.Sprintf(
			`{"organisation":%q,"username":%q,"password":%q}`, user.Organisation.Slug, user.User.Username, password))
	}
	signIn("Wrong1password")
	signIn(chosen)
	b.call(t, http.MethodPatch, path, `{"givenName":"Daniel"}`)
	b.call(t, http.MethodPost, path+"/password-reset", "")
	b.call(t, http.MethodDelete, path, "")

	trail, err := p.Store.Trail(t.Context(), directory.TrailQuery{Org: user.Organisation.Slug, Subject: user.User.ID, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	entries := trail.Entries
	var got []string
	for _, e := range slices.Backward(entries) {
		got = append(got, string(e.Action))
		if e.Subject.Username != user.User.Username || e.Actor.Name == "" || e.From.Address == "" && e.From != (directory.Origin{}) {
			t.Errorf("%s does not say who, on whom and from where: %+v", e.Action, e)
		}
		if text := fmt.Sprint(e); strings.Contains(text, chosen) || strings.Contains(text, "Wrong1password") {
			t.Errorf("%s holds a password", e.Action)
		}
	}
	want := "user.created signIn.challenged password.changed signIn.challenged agreement.accepted signIn.succeeded " +
		"signIn.failed signIn.succeeded user.changed password.reset user.deleted"
	if strings.Join(got, " ") != want {
		t.Errorf("the trail says\n%s\nwant\n%s", strings.Join(got, " "), want)
	}
	change := entries[2]
	if change.Before["givenName"] != "Danny" || change.After["givenName"] != "Daniel" || len(change.After) != 1 {
		t.Errorf("before %v, after %v", change.Before, change.After)
	}
}
