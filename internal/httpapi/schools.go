package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

func addSchools(g *group) {
	const one = "/schools/{id}"
	view, manage := directory.SchoolsView, directory.SchoolsManage
	register(g, Operation{
		ID: "listSchools", Method: http.MethodGet, Path: "/schools", Access: Holder, Right: view,
		Summary: "List schools by name", Errors: []int{http.StatusUnprocessableEntity},
	}, g.listSchools)
	register(g, Operation{
		ID: "createSchool", Method: http.MethodPost, Path: "/schools", Access: Holder, Right: manage,
		Once:    "createSchool",
		Summary: "Add a school", Status: http.StatusCreated,
	}, g.createSchool)
	register(g, Operation{
		ID: "getSchool", Method: http.MethodGet, Path: one, Access: Holder, Right: view,
		Summary: "Show a school", Errors: []int{http.StatusNotFound},
	}, g.getSchool)
	register(g, Operation{
		ID: "changeSchool", Method: http.MethodPut, Path: one, Access: Holder, Right: manage,
		Summary: "Rename, close or open a school", Errors: []int{http.StatusNotFound, http.StatusPreconditionFailed},
	}, g.changeSchool)
	register(g, Operation{
		ID: "deleteSchool", Method: http.MethodDelete, Path: one, Access: Holder, Right: manage, Status: http.StatusNoContent,
		Summary: "Delete a school that should not have been there; others are better closed",
		Errors:  []int{http.StatusNotFound, http.StatusPreconditionFailed, http.StatusUnprocessableEntity},
	}, g.deleteSchool)
}

type schoolBody struct {
	ID      directory.SchoolID `json:"id"`
	Name    string             `json:"name"`
	Code    string             `json:"code,omitempty" doc:"Of the school's register, such as a URN"`
	Closed  bool               `json:"closed"`
	Version int64              `json:"version"`
}

func showSchool(s directory.School) schoolBody {
	return schoolBody{ID: s.ID, Name: s.Name, Code: s.Code, Closed: s.Closed, Version: s.Version}
}

type schoolAnswer struct {
	ETag string `header:"ETag"`
	Body schoolBody
}

func schoolAnswerOf(s directory.School) *schoolAnswer {
	return &schoolAnswer{ETag: etag(s.Version), Body: showSchool(s)}
}

type listSchoolsInput struct {
	Query string `query:"q" doc:"Beginning of the name" maxLength:"100"`
	// More than other lists: whoever ticks some of all schools reads all of them, and a school is short.
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
	Cursor string `query:"cursor" maxLength:"1000" doc:"nextCursor of the page before"`
}

type listSchoolsAnswer struct {
	Body struct {
		Items      []schoolBody `json:"items" nullable:"false"`
		NextCursor string       `json:"nextCursor,omitempty"`
	}
}

func (g *group) listSchools(ctx context.Context, c directory.Caller, in *listSchoolsInput) (*listSchoolsAnswer, error) {
	found, err := g.directory.Schools(ctx, c, directory.SchoolQuery{Match: in.Query, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	var answer listSchoolsAnswer
	answer.Body.Items = []schoolBody{}
	for _, s := range found.Schools {
		answer.Body.Items = append(answer.Body.Items, showSchool(s))
	}
	answer.Body.NextCursor = found.Next
	return &answer, nil
}

type createSchoolInput struct {
	OnceHeader
	Body struct {
		Name string  `json:"name" example:"St Mary's"`
		Code *string `json:"code,omitempty" example:"100123"`
	}
}

func (g *group) createSchool(ctx context.Context, c directory.Caller, in *createSchoolInput) (*schoolAnswer, error) {
	s, err := g.directory.CreateSchool(ctx, c, directory.SchoolChange{Name: &in.Body.Name, Code: in.Body.Code}, in.once())
	if err != nil {
		return nil, err
	}
	return schoolAnswerOf(s), nil
}

// SchoolInput names the school an operation is about.
type SchoolInput struct {
	ID string `path:"id" doc:"The school's id"`
}

func (g *group) getSchool(ctx context.Context, c directory.Caller, in *SchoolInput) (*schoolAnswer, error) {
	s, err := g.directory.School(ctx, c, directory.SchoolID(in.ID))
	if err != nil {
		return nil, err
	}
	return schoolAnswerOf(s), nil
}

type changeSchoolInput struct {
	SchoolInput
	MatchHeader
	Body struct {
		Name   *string `json:"name,omitempty"`
		Code   *string `json:"code,omitempty"`
		Closed *bool   `json:"closed,omitempty"`
	}
}

func (g *group) changeSchool(ctx context.Context, c directory.Caller, in *changeSchoolInput) (*schoolAnswer, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	s, err := g.directory.ChangeSchool(ctx, c, directory.SchoolID(in.ID), directory.SchoolChange(in.Body), seen)
	if err != nil {
		return nil, err
	}
	return schoolAnswerOf(s), nil
}

type deleteSchoolInput struct {
	SchoolInput
	MatchHeader
}

func (g *group) deleteSchool(ctx context.Context, c directory.Caller, in *deleteSchoolInput) (*struct{}, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	return nil, g.directory.DeleteSchool(ctx, c, directory.SchoolID(in.ID), seen)
}
