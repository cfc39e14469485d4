package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/lifecycle"
)

func addForecast(g *group) {
	register(g, Operation{
		ID: "getForecast", Method: http.MethodGet, Path: "/forecast", Access: Holder, Right: directory.UsersView,
		Summary: "What will happen to accounts by themselves if nobody signs in and nobody acts",
		Errors:  []int{http.StatusUnprocessableEntity},
	}, g.getForecast)
}

type monthBody struct {
	Month   string `json:"month" example:"2026-12"`
	Warn    int    `json:"warn"`
	Archive int    `json:"archive"`
	Purge   int    `json:"purge"`
}

type stepBody struct {
	ID       directory.UserID `json:"id"`
	Username string           `json:"username"`
	Name     string           `json:"name"`
	Kind     lifecycle.Kind   `json:"kind" enum:"warn,archive,purge"`
	Number   int              `json:"number,omitempty" doc:"Which warning it is"`
	Cause    lifecycle.Cause  `json:"cause,omitempty" enum:"inactivity,endDate,byHand" doc:"Why the account is archived"`
	At       time.Time        `json:"at"`
}

type forecastAnswer struct {
	Body struct {
		Months  []monthBody `json:"months" nullable:"false"`
		Items   []stepBody  `json:"items" nullable:"false" doc:"What is behind the figures, the soonest first, at most 1000"`
		Partial bool        `json:"partial" doc:"There are more accounts than were looked at"`
	}
}

func (g *group) getForecast(ctx context.Context, c directory.Caller, in *struct {
	Months int `query:"months" minimum:"1" maximum:"36" default:"12"`
},
) (*forecastAnswer, error) {
	f, err := g.directory.Forecast(ctx, c, in.Months)
	if err != nil {
		return nil, err
	}
	var answer forecastAnswer
	answer.Body.Months, answer.Body.Items, answer.Body.Partial = []monthBody{}, []stepBody{}, f.Partial
	for _, m := range f.Months {
		answer.Body.Months = append(answer.Body.Months, monthBody{Month: m.Month, Warn: m.Warn, Archive: m.Archive, Purge: m.Purge})
	}
	for _, s := range f.Steps {
		answer.Body.Items = append(answer.Body.Items, stepBody{
			ID: s.User.ID, Username: s.User.Username, Name: s.User.Name(), Kind: s.Step.Kind, Number: s.Step.Number,
			Cause: s.Step.Cause, At: s.Step.At.UTC(),
		})
	}
	return &answer, nil
}
