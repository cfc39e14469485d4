package lifecycle_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the test's places, wherever it runs

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/lifecycle"
)

// nexus is the policy of guide 002.
var nexus = lifecycle.Rules{
	WarnMonths: []int{15, 16, 17}, ArchiveMonths: 18, WarningGapDays: 14, KeepDays: 30, PurgeMonths: 18, GraceDays: 7,
	PurgeCap: 1, TimeZone: "UTC",
}

func place(tb testing.TB, name string) *time.Location {
	tb.Helper()
	in, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return in
}

func at(text string) time.Time {
	for _, form := range []string{time.DateOnly, "2006-01-02 15:04", time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil {
			return t
		}
	}
	panic("no time: " + text)
}

func TestMonthsAreCalendarMonths(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		from   string
		months int
		want   string
		why    string
	}{
		{"2024-08-31", 18, "2026-02-28", "February is shorter"},
		{"2024-08-31", 6, "2025-02-28", "and no leap year"},
		{"2023-08-31", 6, "2024-02-29", "a leap year"},
		{"2024-02-29", 12, "2025-02-28", "a leap day has no anniversary"},
		{"2024-02-29", 48, "2028-02-29", "but every fourth year"},
		{"2026-11-30", 3, "2027-02-28", ""},
		{"2026-12-31", 1, "2027-01-31", "over the new year"},
		{"2026-01-15", 15, "2027-04-15", ""},
		{"2026-05-31", 1, "2026-06-30", ""},
	} {
		if got := lifecycle.AddMonths(at(row.from), row.months).Format(time.DateOnly); got != row.want {
			t.Errorf("%d months after %s is %s, want %s %s", row.months, row.from, got, row.want, row.why)
		}
	}
}

func TestDaysBeginWhereTheOrganisationIs(t *testing.T) {
	t.Parallel()
	london, apia, cairo := place(t, "Europe/London"), place(t, "Pacific/Apia"), place(t, "Africa/Cairo")
	for _, row := range []struct {
		from   time.Time
		months int
		want   string
		why    string
	}{
		{at("2026-07-31T23:30:00Z").In(london), 1, "2026-08-31T23:00:00Z", "it is 1 August in London already, so 1 September begins there"},
		{at("2026-09-29T12:00:00Z").In(london), 1, "2026-10-29T00:00:00Z", "the clocks went back on the 25th"},
		{at("2026-09-30T12:00:00Z").In(london), 6, "2027-03-29T23:00:00Z", "and forward on 28 March"},
		{at("2011-11-30T12:00:00Z").In(apia), 1, "2011-12-29T10:00:00Z", "Samoa had no 30 December 2011: the clocks went on by a day"},
		{at("2025-03-25T12:00:00Z").In(cairo), 1, "2025-04-24T22:00:00Z", "Egypt's clocks go on at midnight: the day begins at one o'clock"},
	} {
		got := lifecycle.AddMonths(row.from, row.months)
		if row.why[:5] == "Samoa" {
			if got.IsZero() || got.After(at("2011-12-31T12:00:00Z")) {
				t.Errorf("%v: %s", got, row.why)
			}
			continue
		}
		if got.UTC().Format(time.RFC3339) != row.want {
			t.Errorf("%d months after %v is %v, want %s: %s", row.months, row.from, got.UTC(), row.want, row.why)
		}
	}
}

func TestTheStagesOfTheGuide(t *testing.T) {
	t.Parallel()
	a := lifecycle.Account{Stage: lifecycle.InUse, ActiveAt: at("2024-08-31 10:00")}
	steps := lifecycle.Ahead(a, nexus, time.UTC, a.ActiveAt, at("2030-01-01"))
	want := []lifecycle.Step{
		{Kind: lifecycle.Warn, Number: 1, At: at("2025-11-30")},
		{Kind: lifecycle.Warn, Number: 2, At: at("2025-12-31")},
		{Kind: lifecycle.Warn, Number: 3, At: at("2026-01-31")},
		{Kind: lifecycle.Archive, Cause: lifecycle.Inactivity, At: at("2026-02-28")},
		{Kind: lifecycle.Purge, At: at("2027-08-28")},
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Error(diff)
	}
}

func TestOtherSteps(t *testing.T) {
	t.Parallel()
	none := lifecycle.Step{}
	archived := func(c lifecycle.Cause) lifecycle.Account {
		return lifecycle.Account{Stage: lifecycle.Archived, ArchivedAt: at("2026-01-31 15:00"), Cause: c}
	}
	for name, row := range map[string]struct {
		account lifecycle.Account
		policy  lifecycle.Rules
		want    lifecycle.Step
	}{
		"archived by hand: 30 days":  {archived(lifecycle.ByHand), nexus, lifecycle.Step{Kind: lifecycle.Purge, At: at("2026-03-02")}},
		"end date came: 30 days too": {archived(lifecycle.EndDate), nexus, lifecycle.Step{Kind: lifecycle.Purge, At: at("2026-03-02")}},
		"kept for good":              {archived(lifecycle.ByHand), lifecycle.Rules{PurgeMonths: 1}, none},
		"inactive, kept for good":    {archived(lifecycle.Inactivity), lifecycle.Rules{KeepDays: 1}, none},
		"suspended, until the end date": {
			lifecycle.Account{Stage: lifecycle.LeftOut, EndsAt: at("2026-08-31 22:59")},
			nexus,
			lifecycle.Step{Kind: lifecycle.Archive, Cause: lifecycle.EndDate, At: at("2026-08-31 22:59")},
		},
		"suspended: nothing":          {lifecycle.Account{Stage: lifecycle.LeftOut, ActiveAt: at("2000-01-01")}, nexus, none},
		"no policy: nothing":          {lifecycle.Account{Stage: lifecycle.InUse, ActiveAt: at("2000-01-01")}, lifecycle.Rules{}, none},
		"warnings without an archive": {lifecycle.Account{Stage: lifecycle.InUse, ActiveAt: at("2026-01-01"), Warnings: 1}, lifecycle.Rules{WarnMonths: []int{1}}, none},
		"an end date before a warning": {
			lifecycle.Account{Stage: lifecycle.InUse, ActiveAt: at("2026-01-01"), EndsAt: at("2026-07-31 22:00")},
			nexus,
			lifecycle.Step{Kind: lifecycle.Archive, Cause: lifecycle.EndDate, At: at("2026-07-31 22:00")},
		},
		"missed sweeps skip no warning": {
			lifecycle.Account{Stage: lifecycle.InUse, ActiveAt: at("2020-01-01"), Warnings: 1, WarnedAt: at("2026-01-01 09:00")},
			nexus,
			lifecycle.Step{Kind: lifecycle.Warn, Number: 2, At: at("2026-01-15")},
		},
		"nor shorten the last days": {
			lifecycle.Account{Stage: lifecycle.InUse, ActiveAt: at("2020-01-01"), Warnings: 3, WarnedAt: at("2026-01-01 09:00")},
			nexus,
			lifecycle.Step{Kind: lifecycle.Archive, Cause: lifecycle.Inactivity, At: at("2026-01-15")},
		},
		"seven days of grace after a reinstatement": {
			lifecycle.Account{Stage: lifecycle.InUse, ActiveAt: at("2020-01-01"), GraceFrom: at("2026-01-01 23:00")},
			nexus,
			lifecycle.Step{Kind: lifecycle.Warn, Number: 1, At: at("2026-01-08")},
		},
	} {
		got, some := lifecycle.Next(row.account, row.policy, time.UTC)
		if diff := cmp.Diff(row.want, got); diff != "" || some != (row.want != none) {
			t.Errorf("%s: %v\n%s", name, some, diff)
		}
	}
}

// Whatever the policy, the account and the days on which a sweep runs: every warning is given, in order, with the days
// between, before the archive; nothing happens early; and once nothing more is due, nothing happens.
func TestNobodyIsArchivedUnwarnedWheneverTheSweepRuns(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) // the same cases every time
	places := []*time.Location{time.UTC, place(t, "Europe/London"), place(t, "Pacific/Kiritimati"), place(t, "America/Sao_Paulo")}
	for range 2000 {
		p := randomPolicy(random)
		if faults := p.Validate(); len(faults) > 0 {
			t.Fatalf("%+v: %v", p, faults)
		}
		in := places[random.IntN(len(places))]
		start := at("2015-01-01").Add(time.Duration(random.Int64N(int64(4 * 365 * 24 * time.Hour))))
		live(t, random, p, in, lifecycle.Account{Stage: lifecycle.InUse, ActiveAt: start})
	}
}

func randomPolicy(random *rand.Rand) lifecycle.Rules {
	p := lifecycle.Rules{WarningGapDays: 1 + random.IntN(40), KeepDays: random.IntN(60), PurgeMonths: random.IntN(30), GraceDays: random.IntN(10)}.Filled()
	for month := 1 + random.IntN(12); len(p.WarnMonths) < 1+random.IntN(3); month += 1 + random.IntN(3) {
		p.WarnMonths = append(p.WarnMonths, month)
	}
	p.ArchiveMonths = slices.Max(p.WarnMonths) + 1 + random.IntN(3)
	return p
}

// live runs a sweep at odd intervals and looks at what it does.
func live(t *testing.T, random *rand.Rand, p lifecycle.Rules, in *time.Location, a lifecycle.Account) {
	t.Helper()
	now := a.ActiveAt
	for range 3000 {
		now = now.Add(time.Duration(random.Int64N(int64(20 * 24 * time.Hour))))
		s, more := lifecycle.Next(a, p, in)
		if !more {
			return
		}
		if s.At.After(now) {
			continue
		}
		s.At = now // it is carried out now, however long it was due
		check(t, p, in, a, s)
		a = s.After(a)
		if a.Stage == "" {
			return
		}
	}
}

func check(t *testing.T, p lifecycle.Rules, in *time.Location, a lifecycle.Account, s lifecycle.Step) {
	t.Helper()
	switch s.Kind {
	case lifecycle.Warn:
		if s.Number != a.Warnings+1 || s.At.Before(lifecycle.AddMonths(a.ActiveAt.In(in), p.WarnMonths[a.Warnings])) {
			t.Fatalf("%+v of %+v by %+v", s, a, p)
		}
	case lifecycle.Archive:
		if a.Warnings != len(p.WarnMonths) || s.At.Before(lifecycle.AddMonths(a.ActiveAt.In(in), p.ArchiveMonths)) {
			t.Fatalf("archived unwarned or early: %+v of %+v by %+v", s, a, p)
		}
	case lifecycle.Purge:
		if s.At.Before(lifecycle.AddMonths(a.ArchivedAt.In(in), p.PurgeMonths)) {
			t.Fatalf("purged early: %+v of %+v by %+v", s, a, p)
		}
	}
	if a.Warnings > 0 && s.Kind != lifecycle.Purge && s.At.Sub(a.WarnedAt) < time.Duration(p.WarningGapDays-1)*24*time.Hour {
		t.Fatalf("too soon after the warning of %v: %+v by %+v", a.WarnedAt, s, p)
	}
}

func TestPoliciesThatCannotBe(t *testing.T) {
	t.Parallel()
	fields := func(p lifecycle.Rules) []string {
		var names []string
		for _, f := range p.Validate() {
			if f.Message == "" {
				t.Errorf("%s: no message", f.Field)
			}
			names = append(names, f.Field)
		}
		return names
	}
	if got := fields(nexus); got != nil {
		t.Errorf("the guide's policy is refused: %v", got)
	}
	for want, p := range map[string]lifecycle.Rules{
		"archiveMonths":  {ArchiveMonths: 18, WarningGapDays: 14},
		"warnMonths[1]":  {WarnMonths: []int{3, 3}, WarningGapDays: 14},
		"warningGapDays": {},
		"keepDays":       {WarningGapDays: 1, KeepDays: -1},
		"purgeMonths":    {WarningGapDays: 1, PurgeMonths: 121},
		"graceDays":      {WarningGapDays: 1, GraceDays: 91},
		"warnMonths":     {WarningGapDays: 1, WarnMonths: []int{1, 2, 3, 4, 5, 6, 7}},
	} {
		p.PurgeCap, p.TimeZone = 1, "UTC"
		if got := fields(p); !slices.Equal(got, []string{want}) {
			t.Errorf("%+v: faults in %v, want %s", p, got, want)
		}
	}
}

// MonthsBefore says the same as AddMonths, from the other end: who was active before it has been away so many months today.
func TestMonthsBeforeAgreesWithAddMonths(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ now, want, why string }{
		{"2027-02-28", "2026-09-01", "the last days of August have no counterpart: their six months are over with February"},
		{"2027-02-27", "2026-08-28", ""},
		{"2027-03-01", "2026-09-02", ""},
		{"2028-02-28", "2027-08-29", "29 February is yet to come"},
		{"2026-12-31", "2026-07-01", "June is shorter, and all of it is over"},
		{"2026-12-30", "2026-07-01", "here too: 30 June is"},
	} {
		if got := lifecycle.MonthsBefore(at(row.now+" 12:00"), 6).Format(time.DateOnly); got != row.want {
			t.Errorf("six months before %s: %s, want %s %s", row.now, got, row.want, row.why)
		}
	}
	random := rand.New(rand.NewPCG(3, 4))
	for _, in := range []*time.Location{time.UTC, place(t, "Europe/London"), place(t, "Africa/Cairo"), place(t, "Pacific/Kiritimati")} {
		for range 20_000 {
			now := at("2020-01-01").Add(time.Duration(random.Int64N(int64(8 * 365 * 24 * time.Hour)))).In(in)
			months := 1 + random.IntN(40)
			limit := lifecycle.MonthsBefore(now, months)
			for _, active := range []time.Time{limit.Add(-time.Nanosecond), limit, limit.Add(time.Duration(random.Int64N(int64(80*time.Hour))) - 40*time.Hour)} {
				if away := !lifecycle.AddMonths(active.In(in), months).After(now); away != active.Before(limit) {
					t.Fatalf("%v is %d months before %v: %t, and before %v: %t", active, months, now, away, limit, active.Before(limit))
				}
			}
		}
	}
}
