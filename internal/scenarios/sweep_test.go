package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
)

// What a sweep does when it is not a matter of course: for the last administrator, after days on which it did not run, and
// when it deletes more than it should.

// "If there are no other admin accounts within the LA, NCER and Nexus Support will be notified so that they can liaise with
// the LA" (N13). The account is kept, for somebody must have the role.
func TestTheLastAdministratorIsKept(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "01-15")
		l.open(t, "melchester-last")
		l.forget(t)
		l.to(t, "1-08-20")
		l.wantDiary(t,
			"1-04-15 ada: warning", "1-05-15 ada: warning",
			"1-06-15 ada: last warning", "1-06-15 olive: last administrator at risk",
			"1-07-15 olive: administrator kept", "1-07-29 olive: administrator kept", "1-08-12 olive: administrator kept",
		)
		day := fmt.Sprintf("15 July %d", l.since+1)
		for _, m := range l.told(t, "olive", "Melchester")[:2] {
			if !strings.Contains(m.Text, "Ada First") || !strings.Contains(m.Text, day) {
				t.Errorf("whom and when is not in\n%s", m.Text)
			}
		}
		ada := l.enter(t, l.first)
		ada.wantList(t, l.organisation, "", "Ada First")
		l.to(t, "1-10-01")
		l.diary = nil
		l.wantDiary(t) // nothing more: the clock began anew
	})
}

// With two of them, each is told about the other. One is archived, and the other, of whom there is only one then, kept.
func TestOneOfTwoAdministratorsIsKept(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "01-15")
		l.open(t, "melchester-two")
		l.helper = "Baker"
		l.join(t, "Bea", "Baker", roles("administrator"))
		l.forget(t)
		l.to(t, "1-07-14")
		l.wantDiary(t,
			"1-04-15 ada: warning", "1-04-15 bea: warning", "1-05-15 ada: warning", "1-05-15 bea: warning",
			"1-06-15 ada: administrator at risk", "1-06-15 ada: last warning", "1-06-15 bea: administrator at risk", "1-06-15 bea: last warning",
		)
		l.diary, l.helper = nil, ""
		l.to(t, "1-07-16")
		l.note(t)
		archived := "ada"
		if len(l.diary) > 0 && strings.Contains(l.diary[0], "bea") {
			archived = "bea"
		}
		l.wantDiary(t, "1-07-15 "+archived+": archived", "1-07-15 olive: administrator kept")
	})
}

// A sweep that did not run for weeks makes up for it step by step: each warning comes, with the days between.
func TestMissedSweepsSkipNoWarning(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "01-15")
		l.open(t, "melchester-missed")
		l.join(t, "Wes", "Warned", roles("adviser"))
		l.to(t, "0-03-15")
		l.enter(t, l.first)
		l.join(t, "Sam", "Second", roles("adviser"))
		l.join(t, "Ed", "Ending", object{"roles": []string{"adviser"}, "endsAt": l.at("1-08-20 12:00")})
		l.to(t, "0-12-01")
		l.adaDoes(t, func(*person) {})
		l.forget(t)
		l.to(t, "1-04-10")
		l.miss(t, "1-05-25") // 45 days
		l.to(t, "1-08-10")
		l.miss(t, "1-09-20") // 41 days, in which Sam would have been warned for the last time, and archived
		l.to(t, "1-10-10")
		l.miss(t, "3-01-01")
		l.miss(t, "3-09-01") // and nobody is deleted who was not archived long enough
		l.wantDiary(t,
			"1-05-25 wes: warning", "1-06-08 wes: warning",
			"1-06-15 ed: warning", "1-06-15 sam: warning",
			"1-06-22 wes: last warning",
			"1-07-15 ed: warning", "1-07-15 sam: warning",
			"1-07-15 wes: archived",
			"1-09-20 ed: archived", "1-09-20 sam: last warning",
			"1-10-04 sam: archived",
			"3-01-01 ada: warning", "3-09-01 ada: warning",
		)
		if page, err := s.Store.Users(t.Context(), directory.UserQuery{Org: directory.Slug(l.slug), Status: directory.Archived, Limit: 9}); err != nil || len(page.Users) != 0 {
			t.Errorf("the archive still has %v, %v", page.Users, err)
		}
	})
}

// "A purge has a dry run and a cap per run; above the cap it stops, tells the operator, and goes on next time" (X14).
func TestDeletingStopsAtACap(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "01-15")
		l.open(t, "melchester-cap")
		l.first.set(object{"lifecycle": object{"purgeCap": 2}}).Want(200)
		for i := range 7 {
			p := l.add(fmt.Sprintf("P%d", i), "Purged", roles("adviser"))
			l.first.take(p.id, "archive").Want(200)
		}
		l.forget(t)
		left := func(n int) {
			t.Helper()
			users, err := s.Store.Users(t.Context(), directory.UserQuery{Org: directory.Slug(l.slug), Status: directory.Archived, Limit: 9})
			if err != nil || len(users.Users) != n || *users.Total != n {
				t.Fatalf("on %s the archive has %d, and counts %d, want %d; %v", l.today(), len(users.Users), *users.Total, n, err)
			}
		}
		l.to(t, "0-02-13")
		left(7)
		l.Clock.Advance(l.at("0-02-14 02:15").Sub(l.Clock.Now()))
		for range 2 {
			if would, err := l.DrySweep(t.Context()); err != nil || would.Purged != 2 || would.Held != 5 {
				t.Errorf("%+v, %v", would, err)
			}
			left(7)
		}
		l.wantDiary(t)
		if done := l.sweep(t); done.Purged != 2 || done.Held != 5 {
			t.Errorf("%+v", done)
		}
		left(5)
		l.sweep(t) // the same night: operators were told already
		left(3)
		l.to(t, "0-02-15")
		left(1)
		l.to(t, "0-02-20")
		left(0)
		l.wantDiary(t, "0-02-14 olive: purge held", "0-02-15 olive: purge held")
		for _, m := range l.told(t, "olive", "has stopped at its limit")[:1] {
			if !strings.Contains(m.Text, "Deleted: 2") || !strings.Contains(m.Text, "Still due: 5") {
				t.Errorf("%s", m.Text)
			}
		}
		l.adaDoes(t, func(ada *person) {
			ada.wantTrail(t, l.organisation, "/audit?action=purge.", "purge.held", "purge.held")
		})
	})
}
