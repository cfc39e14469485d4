package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

func addClosing(g *group) {
	const path, closed = "/operator/organisations", "/operator/closed-organisations"
	register(g, Operation{
		ID: "closeOrganisation", Method: http.MethodDelete, Path: path + "/{id}", Access: Holder, Right: directory.OrganisationsManage,
		Summary: "Close an organisation: all access ends at once, and two weeks later everything is erased", Status: http.StatusAccepted,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity},
		Ahead:  administratorsAbout,
	}, g.closeOrganisation)
	register(g, Operation{
		ID: "listClosedOrganisations", Method: http.MethodGet, Path: closed, Access: Holder, Right: directory.OrganisationsManage,
		Summary: "List organisations that were closed and are not erased yet", Errors: []int{http.StatusUnprocessableEntity},
	}, g.listClosedOrganisations)
	register(g, Operation{
		ID: "reopenOrganisation", Method: http.MethodPost, Path: closed + "/{id}/reopen", Access: Holder, Right: directory.OrganisationsManage,
		Summary: "Take the closing of an organisation back, before anything is erased",
		Errors:  []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
		Ahead:   administratorsOfClosed,
	}, g.reopenOrganisation)
}

type closedBody struct {
	OrganisationShort
	ClosedAt time.Time  `json:"closedAt"`
	ClosedBy string     `json:"closedBy" doc:"The operator's name at that time"`
	EraseAt  time.Time  `json:"eraseAt" doc:"Until then it can be reopened"`
	Erasing  *time.Time `json:"erasing,omitempty" doc:"Since when it is being erased; it cannot be reopened any more"`
}

func showClosed(c directory.ClosedOrganisation) closedBody {
	b := closedBody{
		OrganisationShort: *showShort(c.Organisation), ClosedAt: c.ClosedAt.UTC(), ClosedBy: c.By.Name, EraseAt: c.EraseAt.UTC(),
	}
	if !c.Begun.IsZero() {
		b.Erasing = new(c.Begun.UTC())
	}
	return b
}

type closeOrganisationInput struct {
	OrganisationInput
	MatchHeader
	Confirm string `query:"confirm" doc:"The organisation's id once more"`
}

type closedAnswer struct{ Body closedBody }

func (g *group) closeOrganisation(ctx context.Context, c directory.Caller, in *closeOrganisationInput) (*closedAnswer, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	closed, err := g.directory.CloseOrganisation(ctx, c, directory.Slug(in.ID), directory.Slug(in.Confirm), seen)
	if err != nil {
		return nil, err
	}
	return &closedAnswer{Body: showClosed(closed)}, nil
}

type listClosedAnswer struct {
	Body struct {
		Items      []closedBody `json:"items" nullable:"false"`
		NextCursor string       `json:"nextCursor,omitempty"`
	}
}

func (g *group) listClosedOrganisations(ctx context.Context, c directory.Caller, in *struct{ Page }) (*listClosedAnswer, error) {
	found, err := g.directory.ClosedOrganisations(ctx, c, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	var answer listClosedAnswer
	answer.Body.Items = []closedBody{}
	for _, o := range found.Closed {
		answer.Body.Items = append(answer.Body.Items, showClosed(o))
	}
	answer.Body.NextCursor = found.Next
	return &answer, nil
}

func (g *group) reopenOrganisation(ctx context.Context, c directory.Caller, in *OrganisationInput) (*organisationAnswer, error) {
	o, err := g.directory.ReopenOrganisation(ctx, c, directory.Slug(in.ID))
	if err != nil {
		return nil, err
	}
	return organisationAnswerOf(o), nil
}
