package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// addAgreement adds the conditions of use.
func addAgreement(g *group) {
	const path = "/agreement"
	register(g, Operation{
		ID: "getAgreement", Method: http.MethodGet, Path: path, Access: SignedIn,
		Summary: "Read the conditions of use that are in force, or an earlier version", Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, g.getAgreement)
	register(g, Operation{
		ID: "publishAgreement", Method: http.MethodPost, Path: path, Access: Holder, Right: directory.AgreementManage,
		Once:    "publishAgreement",
		Summary: "Put a new version of the conditions of use in force", Status: http.StatusCreated, MaxBody: 512 << 10,
		Errors: []int{http.StatusPreconditionFailed},
	}, g.publishAgreement)
	register(g, Operation{
		ID: "listAgreementVersions", Method: http.MethodGet, Path: path + "/versions", Access: Holder, Right: directory.AgreementManage,
		Summary: "List the versions of the conditions of use, newest first, and whom a further one would be put before",
		Errors:  []int{http.StatusUnprocessableEntity},
	}, g.listAgreementVersions)
}

type agreementAnswer struct {
	Body struct {
		Version     int       `json:"version"`
		Short       string    `json:"short"`
		Long        string    `json:"long"`
		PublishedAt time.Time `json:"publishedAt"`
	}
}

func showAgreement(a directory.Agreement) *agreementAnswer {
	var answer agreementAnswer
	b := &answer.Body
	b.Version, b.Short, b.Long, b.PublishedAt = a.Version, a.Text.Short, a.Text.Long, a.PublishedAt.UTC()
	return &answer
}

type agreementVersionInput struct {
	Version int `query:"version" minimum:"1" maximum:"999999" doc:"Which version; the one in force where nothing is said"`
}

func (g *group) getAgreement(ctx context.Context, c directory.Caller, in *agreementVersionInput) (*agreementAnswer, error) {
	a, err := g.directory.Agreement(ctx, c, in.Version)
	if err != nil {
		return nil, err
	}
	return showAgreement(a), nil
}

type publishInput struct {
	OnceHeader
	Body struct {
		Short    string `json:"short" doc:"To be read at once"`
		Long     string `json:"long"`
		Replaces *int   `json:"replaces,omitempty" doc:"The version that the text was made from, 0 for none: refused with stale_version where another one is in force meanwhile"`
	}
}

func (g *group) publishAgreement(ctx context.Context, c directory.Caller, in *publishInput) (*agreementAnswer, error) {
	a, err := g.directory.PublishAgreement(ctx, c, directory.NewAgreement{
		Text: directory.AgreementText{Short: in.Body.Short, Long: in.Body.Long}, Replaces: in.Body.Replaces,
	}, in.once())
	if err != nil {
		return nil, err
	}
	return showAgreement(a), nil
}

type agreementVersionBody struct {
	Version     int        `json:"version"`
	PublishedAt time.Time  `json:"publishedAt"`
	PublishedBy *partyBody `json:"publishedBy,omitempty" doc:"Who put it in force; the id alone of who is not there any more; missing for what came with the organisation"`
}

type agreementVersionsAnswer struct {
	Body struct {
		Items      []agreementVersionBody  `json:"items" nullable:"false"`
		NextCursor string                  `json:"nextCursor,omitempty" doc:"Missing at the end"`
		When       directory.AgreementWhen `json:"when" enum:"never,once,eachVersion,eachSignIn" doc:"How often the conditions of use are put before a user, as the settings say"`
		Accounts   int                     `json:"accounts" doc:"How many accounts there are that are not archived"`
	}
}

func (g *group) listAgreementVersions(ctx context.Context, c directory.Caller, in *struct{ Page }) (*agreementVersionsAnswer, error) {
	found, err := g.directory.Agreements(ctx, c, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	var answer agreementVersionsAnswer
	b := &answer.Body
	b.Items, b.NextCursor, b.When, b.Accounts = []agreementVersionBody{}, found.Next, found.When, found.Accounts
	for _, a := range found.Versions {
		b.Items = append(b.Items, agreementVersionBody{
			Version: a.Version, PublishedAt: a.PublishedAt.UTC(), PublishedBy: publisherOf(a, found.Publishers),
		})
	}
	return &answer, nil
}

func publisherOf(a directory.Agreement, known map[directory.UserID]directory.User) *partyBody {
	if a.PublishedBy == "" {
		return nil
	}
	u := known[a.PublishedBy]
	return &partyBody{ID: a.PublishedBy, Username: u.Username, Name: u.Name()}
}
