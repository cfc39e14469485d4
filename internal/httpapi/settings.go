package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

func addSettings(g *group) {
	register(g, Operation{
		ID: "getSettings", Method: http.MethodGet, Path: "/settings", Access: Holder, Right: directory.SettingsManage,
		Summary: "Show the organisation's policy, whole",
	}, g.getSettings)
	register(g, Operation{
		ID: "putSettings", Method: http.MethodPut, Path: "/settings", Access: Holder, Right: directory.SettingsManage,
		Summary: "Set the organisation's policy, whole, or find out what that would do", Errors: []int{http.StatusPreconditionFailed},
	}, g.putSettings)
}

type settingsAnswer struct {
	ETag string `header:"ETag"`
	Body struct {
		Policy  directory.Policy `json:"policy"`
		Version int64            `json:"version"`
		Effects *effectsBody     `json:"effects,omitempty" doc:"With dryRun: what the change would do to how many people"`

		SecurityCodeSet bool `json:"securityCodeSet" doc:"There is a code that opens the administration areas"`
		StandardCodeSet bool `json:"standardCodeSet" doc:"There is a code that passwords are reset to, where the policy says so"`
	}
}

// effectsBody is what a change of the settings would do to how many people.
type effectsBody struct {
	Users           int          `json:"users" doc:"Accounts that were looked at, archived ones too"`
	Partial         bool         `json:"partial" doc:"There are more accounts than were looked at"`
	NextSweep       comparedBody `json:"nextSweep" doc:"What happens to accounts by themselves within a day"`
	Year            comparedBody `json:"year" doc:"The same in the next twelve months, if nobody signs in and nobody acts"`
	NewPassword     int          `json:"newPassword" doc:"Who would have to choose a new password at the next sign-in, and has not to now"`
	SecondFactor    int          `json:"secondFactor" doc:"Who would have to set up a second factor at the next sign-in, and has not to now"`
	Agreement       int          `json:"agreement" doc:"Who would be asked to accept the conditions of use at the next sign-in, and is not now"`
	OtherWay        int          `json:"otherWay" doc:"Who could no longer sign in in a way that is open to them now"`
	ShorterSessions int          `json:"shorterSessions" doc:"Whose sessions would end sooner"`
}

type comparedBody struct {
	Now  stepCountsBody `json:"now"`
	Then stepCountsBody `json:"then"`
}

type stepCountsBody struct {
	Warn    int `json:"warn"`
	Archive int `json:"archive"`
	Purge   int `json:"purge"`
}

func showCompared(c directory.Compared) comparedBody {
	return comparedBody{Now: stepCountsBody(c.Now), Then: stepCountsBody(c.Then)}
}

func (g *group) getSettings(_ context.Context, c directory.Caller, _ *struct{}) (*settingsAnswer, error) {
	return showSettings(c.Organisation), nil
}

func showSettings(o directory.Organisation) *settingsAnswer {
	answer := settingsAnswer{ETag: etag(o.Version)}
	answer.Body.Policy, answer.Body.Version = o.Policy, o.Version
	answer.Body.SecurityCodeSet, answer.Body.StandardCodeSet = o.SecurityCode.Hash != "", len(o.StandardCode) > 0
	return &answer
}

type settingsInput struct {
	MatchHeader
	DryRun bool `query:"dryRun" doc:"Change nothing, and say what the change would do"`
	Body   struct {
		Policy directory.Policy `json:"policy" doc:"As GET shows it, with what is to be changed"`
	}
}

func (g *group) putSettings(ctx context.Context, c directory.Caller, in *settingsInput) (*settingsAnswer, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return g.trySettings(ctx, c, in.Body.Policy, seen)
	}
	o, err := g.directory.ChangeSettings(ctx, c, in.Body.Policy, seen)
	if err != nil {
		return nil, err
	}
	return showSettings(o), nil
}

func (g *group) trySettings(ctx context.Context, c directory.Caller, p directory.Policy, seen *int64) (*settingsAnswer, error) {
	e, err := g.directory.TrySettings(ctx, c, p, seen)
	if err != nil {
		return nil, err
	}
	would := c.Organisation
	would.Policy = p
	answer := showSettings(would)
	answer.Body.Effects = &effectsBody{
		Users: e.Users, Partial: e.Partial, NextSweep: showCompared(e.NextSweep), Year: showCompared(e.Year),
		NewPassword: e.NewPassword, SecondFactor: e.SecondFactor, Agreement: e.Agreement, OtherWay: e.OtherWay,
		ShorterSessions: e.ShorterSessions,
	}
	return answer, nil
}
