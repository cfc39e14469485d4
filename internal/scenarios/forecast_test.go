package scenarios_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/lifecycle"
)

// "What the sweep will do in the next 12 months, as a list and as a chart, before it does it" (X3).

type forecast struct {
	Months []struct {
		Month                string
		Warn, Archive, Purge int
	}
	Items []struct {
		ID, Kind, Cause string
		Number          int
		At              time.Time
	}
	Partial bool
}

func (p *person) forecast(query string) forecast {
	var f forecast
	p.Call("GET", "/forecast"+query, nil).Want(200).Into(&f)
	return f
}

// age makes somebody's record what it would be after other years. Nobody has to live them for that.
func (l *life) age(t *testing.T, id string, change func(*directory.User)) {
	t.Helper()
	o, err := l.Store.Organisation(t.Context(), directory.Slug(l.slug))
	if err != nil {
		t.Fatal(err)
	}
	u, err := l.Store.User(t.Context(), o.Slug, directory.UserID(id))
	if err != nil {
		t.Fatal(err)
	}
	change(&u)
	l.commit(t, o.Put(u))
}

// lastSeen has somebody's last sign-in be a while ago.
func lastSeen(at time.Time) func(*directory.User) {
	return func(u *directory.User) { u.CreatedAt, u.LastSignInAt = at, at }
}

// staff is an authority with people in every stage of an account's life.
func (l *life) staff(t *testing.T) {
	t.Helper()
	l.open(t, "melchester-ahead-of")
	ada := l.first
	l.age(t, l.add("Bea", "Baker", roles("administrator")).id, lastSeen(l.Clock.Now().AddDate(0, -1, 0))) // so it is Ada who is kept
	for i := range 12 {                                                                                   // away for 1 to 17 months, on different days
		p := l.add(fmt.Sprintf("I%d", i), "Idle", roles("adviser"))
		seen := l.Clock.Now().AddDate(0, -1-3*i/2, -2*i)
		l.age(t, p.id, lastSeen(seen))
	}
	warned := l.add("Wes", "Warned", roles("adviser"))
	l.age(t, warned.id, func(u *directory.User) {
		lastSeen(l.Clock.Now().AddDate(0, -17, -10))(u)
		u.Warnings, u.WarnedAt = 2, l.Clock.Now().AddDate(0, 0, -9)
	})
	for i, cause := range []lifecycle.Cause{lifecycle.ByHand, lifecycle.Inactivity, lifecycle.EndDate} {
		p := l.add(fmt.Sprintf("A%d", i), "Archived", roles("adviser"))
		ada.take(p.id, "archive").Want(200)
		l.age(t, p.id, func(u *directory.User) {
			u.ArchiveCause, u.StatusSince = cause, l.Clock.Now().AddDate(0, -5*i%6, -11)
		})
	}
	for i, ends := range []string{"0-01-31 23:59", "0-04-15 10:00", "0-12-31 17:00", "1-08-31 23:59"} {
		p := l.add(fmt.Sprintf("E%d", i), "Ending", object{"roles": []string{"consultant"}, "endsAt": l.at(ends)})
		if i == 1 {
			ada.take(p.id, "suspend").Want(200)
		}
	}
	ada.take(l.add("Sue", "Suspended", roles("adviser")).id, "suspend").Want(200)
	rex := l.add("Rex", "Reinstated", roles("adviser"))
	l.age(t, rex.id, lastSeen(l.Clock.Now().AddDate(-2, 0, 0)))
	ada.take(rex.id, "suspend").Want(200)
	ada.take(rex.id, "reinstate").Want(200)
	rita := l.add("Rita", "Restored", roles("adviser"))
	l.age(t, rita.id, lastSeen(l.Clock.Now().AddDate(-2, 0, 0)))
	ada.take(rita.id, "archive").Want(200)
	ada.take(rita.id, "restore").Want(200)
	l.add("Ned", "Never", roles("adviser"))
}

// What the forecast says comes to pass, to the day and to the person, also over three years in which the last administrator
// but one is archived and the last one kept.
func TestTheForecastComesTrue(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "01-15")
		l.helper = ""
		l.staff(t)
		l.sweep(t) // so that nothing is overdue
		ahead, year := l.first.forecast("?months=36"), l.first.forecast("")
		if len(ahead.Months) != 36 || len(year.Months) != 12 || ahead.Partial || !slices.Equal(ahead.Months[:12], year.Months) {
			t.Errorf("%+v\n%+v", ahead.Months, year.Months)
		}
		if want := l.Clock.Now().Format("2006-01"); ahead.Months[0].Month != want {
			t.Errorf("it begins in %s, want %s", ahead.Months[0].Month, want)
		}
		began := l.Clock.Now()
		l.to(t, "2-12-31")
		said, did := ahead.lines(nil), l.didSince(t, began)
		if len(did) < 40 {
			t.Errorf("only %d steps were taken", len(did))
		}
		if diff := cmp.Diff(said, did); diff != "" {
			t.Errorf("other steps were taken (-said +did):\n%s", diff)
		}
		if diff := cmp.Diff(ahead.perMonth(), monthly(did)); diff != "" {
			t.Errorf("the months are counted otherwise (-said +did):\n%s", diff)
		}
	})
}

// lines are the steps as text, sorted: day, kind, whose.
func (f forecast) lines(lines []string) []string {
	for _, i := range f.Items {
		lines = append(lines, i.At.In(london).Format(time.DateOnly)+" "+i.Kind+" "+i.ID)
	}
	slices.Sort(lines)
	return lines
}

// perMonth counts kinds by month.
func (f forecast) perMonth() map[string]int {
	count := map[string]int{}
	for _, m := range f.Months {
		for kind, n := range map[string]int{"warn": m.Warn, "archive": m.Archive, "purge": m.Purge} {
			if n > 0 {
				count[m.Month+" "+kind] = n
			}
		}
	}
	return count
}

func monthly(lines []string) map[string]int {
	count := map[string]int{}
	for _, line := range lines {
		var day, kind, id string
		_, _ = fmt.Sscan(line, &day, &kind, &id)
		count[day[:7]+" "+kind]++
	}
	return count
}

// didSince reads in the trail what sweeps did.
func (l *life) didSince(t *testing.T, began time.Time) []string {
	t.Helper()
	kinds := map[directory.Action]string{directory.UserWarned: "warn", directory.UserArchived: "archive", directory.UserPurged: "purge"}
	var lines []string
	q := directory.TrailQuery{Org: directory.Slug(l.slug), From: began.Add(time.Second), Limit: 200}
	for {
		page, err := l.Store.Trail(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			if kinds[e.Action] != "" {
				lines = append(lines, e.At.In(london).Format(time.DateOnly)+" "+kinds[e.Action]+" "+string(e.Subject.User))
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			slices.Sort(lines)
			return lines
		}
	}
}

func TestWhoMaySeeTheForecast(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "01-15")
		next := openOrganisation(t, s, "borsetshire-ahead", "Borsetshire", "authority-analytics", nil)
		l.open(t, "melchester-view")
		idle := l.add("Ida", "Idle", roles("adviser"))
		l.age(t, idle.id, lastSeen(l.Clock.Now().AddDate(0, -14, 0)))
		connie, adam := l.join(t, "Connie", "Consultant", roles("consultant")), l.join(t, "Adam", "Adviser", roles("adviser"))
		connie.Call("GET", "/forecast", nil).WantProblem(403, "missing_right")
		if f := adam.forecast("?months=6"); len(f.Items) != 4 || f.Items[0].ID != idle.id || f.Items[0].Number != 1 { // three warnings and the archive
			t.Errorf("%+v", f)
		}
		if f := next.first.forecast("?months=6"); len(f.Items) != 0 {
			t.Errorf("another organisation sees %+v", f.Items)
		}
		for _, months := range []string{"0", "-1", "37", "x", "1.5"} {
			adam.Call("GET", "/forecast?months="+months, nil).Want(422)
		}
		for _, months := range []int{1, 36} {
			if f := adam.forecast(fmt.Sprintf("?months=%d", months)); len(f.Months) != months {
				t.Errorf("%d months are %d", months, len(f.Months))
			}
		}
	})
}
