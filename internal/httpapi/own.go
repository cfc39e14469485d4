package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// addOwn adds what people do with their own second factors, and with their sessions.
func addOwn(g *group) {
	register(g, Operation{
		ID: "beginTOTP", Method: http.MethodPost, Path: "/me/totp", Access: Admitted,
		Ahead:   ownSetup,
		Summary: "Begin to set an authenticator app up", Errors: []int{http.StatusConflict},
	}, g.beginTOTP)
	register(g, Operation{
		ID: "confirmTOTP", Method: http.MethodPost, Path: "/me/totp/confirm", Access: Admitted,
		Ahead:   ownSetupAndProofs,
		Summary: "Take the authenticator app into use by a code of it", Errors: []int{http.StatusConflict},
	}, g.confirmTOTP)
	register(g, Operation{
		ID: "removeTOTP", Method: http.MethodDelete, Path: "/me/totp", Access: Admitted,
		Ahead:   ownProofs,
		Summary: "Give the authenticator app up", Status: http.StatusNoContent, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, g.removeTOTP)
	register(g, Operation{
		ID: "makeRecoveryCodes", Method: http.MethodPost, Path: "/me/recovery-codes", Access: Admitted,
		Ahead:   ownProofs,
		Summary: "Make new recovery codes, shown once; those before no longer work", Errors: []int{http.StatusConflict},
	}, g.makeRecoveryCodes)
	register(g, Operation{
		ID: "listPasskeys", Method: http.MethodGet, Path: "/me/passkeys", Access: Admitted, Summary: "List one's passkeys",
		Ahead: ownProofs,
	}, g.listPasskeys)
	register(g, Operation{
		ID: "beginPasskey", Method: http.MethodPost, Path: "/me/passkeys/options", Access: Admitted,
		Ahead:   ownProofs,
		Meets:   directory.ChallengeTOTPSetup,
		Summary: "Ask the browser for a new passkey, also for the challenge totpSetup", Errors: []int{http.StatusConflict},
	}, g.beginPasskey)
	register(g, Operation{
		ID: "addPasskey", Method: http.MethodPost, Path: "/me/passkeys", Access: Admitted,
		Ahead:   ownProofs,
		Meets:   directory.ChallengeTOTPSetup,
		Summary: "Take a new passkey into use, which meets the challenge totpSetup too", Status: http.StatusCreated,
	}, g.addPasskey)
	register(g, Operation{
		ID: "removePasskey", Method: http.MethodDelete, Path: "/me/passkeys/{id}", Access: Admitted,
		Ahead:   ownProofs,
		Summary: "Give a passkey up", Status: http.StatusNoContent, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, g.removePasskey)
	addOwnSessions(g)
}

// addOwnSessions adds what people do with their sessions, and look up about themselves.
func addOwnSessions(g *group) {
	register(g, Operation{
		ID: "listMySessions", Method: http.MethodGet, Path: "/me/sessions", Access: Admitted, Summary: "List one's open sessions",
	}, g.listMySessions)
	register(g, Operation{
		ID: "endMySession", Method: http.MethodDelete, Path: "/me/sessions/{id}", Access: Admitted,
		Summary: "End one of one's sessions", Status: http.StatusNoContent, Errors: []int{http.StatusNotFound},
	}, g.endMySession)
	register(g, Operation{
		ID: "endMyOtherSessions", Method: http.MethodDelete, Path: "/me/sessions", Access: Admitted,
		KeepsSession: true,
		Summary:      "End all of one's sessions but this one", Status: http.StatusNoContent,
	}, g.endMyOtherSessions)
	register(g, Operation{
		ID: "listMyAgreements", Method: http.MethodGet, Path: "/me/agreements", Access: Admitted,
		Summary: "Which versions of the conditions of use one accepted, and when",
	}, g.listMyAgreements)
	register(g, Operation{
		ID: "listMyAudit", Method: http.MethodGet, Path: "/me/audit", Access: Admitted,
		Summary: "What the audit trail says about oneself, sign-ins among it, newest first", Errors: []int{http.StatusUnprocessableEntity},
	}, g.listMyAudit)
	register(g, Operation{
		ID: "listContacts", Method: http.MethodGet, Path: "/contacts", Access: Admitted,
		Ahead:   administrators,
		Summary: "Whom to ask inside the organisation",
	}, g.listContacts)
}

type totpAnswer struct{ Body *TOTPSecret }

func (g *group) beginTOTP(ctx context.Context, c directory.Caller, _ *struct{}) (*totpAnswer, error) {
	s, err := g.directory.BeginTOTP(ctx, c)
	if err != nil {
		return nil, err
	}
	return &totpAnswer{Body: showTOTP(s)}, nil
}

type codesAnswer struct {
	Body struct {
		RecoveryCodes []string `json:"recoveryCodes" nullable:"false" doc:"To be kept in a safe place. They are shown here and never again; empty where there are some already"`
	}
}

func showCodes(codes []string, err error) (*codesAnswer, error) {
	if err != nil {
		return nil, err
	}
	var answer codesAnswer
	answer.Body.RecoveryCodes = append([]string{}, codes...)
	return &answer, nil
}

func (g *group) confirmTOTP(ctx context.Context, c directory.Caller, in *codeInput) (*codesAnswer, error) {
	_, codes, err := g.directory.ConfirmTOTP(ctx, c, in.Body.Code)
	return showCodes(codes, err)
}

func (g *group) removeTOTP(ctx context.Context, c directory.Caller, _ *struct{}) (*struct{}, error) {
	_, err := g.directory.RemoveTOTP(ctx, c)
	return nil, err
}

func (g *group) makeRecoveryCodes(ctx context.Context, c directory.Caller, _ *struct{}) (*codesAnswer, error) {
	return showCodes(g.directory.NewRecoveryCodes(ctx, c))
}

type passkeyBody struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	CreatedAt  time.Time  `json:"createdAt"`
	LastUsedAt *time.Time `json:"lastUsedAt,omitempty"`
}

type passkeysAnswer struct {
	Body struct {
		Items []passkeyBody `json:"items" nullable:"false"`
	}
}

func (g *group) listPasskeys(ctx context.Context, c directory.Caller, _ *struct{}) (*passkeysAnswer, error) {
	found, err := g.directory.OwnPasskeys(ctx, c)
	if err != nil {
		return nil, err
	}
	var answer passkeysAnswer
	answer.Body.Items = []passkeyBody{}
	for _, p := range found {
		answer.Body.Items = append(answer.Body.Items, passkeyBody{
			ID: p.ID, Name: p.Name, CreatedAt: p.CreatedAt.UTC(), LastUsedAt: moment(p.LastUsedAt),
		})
	}
	return &answer, nil
}

func (g *group) beginPasskey(ctx context.Context, c directory.Caller, _ *struct{}) (*optionsAnswer, error) {
	return optionsOf(g.directory.BeginPasskey(ctx, c))
}

type addPasskeyInput struct {
	Body struct {
		Name       string        `json:"name" doc:"What one calls it" example:"My telephone"`
		Credential PasskeyObject `json:"credential"`
	}
}

func (g *group) addPasskey(ctx context.Context, c directory.Caller, in *addPasskeyInput) (*codesAnswer, error) {
	_, codes, err := g.directory.AddPasskey(ctx, c, in.Body.Name, in.Body.Credential)
	return showCodes(codes, err)
}

type thingInput struct {
	ID string `path:"id" maxLength:"1400"`
}

func (g *group) removePasskey(ctx context.Context, c directory.Caller, in *thingInput) (*struct{}, error) {
	return nil, g.directory.RemovePasskey(ctx, c, in.ID)
}

type ownSessionBody struct {
	ID         directory.SessionID `json:"id"`
	Current    bool                `json:"current" doc:"This session"`
	Method     directory.Method    `json:"method,omitempty"`
	StartedAt  time.Time           `json:"startedAt"`
	LastUsedAt time.Time           `json:"lastUsedAt" doc:"At most a minute old while in use"`
	ExpiresAt  time.Time           `json:"expiresAt"`
	Address    string              `json:"address,omitempty" doc:"The network address it began from"`
	Agent      string              `json:"agent,omitempty" doc:"What the browser calls itself"`
}

type ownSessionsAnswer struct {
	Body struct {
		Items []ownSessionBody `json:"items" nullable:"false"`
	}
}

func (g *group) listMySessions(ctx context.Context, c directory.Caller, _ *struct{}) (*ownSessionsAnswer, error) {
	found, err := g.directory.OwnSessions(ctx, c)
	if err != nil {
		return nil, err
	}
	var answer ownSessionsAnswer
	answer.Body.Items = []ownSessionBody{}
	for _, s := range found {
		answer.Body.Items = append(answer.Body.Items, ownSessionBody{
			ID: s.ID, Current: s.ID == c.Session.ID, Method: s.Method, StartedAt: s.CreatedAt.UTC(), LastUsedAt: s.LastUsedAt.UTC(),
			ExpiresAt: s.ExpiresAt().UTC(), Address: s.From.Address, Agent: s.From.Agent,
		})
	}
	return &answer, nil
}

func (g *group) endMySession(ctx context.Context, c directory.Caller, in *thingInput) (*signOutAnswer, error) {
	answer := &signOutAnswer{}
	if directory.SessionID(in.ID) == c.Session.ID {
		answer.SetCookie = []http.Cookie{g.cookie(directory.Token{})}
	}
	return answer, g.directory.EndOwnSession(ctx, c, directory.SessionID(in.ID))
}

func (g *group) endMyOtherSessions(ctx context.Context, c directory.Caller, _ *struct{}) (*struct{}, error) {
	return nil, g.directory.EndOtherSessions(ctx, c)
}

func (g *group) listMyAgreements(ctx context.Context, c directory.Caller, _ *struct{}) (*acceptancesAnswer, error) {
	return showAcceptances(g.directory.OwnAcceptances(ctx, c))
}

type helpersAnswer struct {
	Body struct {
		Items []ContactBody `json:"items" nullable:"false"`
	}
}

func (g *group) listContacts(ctx context.Context, c directory.Caller, _ *struct{}) (*helpersAnswer, error) {
	found, err := g.directory.OwnHelpers(ctx, c)
	if err != nil {
		return nil, err
	}
	var answer helpersAnswer
	answer.Body.Items = showContacts(found)
	return &answer, nil
}
