package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

func addSchoolGroups(g *group) {
	const all, one = "/school-groups", "/school-groups/{id}"
	view, manage := directory.SchoolsView, directory.SchoolsManage
	register(g, Operation{
		ID: "listSchoolGroups", Method: http.MethodGet, Path: all, Access: Holder, Right: view, Summary: "List school groups",
	}, g.listSchoolGroups)
	register(g, Operation{
		ID: "createSchoolGroup", Method: http.MethodPost, Path: all, Access: Holder, Right: manage,
		Once:    "createSchoolGroup",
		Summary: "Add a school group", Status: http.StatusCreated,
	}, g.createSchoolGroup)
	register(g, Operation{
		ID: "getSchoolGroup", Method: http.MethodGet, Path: one, Access: Holder, Right: view,
		Summary: "Show a school group", Errors: []int{http.StatusNotFound},
	}, g.getSchoolGroup)
	register(g, Operation{
		ID: "changeSchoolGroup", Method: http.MethodPut, Path: one, Access: Holder, Right: manage,
		Summary: "Set a group's name and schools", Errors: []int{http.StatusNotFound, http.StatusPreconditionFailed},
	}, g.changeSchoolGroup)
	register(g, Operation{
		ID: "deleteSchoolGroup", Method: http.MethodDelete, Path: one, Access: Holder, Right: manage,
		Summary: "Delete a school group; its schools stay", Status: http.StatusNoContent,
		Errors: []int{http.StatusNotFound, http.StatusPreconditionFailed, http.StatusUnprocessableEntity},
	}, g.deleteSchoolGroup)
}

type schoolGroupBody struct {
	ID      directory.GroupID    `json:"id"`
	Name    string               `json:"name"`
	Schools []directory.SchoolID `json:"schools" nullable:"false"`
	Version int64                `json:"version"`
}

func showSchoolGroup(s directory.SchoolGroup) schoolGroupBody {
	return schoolGroupBody{ID: s.ID, Name: s.Name, Schools: append([]directory.SchoolID{}, s.Schools...), Version: s.Version}
}

type schoolGroupAnswer struct {
	ETag string `header:"ETag"`
	Body schoolGroupBody
}

func schoolGroupAnswerOf(s directory.SchoolGroup) *schoolGroupAnswer {
	return &schoolGroupAnswer{ETag: etag(s.Version), Body: showSchoolGroup(s)}
}

type schoolGroupsAnswer struct {
	Body struct {
		Items []schoolGroupBody `json:"items" nullable:"false"`
	}
}

func (g *group) listSchoolGroups(ctx context.Context, c directory.Caller, _ *struct{}) (*schoolGroupsAnswer, error) {
	found, err := g.directory.SchoolGroups(ctx, c)
	if err != nil {
		return nil, err
	}
	var answer schoolGroupsAnswer
	answer.Body.Items = []schoolGroupBody{}
	for _, s := range found {
		answer.Body.Items = append(answer.Body.Items, showSchoolGroup(s))
	}
	return &answer, nil
}

// NewSchoolGroup is what is decided about a school group.
type NewSchoolGroup struct {
	Name    string               `json:"name" example:"Coastal schools"`
	Schools []directory.SchoolID `json:"schools" nullable:"false" maxItems:"10000"`
}

type createSchoolGroupInput struct {
	OnceHeader
	Body NewSchoolGroup
}

func (g *group) createSchoolGroup(ctx context.Context, c directory.Caller, in *createSchoolGroupInput) (*schoolGroupAnswer, error) {
	s, err := g.directory.CreateSchoolGroup(ctx, c, in.Body.Name, in.Body.Schools, in.once())
	if err != nil {
		return nil, err
	}
	return schoolGroupAnswerOf(s), nil
}

// SchoolGroupInput names the school group an operation is about.
type SchoolGroupInput struct {
	ID string `path:"id" doc:"The school group's id"`
}

func (g *group) getSchoolGroup(ctx context.Context, c directory.Caller, in *SchoolGroupInput) (*schoolGroupAnswer, error) {
	s, err := g.directory.SchoolGroup(ctx, c, directory.GroupID(in.ID))
	if err != nil {
		return nil, err
	}
	return schoolGroupAnswerOf(s), nil
}

type changeSchoolGroupInput struct {
	SchoolGroupInput
	MatchHeader
	Body NewSchoolGroup
}

func (g *group) changeSchoolGroup(ctx context.Context, c directory.Caller, in *changeSchoolGroupInput) (*schoolGroupAnswer, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	s, err := g.directory.ChangeSchoolGroup(ctx, c, directory.GroupID(in.ID), in.Body.Name, in.Body.Schools, seen)
	if err != nil {
		return nil, err
	}
	return schoolGroupAnswerOf(s), nil
}

type deleteSchoolGroupInput struct {
	SchoolGroupInput
	MatchHeader
}

func (g *group) deleteSchoolGroup(ctx context.Context, c directory.Caller, in *deleteSchoolGroupInput) (*struct{}, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	return nil, g.directory.DeleteSchoolGroup(ctx, c, directory.GroupID(in.ID), seen)
}
