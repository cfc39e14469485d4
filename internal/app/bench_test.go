package app_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// bench is a school on the embedded stack, in memory, called without a network: what is measured is our own work.
type bench struct {
	handler            http.Handler
	local              *app.Local
	admin              directory.User
	cookie             string
	username, password string
}

func newBench(b *testing.B, params embedded.Params, users int) *bench {
	b.Helper()
	clock := apptest.NewClock()
	local, err := app.OpenEmbedded(app.Config{
		BaseURL: "http://127.0.0.1", MailFrom: "no-reply@users.example", Product: "Caretaker", Log: slog.New(slog.DiscardHandler),
	}, app.InMemory, clock.Now, params)
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

func BenchmarkSignIn(b *testing.B) {
	for name, params := range map[string]embedded.Params{"argon2id as recommended": embedded.Recommended(), "least hashing": apptest.Cheap} {
		b.Run(name, func(b *testing.B) {
			s := newBench(b, params, 0)
			body := s.credentials(s.password)
			b.ReportAllocs()
			for b.Loop() {
				s.call(b, http.StatusOK, "POST", "/session", body)
			}
		})
	}
}

func BenchmarkSession(b *testing.B) {
	s := newBench(b, apptest.Cheap, 0)
	b.ReportAllocs()
	for b.Loop() {
		s.call(b, http.StatusOK, "GET", "/session", "")
	}
}

func BenchmarkList50Of10000(b *testing.B) {
	s := newBench(b, apptest.Cheap, 10_000)
	for name, path := range map[string]string{
		"by name": "/users", "search": "/users?q=pupil+0123", "by last sign-in": "/users?sort=lastSignInAt&order=desc",
		"by a role that all have": "/users?role=operator", "by a role that nobody has": "/users?role=nobody", "by a site": "/users?site=Annexe",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.call(b, http.StatusOK, "GET", path, "")
			}
		})
	}
}

func BenchmarkCreateUser(b *testing.B) {
	s := newBench(b, apptest.Cheap, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		s.call(b, http.StatusCreated, "POST", "/users", `{"givenName":"Danny","familyName":"Smith","email":"d.smith@users.example"}`)
	}
}
