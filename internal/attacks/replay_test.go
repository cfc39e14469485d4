package attacks_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// What was good once, or would have been good a while ago, is used again.

func TestReplayOfAPasswordLink(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		use := func(token string) apptest.Answer {
			return s.Browser(t).Call("POST", "/password-resets/confirm", chosenBy(token, "Velvet-comet-17"))
		}
		for _, tt := range []struct {
			why     string
			name    string
			between func(p *person, link string)
		}{
			{"it was used", "used", func(_ *person, link string) { use(link).Want(204) }},
			{"a newer one was sent", "newer", func(p *person, link string) {
				if newer := o.newLink(t, p); newer == link {
					t.Error("the same link was sent again")
				}
			}},
			{"it is an hour old", "late", func(*person, string) { s.Clock.Advance(time.Hour) }},
			{"the password was changed", "changed", func(p *person, _ string) {
				p.Call("PUT", "/me/password", object{
					"currentPassword": p.password, "newPassword": "Velvet-comet-18", "repeatPassword": "Velvet-comet-18",
				}).Want(204)
			}},
			{"the password was reset", "reset", func(p *person, _ string) {
				o.head.Call("POST", "/users/"+p.id+"/password-reset", nil).Want(200)
			}},
			{"the mailbox is no longer the user's", "moved", func(p *person, _ string) {
				o.head.Call("PATCH", "/users/"+p.id, object{"email": "new." + p.email}).Want(200)
			}},
			{"the account was suspended, if only for a while", "away", func(p *person, _ string) {
				o.head.Call("POST", "/users/"+p.id+"/suspend", nil).Want(200)
				o.head.Call("POST", "/users/"+p.id+"/reinstate", nil).Want(200)
			}},
			{"the account is gone", "gone", func(p *person, _ string) {
				o.head.Call("DELETE", "/users/"+p.id, nil).Want(204)
			}},
		} {
			p := o.join(t, tt.name)
			link := o.newLink(t, p)
			tt.between(p, link)
			if a := use(link); a.Status != http.StatusUnprocessableEntity || a.Text("code") != "invalid_link" {
				t.Errorf("%s: got %d: %s", tt.why, a.Status, a.Body)
			}
			o.enter(t, o.head) // time has passed for some
		}
	})
}

func TestAPasswordLinkUsedManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		link := o.newLink(t, o.join(t, "minnie"))
		counted := atOnce(uses, func(int) apptest.Answer {
			return s.Browser(t).Call("POST", "/password-resets/confirm", chosenBy(link, "Velvet-comet-17"))
		})
		if counted["in"] != 1 || counted["invalid_link"] != uses-1 {
			t.Errorf("%v, want one success", counted)
		}
	})
}

func TestReplayOfAPasskey(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		abroad := openOrganisation(t, s, nextDoor, "school-intranet")
		p := o.join(t, "minnie")
		d := newDevice(s, p.id)
		d.register(t, p)
		ask := func(org string) apptest.Answer {
			return s.Browser(t).Call("POST", "/passkey-sign-in/options", object{"organisation": org}).Want(200)
		}
		use := func(org string, answer any) apptest.Answer {
			return s.Browser(t).Call("POST", "/passkey-sign-in", object{"organisation": org, "credential": answer})
		}
		answer := d.answer(t, ask(school))
		use(school, answer).Want(200)
		use(school, answer).WantProblem(401, "passkey_refused")

		answer = d.answer(t, ask(school))
		counted := atOnce(uses, func(int) apptest.Answer { return use(school, answer) })
		if counted["in"] != 1 || counted["passkey_refused"] != uses-1 {
			t.Errorf("%v, want one success", counted)
		}

		// An answer is good for what it was asked for: there, by this session or by none, for ten minutes.
		use(school, d.answer(t, ask(nextDoor))).WantProblem(401, "passkey_refused")
		use(nextDoor, d.answer(t, ask(nextDoor))).WantProblem(401, "passkey_refused")
		mine := d.answer(t, p.Call("POST", "/session/passkey/options", nil).Want(200))
		use(school, mine).WantProblem(401, "passkey_refused")
		p.Call("POST", "/session/passkey", object{"credential": d.answer(t, ask(school))}).WantProblem(401, "passkey_refused")
		elsewhere := s.Browser(t)
		elsewhere.SignIn(school, p.username, p.password).Want(200)
		mine = d.answer(t, p.Call("POST", "/session/passkey/options", nil).Want(200))
		elsewhere.Call("POST", "/session/passkey", object{"credential": mine}).WantProblem(401, "passkey_refused")
		newDevice(s, abroad.head.id).register(t, abroad.head)
		late := d.answer(t, ask(school))
		s.Clock.Advance(10 * time.Minute)
		use(school, late).WantProblem(401, "passkey_refused")
		use(school, d.answer(t, ask(school))).Want(200)
	})
}

// Whatever ends a session ends the cookies that were copied from it.
func TestReplayOfASessionCookie(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		for _, tt := range []struct {
			why  string
			name string
			ends func(p *person)
		}{
			{"signing out", "leaver", func(p *person) { p.Call("DELETE", "/session", nil).Want(204) }},
			{"another password", "changer", func(p *person) {
				p.Call("PUT", "/me/password", object{
					"currentPassword": p.password, "newPassword": "Velvet-comet-18", "repeatPassword": "Velvet-comet-18",
				}).Want(204)
			}},
			{"a password by a mailed link", "forgetful", func(p *person) {
				s.Browser(t).Call("POST", "/password-resets/confirm", chosenBy(o.newLink(t, p), "Velvet-comet-17")).Want(204)
			}},
			{"a reset", "reset", func(p *person) { o.head.Call("POST", "/users/"+p.id+"/password-reset", nil).Want(200) }},
			{"losing the second factor", "factor", func(p *person) {
				o.useApp(t, p)
				o.head.Call("POST", "/users/"+p.id+"/totp-reset", nil).Want(200)
			}},
			{"suspension", "suspended", func(p *person) {
				o.head.Call("POST", "/users/"+p.id+"/suspend", nil).Want(200)
				o.head.Call("POST", "/users/"+p.id+"/reinstate", nil).Want(200)
			}},
			{"archival", "archived", func(p *person) {
				o.head.Call("POST", "/users/"+p.id+"/archive", nil).Want(200)
				o.head.Call("POST", "/users/"+p.id+"/restore", nil).Want(200)
			}},
			{"an administrator", "ended", func(p *person) { o.head.Call("DELETE", "/users/"+p.id+"/sessions", nil).Want(204) }},
			{"oneself, elsewhere", "elsewhere", func(p *person) {
				b := s.Browser(t)
				b.SignIn(school, p.username, p.password).Want(200)
				b.Call("DELETE", "/me/sessions", nil).Want(204)
			}},
			{"deletion", "deleted", func(p *person) { o.head.Call("DELETE", "/users/"+p.id, nil).Want(204) }},
			{"the end of access", "over", func(p *person) {
				o.head.Call("PATCH", "/users/"+p.id, object{"endsAt": s.Clock.Now().Add(time.Minute)}).Want(200)
				s.Clock.Advance(time.Minute)
				o.head.Call("PATCH", "/users/"+p.id, object{"endsAt": ""}).Want(200)
			}},
			{"time without use", "idle", func(*person) { s.Clock.Advance(20 * time.Minute) }},
		} {
			p := o.join(t, tt.name)
			cookie := p.Cookie("caretaker").Value
			wantSomebody(t, s, tt.why+", before", cookie)
			tt.ends(p)
			wantNobody(t, s, tt.why, cookie)
		}
	})
}

// Looking over somebody's shoulder gives a code that was used, or is being used at this instant.
func TestReplayOfACode(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		o.change(t, "signIn", "lockout", object{"threshold": 10, "minutes": 15})
		p := o.join(t, "minnie")
		o.useApp(t, p)
		use := func(b *apptest.Browser, code string) apptest.Answer {
			return b.Call("POST", "/session/totp", object{"code": code})
		}
		code := o.code(t, p)
		use(o.half(t, p), code).Want(200)
		use(o.half(t, p), code).WantProblem(422, "wrong_code")
		p.Call("POST", "/session/confirm", object{"code": code}).WantProblem(422, "wrong_code")
		s.Clock.Advance(30 * time.Second) // the app shows another one, and the one before is still let in for the slow
		use(o.half(t, p), code).WantProblem(422, "wrong_code")

		confirming := o.code(t, p)
		p.Call("POST", "/session/confirm", object{"code": confirming}).Want(204)
		use(o.half(t, p), confirming).WantProblem(422, "wrong_code")

		for what, code := range map[string]string{"code": o.code(t, p), "recovery code": p.recovery[0]} {
			browsers := make([]*apptest.Browser, 20)
			for i := range browsers {
				browsers[i] = o.half(t, p)
			}
			counted := atOnce(uses, func(i int) apptest.Answer { return use(browsers[i%len(browsers)], code) })
			if counted["in"] != 1 {
				t.Errorf("a %s opened %d sessions at one instant: %v", what, counted["in"], counted)
			}
			o.head.Call("POST", "/users/"+p.id+"/unlock", nil).Want(200)
		}
		use(o.half(t, p), p.recovery[0]).WantProblem(422, "wrong_code")
		use(o.half(t, p), p.recovery[1]).Want(200)
	})
}

// The code that confirmed the app is no code to sign in with.
func TestReplayOfTheCodeThatSetTheAppUp(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		p := o.join(t, "minnie")
		p.totp = p.Call("POST", "/me/totp", nil).Want(200).Text("secret")
		code := o.code(t, p)
		p.Call("POST", "/me/totp/confirm", object{"code": code}).Want(200)
		o.half(t, p).Call("POST", "/session/totp", object{"code": code}).WantProblem(422, "wrong_code")
	})
}
