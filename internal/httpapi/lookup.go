package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

func addLookup(g *group) {
	register(g, Operation{
		ID: "listOthersUsers", Method: http.MethodGet, Path: "/directory/{organisation}/users", Access: Holder,
		Ahead: looksLeft,
		Right: directory.DirectoryView, Summary: "List users of another organisation, to make contact",
		Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}, g.listOthersUsers)
}

type lookupInput struct {
	Organisation string `path:"organisation" doc:"The other organisation's slug"`
	Query        string `query:"q" doc:"Beginning of a given name, family name, username or email address" maxLength:"100"`
	Page
}

type contactsAnswer struct {
	Body struct {
		Items      []contactCard `json:"items" nullable:"false"`
		NextCursor string        `json:"nextCursor,omitempty"`
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
	answer.Body.Items = []contactCard{}
	for _, card := range found.Contacts {
		answer.Body.Items = append(answer.Body.Items, contactCard{
			Name: card.Name, Email: card.Email, Roles: append([]string{}, card.Roles...), RoleNames: append([]directory.Label{}, card.RoleNames...),
		})
	}
	answer.Body.NextCursor = found.Next
	return &answer, nil
}
