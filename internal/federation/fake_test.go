package federation_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/federation"
)

// The paths of a fake provider, below its issuer.
const (
	discoveryPath = "/.well-known/openid-configuration"
	keysPath      = "/keys"
	tokenPath     = "/token"
	userinfoPath  = "/userinfo"
)

// fake is a provider that no product would be: it counts, and each of its answers can be replaced.
type fake struct {
	server  *httptest.Server
	clock   *clock
	key     atomic.Pointer[jose.JSONWebKey]
	replace map[string]http.HandlerFunc // by path; set before the first request
	// metadata are members of the discovery document to replace; nil leaves one out.
	metadata map[string]any
	asked    map[string]*atomic.Int64
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{clock: newClock(), replace: map[string]http.HandlerFunc{}, metadata: map[string]any{}, asked: map[string]*atomic.Int64{}}
	for _, path := range []string{discoveryPath, keysPath, tokenPath, userinfoPath} {
		f.asked[path] = &atomic.Int64{}
	}
	f.rotate(t)
	f.server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.server.Close)
	return f
}

// serve serves any number of issuers: whatever comes before a known path.
func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	for path, asked := range f.asked {
		issuer, found := strings.CutSuffix(r.URL.Path, path)
		if !found {
			continue
		}
		asked.Add(1)
		if h := f.replace[path]; h != nil {
			h(w, r)
			return
		}
		answer(w, f.says("http://"+r.Host+issuer, path))
		return
	}
	http.NotFound(w, r)
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
}

func (f *fake) says(issuer, path string) any {
	switch path {
	case discoveryPath:
		return f.document(issuer)
	case keysPath:
		return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{f.key.Load().Public()}}
	case tokenPath:
		return map[string]any{"access_token": "access-token-4711", "token_type": "Bearer", "id_token": f.idToken(issuer)}
	default:
		return map[string]any{"sub": "ann"}
	}
}

func (f *fake) document(issuer string) map[string]any {
	document := map[string]any{
		"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + tokenPath,
		"jwks_uri": issuer + keysPath, "userinfo_endpoint": issuer + userinfoPath,
		"response_types_supported": []string{"code"}, "id_token_signing_alg_values_supported": []string{"ES256"},
	}
	for name, value := range f.metadata {
		if document[name] = value; value == nil {
			delete(document, name)
		}
	}
	return document
}

func (f *fake) idToken(issuer string) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: f.key.Load()}, nil)
	if err != nil {
		panic(err)
	}
	claims, err := json.Marshal(map[string]any{
		"iss": issuer, "aud": "caretaker", "sub": "ann", "nonce": flow.Nonce, "preferred_username": "ann.smith",
		"email": "ann@school.example", "email_verified": true,
		"iat": f.clock.Now().Unix(), "exp": f.clock.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		panic(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return token
}

// rotate replaces the key.
func (f *fake) rotate(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f.key.Store(&jose.JSONWebKey{Key: key, KeyID: rand.Text(), Algorithm: "ES256", Use: "sig"})
}

func (f *fake) federation() *federation.Providers {
	return federation.New(federation.Config{BaseURL: base, Now: f.clock.Now, AllowLoopback: true})
}

func (f *fake) provider() directory.Provider {
	return directory.Provider{
		Issuer: f.server.URL + "/tenant", ClientID: "caretaker", ClientSecret: secret, Claim: "preferred_username",
	}
}

// finish signs Ann in.
func (f *fake) finish(t *testing.T, ps *federation.Providers) (directory.Identity, error) {
	t.Helper()
	return ps.Finish(t.Context(), f.provider(), flow, code)
}

const code = "code-5d41402abc4b"

// says is a handler that always answers the same.
func says(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
	}
}
