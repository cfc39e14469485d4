package app_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/cloud"
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/app/front/passkey"
	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/edge"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// The services of a region, by what their clients put before the name of an operation.
const (
	dynamoDB = "DynamoDB_20120810."
	userPool = "AWSCognitoIdentityProviderService."
	keys     = "TrentService."
)

// region is AWS as a function sees it over the network: the emulators, behind a proxy that fails as it is told to, in AWS's
// own words. The clients are those that functions have.
type region struct {
	*plant
	config app.Config
	url    string
	areas  map[string]edge.Handler
	mu     sync.Mutex
	fault  *fault
	seen   int // calls that the fault is about
}

// fault is what befalls calls.
type fault struct {
	on    string // a service, or one operation of it
	times int    // how many calls; 0: all
	does  func(w http.ResponseWriter, r *http.Request, pass http.Handler)
}

// says has a service answer with an error.
func says(status int, code, message string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": message})
	}
}

// hangs takes the request and never answers. Only a body that was read lets the server see that the client has gone.
func hangs(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// cutOff ends the connection before anything was done.
func cutOff(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }

// answerLost does what is asked, and then ends the connection.
func answerLost(_ http.ResponseWriter, r *http.Request, pass http.Handler) {
	pass.ServeHTTP(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

func (g *region) breaks(f *fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault, g.seen = f, 0
}

// hit tells what befalls a call.
func (g *region) hit(target string) *fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fault == nil || !strings.HasPrefix(target, g.fault.on) {
		return nil
	}
	g.seen++
	if g.fault.times > 0 && g.seen > g.fault.times {
		return nil
	}
	return g.fault
}

func (g *region) calls() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.seen
}

// openRegion opens the functions behind the HTTP API, with a platform and nobody else.
func openRegion(t *testing.T) *region {
	t.Helper()
	g := &region{plant: &plant{}, areas: map[string]edge.Handler{}}
	store, moto := emulatortest.DynamoDB(t), emulatortest.Moto(t)
	entry := httptest.NewServer(g.proxy(t, store, moto))
	t.Cleanup(entry.Close)
	g.url, g.config = entry.URL, app.Config{
		BaseURL: "https://users.example", MailFrom: "no-reply@users.example", Product: "Caretaker", Log: slog.New(slog.DiscardHandler),
		Table: "region-" + strings.ToLower(rand.Text()),
	}
	prepareRegion(t, &g.config, store, moto)
	g.start(t)
	made, err := g.Directory.FoundPlatform(t.Context(), directory.NewOrganisation{
		Name: "Platform", Preset: "platform", FirstAdministrator: person("Olive", "Operator"),
	})
	if err != nil {
		t.Fatal(err)
	}
	g.operator = g.enter(t, made.Organisation.Slug, made.User.Username, string(made.Password))
	return g
}

// start has functions begin anew, with nothing in memory.
func (g *region) start(t *testing.T) {
	t.Helper()
	var err error
	if g.App, err = cloud.Wire(g.config, emulatortest.AWS(t, g.url), front.Parts(passkey.Add)...); err != nil {
		t.Fatal(err)
	}
	for _, area := range httpapi.Areas() {
		if g.areas[area.Name], err = g.Gateway(area); err != nil {
			t.Fatal(err)
		}
	}
}

// prepareRegion makes what the template has.
func prepareRegion(t *testing.T, c *app.Config, store, moto string) {
	t.Helper()
	err := dynamo.CreateTable(t.Context(), dynamodb.NewFromConfig(emulatortest.AWS(t, store)), c.Table)
	if err != nil {
		t.Fatal(err)
	}
	c.PoolID, c.ClientID, err = cognito.CreatePool(t.Context(), cognitoidentityprovider.NewFromConfig(emulatortest.AWS(t, moto)))
	if err != nil {
		t.Fatal(err)
	}
	made, err := kms.NewFromConfig(emulatortest.AWS(t, moto)).CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	c.SealingKey = *made.KeyMetadata.Arn
}

func (g *region) proxy(t *testing.T, store, moto string) http.Handler {
	t.Helper()
	to := func(endpoint string) *httputil.ReverseProxy {
		at, err := url.Parse(endpoint)
		if err != nil {
			t.Fatal(err)
		}
		return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(at) }, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	}
	tables, others := to(store), to(moto)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target, pass := r.Header.Get("X-Amz-Target"), others
		if strings.HasPrefix(target, dynamoDB) {
			pass = tables
		}
		if f := g.hit(target); f != nil {
			f.does(w, r, pass)
			return
		}
		pass.ServeHTTP(w, r)
	})
}

// cookieOf signs somebody in.
func (g *region) cookieOf(t *testing.T, c directory.Caller) string {
	t.Helper()
	in := g.ask(t, question{"session", http.MethodPost, "/session", signInBody(c), ""})
	if in.StatusCode != http.StatusOK {
		t.Fatal(in.Body)
	}
	cookie, _, _ := strings.Cut(in.Cookies[0], ";")
	return cookie
}

func signInBody(c directory.Caller) string {
	return fmt.Sprintf(`{"organisation":%q,"username":%q,"password":%q}`, c.Organisation.Slug, c.User.Username, chosen)
}

func (g *region) ask(t *testing.T, q question) events.APIGatewayV2HTTPResponse {
	t.Helper()
	answer, err := g.areas[q.area](t.Context(), request(q.method, httpapi.Prefix+q.path, q.body, q.cookie))
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// wantComeBackSoon fails the test unless the answer asks to come back later, says nothing of the inside, and came in time.
func wantComeBackSoon(t *testing.T, what string, a events.APIGatewayV2HTTPResponse, took time.Duration) {
	t.Helper()
	var p httpapi.Problem
	if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
		t.Fatal(err)
	}
	after := a.Headers["Retry-After"] + strings.Join(a.MultiValueHeaders["Retry-After"], "")
	if a.StatusCode != http.StatusServiceUnavailable || p.Code != "unavailable" || p.RetryAfter == 0 || after != fmt.Sprint(p.RetryAfter) {
		t.Errorf("%s: got %d %s, Retry-After %q", what, a.StatusCode, a.Body, after)
	}
	if strings.Contains(a.Body, "Exception") || strings.Contains(a.Body, "127.0.0.1") || strings.Contains(a.Body, "loud and clear") {
		t.Errorf("%s: the cause is shown: %s", what, a.Body)
	}
	if took > app.AnswerWithin+time.Second {
		t.Errorf("%s: it took %s", what, took)
	}
}
