package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

func addEntrance(g *group) {
	register(g, Operation{
		ID: "getEntrance", Method: http.MethodGet, Path: "/organisations/{slug}/sign-in", Access: Public,
		Summary: "What a sign-in page shows", Errors: []int{http.StatusNotFound},
	}, g.getEntrance)
}

// ContactBody is somebody who can help.
type ContactBody struct {
	Name      string `json:"name"`
	Email     string `json:"email,omitempty"`
	Telephone string `json:"telephone,omitempty"`
}

func showContacts(contacts []directory.Contact) []ContactBody {
	shown := []ContactBody{}
	for _, c := range contacts {
		shown = append(shown, ContactBody(c))
	}
	return shown
}

type entranceAnswer struct {
	Body struct {
		OrganisationShort
		Methods         []directory.Method `json:"methods" nullable:"false" enum:"password,passkey,federated"`
		Look            lookBody           `json:"look"`
		Contacts        []ContactBody      `json:"contacts" nullable:"false" doc:"Whom to ask inside the organisation"`
		CustomerService string             `json:"customerService,omitempty" doc:"Whom to ask after that"`
		Federation      *federationBody    `json:"federation,omitempty" doc:"With the method federated"`
		PasswordRules   []passwordRule     `json:"passwordRules" nullable:"false" doc:"For who comes by the link of a mail, to be ticked off while one types"`
	}
}

type lookBody struct {
	Colour     string `json:"colour,omitempty" example:"#0b5cad"`
	Background string `json:"background,omitempty"`
	Logo       string `json:"logo,omitempty" doc:"The address of a picture"`
	Text       string `json:"text,omitempty"`
}

type federationBody struct {
	Label string `json:"label"`
	URL   string `json:"url" doc:"Where the button leads"`
}

func (g *group) getEntrance(ctx context.Context, _ directory.Caller, in *struct {
	Slug string `path:"slug" doc:"The organisation's slug"`
},
) (*entranceAnswer, error) {
	e, err := g.directory.Entrance(ctx, directory.CleanSlug(in.Slug))
	if err != nil {
		return nil, err
	}
	o := e.Organisation
	var answer entranceAnswer
	b := &answer.Body
	b.OrganisationShort, b.Methods, b.Look = *showShort(o), o.Policy.SignIn.Methods, lookBody(o.Policy.Look)
	b.PasswordRules = showRules(o.Policy.Passwords)
	b.Contacts, b.CustomerService = showContacts(e.Helpers), o.Policy.Contact.CustomerService
	if o.Provider != nil {
		b.Federation = &federationBody{Label: o.Provider.Label, URL: Prefix + "/session/federation/" + string(o.Slug)}
	}
	return &answer, nil
}
