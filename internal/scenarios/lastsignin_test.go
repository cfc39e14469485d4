package scenarios_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// "The last login is displayed and a filter for the period since the last login is now available" (N10).

// lastSignIn is when somebody signed in last, as administrators see it; "" for never.
func (p *person) lastSignIn(user string) string {
	return p.Call("GET", "/users/"+user, nil).Want(200).Text("lastSignInAt")
}

// Every kind of sign-in counts, once nothing stands between it and the inside; nothing else does.
func TestWhatCountsAsASignIn(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		f := openFederated(t, s)
		f.settings(t, func(policy object) {
			policy["signIn"].(object)["methods"] = []string{"password", "federated", "passkey"}
		}).Want(200)
		ada := f.first
		lise := f.teacher(t)
		bo, nina := f.join(t, "Bo", "Kold", initials("bk")), f.add("Nina", "Ny", initials("nn"))
		counted := func(why string, p *person, counts bool, signIn func()) {
			t.Helper()
			before := ada.lastSignIn(p.id)
			s.Clock.Advance(time.Minute)
			signIn()
			want := before
			if counts {
				want = s.Clock.Now().UTC().Format(time.RFC3339)
			}
			if got := ada.lastSignIn(p.id); got != want {
				t.Errorf("%s: the last sign-in is %q, want %q", why, got, want)
			}
		}
		counted("a central identity", lise, true, func() { f.goThere(t, f.Browser(t), "sub-of-lm").Want(http.StatusSeeOther) })
		counted("a password", bo, true, func() { f.enter(t, bo) })
		counted("work in a session", bo, false, func() { bo.Call("PATCH", "/me", object{"title": "Mr"}).Want(200) })
		counted("a wrong password", bo, false, func() { f.Browser(t).SignIn(f.slug, "bk", "wrong").Want(401) })
		passkey := f.addPasskey(t, f.enter(t, bo), "Telephone")
		counted("a passkey", bo, true, func() { wantIn(t, passkey.signIn(t, f.Browser(t), f.slug)) })
		var half *apptest.Browser
		counted("a password alone, where a passkey is asked for too", bo, false, func() { half, _ = f.atTheDoor(t, bo) })
		counted("and both", bo, true, func() { wantIn(t, passkey.prove(t, half)) })
		counted("an initial password alone", nina, false, func() { half, _ = f.atTheDoor(t, nina) })
		counted("one that was chosen anew", nina, true, func() {
			wantIn(t, half.Call("POST", "/session/password", apptest.NewPassword(chosenPassword)))
		})
		nina.password = chosenPassword
		counted("asking for a link", nina, false, func() { f.forgets(t, object{"username": "nn"}).Want(202) })
		m := f.Mail(t, "nina@"+f.slug+".example", "Vælg en ny adgangskode")
		_, token := linkIn(t, m)
		counted("choosing by the link", nina, false, func() { f.choose(t, token, anotherPassword).Want(204) })
		counted("and signing in with it", nina, true, func() {
			wantIn(t, f.Browser(t).SignIn(f.slug, "nn", anotherPassword))
		})
		counted("signing out", bo, false, func() { bo.Call("DELETE", "/session", nil).Want(204) })

		f.first = f.enter(t, f.first)
		ada = f.first
		oskar := f.operator(t, "Oskar", "Support")
		ada.letIn(f.organisation, time.Hour).Want(200)
		before := map[string]string{}
		for _, p := range []*person{ada, lise, bo, nina} {
			before[p.id] = ada.lastSignIn(p.id)
		}
		s.Clock.Advance(time.Minute)
		oskar.visit(f.slug).Want(201)
		oskar.Call("GET", "/users", nil).Want(200)
		for id, at := range before {
			if got := ada.lastSignIn(id); got != at {
				t.Errorf("a visit of support counts for %s: %s", id, got)
			}
		}
	})
}

// Where one signs in once more with the new password, it is that which counts; and a reset counts for nothing.
func TestSigningInAgainCounts(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		seen := func() any { return p.jane.Call("GET", "/users/"+danny.id, nil).Want(200).At("lastSignInAt") }
		b := p.Browser(t)
		b.SignIn(school, danny.username, danny.password).Want(200)
		b.Call("POST", "/session/password", apptest.NewPassword("Minnie7Minx")).Want(200)
		if seen() != nil {
			t.Errorf("signed in before signing in again: %v", seen())
		}
		s.Clock.Advance(time.Minute)
		in := b.SignIn(school, danny.username, "Minnie7Minx").Want(200)
		if seen() != nil {
			t.Errorf("signed in before the agreement: %v", seen())
		}
		b.Call("POST", "/session/agreement", object{"version": in.At("challenge.version"), "accepted": true}).Want(200)
		first := s.Clock.Now().UTC().Format(time.RFC3339)
		if seen() != first {
			t.Errorf("%v, want %s", seen(), first)
		}
		s.Clock.Advance(time.Minute)
		p.jane.Call("POST", "/users/"+danny.id+"/password-reset", nil).Want(200)
		if seen() != first {
			t.Errorf("a reset counts: %v", seen())
		}
	})
}

// twoByTwo reads a list two at a time, and returns who is on it.
func (p *person) twoByTwo(query string) []string {
	var got []string
	for cursor := ""; ; {
		var page struct {
			Items      []struct{ GivenName string }
			NextCursor string
		}
		p.Call("GET", "/users?limit=2&"+query+"&cursor="+cursor, nil).Want(200).Into(&page)
		for _, u := range page.Items {
			got = append(got, u.GivenName)
		}
		if cursor = page.NextCursor; cursor == "" {
			return got
		}
	}
}

// Months are calendar months, days those of the authority: summer time, and the last days of August, which February lacks.
func TestUsersWhoHaveNotSignedInForSomeMonths(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "08-01")
		l.open(t, "melchester-months")
		for _, seen := range []string{"08-26 12:00", "08-27 23:59", "08-28 00:30", "08-29 12:00", "08-30 12:00", "08-31 23:30", "09-01 00:00", "09-15 00:30"} {
			p := l.add("D"+strings.NewReplacer("-", "", " ", "h", ":", "").Replace(seen), "Away", roles("adviser"))
			l.age(t, p.id, lastSeen(l.at("0-"+seen)))
		}
		l.Clock.Advance(l.at("0-08-29 10:00").Sub(l.Clock.Now()))
		l.enter(t, l.first)
		l.add("Ned", "Never", roles("adviser")) // created on the 29th
		last := time.Date(l.since+1, time.March, 0, 0, 0, 0, 0, london).Day()
		all := []string{"D0826h1200", "D0827h2359", "D0828h0030", "D0829h1200", "D0830h1200", "D0831h2330", "D0901h0000", "D0915h0030"}
		for _, row := range []struct {
			now  string
			want []string
		}{
			{"02-26 00:00", all[:1]},
			{"02-26 23:59", all[:1]},
			{"02-27 00:00", all[:2]},
			{fmt.Sprintf("02-%d 23:59", last-1), all[:last-26]},
			{fmt.Sprintf("02-%d 00:00", last), all[:6]}, // the end of February is that of August too
			{"03-01 00:00", all[:7]},                    // 1 September began at 23:00 UTC
			{"03-14 23:59", all[:7]},
			{"03-15 00:00", all}, // it was the 15th in London, and the 14th in UTC
		} {
			l.Clock.Advance(l.at("1-" + row.now).Sub(l.Clock.Now()))
			ada := l.enter(t, l.first)
			want := row.want
			if len(want) > 3 {
				want = append([]string{"Ned"}, want...)
			}
			got := ada.twoByTwo("inactiveMonths=6&sort=lastSignInAt")
			if !slices.Equal(got, want) {
				t.Errorf("on %s the list shows %v, want %v", row.now, got, want)
			}
			backwards := ada.twoByTwo("inactiveMonths=6&sort=lastSignInAt&order=desc")
			slices.Reverse(backwards)
			if !slices.Equal(backwards, want) {
				t.Errorf("on %s, backwards, it shows %v", row.now, backwards)
			}
			byName := ada.twoByTwo("inactiveMonths=6&sort=givenName")
			slices.Sort(want)
			if !slices.Equal(byName, want) {
				t.Errorf("on %s, by name, it shows %v", row.now, byName)
			}
		}
		ada := l.enter(t, l.first)
		if got, want := ada.twoByTwo("sort=lastSignInAt"), append(append([]string{"Ned"}, all...), "Ada"); !slices.Equal(got, want) {
			t.Errorf("in the order of sign-ins: %v, want %v", got, want)
		}
		for _, months := range []string{"0", "121", "x"} {
			ada.Call("GET", "/users?inactiveMonths="+months, nil).Want(422)
		}
	})
}
