package federation

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/caretaker/caretaker/internal/directory"
)

var _ directory.IdentityProviders = (*Providers)(nil)

// CallbackPath is where providers send browsers back to, below the base URL.
const CallbackPath = "/api/v1/session/federation/callback"

// answerWithin bounds a method, which makes up to four requests: a user is waiting, and the function ends after 15 s.
const answerWithin = 10 * time.Second

// Config is what an installation decides.
type Config struct {
	// BaseURL is where browsers reach the service, such as "https://users.example.org". It is never taken from a request:
	// whoever could choose it would be sent the codes.
	BaseURL string
	// Now is the time that ID tokens are judged by.
	Now func() time.Time
	// AllowLoopback lets providers be on this machine, also without TLS. It is for the local runner and for tests.
	AllowLoopback bool
	// Resolver looks names up; nil stands for the system's.
	Resolver *net.Resolver
}

// Providers implements directory.IdentityProviders. It may be used from many goroutines at once.
type Providers struct {
	redirect string
	now      func() time.Time
	issuers  *issuers
}

// New calls nobody.
func New(c Config) *Providers {
	return &Providers{
		redirect: strings.TrimSuffix(c.BaseURL, "/") + CallbackPath, now: c.Now,
		issuers: newIssuers(newWeb(c), c.Now),
	}
}

// Begin implements the port.
func (ps *Providers) Begin(ctx context.Context, p directory.Provider, f directory.Flow) (string, error) {
	if err := checkFlow(f); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	known, err := ps.issuers.get(ctx, p.Issuer)
	if err != nil {
		return "", err
	}
	client, err := ps.client(p, known)
	if err != nil {
		return "", err
	}
	return client.AuthCodeURL(
		f.State, oauth2.S256ChallengeOption(f.Verifier), oidc.Nonce(f.Nonce), oauth2.SetAuthURLParam("response_mode", "query"),
	), nil
}

// Finish implements the port. The caller has compared the state, and redeems a flow once.
func (ps *Providers) Finish(ctx context.Context, p directory.Provider, f directory.Flow, code string) (directory.Identity, error) {
	if err := checkFlow(f); err != nil {
		return directory.Identity{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	known, err := ps.issuers.get(ctx, p.Issuer)
	if err != nil {
		return directory.Identity{}, err
	}
	if err := known.checkAnswer(f.Issuer, code); err != nil {
		return directory.Identity{}, err
	}
	t, err := ps.exchange(ctx, p, known, f.Verifier, code)
	if err != nil {
		return directory.Identity{}, err
	}
	said, err := ps.verify(ctx, p, known, f.Nonce, t.id)
	if err != nil {
		return directory.Identity{}, err
	}
	if said, err = ps.complete(ctx, p, known, said, t.access); err != nil {
		return directory.Identity{}, err
	}
	return said.identity(p.Claim)
}

// Check implements the port: it asks the provider anew, whatever is known. Whether the client's id and secret are right
// shows at the first sign-in alone. The error's detail says what is wrong with the provider, for an administrator.
func (ps *Providers) Check(ctx context.Context, p directory.Provider) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	known, err := ps.issuers.fetch(ctx, p.Issuer)
	if err == nil {
		_, err = ps.client(p, known)
	}
	return explained(err)
}

// client is Caretaker as the provider knows it.
func (ps *Providers) client(p directory.Provider, known *issuer) (*oauth2.Config, error) {
	if p.ClientID == "" || p.Claim == "" {
		return nil, misconfigured("no client or no claim is named", nil)
	}
	style, err := known.authStyle(p.ClientSecret)
	if err != nil {
		return nil, err
	}
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, RedirectURL: ps.redirect,
		Endpoint: oauth2.Endpoint{AuthURL: known.Authorization, TokenURL: known.Token, AuthStyle: style},
		Scopes:   []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail},
	}, nil
}

// The lengths of a PKCE verifier (RFC 7636, 4.1).
const minVerifier, maxVerifier = 43, 128

// checkFlow finds a mistake of the caller's: without these values a sign-in would not be bound to a browser.
func checkFlow(f directory.Flow) error {
	if f.State == "" || f.Nonce == "" || len(f.Verifier) < minVerifier || len(f.Verifier) > maxVerifier {
		return errors.New("federation: a flow without state, nonce or a verifier of 43 to 128 characters")
	}
	return nil
}
