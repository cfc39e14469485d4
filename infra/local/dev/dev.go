// Package dev is the interface under /dev: what a person or a test of the local runner needs beside the product's own
// interface, that is the mails, the clock, the scheduled functions and the demonstration's passwords. It is no part of
// any function that runs on AWS, and it decides nothing itself.
package dev

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/caretaker/caretaker/infra/local/clock"
	"github.com/caretaker/caretaker/infra/local/demo"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/mail/inbox"
)

// Prefix is where the operations are.
const Prefix = "/dev"

// Config is what the interface shows and moves.
type Config struct {
	Inbox inbox.Box
	Clock *clock.Clock
	Demo  *demo.Demo
	// Functions are the scheduled ones by name. Each runs to its end and returns its report, to be written as JSON.
	Functions map[string]func(context.Context) (any, error)
	// Feedback is the function that takes what SES tells about mails; it returns a report too.
	Feedback func(ctx context.Context, event json.RawMessage) (any, error)
	Log      *slog.Logger
}

// New makes the handler of everything below Prefix. Changes from pages of other origins are refused.
func New(c Config) http.Handler {
	s := &server{Config: c, mux: http.NewServeMux()}
	settings := huma.DefaultConfig("Caretaker on one machine", "1")
	settings.CreateHooks = nil // no $schema fields in answers
	settings.OpenAPIPath, settings.DocsPath, settings.SchemasPath = Prefix+"/openapi", "", ""
	s.register(huma.NewGroup(humago.New(s.mux, settings), Prefix))
	origins := http.NewCrossOriginProtection()
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		write(w, problem(http.StatusForbidden, "cross_origin", "Changes can only be made from Caretaker's own pages."))
	}))
	return origins.Handler(s)
}

type server struct {
	Config
	mux *http.ServeMux
}

func (s *server) register(api huma.API) {
	huma.Get(api, "/inbox", s.listMails)
	huma.Delete(api, "/inbox", s.clearMails)
	huma.Get(api, "/clock", s.getClock)
	huma.Put(api, "/clock", s.moveClock)
	huma.Post(api, "/run/{function}", s.run)
	huma.Post(api, "/bounce", s.bounce)
	huma.Get(api, "/demo", s.getDemo)
}

// ServeHTTP answers one request; where there is no operation, with a problem document.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	if s.serves(r, r.Method) {
		r.Header.Set("Content-Type", "application/json") // nothing else is taken here, and curl -d says that it is a form
		s.mux.ServeHTTP(w, r)
		return
	}
	allowed := slices.DeleteFunc([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete},
		func(method string) bool { return !s.serves(r, method) })
	if len(allowed) == 0 {
		write(w, problem(http.StatusNotFound, "not_found", "There is no such address."))
		return
	}
	h.Set("Allow", strings.Join(allowed, ", "))
	write(w, problem(http.StatusMethodNotAllowed, "method_not_allowed", "This can be asked for with "+h.Get("Allow")+" only."))
}

func (s *server) serves(r *http.Request, method string) bool {
	probe := *r
	probe.Method = method
	_, pattern := s.mux.Handler(&probe)
	return pattern != ""
}

// problem is one in the form of the product's own interface.
func problem(status int, code, detail string) *httpapi.Problem {
	return &httpapi.Problem{
		Type: "urn:caretaker:problem:" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail,
	}
}

// failed is the problem of something that did not work.
func (s *server) failed(ctx context.Context, what string, err error) error {
	s.Log.ErrorContext(ctx, "could not "+what, slog.Any("error", err))
	if directory.KindOf(err) == directory.Unavailable {
		return problem(http.StatusServiceUnavailable, "unavailable", "It could not be done just now: "+err.Error())
	}
	return problem(http.StatusInternalServerError, "internal", "It did not work: "+err.Error()) // a developer reads it
}

func write(w http.ResponseWriter, p *httpapi.Problem) {
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller has gone away if this fails
}

type runInput struct {
	Function string `path:"function"`
}

type runAnswer struct{ Body any }

func (s *server) run(ctx context.Context, in *runInput) (*runAnswer, error) {
	function, known := s.Functions[in.Function]
	if !known {
		names := strings.Join(slices.Sorted(maps.Keys(s.Functions)), ", ")
		return nil, problem(http.StatusNotFound, "not_found", "There is no such function. There are: "+names+".")
	}
	report, err := function(ctx)
	if err != nil {
		return nil, s.failed(ctx, "run "+in.Function, err)
	}
	return &runAnswer{Body: report}, nil
}

type demoAnswer struct {
	Body struct {
		Organisations []demo.Organisation `json:"organisations" nullable:"false"`
	}
}

func (s *server) getDemo(ctx context.Context, _ *struct{}) (*demoAnswer, error) {
	found, err := s.Demo.Organisations(ctx)
	if err != nil {
		return nil, s.failed(ctx, "look at the demonstration", err)
	}
	var answer demoAnswer
	answer.Body.Organisations = found
	return &answer, nil
}
