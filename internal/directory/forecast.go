package directory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
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
	f := Forecast{Months: monthsFrom(first, months)}
	until := lifecycle.AddMonths(time.Date(first.Year(), first.Month(), 1, 12, 0, 0, 0, first.Location()), months).Add(-time.Nanosecond)
	l := outlook{rules: []lifecycle.Rules{p}, until: until}
	if err := d.lookAhead(ctx, c.Organisation, &l); err != nil {
		return Forecast{}, err
	}
	f.Steps, f.Partial = l.settled(0), l.partial
	for _, s := range f.Steps {
		f.count(s.Step, p.Location())
	}
	f.Steps = f.Steps[:min(len(f.Steps), forecastSteps)]
	return f, nil
}

// outlook is a look at all accounts of an organisation, and at what will happen to them until a time by one set of rules or
// by several.
type outlook struct {
	rules []lifecycle.Rules
	until time.Time
	// beside looks at each account too, one at a time; nil: nothing does.
	beside func(User)

	org     Organisation
	steps   [][]StepAhead // for each of the rules
	left    holdersLeft
	partial bool
}

func (d *Directory) lookAhead(ctx context.Context, o Organisation, l *outlook) error {
	now := d.Now()
	l.org, l.steps = o, make([][]StepAhead, len(l.rules))
	at := func(u User) {
		if l.beside != nil {
			l.beside(u)
		}
		for i, p := range l.rules {
			for _, step := range lifecycle.Ahead(u.life(), p, p.Location(), now, l.until) {
				l.steps[i] = append(l.steps[i], StepAhead{User: u, Step: step})
			}
		}
	}
	return both(
		func() (err error) { l.left, err = d.holdersLeft(ctx, o); return err },
		func() (err error) { l.partial, err = d.everyAccount(ctx, o.Slug, at); return err },
	)
}

// everyAccount looks at all users, archived ones too, one at a time, but at no more of either list than 20,000.
func (d *Directory) everyAccount(ctx context.Context, org Slug, look func(User)) (partial bool, err error) {
	var mu sync.Mutex
	var partly [2]bool
	read := func(i int, list Status) func() error {
		q := UserQuery{Org: org, Status: list, Sort: SortUsername, Limit: forecastPage}
		return func() (err error) {
			partly[i], err = d.everyUser(ctx, q, forecastPages, func(u User) {
				mu.Lock()
				defer mu.Unlock()
				look(u)
			})
			return err
		}
	}
	err = both(read(0, ""), read(1, Archived))
	return partly[0] || partly[1], err
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

// settled are the steps by one of the rules, sorted, without those of accounts that are kept because somebody must have their
// role.
func (l *outlook) settled(by int) []StepAhead {
	slices.SortStableFunc(l.steps[by], func(a, b StepAhead) int {
		return cmp.Or(a.Step.At.Compare(b.Step.At), cmp.Compare(a.User.Name(), b.User.Name()))
	})
	left, kept := maps.Clone(l.left), map[UserID]bool{}
	return slices.DeleteFunc(l.steps[by], func(s StepAhead) bool {
		if s.Step.Kind == lifecycle.Archive && !left.spare(l.org, s.User) {
			kept[s.User.ID] = true
		}
		return kept[s.User.ID]
	})
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
