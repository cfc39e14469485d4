package lifecycle

import "time"

// Stage is where an account is in its life.
type Stage string

// The stages.
const (
	InUse    Stage = "inUse"
	LeftOut  Stage = "leftOut" // such as a suspended one: somebody decided, and only an end date still counts
	Archived Stage = "archived"
)

// Cause is why an account was archived.
type Cause string

// Why an account was archived.
const (
	ByHand     Cause = "byHand"
	Inactivity Cause = "inactivity"
	EndDate    Cause = "endDate"
)

// Account is what decides about an account's next step.
type Account struct {
	Stage Stage
	// ActiveAt is the last sign-in or, for whoever never signed in, the creation; or the restore, from which the clock
	// starts anew.
	ActiveAt time.Time
	// GraceFrom is when the account was restored or reinstated last; zero: never.
	GraceFrom time.Time
	// Warnings is how many warnings were given since ActiveAt, WarnedAt when the last one was.
	Warnings int
	WarnedAt time.Time
	// EndsAt is a date set ahead on which access ends; zero: none.
	EndsAt time.Time
	// ArchivedAt and Cause are of an archived account.
	ArchivedAt time.Time
	Cause      Cause
}

// Kind is what a step does.
type Kind string

// What a step does.
const (
	Warn    Kind = "warn"
	Archive Kind = "archive"
	Purge   Kind = "purge"
)

// Step is what happens next to an account.
type Step struct {
	Kind Kind
	// Number is which warning it is, from 1.
	Number int
	// Cause is why the account is archived.
	Cause Cause
	// At is when: the beginning of a day in the location, but for an end date, which is a moment.
	At time.Time
}

// Next returns the account's next step by the policy, days being those of a location; false if nothing will ever happen by
// itself. A step that was missed is still the next one, so no stage is skipped: the number of warnings that were given
// decides, not the date. Nobody is archived before all warnings were given, with the days between that the policy wants.
func Next(a Account, p Rules, in *time.Location) (Step, bool) {
	switch a.Stage {
	case InUse:
		return sooner(p.ending(a), p.idling(a, in))
	case LeftOut:
		return sooner(p.ending(a), Step{})
	case Archived:
		return p.purging(a, in)
	default:
		return Step{}, false
	}
}

// sooner is the earlier of two steps of which either may be none.
func sooner(a, b Step) (Step, bool) {
	switch {
	case a.Kind == "":
		return b, b.Kind != ""
	case b.Kind == "" || !b.At.Before(a.At):
		return a, true
	default:
		return b, true
	}
}

// ending archives on the end date. No grace holds it up: the date was set for this very day.
func (p Rules) ending(a Account) Step {
	if a.EndsAt.IsZero() {
		return Step{}
	}
	return Step{Kind: Archive, Cause: EndDate, At: a.EndsAt}
}

// idling warns and then archives who does not sign in.
func (p Rules) idling(a Account, in *time.Location) Step {
	if p.ArchiveMonths == 0 && a.Warnings >= len(p.WarnMonths) {
		return Step{}
	}
	since := a.ActiveAt.In(in)
	earliest := latest(p.graceEnd(a, in), p.gapEnd(a, in))
	if a.Warnings < len(p.WarnMonths) {
		return Step{Kind: Warn, Number: a.Warnings + 1, At: latest(AddMonths(since, p.WarnMonths[a.Warnings]), earliest)}
	}
	return Step{Kind: Archive, Cause: Inactivity, At: latest(AddMonths(since, p.ArchiveMonths), earliest)}
}

func (p Rules) graceEnd(a Account, in *time.Location) time.Time {
	if a.GraceFrom.IsZero() {
		return time.Time{}
	}
	return addDays(a.GraceFrom.In(in), p.GraceDays)
}

func (p Rules) gapEnd(a Account, in *time.Location) time.Time {
	if a.Warnings == 0 {
		return time.Time{}
	}
	return addDays(a.WarnedAt.In(in), p.WarningGapDays)
}

// purging deletes what was archived long enough.
func (p Rules) purging(a Account, in *time.Location) (Step, bool) {
	since := a.ArchivedAt.In(in)
	switch {
	case a.Cause == Inactivity && p.PurgeMonths > 0:
		return Step{Kind: Purge, At: AddMonths(since, p.PurgeMonths)}, true
	case a.Cause != Inactivity && p.KeepDays > 0:
		return Step{Kind: Purge, At: addDays(since, p.KeepDays)}, true
	default:
		return Step{}, false
	}
}

// InsteadAt is the step to be carried out at a time at which this one is due: whose end date has come meanwhile is not warned any
// more.
func (s Step) InsteadAt(now time.Time, a Account) Step {
	if s.Kind == Warn && !a.EndsAt.IsZero() && !a.EndsAt.After(now) {
		return Rules{}.ending(a)
	}
	return s
}

// After is the account as the step leaves it, for looking ahead.
func (s Step) After(a Account) Account {
	switch s.Kind {
	case Warn:
		a.Warnings, a.WarnedAt = s.Number, s.At
	case Archive:
		a.Stage, a.ArchivedAt, a.Cause = Archived, s.At, s.Cause
	case Purge:
		a.Stage = ""
	}
	return a
}

// Ahead lists the steps of an account until a time, if nobody signs in or acts and a sweep runs at the beginning of every
// day: an account whose end date lies within a day is archived on the next. It is the sweep's own function, run forwards;
// what is overdue happens now.
func Ahead(a Account, p Rules, in *time.Location, now, until time.Time) []Step {
	var steps []Step
	for len(steps) < maxWarnings+2 { // each warning once, the archive, the end
		s, more := Next(a, p, in)
		if !more {
			return steps
		}
		s = s.InsteadAt(now, a)
		if start := dayOf(s.At.In(in)); start.Before(s.At) {
			s.At = addDays(start, 1)
		}
		if s.At.Before(now) {
			s.At = now
		}
		if s.At.After(until) {
			return steps
		}
		steps = append(steps, s)
		a = s.After(a)
	}
	return steps
}
