package directory

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/caretaker/caretaker/internal/lifecycle"
)

const (
	// overviewMonths is how many calendar months of last sign-ins are told apart, overviewDays how many days of sign-ins.
	overviewMonths = 12
	overviewDays   = 30
	// archiveSoon is how many days ahead of an archive it needs attention.
	archiveSoon = 30
	// deputies is how many administrators there should be where they add each other: one and two deputies (guide 001).
	deputies = 3
	// dayPages bounds how much of the audit trail is read of one day, dayPage is a page of it. All days are read at once.
	dayPages = 2
	dayPage  = 1_000
	// maxLocked bounds how many are named who are locked out, and lockedLanes how many are looked up at once.
	maxLocked   = 50
	lockedLanes = 10
)

// Overview is how an organisation stands, and what in it needs attention.
type Overview struct {
	Active, Suspended int
	// LastSignIns counts accounts by the calendar month of their last sign-in, the oldest first; Earlier are those that signed
	// in before, Never those that never did. Archived ones are not among them.
	LastSignIns    []MonthSeen
	Earlier, Never int
	// Days has the sign-ins of the last 30 days, today's last.
	Days []DaySignIns
	// Administrators are those who can act now, AdministratorsAdvised how many there should be; 0: however many there are.
	Administrators, AdministratorsAdvised int
	// Undeliverable counts whoever's address is not written to.
	Undeliverable int
	// ArchiveSoon counts those who will be archived within 30 days, ArchiveIdle those of them who do not sign in.
	ArchiveSoon, ArchiveIdle int
	// Locked are those who were locked out in the last 30 days and still are, at most 50.
	Locked []User
	// Partial says that there are more accounts than were looked at.
	Partial bool
}

// MonthSeen counts accounts by the month of their last sign-in.
type MonthSeen struct {
	Month string // 2026-12
	Users int
}

// DaySignIns counts what the audit trail has of a day.
type DaySignIns struct {
	Day               string // 2026-12-31
	SignIns, Failures int
	// Partial says that there were more than were counted.
	Partial bool

	barred []UserID
}

// Overview works out how the caller's organisation stands. It looks at 20,000 accounts at most, and at 2,000 lines of the
// audit trail of each day.
func (d *Directory) Overview(ctx context.Context, c Caller) (Overview, error) {
	if err := c.Require(UsersView); err != nil {
		return Overview{}, err
	}
	o, now := c.Organisation, d.Now()
	v := o.newOverview(now)
	var administrators []User
	ahead := outlook{
		rules: []lifecycle.Rules{o.Policy.Lifecycle}, until: now.AddDate(0, 0, archiveSoon),
		beside: func(u User) { v.see(o, u) },
	}
	err := both(
		func() error { return d.lookAhead(ctx, o, &ahead) },
		func() error {
			return both(
				func() (err error) { administrators, err = d.Store.Administrators(ctx, o.Slug); return err },
				func() error { return d.signIns(ctx, o, v.Days) },
			)
		},
	)
	if err != nil {
		return Overview{}, err
	}
	v.Partial = ahead.partial
	v.ahead(ahead.settled(0))
	for _, u := range administrators {
		if u.Barrier(now) == NoBarrier && o.IsAdministrator(u) {
			v.Administrators++
		}
	}
	v.Locked, err = d.stillLocked(ctx, o, v.Days)
	return v, err
}

func (o Organisation) newOverview(now time.Time) Overview {
	v := Overview{Locked: []User{}}
	if slices.ContainsFunc(o.Roles, func(r Role) bool { return r.Administrator && r.Constraints.GrantedBy == GrantedByManagers }) {
		v.AdministratorsAdvised = deputies
	}
	today := now.In(o.Policy.Lifecycle.Location())
	for _, m := range monthsFrom(time.Date(today.Year(), today.Month()-overviewMonths+1, 1, 0, 0, 0, 0, time.UTC), overviewMonths) {
		v.LastSignIns = append(v.LastSignIns, MonthSeen{Month: m.Month})
	}
	for i := range overviewDays {
		v.Days = append(v.Days, DaySignIns{Day: today.AddDate(0, 0, i-overviewDays+1).Format(time.DateOnly)})
	}
	return v
}

// see counts an account. Archived ones have a list of their own.
func (v *Overview) see(o Organisation, u User) {
	switch u.Status {
	case Archived:
		return
	case Suspended:
		v.Suspended++
	default:
		v.Active++
	}
	if u.Undeliverable != nil {
		v.Undeliverable++
	}
	if u.LastSignInAt.IsZero() {
		v.Never++
		return
	}
	month := u.LastSignInAt.In(o.Policy.Lifecycle.Location()).Format("2006-01")
	if i := slices.IndexFunc(v.LastSignIns, func(m MonthSeen) bool { return m.Month == month }); i >= 0 {
		v.LastSignIns[i].Users++
	} else {
		v.Earlier++
	}
}

func (v *Overview) ahead(steps []StepAhead) {
	for _, s := range steps {
		if s.Step.Kind != lifecycle.Archive {
			continue
		}
		v.ArchiveSoon++
		if s.Step.Cause == lifecycle.Inactivity {
			v.ArchiveIdle++
		}
	}
}

// signIns counts sign-ins and failures by day. The days are read side by side, because one of a large organisation may be
// long.
func (d *Directory) signIns(ctx context.Context, o Organisation, days []DaySignIns) error {
	errs := make([]error, len(days))
	abreast(len(days), len(days), func(i int) bool {
		errs[i] = d.signInsOf(ctx, o, &days[i])
		return errs[i] == nil
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Directory) signInsOf(ctx context.Context, o Organisation, day *DaySignIns) error {
	from, err := time.ParseInLocation(time.DateOnly, day.Day, o.Policy.Lifecycle.Location())
	if err != nil {
		return err
	}
	q := TrailQuery{
		Org: o.Slug, From: from, To: from.AddDate(0, 0, 1).Add(-time.Millisecond), Limit: dayPage,
		Among: []Action{SignInSucceeded, SignInFailed, SignInRefused, SignInBarred},
	}
	for range dayPages {
		page, err := d.Store.Trail(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			day.count(e)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
	day.Partial = true
	return nil
}

func (day *DaySignIns) count(e Entry) {
	switch e.Action {
	case SignInSucceeded:
		day.SignIns++
	case SignInBarred: // beside the failure that brought it about
		if e.Subject.User != "" {
			day.barred = append(day.barred, e.Subject.User)
		}
	default:
		day.Failures++
	}
}

// stillLocked are those whom too many failures locked out lately, as far as they are still kept out by it.
func (d *Directory) stillLocked(ctx context.Context, o Organisation, days []DaySignIns) ([]User, error) {
	var barred []UserID
	for _, day := range slices.Backward(days) {
		for _, id := range day.barred {
			if !slices.Contains(barred, id) && len(barred) < maxLocked {
				barred = append(barred, id)
			}
		}
	}
	if len(barred) == 0 {
		return []User{}, nil
	}
	var found []User
	var mu sync.Mutex
	locked := map[UserID]bool{}
	err := both(
		func() (err error) { found, err = d.Store.UsersNamed(ctx, o.Slug, barred); return err },
		func() (err error) {
			abreast(lockedLanes, len(barred), func(i int) bool {
				out, failed := d.lockedOut(ctx, o, barred[i])
				mu.Lock()
				defer mu.Unlock()
				locked[barred[i]] = out
				if failed != nil {
					err = failed
				}
				return failed == nil
			})
			return err
		},
	)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(u User) bool { return !locked[u.ID] || u.Status == Archived })
	slices.SortFunc(found, func(a, b User) int { return cmp.Compare(a.Name(), b.Name()) })
	return found, nil
}
