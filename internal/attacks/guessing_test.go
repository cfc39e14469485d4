package attacks_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// The rule against which all of these run: a name's wrong attempts in a row, wherever they come from and whatever they
// guess at, are answered as often as the organisation's threshold says and no more, also when they come at one instant.

func TestAHundredPasswordsAtOnce(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		victim := o.join(t, "minnie")
		for _, name := range []string{victim.username, "nobody"} {
			counted := atOnce(guesses, func(i int) apptest.Answer {
				return s.Browser(t).SignIn(school, name, fmt.Sprintf("%s-%d", wrongPassword, i))
			})
			o.wantBarred(t, name, "invalid_credentials", counted)
		}
		// What is tried while the name is barred is not looked at, the right password included.
		s.Browser(t).SignIn(school, victim.username, victim.password).WantProblem(423, "locked")
	})
}

// wantBarred fails the test unless the attempts were answered as often as the threshold allows, and no more.
func (o *organisation) wantBarred(t *testing.T, what, wrong string, counted map[string]int) {
	t.Helper()
	most := o.threshold(t)
	if n := counted[wrong]; n == 0 || n > most {
		t.Errorf("%s: %d guesses were answered, want at most %d: %v", what, n, most, counted)
	}
	for code := range counted {
		if code != wrong && code != "locked" && code != "not_signed_in" && code != "unavailable" {
			t.Errorf("%s: %d were answered with %s: %v", what, counted[code], code, counted)
		}
	}
	if counted["locked"]+counted["not_signed_in"] == 0 { // a session ends with the bar, so what comes late has none
		t.Errorf("%s: nobody was told of a bar: %v", what, counted)
	}
}

// Among the hundred is the right password. Whoever guesses gets in only if it is among the few that are looked at.
func TestTheRightPasswordAmongAHundred(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		victim := o.join(t, "minnie")
		counted := atOnce(guesses, func(i int) apptest.Answer {
			if i == guesses/2 {
				return s.Browser(t).SignIn(school, victim.username, victim.password)
			}
			return s.Browser(t).SignIn(school, victim.username, wrongPassword)
		})
		// A success in between begins the count anew, so there can be twice as many.
		if most := o.threshold(t) * (1 + counted["in"]); counted["invalid_credentials"] > most || counted["in"] > 1 {
			t.Errorf("%v, want at most %d wrong ones answered", counted, most)
		}
	})
}

func TestAHundredCodesAtOnce(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		victim := o.join(t, "minnie")
		o.useApp(t, victim)
		wrong := o.otherCode(t, victim)

		one := o.half(t, victim)
		counted := atOnce(guesses, func(int) apptest.Answer { return one.Call("POST", "/session/totp", object{"code": wrong}) })
		o.wantBarred(t, "one session", "wrong_code", counted)
		one.Call("GET", "/session", nil).WantProblem(401, "not_signed_in") // the session is gone with the bar

		// Many sessions opened before do not multiply the guesses, and recovery codes count alike.
		o.head.Call("POST", "/users/"+victim.id+"/unlock", nil).Want(200)
		many := make([]*apptest.Browser, 20)
		for i := range many {
			many[i] = o.half(t, victim)
		}
		counted = atOnce(guesses, func(i int) apptest.Answer {
			guess := wrong
			if i%2 == 0 {
				guess = "abcd-efgh-jkmn-pqr2"
			}
			return many[i%len(many)].Call("POST", "/session/totp", object{"code": guess})
		})
		o.wantBarred(t, "many sessions", "wrong_code", counted)
		s.Browser(t).SignIn(school, victim.username, victim.password).WantProblem(423, "locked")
	})
}

// Whoever knows the password shows it again after each wrong code; that must not begin the count anew.
func TestThePasswordInBetweenBuysNoMoreCodes(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		victim := o.join(t, "minnie")
		o.useApp(t, victim)
		wrong := o.otherCode(t, victim)
		for range o.threshold(t) {
			o.half(t, victim).Call("POST", "/session/totp", object{"code": wrong}).WantProblem(422, "wrong_code")
		}
		s.Browser(t).SignIn(school, victim.username, victim.password).WantProblem(423, "locked")
	})
}

// At a computer that was left alone the password is not known, and can be guessed in more than one place. They share one
// count, with sign-ins too.
func TestGuessingAtAComputerLeftAlone(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		victim := o.join(t, "minnie")
		o.useApp(t, victim)
		code := o.otherCode(t, victim)
		counted := atOnce(guesses, func(i int) apptest.Answer {
			switch i % 3 {
			case 0:
				return victim.Call("POST", "/session/confirm", object{"password": wrongPassword})
			case 1:
				return victim.Call("POST", "/session/confirm", object{"code": code})
			default:
				return victim.Call("PUT", "/me/password", object{
					"currentPassword": wrongPassword, "newPassword": "Velvet-comet-17", "repeatPassword": "Velvet-comet-17",
				})
			}
		})
		both := counted["wrong_password"] + counted["wrong_code"]
		if most := o.threshold(t); both == 0 || both > most {
			t.Errorf("%d guesses were answered, want at most %d: %v", both, most, counted)
		}
		victim.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")
	})
}

func TestAHundredSecurityCodesAtOnce(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		o.change(t, "signIn", "lockout", object{"threshold": 3, "minutes": 0}) // until an administrator acts
		const code = "tapir*quilt-83"
		o.head.Call("PUT", "/security-code", object{"securityCode": code}).Want(204)
		o.head.Call("DELETE", "/session/elevate", nil).Want(204)
		counted := atOnce(guesses, func(i int) apptest.Answer {
			return o.head.Call("POST", "/session/elevate", object{"securityCode": fmt.Sprintf("guess-%d", i)})
		})
		// Only somebody who has entered the code could unlock, so it passes by itself.
		s.Clock.Advance(15*time.Minute - time.Second)
		o.head.Call("POST", "/session/elevate", object{"securityCode": code}).WantProblem(423, "locked")
		s.Clock.Advance(time.Second)
		o.head.Call("POST", "/session/elevate", object{"securityCode": code}).Want(200)
		o.wantBarred(t, "the security code", "wrong_security_code", counted)
	})
}

// A stranger goes on for a day to keep somebody out. In a browser of their own they get in after a quarter of an hour,
// whatever the organisation's rule is; the stranger never does, also not with a browser's mark that is made up.
func TestKeepingSomebodyOutForGood(t *testing.T) {
	t.Parallel()
	for _, minutes := range []int{24 * 60, 0} {
		t.Run(fmt.Sprintf("bar of %d minutes", minutes), func(t *testing.T) {
			t.Parallel()
			apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
				o := openSchool(t, s)
				o.change(t, "signIn", "lockout", object{"threshold": 3, "minutes": minutes})
				victim := o.join(t, "minnie")
				victim.Call("DELETE", "/session", nil).Want(204)
				stranger, forger := s.Browser(t), s.Browser(t)
				mark := victim.Cookie("caretaker-known").Value
				forger.SetCookie("caretaker-known", mark[:strings.LastIndex(mark, ".")+1]+strings.Repeat("A", 43))
				for range 4 {
					for range 4 {
						stranger.SignIn(school, victim.username, wrongPassword)
						forger.SignIn(school, victim.username, wrongPassword)
					}
					stranger.SignIn(school, victim.username, victim.password).WantProblem(423, "locked")
					forger.SignIn(school, victim.username, victim.password).WantProblem(423, "locked")
					s.Clock.Advance(5 * time.Minute)
				}
				victim.SignIn(school, victim.username, victim.password).Want(200)
			})
		})
	}
}
