package scenarios_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// The conventions of the interface: idempotency keys, pages, sessions, cookies, headers.

func TestTheSameIdempotencyKeyDoesItOnce(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := map[string]string{"givenName": "Danny", "familyName": "Smith", "email": "d.smith@bash-street.example"}
		first := p.jane.Call("POST", "/users", danny, "Idempotency-Key", "click-1").Want(201)
		again := p.jane.Call("POST", "/users", danny, "Idempotency-Key", "click-1").Want(201)
		if again.Text("user.id") != first.Text("user.id") || again.Text("user.username") != first.Text("user.username") {
			t.Errorf("a second click made %s, the first %s", again.Body, first.Body)
		}
		if first.Text("initialPassword") == "" || !strings.Contains(string(again.Body), `"initialPassword":null`) {
			t.Errorf("the password is shown once: %s, then %s", first.Body, again.Body)
		}
		p.jane.Call("POST", "/users", map[string]string{"givenName": "Dan", "familyName": "Smith", "email": "d.smith@bash-street.example"},
			"Idempotency-Key", "click-1").WantProblem(422, "idempotency_key_reused")
		other := p.jane.Call("POST", "/users", danny, "Idempotency-Key", "click-2").Want(201)
		if other.Text("user.id") == first.Text("user.id") {
			t.Error("another key gave the same answer")
		}
		s.Clock.Advance(25 * time.Hour) // Jane's session has ended too
		fresh := s.Browser(t)
		fresh.SignIn(school, p.janesName, janesPassword).Want(200)
		if later := fresh.Call("POST", "/users", danny, "Idempotency-Key", "click-1").Want(201); later.Text("user.id") == first.Text("user.id") {
			t.Error("a key is remembered for longer than a day")
		}
	})
}

func TestTwoClicksAtTheSameInstant(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := map[string]string{"givenName": "Danny", "familyName": "Smith", "email": "d.smith@bash-street.example"}
		answers := make([]apptest.Answer, 8)
		var clicks sync.WaitGroup
		for i := range answers {
			clicks.Go(func() { answers[i] = p.jane.Call("POST", "/users", danny, "Idempotency-Key", "double-click") })
		}
		clicks.Wait()
		shown, ids := 0, map[string]bool{}
		for _, a := range answers {
			a.Want(201)
			ids[a.Text("user.id")] = true
			if a.Text("initialPassword") != "" {
				shown++
			}
		}
		if len(ids) != 1 || shown != 1 {
			t.Errorf("%d users and %d passwords from one key, want 1 of each", len(ids), shown)
		}
		p.wantListed(t, "Jane Admin", "Danny Smith")
	})
}

func TestManyOfOneNameAtTheSameInstant(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		names := make([]string, 20)
		var adding sync.WaitGroup
		for i := range names {
			adding.Go(func() { names[i] = p.add(t, "Danny", "Smith", fmt.Sprintf("d%d@bash-street.example", i)).username })
		}
		adding.Wait()
		slices.Sort(names)
		if got := len(slices.Compact(slices.Clone(names))); got != len(names) {
			t.Errorf("%d usernames for %d users: %v", got, len(names), names)
		}
	})
}

func TestListsInPages(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		for i := range 7 {
			p.add(t, "Pat", fmt.Sprintf("Pupil %c", 'A'+i), "pat@bash-street.example")
		}
		want := []string{"Admin", "Pupil A", "Pupil B", "Pupil C", "Pupil D", "Pupil E", "Pupil F", "Pupil G"}
		for _, query := range []string{"", "q=p&"} {
			if query != "" {
				want = want[1:]
			}
			var got []string
			p.Await(t, func() bool { got = p.pages(t, query+"limit=3"); return slices.Equal(got, want) },
				func() string { return fmt.Sprintf("%q: got %v, want %v", query, got, want) })
		}
		for query, field := range map[string]string{
			"limit=0": "query.limit", "limit=201": "query.limit", "limit=many": "query.limit", "sort=age": "query.sort",
			"order=up": "query.order", "cursor=page2": "query.cursor", "status=asleep": "query.status",
		} {
			a := p.jane.Call("GET", "/users?"+query, nil)
			if a.Status != 422 {
				t.Errorf("%s: got %d: %s", query, a.Status, a.Body)
				continue
			}
			a.WantField(field)
		}
	})
}

// pages reads the list page by page.
func (p *portal) pages(t *testing.T, query string) (families []string) {
	t.Helper()
	cursor := ""
	for {
		var page struct {
			Items      []struct{ FamilyName string }
			NextCursor string
		}
		p.jane.Call("GET", "/users?"+query+"&cursor="+cursor, nil).Want(200).Into(&page)
		for _, u := range page.Items {
			families = append(families, u.FamilyName)
		}
		if page.NextCursor == "" {
			return families
		}
		cursor = page.NextCursor
	}
}

func TestSessionsEndByThemselves(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		for range 4 { // in use, it goes on beyond the idle limit of half an hour
			s.Clock.Advance(25 * time.Minute)
			p.jane.Call("GET", "/session", nil).Want(200)
		}
		s.Clock.Advance(31 * time.Minute)
		p.jane.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")

		p.jane.SignIn(school, p.janesName, janesPassword).Want(200)
		for range 23 {
			s.Clock.Advance(30*time.Minute - time.Second)
			p.jane.Call("GET", "/session", nil).Want(200)
		}
		s.Clock.Advance(30 * time.Minute) // twelve hours are over, however much it was used
		p.jane.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
	})
}

func TestCookieAndHeaders(t *testing.T) {
	t.Parallel()
	s := apptest.Embedded(t)
	p := openPortal(t, s)
	a := s.Browser(t).SignIn(school, p.janesName, janesPassword).Want(200)
	cookie := a.Header.Get("Set-Cookie")
	for _, want := range []string{"caretaker=", "Path=/", "HttpOnly", "SameSite=Strict"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie lacks %s: %s", want, cookie)
		}
	}
	for header, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
	} {
		if got := a.Header.Get(header); got != want {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	p.jane.Call("GET", "/no-such-thing", nil).WantProblem(404, "not_found")
	if a := p.jane.Call("PUT", "/users", "{}").WantProblem(405, "method_not_allowed"); !strings.Contains(a.Header.Get("Allow"), "POST") {
		t.Errorf("Allow is %q", a.Header.Get("Allow"))
	}
	p.jane.Call("POST", "/users", "givenName=Danny", "Content-Type", "application/x-www-form-urlencoded").
		WantProblem(415, "unsupported_media_type")
	p.jane.Call("GET", "/users/../../etc/passwd", nil).WantProblem(404, "not_found")
	if document := p.jane.Call("GET", "/../openapi.json", nil).Want(200); document.Text("openapi") != "3.1.0" || document.At("paths") == nil {
		t.Errorf("the document starts %.100s", document.Body)
	}
	p.jane.Call("GET", "/users/%00", nil).WantProblem(404, "not_found")
}
