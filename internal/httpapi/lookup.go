package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

func addLookup(g *group) {
	register(g, Operation{
		ID: "listOpenOrganisations", Method: http.MethodGet, Path: "/directory", Access: Holder,
		Right: directory.DirectoryView, Summary: "List the organisations whose users one may look at, to make contact",
		Errors: []int{http.StatusUnprocessableEntity},
	}, g.listOpenOrganisations)
	register(g, Operation{
		ID: "listOthersUsers", Method: http.MethodGet, Path: "/directory/{organisation}/users", Access: Holder,
		Ahead: looksLeft,
		Right: directory.DirectoryView, Summary: "List users of another organisation, to make contact",
		Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}, g.listOthersUsers)
}

type openInput struct {
	Query string `query:"q" doc:"Beginning of a name" maxLength:"100"`
	Page
}

type openAnswer struct {
	Body struct {
		Items      []openBody `json:"items" nullable:"false"`
		NextCursor string     `json:"nextCursor,omitempty"`
	}
}

type openBody struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
}

func (g *group) listOpenOrganisations(ctx context.Context, c directory.Caller, in *openInput) (*openAnswer, error) {
	found, err := g.directory.OpenOrganisations(ctx, c, directory.OpenQuery{Match: in.Query, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	var answer openAnswer
	answer.Body.Items = []openBody{}
	for _, o := range found.Organisations {
		answer.Body.Items = append(answer.Body.Items, openBody{Slug: string(o.Slug), Name: o.Name})
	}
	answer.Body.NextCursor = found.Next
	return &answer, nil
}

type lookupInput struct {
	Organisation string `path:"organisation" doc:"The other organisation's slug"`
	Query        string `query:"q" doc:"Beginning of a given name, family name, username or email address" maxLength:"100"`
	Page
}

type contactsAnswer struct {
	Body struct {
		Organisation openBody      `json:"organisation"`
		Items        []contactCard `json:"items" nullable:"false"`
		NextCursor   string        `json:"nextCursor,omitempty"`
	}
}

type contactCard struct {
	Name      string            `json:"name"`
	Email     string            `json:"email"`
	Roles     []string          `json:"roles" nullable:"false" doc:"By name, in that organisation's language"`
	RoleNames []directory.Label `json:"roleNames" nullable:"false" doc:"The same, by language; English at least"`
}

func (g *group) listOthersUsers(ctx context.Context, c directory.Caller, in *lookupInput) (*contactsAnswer, error) {
	found, err := g.directory.OthersUsers(ctx, c, directory.Slug(in.Organisation), directory.UserQuery{
		Match: in.Query, Sort: directory.SortFamilyName, Limit: in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	var answer contactsAnswer
	answer.Body.Organisation = openBody{Slug: string(found.Organisation.Slug), Name: found.Organisation.Name}
	answer.Body.Items = []contactCard{}
	for _, card := range found.Contacts {
		answer.Body.Items = append(answer.Body.Items, contactCard{
			Name: card.Name, Email: card.Email, Roles: append([]string{}, card.Roles...), RoleNames: append([]directory.Label{}, card.RoleNames...),
		})
	}
	answer.Body.NextCursor = found.Next
	return &answer, nil
}
