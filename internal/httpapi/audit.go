package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

func addAudit(g *group) {
	register(g, Operation{
		ID: "listAudit", Method: http.MethodGet, Path: "/audit", Access: Holder, Right: directory.AuditView,
		Summary: "Read the audit trail, newest first", Errors: []int{http.StatusUnprocessableEntity},
	}, g.listAudit)
}

// AuditFilter is which entries of the audit trail are asked for.
type AuditFilter struct {
	From   time.Time `query:"from" doc:"The earliest time"`
	To     time.Time `query:"to" doc:"The latest time"`
	Actor  string    `query:"actor" doc:"The id of the user who did it" maxLength:"100"`
	Action string    `query:"action" doc:"Such as signIn.failed; signIn. matches all that begin so" maxLength:"100"`
	Page
}

func (in AuditFilter) query(subject string) directory.TrailQuery {
	return directory.TrailQuery{
		From: in.From, To: in.To, Actor: directory.UserID(in.Actor), Subject: directory.UserID(subject),
		Action: directory.Action(in.Action), Limit: in.Limit, Cursor: in.Cursor,
	}
}

type partyBody struct {
	ID           directory.UserID `json:"id,omitempty"`
	Organisation directory.Slug   `json:"organisation,omitempty"`
	Username     string           `json:"username,omitempty"`
	Name         string           `json:"name,omitempty"`
}

func showParty(p directory.Party) *partyBody {
	if p == (directory.Party{}) {
		return nil
	}
	return &partyBody{ID: p.User, Organisation: p.Org, Username: p.Username, Name: p.Name}
}

type entryBody struct {
	ID      string            `json:"id"`
	At      time.Time         `json:"at"`
	Action  directory.Action  `json:"action"`
	Actor   *partyBody        `json:"actor,omitempty" doc:"Who did it; in a support session the operator"`
	Subject *partyBody        `json:"subject,omitempty" doc:"Whom it is about"`
	Support directory.VisitID `json:"support,omitempty" doc:"The support session in which it was done"`
	Address string            `json:"address,omitempty" doc:"The network address it came from"`
	Agent   string            `json:"agent,omitempty"`
	Before  map[string]string `json:"before,omitempty"`
	After   map[string]string `json:"after,omitempty"`
	Note    string            `json:"note,omitempty"`
}

type auditAnswer struct {
	Body struct {
		Items      []entryBody `json:"items" nullable:"false"`
		NextCursor string      `json:"nextCursor,omitempty" doc:"Missing at the end. With a filter a page may have fewer items than the limit, even none, before"`
	}
}

func showTrail(found directory.TrailPage, err error) (*auditAnswer, error) {
	if err != nil {
		return nil, err
	}
	var answer auditAnswer
	answer.Body.Items, answer.Body.NextCursor = []entryBody{}, found.Next
	for _, e := range found.Entries {
		answer.Body.Items = append(answer.Body.Items, entryBody{
			ID: e.ID, At: e.At.UTC(), Action: e.Action, Actor: showParty(e.Actor), Subject: showParty(e.Subject), Support: e.Visit,
			Address: e.From.Address, Agent: e.From.Agent, Before: e.Before, After: e.After, Note: e.Note,
		})
	}
	return &answer, nil
}

type auditInput struct {
	AuditFilter
	Subject string `query:"subject" doc:"The id of the user it is about" maxLength:"100"`
}

func (g *group) listAudit(ctx context.Context, c directory.Caller, in *auditInput) (*auditAnswer, error) {
	return showTrail(g.directory.Trail(ctx, c, in.query(in.Subject)))
}

type userAuditInput struct {
	UserInput
	AuditFilter
}

func (g *group) listUserAudit(ctx context.Context, c directory.Caller, in *userAuditInput) (*auditAnswer, error) {
	return showTrail(g.directory.Trail(ctx, c, in.query(in.ID)))
}

func (g *group) listMyAudit(ctx context.Context, c directory.Caller, in *AuditFilter) (*auditAnswer, error) {
	return showTrail(g.directory.OwnTrail(ctx, c, in.query("")))
}
