package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// Operator is the area of the platform's own tasks.
func Operator() Area {
	return Area{Name: "operator", add: addOperator}
}

func addOperator(g *group) {
	addAnnouncementsToAll(g)
	const path = "/operator/organisations"
	register(g, Operation{
		ID: "listOrganisations", Method: http.MethodGet, Path: path, Access: Holder, Right: directory.OrganisationsManage,
		Summary: "List organisations", Errors: []int{http.StatusUnprocessableEntity},
	}, g.listOrganisations)
	register(g, Operation{
		ID: "createOrganisation", Method: http.MethodPost, Path: path, Access: Holder, Right: directory.OrganisationsManage,
		Once:    "createOrganisation",
		Summary: "Set up an organisation with its first administrator", Status: http.StatusCreated, MaxBody: 2 << 20, Errors: []int{http.StatusConflict},
	}, g.createOrganisation)
	register(g, Operation{
		ID: "getOrganisation", Method: http.MethodGet, Path: path + "/{id}", Access: Holder, Right: directory.OrganisationsManage,
		Ahead:   organisationAbout,
		Summary: "Show an organisation", Errors: []int{http.StatusNotFound},
	}, g.getOrganisation)
	register(g, Operation{
		ID: "changeOrganisation", Method: http.MethodPatch, Path: path + "/{id}", Access: Holder, Right: directory.OrganisationsManage,
		Ahead:   organisationAbout,
		Summary: "Change an organisation's name, language or entitlements",
		Errors:  []int{http.StatusNotFound, http.StatusPreconditionFailed},
	}, g.changeOrganisation)
	addClosing(g)
	register(g, Operation{
		ID: "addAdministrator", Method: http.MethodPost, Path: path + "/{id}/administrators", Access: Holder,
		Ahead: administratorsAbout, Once: "addAdministrator",
		Right: directory.OrganisationsManage, Summary: "Add a further administrator to an organisation",
		Status: http.StatusCreated, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, g.addAdministrator)
	register(g, Operation{
		ID: "enterSupport", Method: http.MethodPost, Path: path + "/{id}/support-session", Access: Holder,
		Ahead: administratorsAbout,
		Right: directory.SupportEnter, Summary: "Enter an organisation that lets support in; the session takes the place of one's own in this browser",
		Status: http.StatusCreated, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, g.enterSupport)
}

type enterSupportInput struct {
	OrganisationInput
	Body struct {
		Reason string `json:"reason" doc:"Shown to the organisation"`
	}
}

func (g *group) enterSupport(ctx context.Context, c directory.Caller, in *enterSupportInput) (*sessionAnswer, error) {
	inside, token, err := g.directory.EnterSupport(ctx, c, directory.Slug(in.ID), in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return g.sessionOf(ctx, inside, g.cookie(token))
}

type organisationBody struct {
	OrganisationShort
	Preset       string    `json:"preset"`
	Entitlements []string  `json:"entitlements" nullable:"false"`
	CreatedAt    time.Time `json:"createdAt"`
	Version      int64     `json:"version"`
}

func showOrganisation(o directory.Organisation) organisationBody {
	return organisationBody{
		OrganisationShort: *showShort(o), Preset: o.Preset, Entitlements: append([]string{}, o.Entitlements...),
		CreatedAt: o.CreatedAt.UTC(), Version: o.Version,
	}
}

type organisationAnswer struct {
	ETag string `header:"ETag"`
	Body organisationBody
}

func organisationAnswerOf(o directory.Organisation) *organisationAnswer {
	return &organisationAnswer{ETag: etag(o.Version), Body: showOrganisation(o)}
}

type listOrganisationsAnswer struct {
	Body struct {
		Items      []organisationBody `json:"items" nullable:"false"`
		NextCursor string             `json:"nextCursor,omitempty"`
	}
}

func (g *group) listOrganisations(ctx context.Context, c directory.Caller, in *struct{ Page }) (*listOrganisationsAnswer, error) {
	found, err := g.directory.Organisations(ctx, c, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	var answer listOrganisationsAnswer
	answer.Body.Items = []organisationBody{}
	for _, o := range found.Organisations {
		answer.Body.Items = append(answer.Body.Items, showOrganisation(o))
	}
	answer.Body.NextCursor = found.Next
	return &answer, nil
}

// Person is somebody who is to become an administrator.
type Person struct {
	GivenName  string `json:"givenName"`
	FamilyName string `json:"familyName"`
	Email      string `json:"email"`
	Username   string `json:"username,omitempty" doc:"Only where the preset has usernames chosen"`
}

func (b Person) user() directory.NewUser {
	n := directory.NewPerson(b.GivenName, b.FamilyName, b.Email)
	n.Username = b.Username
	return n
}

type createOrganisationInput struct {
	OnceHeader
	Body struct {
		Name               string   `json:"name" example:"Bash Street School"`
		Slug               string   `json:"slug" doc:"Names the organisation for good, also when signing in" example:"bash-street"`
		Preset             string   `json:"preset" example:"school-portal"`
		Language           string   `json:"language,omitempty" doc:"Left out: the preset's"`
		Entitlements       []string `json:"entitlements,omitempty"`
		Schools            string   `json:"schools,omitempty" doc:"A table of schools: the first row is name,code, then a row for each" example:"name,code\nSt Mary's,100123"`
		FirstAdministrator Person   `json:"firstAdministrator"`
	}
}

type foundedAnswer struct {
	ETag string `header:"ETag"`
	Body struct {
		Organisation organisationBody `json:"organisation"`
		Created
	}
}

func (g *group) createOrganisation(ctx context.Context, c directory.Caller, in *createOrganisationInput) (*foundedAnswer, error) {
	b := in.Body
	made, err := g.directory.CreateOrganisation(ctx, c, directory.NewOrganisation{
		Slug: directory.CleanSlug(b.Slug), Name: b.Name, Preset: b.Preset, Language: b.Language, Entitlements: b.Entitlements,
		Schools: b.Schools, FirstAdministrator: b.FirstAdministrator.user(),
	}, in.once())
	if err != nil {
		return nil, err
	}
	answer := foundedAnswer{ETag: etag(made.Organisation.Version)}
	answer.Body.Organisation = showOrganisation(made.Organisation)
	answer.Body.User = showUserOf(made.Organisation, made.User, false)
	answer.Body.InitialPassword = shown(made.Password)
	return &answer, nil
}

// OrganisationInput names the organisation an operation is about.
type OrganisationInput struct {
	ID string `path:"id" doc:"The organisation's id, which is its slug"`
}

func (g *group) getOrganisation(ctx context.Context, c directory.Caller, in *OrganisationInput) (*organisationAnswer, error) {
	o, err := g.directory.Organisation(ctx, c, directory.Slug(in.ID))
	if err != nil {
		return nil, err
	}
	return organisationAnswerOf(o), nil
}

type changeOrganisationInput struct {
	OrganisationInput
	MatchHeader
	Body struct {
		Name         *string   `json:"name,omitempty"`
		Language     *string   `json:"language,omitempty"`
		Entitlements *[]string `json:"entitlements,omitempty"`
	}
}

func (g *group) changeOrganisation(ctx context.Context, c directory.Caller, in *changeOrganisationInput) (*organisationAnswer, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	b := in.Body
	o, err := g.directory.ChangeOrganisation(ctx, c, directory.Slug(in.ID),
		directory.OrganisationChange{Name: b.Name, Language: b.Language, Entitlements: b.Entitlements}, seen)
	if err != nil {
		return nil, err
	}
	return organisationAnswerOf(o), nil
}

type addAdministratorInput struct {
	OrganisationInput
	OnceHeader
	Body struct {
		Person
		ApprovedBy struct {
			Name     string `json:"name"`
			Position string `json:"position"`
		} `json:"approvedBy" doc:"Who at the organisation asked for it"`
		Evidence string `json:"evidence" doc:"What proves it, such as a letter's date"`
	}
}

func (g *group) addAdministrator(ctx context.Context, c directory.Caller, in *addAdministratorInput) (*createdAnswer, error) {
	b := in.Body
	made, err := g.directory.AddAdministrator(ctx, c, directory.Slug(in.ID), b.user(), directory.Approval{
		Name: b.ApprovedBy.Name, Position: b.ApprovedBy.Position, Evidence: b.Evidence,
	}, in.once())
	if err != nil {
		return nil, err
	}
	shownUser := showUserOf(made.Organisation, made.User, false)
	return &createdAnswer{
		ETag: etag(made.User.Version), Body: Created{User: shownUser, InitialPassword: shown(made.Password)},
	}, nil
}
