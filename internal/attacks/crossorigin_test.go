package attacks_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// The head, an administrator with everything open, visits a page of the attacker's, which sends requests to the service.

// headers says what a browser tells of where a request comes from, besides the cookie.
type headers map[string]string

func (h headers) from(cookie string) func(*http.Request) {
	return func(r *http.Request) {
		with(cookie)(r)
		for name, value := range h {
			r.Header.Set(name, value)
		}
	}
}

func TestCrossSiteRequestForgery(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		victim := o.join(t, "minnie")
		cookie := o.head.Cookie("caretaker").Value
		elsewhere := map[string]headers{
			"another site":           {"Sec-Fetch-Site": "cross-site", "Origin": "https://attacker.example"},
			"without an origin":      {"Sec-Fetch-Site": "cross-site"},
			"a neighbouring host":    {"Sec-Fetch-Site": "same-site", "Origin": "http://other.127.0.0.1"},
			"what nobody knows":      {"Sec-Fetch-Site": "somewhere"},
			"an old browser":         {"Origin": "https://attacker.example"},
			"a sandbox":              {"Origin": "null"},
			"another port":           {"Origin": "http://127.0.0.1:1"},
			"a name that begins so":  {"Origin": s.URL + ".attacker.example"},
			"a name that ends so":    {"Origin": strings.Replace(s.URL, "://", "://attacker-", 1)},
			"our name as a password": {"Origin": s.URL + "@attacker.example"},
		}
		walked := 0
		for _, op := range httpapi.Operations() {
			if op.Method == http.MethodGet || op.Anywhere {
				continue
			}
			for from, h := range elsewhere {
				walked++
				a := ask(t, s, op.Method, pathOf(op, victim.id), "{}", h.from(cookie))
				if a.status != http.StatusForbidden || !strings.Contains(a.body, `"cross_origin"`) {
					t.Errorf("%s from %s: got %d: %s", op.ID, from, a.status, a.body)
				}
			}
		}
		if walked < 300 {
			t.Errorf("only %d requests were tried", walked)
		}
		wantSomebody(t, s, "the head", cookie) // not signed out by any of them
		wantSomebody(t, s, "the victim", victim.Cookie("caretaker").Value)
	})
}

// What pages of other sites may ask for goes by what they know, and is the same for whoever's browser asks: the victim's
// session is of no use there.
func TestWhatOtherSitesMayAskFor(t *testing.T) {
	t.Parallel()
	var anywhere []string
	for _, op := range httpapi.Operations() {
		if op.Anywhere {
			anywhere = append(anywhere, op.ID)
		}
		if op.Anywhere && op.Access != httpapi.Public {
			t.Errorf("%s goes by the session and may be asked for from anywhere", op.ID)
		}
	}
	if want := []string{"unsubscribe"}; !slices.Equal(anywhere, want) {
		t.Errorf("other sites may ask for %v, want %v", anywhere, want)
	}
}

// pathOf is the path of an operation, with a user's id or the school's in it.
func pathOf(op httpapi.Operation, user string) string {
	return strings.NewReplacer("{id}", user, "{organisation}", school, "{slug}", school).Replace(op.Path)
}

// What a page of the service, a bookmark or a program sends is let through: the test above cannot pass by refusing all.
func TestOnesOwnPagesAreNotForgers(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		cookie := o.head.Cookie("caretaker").Value
		for from, h := range map[string]headers{
			"one's own page": {"Sec-Fetch-Site": "same-origin", "Origin": s.URL},
			"an old browser": {"Origin": s.URL},
			"a bookmark":     {"Sec-Fetch-Site": "none"},
			"a program":      {},
		} {
			if a := ask(t, s, http.MethodPatch, "/me", `{"givenName":"Hilda"}`, h.from(cookie)); a.status != http.StatusOK {
				t.Errorf("%s: got %d: %s", from, a.status, a.body)
			}
		}
	})
}

// Forms send what no preflight protects: other types of content, GET, and a method in a field or a header. A page of
// another site can show pictures from here, so nothing is done by reading.
func TestRequestsThatAreNotWhatTheySay(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		victim := o.join(t, "minnie")
		cookie := o.head.Cookie("caretaker").Value
		path := "/users/" + victim.id
		for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
			a := ask(t, s, http.MethodPatch, path, `{"givenName":"Mallory"}`, headers{"Content-Type": kind}.from(cookie))
			if a.status != http.StatusUnsupportedMediaType {
				t.Errorf("%s: got %d: %s", kind, a.status, a.body)
			}
		}
		for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
			for _, suffix := range []string{"", "?_method=DELETE"} {
				h := headers{header: http.MethodDelete, "Sec-Fetch-Site": "cross-site"}
				if a := ask(t, s, http.MethodGet, path+suffix, "", h.from(cookie)); a.status != http.StatusOK {
					t.Errorf("%s: got %d: %s", header, a.status, a.body)
				}
			}
		}
		for _, op := range httpapi.Operations() {
			if op.Method == http.MethodGet && op.Access != httpapi.Public {
				ask(t, s, op.Method, pathOf(op, victim.id), "", headers{"Sec-Fetch-Site": "cross-site"}.from(cookie))
			}
		}
		after := o.head.Call("GET", path, nil).Want(200)
		if after.Text("givenName") != "minnie" || after.Text("status") != string(directory.Active) {
			t.Errorf("something was done: %s", after.Body)
		}
		wantSomebody(t, s, "the victim", victim.Cookie("caretaker").Value)
	})
}
