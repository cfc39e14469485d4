package httpapi

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/caretaker/caretaker/internal/directory"
)

// Prefix is where the operations are.
const Prefix = "/api/v1"

// Config is what the interface needs to know of the place where it runs.
type Config struct {
	// Secure tells that browsers come by https; the cookie is then bound to it and to the host.
	Secure bool
	// BaseURL is where browsers reach the service; redirects begin with it, never with what a request says.
	BaseURL string
	// TrustedOrigins may send writes from pages of their own, such as "https://console.example.org".
	TrustedOrigins []string
	Log            *slog.Logger
	// Observe is called at the start of a request; what it returns is called at the end, for what the log says of the
	// request beside what is known here. It may be nil.
	Observe func(context.Context) (context.Context, func(Seen) []slog.Attr)
}

// API serves areas of operations.
type API struct {
	directory *directory.Directory
	config    Config
	log       *slog.Logger
	mux       *http.ServeMux
	huma      huma.API
	origins   *http.CrossOriginProtection
}

// New makes the handler of some areas, or of all of them.
func New(d *directory.Directory, config Config, areas ...Area) (*API, error) {
	a := &API{directory: d, config: config, log: config.Log, mux: http.NewServeMux(), origins: http.NewCrossOriginProtection()}
	trusted := config.TrustedOrigins
	if config.BaseURL != "" {
		// Whoever stands in front asks for another host than browsers see, and old browsers tell of no more than that.
		trusted = append([]string{config.BaseURL}, trusted...)
	}
	for _, o := range trusted {
		if err := a.origins.AddTrustedOrigin(o); err != nil {
			return nil, err
		}
	}
	a.origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(r.Context(), w, newProblem(http.StatusForbidden, "cross_origin", "Changes can only be made from Caretaker's own pages."))
	}))
	a.huma = humago.New(a.mux, humaConfig())
	for _, area := range areas {
		area.register(a)
	}
	return a, nil
}

func humaConfig() huma.Config {
	c := huma.DefaultConfig("Caretaker", "1")
	c.CreateHooks = nil // no $schema fields in answers
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.Transformers = []huma.Transformer{noteProblem}
	c.Info.Description = "User administration for schools, local authorities and learning providers."
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: secureCookie, Description: "Set by POST " + Prefix + "/session."},
	}
	return c
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	seen := &Seen{began: a.directory.Clock()}
	ctx, finish := context.WithValue(r.Context(), originKey{}, originOf(r)), func(Seen) []slog.Attr { return nil }
	if a.config.Observe != nil {
		ctx, finish = a.config.Observe(ctx)
	}
	ctx = context.WithValue(ctx, knownKey{}, directory.ParseKnown(a.cookieValue(r, knownSuffix)))
	ctx = context.WithValue(ctx, formerKey{}, a.readCookie(r))
	ctx = context.WithValue(ctx, bindingKey{}, a.cookieValue(r, flowSuffix))
	ctx = context.WithValue(ctx, seenKey{}, seen)
	answer := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	a.guard(answer)
	r = r.WithContext(ctx)
	a.serve(ctx, answer, r)
	seen.end(r, answer.status, a.directory.Clock())
	a.log.LogAttrs(ctx, slog.LevelInfo, "request", append(seen.attributes(), finish(*seen)...)...)
}

// serve turns a panic into an answer, so that one bad request ends neither the process nor the log of it.
func (a *API) serve(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	defer func() {
		if failure := recover(); failure != nil {
			a.log.ErrorContext(ctx, "panic", slog.Any("panic", failure), slog.String("stack", string(debug.Stack())))
			writeProblem(ctx, w, newProblem(http.StatusInternalServerError, "internal", "Something went wrong on our side."))
		}
	}()
	a.origins.Handler(http.HandlerFunc(a.route)).ServeHTTP(w, r)
}

// guard sets the headers that keep browsers from doing what an API never asks for (OWASP REST security cheat sheet).
func (a *API) guard(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	if a.config.Secure {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// route finds the operation; where there is none, the mux's plain text becomes a problem document.
func (a *API) route(w http.ResponseWriter, r *http.Request) {
	handler, pattern := a.mux.Handler(r)
	if pattern != "" {
		a.mux.ServeHTTP(w, r)
		return
	}
	found := &discardWriter{header: http.Header{}}
	handler.ServeHTTP(found, r)
	if found.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", found.header.Get("Allow"))
		writeProblem(r.Context(), w, newProblem(found.status, "method_not_allowed", "This can be asked for with "+found.header.Get("Allow")+" only."))
		return
	}
	writeProblem(r.Context(), w, newProblem(http.StatusNotFound, "not_found", "There is no such address."))
}

// statusWriter remembers the status for the log.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// discardWriter takes the mux's own answer, of which only status and headers count.
type discardWriter struct {
	header http.Header
	status int
}

func (w *discardWriter) Header() http.Header         { return w.header }
func (w *discardWriter) Write(b []byte) (int, error) { return len(b), nil }
func (w *discardWriter) WriteHeader(status int)      { w.status = status }

// originOf says where a request came from.
func originOf(r *http.Request) directory.Origin {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	const room = 200
	agent := strings.ToValidUTF8(r.UserAgent(), "")
	return directory.Origin{Address: address, Agent: agent[:min(room, len(agent))]}
}

func itoa[N int | int64](n N) string { return strconv.FormatInt(int64(n), 10) }
