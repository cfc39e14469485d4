package dev

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/caretaker/caretaker/infra/local/clock"
	"github.com/caretaker/caretaker/internal/httpapi"
)

type clockAnswer struct {
	Body struct {
		Now time.Time `json:"now"`
	}
}

func showing(now time.Time) *clockAnswer {
	var answer clockAnswer
	answer.Body.Now = now
	return &answer
}

func (s *server) getClock(context.Context, *struct{}) (*clockAnswer, error) {
	return showing(s.Clock.Now()), nil
}

type moveClockInput struct {
	Body struct {
		Now     *time.Time `json:"now,omitempty" doc:"Where to move the clock; either this or advance"`
		Advance *string    `json:"advance,omitempty" doc:"How far to move it, an ISO 8601 duration; months and years are the calendar's" example:"P15M"`
	}
}

func (s *server) moveClock(ctx context.Context, in *moveClockInput) (*clockAnswer, error) {
	now, err := s.move(in)
	switch {
	case err == nil:
		return showing(now), nil
	case errors.Is(err, clock.ErrBack):
		return nil, problem(http.StatusConflict, "clock_goes_back", "The clock never goes back. It shows "+now.Format(time.RFC3339Nano)+".")
	case errors.Is(err, clock.ErrFar):
		return nil, wrong("body", clock.ErrFar.Error())
	}
	if p, ok := errors.AsType[*httpapi.Problem](err); ok {
		return nil, p
	}
	return nil, s.failed(ctx, "move the clock", err)
}

func (s *server) move(in *moveClockInput) (time.Time, error) {
	to, by := in.Body.Now, in.Body.Advance
	switch {
	case (to == nil) == (by == nil):
		return s.Clock.Now(), wrong("body", "must have either now or advance")
	case to != nil:
		return s.Clock.Set(*to)
	}
	period, err := clock.ParsePeriod(*by)
	if errors.Is(err, clock.ErrNoPeriod) {
		return s.Clock.Now(), wrong("body.advance", err.Error())
	}
	if err != nil {
		return s.Clock.Now(), err
	}
	return s.Clock.Advance(period)
}

// wrong is the problem of input that breaks a rule.
func wrong(location, message string) *httpapi.Problem {
	p := problem(http.StatusUnprocessableEntity, "invalid", "Please look at the fields named below.")
	p.Errors = []httpapi.FieldProblem{{Location: location, Message: message}}
	return p
}
