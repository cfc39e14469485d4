package directory

import "context"

// IdentityProviders speaks OpenID Connect: the authorisation code flow with PKCE (RFC 7636), state and nonce. Methods
// fail with kind Unavailable when the provider does not answer, with ErrProviderMisconfigured, and with
// ErrIdentityRefused when what came back proves nothing.
type IdentityProviders interface {
	// Begin returns the address to send the browser to.
	Begin(ctx context.Context, p Provider, f Flow) (address string, err error)
	// Finish exchanges the code and verifies what the provider says: signature, issuer, audience, times, nonce.
	Finish(ctx context.Context, p Provider, f Flow, code string) (Identity, error)
	// Check asks the provider for its metadata and keys, to find out before it is relied on whether it can be used.
	Check(ctx context.Context, p Provider) error
}

// Provider is an organisation's OpenID provider.
type Provider struct {
	Issuer       string // https://…
	ClientID     string
	ClientSecret string // "" for a public client
	// Claim names the user, such as "preferred_username".
	Claim string
}

// Flow is one sign-in under way. State, Nonce and Verifier are random and used once; Issuer is what the provider says of
// itself when the browser comes back (RFC 9207), "" if it says nothing.
type Flow struct{ State, Nonce, Verifier, Issuer string }

// Identity is whom the provider vouches for.
type Identity struct {
	Subject       string // never given to a second person by this issuer
	Name          string // the value of the provider's Claim
	Email         string
	EmailVerified bool
}

// Errors of IdentityProviders.
var (
	ErrProviderMisconfigured = &Error{Kind: Conflict, Code: "provider_misconfigured", Detail: "The identity provider cannot be used as it is set up. Please tell an administrator."}
	ErrIdentityRefused       = &Error{Kind: NotSignedIn, Code: "identity_refused", Detail: "The identity provider did not vouch for you. Please try again."}
)
