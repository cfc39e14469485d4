package httpapi

import (
	"context"

	"github.com/caretaker/caretaker/internal/directory"
)

type userRolesInput struct {
	UserInput
	MatchHeader
	Body struct {
		Roles []string `json:"roles" nullable:"false"`
	}
}

func (g *group) setUserRoles(ctx context.Context, c directory.Caller, in *userRolesInput) (*userAnswer, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	u, err := g.directory.ChangeRoles(ctx, c, directory.UserID(in.ID), *roleIDs(&in.Body.Roles), seen)
	if err != nil {
		return nil, err
	}
	return userAnswerOf(c, u), nil
}

type userRightsInput struct {
	UserInput
	MatchHeader
	Body struct {
		Grant      []directory.Right `json:"grant" nullable:"false" doc:"All rights given beside the roles"`
		Deny       []directory.Right `json:"deny" nullable:"false" doc:"All rights denied whatever the roles say"`
		ApprovedBy string            `json:"approvedBy,omitempty" doc:"Who agreed; required when a sensitive right is given anew"`
	}
}

func (g *group) setUserRights(ctx context.Context, c directory.Caller, in *userRightsInput) (*userAnswer, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	u, err := g.directory.ChangeRights(ctx, c, directory.UserID(in.ID), directory.RightsChange(in.Body), seen)
	if err != nil {
		return nil, err
	}
	return userAnswerOf(c, u), nil
}

// Question is what is asked of a decision.
type Question struct {
	Right  string `query:"right" required:"true" maxLength:"100"`
	School string `query:"school" maxLength:"100" doc:"At which school; left out: anywhere"`
}

type decisionAnswer struct {
	Body struct {
		Allowed bool   `json:"allowed"`
		Reason  string `json:"reason" doc:"In words, for an administrator"`
	}
}

func (g *group) decide(ctx context.Context, c directory.Caller, in *struct {
	UserInput
	Question
},
) (*decisionAnswer, error) {
	return g.decision(ctx, c, directory.UserID(in.ID), in.Question)
}

func (g *group) decideMe(ctx context.Context, c directory.Caller, in *Question) (*decisionAnswer, error) {
	return g.decision(ctx, c, c.User.ID, *in)
}

func (g *group) decision(ctx context.Context, c directory.Caller, id directory.UserID, q Question) (*decisionAnswer, error) {
	d, err := g.directory.DecideFor(ctx, c, id, directory.Right(q.Right), directory.SchoolID(q.School))
	if err != nil {
		return nil, err
	}
	var answer decisionAnswer
	answer.Body.Allowed, answer.Body.Reason = d.Allowed, d.Reason
	return &answer, nil
}
