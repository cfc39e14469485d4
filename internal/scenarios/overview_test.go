package scenarios_test

import (
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
)

// What an administrator sees first: how the organisation stands, and what needs attention.

type overview struct {
	Active, Earlier, Never int
	Months                 []struct {
		Month string
		Users int
	}
	Days []struct {
		Day               string
		SignIns, Failures int
		Partial           bool
	}
	Attention struct {
		Administrators, AdministratorsAdvised, Undeliverable, Suspended, ArchiveSoon, ArchiveIdle int
		Locked                                                                                    []struct{ ID, Username, Name string }
	}
	ArchiveMonths int
	Partial       bool
}

func (p *person) overview() overview {
	var v overview
	p.Call("GET", "/overview", nil).Want(200).Into(&v)
	return v
}

func TestTheOverviewCountsWhatThereIs(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "03-15")
		l.helper = ""
		l.open(t, "melchester-overview")
		l.add("Ned", "Never", roles("adviser"))
		l.age(t, l.add("Eve", "Earlier", roles("adviser")).id, lastSeen(l.Clock.Now().AddDate(0, -14, 0)))
		l.age(t, l.add("Jan", "January", roles("adviser")).id, lastSeen(l.at("0-01-31 23:30")))
		l.age(t, l.add("Ida", "Idle", roles("adviser")).id, func(u *directory.User) {
			lastSeen(l.Clock.Now().AddDate(0, -17, -20))(u)
			u.Warnings, u.WarnedAt = 3, l.Clock.Now().AddDate(0, 0, -20)
			u.Undeliverable = &directory.Undeliverable{Since: l.Clock.Now(), Reason: "bounce"}
		})
		l.add("Ena", "Ending", object{"roles": []string{"consultant"}, "endsAt": l.Clock.Now().AddDate(0, 0, 10).UTC()})
		l.add("Lena", "Later", object{"roles": []string{"consultant"}, "endsAt": l.Clock.Now().AddDate(0, 0, 50).UTC()})
		l.first.take(l.add("Sue", "Suspended", roles("adviser")).id, "suspend").Want(200)
		l.first.take(l.add("Arc", "Archived", roles("adviser")).id, "archive").Want(200)
		locked, unlocked := l.join(t, "Lou", "Locked", roles("adviser")), l.add("Una", "Unlocked", roles("adviser"))
		l.guess(l.Browser(t), locked.username, authorityThreshold)
		l.guess(l.Browser(t), unlocked.username, authorityThreshold)
		l.guess(l.Browser(t), "nobody", 1)
		l.first.take(unlocked.id, "unlock").Want(200)

		v := l.first.overview()
		if v.Active != 9 || v.Never != 5 || v.Earlier != 2 || v.Partial || v.ArchiveMonths != 18 {
			t.Errorf("%+v", v)
		}
		if len(v.Months) != 12 || v.Months[0].Month != l.at("0-03-15 10:00").AddDate(-1, 1, 0).Format("2006-01") ||
			v.Months[11].Users != 2 || v.Months[9].Users != 1 { // Ada and Lou, and Jan, in January by London's clocks
			t.Errorf("by month: %+v", v.Months)
		}
		today := v.Days[len(v.Days)-1]
		if len(v.Days) != 30 || today.Day != l.at("0-03-15 10:00").Format(time.DateOnly) || today.SignIns != 2 ||
			today.Failures != 2*authorityThreshold+1 || today.Partial || v.Days[28].SignIns != 0 {
			t.Errorf("by day: %+v", v.Days)
		}
		a := v.Attention
		if a.Administrators != 1 || a.AdministratorsAdvised != 3 || a.Undeliverable != 1 || a.Suspended != 1 || a.ArchiveSoon != 2 || a.ArchiveIdle != 1 {
			t.Errorf("%+v", a)
		}
		if len(a.Locked) != 1 || a.Locked[0].ID != locked.id || a.Locked[0].Name != "Lou Locked" || a.Locked[0].Username != locked.username {
			t.Errorf("locked are %+v", a.Locked)
		}
		l.Clock.Advance(40 * 24 * time.Hour)
		later := l.enter(t, l.first).overview()
		if got := later.Days[len(later.Days)-1]; got.SignIns != 1 || got.Failures != 0 || len(later.Attention.Locked) != 0 {
			t.Errorf("forty days later: %+v, %+v", got, later.Attention)
		}
	})
}

func TestWhoMaySeeTheOverview(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openOrganisation(t, s, "melchester-oversee", "Melchester", "authority-analytics", nil)
		next := openOrganisation(t, s, "borsetshire-oversee", "Borsetshire", "authority-analytics", nil)
		o.join(t, "Connie", "Consultant", roles("consultant")).Call("GET", "/overview", nil).WantProblem(403, "missing_right")
		if v := o.join(t, "Adam", "Adviser", roles("adviser")).overview(); v.Active != 3 {
			t.Errorf("%+v", v)
		}
		if v := next.first.overview(); v.Active != 1 || v.Days[29].SignIns != 1 {
			t.Errorf("another organisation sees %+v", v)
		}
		if v := (&person{Browser: openPortal(t, s).jane}).overview(); v.Attention.AdministratorsAdvised != 0 || v.Attention.Administrators != 1 {
			t.Errorf("a school whose administrators the platform adds is told %+v", v.Attention)
		}
	})
}

type stepCounts struct{ Warn, Archive, Purge int }

type effects struct {
	Users, NewPassword, SecondFactor, Agreement, OtherWay, ShorterSessions int
	NextSweep, Year                                                        struct{ Now, Then stepCounts }
	Partial                                                                bool
}

// would asks what a change of the settings would do.
func (p *person) would(t *testing.T, change func(policy object)) effects {
	t.Helper()
	settings := p.Call("GET", "/settings", nil).Want(200)
	policy, _ := settings.At("policy").(object)
	change(policy)
	var answer struct {
		Effects effects
		Version float64
	}
	p.Call("PUT", "/settings?dryRun=true", object{"policy": policy}, "If-Match", settings.Header.Get("ETag")).Want(200).Into(&answer)
	after := p.Call("GET", "/settings", nil).Want(200)
	if answer.Version != after.At("version") || after.Header.Get("ETag") != settings.Header.Get("ETag") {
		t.Errorf("the dry run changed the settings: %s", after.Body)
	}
	return answer.Effects
}

// shorter has accounts archived after half a year.
func shorter(policy object) {
	l, _ := policy["lifecycle"].(object)
	l["warnMonths"], l["archiveMonths"], l["warningGapDays"], l["purgeMonths"] = []int{3, 4}, 6, 7, 2
}

func TestWhatADryRunOfSettingsSaysComesToPass(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "01-15")
		l.helper = ""
		l.staff(t)
		l.sweep(t)
		began := l.Clock.Now()
		would := l.first.would(t, shorter)
		if would.Users < 20 || would.Partial || would.NextSweep.Now == would.NextSweep.Then || would.Year.Then.Archive <= would.Year.Now.Archive {
			t.Errorf("%+v", would)
		}
		same := l.first.would(t, func(object) {})
		if same.Year.Now != same.Year.Then || same.Year.Now != would.Year.Now {
			t.Errorf("without a change %+v", same.Year)
		}
		l.settings(t, shorter).Want(200)
		l.Clock.Advance(time.Minute)
		l.sweep(t) // which works out anew what is due to whom
		l.to(t, "0-01-16")
		if diff := cmp.Diff(would.NextSweep.Then, stepsSince(t, l, began)); diff != "" {
			t.Errorf("the next sweep did other things (-said +did):\n%s", diff)
		}
		l.to(t, "1-01-15")
		if diff := cmp.Diff(would.Year.Then, stepsSince(t, l, began)); diff != "" {
			t.Errorf("the year brought other things (-said +did):\n%s", diff)
		}
	})
}

func stepsSince(t *testing.T, l *life, began time.Time) stepCounts {
	t.Helper()
	var n stepCounts
	for line, times := range monthly(l.didSince(t, began)) {
		switch line[len("2026-01 "):] {
		case "warn":
			n.Warn += times
		case "archive":
			n.Archive += times
		case "purge":
			n.Purge += times
		}
	}
	return n
}

func TestADryRunOfSettingsCountsWhomTheyConcern(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "03-01")
		l.open(t, "melchester-dry")
		old := l.join(t, "Olga", "Old", roles("adviser"))
		l.age(t, old.id, func(u *directory.User) { u.PasswordSetAt = l.Clock.Now().AddDate(0, 0, -100) })
		nora, own := l.join(t, "Nora", "New", roles("adviser")), l.join(t, "Otto", "Own", roles("adviser"))
		l.age(t, own.id, func(u *directory.User) { u.IdleMinutes = 10 })
		l.setUpApp(t, nora)
		l.first.take(l.add("Sue", "Suspended", roles("adviser")).id, "suspend").Want(200)
		group := func(name string, members object) func(object) {
			return func(policy object) {
				maps.Copy(policy[name].(object), members) //nolint:forcetypeassert // or the test fails
			}
		}
		for name, c := range map[string]struct {
			change func(object)
			got    func(effects) int
			want   int
		}{
			"old passwords":        {group("passwords", object{"maxAgeDays": 90}), func(e effects) int { return e.NewPassword }, 1},
			"nobody's password":    {group("passwords", object{"maxAgeDays": 120}), func(e effects) int { return e.NewPassword }, 0},
			"no second factor yet": {group("signIn", object{"secondFactor": "everybody"}), func(e effects) int { return e.SecondFactor }, 3},
			"administrators":       {group("signIn", object{"secondFactor": "administrators"}), func(e effects) int { return e.SecondFactor }, 1},
			"shorter idling":       {group("sessions", object{"idleMinutes": 15}), func(e effects) int { return e.ShorterSessions }, 3},
			"shorter days":         {group("sessions", object{"absoluteHours": 1}), func(e effects) int { return e.ShorterSessions }, 4},
			"no passkeys":          {group("signIn", object{"methods": []string{"password"}}), func(e effects) int { return e.OtherWay }, 0},
		} {
			if got := c.got(l.first.would(t, c.change)); got != c.want {
				t.Errorf("%s: %d, want %d", name, got, c.want)
			}
		}
		jane := &person{Browser: openPortal(t, s).jane}
		if e := jane.would(t, group("agreement", object{"when": "eachSignIn"})); e.Agreement != 1 {
			t.Errorf("at each sign-in %d are asked to agree, want 1", e.Agreement)
		}
		// What could not be saved cannot be tried either.
		settings := l.first.Call("GET", "/settings", nil).Want(200)
		policy, _ := settings.At("policy").(object)
		l.first.Call("PUT", "/settings?dryRun=true", object{"policy": policy}, "If-Match", `"2"`).WantProblem(412, "stale_version")
		group("sessions", object{"idleMinutes": 1})(policy)
		l.first.Call("PUT", "/settings?dryRun=true", object{"policy": policy}).WantProblem(422, "invalid").WantField("body.policy.sessions.idleMinutes")
		old.Call("PUT", "/settings?dryRun=true", object{"policy": policy}).WantProblem(403, "missing_right")
	})
}
