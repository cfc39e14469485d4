package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// addAccess adds what opens and ends a user's access.
func addAccess(g *group) {
	for _, op := range []struct {
		id, path, summary string
		do                func(context.Context, directory.Caller, directory.UserID, *int64) (directory.User, error)
	}{
		{"suspendUser", "suspend", "Keep a user out; sessions end at once", g.directory.Suspend},
		{"reinstateUser", "reinstate", "Let a suspended user in again", g.directory.Reinstate},
		{"archiveUser", "archive", "Put an account away; sessions end at once", g.directory.Archive},
		{"restoreUser", "restore", "Take an account out of the archive", g.directory.Restore},
	} {
		register(g, Operation{
			ID: op.id, Method: http.MethodPost, Path: "/users/{id}/" + op.path, Access: Holder, Right: directory.UsersManage, About: true,
			Summary: op.summary, Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
		}, stepping(op.do))
	}
	register(g, Operation{
		ID: "unlockUser", Method: http.MethodPost, Path: "/users/{id}/unlock", Access: Holder, Right: directory.UsersManage, About: true,
		Summary: "Let a user try again who was barred for wrong passwords; the old password still works",
		Errors:  []int{http.StatusNotFound, http.StatusConflict},
	}, g.unlockUser)
	register(g, Operation{
		ID: "endUserSessions", Method: http.MethodDelete, Path: "/users/{id}/sessions", Access: Holder, Right: directory.UsersManage,
		About: true, Summary: "End all sessions of a user", Status: http.StatusNoContent, Errors: []int{http.StatusNotFound},
	}, g.endUserSessions)
	register(g, Operation{
		ID: "resetFactors", Method: http.MethodPost, Path: "/users/{id}/totp-reset", Access: Holder, Right: directory.UsersManage,
		About: true, Credential: true, Summary: "Take all second factors of a user away who has lost them; sessions end",
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, g.resetFactors)
	register(g, Operation{
		ID: "exemptUser", Method: http.MethodPut, Path: "/users/{id}/totp-exemption", Access: Holder, Right: directory.UsersManage,
		About: true, Credential: true, Summary: "Free a user for a time from a second factor that the settings demand",
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, g.exemptUser)
	register(g, Operation{
		ID: "endExemption", Method: http.MethodDelete, Path: "/users/{id}/totp-exemption", Access: Holder, Right: directory.UsersManage,
		About: true, Credential: true, Summary: "Take such an exemption back",
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, g.endExemption)
	register(g, Operation{
		ID: "unlinkIdentity", Method: http.MethodPost, Path: "/users/{id}/identity-reset", Access: Holder, Right: directory.UsersManage,
		About: true, Credential: true, Summary: "Forget whom the identity provider knows a user as; sessions end",
		Errors: []int{http.StatusNotFound},
	}, g.unlinkIdentity)
	register(g, Operation{
		ID: "listUserAgreements", Method: http.MethodGet, Path: "/users/{id}/agreements", Access: Holder, Right: directory.UsersView,
		About: true, Summary: "Which versions of the conditions of use a user accepted, and when", Errors: []int{http.StatusNotFound},
	}, g.listUserAgreements)
	register(g, Operation{
		ID: "listUserAudit", Method: http.MethodGet, Path: "/users/{id}/audit", Access: Holder, Right: directory.AuditView,
		About: true, Summary: "What the audit trail says about a user, newest first", Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, g.listUserAudit)
}

type stepInput struct {
	UserInput
	MatchHeader
}

// stepping is the handler of a step in an account's life.
func stepping(
	do func(context.Context, directory.Caller, directory.UserID, *int64) (directory.User, error),
) handler[stepInput, userAnswer] {
	return func(ctx context.Context, c directory.Caller, in *stepInput) (*userAnswer, error) {
		seen, err := in.version()
		if err != nil {
			return nil, err
		}
		u, err := do(ctx, c, directory.UserID(in.ID), seen)
		if err != nil {
			return nil, err
		}
		return userAnswerOf(c, u), nil
	}
}

func (g *group) unlockUser(ctx context.Context, c directory.Caller, in *UserInput) (*userAnswer, error) {
	return answerUser(c)(g.directory.Unlock(ctx, c, directory.UserID(in.ID)))
}

// answerUser shows a user unless there is an error.
func answerUser(c directory.Caller) func(directory.User, error) (*userAnswer, error) {
	return func(u directory.User, err error) (*userAnswer, error) {
		if err != nil {
			return nil, err
		}
		return userAnswerOf(c, u), nil
	}
}

func (g *group) endUserSessions(ctx context.Context, c directory.Caller, in *UserInput) (*struct{}, error) {
	return nil, g.directory.EndSessionsOf(ctx, c, directory.UserID(in.ID))
}

func (g *group) resetFactors(ctx context.Context, c directory.Caller, in *UserInput) (*userAnswer, error) {
	return answerUser(c)(g.directory.ResetFactors(ctx, c, directory.UserID(in.ID)))
}

type exemptInput struct {
	UserInput
	MatchHeader
	Body struct {
		Reason string    `json:"reason"`
		Until  time.Time `json:"until" doc:"At most a year ahead"`
	}
}

func (g *group) exemptUser(ctx context.Context, c directory.Caller, in *exemptInput) (*userAnswer, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	e := directory.Exemption{Reason: in.Body.Reason, Until: in.Body.Until}
	return answerUser(c)(g.directory.Exempt(ctx, c, directory.UserID(in.ID), &e, seen))
}

func (g *group) endExemption(ctx context.Context, c directory.Caller, in *UserInput) (*userAnswer, error) {
	return answerUser(c)(g.directory.Exempt(ctx, c, directory.UserID(in.ID), nil, nil))
}

func (g *group) unlinkIdentity(ctx context.Context, c directory.Caller, in *UserInput) (*userAnswer, error) {
	return answerUser(c)(g.directory.Unlink(ctx, c, directory.UserID(in.ID)))
}

type acceptanceBody struct {
	Version    int       `json:"version"`
	AcceptedAt time.Time `json:"acceptedAt"`
}

type acceptancesAnswer struct {
	Body struct {
		Items []acceptanceBody `json:"items" nullable:"false"`
	}
}

func showAcceptances(found []directory.Acceptance, err error) (*acceptancesAnswer, error) {
	if err != nil {
		return nil, err
	}
	var answer acceptancesAnswer
	answer.Body.Items = []acceptanceBody{}
	for _, a := range found {
		answer.Body.Items = append(answer.Body.Items, acceptanceBody{Version: a.Version, AcceptedAt: a.At.UTC()})
	}
	return &answer, nil
}

func (g *group) listUserAgreements(ctx context.Context, c directory.Caller, in *UserInput) (*acceptancesAnswer, error) {
	return showAcceptances(g.directory.AcceptancesOf(ctx, c, directory.UserID(in.ID)))
}
