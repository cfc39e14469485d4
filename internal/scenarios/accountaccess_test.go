package scenarios_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// What opens and ends a user's access.

// take takes a step in the life of a user's account.
func (p *person) take(user, step string, headers ...string) apptest.Answer {
	return p.Call("POST", "/users/"+user+"/"+step, nil, headers...)
}

// L10, section 6: "Suspending and reinstating access to a user account."
func TestSuspendingAndReinstating(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		una := o.join(t, "Una", "Online", roles("LRBOnlineUser"))
		una.take(bob.id, "suspend").WantProblem(403, "missing_right")
		s.Clock.Advance(time.Minute)
		done := o.first.take(bob.id, "suspend").Want(200)
		if done.Text("status") != "suspended" || done.Text("statusSince") != s.Clock.Now().UTC().Format(time.RFC3339) {
			t.Errorf("%s", done.Body)
		}
		if again := o.first.take(bob.id, "suspend").Want(200); again.Header.Get("ETag") != done.Header.Get("ETag") {
			t.Errorf("what is so already was written again: %s", again.Body)
		}
		o.first.wantList(t, o, "status=suspended", "Bob Boldwood")
		bob.Call("GET", "/me", nil).WantProblem(401, "not_signed_in") // at the very next request
		refused := bob.SignIn(college, bob.username, bob.password).WantProblem(403, "suspended")
		wantNamed(t, refused, "contacts", "Ada First")

		o.first.take(bob.id, "reinstate").Want(200)
		s.Mail(t, "bob@"+college+".example", "")
		o.first.wantList(t, o, "status=suspended")
		bob.Call("GET", "/me", nil).WantProblem(401, "not_signed_in") // what has ended stays so
		o.enter(t, bob)

		told := o.first.wantTrail(t, o, "/users/"+bob.id+"/audit?action=user.&limit=2", "user.reinstated", "user.suspended")
		for i, want := range [][2]string{{"suspended", "active"}, {"active", "suspended"}} {
			if e := told[i]; e.Before["status"] != want[0] || e.After["status"] != want[1] || e.Actor.ID != o.first.id {
				t.Errorf("the trail says %+v, want %v", e, want)
			}
		}
		if e := o.first.wantTrail(t, o, "/users/"+bob.id+"/audit?action=signIn.refused", "signIn.refused"); e[0].Note != "suspended" {
			t.Errorf("the trail says %+v", e)
		}
	})
}

func TestArchivingAndRestoring(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		if done := o.first.take(bob.id, "archive").Want(200); done.Text("status") != "archived" {
			t.Errorf("%s", done.Body)
		}
		bob.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")
		o.first.wantList(t, o, "status=archived", "Bob Boldwood")
		o.first.Call("GET", "/users/"+bob.id, nil).Want(200) // with all its details
		if done := o.first.take(bob.id, "restore").Want(200); done.Text("status") != "active" {
			t.Errorf("%s", done.Body)
		}
		o.enter(t, bob).wantOpen(t, registrationAreas, "findLearners", "registerLearners", "updateLearners")
		o.first.wantTrail(t, o, "/users/"+bob.id+"/audit?action=user.&limit=2", "user.restored", "user.archived")
	})
}

func TestStepsThatDoNotFitTheStatus(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.add("Bob", "Boldwood", roles("LRBOnlineUser"))
		tests := []struct {
			step, status string // the status after it; "" if the step is refused
		}{
			{"reinstate", "active"}, // what is so already is no error
			{"restore", "active"},
			{"suspend", "suspended"},
			{"restore", ""},
			{"suspend", "suspended"},
			{"archive", "archived"},
			{"suspend", ""},
			{"reinstate", ""}, // it would come out of the archive by a side door
			{"archive", "archived"},
			{"restore", "active"}, // not suspended any more: a fresh start
		}
		status := "active"
		for i, tt := range tests {
			a := o.first.take(bob.id, tt.step)
			if tt.status == "" {
				if a.WantProblem(409, "wrong_status").Text("accountStatus") != status {
					t.Errorf("step %d, %s: %s", i, tt.step, a.Body)
				}
				continue
			}
			if status = a.Want(200).Text("status"); status != tt.status {
				t.Errorf("step %d, %s: the status is %s, want %s", i, tt.step, status, tt.status)
			}
		}
		// Made from a state that is not there any more, a step is refused.
		seen := o.first.Call("GET", "/users/"+bob.id, nil).Want(200).Header.Get("ETag")
		o.first.Call("PATCH", "/users/"+bob.id, object{"title": "Mr"}).Want(200)
		for _, step := range []string{"suspend", "archive", "reinstate", "restore"} {
			o.first.take(bob.id, step, "If-Match", seen).WantProblem(412, "stale_version")
			o.first.take(bob.id, step, "If-Match", "yesterday's").WantProblem(422, "invalid").WantField("header.If-Match")
		}
		seen = o.first.Call("GET", "/users/"+bob.id, nil).Want(200).Header.Get("ETag")
		o.first.take(bob.id, "suspend", "If-Match", seen).Want(200)
		o.first.take("01kd0000000000000000000000", "suspend").WantProblem(404, "not_found")
	})
}

// Whoever has the right password is told why not, and whom to ask; whoever has not learns nothing.
func TestRefusalsSayWhyAndWhomToAsk(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		for code, keepOut := range map[string]func(user string){
			"suspended": func(user string) { o.first.take(user, "suspend").Want(200) },
			"archived":  func(user string) { o.first.take(user, "archive").Want(200) },
			"expired": func(user string) {
				o.first.Call("PATCH", "/users/"+user, object{"endsAt": s.Clock.Now().UTC()}).Want(200)
			},
		} {
			bob := o.join(t, "Bob", code, roles("LRBOnlineUser"))
			keepOut(bob.id)
			stranger := s.Browser(t)
			wrong := stranger.SignIn(college, bob.username, "wrong").WantProblem(401, "invalid_credentials")
			nobody := stranger.SignIn(college, "nobody", "wrong").WantProblem(401, "invalid_credentials")
			if string(wrong.Body) != string(nobody.Body) {
				t.Errorf("%s: a wrong password is answered\n%s\nand an unknown name\n%s", code, wrong.Body, nobody.Body)
			}
			wantNamed(t, stranger.SignIn(college, bob.username, bob.password).WantProblem(403, code), "contacts", "Ada First")
			stranger.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
			// Knowing why does not clear the count: the guesses go on counting.
			o.guess(stranger, bob.username, collegeThreshold-1)
			wantBarred(t, stranger.SignIn(college, bob.username, bob.password), 0)
		}
	})
}

func TestNobodyEndsTheirOwnAccess(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		o.join(t, "Dora", "Deputy", roles("LRBSuperUser")) // so that it is not for being the last
		for _, step := range []string{"suspend", "archive", "reinstate", "restore"} {
			o.first.take(o.first.id, step).WantProblem(409, "cannot_change_self")
		}
		o.first.Call("PATCH", "/users/"+o.first.id, object{"endsAt": "2031-07-31T22:00:00Z"}).WantProblem(409, "cannot_change_self")
		o.first.Call("DELETE", "/users/"+o.first.id, nil).WantProblem(409, "cannot_delete_self")
		o.first.Call("GET", "/users", nil).Want(200)
	})
}

// J11: "You can't delete your own account or that of any other administrator", so it cannot be archived either, which is
// the first step to it. Somebody who must be kept out at once can be.
func TestAdministratorsOfASchoolPortalCanBeSuspendedOnly(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		zelda := personOf(p.Operator.Call("POST", "/operator/organisations/"+school+"/administrators", object{
			"givenName": "Zelda", "familyName": "Zadmin", "email": "z@bash-street.example",
			"approvedBy": object{"name": "Harriet Head", "position": "Headteacher"}, "evidence": "Letter",
		}).Want(201))
		zelda.Browser = s.Enter(t, school, zelda.username, zelda.password, "Trumpet1Valve")
		jane := &person{Browser: p.jane, id: p.janeID}
		jane.take(zelda.id, "archive").WantProblem(409, "cannot_delete_administrator")
		jane.take(zelda.id, "suspend").Want(200)
		zelda.Call("GET", "/users", nil).WantProblem(401, "not_signed_in")
		zelda.SignIn(school, zelda.username, "Trumpet1Valve").WantProblem(403, "suspended")
		for _, step := range []string{"archive", "restore"} {
			if a := jane.take(zelda.id, step); a.Status != 409 {
				t.Errorf("%s while suspended: %d %s", step, a.Status, a.Body)
			}
		}
		jane.Call("DELETE", "/users/"+zelda.id, nil).WantProblem(409, "cannot_delete_administrator")
		jane.take(zelda.id, "reinstate").Want(200)
		zelda.SignIn(school, zelda.username, "Trumpet1Valve").Want(200)
		// An end date is refused, for on that day nobody might be left.
		p.jane.Call("PATCH", "/users/"+zelda.id, object{"endsAt": "2031-07-31T22:00:00Z"}).WantProblem(409, "role_constraint")
	})
}

// C4: "there is at least one super user for each LA". Somebody else who manages users cannot take the last one out.
func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		var all []string
		for _, right := range intranetRights {
			all = append(all, right[0])
		}
		deputies := o.first.Call("POST", "/roles", object{"name": "Souschefer", "rights": all}).Want(201).Text("id")
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		ck := o.join(t, "Carl", "Krogh", initials("ck"))
		o.first.setRoles(bk.id, deputies).Want(200)
		last := func(a apptest.Answer) {
			t.Helper()
			if a.WantProblem(409, "last_administrator").Text("role") != "administrator" || a.Text("constraint") != "atLeastOne" {
				t.Errorf("%s", a.Body)
			}
		}
		last(bk.take(o.first.id, "suspend"))
		last(bk.take(o.first.id, "archive"))
		last(bk.Call("DELETE", "/users/"+o.first.id, nil))
		o.first.Call("GET", "/users", nil).Want(200)

		// A second one who is suspended is nobody to be left with.
		o.first.setRoles(ck.id, "administrator").Want(200)
		o.first.take(ck.id, "suspend").Want(200)
		last(bk.take(o.first.id, "suspend"))
		o.first.take(ck.id, "reinstate").Want(200)
		bk.take(o.first.id, "archive").Want(200)
		last(bk.take(ck.id, "suspend"))
		bk.take(o.first.id, "restore").Want(200)
		bk.take(ck.id, "suspend").Want(200)
	})
}

func TestSuperUsersHaveNoEndDate(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openProgramme(t, s)
		second := p.join(t, "Sara", "Second", roles("superUser"))
		ends := object{"endsAt": s.Clock.Now().Add(24 * time.Hour).UTC()}
		temporary := p.add("Tom", "Temporary", ends)
		for why, a := range map[string]apptest.Answer{
			"set for one":      p.first.Call("PATCH", "/users/"+second.id, ends),
			"with the role":    p.first.setRoles(temporary.id, "superUser"),
			"both at once":     p.first.Call("PATCH", "/users/"+temporary.id, object{"endsAt": ends["endsAt"], "roles": []string{"superUser"}}),
			"for a new user":   p.first.Call("POST", "/users", p.newUser("Ned", "New", object{"endsAt": ends["endsAt"], "roles": []string{"superUser"}})),
			"one that is past": p.first.Call("PATCH", "/users/"+second.id, object{"endsAt": "2020-07-31T22:00:00Z"}),
		} {
			if a.Status != 409 || a.Text("code") != "role_constraint" || a.Text("constraint") != "noEndDate" || a.Text("role") != "superUser" {
				t.Errorf("%s: %d %s", why, a.Status, a.Body)
			}
		}
		second.Call("GET", "/users", nil).Want(200)
		p.first.Call("PATCH", "/users/"+temporary.id, object{"endsAt": ""}).Want(200)
		p.first.setRoles(temporary.id, "superUser").Want(200)
	})
}

// Two super users turn on each other at the same instant: one of them stays, whatever the two do.
func TestTwoSuperUsersCannotBothEndEachOthersAccess(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openProgramme(t, s)
		actions := map[string]func(by *person, user string) apptest.Answer{
			"suspend": func(by *person, user string) apptest.Answer { return by.take(user, "suspend") },
			"archive": func(by *person, user string) apptest.Answer { return by.take(user, "archive") },
			"delete":  func(by *person, user string) apptest.Answer { return by.Call("DELETE", "/users/"+user, nil) },
			"demote":  func(by *person, user string) apptest.Answer { return by.setRoles(user, "monitor") },
		}
		left := p.first
		for _, pair := range [][2]string{{"suspend", "suspend"}, {"archive", "suspend"}, {"delete", "suspend"}, {"suspend", "demote"}} {
			second := p.enter(t, personOf(left.Call("POST", "/users", p.newUser("Sara", "Second", roles("superUser"))).Want(201)))
			var one, other apptest.Answer
			var both sync.WaitGroup
			both.Go(func() { one = actions[pair[0]](left, second.id) })
			both.Go(func() { other = actions[pair[1]](second, left.id) })
			both.Wait()
			late := other
			if one.Status >= 300 {
				left, late = second, one
			}
			// The other came too late, or was no super user, or not signed in any more by then.
			if code := late.Text("code"); (one.Status < 300) == (other.Status < 300) ||
				!slices.Contains([]string{"last_administrator", "missing_right", "not_signed_in"}, code) {
				t.Fatalf("%v: %d %s and %d %s", pair, one.Status, one.Body, other.Status, other.Body)
			}
			left.Call("GET", "/users", nil).Want(200)
		}
	})
}

// A role that only one can have may be another's by the time its former holder comes back.
func TestRestoringKeepsWhatHoldsOfRoles(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openProgramme(t, s)
		lena := p.join(t, "Lena", "Lead", nil)
		p.first.Call("PUT", "/users/"+lena.id+"/schools", object{"schools": []any{}, "all": true}).Want(200)
		p.first.setRoles(lena.id, "ncmpLead", "superUser").Want(200)
		for out, back := range map[string]string{"suspend": "reinstate", "archive": "restore"} {
			p.first.take(lena.id, out).Want(200)
			p.first.setRoles(p.first.id, "ncmpLead", "superUser").Want(200)
			a := p.first.take(lena.id, back).WantProblem(409, "role_constraint")
			if a.Text("role") != "ncmpLead" || a.Text("constraint") != "atMostOne" {
				t.Errorf("%s: %s", back, a.Body)
			}
			p.first.setRoles(p.first.id, "superUser").Want(200)
			p.first.take(lena.id, back).Want(200)
		}
	})
}

// Whoever is no longer whom the identity provider named is out, in every browser.
func TestForgettingACentralIdentityEndsTheSession(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		f := openFederated(t, s)
		lise := f.teacher(t)
		there, here := s.Browser(t), s.Browser(t)
		f.goThere(t, there, "sub-of-lm")
		here.SignIn(f.slug, "lm", lise.password).Want(200)
		there.Call("GET", "/me", nil).Want(200)
		f.first.take(lise.id, "identity-reset").Want(200)
		for _, b := range []*apptest.Browser{there, here} {
			b.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		}
	})
}

// ending is a way in which an open session comes to its end.
type ending struct {
	why string
	// prepare is done in the session before, end ends it, back undoes what can be undone; the session stays ended.
	prepare, end, back func(p *council, victim *person)
	gone               bool // there is no account any more
}

// Whatever ends a user's access ends an open session at the very next request, and nothing revives it.
func TestEverythingThatEndsAccessEndsTheSession(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openProgramme(t, s)
		for i, e := range append(endingsByOthers(t), endingsByOneselfAndTime(t)...) {
			p.enter(t, p.first) // time passed
			victim := p.join(t, fmt.Sprintf("Tess%02d", i), "Victim", nil)
			if e.prepare != nil {
				e.prepare(p, victim)
			}
			victim.Call("GET", "/me", nil).Want(200)
			e.end(p, victim)
			if a := victim.Call("GET", "/me", nil); a.Status != 401 || a.Text("code") != "not_signed_in" {
				t.Errorf("%s: the next request was answered %d %s", e.why, a.Status, a.Body)
			}
			if e.back != nil {
				p.enter(t, p.first)
				e.back(p, victim)
				if a := victim.Call("GET", "/me", nil); a.Status != 401 {
					t.Errorf("%s: undoing it revived the session: %d %s", e.why, a.Status, a.Body)
				}
			}
			again := s.Browser(t).SignIn(county, victim.username, victim.password)
			if want := map[bool]int{true: 401, false: 200}[e.gone]; again.Status != want {
				t.Errorf("%s: signing in again was answered %d %s, want %d", e.why, again.Status, again.Body, want)
			}
		}
	})
}

// steps is an ending by a step in the account's life and the one that undoes it.
func steps(out, back string) ending {
	return ending{
		why:  out,
		end:  func(p *council, victim *person) { p.first.take(victim.id, out).Want(200) },
		back: func(p *council, victim *person) { p.first.take(victim.id, back).Want(200) },
	}
}

func endsAt(p *council, victim *person, text any) {
	p.first.Call("PATCH", "/users/"+victim.id, object{"endsAt": text}).Want(200)
}

func endingsByOthers(t *testing.T) []ending {
	t.Helper()
	forever := func(p *council, victim *person) { endsAt(p, victim, "") }
	return []ending{
		steps("suspend", "reinstate"),
		steps("archive", "restore"),
		{why: "deleted", gone: true, end: func(p *council, victim *person) {
			p.first.Call("DELETE", "/users/"+victim.id, nil).Want(204)
		}},
		{
			why: "an end date that comes", back: forever,
			prepare: func(p *council, victim *person) { endsAt(p, victim, p.Clock.Now().Add(10*time.Minute).UTC()) },
			end:     func(p *council, _ *person) { p.Clock.Advance(10 * time.Minute) },
		},
		{
			why: "an end date that has come", back: forever,
			end: func(p *council, victim *person) { endsAt(p, victim, p.Clock.Now().UTC()) },
		},
		{why: "password reset", end: func(p *council, victim *person) {
			victim.password = p.first.take(victim.id, "password-reset").Want(200).Text("temporaryPassword")
		}},
		{
			why:     "second factor reset",
			prepare: func(p *council, victim *person) { p.setUpApp(t, victim) },
			end:     func(p *council, victim *person) { p.first.take(victim.id, "totp-reset").Want(200) },
		},
		{why: "sessions ended by an administrator", end: func(p *council, victim *person) {
			p.first.Call("DELETE", "/users/"+victim.id+"/sessions", nil).Want(204)
		}},
	}
}

func endingsByOneselfAndTime(t *testing.T) []ending {
	t.Helper()
	elsewhere := func(p *council, victim *person) *person {
		return p.enter(t, &person{username: victim.username, password: victim.password})
	}
	return []ending{
		{why: "own password changed elsewhere", end: func(p *council, victim *person) {
			const next = "Trumpet-valve-3-oiled"
			elsewhere(p, victim).Call("PUT", "/me/password", object{
				"currentPassword": victim.password, "newPassword": next, "repeatPassword": next,
			}).Want(204)
			victim.password = next
		}},
		{why: "forgotten password chosen anew", end: func(p *council, victim *person) {
			p.chooseByMail(t, victim, victim.Call("GET", "/me", nil).Want(200).Text("email"), "Trumpet-valve-3-oiled")
		}},
		{why: "all others ended elsewhere", end: func(p *council, victim *person) {
			elsewhere(p, victim).Call("DELETE", "/me/sessions", nil).Want(204)
		}},
		{why: "this one ended elsewhere", end: func(p *council, victim *person) {
			other := elsewhere(p, victim)
			for _, id := range sessionsOf(other, false) {
				other.Call("DELETE", "/me/sessions/"+id, nil).Want(204)
			}
		}},
		{why: "signed out, with a copy of the cookie left", end: func(_ *council, victim *person) {
			cookie := victim.Cookie("caretaker")
			victim.Call("DELETE", "/session", nil).Want(204)
			victim.SetCookie(cookie.Name, cookie.Value)
		}},
		{why: "signed in anew in this browser, with a copy of the cookie left", end: func(_ *council, victim *person) {
			cookie := victim.Cookie("caretaker")
			victim.SignIn(county, victim.username, victim.password).Want(200)
			victim.SetCookie(cookie.Name, cookie.Value)
		}},
		{why: "idle for too long", end: func(p *council, _ *person) { p.Clock.Advance(20 * time.Minute) }},
		{why: "in use for too long", end: func(p *council, victim *person) {
			for range 10*4 - 1 {
				p.Clock.Advance(15 * time.Minute)
				victim.Call("GET", "/me", nil).Want(200)
			}
			p.Clock.Advance(15 * time.Minute)
		}},
	}
}
