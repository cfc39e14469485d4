package httpapi

import (
	"context"
	"net/http"
	"net/url"

	"github.com/caretaker/caretaker/internal/directory"
)

// CallbackPath is where an identity provider sends browsers back to.
const CallbackPath = Prefix + "/session/federation/callback"

func addFederation(g *group) {
	register(g, Operation{
		ID: "beginFederated", Method: http.MethodGet, Path: "/session/federation/{organisation}", Access: Public,
		Summary: "Go to the organisation's identity provider to sign in there", Status: http.StatusSeeOther,
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, g.beginFederated)
	register(g, Operation{
		ID: "finishFederated", Method: http.MethodGet, Path: "/session/federation/callback", Access: Public,
		Summary: "Come back from the identity provider", Status: http.StatusSeeOther,
	}, g.finishFederated)
}

// redirectAnswer sends a browser on. Where to is decided here alone; nothing in a request has a say in it.
type redirectAnswer struct {
	Status    int
	Location  string        `header:"Location"`
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (g *group) beginFederated(ctx context.Context, _ directory.Caller, in *struct {
	Organisation string `path:"organisation" doc:"The organisation's slug"`
},
) (*redirectAnswer, error) {
	d, err := g.directory.BeginFederated(ctx, directory.CleanSlug(in.Organisation))
	if err != nil {
		return nil, err
	}
	return &redirectAnswer{
		Status: http.StatusSeeOther, Location: d.Address, SetCookie: []http.Cookie{g.flowCookie(d.Binding)},
	}, nil
}

type callbackInput struct {
	State string `query:"state" maxLength:"200"`
	Code  string `query:"code" maxLength:"4096"`
	Error string `query:"error" maxLength:"200"`
	Iss   string `query:"iss" maxLength:"500"`
}

// finishFederated answers a person's browser, not a program: what went wrong is told on the sign-in page.
func (g *group) finishFederated(ctx context.Context, _ directory.Caller, in *callbackInput) (*redirectAnswer, error) {
	answer := &redirectAnswer{Status: http.StatusSeeOther, SetCookie: []http.Cookie{g.flowCookie("")}}
	org, c, token, err := g.directory.FinishFederated(ctx, directory.Return{
		State: in.State, Code: in.Code, Issuer: in.Iss, Binding: bindingIn(ctx), Known: knownIn(ctx), Former: formerIn(ctx),
		From: originIn(ctx),
	})
	seenIn(ctx).signIn(org, err)
	if err != nil {
		p := g.problemOf(ctx, "finishFederated", err)
		seenIn(ctx).Problem = p.Code
		answer.Location = g.page(org) + "?problem=" + url.QueryEscape(p.Code)
		return answer, nil
	}
	answer.Location = g.config.BaseURL + "/"
	answer.SetCookie = append(answer.SetCookie, g.cookie(token))
	if c.Remembered {
		answer.SetCookie = append(answer.SetCookie, g.knownCookie(c.Known))
	}
	return answer, nil
}

// page is the sign-in page of an organisation.
func (g *group) page(org directory.Slug) string {
	if org == "" {
		return g.config.BaseURL + "/"
	}
	return g.config.BaseURL + "/o/" + url.PathEscape(string(org))
}

// providerBody is an organisation's identity provider as its administrators see it; never with the client's secret.
type providerBody struct {
	Label           string              `json:"label" doc:"On the button of the sign-in page" example:"UNI-Login"`
	Issuer          string              `json:"issuer" doc:"The provider's address, as its metadata have it" example:"https://login.example.org"`
	ClientID        string              `json:"clientId"`
	ClientSecretSet bool                `json:"clientSecretSet"`
	Claim           string              `json:"claim" doc:"The claim that names the user" example:"preferred_username"`
	Match           directory.MatchKind `json:"match" enum:"username,email" doc:"What the claim is compared with"`
	Domains         []string            `json:"domains" nullable:"false" doc:"Only verified addresses of these domains get in; empty lets in all"`
}

type providerAnswer struct {
	Body struct {
		Provider    *providerBody `json:"provider,omitempty" doc:"Missing while there is none"`
		CallbackURL string        `json:"callbackUrl" doc:"To be entered at the provider"`
	}
}

func (g *group) showProvider(o directory.Organisation) *providerAnswer {
	var answer providerAnswer
	answer.Body.CallbackURL = g.config.BaseURL + CallbackPath
	if p := o.Provider; p != nil {
		answer.Body.Provider = &providerBody{
			Label: p.Label, Issuer: p.Issuer, ClientID: p.ClientID, ClientSecretSet: len(p.Secret) > 0, Claim: p.Claim, Match: p.Match,
			Domains: append([]string{}, p.Domains...),
		}
	}
	return &answer
}

func (g *group) getProvider(_ context.Context, c directory.Caller, _ *struct{}) (*providerAnswer, error) {
	return g.showProvider(c.Organisation), nil
}

type providerInput struct {
	Body struct {
		Label        string              `json:"label"`
		Issuer       string              `json:"issuer"`
		ClientID     string              `json:"clientId"`
		ClientSecret *string             `json:"clientSecret,omitempty" doc:"Left out: as before; empty: a public client"`
		Claim        string              `json:"claim" default:"preferred_username"`
		Match        directory.MatchKind `json:"match" enum:"username,email" default:"username"`
		Domains      []string            `json:"domains,omitempty"`
	}
}

func (g *group) putProvider(ctx context.Context, c directory.Caller, in *providerInput) (*providerAnswer, error) {
	b := in.Body
	o, err := g.directory.SetProvider(ctx, c, &directory.ProviderChange{
		ClientSecret: b.ClientSecret,
		ProviderSetup: directory.ProviderSetup{
			Label: b.Label, Issuer: b.Issuer, ClientID: b.ClientID, Claim: b.Claim, Match: b.Match, Domains: b.Domains,
		},
	})
	if err != nil {
		return nil, err
	}
	return g.showProvider(o), nil
}

func (g *group) deleteProvider(ctx context.Context, c directory.Caller, _ *struct{}) (*struct{}, error) {
	_, err := g.directory.SetProvider(ctx, c, nil)
	return nil, err
}
