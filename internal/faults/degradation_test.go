package faults_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/httpapi"
)

// writing are the operations that have to write something down although they are asked for with GET: a sign-in under way, and
// that somebody looked at another organisation's people.
var writing = []string{"beginFederated", "finishFederated", "listOthersUsers"}

// Nine o'clock on Monday, and the table takes no writes: whoever is in can go on looking at everything, for as long as the
// session lasts without being noted as used. Nobody new comes in, and nothing changes; that is said with a 503.
func TestReadingGoesOnWhileNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	w, all := newWorld(t), recipes()
	before := w.remember(t)
	for _, op := range httpapi.Operations() {
		r := all[op.ID](t, w)
		x := try{t, w, op, all[op.ID]}
		if op.Method == http.MethodGet {
			w.clock.advance(2 * time.Minute) // so that the use of the session is to be noted; a code of an app would be too old by then
		}
		w.away("commit")
		a := x.send(r)
		tried := w.disarm() != ""
		switch reads := op.Method == http.MethodGet && !slices.Contains(writing, op.ID); {
		case reads && (a.Code != http.StatusOK || op.Access != httpapi.Public && !tried && op.Access != httpapi.SignedIn):
			t.Errorf("%s: %d %s; writing was tried: %t", op.ID, a.Code, a.Body, tried)
		case !reads && x.judge(op.ID, a, courses{}):
			t.Errorf("%s: %d %s", op.ID, a.Code, a.Body)
		}
		w.restore(t, before)
	}
}

// Without the pool people who are in go on with all that has nothing to do with passwords.
func TestWhatGoesOnWithoutThePool(t *testing.T) {
	t.Parallel()
	stops := []string{
		"addAdministrator", "changeMyPassword", "choosePassword", "confirmIdentity", "createOrganisation", "createUser", "meetNewPassword", "resetPassword",
		"signIn",
	}
	stopsWithout(t, "sign-in service", stops)
}

// Without the keys no second factor by app is looked at or set up, nor is anybody sent to an identity provider. Sessions, and
// signing in with a password or a passkey alone, need no key.
func TestWhatGoesOnWithoutTheKeys(t *testing.T) {
	t.Parallel()
	stops := []string{
		"addPasskey", "beginFederated", "beginTOTP", "confirmTOTP", "finishFederated", "makeRecoveryCodes", "meetCode", "putProvider", "putStandardCode",
	}
	stopsWithout(t, "keys", stops)
}

func TestWhatGoesOnWithoutAnIdentityProvider(t *testing.T) {
	t.Parallel()
	stopsWithout(t, "identity provider", []string{"beginFederated", "finishFederated", "putProvider"})
}

// stopsWithout demands that, of all operations, these and no others stop while something is away.
func stopsWithout(t *testing.T, what string, want []string) {
	t.Helper()
	w, all := newWorld(t), recipes()
	before := w.remember(t)
	var stopped []string
	for _, op := range httpapi.Operations() {
		x := try{t, w, op, all[op.ID]}
		r := all[op.ID](t, w)
		w.away(what)
		a := x.send(r)
		w.disarm()
		if served := a.Code/100 == 2 || a.Code == http.StatusSeeOther; !x.judge(op.ID, a, courses{answer: whatever(a, served)}) {
			stopped = append(stopped, op.ID)
		}
		w.restore(t, before)
	}
	slices.Sort(stopped)
	if !slices.Equal(stopped, want) {
		t.Errorf("without %s stop %v, want %v", what, stopped, want)
	}
}

// whatever takes an answer that was served for the one wanted.
func whatever(a answer, served bool) answer {
	if served {
		return a
	}
	return answer{}
}

// A page asks for several things at once, and another of them may note something in the session just before this one does.
func TestARequestWhoseSessionIsWrittenMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.jane.must(t, "PUT", "/security-code", object{"securityCode": securityCode})
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/session/confirm", object{"password": password}},
		{"POST", "/session/elevate", object{"securityCode": securityCode}},
		{"DELETE", "/me/sessions", nil},
	} {
		w.jane.must(t, "GET", "/me", nil)
		other := w.jane.twin()
		w.meanwhile = func() {
			w.clock.advance(2 * time.Minute) // so that the use of the session is noted
			other.must(t, "GET", "/me", nil)
		}
		if a := w.jane.call(t, c.method, c.path, c.body); a.Code/100 != 2 {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.Code, a.Body)
		}
	}
}

// The list of breached passwords is part of the program. Were it damaged, nobody could choose a password that is not held
// against it, and all else would go on.
func TestWhatGoesOnWithoutTheBreachedPasswords(t *testing.T) {
	t.Parallel()
	w, all := newWorld(t), recipes()
	w.Directory.Common = func(string) bool { panic("the filter is damaged") }
	for _, op := range httpapi.Operations() {
		x := try{t, w, op, all[op.ID]}
		switch op.ID {
		case "meetNewPassword":
			r := all[op.ID](t, w)
			before := w.remember(t)
			a := x.send(r)
			if left := w.difference(t, before); a.Code != http.StatusInternalServerError || a.text("code") != "internal" || left != "" {
				t.Errorf("%d %s, and this is left: %s", a.Code, a.Body, left)
			}
		case "signIn", "createUser", "listUsers":
			if a := x.send(all[op.ID](t, w)); a.Code/100 != 2 {
				t.Errorf("%s: %d %s", op.ID, a.Code, a.Body)
			}
		}
	}
}
