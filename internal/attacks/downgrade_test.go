package attacks_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// Whoever has the password, and not the second factor, looks for a way around it.

// halfOpen are the operations that are not closed outright while the second factor is still to come, and what they answer
// to the victim, who has no passkey.
var halfOpen = map[string]int{
	"getSession":        http.StatusOK, // which says what is to be done, and shows no rights
	"getPasswordRules":  http.StatusOK,
	"signOut":           http.StatusNoContent,
	"beginPasskeyProof": http.StatusNotFound,
	// Their bodies are looked at first. What they do with a good one is tried below.
	"meetCode":        http.StatusUnprocessableEntity,
	"proveByPasskey":  http.StatusUnprocessableEntity,
	"meetNewPassword": http.StatusUnprocessableEntity,
	"meetAgreement":   http.StatusUnprocessableEntity,
}

func TestNothingIsOpenBeforeTheSecondFactor(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		o.useApp(t, o.head) // who could do most of all
		walked := 0
		for _, op := range httpapi.Operations() {
			if op.Access == httpapi.Public {
				continue
			}
			walked++
			b := o.half(t, o.head)
			var body any
			if op.Method != http.MethodGet && op.Method != http.MethodDelete {
				body = "{}"
			}
			a := b.Call(op.Method, pathOf(op, o.head.id), body)
			if want, open := halfOpen[op.ID]; open && a.Status == want {
				continue
			}
			if a.Status != http.StatusForbidden || a.Text("code") != "challenge_pending" || a.Text("challenge") != "totp" {
				t.Errorf("%s: got %d: %s", op.ID, a.Status, a.Body)
			}
		}
		if walked < 60 {
			t.Errorf("only %d operations were tried", walked)
		}
	})
}

// Challenges are met in their order. A temporary password in the wrong hands must not become one of the attacker's own.
func TestSkippingTheSecondFactor(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		p := o.join(t, "minnie")
		o.useApp(t, p)
		p.password = o.head.Call("POST", "/users/"+p.id+"/password-reset", nil).Want(200).Text("temporaryPassword")
		b := o.half(t, p)
		b.Call("POST", "/session/password", apptest.NewPassword("Velvet-comet-17")).WantProblem(403, "challenge_pending")
		b.Call("POST", "/session/agreement", object{"version": 0, "accepted": true}).WantProblem(403, "challenge_pending")
		b.Call("POST", "/session/confirm", object{"password": p.password}).WantProblem(403, "challenge_pending")
		b.Call("POST", "/me/totp", nil).WantProblem(403, "challenge_pending")
		if a := b.Call("GET", "/session", nil).Want(200); a.Text("challenge.kind") != "totp" || a.At("challenge.secret") != nil ||
			len(a.At("rights").([]any)) != 0 || len(a.At("areas").([]any)) != 0 {
			t.Errorf("half open shows %s", a.Body)
		}
		in := b.Call("POST", "/session/totp", object{"code": o.code(t, p)}).Want(200)
		if in.Text("challenge.kind") != "newPassword" {
			t.Errorf("after the code comes %s", in.Body)
		}
		b.Call("GET", "/me", nil).WantProblem(403, "challenge_pending")
	})
}

// A mailed link, a reset, an end of sessions and a reinstatement give a password or a way back, never the second factor.
func TestEveryWayToAPasswordLeavesTheSecondFactor(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		p := o.join(t, "minnie")
		o.useApp(t, p)
		p.password = "Velvet-comet-17"
		s.Browser(t).Call("POST", "/password-resets/confirm", chosenBy(o.newLink(t, p), p.password)).Want(204)
		o.half(t, p)
		for _, step := range []string{"/suspend", "/reinstate", "/archive", "/restore", "/unlock"} {
			o.head.Call("POST", "/users/"+p.id+step, nil).Want(200)
		}
		o.head.Call("DELETE", "/users/"+p.id+"/sessions", nil).Want(204)
		o.half(t, p)
		p.password = o.head.Call("POST", "/users/"+p.id+"/password-reset", nil).Want(200).Text("temporaryPassword")
		o.half(t, p)
		// Nor does a passkey alone, unless the device has checked who holds it.
		b := o.half(t, p)
		b.Call("POST", "/session/totp", object{"code": o.code(t, p)}).Want(200)
		p.Browser, p.password = b, rightPassword
		b.Call("POST", "/session/password", apptest.NewPassword(p.password)).Want(200)
		d := newDevice(s, p.id)
		d.register(t, p)
		d.Authenticator = virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{
			UserHandle: []byte(p.id), UserNotVerified: true,
		})
		asked := s.Browser(t).Call("POST", "/passkey-sign-in/options", object{"organisation": school}).Want(200)
		s.Browser(t).Call("POST", "/passkey-sign-in", object{"organisation": school, "credential": d.answer(t, asked)}).
			WantProblem(401, "passkey_refused")
	})
}

// At a computer left alone somebody is signed in. What changes how they sign in asks for a proof that is a quarter of an
// hour old at most.
func TestTakingAnAccountOverAtAComputerLeftAlone(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		p := o.join(t, "minnie")
		o.useApp(t, p)
		s.Clock.Advance(14*time.Minute + 30*time.Second)
		p.Call("GET", "/me", nil).Want(200) // so that the session goes on
		steps := []struct {
			method, path string
			body         any
		}{
			{"DELETE", "/me/totp", nil},
			{"POST", "/me/totp", nil},
			{"POST", "/me/totp/confirm", object{"code": "000000"}},
			{"POST", "/me/recovery-codes", nil},
			{"POST", "/me/passkeys/options", nil},
			{"POST", "/me/passkeys", object{"name": "Telephone", "credential": object{}}},
			{"DELETE", "/me/passkeys/any", nil},
			{"PATCH", "/me", object{"email": "attacker@attacker.example"}},
		}
		for _, step := range steps {
			a := p.Call(step.method, step.path, step.body)
			if a.Status != http.StatusForbidden || a.Text("code") != "confirmation_required" {
				t.Errorf("%s: got %d: %s", a.Asked, a.Status, a.Body)
			}
		}
		p.Call("PUT", "/me/password", object{
			"currentPassword": wrongPassword, "newPassword": "Velvet-comet-17", "repeatPassword": "Velvet-comet-17",
		}).WantProblem(422, "wrong_password")
		p.Call("POST", "/session/confirm", object{"code": o.code(t, p)}).Want(204)
		p.Call("DELETE", "/me/totp", nil).Want(204) // it was the missing proof alone
	})
}

// An administrator's own account is also one of those that they look after; that is no way around the proof.
func TestTakingAnAdministratorsAccountOverAsOneOfTheUsers(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		other := o.join(t, "minnie")
		s.Clock.Advance(15 * time.Minute)
		own, mail := "/users/"+o.head.id, object{"email": "attacker@attacker.example"}
		o.head.Call("PATCH", own, mail).WantProblem(403, "confirmation_required")
		o.head.Call("POST", own+"/password-reset", nil).WantProblem(403, "confirmation_required")
		o.head.Call("PATCH", own, object{"givenName": "Hilda"}).Want(200) // which opens nothing
		o.head.Call("PATCH", "/users/"+other.id, mail).Want(200)          // and others are what they are there for
		o.head.Call("POST", "/session/confirm", object{"password": o.head.password}).Want(204)
		o.head.Call("PATCH", own, mail).Want(200)
		o.head.Call("POST", own+"/password-reset", nil).Want(200)
	})
}

// Where a second factor is demanded, nobody gets rid of it by themselves, and a new account is not open without one.
func TestShakingOffADemandedSecondFactor(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		o.useApp(t, o.head)
		o.change(t, "signIn", "secondFactor", "everybody")
		o.head.Call("DELETE", "/me/totp", nil).WantProblem(409, "second_factor_required")
		o.head.Call("POST", "/users/"+o.head.id+"/totp-reset", nil).WantProblem(409, "cannot_change_self")
		o.head.Call("PUT", "/users/"+o.head.id+"/totp-exemption", object{
			"reason": "None of your business", "until": s.Clock.Now().Add(time.Hour),
		}).WantProblem(409, "cannot_change_self")

		p := o.add(t, "minnie")
		b := s.Browser(t)
		b.SignIn(school, p.username, p.password).Want(200)
		in := b.Call("POST", "/session/password", apptest.NewPassword(rightPassword)).Want(200)
		if in.Text("challenge.kind") != "totpSetup" {
			t.Fatalf("%s", in.Body)
		}
		for _, op := range httpapi.Operations() {
			if op.Access != httpapi.Admitted && op.Access != httpapi.Holder || op.Meets == directory.ChallengeTOTPSetup {
				continue // the last are how a passkey is set up instead
			}
			if a := b.Call(op.Method, pathOf(op, p.id), nil); a.Status != http.StatusForbidden || a.Text("challenge") != "totpSetup" {
				t.Errorf("%s: got %d: %s", op.ID, a.Status, a.Body)
			}
		}
	})
}
