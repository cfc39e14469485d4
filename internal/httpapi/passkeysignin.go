package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

func addPasskeySignIn(g *group) {
	register(g, Operation{
		ID: "beginPasskeySignIn", Method: http.MethodPost, Path: "/passkey-sign-in/options", Access: Public,
		Summary: "Ask for a passkey to sign in with", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, g.beginPasskeySignIn)
	register(g, Operation{
		ID: "signInByPasskey", Method: http.MethodPost, Path: "/passkey-sign-in", Access: Public,
		Summary: "Sign in with a passkey, which stands for password and second factor",
		Errors:  []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict},
	}, g.signInByPasskey)
}

type passkeyDoorInput struct {
	Body struct {
		Organisation string `json:"organisation" doc:"The organisation's slug"`
	}
}

func (g *group) beginPasskeySignIn(ctx context.Context, _ directory.Caller, in *passkeyDoorInput) (*optionsAnswer, error) {
	return optionsOf(g.directory.BeginPasskeySignIn(ctx, directory.CleanSlug(in.Body.Organisation)))
}

type passkeySignInInput struct {
	Body struct {
		Organisation string        `json:"organisation" doc:"The organisation's slug"`
		Credential   PasskeyObject `json:"credential"`
	}
}

func (g *group) signInByPasskey(ctx context.Context, _ directory.Caller, in *passkeySignInInput) (*sessionAnswer, error) {
	c, token, err := g.directory.SignInByPasskey(ctx, directory.SignIn{
		Org: directory.CleanSlug(in.Body.Organisation), Known: knownIn(ctx), Former: formerIn(ctx), From: originIn(ctx),
	}, in.Body.Credential)
	return g.signedIn(ctx, c, token, err)
}
