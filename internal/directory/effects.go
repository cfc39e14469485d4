package directory

import (
	"context"
	"slices"
	"time"

	"github.com/caretaker/caretaker/internal/lifecycle"
)

// sweepWithin is how far ahead the next sweep is, at most.
const sweepWithin = 24 * time.Hour

// Effects is what a change of the settings would do, to how many people.
type Effects struct {
	// Users is how many accounts were looked at; Partial says that there are more.
	Users   int
	Partial bool
	// NextSweep and Year are what sweeps do by the settings that are in force, and by the changed ones, if nobody signs in and
	// nobody acts: the next one, and those of twelve months.
	NextSweep, Year Compared
	// NewPassword, SecondFactor and Agreement count who would have to choose a new password, set up a second factor, or accept
	// the conditions of use at the next sign-in, and has not to as it is. OtherWay counts who would have to sign in another way
	// than they can now, ShorterSessions whose sessions would end sooner.
	NewPassword, SecondFactor, Agreement, OtherWay, ShorterSessions int
}

// Compared are the steps of sweeps as it is, and as it would be.
type Compared struct{ Now, Then StepCounts }

// StepCounts counts steps by what they do.
type StepCounts struct{ Warn, Archive, Purge int }

func (n *StepCounts) count(k lifecycle.Kind) {
	switch k {
	case lifecycle.Warn:
		n.Warn++
	case lifecycle.Archive:
		n.Archive++
	default:
		n.Purge++
	}
}

// TrySettings says what ChangeSettings would do to people, and does nothing. It fails as ChangeSettings would. It looks at
// 20,000 accounts of each list at most, as the forecast does.
func (d *Directory) TrySettings(ctx context.Context, c Caller, p Policy, seen *int64) (Effects, error) {
	if err := c.maySet(p, seen); err != nil {
		return Effects{}, err
	}
	now, was := d.Now(), c.Organisation
	then := was
	then.Policy = p
	var e Effects
	l := outlook{
		rules: []lifecycle.Rules{was.Policy.Lifecycle, p.Lifecycle}, until: lifecycle.AddMonths(now.In(p.Lifecycle.Location()), 12),
		beside: func(u User) {
			e.Users++
			if u.Status == Active {
				e.see(was, then, u, now)
			}
		},
	}
	if err := d.lookAhead(ctx, was, &l); err != nil {
		return Effects{}, err
	}
	e.Partial = l.partial
	soon := now.Add(sweepWithin)
	for i, side := range []struct{ soon, year *StepCounts }{{&e.NextSweep.Now, &e.Year.Now}, {&e.NextSweep.Then, &e.Year.Then}} {
		for _, s := range l.settled(i) {
			side.year.count(s.Step.Kind)
			if !s.Step.At.After(soon) {
				side.soon.count(s.Step.Kind)
			}
		}
	}
	return e, nil
}

// see counts what the change means to an active user.
func (e *Effects) see(was, then Organisation, u User, now time.Time) {
	count := func(n *int, affected bool) {
		if affected {
			*n++
		}
	}
	secondFactor := func(o Organisation) bool { return !u.Factors.Any() && o.demandsSecondFactor(u, now) }
	password := func(o Organisation) bool { return o.Policy.SignIn.offers(ByPassword) && o.mustChoosePassword(u, now) }
	count(&e.NewPassword, password(then) && !password(was))
	count(&e.SecondFactor, secondFactor(then) && !secondFactor(was))
	count(&e.Agreement, then.mustAgree(u) && !was.mustAgree(u))
	count(&e.OtherWay, slices.ContainsFunc(was.Policy.SignIn.Methods, func(m Method) bool {
		return !then.Policy.SignIn.offers(m) && u.comesBy(m)
	}))
	count(&e.ShorterSessions, then.idle(u) < was.idle(u) || then.Policy.Sessions.Absolute() < was.Policy.Sessions.Absolute())
}

// comesBy tells whether the user could sign in this way, where it is offered. Who has a password is known to the pool alone;
// most have one.
func (u User) comesBy(m Method) bool {
	switch m {
	case ByPasskey:
		return u.Factors.Passkeys > 0
	case ByFederated:
		return u.Identity != nil
	default:
		return true
	}
}
