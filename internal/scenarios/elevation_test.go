package scenarios_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// The security code of the administration areas (S8), at a Danish school: "For at logge ind som administrator skal man
// indtaste sikkerhedskoden, som er en ekstra sikring mod misbrug."

const (
	securityCode   = "havnen-42-syd"
	elevationHolds = 15 * time.Minute // to begin with
)

// administrative are the rights that wait for the code; users.view is one because the preset says so.
var administrative = []string{"users.view", "users.manage", "roles.manage", "audit.view", "announcements.send", "settings.manage"}

// openGuarded is the school with a security code that Ada set, and a second administrator, Carl, who has not entered it.
func openGuarded(t *testing.T, s *apptest.Stack) (o *organisation, carl *person) {
	t.Helper()
	o = openIntranet(t, s)
	carl = o.join(t, "Carl", "Krogh", object{"username": "ck", "roles": []string{"administrator"}})
	o.first.guardBy(securityCode).Want(204)
	return o, carl
}

// guardBy sets the security code, "" takes it away.
func (p *person) guardBy(code string) apptest.Answer {
	return p.Call("PUT", "/security-code", object{"securityCode": code})
}

func (p *person) elevate(code string) apptest.Answer {
	return p.Call("POST", "/session/elevate", object{"securityCode": code})
}

// wantElevated fails the test unless the session says whether the administration areas are open, and an area is or is not.
func (p *person) wantElevated(t *testing.T, elevated bool) apptest.Answer {
	t.Helper()
	in := p.Call("GET", "/session", nil).Want(200)
	if in.At("elevated") != elevated || (in.At("elevatedUntil") != nil) != elevated || in.At("elevationNeeded") != !elevated {
		t.Errorf("%s: want elevated %t: elevated %v until %v, needed %v",
			p.username, elevated, in.At("elevated"), in.At("elevatedUntil"), in.At("elevationNeeded"))
	}
	if got := p.Call("GET", "/users", nil); elevated {
		got.Want(200)
	} else {
		got.WantProblem(403, "elevation_required")
	}
	return in
}

// S8: "Når man logger ind uden at indtaste sikkerhedskoden, ses kun de dele af intranettet, som ikke kræver
// administratoradgang."
func TestWithoutTheSecurityCodeTheRestAloneIsSeen(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, carl := openGuarded(t, s)
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		in := carl.wantElevated(t, false)
		if at := o.first.Call("GET", "/settings", nil).Want(200).At("securityCodeSet"); at != true {
			t.Errorf("the settings say %v of the code", at)
		}
		all := texts(o.first.wantElevated(t, true).At("rights")) // who sets the code need not enter it
		want := slices.DeleteFunc(slices.Clone(all), func(r string) bool { return slices.Contains(administrative, r) })
		if got := texts(in.At("rights")); !slices.Equal(got, want) || len(want) != len(all)-len(administrative) {
			t.Errorf("without the code there are the rights %v, want %v", got, want)
		}
		for area, open := range map[string]bool{"users": false, "groups": false, "office": true, "contact": true, "password": true} {
			if carl.isOpen(t, area) != open {
				t.Errorf("the area %s is open: %t, want %t", area, !open, open)
			}
		}
		walked := 0
		for _, op := range httpapi.Operations() {
			if !slices.Contains(administrative, string(op.Right)) {
				continue
			}
			walked++
			carl.Call(op.Method, pathOf(op, bk.id), bodyOf(op)).WantProblem(403, "elevation_required")
			bk.Call(op.Method, pathOf(op, bk.id), bodyOf(op)).WantProblem(403, "missing_right") // nothing to be opened
		}
		if walked < 30 {
			t.Errorf("only %d operations were tried", walked)
		}
		carl.Call("POST", "/contact", object{"subject": "The code", "message": "What is it?"}).Want(202)
		carl.Call("GET", "/me", nil).Want(200)
		if in := bk.Call("GET", "/session", nil).Want(200); in.At("elevationNeeded") != false || in.At("elevated") != false {
			t.Errorf("a teacher is asked for the code: %s", in.Body)
		}
	})
}

// S8.
func TestTheSecurityCodeOpensTheAdministrationForATime(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, carl := openGuarded(t, s)
		s.Clock.Advance(2 * time.Minute) // as it takes to find out that it is needed
		a := carl.elevate(securityCode).Want(200)
		until := s.Clock.Now().UTC().Add(elevationHolds)
		if a.At("elevated") != true || a.Text("elevatedUntil") != until.Format(time.RFC3339) || !slices.Contains(texts(a.At("rights")), "users.manage") {
			t.Errorf("%s", a.Body)
		}
		carl.wantElevated(t, true)
		elsewhere := o.enter(t, &person{username: "ck", password: carl.password})
		elsewhere.wantElevated(t, false) // it is this browser's

		carl.Call("DELETE", "/session/elevate", nil).Want(204)
		carl.wantElevated(t, false)
		carl.elevate(securityCode).Want(200)
		s.Clock.Advance(elevationHolds - time.Second)
		carl.wantElevated(t, true) // a little used does not make it last longer
		s.Clock.Advance(time.Second)
		carl.wantElevated(t, false)
		carl.elevate(securityCode).Want(200)
		s.Clock.Advance(5 * time.Minute)
		carl.Call("DELETE", "/session/elevate", nil).Want(204)
		carl.wantElevated(t, false)

		// The school says how long.
		carl.elevate(securityCode).Want(200)
		carl.set(object{"sessions": object{"elevationMinutes": 4}}).WantProblem(422, "invalid").
			WantField("body.policy.sessions.elevationMinutes")
		carl.set(object{"sessions": object{"elevationMinutes": 5}}).Want(200)
		carl.elevate(securityCode).Want(200)
		s.Clock.Advance(5*time.Minute - time.Second)
		carl.wantElevated(t, true)
		s.Clock.Advance(time.Second)
		carl.wantElevated(t, false)
	})
}

// S8: One's own new password begins another session, in which one goes on where one was.
func TestANewPasswordLeavesTheAdministrationOpen(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, carl := openGuarded(t, s)
		for _, p := range []*person{carl, o.first} {
			p.Call("PUT", "/me/password", object{
				"currentPassword": p.password, "newPassword": "solskin over havet", "repeatPassword": "solskin over havet",
			}).Want(204)
		}
		carl.wantElevated(t, false)
		o.first.wantElevated(t, true)
	})
}

// S8: A school that never set a code is as it was.
func TestASchoolWithoutASecurityCode(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		if in := o.first.Call("GET", "/session", nil).Want(200); in.At("elevated") != false || in.At("elevationNeeded") != false {
			t.Errorf("%s", in.Body)
		}
		o.first.Call("GET", "/users", nil).Want(200)
		o.first.elevate(securityCode).WantProblem(409, "no_security_code")
		o.first.guardBy("").Want(204) // there was none to take away
		o.first.Call("GET", "/users", nil).Want(200)
	})
}

// S8: Guesses at it are counted, apart from passwords: who forgot the code must be able to sign in.
func TestWrongSecurityCodes(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, carl := openGuarded(t, s)
		carl.elevate("havnen-42-nord").WantProblem(422, "wrong_security_code").WantField("body.securityCode")
		carl.elevate("").WantProblem(422, "wrong_security_code")
		carl.elevate(" "+securityCode).WantProblem(422, "wrong_security_code")
		a := carl.elevate(securityCode).WantProblem(423, "locked")
		if a.At("retryAfter") != 900.0 || !slices.Equal(contactsAt(a, "contacts"), []string{"Ada First", "Carl Krogh"}) {
			t.Errorf("%s", a.Body)
		}
		elsewhere := o.enter(t, &person{username: "ck", password: carl.password}) // neither the sign-in …
		elsewhere.elevate(securityCode).WantProblem(423, "locked")                // … nor a way round it
		carl.Call("GET", "/me", nil).Want(200)                                    // the session goes on
		o.first.elevate(securityCode).Want(200)                                   // and so do the others

		s.Clock.Advance(aQuarter)
		carl.elevate(securityCode).Want(200)
		for range 2 { // a success clears the count
			carl.elevate("wrong").WantProblem(422, "wrong_security_code")
			carl.elevate("wrong").WantProblem(422, "wrong_security_code")
			carl.elevate(securityCode).Want(200)
		}
		// The trail does not take it for a failed sign-in.
		path := "/users/" + carl.id + "/audit?action="
		carl.wantTrail(t, o, path+"elevation.failed", slices.Repeat([]string{"elevation.failed"}, 3+4)...)
		carl.wantTrail(t, o, path+"signIn.failed")
		carl.wantTrail(t, o, path+"signIn.barred")
		for _, e := range carl.trail("/audit?action=elevation.") {
			if strings.Contains(e.Note, "havnen") || strings.Contains(e.Note, "wrong ") {
				t.Errorf("the trail has what was typed: %s", e.Note)
			}
		}
	})
}

// S8: However a school locks accounts, nobody is needed to let an administrator guess again: there may be no other.
func TestTheBarOfTheSecurityCodeEndsByItself(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s) // where a super user has to lift a bar
		o.first.guardBy(securityCode).Want(204)
		o.first.Call("DELETE", "/session/elevate", nil).Want(204)
		for range collegeThreshold {
			o.first.elevate("wrong").WantProblem(422, "wrong_security_code")
		}
		wantBarred(t, o.first.elevate(securityCode), int(aQuarter.Seconds()))
		s.Clock.Advance(aQuarter)
		o.first.elevate(securityCode).Want(200)
	})
}

// S8.
func TestManySecurityCodesAtOneInstant(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		_, carl := openGuarded(t, s)
		answers := make([]apptest.Answer, 8)
		var guessing sync.WaitGroup
		for i := range answers {
			guessing.Go(func() { answers[i] = carl.elevate("wrong") })
		}
		guessing.Wait()
		looked := 0
		for _, a := range answers {
			if a.Status == 422 {
				looked++
			} else {
				a.WantProblem(423, "locked")
			}
		}
		if looked != intranetThreshold {
			t.Errorf("%d guesses were answered, want %d", looked, intranetThreshold)
		}
	})
}

// S8: "Sikkerhedskoden kan ændres … Sikkerhedskoden er den samme for alle administratorer."
func TestChangingTheSecurityCode(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, carl := openGuarded(t, s)
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		bk.guardBy("teachers-own-code").WantProblem(403, "missing_right")
		carl.guardBy("carls-own-code").WantProblem(403, "elevation_required")
		carl.elevate(securityCode).Want(200)
		o.first.guardBy("fyrtaarn-17").Want(204)
		carl.wantElevated(t, false) // at once
		o.first.wantElevated(t, true)
		carl.elevate(securityCode).WantProblem(422, "wrong_security_code")
		carl.elevate("fyrtaarn-17").Want(200)
		var read []string
		s.Await(t, func() bool {
			read = o.letters(t, "carl@nordbyskolen.example", "Sikkerhedskoden")
			return len(read) == 2 // it was set, and changed
		}, func() string { return "Carl reads:\n" + strings.Join(read, "\n\n") })
		for _, text := range read {
			if !strings.Contains(text, "Ada First") || strings.Contains(text, "fyrtaarn") || strings.Contains(text, securityCode) {
				t.Errorf("Carl reads:\n%s", text)
			}
		}

		// Whoever may change it may take it away, and then all is as before.
		carl.guardBy("").Want(204)
		s.Mail(t, "ada@nordbyskolen.example", "Sikkerhedskoden")
		if again := o.letters(t, "carl@nordbyskolen.example", "Sikkerhedskoden"); len(again) != 2 {
			t.Errorf("Carl is told what he did himself:\n%s", again[0])
		}
		for _, p := range []*person{carl, o.first} {
			p.Call("GET", "/users", nil).Want(200)
			p.elevate("fyrtaarn-17").WantProblem(409, "no_security_code")
		}
		told := carl.trail("/audit?action=securityCode.changed")
		var who []string
		for _, e := range told {
			who = append(who, e.Actor.Name+" "+e.Note)
		}
		if !slices.Equal(who, []string{"Carl Krogh taken away", "Ada First ", "Ada First "}) {
			t.Errorf("the trail tells of %q", who)
		}
		// Set anew, it opens nothing that was opened before.
		o.first.guardBy("fyrtaarn-17").Want(204)
		carl.wantElevated(t, false)
	})
}

// S8.
func TestWhichSecurityCodesAreRefused(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, _ := openGuarded(t, s)
		for why, code := range map[string]string{
			"too short":                 "fyr17",
			"too short, of wide ones":   "ååååå",
			"too long":                  strings.Repeat("fyrtaarn", 9),
			"one that many have":        "123456",
			"one that many have, again": "password",
			"the present one":           securityCode,
			"with a hidden sign":        "fyrtaarn\u202e17",
		} {
			a := o.first.guardBy(code)
			if a.Status != 422 {
				t.Errorf("%s: got %d: %s", why, a.Status, a.Body)
				continue
			}
			a.WantField("body.securityCode")
		}
		o.first.elevate(securityCode).Want(200) // it is still the one
		o.first.guardBy("årø-å7").Want(204)
		o.first.elevate("a\u030ar\u00f8-a\u030a7").Want(200) // however the keyboard writes it
	})
}

// S8: whoever has the store cannot read the code, nor guess it quickly.
func TestTheSecurityCodeAtRest(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, _ := openGuarded(t, s)
		kept, err := s.Store.Organisation(t.Context(), intranetSchool)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(kept)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(kept.SecurityCode.Hash, "$argon2id$") || strings.Contains(string(text), securityCode) {
			t.Errorf("the code is kept as %q", kept.SecurityCode.Hash)
		}
		for _, path := range []string{"/settings", "/audit", "/session"} {
			if a := o.first.Call("GET", path, nil).Want(200); strings.Contains(string(a.Body), "argon2id") ||
				strings.Contains(string(a.Body), securityCode) {
				t.Errorf("%s shows it", path)
			}
		}
	})
}
