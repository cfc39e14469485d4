package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// addCodes adds the secrets that an organisation's administrators share, its identity provider, and who of the platform
// may come in.
func addCodes(g *group) {
	register(g, Operation{
		ID: "putSecurityCode", Method: http.MethodPut, Path: "/security-code", Access: Holder, Right: directory.SettingsManage,
		Ahead: administrators, KeepsSession: true,
		Credential: true, Summary: "Set the code that opens the administration areas; empty takes it away", Status: http.StatusNoContent,
	}, g.putSecurityCode)
	register(g, Operation{
		ID: "putStandardCode", Method: http.MethodPut, Path: "/standard-code", Access: Holder, Right: directory.SettingsManage,
		Credential: true, Summary: "Set the code that passwords are reset to, where the settings say so; empty takes it away",
		Status: http.StatusNoContent,
	}, g.putStandardCode)
	register(g, Operation{
		ID: "getProvider", Method: http.MethodGet, Path: "/identity-provider", Access: Holder, Right: directory.SettingsManage,
		Summary: "Show the organisation's OpenID provider",
	}, g.getProvider)
	register(g, Operation{
		ID: "putProvider", Method: http.MethodPut, Path: "/identity-provider", Access: Holder, Right: directory.SettingsManage,
		Credential: true, Summary: "Set the organisation's OpenID provider up; it is asked whether it can be used",
	}, g.putProvider)
	register(g, Operation{
		ID: "deleteProvider", Method: http.MethodDelete, Path: "/identity-provider", Access: Holder, Right: directory.SettingsManage,
		Credential: true, Summary: "Take the organisation's OpenID provider away", Status: http.StatusNoContent,
		Errors: []int{http.StatusUnprocessableEntity},
	}, g.deleteProvider)
	register(g, Operation{
		ID: "getSupportAccess", Method: http.MethodGet, Path: "/support-access", Access: Holder, Right: directory.SettingsManage,
		Summary: "Whether the platform's support staff may come in",
	}, g.getSupportAccess)
	register(g, Operation{
		ID: "putSupportAccess", Method: http.MethodPut, Path: "/support-access", Access: Holder, Right: directory.SettingsManage,
		Ahead:      administrators,
		Credential: true, Summary: "Let the platform's support staff in until a time, or shut them out at once",
	}, g.putSupportAccess)
	register(g, Operation{
		ID: "listVisits", Method: http.MethodGet, Path: "/support-access/log", Access: Holder, Right: directory.SettingsManage,
		Summary: "Who of the platform's support staff was in, when and why, newest first", Errors: []int{http.StatusUnprocessableEntity},
	}, g.listVisits)
}

type securityCodeInput struct {
	Body struct {
		SecurityCode string `json:"securityCode" maxLength:"200"`
	}
}

func (g *group) putSecurityCode(ctx context.Context, c directory.Caller, in *securityCodeInput) (*struct{}, error) {
	return nil, g.directory.ChangeSecurityCode(ctx, c, in.Body.SecurityCode)
}

type standardCodeInput struct {
	Body struct {
		StandardCode string `json:"standardCode" maxLength:"200"`
	}
}

func (g *group) putStandardCode(ctx context.Context, c directory.Caller, in *standardCodeInput) (*struct{}, error) {
	return nil, g.directory.ChangeStandardCode(ctx, c, in.Body.StandardCode)
}

type supportAccessAnswer struct {
	Body struct {
		Open  bool       `json:"open"`
		Until *time.Time `json:"until,omitempty"`
	}
}

func (g *group) showSupport(o directory.Organisation) *supportAccessAnswer {
	var answer supportAccessAnswer
	if o.Support.Until.After(g.directory.Now()) {
		answer.Body.Open, answer.Body.Until = true, moment(o.Support.Until)
	}
	return &answer
}

func (g *group) getSupportAccess(_ context.Context, c directory.Caller, _ *struct{}) (*supportAccessAnswer, error) {
	return g.showSupport(c.Organisation), nil
}

type supportAccessInput struct {
	Body struct {
		Open  bool       `json:"open"`
		Until *time.Time `json:"until,omitempty" doc:"With open: at most 31 days ahead; left out: 24 hours"`
	}
}

// supportDay is how long support is let in where nothing else is said.
const supportDay = 24 * time.Hour

func (g *group) putSupportAccess(ctx context.Context, c directory.Caller, in *supportAccessInput) (*supportAccessAnswer, error) {
	var until time.Time
	if in.Body.Open {
		until = g.directory.Now().Add(supportDay)
		if in.Body.Until != nil {
			until = *in.Body.Until
		}
	}
	o, err := g.directory.ChangeSupportAccess(ctx, c, until)
	if err != nil {
		return nil, err
	}
	return g.showSupport(o), nil
}

type visitBody struct {
	ID        directory.VisitID `json:"id" doc:"As support in the audit trail"`
	Supporter string            `json:"supporter"`
	Reason    string            `json:"reason"`
	StartedAt time.Time         `json:"startedAt"`
	Until     time.Time         `json:"until" doc:"When it ends, or ended, at the latest"`
	EndedAt   *time.Time        `json:"endedAt,omitempty" doc:"When somebody ended it before"`
}

type visitsAnswer struct {
	Body struct {
		Items      []visitBody `json:"items" nullable:"false"`
		NextCursor string      `json:"nextCursor,omitempty"`
	}
}

func (g *group) listVisits(ctx context.Context, c directory.Caller, in *struct{ Page }) (*visitsAnswer, error) {
	found, err := g.directory.Visits(ctx, c, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	var answer visitsAnswer
	answer.Body.Items, answer.Body.NextCursor = []visitBody{}, found.Next
	for _, v := range found.Visits {
		answer.Body.Items = append(answer.Body.Items, visitBody{
			ID: v.ID, Supporter: v.Supporter.Name, Reason: v.Reason, StartedAt: v.StartedAt.UTC(), Until: v.Until.UTC(), EndedAt: moment(v.EndedAt),
		})
	}
	return &answer, nil
}
