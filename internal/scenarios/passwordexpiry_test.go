package scenarios_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// "A secret word is valid without limit, or for 30 to 360 days; after that a new one must be chosen" (S4).

const day = 24 * time.Hour

var nordbys atomic.Int64

// openNordby is a Danish school with mail addresses that no other test writes to, so that mails can be counted.
func openNordby(t *testing.T, s *apptest.Stack) *organisation {
	t.Helper()
	slug := fmt.Sprintf("nordby-%d", nordbys.Add(1))
	return openOrganisation(t, s, slug, "Nordby Skole", "school-intranet", object{"firstAdministrator": object{
		"givenName": "Ada", "familyName": "First", "email": "ada@" + slug + ".example", "username": "af",
	}})
}

// setRules changes some of the rules for passwords, and leaves the other settings as they are.
func (p *person) setRules(rules object) apptest.Answer {
	policy, _ := p.Call("GET", "/settings", nil).Want(200).At("policy").(object)
	passwords, _ := policy["passwords"].(object)
	maps.Copy(passwords, rules)
	return p.Call("PUT", "/settings", object{"policy": policy})
}

// change has somebody change the password.
func (p *person) change(password string) apptest.Answer {
	body := object{"currentPassword": p.password, "newPassword": password, "repeatPassword": password}
	a := p.Call("PUT", "/me/password", body)
	if a.Status == 204 {
		p.password = password
	}
	return a
}

func TestPasswordsAreValidWithoutLimitToBeginWith(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openNordby(t, s)
		bk := o.join(t, "Birgit", "Krogh", initials("bk"))
		s.Clock.Advance(3 * 365 * day)
		in := o.Browser(t).SignIn(o.slug, "bk", bk.password).Want(200)
		if in.Text("status") != "active" || in.At("passwordExpiresAt") != nil {
			t.Errorf("three years later: %s", in.Body)
		}
		if swept, err := s.Sweep(t.Context()); err != nil || swept != (directory.Swept{}) {
			t.Errorf("%+v, %v", swept, err)
		}
	})
}

func TestHowLongPasswordsCanBeValid(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openNordby(t, s)
		for _, days := range []int{-1, 1, 29, 361, 100000} {
			o.first.setRules(object{"maxAgeDays": days}).WantProblem(422, "invalid").WantField("body.policy.passwords.maxAgeDays")
		}
		for _, days := range []int{30, 360, 0, 31} {
			a := o.first.setRules(object{"maxAgeDays": days}).Want(200)
			if got := a.At("policy.passwords.maxAgeDays"); got != float64(days) {
				t.Errorf("%d days became %v", days, got)
			}
		}
	})
}

func TestANewPasswordIsDemandedWhenTheOldOneIsTooOld(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openNordby(t, s)
		o.first.setRules(object{"maxAgeDays": 30}).Want(200)
		bk := o.join(t, "Birgit", "Krogh", initials("bk"))
		until := func() string { return s.Clock.Now().UTC().Add(30 * day).Format(time.RFC3339) }
		ends := until()

		s.Clock.Advance(30*day - time.Second)
		in := bk.SignIn(o.slug, "bk", bk.password).Want(200)
		if in.Text("status") != "active" || in.Text("passwordExpiresAt") != ends {
			t.Errorf("a moment before: %s, want it to end at %s", in.Body, ends)
		}
		s.Clock.Advance(time.Second)
		bk.Call("GET", "/me", nil).Want(200) // whoever is at work is not interrupted

		late := o.Browser(t)
		asked := late.SignIn(o.slug, "bk", bk.password).Want(200)
		if asked.Text("challenge.kind") != "newPassword" || len(asked.At("challenge.rules").([]any)) == 0 {
			t.Fatalf("30 days later: %s", asked.Body)
		}
		late.Call("GET", "/me", nil).WantProblem(403, "challenge_pending")
		late.Call("POST", "/session/password", apptest.NewPassword(bk.password)).WantProblem(422, "invalid").WantField("body.newPassword")
		got := late.Call("POST", "/session/password", apptest.NewPassword(anotherPassword)).Want(200)
		if got.Text("status") != "active" || got.Text("passwordExpiresAt") != until() {
			t.Errorf("with a new one: %s, want it to end at %s", got.Body, until())
		}
		late.SignIn(o.slug, "bk", bk.password).WantProblem(401, "invalid_credentials")
		if in := late.SignIn(o.slug, "bk", anotherPassword).Want(200); in.Text("status") != "active" {
			t.Errorf("%s", in.Body)
		}

		// The administrator's own password is no exception, and a wrong old one opens nothing.
		o.first.SignIn(o.slug, "af", "Walnut-lantern-41-river").WantProblem(401, "invalid_credentials")
		if in := o.first.SignIn(o.slug, "af", o.first.password).Want(200); in.Text("challenge.kind") != "newPassword" {
			t.Errorf("%s", in.Body)
		}
	})
}

// nextYear moves the clock to the 2nd of January, 30 days after which it is the 1st of February.
func nextYear(s *apptest.Stack) (year int) {
	now := s.Clock.Now().UTC()
	year = now.Year() + 1
	s.Clock.Advance(time.Date(year, time.January, 2, 10, 0, 0, 0, time.UTC).Sub(now))
	return year
}

// sweepsAtOnce runs two sweeps at one instant and returns how many mails they wrote together.
func sweepsAtOnce(t *testing.T, s *apptest.Stack) int {
	t.Helper()
	var reports [2]directory.Swept
	var group sync.WaitGroup
	for i := range reports {
		group.Go(func() {
			var err error
			if reports[i], err = s.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	return reports[0].Reminded + reports[1].Reminded
}

// wantReminded sweeps until nothing is due and fails the test unless so many mails were written in all.
func wantReminded(t *testing.T, s *apptest.Stack, when string, want int) {
	t.Helper()
	got := sweepsAtOnce(t, s)
	again, err := s.Sweep(t.Context())
	if err != nil || got+again.Reminded != want {
		t.Errorf("%s: %d and then %d were reminded, want %d in all; %v", when, got, again.Reminded, want, err)
	}
	if last, err := s.Sweep(t.Context()); err != nil || last != (directory.Swept{}) {
		t.Errorf("%s: something is left: %+v, %v", when, last, err)
	}
}

func TestRemindersBeforeAPasswordExpires(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openNordby(t, s)
		year := nextYear(s)
		at := func(name string) string { return name + "@" + o.slug + ".example" }
		danish, english := fmt.Sprintf("senest 1. februar %d", year), fmt.Sprintf("by 1 February %d", year)
		o.enter(t, o.first).change(anotherPassword).Want(204)
		o.first.setRules(object{"maxAgeDays": 30}).Want(200)
		bk := o.join(t, "Birgit", "Krogh", initials("bk"))
		o.join(t, "Eve", "English", object{"username": "ee", "language": "en"})
		sam := o.join(t, "Sam", "Suspended", initials("ss"))
		carl := o.join(t, "Carl", "Changer", initials("cc"))
		dan := o.join(t, "Dan", "Deleted", initials("dd"))
		o.add("Nelly", "Never", initials("nn")) // a new password is demanded of her anyway

		s.Clock.Advance(10 * day)
		o.enter(t, o.first)
		o.first.Call("POST", "/users/"+sam.id+"/suspend", nil).Want(200)
		o.first.Call("DELETE", "/users/"+dan.id, nil).Want(204)
		o.enter(t, carl).change(anotherPassword).Want(204)
		s.Clock.Advance(6*day - time.Second)
		wantReminded(t, s, "a second early", 0)
		s.Clock.Advance(time.Second)
		wantReminded(t, s, "14 days before", 3)
		s.Clock.Advance(11*day - time.Second)
		wantReminded(t, s, "in between, but for Carl, whose 14 days have come", 1)
		s.Clock.Advance(time.Second)
		wantReminded(t, s, "3 days before", 3)

		for _, name := range []string{"ada", "birgit"} {
			for _, m := range o.mailsTo(t, at(name), danish, 2) {
				if !strings.Contains(m.Text, "Hej") || !strings.Contains(m.Text, danish) || !strings.Contains(m.HTML, danish) || !strings.Contains(m.Text, s.URL+"/o/"+o.slug) {
					t.Errorf("the Danish mail says:\n%s", m.Text)
				}
			}
		}
		for _, m := range o.mailsTo(t, at("eve"), english, 2) {
			if !strings.Contains(m.Text, "Hello") || !strings.Contains(m.Text, english) || !strings.Contains(m.HTML, english) {
				t.Errorf("the English mail says:\n%s", m.Text)
			}
		}
		o.mailsTo(t, at("carl"), fmt.Sprintf("senest 11. februar %d", year), 1)

		// Whoever comes back is told once of the day that is near.
		o.enter(t, o.first).Call("POST", "/users/"+sam.id+"/reinstate", nil).Want(200)
		wantReminded(t, s, "Sam is back", 1)
		// Whoever has chosen a new one hears no more, and whoever has not is asked when signing in.
		o.enter(t, bk).change(anotherPassword).Want(204)
		s.Clock.Advance(4 * day)
		wantReminded(t, s, "the day has passed", 0)
		wantNothingUnsent(t, s)
		for name, mails := range map[string]int{"ada": 2, "birgit": 2, "sam": 1, "carl": 1, "dan": 0, "nelly": 0} {
			o.mailsTo(t, at(name), "Skift din adgangskode", mails)
		}
	})
}

// A policy reaches the users that were there before it, and none of them hears of one that is over.
func TestAPolicyTurnedOnLater(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openNordby(t, s)
		bk := o.join(t, "Birgit", "Krogh", initials("bk"))
		o.join(t, "Børge", "Kold", object{"username": "bo", "email": "boerge@" + o.slug + ".example"})
		s.Clock.Advance(20 * day)
		o.enter(t, o.first)
		wantReminded(t, s, "no policy", 0)
		planned := func(days, replanned int) {
			t.Helper()
			o.first.setRules(object{"maxAgeDays": days}).Want(200)
			swept, err := s.Sweep(t.Context())
			if err != nil || swept.Replanned != replanned || swept.More {
				t.Errorf("%d days: %+v, %v, want %d planned anew", days, swept, err, replanned)
			}
		}
		planned(30, 3)
		for _, name := range []string{"ada", "birgit", "boerge"} {
			o.mailsTo(t, name+"@"+o.slug+".example", "Skift din adgangskode", 1) // at once: the 14 days have begun
		}

		planned(0, 3)
		s.Clock.Advance(12 * day)
		wantReminded(t, s, "turned off", 0)
		if in := bk.SignIn(o.slug, "bk", bk.password).Want(200); in.Text("status") != "active" {
			t.Errorf("turned off: %s", in.Body)
		}

		o.enter(t, o.first)
		planned(360, 3)
		s.Clock.Advance((346 - 32) * day)
		wantReminded(t, s, "14 days before, at a later day than the mails before said", 3)
		o.mailsTo(t, "birgit@"+o.slug+".example", "Skift din adgangskode", 2)
		s.Clock.Advance(14 * day)
		if in := bk.SignIn(o.slug, "bk", bk.password).Want(200); in.Text("challenge.kind") != "newPassword" {
			t.Errorf("360 days: %s", in.Body)
		}
	})
}

// What a sweep costs follows what is due, not how many users there are (X11).
func TestSweepsReadWhatIsDue(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		sweep := func() (int, directory.Swept) {
			t.Helper()
			m := &engine.Meter{}
			swept, err := s.Sweep(engine.WithMeter(t.Context(), m))
			if err != nil {
				t.Fatal(err)
			}
			return m.Total().Calls, swept
		}
		o := openNordby(t, s)
		o.first.setRules(object{"maxAgeDays": 360}).Want(200)
		if _, swept := sweep(); swept.Replanned != 1 {
			t.Fatalf("%+v", swept)
		}
		alone, _ := sweep()
		for i := range 60 {
			o.add("Pat", fmt.Sprintf("Pupil%02d", i), initials(fmt.Sprintf("p%02d", i)))
		}
		stored, err := s.Store.Organisation(t.Context(), directory.Slug(o.slug))
		if err != nil {
			t.Fatal(err)
		}
		page, err := s.Store.Users(t.Context(), directory.UserQuery{Org: stored.Slug, Sort: directory.SortUsername, Limit: 200})
		if err != nil || len(page.Users) != 61 {
			t.Fatalf("%d users, %v", len(page.Users), err)
		}
		var writes []directory.Write
		for i, u := range page.Users[1:] { // as if each had chosen a password, the first three some time ago
			u.MustChangePassword = false
			if i < 3 {
				u.PasswordSetAt = u.PasswordSetAt.Add(-350 * day)
			}
			writes = append(writes, stored.Put(u))
		}
		o.commit(t, writes...)

		due, swept := sweep()
		if swept.Reminded != 3 || due > 2*alone+3*3 {
			t.Errorf("with three of 60 due: %d calls, %+v", due, swept)
		}
		nothing, swept := sweep()
		t.Logf("%d round trips with one user, %d with 60 and nothing due, %d with three due", alone, nothing, due)
		if swept != (directory.Swept{}) || nothing != alone || alone == 0 || alone > 10 {
			t.Errorf("with nothing due: %d calls among 60 users, %d with one alone; %+v", nothing, alone, swept)
		}
	})
}
