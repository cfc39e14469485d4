package federation

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"

	"github.com/caretaker/caretaker/internal/directory"
)

// leeway is how far clocks may be apart.
const leeway = time.Minute

type tokens struct{ id, access string }

// exchange gives the provider the code and the verifier for an ID token.
func (ps *Providers) exchange(ctx context.Context, p directory.Provider, known *issuer, verifier, code string) (tokens, error) {
	client, err := ps.client(p, known)
	if err != nil {
		return tokens{}, err
	}
	answer, err := client.Exchange(oidc.ClientContext(ctx, ps.issuers.web.client), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return tokens{}, exchangeFailure(ctx, err)
	}
	id, ok := answer.Extra("id_token").(string)
	if !ok || id == "" {
		return tokens{}, misconfigured("its token endpoint gives no ID token", nil)
	}
	return tokens{id: id, access: answer.AccessToken}, nil
}

// errorCode is what an error code may look like. Any other text is not logged: the provider may have put the request into
// it.
var errorCode = regexp.MustCompile(`^[a-z_]{1,40}$`)

// exchangeFailure translates what the token endpoint says (RFC 6749, 5.2). Descriptions are left out, because some
// providers quote the code in them.
func exchangeFailure(ctx context.Context, err error) error {
	const what = "its token endpoint"
	answer, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		if _, ok := errors.AsType[*url.Error](err); ok {
			return failure(ctx, what, err)
		}
		return misconfigured(what+" does not answer as OpenID Connect says", nil)
	}
	code := answer.ErrorCode
	if !errorCode.MatchString(code) {
		code = "no error code"
	}
	said := fmt.Errorf("status %d, %s", answer.Response.StatusCode, code)
	switch {
	case code == "invalid_grant":
		return refused("the provider does not accept the code", said)
	case mayPass(answer.Response.StatusCode) || code == "temporarily_unavailable" || code == "server_error":
		return unavailable(what+" does not answer", said)
	}
	return misconfigured(what+" refuses the client", said)
}

// verify believes an ID token, or not (OpenID Connect Core 1.0, 3.1.3.7).
func (ps *Providers) verify(ctx context.Context, p directory.Provider, known *issuer, nonce, raw string) (claims, error) {
	keys := &signature{keys: known.keys}
	for _, a := range known.signatures() {
		keys.accepted = append(keys.accepted, jose.SignatureAlgorithm(a))
	}
	token, err := oidc.NewVerifier(known.Issuer, keys, &oidc.Config{
		ClientID: p.ClientID, SupportedSigningAlgs: known.signatures(),
		Now: func() time.Time { return ps.now().Add(-leeway) },
	}).Verify(ctx, raw)
	if keys.err != nil {
		return nil, keys.err
	}
	if err != nil {
		return nil, refused("the ID token is not to be believed", err)
	}
	var said claims
	if err := token.Claims(&said); err != nil {
		return nil, refused("the claims cannot be read", err)
	}
	return said, ps.checkToken(p, token, said, nonce)
}

// maxSubject is the longest subject, in bytes (OpenID Connect Core 1.0, 2).
const maxSubject = 255

// checkToken does what go-oidc leaves to its callers.
func (ps *Providers) checkToken(p directory.Provider, token *oidc.IDToken, said claims, nonce string) error {
	party, named := said["azp"]
	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1:
		return refused("the ID token is for another sign-in: its nonce differs", nil)
	case len(token.Audience) > 1 && !named, named && party != p.ClientID:
		return refused("the ID token is for another client: azp", nil)
	case token.IssuedAt.IsZero(), token.IssuedAt.After(ps.now().Add(leeway)):
		return refused("the ID token is from the future, or does not say when it was issued", nil)
	case said.text("sub") == "", len(said.text("sub")) > maxSubject:
		return refused("the subject is missing or too long", nil)
	}
	return nil
}

// signature is the keys for one verification. go-oidc keeps the text of an error alone, so err keeps the error.
type signature struct {
	keys     *keySet
	accepted []jose.SignatureAlgorithm
	err      error
}

// VerifySignature implements oidc.KeySet.
func (s *signature) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	said, err := s.keys.verify(ctx, jwt, s.accepted)
	s.err = err
	return said, err
}
