package scenarios_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
)

// "The code is set to the standard code": what an administrator's reset does (S5).

const standardCode = "sommerfugl i haven"

// setCode sets the organisation's standard code, "" takes it away.
func (p *person) setCode(code string) apptest.Answer {
	return p.Call("PUT", "/standard-code", object{"standardCode": code})
}

// reset resets somebody's password.
func (p *person) reset(user *person) apptest.Answer {
	return p.Call("POST", "/users/"+user.id+"/password-reset", nil)
}

func TestTheStandardCode(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openNordby(t, s)
		bk := o.join(t, "Birgit", "Krogh", initials("bk"))
		bk.setCode(standardCode).WantProblem(403, "missing_right")

		// Until there is one, a password is made up.
		first, second := o.first.reset(bk).Want(200).Text("temporaryPassword"), o.first.reset(bk).Want(200).Text("temporaryPassword")
		if len(first) != 10 || first == second {
			t.Errorf("the temporary passwords are %q and %q", first, second)
		}
		bk.password = second
		o.enter(t, bk)
		wantReset(t, o.first, "temporary")

		if before := o.first.Call("GET", "/settings", nil).Want(200); before.At("standardCodeSet") != false {
			t.Errorf("the settings say %v of the code before there is one", before.At("standardCodeSet"))
		}
		o.first.setCode(standardCode).Want(204)
		wantReset(t, o.first, "standardCode")
		if after := o.first.Call("GET", "/settings", nil).Want(200); after.At("standardCodeSet") != true || after.At("securityCodeSet") != false {
			t.Errorf("the settings say that the codes are set: %v, %v", after.At("standardCodeSet"), after.At("securityCodeSet"))
		}
		reset := o.first.reset(bk).Want(200)
		if reset.Text("temporaryPassword") != standardCode || reset.At("user.mustChangePassword") != true {
			t.Errorf("a reset answers %s", reset.Body)
		}
		bk.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")
		bk.SignIn(o.slug, "bk", bk.password).WantProblem(401, "invalid_credentials")
		for _, m := range o.mailsTo(t, "birgit@"+o.slug+".example", "er blevet nulstillet", 3) {
			if strings.Contains(m.Text+m.HTML, standardCode) {
				t.Errorf("the code was mailed:\n%s", m.Text)
			}
		}

		// New users begin with it too. It must be replaced at the next sign-in, by another one.
		novice := o.add("Nelly", "New", initials("nn"))
		if novice.password != standardCode {
			t.Errorf("a new user begins with %q", novice.password)
		}
		bk.password = standardCode
		for _, p := range []*person{bk, novice} {
			b := o.Browser(t)
			if in := b.SignIn(o.slug, p.username, standardCode).Want(200); in.Text("challenge.kind") != "newPassword" {
				t.Fatalf("%s", in.Body)
			}
			b.Call("POST", "/session/password", apptest.NewPassword(standardCode)).WantProblem(422, "invalid").WantField("body.newPassword")
			o.enter(t, p)
		}
		// Nor is it anybody's own password later: everybody knows it.
		novice.change(standardCode).WantProblem(422, "invalid").WantField("body.newPassword")
		link := linkFor(t, o, bk, "birgit@"+o.slug+".example")
		o.choose(t, link, standardCode).WantProblem(422, "invalid").WantField("body.newPassword")
		o.choose(t, link, anotherPassword).Want(204)

		// It can be changed; whoever was reset before has what they were told.
		waiting := o.add("Wanda", "Waiting", initials("ww"))
		o.first.setCode("regnbuen over fjorden").Want(204)
		if got := o.first.reset(bk).Want(200).Text("temporaryPassword"); got != "regnbuen over fjorden" {
			t.Errorf("after the change a reset answers %q", got)
		}
		o.enter(t, waiting)
		o.Browser(t).SignIn(o.slug, "bk", standardCode).WantProblem(401, "invalid_credentials")
		s.SignsIn(t, o.slug, "bk", "regnbuen over fjorden")

		o.first.setCode("").Want(204)
		if got := o.first.reset(bk).Want(200).Text("temporaryPassword"); len(got) != 10 {
			t.Errorf("taken away, and a reset answers %q", got)
		}
		o.first.setCode("").Want(204)
	})
}

// linkFor has a link mailed in Danish.
func linkFor(t *testing.T, o *organisation, p *person, address string) string {
	t.Helper()
	o.forgets(t, object{"username": p.username}).Want(202)
	_, token := linkIn(t, o.mailsTo(t, address, "Vælg en ny adgangskode", 1)[0])
	return token
}

// wantReset is what whoever manages users is told of resets; others are not told.
func wantReset(t *testing.T, manager *person, want string) {
	t.Helper()
	session := manager.Call("GET", "/session", nil).Want(200)
	if got := session.Text("userRules.reset"); got != want {
		t.Errorf("a reset is said to do %q, want %q: %s", got, want, session.Body)
	}
}

func TestTheStandardCodeKeepsTheRules(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openNordby(t, s)
		for why, code := range map[string]string{
			"too short":               "sommer",
			"too long":                strings.Repeat("sommer ", 20),
			"common":                  "qwertyuiop",
			"the school's name":       "velkommen til nordby",
			"a tab in it":             "sommerfugl\ti haven",
			"longer than any request": strings.Repeat("x", 300),
		} {
			a := o.first.setCode(code)
			if a.Status != 422 {
				t.Errorf("%s: got %d %s", why, a.Status, a.Body)
				continue
			}
			a.WantField("body.standardCode")
		}
		o.first.setRules(object{"digit": true, "upper": true}).Want(200)
		o.first.setCode(standardCode).WantProblem(422, "invalid").WantField("body.standardCode")
		o.first.setCode("Sommerfugl i haven 7").Want(204)
		// Where a reset makes a temporary password, the code is not used.
		o.first.setRules(object{"reset": "temporary"}).Want(200)
		if p := o.add("Nelly", "New", initials("nn")); len(p.password) != 10 {
			t.Errorf("a new user begins with %q", p.password)
		}
		o.first.setRules(object{"reset": "standardCode"}).Want(200)
		if p := o.add("Olga", "Other", initials("oo")); p.password != "Sommerfugl i haven 7" {
			t.Errorf("a new user begins with %q", p.password)
		}
		o.first.setRules(object{"reset": "byPost"}).WantProblem(422, "invalid").WantField("body.policy.passwords.reset")
	})
}

// Whoever reads the store, the settings or the audit trail does not learn the code.
func TestTheStandardCodeCannotBeRead(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openNordby(t, s)
		const code = "sommerfuglen i min egen have"
		o.first.setCode(code).Want(204)
		o.add("Nelly", "New", initials("nn"))
		for _, path := range []string{"/settings", "/audit", "/me", "/session", "/users"} {
			if a := o.first.Call("GET", path, nil).Want(200); bytes.Contains(a.Body, []byte(code)) {
				t.Errorf("%s shows it: %s", path, a.Body)
			}
		}
		stored, err := s.Store.Organisation(t.Context(), directory.Slug(o.slug))
		if err != nil || len(stored.StandardCode) == 0 {
			t.Fatalf("%+v, %v", stored, err)
		}
		kept, err := json.Marshal(stored)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, stored.StandardCode...)
		if s.DynamoDB() != "" {
			kept = append(kept, allTables(t, s)...)
		}
		if bytes.Contains(kept, []byte(code)) || !bytes.Contains(kept, []byte(o.slug)) {
			t.Error("the code can be read in the store, or that was not the store")
		}
	})
}

// Another school's code, put into this one's place, opens nothing here: what is sealed says whose it is.
func TestTheStandardCodeIsOneSchoolsOnly(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		here, there := openNordby(t, s), openNordby(t, s)
		there.first.setCode(standardCode).Want(204)
		mine, err := s.Store.Organisation(t.Context(), directory.Slug(here.slug))
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := s.Store.Organisation(t.Context(), directory.Slug(there.slug))
		if err != nil {
			t.Fatal(err)
		}
		mine.StandardCode = theirs.StandardCode
		here.commit(t, directory.PutOrganisation{Organisation: mine})
		a := here.first.Call("POST", "/users", here.newUser("Nelly", "New", initials("nn"))).WantProblem(500, "internal")
		if bytes.Contains(a.Body, []byte(standardCode)) {
			t.Errorf("%s", a.Body)
		}
		here.first.wantList(t, here, "", "Ada First")
	})
}

// Where the policy has a reset mail a link, no administrator learns anything by which to get in.
func TestAResetByMail(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		address := "bob@" + o.slug + ".example"
		o.first.setRules(object{"reset": "email"}).Want(200)
		for range 2 { // the second because the first mail is gone, say
			a := o.first.reset(bob).Want(202)
			if a.At("temporaryPassword") != nil || a.At("user.mustChangePassword") != true || strings.Contains(string(a.Body), "token") {
				t.Errorf("the administrator is told %s", a.Body)
			}
		}
		bob.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")
		o.Browser(t).SignIn(o.slug, bob.username, bob.password).WantProblem(401, "invalid_credentials")
		const told = "has been reset: choose a new one" // not the words for who forgot the password: this one is dead
		mails := o.mailsTo(t, address, told, 2)
		_, older := linkIn(t, mails[1])
		_, token := linkIn(t, mails[0])
		if trail := o.first.Call("GET", "/users/"+bob.id+"/audit", nil).Want(200); bytes.Contains(trail.Body, []byte(token[len(token)-43:])) {
			t.Errorf("the audit trail says %s", trail.Body)
		}
		wantNoLink(t, "a newer one was mailed", o.choose(t, older, anotherPassword))
		o.choose(t, token, anotherPassword).Want(204)
		in := o.Browser(t).SignIn(o.slug, bob.username, anotherPassword).Want(200)
		if in.Text("challenge.kind") == "newPassword" {
			t.Errorf("the password that was just chosen has to be replaced: %s", in.Body)
		}
		for _, m := range mails {
			if !strings.Contains(m.Text, "no longer works") || strings.Contains(m.Text, "temporary password") {
				t.Errorf("the mail says:\n%s", m.Text)
			}
		}

		// A link that nobody used can be asked for again, by its owner.
		o.first.reset(bob).Want(202)
		o.mailsTo(t, address, told, 3)
		s.Clock.Advance(2 * time.Hour)
		o.choose(t, o.link(t, bob, address, 1), "Walnut-lantern-43-river").Want(204)
		s.SignsIn(t, o.slug, bob.username, "Walnut-lantern-43-river")
	})
}
