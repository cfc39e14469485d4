package scenarios_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
)

// Which passwords can be chosen (J7, S4, X9), and how long one that an administrator has seen opens the account.

// wantTaken tries passwords one after the other, each by one who knows the present one.
func (p *person) wantTaken(t *testing.T, passwords ...string) {
	t.Helper()
	for _, password := range passwords {
		if a := p.change(password); a.Status != 204 {
			t.Errorf("%q is refused: %d %s", password, a.Status, a.Body)
		}
	}
}

func (p *person) wantRefused(t *testing.T, passwords ...string) {
	t.Helper()
	for _, password := range passwords {
		if a := p.change(password); a.Status != 422 || a.Text("code") != "invalid" {
			t.Errorf("%q is taken: %d %s", password, a.Status, a.Body)
		} else {
			a.WantField("body.newPassword")
		}
	}
}

func TestHowLongPasswordsMayBe(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		longest := []string{
			strings.Repeat("walnut-lantern--", 8),
			strings.Repeat("søløvepåtæer æøå", 8),
			strings.Repeat("🦊🐰🐻 ", 32),
			strings.Repeat("u\u0308", 128), // a letter and its accent are one character
			strings.Repeat("密码", 64),
		}
		for _, password := range longest {
			bob.wantTaken(t, password)
			s.SignsIn(t, o.slug, bob.username, password)
			// Nothing is cut off, as some ways of keeping passwords do after 72 bytes.
			runes := []rune(password)
			o.Browser(t).SignIn(o.slug, bob.username, string(runes[:len(runes)-1])).WantProblem(401, "invalid_credentials")
			bob.wantRefused(t, password+"x", password)
		}
		bob.wantTaken(t, "ten-chars.", "ÆØÅ æøå ü!", "a b c d e ")
		bob.wantRefused(t, "nine-char", "", "no\nline-breaks", "no\x00noughts!")
	})
}

func TestCommonAndBreachedPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		common := []string{"1234567890", "qwertyuiop", "Password123", "P@ssw0rd2026!", "iloveyou12"}
		bob.wantRefused(t, common...)
		o.first.setRules(object{"allowCommon": true}).Want(200)
		bob.wantTaken(t, common...)
		bob.wantRefused(t, "My-Boldwood-7") // the other rules hold all the same
	})
}

func TestNamesInPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		zoe := o.join(t, "Zoélie", "Ångström", object{"roles": []string{"LRBOnlineUser"}, "email": "zoe@" + o.slug + ".example"})
		named := []string{
			"angstrom-7-x", "xxÅNGSTRÖM77", "my-Zoelie-07", "A\u030angstro\u0308m-77", "in-" + strings.ToUpper(zoe.username),
			"college-gate", "Vale-of-tears", "at-" + o.slug + "-x",
		}
		zoe.wantRefused(t, named...)
		zoe.wantTaken(t, "strong-angst") // only a part of a name
		o.first.setRules(object{"allowNames": true}).Want(200)
		zoe.wantTaken(t, named...)
		zoe.wantRefused(t, "qwertyuiop")
	})
}

func TestAllBrokenRulesAreSaidAtOnce(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		b := p.Browser(t)
		b.SignIn(school, danny.username, danny.password).Want(200)
		a := b.Call("POST", "/session/password", object{"newPassword": "smith!", "repeatPassword": "smith"}).WantProblem(422, "invalid")
		var problem struct {
			Errors []struct{ Location, Message string }
		}
		a.Into(&problem)
		var said []string
		for _, e := range problem.Errors {
			said = append(said, e.Location+" "+e.Message)
		}
		for _, rule := range []string{
			"body.newPassword must be at least 8", "body.newPassword must have at least one upper", "body.newPassword must have at least one digit",
			"body.newPassword may only have", "body.newPassword must not contain a name", "body.repeatPassword must be the same",
		} {
			if !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, rule) }) {
				t.Errorf("%q is not said, but %q", rule, said)
			}
		}
		if strings.Contains(string(a.Body), "smith!") {
			t.Errorf("the password is repeated: %s", a.Body)
		}
	})
}

func TestEarlierPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		for _, wrong := range []int{-1, 11} {
			o.first.setRules(object{"history": wrong}).WantProblem(422, "invalid").WantField("body.policy.passwords.history")
		}
		o.first.setRules(object{"history": 10}).Want(200)
		o.first.setRules(object{"history": 2}).Want(200)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		const one, two, three = "Walnut-lantern-1-Zo\u00eb", "Walnut-lantern-2-Zo\u00eb", "Walnut-lantern-3-Zo\u00eb"
		bob.wantTaken(t, one, two, three)
		bob.wantRefused(t, three, two, one, strings.ReplaceAll(one, "\u00eb", "e\u0308"))
		bob.wantTaken(t, chosenPassword, one, two) // each is the third before by then
		bob.wantRefused(t, chosenPassword)

		// Neither a reset nor a link is a way around it.
		bob.password = o.first.reset(bob).Want(200).Text("temporaryPassword")
		b := o.Browser(t)
		b.SignIn(o.slug, bob.username, bob.password).Want(200)
		for _, before := range []string{bob.password, two, one, chosenPassword} {
			b.Call("POST", "/session/password", apptest.NewPassword(before)).WantProblem(422, "invalid").WantField("body.newPassword")
		}
		link := o.link(t, bob, "bob@"+o.slug+".example", 1)
		for _, before := range []string{two, one, chosenPassword} {
			o.choose(t, link, before).WantProblem(422, "invalid").WantField("body.newPassword")
		}
		o.choose(t, link, three).Want(204)
		bob.password = three
		o.enter(t, bob)
		bob.wantRefused(t, two, one)

		// Turned off, earlier ones can be chosen again; the present one never can.
		o.first.setRules(object{"history": 0}).Want(200)
		bob.wantRefused(t, three)
		bob.wantTaken(t, two, three, two)
	})
}

// The same text is another row of bytes on another keyboard.
func TestPasswordsAreComparedAsTheyLook(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		const composed, decomposed = "Søløver p\u00e5 Fan\u00f8 caf\u00e9", "Søløver pa\u030a Fan\u00f8 cafe\u0301"
		for _, forms := range [][2]string{{composed, decomposed}, {decomposed + "!", composed + "!"}} {
			bob.wantTaken(t, forms[0])
			s.SignsIn(t, o.slug, bob.username, forms[0])
			s.SignsIn(t, o.slug, bob.username, forms[1])
			bob.wantRefused(t, forms[1]) // it is the present one
			bob.password = forms[1]
		}
		bob.Call("PUT", "/me/password", object{
			"currentPassword": composed + "!", "newPassword": composed + "?", "repeatPassword": decomposed + "?",
		}).Want(204)
		s.SignsIn(t, o.slug, bob.username, composed+"?")
		o.Browser(t).SignIn(o.slug, bob.username, strings.ToUpper(composed+"?")).WantProblem(401, "invalid_credentials")
		o.Browser(t).SignIn(o.slug, bob.username, " "+composed+"?").WantProblem(401, "invalid_credentials")
	})
}

func TestTheRulesAsData(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		jane := &person{Browser: p.jane, password: janesPassword}
		type rule struct{ ID, Label, Pattern string }
		var got struct {
			Rules                []rule
			MinLength, MaxLength int
			Punctuation          string
			Refused              []string
		}
		read := func(b *apptest.Browser) {
			t.Helper()
			got.Rules, got.Refused = nil, nil
			b.Call("GET", "/me/password-rules", nil).Want(200).Into(&got)
		}
		read(p.jane)
		var ticks []string
		for _, r := range got.Rules {
			ticks = append(ticks, r.ID)
			if r.Label == "" || (r.Pattern == "") != (r.ID == "repeat") {
				t.Errorf("the rule %+v cannot be shown", r)
			}
		}
		// "Six ticks turn green."
		if want := []string{"length", "upper", "lower", "digit", "characters", "repeat"}; !slices.Equal(ticks, want) {
			t.Errorf("the ticks are %v, want %v", ticks, want)
		}
		if got.MinLength != 8 || got.MaxLength != 128 || got.Punctuation != "$%&*#?" || !slices.Equal(got.Refused, []string{"common", "names"}) {
			t.Errorf("%+v", got)
		}

		jane.setRules(object{"history": 1, "minLength": 9, "punctuation": "", "digit": false}).Want(200)
		// They are wanted most by whoever has to choose one before getting in.
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		b := p.Browser(t)
		b.SignIn(school, danny.username, danny.password).Want(200)
		read(b)
		if len(got.Rules) != 4 || got.MinLength != 9 || got.Punctuation != "" || !slices.Equal(got.Refused, []string{"common", "names", "history"}) {
			t.Errorf("%+v", got)
		}
		jane.setRules(object{"history": 0, "allowCommon": true, "allowNames": true}).Want(200)
		read(b)
		if got.Refused == nil || len(got.Refused) != 0 {
			t.Errorf("%+v", got)
		}
		p.Browser(t).Call("GET", "/me/password-rules", nil).WantProblem(401, "not_signed_in")
	})
}

func TestTemporaryPasswordsExpire(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s) // where they are good for 90 days
		jane := &person{Browser: p.jane, password: janesPassword}
		for _, days := range []int{-1, 366} {
			jane.setRules(object{"temporaryDays": days}).WantProblem(422, "invalid").WantField("body.policy.passwords.temporaryDays")
		}
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		minnie := p.add(t, "Minnie", "Minx", "m.minx@bash-street.example")
		b := p.Browser(t)
		s.Clock.Advance(90*day - time.Second)
		if in := b.SignIn(school, danny.username, danny.password).Want(200); in.Text("challenge.kind") != "newPassword" {
			t.Errorf("a second before: %s", in.Body)
		}
		b.Call("DELETE", "/session", nil).Want(204)

		s.Clock.Advance(time.Second)
		refused := b.SignIn(school, danny.username, danny.password).WantProblem(403, "temporary_password_expired")
		if !strings.Contains(string(refused.Body), "Jane Admin") || len(b.Cookies()) != 0 {
			t.Errorf("%s, cookies %v", refused.Body, b.Cookies())
		}
		// Only whoever has the right one is told that.
		b.SignIn(school, danny.username, danny.password+"x").WantProblem(401, "invalid_credentials")
		if in := p.jane.SignIn(school, p.janesName, janesPassword).Want(200); in.Text("status") != "active" {
			t.Errorf("a password of one's own has no such end: %s", in.Body)
		}

		// A new reset mends it, and so does a link.
		again := p.jane.Call("POST", "/users/"+danny.id+"/password-reset", nil).Want(200).Text("temporaryPassword")
		b.SignIn(school, danny.username, danny.password).WantProblem(401, "invalid_credentials")
		p.Enter(t, school, danny.username, again, "Trumpet1Valve")
		b.SignIn(school, minnie.username, minnie.password).WantProblem(403, "temporary_password_expired")
		o := &organisation{Stack: s, slug: school}
		o.forgets(t, object{"username": minnie.username}).Want(202)
		_, token := linkIn(t, s.Mail(t, "m.minx@bash-street.example", linkSubject))
		o.choose(t, token, "Trumpet2Valve").Want(204)
		s.SignsIn(t, school, minnie.username, "Trumpet2Valve")

		// Without a limit the oldest opens the account.
		roger := p.add(t, "Roger", "Dodger", "r.dodger@bash-street.example")
		jane.setRules(object{"temporaryDays": 0}).Want(200)
		s.Clock.Advance(1000 * day)
		s.SignsIn(t, school, roger.username, roger.password)
	})
}

// "First … the present code and then the new one": whoever finds a computer unattended cannot guess it for long (S2, S3).
func TestGuessingThePresentPassword(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openNordby(t, s) // three wrong ones in a row bar the account
		bk := o.join(t, "Birgit", "Krogh", initials("bk"))
		guess := func() apptest.Answer {
			return bk.Call("PUT", "/me/password", object{
				"currentPassword": "regnbuen over fjorden", "newPassword": anotherPassword, "repeatPassword": anotherPassword,
			})
		}
		guess().WantProblem(422, "wrong_password").WantField("body.currentPassword")
		guess().WantProblem(422, "wrong_password")
		// The right one ends the row.
		bk.wantTaken(t, anotherPassword, chosenPassword)
		guess().WantProblem(422, "wrong_password")
		// A new one that breaks a rule is no guess at the present one.
		for range 3 {
			bk.Call("PUT", "/me/password", object{"currentPassword": "x", "newPassword": "kort", "repeatPassword": "kort"}).WantProblem(422, "invalid")
		}
		guess().WantProblem(422, "wrong_password")

		guess().WantProblem(422, "wrong_password") // the third: it bars the account, and the session is over
		bk.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		guess().WantProblem(401, "not_signed_in")
		barred := bk.SignIn(o.slug, "bk", bk.password).WantProblem(423, "locked")
		if barred.At("retryAfter") != 900.0 || !strings.Contains(string(barred.Body), "Ada First") {
			t.Errorf("%s", barred.Body)
		}
		s.Clock.Advance(15 * time.Minute)
		s.SignsIn(t, o.slug, "bk", bk.password) // and nothing was changed
	})
}

// While the account is barred, the present password is not looked at inside either.
func TestTheBarHoldsInside(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openNordby(t, s)
		bk := o.join(t, "Birgit", "Krogh", initials("bk"))
		for range 3 {
			o.Browser(t).SignIn(o.slug, "bk", "regnbuen over fjorden").WantProblem(401, "invalid_credentials")
		}
		barred := bk.change(anotherPassword).WantProblem(423, "locked")
		if barred.Header.Get("Retry-After") == "" || !strings.Contains(string(barred.Body), "Ada First") {
			t.Errorf("%s", barred.Body)
		}
		bk.Call("GET", "/me", nil).Want(200) // strangers do not end the session of somebody at work
		s.Clock.Advance(15 * time.Minute)
		bk.wantTaken(t, anotherPassword)
	})
}

// Whoever signs in with an identity provider is told that the password is kept there (S6).
func TestNoPasswordIsChangedThatIsKeptElsewhere(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		o.signInElsewhere(t)
		bob.change(anotherPassword).WantProblem(409, "password_kept_elsewhere")
		reset := o.first.reset(bob).WantProblem(409, "password_kept_elsewhere")
		if !strings.Contains(reset.Text("detail"), "UNI-Login") {
			t.Errorf("%s", reset.Body)
		}
		stored, err := s.Store.User(t.Context(), directory.Slug(o.slug), directory.UserID(bob.id))
		if err != nil || stored.MustChangePassword {
			t.Errorf("the reset had an effect: %+v, %v", stored, err)
		}
	})
}
