package faults_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/httpapi"
)

// courses are how an operation can go, as what is different afterwards once the service has put things right.
type courses struct {
	nothing, done, twice string
	answer, again        answer // to the first and, with the same cookies and key, to the second
}

const maxCalls = 200

// Each call that an operation makes fails, in each way. The caller then gets a 503 that says when to come back, or what was
// asked for; what was asked for is done wholly or not at all; what was begun heals; and asking again, with the same
// Idempotency-Key, does it once. New operations are tried as soon as they are declared.
func TestEveryCallOfEveryOperationFails(t *testing.T) {
	t.Parallel()
	all := recipes()
	var areas []string
	for _, op := range httpapi.Operations() {
		if all[op.ID] == nil {
			t.Errorf("%s has no request", op.ID)
		}
		areas = append(areas, op.Area)
	}
	slices.Sort(areas)
	for _, area := range slices.Compact(areas) {
		t.Run(area, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			before := w.remember(t)
			for _, op := range httpapi.Operations() {
				if op.Area != area {
					continue
				}
				try{t, w, op, all[op.ID]}.run()
				w.restore(t, before)
			}
		})
	}
}

// try is an operation on trial.
type try struct {
	*testing.T
	w      *world
	op     httpapi.Operation
	recipe recipe
}

func (x try) run() {
	r := x.recipe(x.T, x.w)
	from := x.w.remember(x.T)
	c := x.courses(r, from)
	calls := 0
	for n := 1; n <= maxCalls; n++ {
		struck := false
		for _, how := range []way{lost, kept, busy, outage} {
			struck = x.fail(r, from, c, n, how) || struck
		}
		if !struck {
			break
		}
		calls = n
	}
	if calls == 0 && x.op.ID != "getDocument" {
		x.Errorf("%s: no call failed", x.op.ID)
	}
	x.Logf("%-22s %2d calls", x.op.ID, calls)
}

// courses is what happens without a fault.
func (x try) courses(r request, from moment) courses {
	var c courses
	x.w.tidy(x.T)
	c.nothing = x.w.difference(x.T, from)
	x.w.restore(x.T, from)
	c.answer = x.send(r)
	if c.answer.Code/100 != 2 && c.answer.Code != http.StatusSeeOther {
		x.Fatalf("%s: %d %s", x.op.ID, c.answer.Code, c.answer.Body)
	}
	x.w.tidy(x.T)
	c.done = x.w.difference(x.T, from)
	x.w.restore(x.T, from)
	x.send(r)
	c.again = x.send(r)
	x.w.tidy(x.T)
	c.twice = x.w.difference(x.T, from)
	x.w.restore(x.T, from)
	return c
}

// send asks as it is, each time with the cookies that there were before.
func (x try) send(r request) answer {
	path := x.op.Path
	for _, parameter := range []string{"{id}", "{slug}", "{organisation}"} {
		path = strings.ReplaceAll(path, parameter, r.names)
	}
	headers := []string{"Idempotency-Key", "once"}
	if r.match != "" {
		headers = append(headers, "If-Match", x.w.version(x.T, r.match))
	}
	return r.by.twin().call(x.T, x.op.Method, path+r.query, r.body, headers...)
}

// fail has one call fail; false if there is no such call.
func (x try) fail(r request, from moment, c courses, n int, how way) bool {
	x.w.pool.sets = 0
	x.w.arm(n, how)
	a := x.send(r)
	struck := x.w.disarm()
	if struck == "" || how == busy && struck != "sign-in service" {
		x.w.restore(x.T, from)
		return struck != ""
	}
	what := fmt.Sprintf("%s, call %d (%s) %s", x.op.ID, n, struck, how)
	succeeded := x.judge(what, a, c)
	x.w.tidy(x.T)
	x.judgeState(what, x.w.difference(x.T, from), succeeded, c)
	x.w.restore(x.T, from)

	x.w.pool.sets = 0
	x.w.arm(n, how)
	x.send(r)
	x.w.disarm()
	doubt := x.w.pool.sets
	again := x.send(r)
	x.w.pool.sets = doubt
	x.w.tidy(x.T)
	x.judgeAgain(what, again, x.w.difference(x.T, from), c)
	x.w.restore(x.T, from)
	return true
}

// judge tells whether the answer is what was asked for; if not, it must ask to come back later and say nothing of the inside.
func (x try) judge(what string, a answer, c courses) (succeeded bool) {
	if a.Code == http.StatusSeeOther && strings.Contains(a.Header().Get("Location"), "problem=unavailable") {
		return false // a browser, not a program: the sign-in page says it
	}
	if c.answer.ResponseRecorder != nil && a.Code == c.answer.Code {
		return true
	}
	var p httpapi.Problem
	if err := json.Unmarshal(a.Body.Bytes(), &p); err != nil {
		x.Errorf("%s: %v in %s", what, err, a.Body)
	}
	if a.Code != http.StatusServiceUnavailable || p.Code != "unavailable" || p.RetryAfter == 0 || a.Header().Get("Retry-After") != fmt.Sprint(p.RetryAfter) {
		x.Errorf("%s: got %d %s, Retry-After %q", what, a.Code, a.Body, a.Header().Get("Retry-After"))
	}
	if strings.Contains(a.Body.String(), "injected") {
		x.Errorf("%s: the cause is shown: %s", what, a.Body)
	}
	return false
}

// exceptions are the operations that may leave something else behind than nothing or all, and why that is no harm.
var exceptions = map[string]func(left string, c courses) bool{
	// The answer to a challenge is good for one try; whoever comes again is asked anew.
	"addPasskey": onlySpent, "confirmTOTP": onlySpent, "proveByPasskey": onlySpent, "signInByPasskey": onlySpent,
	// So it is with an identity provider, which may be linked by then; that holds by itself.
	"finishFederated": func(left string, c courses) bool {
		return onlySpent(left, c) || strings.Contains(left, `+audit "identity.linked"`) && !strings.Contains(left, "+user session")
	},
	// Nobody can know which password the pool has: the user signs in with either, and is asked for a new one.
	"changeMyPassword": interrupted, "choosePassword": interrupted, "meetNewPassword": interrupted, "resetPassword": interrupted,
	// Each user is changed wholly or not at all; asking again does the rest.
	"setEndDates": func(string, courses) bool { return true },
	// Schools come before the organisation, into a book that nobody has if it does not come.
	"createOrganisation": func(left string, c courses) bool {
		return withoutSchools(left) == "" || withoutSchools(left) == withoutSchools(c.done)
	},
}

// otherwise is what else an operation may say when it is asked for again. A password that was set, without a word of it, is
// the present one by now.
var otherwise = map[string]string{"changeMyPassword": "wrong_password"}

func onlySpent(left string, c courses) bool {
	return strings.Trim(strings.Replace(left, "-ticket", "", 1), "\n") == c.nothing
}

func interrupted(left string, _ courses) bool {
	return strings.Contains(left, `+audit "password.interrupted"`) && strings.Contains(left, `+mail "password-interrupted"`)
}

func withoutSchools(left string) string {
	return strings.ReplaceAll(strings.ReplaceAll(left, "+schools school\n", ""), "+schools school", "")
}

func (x try) excused(left string, c courses) bool {
	excuse := exceptions[x.op.ID]
	if strings.Contains(left, "password.interrupted") && x.w.pool.sets == 0 {
		return false // the pool was not asked to set one, so nothing is in doubt
	}
	return excuse != nil && excuse(left, c)
}

func (x try) judgeState(what, left string, succeeded bool, c courses) {
	switch {
	case left == c.done:
	case succeeded:
		x.Errorf("%s: it succeeded, but this is left:\n%s\nwant\n%s", what, left, c.done)
	case left != c.nothing && !x.excused(left, c):
		x.Errorf("%s: it is half done:\n%s\nwant nothing:\n%s\nor all:\n%s", what, left, c.nothing, c.done)
	}
}

func (x try) judgeAgain(what string, again answer, left string, c courses) {
	as := func(a answer) bool { return again.Code == a.Code && again.text("code") == a.text("code") }
	switch {
	case otherwise[x.op.ID] != "" && again.text("code") == otherwise[x.op.ID]:
	case !as(c.answer) && !as(c.again):
		x.Errorf("%s: asked again it says %d %s", what, again.Code, again.Body)
	case left != c.done && left != c.twice && !x.excused(left, c):
		x.Errorf("%s: asked again, this is left:\n%s\nwant\n%s\nor\n%s", what, left, c.done, c.twice)
	}
}
