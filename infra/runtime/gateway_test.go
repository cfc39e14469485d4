//go:build linux

package runtime_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/caretaker/caretaker/infra/emulators"
	"github.com/caretaker/caretaker/infra/template/samfile"
)

// gateway turns requests into events of payload format 2.0, by the routes of the template, and answers into responses, as
// the HTTP API of API Gateway does.
type gateway struct {
	mux *http.ServeMux
	// stage are the variables of the API's stage.
	stage map[string]string
	// last is the newest event, for tests that look at its form.
	last events.APIGatewayV2HTTPRequest
}

// invoker leads to a function's environment.
type invoker func(ctx context.Context, event []byte) ([]byte, error)

// newGateway leads to the functions of a deployment.
func newGateway(tb testing.TB, d *deployment) *gateway {
	tb.Helper()
	return routed(d.routes(tb), func(folder string) invoker {
		return func(ctx context.Context, event []byte) ([]byte, error) {
			return d.function(tb, folder).Invoke(ctx, event) //nolint:contextcheck // a function outlives the request that starts it
		}
	})
}

// routed is a gateway whose routes lead to functions.
func routed(routes map[string]string, to func(folder string) invoker) *gateway {
	g := &gateway{mux: http.NewServeMux()}
	for route, folder := range routes {
		g.mux.HandleFunc(samfile.Pattern(route), g.integration(route, to(folder)))
	}
	return g
}

// only is a gateway all of whose routes lead to one function.
func only(routes map[string]string, l *emulators.Lambda) *gateway {
	return routed(routes, func(string) invoker { return l.Invoke })
}

// ServeHTTP implements http.Handler.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, route := g.mux.Handler(r); route == "" {
		say(w, http.StatusNotFound, "Not Found")
		return
	}
	g.mux.ServeHTTP(w, r)
}

func say(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"message":%q}`, message)
}

// integration hands the requests of a route to a function. What the function does not answer is an internal error.
func (g *gateway) integration(route string, invoke invoker) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		event, err := requestEvent(route, r)
		if err != nil {
			say(w, http.StatusBadRequest, "Bad Request")
			return
		}
		event.StageVariables = g.stage
		g.last = event
		text, err := json.Marshal(event)
		if err != nil {
			panic(err) // it is made of texts
		}
		answer, err := invoke(r.Context(), text)
		if err != nil {
			say(w, http.StatusInternalServerError, "Internal Server Error")
			return
		}
		respond(w, answer)
	}
}

// requestEvent is what a function is told of a request.
func requestEvent(route string, r *http.Request) (events.APIGatewayV2HTTPRequest, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return events.APIGatewayV2HTTPRequest{}, err
	}
	now := time.Now().UTC()
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: route, RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery,
		Headers: joined(r.Header), QueryStringParameters: joined(r.URL.Query()), PathParameters: pathParameters(route, r),
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: route, AccountID: account, Stage: "$default", RequestID: "JKJaXmPLvHcESHA=", APIID: "a1b2c3d4e5",
			DomainName: r.URL.Host, DomainPrefix: strings.SplitN(r.URL.Host, ".", 2)[0],
			Time: now.Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: r.Method, Path: r.URL.Path, Protocol: "HTTP/1.1", SourceIP: "192.0.2.7", UserAgent: r.UserAgent(),
			},
		},
	}
	for _, c := range r.Cookies() {
		e.Cookies = append(e.Cookies, c.Name+"="+c.Value)
	}
	delete(e.Headers, "cookie")
	maps.Copy(e.Headers, map[string]string{
		"host": r.URL.Host, "x-forwarded-for": "192.0.2.7", "x-forwarded-port": "443", "x-forwarded-proto": "https",
	})
	e.Body, e.IsBase64Encoded = encoded(r.Header.Get("Content-Type"), body)
	return e, nil
}

// joined has names in lower case, and values that came several times with commas between.
func joined(values map[string][]string) map[string]string {
	one := map[string]string{}
	for name, v := range values {
		one[strings.ToLower(name)] = strings.Join(v, ",")
	}
	return one
}

func pathParameters(route string, r *http.Request) map[string]string {
	found := map[string]string{}
	for part := range strings.SplitSeq(route, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			found[name] = r.PathValue(name)
		}
	}
	return found
}

// encoded leaves texts as they are; of the rest, to which forms belong, API Gateway makes base64.
func encoded(contentType string, body []byte) (text string, isBase64 bool) {
	kind, _, _ := strings.Cut(contentType, ";")
	if len(body) == 0 || kind == "application/json" || strings.HasPrefix(kind, "text/") {
		return string(body), false
	}
	return base64.StdEncoding.EncodeToString(body), true
}

// respond reads an answer as the format has it: multiValueHeaders are of the older format, and not looked at.
func respond(w http.ResponseWriter, answer []byte) {
	var a struct {
		StatusCode      int
		Headers         map[string]string
		Cookies         []string
		Body            string
		IsBase64Encoded bool
	}
	if err := json.Unmarshal(answer, &a); err != nil || a.StatusCode == 0 {
		say(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	body := []byte(a.Body)
	if a.IsBase64Encoded {
		body, _ = base64.StdEncoding.DecodeString(a.Body)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Headers)) {
		w.Header().Set(name, a.Headers[name])
	}
	for _, c := range a.Cookies {
		w.Header().Add("Set-Cookie", c)
	}
	w.WriteHeader(a.StatusCode)
	_, _ = w.Write(body) // to memory
}

// What is no route is turned away before any function, as API Gateway does.
func TestTheGatewayKnowsTheRoutesOfTheTemplateOnly(t *testing.T) {
	t.Parallel()
	g := routed(loadTemplate(t).routes(t), func(folder string) invoker {
		return func(context.Context, []byte) ([]byte, error) {
			return json.Marshal(events.APIGatewayV2HTTPResponse{StatusCode: http.StatusOK, Body: folder})
		}
	})
	for request, want := range map[string]string{
		"POST /api/v1/users/01jd/roles": `{"message":"Not Found"}`, // PUT alone
		"GET /o/bash-street":            "console",
		"GET /":                         "console",
		"GET /api/v1/users/01jd":        "users",
		"GET /api/v1":                   "console", // which has no such page
		"GET /api/openapi.json":         "session",
	} {
		method, path, _ := strings.Cut(request, " ")
		r, err := http.NewRequestWithContext(t.Context(), method, "https://users.example.org"+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := inProcess{g}.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil || string(body) != want {
			t.Errorf("%s: got %s, %v, want %s", request, body, err, want)
		}
	}
}
