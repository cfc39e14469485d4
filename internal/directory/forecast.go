package directory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
	"github.com/caretaker/caretaker/internal/lifecycle"
)

const (
	// MaxForecastMonths bounds how far ahead is looked.
	MaxForecastMonths = 36
	// forecastPages bounds the accounts of each list that one forecast looks at, forecastSteps the steps it lists one by one.
	forecastPages = 20_000 / forecastPage
	forecastPage  = 1_000
	forecastSteps = 1_000
	// usersPage is how many accounts are read at a time where all are looked at.
	usersPage = 200
)

// Forecast is what sweeps will do if nobody signs in and nobody acts.
type Forecast struct {
	Months []MonthAhead
	// Steps lists what is behind the figures, the soonest first, at most 1,000.
	Steps []StepAhead
	// Partial says that there are more accounts than were looked at.
	Partial bool
}

// MonthAhead counts the steps of a calendar month.
type MonthAhead struct {
	Month                string // 2026-12
	Warn, Archive, Purge int
}

// StepAhead is a step of one account.
type StepAhead struct {
	User User
	Step lifecycle.Step
}

// Forecast says what sweeps will do in so many months, this one included. It is the sweep's own reckoning, run forwards.
func (d *Directory) Forecast(ctx context.Context, c Caller, months int) (Forecast, error) {
	if err := c.Require(UsersView); err != nil {
		return Forecast{}, err
	}
	if months < 1 || months > MaxForecastMonths {
		var wrong checks
		wrong.add("months", rule.Between, 1, MaxForecastMonths)
		return Forecast{}, wrong.err()
	}
	p, now := c.Organisation.Policy.Lifecycle, d.Now()
	first := now.In(p.Location())
	f := Forecast{Months: monthsFrom(first, months), Steps: []StepAhead{}}
	until := lifecycle.AddMonths(time.Date(first.Year(), first.Month(), 1, 12, 0, 0, 0, first.Location()), months).Add(-time.Nanosecond)
	var left holdersLeft
	lists := [...]Status{"", Archived}
	var ahead [len(lists)]Forecast
	read := func(i int) func() error {
		q := UserQuery{Org: c.Organisation.Slug, Status: lists[i], Sort: SortUsername, Limit: forecastPage}
		return func() (err error) {
			ahead[i].Partial, err = d.everyUser(ctx, q, forecastPages, func(u User) {
				for _, step := range lifecycle.Ahead(u.life(), p, p.Location(), now, until) {
					ahead[i].Steps = append(ahead[i].Steps, StepAhead{User: u, Step: step})
				}
			})
			return err
		}
	}
	err := both(
		func() (err error) { left, err = d.holdersLeft(ctx, c.Organisation); return err },
		func() error { return both(read(0), read(1)) },
	)
	if err != nil {
		return Forecast{}, err
	}
	for _, a := range ahead {
		f.Steps, f.Partial = append(f.Steps, a.Steps...), f.Partial || a.Partial
	}
	f.settle(c.Organisation, left)
	return f, nil
}

// everyUser looks at all users of a list, but not at more pages than so many; partial says that there are more.
func (d *Directory) everyUser(ctx context.Context, q UserQuery, pages int, look func(User)) (partial bool, err error) {
	for q.Limit = cmp.Or(q.Limit, usersPage); pages > 0; pages-- {
		page, err := d.Store.Users(ctx, q)
		if err != nil {
			return false, err
		}
		for _, u := range page.Users {
			look(u)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return false, nil
		}
	}
	return true, nil
}

func monthsFrom(first time.Time, n int) []MonthAhead {
	months := make([]MonthAhead, n)
	for i := range months {
		months[i].Month = time.Date(first.Year(), first.Month()+time.Month(i), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
	}
	return months
}

// settle sorts the steps, takes out those of accounts that are kept because somebody must have their role, and counts the
// others.
func (f *Forecast) settle(o Organisation, left holdersLeft) {
	slices.SortStableFunc(f.Steps, func(a, b StepAhead) int {
		return cmp.Or(a.Step.At.Compare(b.Step.At), cmp.Compare(a.User.Name(), b.User.Name()))
	})
	kept := map[UserID]bool{}
	f.Steps = slices.DeleteFunc(f.Steps, func(s StepAhead) bool {
		if s.Step.Kind == lifecycle.Archive && !left.spare(o, s.User) {
			kept[s.User.ID] = true
		}
		return kept[s.User.ID]
	})
	for _, s := range f.Steps {
		f.count(s.Step, o.Policy.Lifecycle.Location())
	}
	f.Steps = f.Steps[:min(len(f.Steps), forecastSteps)]
}

func (f *Forecast) count(s lifecycle.Step, in *time.Location) {
	month := s.At.In(in).Format("2006-01")
	i := slices.IndexFunc(f.Months, func(m MonthAhead) bool { return m.Month == month })
	if i < 0 {
		return
	}
	switch s.Kind {
	case lifecycle.Warn:
		f.Months[i].Warn++
	case lifecycle.Archive:
		f.Months[i].Archive++
	default:
		f.Months[i].Purge++
	}
}
