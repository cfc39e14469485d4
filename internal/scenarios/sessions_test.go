package scenarios_test

import (
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// sessionsOf lists the ids of somebody's open sessions: this one, or the others.
func sessionsOf(p *person, current bool) []string {
	var list struct {
		Items []struct {
			ID      string
			Current bool
		}
	}
	p.Call("GET", "/me/sessions", nil).Want(200).Into(&list)
	var ids []string
	for _, s := range list.Items {
		if s.Current == current {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// S10: "Tallet er det antal minutter en bruger kan være inaktiv på systemet, uden automatisk at blive logget af." Staff with
// an office of their own can have a long one, others a short one.
func TestSessionLength(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk, ck := o.join(t, "Bo", "Kold", initials("bk")), o.join(t, "Carl", "Krogh", initials("ck"))
		length := func(minutes int) apptest.Answer {
			return o.first.Call("PATCH", "/users/"+bk.id, object{"idleMinutes": minutes})
		}
		for _, wrong := range []int{-1, 1, 4, 721, 1 << 40} {
			length(wrong).WantProblem(422, "invalid").WantField("body.idleMinutes")
		}
		for _, right := range []int{5, 720, 120} {
			if a := length(right).Want(200); a.At("idleMinutes") != float64(right) {
				t.Errorf("%s", a.Body)
			}
		}
		bk.Call("PATCH", "/me", object{"idleMinutes": 720}).WantProblem(422, "invalid").WantField("body.idleMinutes")
		bk.Call("PATCH", "/users/"+bk.id, object{"idleMinutes": 720}).WantProblem(403, "missing_right")

		wantLength(t, s, o.enter(t, bk), 120)
		wantLength(t, s, ck, 20)
		s.Clock.Advance(20*time.Minute - time.Second)
		wantLength(t, s, ck, 20) // each use begins it anew
		s.Clock.Advance(20*time.Minute - time.Second)
		ck.Call("GET", "/me", nil).Want(200)
		s.Clock.Advance(20 * time.Minute)
		ck.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")
		bk.Call("GET", "/me", nil).Want(200)
		s.Clock.Advance(120*time.Minute - time.Second)
		bk.Call("GET", "/me", nil).Want(200)
		s.Clock.Advance(120 * time.Minute)
		bk.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")

		o.enter(t, o.first)
		if a := length(0).Want(200); a.At("idleMinutes") != nil { // as the settings say, again
			t.Errorf("%s", a.Body)
		}
		wantLength(t, s, o.enter(t, bk), 20)
	})
}

// wantLength fails the test unless somebody's session ends after so many minutes without use.
func wantLength(t *testing.T, s *apptest.Stack, p *person, minutes int) {
	t.Helper()
	got := p.Call("GET", "/session", nil).Want(200)
	ends := s.Clock.Now().Add(time.Duration(minutes) * time.Minute).UTC().Format(time.RFC3339)
	if got.At("idleMinutes") != float64(minutes) || got.Text("expiresAt") != ends {
		t.Errorf("the session of %s lasts %v minutes, to %s; want %d, to %s",
			p.username, got.At("idleMinutes"), got.Text("expiresAt"), minutes, ends)
	}
}

// set changes groups of settings, such as sessions, in the members that are given.
func (p *person) set(groups object) apptest.Answer {
	now := p.Call("GET", "/settings", nil).Want(200)
	policy, _ := now.At("policy").(object)
	for group, members := range groups {
		maps.Copy(policy[group].(object), members.(object))
	}
	return p.Call("PUT", "/settings", object{"policy": policy}, "If-Match", now.Header.Get("ETag"))
}

func TestTheOrganisationsSessionLength(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		for field, wrong := range map[string][]int{"idleMinutes": {0, 4, 721}, "absoluteHours": {0, 25}} {
			for _, value := range wrong {
				o.first.set(object{"sessions": object{field: value}}).WantProblem(422, "invalid").WantField("body.policy.sessions." + field)
			}
		}
		o.first.set(object{"sessions": object{"idleMinutes": 45, "absoluteHours": 2}}).Want(200)
		wantLength(t, s, bk, 20) // a session goes on as it began
		wantLength(t, s, o.enter(t, bk), 45)
		// However it is used, it ends; and says so in time.
		start := s.Clock.Now()
		for range 3 {
			s.Clock.Advance(39 * time.Minute)
			bk.Call("GET", "/me", nil).Want(200)
		}
		if got := bk.Call("GET", "/session", nil).Want(200); got.Text("expiresAt") != start.Add(2*time.Hour).UTC().Format(time.RFC3339) {
			t.Errorf("the session ends at %s", got.Text("expiresAt"))
		}
		s.Clock.Advance(3*time.Minute - time.Second)
		bk.Call("GET", "/me", nil).Want(200)
		s.Clock.Advance(time.Second)
		bk.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")
	})
}

// A click costs one read; that the session was used is written down once a minute.
func TestTheLastUseIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		for _, step := range []struct {
			after time.Duration
			calls int64
		}{{0, 1}, {0, 1}, {59 * time.Second, 1}, {time.Second, 2}, {0, 1}, {59 * time.Second, 1}, {time.Second, 2}, {10 * time.Minute, 2}} {
			s.Clock.Advance(step.after)
			o.first.Call("GET", "/me", nil).Want(200)
			if cost := s.LastCost(); cost.Calls != step.calls {
				t.Errorf("%s later a request took %d round trips, want %d", step.after, cost.Calls, step.calls)
			}
		}
	})
}

func TestOnesOwnSessions(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk, ck := o.join(t, "Bo", "Kold", initials("bk")), o.join(t, "Carl", "Krogh", initials("ck"))
		began := s.Clock.Now()
		s.Clock.Advance(5 * time.Minute)
		library := &person{Browser: s.Browser(t)}
		library.Call("POST", "/session", object{"organisation": o.slug, "username": "bk", "password": bk.password},
			"User-Agent", "The library's browser").Want(200)
		waiting := s.Browser(t) // a failed attempt is no session
		waiting.SignIn(o.slug, "bk", "wrong").Want(401)

		var list struct {
			Items []struct {
				ID, Method, Address, Agent       string
				Current                          bool
				StartedAt, LastUsedAt, ExpiresAt time.Time
			}
		}
		bk.Call("GET", "/me/sessions", nil).Want(200).Into(&list)
		if len(list.Items) != 2 {
			t.Fatalf("listed are %+v", list.Items)
		}
		for _, got := range list.Items {
			start, agent := s.Clock.Now(), "The library's browser"
			if got.Current {
				start, agent = began, "Go-http-client/1.1"
			}
			if got.Method != "password" || got.Address != "127.0.0.1" || got.Agent != agent || !got.StartedAt.Equal(start) ||
				!got.LastUsedAt.Equal(s.Clock.Now()) || !got.ExpiresAt.Equal(s.Clock.Now().Add(20*time.Minute)) {
				t.Errorf("listed is %+v", got)
			}
		}
		own, other := sessionsOf(bk, true), sessionsOf(bk, false)
		ck.Call("DELETE", "/me/sessions/"+other[0], nil).WantProblem(404, "not_found") // not one's own
		bk.Call("DELETE", "/me/sessions/no-such-session", nil).WantProblem(404, "not_found")
		bk.Call("DELETE", "/me/sessions/"+other[0], nil).Want(204)
		library.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")
		bk.Call("DELETE", "/me/sessions/"+other[0], nil).WantProblem(404, "not_found")
		bk.Call("DELETE", "/me/sessions/"+own[0], nil).Want(204) // this one: signed out, the cookie taken back
		for _, c := range bk.Cookies() {
			if c.Name == "caretaker" {
				t.Error("the cookie of the ended session is still there")
			}
		}
		bk.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")
		o.first.wantTrail(t, o, "/users/"+bk.id+"/audit?action=session.", "session.ended", "session.ended")
	})
}

func TestEndingOnesOtherSessions(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		for i, pause := range []time.Duration{0, 30 * time.Second, 10 * time.Minute} { // also when the last use is due to be written
			elsewhere := []*person{}
			for range 3 {
				elsewhere = append(elsewhere, o.enter(t, &person{username: "bk", password: bk.password}))
			}
			s.Clock.Advance(pause)
			bk.Call("DELETE", "/me/sessions", nil).Want(204)
			for n, p := range elsewhere {
				if a := p.Call("GET", "/me", nil); a.Status != 401 {
					t.Errorf("round %d: session %d goes on: %s", i, n, a.Body)
				}
			}
			if got := sessionsOf(bk, false); len(got) != 0 {
				t.Errorf("round %d: still listed are %v", i, got)
			}
			bk.Call("GET", "/me", nil).Want(200)
		}
		o.first.wantTrail(t, o, "/users/"+bk.id+"/audit?action=sessions.", "sessions.ended", "sessions.ended", "sessions.ended")
	})
}

// Whoever confirms who they are after a pause has the session go on: its last use is written in the same moment.
func TestConfirmingAfterAPause(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		for range 3 {
			s.Clock.Advance(16 * time.Minute)
			bk.Call("POST", "/me/totp", nil).WantProblem(403, "confirmation_required")
			s.Clock.Advance(2 * time.Minute)
			bk.Call("POST", "/session/confirm", object{"password": bk.password}).Want(204)
			bk.Call("POST", "/me/totp", nil).Want(200)
		}
	})
}

// A page asks for several things at once. Whichever of the requests writes the last use down, what another one changes about
// the session is not lost to it.
func TestRequestsAtOneInstantAfterAPause(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		for _, change := range []func() apptest.Answer{
			func() apptest.Answer {
				return bk.Call("POST", "/session/confirm", object{"password": bk.password})
			},
			func() apptest.Answer { return bk.Call("DELETE", "/me/sessions", nil) },
		} {
			for range 5 {
				s.Clock.Advance(2 * time.Minute)
				var changed apptest.Answer
				var all sync.WaitGroup
				for range 5 {
					all.Go(func() { bk.Call("GET", "/me", nil).Want(200) })
				}
				all.Go(func() { changed = change() })
				all.Wait()
				changed.Want(204)
			}
		}
	})
}
