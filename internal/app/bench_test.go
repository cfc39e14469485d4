package app_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// bench is a school on the embedded stack, in memory, called without a network: what is measured is our own work.
type bench struct {
	handler            http.Handler
	local              *host.Local
	admin              directory.User
	cookie             string
	username, password string
}

func newBench(b *testing.B, params embedded.Params, users int) *bench {
	b.Helper()
	clock := apptest.NewClock()
	local, err := host.OpenEmbedded(app.Config{
		BaseURL: "http://127.0.0.1", MailFrom: "no-reply@users.example", Product: "Caretaker", Log: slog.New(slog.DiscardHandler),
	}, host.InMemory, clock.Now, params)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = local.Close() })
	handler, err := local.HTTP(httpapi.Areas()...)
	if err != nil {
		b.Fatal(err)
	}
	s := &bench{handler: handler, local: local, password: chosen}
	made, err := local.Directory.FoundPlatform(b.Context(), directory.NewOrganisation{
		Name: "Platform", Preset: "platform", FirstAdministrator: person("Olive", "Operator"),
	})
	if err != nil {
		b.Fatal(err)
	}
	s.admin, s.username = made.User, made.User.Username
	s.enter(b, string(made.Password))
	fillOperator(b, local.App, users)
	return s
}

// enter changes the initial password and stays signed in.
func (s *bench) enter(b *testing.B, initial string) {
	b.Helper()
	s.cookie = cookieOf(s.call(b, http.StatusOK, "POST", "/session", s.credentials(initial)))
	body := fmt.Sprintf(`{"newPassword":%q,"repeatPassword":%q}`, s.password, s.password)
	s.cookie = cookieOf(s.call(b, http.StatusOK, "POST", "/session/password", body))
}

func (s *bench) credentials(password string) string {
	return fmt.Sprintf(`{"organisation":"operator","username":%q,"password":%q}`, s.username, password)
}

func cookieOf(w *httptest.ResponseRecorder) string {
	cookie, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return cookie
}

func (s *bench) call(b *testing.B, status int, method, path, body string) *httptest.ResponseRecorder {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), method, "/api/v1"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", s.cookie)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != status {
		b.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w
}

// BenchmarkOperations has what make bench prints: each operation's own work, with no network and no disk.
func BenchmarkOperations(b *testing.B) {
	b.Run("POST /session, argon2id as recommended", func(b *testing.B) { newBench(b, embedded.Recommended(), 0).signIn(b) })
	s := newBench(b, apptest.Cheap, 10_000)
	b.Run("POST /session, without the cost of hashing", s.signIn)
	for _, asked := range []struct{ name, path string }{
		{"GET /session", "/session"},
		{"GET /me", "/me"},
		{"GET /users/{id}", "/users/" + string(s.admin.ID)},
		{"GET /users, 50 of 10,000 by name", "/users"},
		{"GET /users, 50 of 10,000 by last sign-in", "/users?sort=lastSignInAt&order=desc"},
		{"GET /users?q=, a search with 10 matches", "/users?q=pupil+0123"},
		{"GET /users?role=, a role that everybody has", "/users?role=operator"},
		{"GET /users?role=, which nobody has", "/users?role=nobody"},
		{"GET /users?site=, which nobody has", "/users?site=Annexe"},
		{"GET /roles", "/roles"},
		{"GET /audit", "/audit"},
	} {
		b.Run(asked.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.call(b, http.StatusOK, "GET", asked.path, "")
			}
		})
	}
	b.Run("POST /users, without the cost of hashing", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.create(b)
		}
	})
	s.changes(b)
}

func (s *bench) signIn(b *testing.B) {
	body := s.credentials(s.password)
	b.ReportAllocs()
	for b.Loop() { // the new session takes the place of the one before
		s.cookie = cookieOf(s.call(b, http.StatusOK, "POST", "/session", body))
	}
}

// create adds a user and returns the id.
func (s *bench) create(b *testing.B) string {
	b.Helper()
	var made struct{ User struct{ ID string } }
	w := s.call(b, http.StatusCreated, "POST", "/users", `{"givenName":"Danny","familyName":"Smith","email":"d.smith@users.example"}`)
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil {
		b.Fatal(err)
	}
	return made.User.ID
}

// changes are operations that need something made for them, which is not counted.
func (s *bench) changes(b *testing.B) {
	n := 0
	for _, change := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"PATCH /users/{id}", "PATCH", "", `{"givenName":"Daniel"}`, http.StatusOK},
		{"POST /users/{id}/password-reset, without the cost of hashing", "POST", "/password-reset", "", http.StatusOK},
		{"DELETE /users/{id}", "DELETE", "", "", http.StatusNoContent},
	} {
		b.Run(change.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				id := s.create(b)
				b.StartTimer()
				s.call(b, change.status, change.method, "/users/"+id+change.path, change.body)
			}
		})
	}
	b.Run("PUT /me/password, without the cost of hashing", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			s.cookie = cookieOf(s.call(b, http.StatusOK, "POST", "/session", s.credentials(s.password))) // the one before has ended
			n++
			b.StartTimer()
			next := fmt.Sprintf("Chosen%dpassword", 1+n%5+n*7)
			s.call(b, http.StatusNoContent, "PUT", "/me/password",
				fmt.Sprintf(`{"currentPassword":%q,"newPassword":%q,"repeatPassword":%q}`, s.password, next, next))
			s.password = next
		}
	})
	b.Run("DELETE /session", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			s.cookie = cookieOf(s.call(b, http.StatusOK, "POST", "/session", s.credentials(s.password)))
			b.StartTimer()
			s.call(b, http.StatusNoContent, "DELETE", "/session", "")
		}
	})
}
