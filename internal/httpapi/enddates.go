package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/directory/rule"
)

func addEndDates(g *group) {
	register(g, Operation{
		ID: "setEndDates", Method: http.MethodPost, Path: "/users/end-dates", Access: Holder, Right: directory.UsersManage,
		Summary: "Set an end date for several users at once, such as the end of the school year",
	}, g.setEndDates)
}

type endDatesInput struct {
	Body struct {
		Users  []directory.UserID `json:"users" doc:"1 to 200"`
		EndsAt EndDate            `json:"endsAt"`
	}
}

type endDatesAnswer struct {
	Body struct {
		Changed []userBody      `json:"changed" nullable:"false"`
		Failed  []endDateFailed `json:"failed" nullable:"false"`
	}
}

type endDateFailed struct {
	ID     directory.UserID `json:"id"`
	Code   string           `json:"code" doc:"As in a problem document"`
	Detail string           `json:"detail"`
}

func (g *group) setEndDates(ctx context.Context, c directory.Caller, in *endDatesInput) (*endDatesAnswer, error) {
	outcome, err := g.directory.SetEndDates(ctx, c, directory.EndDates{Users: in.Body.Users, EndsAt: in.Body.EndsAt.Time})
	if err != nil {
		return nil, err
	}
	var answer endDatesAnswer
	answer.Body.Changed, answer.Body.Failed = []userBody{}, []endDateFailed{}
	for _, o := range outcome {
		if e, failed := errors.AsType[*directory.Error](o.Err); failed {
			answer.Body.Failed = append(answer.Body.Failed, endDateFailed{ID: o.ID, Code: e.Code, Detail: e.Detail})
			continue
		}
		answer.Body.Changed = append(answer.Body.Changed, showUser(c, o.User))
	}
	return &answer, nil
}

// EndDate is a time at which access ends; "" takes it away.
type EndDate struct {
	time.Time
	unreadable bool
}

// Schema describes it as the text that it is.
func (EndDate) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Description: `When access ends by itself, such as "2027-07-31T22:00:00Z"; "" for never`,
		Examples: []any{"2027-07-31T22:00:00Z"},
	}
}

// UnmarshalJSON reads a time, or "" as none. What is neither is left to Resolve, which knows the name of the field.
func (d *EndDate) UnmarshalJSON(text []byte) error {
	*d = EndDate{}
	if string(text) == `""` || string(text) == "null" {
		return nil
	}
	d.unreadable = d.Time.UnmarshalJSON(text) != nil
	return nil
}

// Resolve tells of a text that is no time.
func (d *EndDate) Resolve(_ huma.Context, at *huma.PathBuffer) []error {
	if !d.unreadable {
		return nil
	}
	return []error{&huma.ErrorDetail{Location: at.String(), Message: marked(rule.TimeOrNever)}}
}

func (d *EndDate) time() *time.Time {
	if d == nil {
		return nil
	}
	return &d.Time
}
