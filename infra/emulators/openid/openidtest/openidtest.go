// Package openidtest gives a test an OpenID provider of its own at the server of infra/emulators/openid: it says which
// clients and people the provider has, who signs in next, and how the provider is to misbehave. It also plays the
// browser, up to the address that the provider sends it back to. It knows nothing of who relies on the provider.
//
// The provider demands PKCE with S256, shows a form only to people who were given passwords (which tests of the console
// do), and takes everybody's consent for granted. Over HTTP, under
// ENDPOINT/test/issuers/NAME with bodies in JSON:
//
//	PUT    (nothing)      {"userinfoOnly","host"}                 makes the issuer ENDPOINT/NAME, answers {"issuer"}; host "localhost": of another site
//	DELETE (nothing)                                              forgets it
//	PUT    /clients/ID    {"secret","redirectUris","alg","auth"}  auth: client_secret_basic (default), client_secret_post
//	PUT    /accounts/SUB  the claims
//	PUT    /passwords/SUB {"password"}                            for the form that is shown when nobody was spoken for
//	POST   /sign-ins      {"sub"} or {"error"}                    who signs in at the next authorisation request not yet spoken for
//	PUT    /misbehave     a Misdeed, or null
//	PUT    /metadata      members of the discovery document to replace; null leaves one out
//	PUT    /outage        {"down"}                                answers everything with 503
//	PUT    /clock         {"now"}                                 a time as in RFC 3339; "" for the real one
//	POST   /rotate-keys                                           replaces all keys; the former are gone at once
//
// They answer 204, the first 201.
package openidtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Provider is an OpenID provider with clients and people of its own; its keys are its own once they have been rotated. It
// may be used from many goroutines at once; what is said about the next sign-in or ID token holds for whichever comes
// next.
type Provider struct {
	// Issuer is its identifier and address, such as "http://127.0.0.1:40321/x3fgh".
	Issuer string

	settings string
}

// Client is a party that relies on the provider.
type Client struct {
	ID           string
	Secret       string // "" for a public client
	RedirectURIs []string
	Alg          string // which signs its ID tokens: "RS256" if "", "PS256", "ES256" or "EdDSA"
	PostsSecret  bool   // the secret is taken from the body of the token request instead of its Authorization header
}

// Misdeed is what is wrong with an ID token. It is signed again with the provider's own key unless a field says
// otherwise.
type Misdeed struct {
	Claims map[string]any `json:"claims,omitempty"` // replaced; nil leaves the claim out
	Shift  int            `json:"shift,omitempty"`  // seconds added to iat and exp; the token is valid for an hour
	// Alg is "none", "HS256" (with the client's secret), "HS256-public" (with the provider's public RSA key, in PEM, as
	// the secret) or another of Client.Alg.
	Alg string  `json:"alg,omitempty"`
	Key string  `json:"key,omitempty"` // "foreign": signed with a key that is not the provider's, under the name of its own
	Kid *string `json:"kid,omitempty"` // another name of the key; "" leaves the name out
	// Omit leaves the ID token out of the answer.
	Omit bool `json:"omit,omitempty"`
}

// New makes a provider that is gone after the test. Its ID tokens hold all claims of the account; those beside sub,
// email and email_verified are released with the scope profile, whatever their names.
func New(tb testing.TB, endpoint string) *Provider {
	tb.Helper()
	return create(tb, endpoint, false)
}

// NewUserinfoOnly is New for a provider that keeps to the letter of OpenID Connect Core 5.4: ID tokens of the code
// flow say who it is, and all other claims have to be asked for at the UserInfo endpoint.
func NewUserinfoOnly(tb testing.TB, endpoint string) *Provider {
	tb.Helper()
	return create(tb, endpoint, true)
}

func create(tb testing.TB, endpoint string, userinfoOnly bool) *Provider {
	tb.Helper()
	name := strings.ToLower(rand.Text())
	p := &Provider{Issuer: endpoint + "/" + name, settings: endpoint + "/test/issuers/" + name}
	p.set(tb.Context(), tb, http.MethodPut, "", map[string]any{"userinfoOnly": userinfoOnly})
	tb.Cleanup(func() { p.set(context.WithoutCancel(tb.Context()), tb, http.MethodDelete, "", nil) })
	return p
}

// SetClient adds a client or replaces the one of the same id.
func (p *Provider) SetClient(tb testing.TB, c Client) {
	tb.Helper()
	settings := map[string]any{"secret": c.Secret, "redirectUris": c.RedirectURIs}
	if c.Alg != "" {
		settings["alg"] = c.Alg
	}
	if c.PostsSecret {
		settings["auth"] = "client_secret_post"
	}
	p.set(tb.Context(), tb, http.MethodPut, "/clients/"+url.PathEscape(c.ID), settings)
}

// SetAccount adds a person or replaces the one of the same subject. Claims need not have sub.
func (p *Provider) SetAccount(tb testing.TB, sub string, claims map[string]any) {
	tb.Helper()
	p.set(tb.Context(), tb, http.MethodPut, "/accounts/"+url.PathEscape(sub), claims)
}

// NextSignIn says who signs in at the next authorisation request. Several calls say it for several, in their order;
// a request that nobody has spoken for is answered with 409.
func (p *Provider) NextSignIn(tb testing.TB, sub string) {
	tb.Helper()
	p.set(tb.Context(), tb, http.MethodPost, "/sign-ins", map[string]any{"sub": sub})
}

// NextCancel is NextSignIn for somebody who gives up, so that the provider answers with the error access_denied.
func (p *Provider) NextCancel(tb testing.TB) {
	tb.Helper()
	p.set(tb.Context(), tb, http.MethodPost, "/sign-ins", map[string]any{"error": "access_denied"})
}

// Misbehave says what is wrong with the next ID token; those after it are right again.
func (p *Provider) Misbehave(tb testing.TB, m Misdeed) {
	tb.Helper()
	p.set(tb.Context(), tb, http.MethodPut, "/misbehave", m)
}

// SetMetadata replaces members of the discovery document, from now on; nil leaves one out.
func (p *Provider) SetMetadata(tb testing.TB, members map[string]any) {
	tb.Helper()
	p.set(tb.Context(), tb, http.MethodPut, "/metadata", members)
}

// SetOutage has the provider answer everything with 503, or end that.
func (p *Provider) SetOutage(tb testing.TB, down bool) {
	tb.Helper()
	p.set(tb.Context(), tb, http.MethodPut, "/outage", map[string]any{"down": down})
}

// SetClock moves the time in the provider's ID tokens, for a test whose own clock is not the real one. It goes on from
// there at the usual pace.
func (p *Provider) SetClock(tb testing.TB, now time.Time) {
	tb.Helper()
	p.set(tb.Context(), tb, http.MethodPut, "/clock", map[string]any{"now": now})
}

// RotateKeys replaces all keys. The former are gone at once.
func (p *Provider) RotateKeys(tb testing.TB) {
	tb.Helper()
	p.set(tb.Context(), tb, http.MethodPost, "/rotate-keys", nil)
}

// SignIn plays the browser: it opens the address of an authorisation request and follows redirects until one leaves
// the provider. It returns where that leads, with the provider's answer in its query, without going there.
func (p *Provider) SignIn(tb testing.TB, address string) *url.URL {
	tb.Helper()
	res := visit(tb, address)
	defer res.Body.Close()
	answer, err := res.Location()
	if err != nil {
		text, _ := io.ReadAll(res.Body)
		tb.Fatalf("openidtest: the provider answers %s instead of sending the browser back: %s", res.Status, text)
	}
	return answer
}

// visit opens an address in a browser of its own, and stops before it would leave the address's host.
func visit(tb testing.TB, address string) *http.Response {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	browser := http.Client{Jar: jar, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if req.URL.Host != via[0].URL.Host {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		tb.Fatalf("openidtest: %v", err)
	}
	res, err := browser.Do(req)
	if err != nil {
		tb.Fatalf("openidtest: %v", err)
	}
	return res
}

func (p *Provider) set(ctx context.Context, tb testing.TB, method, path string, body any) {
	tb.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		tb.Fatalf("openidtest: %v", err)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.settings+path, bytes.NewReader(text))
	if err != nil {
		tb.Fatalf("openidtest: %v", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		tb.Fatalf("openidtest: %v", err)
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusBadRequest {
		text, _ := io.ReadAll(res.Body)
		tb.Fatalf("openidtest: %s %s: %s: %s", method, path, res.Status, text)
	}
}
