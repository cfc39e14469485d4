package scenarios_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail/inbox"
)

// "Automatic Archiving of Accounts" and "Terminating a User Account" of the guide of the authorities (N9 to N15), with the clock
// moved over years.

// life is an installation whose sweep runs every night, and a diary of who was mailed what on which day.
type life struct {
	*organisation
	since int // the year that days are told from
	read  int // how many mails were looked at
	diary []string
	// helper is who is named in mails as the one to ask.
	helper string
}

// london is where the authority's days begin.
var london = func() *time.Location {
	in, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return in
}()

// liveFrom begins on a day of the next year, such as "01-15", at ten o'clock.
func liveFrom(s *apptest.Stack, day string) *life {
	l := &life{organisation: &organisation{Stack: s}, helper: "Ada First", since: s.Clock.Now().In(london).Year() + 1}
	olive := s.Operator.Call("GET", "/me", nil).Want(200).Text("username")
	s.Clock.Advance(l.at("0-" + day + " 10:00").Sub(s.Clock.Now()))
	s.Operator.SignIn(platform, olive, chosenPassword).Want(200)
	return l
}

// open is the authority that the diary is about. What came to people while it was set up is another test's.
func (l *life) open(t *testing.T, slug string) {
	t.Helper()
	l.organisation = openOrganisation(t, l.Stack, slug, "Melchester Borough Council", "authority-analytics", nil)
}

// at is a moment such as "1-04-15 10:00": in the year after the first one, by London's clocks.
func (l *life) at(text string) time.Time {
	year, rest, _ := strings.Cut(text, "-")
	at, err := time.ParseInLocation("2006-01-02 15:04", fmt.Sprintf("%d-%s", l.since+int(year[0]-'0'), rest), london)
	if err != nil {
		panic(err)
	}
	return at
}

func (l *life) today() string {
	now := l.Clock.Now().In(london)
	return fmt.Sprintf("%d-%s", now.Year()-l.since, now.Format("01-02"))
}

// to lets days pass until ten o'clock of one of them, or another time of it. The sweep runs every night at a quarter past
// two; on the emulators, those nights are left out on which nothing is due.
func (l *life) to(t *testing.T, day string) {
	t.Helper()
	if !strings.Contains(day, " ") {
		day += " 10:00"
	}
	end := l.at(day)
	for night := l.nextNight(t); !night.After(end); night = l.nextNight(t) {
		l.Clock.Advance(night.Sub(l.Clock.Now()))
		l.sweep(t)
	}
	l.Clock.Advance(end.Sub(l.Clock.Now()))
}

// sweep runs the sweep, which must do what a dry run says just before.
func (l *life) sweep(t *testing.T) directory.Swept {
	t.Helper()
	would, err := l.DrySweep(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done, err := l.Sweep(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if would != done && !would.More { // or another policy has to reach everybody first
		t.Errorf("on %s it would have done %+v, and did %+v", l.today(), would, done)
	}
	if done.Looked > 0 {
		l.note(t)
	}
	return done
}

func (l *life) nextNight(t *testing.T) time.Time {
	t.Helper()
	from := l.Clock.Now()
	if _, emulated := l.Inbox.(*inbox.RemoteBox); emulated {
		if due := l.firstDue(t); due.After(from) {
			from = due.Add(-time.Nanosecond)
		}
	}
	from = from.In(london)
	night := time.Date(from.Year(), from.Month(), from.Day(), 2, 15, 0, 0, london)
	if !night.After(from) {
		night = time.Date(from.Year(), from.Month(), from.Day()+1, 2, 15, 0, 0, london)
	}
	return night
}

// firstDue is when something is next due to anybody.
func (l *life) firstDue(t *testing.T) time.Time {
	t.Helper()
	first := l.Clock.Now().AddDate(10, 0, 0)
	for part := range directory.DueParts {
		users, _, err := l.Store.Due(t.Context(), first, part, 1, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range users {
			first = u.DueAt
		}
	}
	return first
}

// kinds are the mails of an account's life, by what their subjects say.
var kinds = []struct{ words, kind string }{
	{"Last reminder", "last warning"},
	{"An administrator's account", "administrator at risk"},
	{"Soon nobody", "last administrator at risk"},
	{"Nobody signs in", "administrator kept"},
	{"has stopped at its limit", "purge held"},
	{"has been archived", "archived"},
	{"has been restored", "restored"},
	{"has been reinstated", "reinstated"},
	{"will be archived on", "warning"},
	{"password has been changed", "password changed"},
	{"account at", "welcome"},
}

func kindOf(m inbox.Received) string {
	for _, k := range kinds {
		if strings.Contains(m.Subject, k.words) {
			return k.kind
		}
	}
	return m.Subject
}

// note writes down the mails since the last look, by who got them.
func (l *life) note(t *testing.T) {
	t.Helper()
	mails := l.Mails(t)
	var lines []string
	for _, m := range mails[l.read:] {
		who, _, _ := strings.Cut(m.To, "@")
		lines = append(lines, l.today()+" "+who+": "+kindOf(m))
		l.checkWords(t, m)
	}
	slices.Sort(lines)
	l.diary, l.read = append(l.diary, lines...), len(mails)
}

// checkWords: "all warning and notification emails will include information on who to contact within the LA".
func (l *life) checkWords(t *testing.T, m inbox.Received) {
	t.Helper()
	switch kindOf(m) {
	case "warning", "last warning", "archived", "restored", "reinstated":
		if !strings.Contains(m.Text, l.helper) || !strings.Contains(m.Text, "@"+l.slug+".example") || !strings.Contains(m.HTML, l.helper) {
			t.Errorf("whom to ask is not in\n%s\n%s", m.Subject, m.Text)
		}
	}
}

// told are the mails to somebody with these words in the subject, the oldest first.
func (l *life) told(t *testing.T, who, words string) []inbox.Received {
	t.Helper()
	return slices.DeleteFunc(l.Mails(t), func(m inbox.Received) bool {
		return !strings.HasPrefix(m.To, who+"@") || !strings.Contains(m.Subject, words)
	})
}

// forget begins the diary anew.
func (l *life) forget(t *testing.T) {
	t.Helper()
	l.note(t)
	l.diary = nil
}

func (l *life) wantDiary(t *testing.T, want ...string) {
	t.Helper()
	l.note(t)
	if diff := cmp.Diff(want, l.diary); diff != "" {
		t.Errorf("the mails are other ones (-want +got):\n%s", diff)
	}
}

// miss lets days pass without a sweep, which then runs.
func (l *life) miss(t *testing.T, day string) {
	t.Helper()
	l.Clock.Advance(l.at(day + " 10:00").Sub(l.Clock.Now()))
	l.sweep(t)
}

// adaDoes has the administrator sign in and do something.
func (l *life) adaDoes(t *testing.T, what func(ada *person)) {
	t.Helper()
	what(l.enter(t, l.first))
	l.note(t)
}

func TestTheLifeOfAccountsOverFourYears(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "01-15")
		l.open(t, "melchester-life")
		bea := l.join(t, "Bea", "Baker", roles("administrator"))
		ned := l.add("Ned", "Never", roles("adviser"))
		sid, rita := l.join(t, "Sid", "Signsin", roles("adviser")), l.join(t, "Rita", "Restored", roles("adviser"))
		hans, dora := l.join(t, "Hans", "Hand", roles("adviser")), l.join(t, "Dora", "Deleted", roles("adviser"))
		enid := l.join(t, "Enid", "Ending", object{"roles": []string{"consultant"}, "endsAt": l.at("0-08-31 23:59")})
		sue, rex := l.join(t, "Sue", "Suspended", roles("adviser")), l.join(t, "Rex", "Reinstated", roles("adviser"))
		l.forget(t)

		l.to(t, "0-02-01")
		l.adaDoes(t, func(ada *person) { ada.take(sue.id, "suspend").Want(200) })
		l.to(t, "0-03-01")
		l.adaDoes(t, func(ada *person) { ada.take(rex.id, "suspend").Want(200) })
		l.to(t, "0-05-01")
		l.adaDoes(t, func(ada *person) { ada.Call("DELETE", "/users/"+dora.id, nil).Want(204) })
		l.to(t, "0-06-10")
		l.adaDoes(t, func(ada *person) { ada.take(hans.id, "archive").Want(200) })
		l.to(t, "0-07-09")
		l.adaDoes(t, func(ada *person) { ada.Call("GET", "/users/"+hans.id, nil).Want(200) })
		l.to(t, "0-07-10")
		l.adaDoes(t, func(ada *person) { ada.Call("GET", "/users/"+hans.id, nil).WantProblem(404, "not_found") })
		l.to(t, "0-09-30")
		l.adaDoes(t, func(ada *person) { ada.Call("GET", "/users/"+enid.id, nil).Want(200) })
		l.to(t, "0-10-01")
		l.adaDoes(t, func(ada *person) { ada.Call("GET", "/users/"+enid.id, nil).WantProblem(404, "not_found") })
		l.to(t, "1-05-20")
		l.enter(t, sid)
		l.to(t, "1-07-14")
		l.adaDoes(t, func(ada *person) { ada.wantList(t, l.organisation, "status=archived") })
		l.to(t, "1-07-16")
		l.archivedAreLocked(t, bea, rita, sid)
		l.to(t, "1-09-01")
		l.adaDoes(t, func(ada *person) { ada.take(rita.id, "restore").Want(200) })
		l.to(t, "2-01-10")
		l.adaDoes(t, func(ada *person) { ada.take(rex.id, "reinstate").Want(200) })
		l.to(t, "3-01-14")
		l.adaDoes(t, func(ada *person) {
			ada.Call("GET", "/users/"+bea.id, nil).Want(200)
			l.chosenName(ada, bea.username).WantProblem(409, "username_taken")
		})
		l.to(t, "3-01-15")
		l.adaDoes(t, func(ada *person) {
			ada.Call("GET", "/users/"+bea.id, nil).WantProblem(404, "not_found")
			ada.Call("GET", "/users/"+ned.id, nil).WantProblem(404, "not_found")
			l.chosenName(ada, strings.ToUpper(bea.username)).Want(201)
		})
		l.to(t, "4-01-15")
		l.adaDoes(t, func(ada *person) {
			ada.wantList(t, l.organisation, "", "Ada First", "Zoe New", "Sue Suspended")
			ada.wantList(t, l.organisation, "status=archived", "Rita Restored", "Sid Signsin")
		})
		l.wantDiary(t,
			"0-06-10 hans: archived",
			"0-09-01 enid: archived",
			"1-04-15 bea: warning", "1-04-15 ned: warning", "1-04-15 rita: warning", "1-04-15 sid: warning",
			"1-05-15 bea: warning", "1-05-15 ned: warning", "1-05-15 rita: warning", "1-05-15 sid: warning",
			"1-06-15 ada: administrator at risk", "1-06-15 bea: last warning", "1-06-15 ned: last warning", "1-06-15 rita: last warning",
			"1-07-15 bea: archived", "1-07-15 ned: archived", "1-07-15 rita: archived",
			"1-09-01 rita: restored",
			"2-01-10 rex: reinstated",
			"2-01-17 rex: warning", "2-01-31 rex: warning", "2-02-14 rex: last warning", "2-02-28 rex: archived", // with days between
			"2-10-16 sid: warning", "2-11-16 sid: warning", // he was there on 1-07-16
			"2-12-01 rita: warning", // the clock began anew
			"2-12-16 sid: last warning",
			"3-01-01 rita: warning",
			"3-01-15 zoe: welcome",
			"3-01-16 sid: archived",
			"3-02-01 rita: last warning", "3-03-01 rita: archived",
		)
	})
}

// chosenName adds a user by a username that is chosen.
func (l *life) chosenName(ada *person, username string) apptest.Answer {
	ada.set(object{"usernames": object{"chosen": true}}).Want(200)
	return ada.Call("POST", "/users", l.newUser("Zoe", "New", object{"username": username, "roles": []string{"adviser"}}))
}

// archivedAreLocked: "all archived accounts are locked until an LA Admin user restores the account from the Archived Users page".
func (l *life) archivedAreLocked(t *testing.T, bea, rita, other *person) {
	t.Helper()
	wantNamed(t, l.Browser(t).SignIn(l.slug, rita.username, rita.password).WantProblem(403, "archived"), "contacts", "Ada First")
	l.enter(t, other).take(rita.id, "restore").WantProblem(403, "missing_right")
	l.adaDoes(t, func(ada *person) {
		ada.wantList(t, l.organisation, "status=archived", "Bea Baker", "Ned Never", "Rita Restored")
		ada.wantList(t, l.organisation, "", "Ada First", "Rex Reinstated", "Sid Signsin", "Sue Suspended")
		ada.wantList(t, l.organisation, "q=rita")
		ada.wantList(t, l.organisation, "q=rita&status=archived", "Rita Restored")
		ada.wantList(t, l.organisation, "role=administrator", "Ada First")
		ada.wantList(t, l.organisation, "inactiveMonths=12", "Rex Reinstated", "Sue Suspended")
		if u := ada.Call("GET", "/users/"+bea.id, nil).Want(200); u.Text("archiveCause") != "inactivity" ||
			u.At("dueAt") == nil || u.Text("dueStep") != "purge" {
			t.Errorf("%s", u.Body)
		}
	})
}
