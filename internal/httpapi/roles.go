package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

func addRoles(g *group) {
	register(g, Operation{
		ID: "listRoles", Method: http.MethodGet, Path: "/roles", Access: Holder, Right: directory.UsersView,
		Summary: "List the roles, with how many have each",
	}, g.listRoles)
	register(g, Operation{
		ID: "createRole", Method: http.MethodPost, Path: "/roles", Access: Holder, Right: directory.RolesManage,
		Once:    "createRole",
		Summary: "Add a role", Status: http.StatusCreated, Errors: []int{http.StatusConflict, http.StatusPreconditionFailed},
	}, g.createRole)
	register(g, Operation{
		ID: "getRole", Method: http.MethodGet, Path: "/roles/{id}", Access: Holder, Right: directory.UsersView,
		Summary: "Show a role", Errors: []int{http.StatusNotFound},
	}, g.getRole)
	register(g, Operation{
		ID: "changeRole", Method: http.MethodPut, Path: "/roles/{id}", Access: Holder, Right: directory.RolesManage,
		Summary: "Change a role, and with it what all who have it may do at their next request",
		Errors:  []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, g.changeRole)
	register(g, Operation{
		ID: "deleteRole", Method: http.MethodDelete, Path: "/roles/{id}", Access: Holder, Right: directory.RolesManage,
		Summary: "Delete a role; who has it gets another", Status: http.StatusNoContent,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity},
	}, g.deleteRole)
	register(g, Operation{
		ID: "listRights", Method: http.MethodGet, Path: "/rights", Access: Admitted, Summary: "List the rights there are, and which oneself has and why",
	}, g.listRights)
	register(g, Operation{
		ID: "listAreas", Method: http.MethodGet, Path: "/areas", Access: Admitted,
		Summary: "List the areas, open or closed to oneself",
	}, g.listAreas)
}

// ConstraintsBody is what must hold of a role's holders.
type ConstraintsBody struct {
	AtLeastOne  bool               `json:"atLeastOne,omitempty" doc:"Somebody must always have the role"`
	AtMostOne   bool               `json:"atMostOne,omitempty" doc:"Only one person can have it"`
	Requires    []directory.RoleID `json:"requires,omitempty" doc:"Roles that a holder must have too"`
	AllSchools  bool               `json:"allSchools,omitempty" doc:"A holder must have all schools"`
	Entitlement string             `json:"entitlement,omitempty" readOnly:"true" doc:"What the organisation must be entitled to"`
	GrantedBy   directory.Granter  `json:"grantedBy,omitempty" enum:"managers,operator" readOnly:"true" doc:"Who may give the role and take it away"`
	Protected   bool               `json:"protected,omitempty" readOnly:"true" doc:"Holders cannot be deleted here"`
}

type roleBody struct {
	ID          directory.RoleID  `json:"id"`
	Name        string            `json:"name" doc:"In the organisation's language"`
	Names       directory.Label   `json:"names" doc:"By language; English at least"`
	Rights      []directory.Right `json:"rights" nullable:"false"`
	Constraints ConstraintsBody   `json:"constraints"`
	Entitled    bool              `json:"entitled" doc:"False: the organisation is not entitled to the role, so nobody can be given it"`
	Members     int64             `json:"members" doc:"How many active users have the role"`
	Version     int64             `json:"version"`
}

func showRole(c directory.Caller, r directory.RoleInfo) roleBody {
	limits := r.Role.Constraints
	return roleBody{
		ID: r.Role.ID, Name: r.Role.Label.In(c.Organisation.Language), Names: r.Role.Label, Entitled: c.Organisation.EntitledTo(r.Role),
		Rights: append([]directory.Right{}, r.Role.Rights...), Members: r.Members, Version: r.Role.Version,
		Constraints: ConstraintsBody{
			AtLeastOne: limits.AtLeastOne, AtMostOne: limits.AtMostOne, Requires: limits.Requires, AllSchools: limits.AllSchools,
			Entitlement: limits.Entitlement, GrantedBy: limits.GrantedBy, Protected: limits.Protected,
		},
	}
}

type roleAnswer struct {
	ETag string `header:"ETag"`
	Body roleBody
}

func roleAnswerOf(c directory.Caller, r directory.RoleInfo) *roleAnswer {
	return &roleAnswer{ETag: etag(r.Role.Version), Body: showRole(c, r)}
}

type listRolesAnswer struct {
	Body struct {
		Items []roleBody `json:"items" nullable:"false"`
	}
}

func (g *group) listRoles(ctx context.Context, c directory.Caller, _ *struct{}) (*listRolesAnswer, error) {
	all, err := g.directory.Roles(ctx, c)
	if err != nil {
		return nil, err
	}
	var answer listRolesAnswer
	answer.Body.Items = []roleBody{}
	for _, r := range all {
		answer.Body.Items = append(answer.Body.Items, showRole(c, r))
	}
	return &answer, nil
}

// RoleInput names the role an operation is about.
type RoleInput struct {
	ID string `path:"id" doc:"The role's id"`
}

func (g *group) getRole(ctx context.Context, c directory.Caller, in *RoleInput) (*roleAnswer, error) {
	r, err := g.directory.Role(ctx, c, directory.RoleID(in.ID))
	if err != nil {
		return nil, err
	}
	return roleAnswerOf(c, r), nil
}

type newRoleBody struct {
	Name        string            `json:"name" example:"Timetable planners" doc:"In the organisation's language"`
	Names       directory.Label   `json:"names,omitempty" doc:"By language; without it the role is called the same in all"`
	Rights      []directory.Right `json:"rights" nullable:"false"`
	Constraints ConstraintsBody   `json:"constraints,omitzero"`
}

func (b newRoleBody) role() directory.RoleInput {
	limits := b.Constraints
	return directory.RoleInput{Name: b.Name, Names: b.Names, Rights: b.Rights, Constraints: directory.Constraints{
		AtLeastOne: limits.AtLeastOne, AtMostOne: limits.AtMostOne, Requires: limits.Requires, AllSchools: limits.AllSchools,
	}}
}

type createRoleInput struct {
	OnceHeader
	Body newRoleBody
}

func (g *group) createRole(ctx context.Context, c directory.Caller, in *createRoleInput) (*roleAnswer, error) {
	r, err := g.directory.CreateRole(ctx, c, in.Body.role(), in.once())
	if err != nil {
		return nil, err
	}
	return roleAnswerOf(c, r), nil
}

type changeRoleInput struct {
	RoleInput
	MatchHeader
	Body newRoleBody
}

func (g *group) changeRole(ctx context.Context, c directory.Caller, in *changeRoleInput) (*roleAnswer, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	r, err := g.directory.ChangeRole(ctx, c, directory.RoleID(in.ID), in.Body.role(), seen)
	if err != nil {
		return nil, err
	}
	return roleAnswerOf(c, r), nil
}

type deleteRoleInput struct {
	RoleInput
	MatchHeader
	MoveTo string `query:"moveTo" maxLength:"100" doc:"The role that its holders are to have instead"`
}

func (g *group) deleteRole(ctx context.Context, c directory.Caller, in *deleteRoleInput) (*struct{}, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	return nil, g.directory.DeleteRole(ctx, c, directory.RoleID(in.ID), directory.RoleID(in.MoveTo), seen)
}

type rightsAnswer struct {
	Body struct {
		Items []rightBody `json:"items" nullable:"false"`
	}
}

type rightBody struct {
	ID             directory.Right `json:"id"`
	Label          string          `json:"label" doc:"In the organisation's language"`
	Names          directory.Label `json:"names" doc:"By language; English at least"`
	Sensitive      bool            `json:"sensitive" doc:"Given to one user only together with who agreed"`
	PerSchool      bool            `json:"perSchool" doc:"Holds at the schools assigned to the user"`
	Administrative bool            `json:"administrative" doc:"Withheld until the security code is entered, where there is one"`
	Own            *ownRightBody   `json:"own,omitempty" doc:"Whether oneself has the right, and why; not for support staff"`
}

// ownRightBody is what one may know of one's own rights, whoever else may not see users.
type ownRightBody struct {
	Held       bool           `json:"held"`
	Roles      []roleNameBody `json:"roles" nullable:"false" doc:"Which of one's roles have the right"`
	Granted    bool           `json:"granted" doc:"Given beside the roles"`
	ApprovedBy string         `json:"approvedBy,omitempty" doc:"Who agreed to that"`
	Denied     bool           `json:"denied" doc:"Denied, whatever the roles say"`
}

type roleNameBody struct {
	ID    directory.RoleID `json:"id"`
	Name  string           `json:"name" doc:"In the organisation's language"`
	Names directory.Label  `json:"names" doc:"By language; English at least"`
}

func showOwnRight(c directory.Caller, right directory.Right) *ownRightBody {
	if c.Visit() != nil {
		return nil // their roles are of another organisation
	}
	why := directory.WhyOf(c.Organisation, c.User, right)
	b := ownRightBody{Held: why.Held(), Roles: []roleNameBody{}, Denied: why.Denied}
	for _, r := range why.Roles {
		b.Roles = append(b.Roles, roleNameBody{ID: r.ID, Name: r.Label.In(c.Organisation.Language), Names: r.Label})
	}
	if why.Grant != nil {
		b.Granted, b.ApprovedBy = true, why.Grant.ApprovedBy
	}
	return &b
}

func (g *group) listRights(_ context.Context, c directory.Caller, _ *struct{}) (*rightsAnswer, error) {
	var answer rightsAnswer
	answer.Body.Items = []rightBody{}
	for _, r := range g.directory.Catalogue(c) {
		answer.Body.Items = append(answer.Body.Items, rightBody{
			ID: r.ID, Label: r.Label.In(c.Organisation.Language), Names: r.Label, Sensitive: r.Sensitive, PerSchool: r.PerSchool,
			Administrative: r.IsAdministrative(), Own: showOwnRight(c, r.ID),
		})
	}
	return &answer, nil
}

type areaRightsBody struct {
	ID      directory.AreaID  `json:"id"`
	Label   string            `json:"label" doc:"In the organisation's language"`
	Names   directory.Label   `json:"names" doc:"By language; English at least"`
	Enabled bool              `json:"enabled" doc:"False: to be shown, but closed to this user"`
	Rights  []directory.Right `json:"rights" nullable:"false" doc:"The rights that open the area; one is enough"`
}

type areasAnswer struct {
	Body struct {
		Items []areaRightsBody `json:"items" nullable:"false"`
	}
}

func (g *group) listAreas(_ context.Context, c directory.Caller, _ *struct{}) (*areasAnswer, error) {
	var answer areasAnswer
	answer.Body.Items = []areaRightsBody{}
	for _, area := range g.directory.Areas(c) {
		answer.Body.Items = append(answer.Body.Items, areaRightsBody(area))
	}
	return &answer, nil
}
