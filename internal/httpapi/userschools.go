package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

func addUserSchools(g *group) {
	register(g, Operation{
		ID: "getUserSchools", Method: http.MethodGet, Path: "/users/{id}/schools", Access: Holder, Right: directory.UsersView, About: true,
		Ahead:   assignmentsAbout,
		Summary: "Show the schools of a user", Errors: []int{http.StatusNotFound},
	}, g.getUserSchools)
	register(g, Operation{
		ID: "setUserSchools", Method: http.MethodPut, Path: "/users/{id}/schools", Access: Holder, Right: directory.UsersManage, About: true,
		Ahead:   assignmentsAbout,
		Summary: "Set the schools of a user", MaxBody: 2 << 20,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, g.setUserSchools)
	register(g, Operation{
		ID: "getMySchools", Method: http.MethodGet, Path: "/me/schools", Access: Admitted, Summary: "Show one's own schools",
		Ahead: ownAssignments,
	}, g.getMySchools)
}

type userSchoolsAnswer struct {
	ETag string `header:"ETag"`
	Body struct {
		All          bool                 `json:"all" doc:"All schools, those added later too"`
		Schools      []assignedSchoolBody `json:"schools" nullable:"false" doc:"The list; empty with all"`
		DefaultGroup directory.GroupID    `json:"defaultGroup,omitempty" doc:"The school group that reports begin with"`
		Version      int64                `json:"version" doc:"Of the user"`
	}
}

type assignedSchoolBody struct {
	ID       directory.SchoolID `json:"id"`
	Name     string             `json:"name"`
	Relation string             `json:"relation,omitempty"`
	Closed   bool               `json:"closed"`
}

func showUserSchools(s directory.UserSchools) *userSchoolsAnswer {
	answer := userSchoolsAnswer{ETag: etag(s.User.Version)}
	b := &answer.Body
	b.All, b.DefaultGroup, b.Version, b.Schools = s.User.AllSchools, s.User.DefaultGroup, s.User.Version, []assignedSchoolBody{}
	for _, a := range s.List {
		school := s.Schools[a.School]
		b.Schools = append(b.Schools, assignedSchoolBody{ID: a.School, Name: school.Name, Relation: a.Relation, Closed: school.Closed})
	}
	return &answer
}

func (g *group) getUserSchools(ctx context.Context, c directory.Caller, in *UserInput) (*userSchoolsAnswer, error) {
	s, err := g.directory.SchoolsOf(ctx, c, directory.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	return showUserSchools(s), nil
}

func (g *group) getMySchools(ctx context.Context, c directory.Caller, _ *struct{}) (*userSchoolsAnswer, error) {
	s, err := g.directory.SchoolsOf(ctx, c, c.User.ID)
	if err != nil {
		return nil, err
	}
	return showUserSchools(s), nil
}

type setUserSchoolsInput struct {
	UserInput
	MatchHeader
	Body struct {
		All     bool `json:"all,omitempty" doc:"All schools, those added later too"`
		Schools []struct {
			ID       directory.SchoolID `json:"id"`
			Relation string             `json:"relation,omitempty" example:"School Improvement Partner"`
		} `json:"schools" nullable:"false" maxItems:"10000"`
		DefaultGroup *string `json:"defaultGroup,omitempty" doc:"Left out: stays as it is; empty: none"`
	}
}

func (g *group) setUserSchools(ctx context.Context, c directory.Caller, in *setUserSchoolsInput) (*userSchoolsAnswer, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	change := directory.SchoolsChange{All: in.Body.All}
	for _, s := range in.Body.Schools {
		change.List = append(change.List, directory.Assignment{School: s.ID, Relation: s.Relation})
	}
	if in.Body.DefaultGroup != nil {
		chosen := directory.GroupID(*in.Body.DefaultGroup)
		change.DefaultGroup = &chosen
	}
	s, err := g.directory.AssignSchools(ctx, c, directory.UserID(in.ID), change, seen)
	if err != nil {
		return nil, err
	}
	return showUserSchools(s), nil
}
