// Package pages is what a browser sees of the local runner beside the product's console: where everything is, who there is
// to sign in as, and the mails. The pages need no script and change nothing; what they show belongs to others.
package pages

import (
	"bytes"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/caretaker/caretaker/infra/local/demo"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail/inbox"
)

//go:embed templates style.css
var files embed.FS

// Config is what the pages show.
type Config struct {
	// BaseURL is where the runner is reached, such as "http://127.0.0.1:8080".
	BaseURL string
	Inbox   inbox.Box
	Now     func() time.Time
	Demo    *demo.Demo
	Log     *slog.Logger
}

type server struct {
	Config
	templates map[string]*template.Template
}

// New makes the handler of the pages. Every address that is not one of theirs is a page that says so.
func New(c Config) (http.Handler, error) {
	s := &server{Config: c, templates: map[string]*template.Template{}}
	for _, name := range []string{"index", "inbox", "sorry"} {
		t, err := template.New("layout.html").Funcs(template.FuncMap{"when": when, "linked": linked}).
			ParseFS(files, "templates/layout.html", "templates/parts.html", "templates/"+name+".html")
		if err != nil {
			return nil, err
		}
		s.templates[name] = t
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /dev", s.index)
	mux.HandleFunc("GET /inbox", s.inbox)
	mux.HandleFunc("GET /inbox/{id}/html", s.mail)
	mux.Handle("GET /style.css", http.FileServerFS(files))
	mux.HandleFunc("/", s.missing)
	return guarded(mux), nil
}

// guarded allows the pages their style sheet, the frames of mails and the form of the inbox, and nothing else.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; "+
			"base-uri 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// page is what every template is given.
type page struct {
	Title   string
	BaseURL string
	Now     time.Time
	Content any
}

func (s *server) show(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	p.BaseURL, p.Now = s.BaseURL, s.Now()
	var out bytes.Buffer // whole or not at all
	if err := s.templates[name].Execute(&out, p); err != nil {
		s.Log.ErrorContext(r.Context(), "could not make a page", slog.String("page", name), slog.Any("error", err))
		http.Error(w, "The page could not be made; the log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // the reader has gone away if this fails
}

// sorry is the page for what could not be shown.
func (s *server) sorry(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	s.show(w, r, status, "sorry", page{Title: title, Content: text})
}

func (s *server) failed(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.ErrorContext(r.Context(), "could not show a page", slog.String("path", r.URL.Path), slog.Any("error", err))
	status := http.StatusInternalServerError
	if directory.KindOf(err) == directory.Unavailable {
		status = http.StatusServiceUnavailable
	}
	s.sorry(w, r, status, "Something went wrong", "It did not work: "+err.Error())
}

func (s *server) missing(w http.ResponseWriter, r *http.Request) {
	s.sorry(w, r, http.StatusNotFound, "There is no such page", "Nothing is to be found at "+r.URL.Path+".")
}

func (s *server) index(w http.ResponseWriter, r *http.Request) {
	organisations, err := s.Demo.Organisations(r.Context())
	if err != nil {
		s.failed(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "index", page{Title: "Caretaker on this machine", Content: indexContent{
		Organisations: organisations, SignIn: s.example(organisations),
	}})
}

type indexContent struct {
	Organisations []demo.Organisation
	SignIn        signIn
}

// signIn is what the lines to be copied into a terminal say.
type signIn struct {
	BaseURL            string
	Organisation       directory.Slug
	Username, Password string
}

// example signs in as an administrator whose password is known; without one, words are to be replaced.
func (s *server) example(organisations []demo.Organisation) signIn {
	for _, o := range organisations {
		for _, u := range o.Users {
			if u.Kind == demo.Administrator && u.Password != "" {
				return signIn{s.BaseURL, o.Slug, u.Username, u.Password}
			}
		}
	}
	return signIn{s.BaseURL, "ORGANISATION", "USERNAME", "PASSWORD"}
}
