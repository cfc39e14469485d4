package scenarios_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// authority has the operator set up a local authority and signs its first administrator in.
func authority(t *testing.T, s *apptest.Stack, slug, given, family string) *apptest.Browser {
	t.Helper()
	username, initial := s.Found(t, slug, strings.ToUpper(slug), "authority-analytics", given, family)
	return s.Enter(t, slug, username, initial, "Correct-horse-9-battery")
}

// The guide of the authorities: "any user has the option to select any other LA. You can only edit and create users within
// your own LA, but this capability can be useful if you wish to make contact with users in another LA."
func TestLookingUpUsersOfAnotherAuthority(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		ann := authority(t, s, "ayshire", "Ann", "Admin")
		authority(t, s, "borsetshire", "Bea", "Boss")
		p := openPortal(t, s)

		var found struct {
			Items []struct {
				Name, Email string
				Roles       []string
			}
		}
		s.Await(t, func() bool {
			ann.Call("GET", "/directory/borsetshire/users", nil).Want(200).Into(&found)
			return len(found.Items) == 1
		}, func() string { return "Bea is not found" })
		if bea := found.Items[0]; bea.Name != "Bea Boss" || bea.Email != "b.boss@borsetshire.example" || len(bea.Roles) != 1 {
			t.Errorf("%+v", bea)
		}
		looked := ann.Call("GET", "/directory/borsetshire/users?q=bea", nil).Want(200)
		if looked.Text("organisation.name") != "BORSETSHIRE" {
			t.Errorf("whose users they are is said so: %s", looked.Body)
		}
		body := string(looked.Body)
		for _, hidden := range []string{"username", "lastSignInAt", "\"id\"", "version"} {
			if strings.Contains(body, hidden) {
				t.Errorf("%s is shown: %s", hidden, body)
			}
		}
		// A school is no authority, and whether there is one of a name is not told.
		ann.Call("GET", "/directory/"+school+"/users", nil).WantProblem(404, "not_found")
		ann.Call("GET", "/directory/no-such-place/users", nil).WantProblem(404, "not_found")
		p.jane.Call("GET", "/directory/borsetshire/users", nil).WantProblem(403, "missing_right")
		p.jane.Call("GET", "/directory", nil).WantProblem(403, "missing_right")

		// To write to somebody, not to copy everybody.
		var barred apptest.Answer
		for range 40 {
			if barred = ann.Call("GET", "/directory/borsetshire/users", nil); barred.Status != 200 {
				break
			}
		}
		barred.WantProblem(429, "too_many_requests")
		if barred.Header.Get("Retry-After") == "" {
			t.Error("it is not said when to come back")
		}
		s.Clock.Advance(6 * time.Minute)
		ann.Call("GET", "/directory/borsetshire/users", nil).Want(200)
	})
}

// "any user has the option to select any other LA": there is something to select from.
func TestChoosingAnotherAuthority(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		ann := authority(t, s, "ayshire", "Ann", "Admin")
		bea := authority(t, s, "borsetshire", "Bea", "Boss")
		authority(t, s, "borchester", "Cat", "Chief")
		openPortal(t, s)
		var names []string
		offered := func(query string, want ...string) {
			t.Helper()
			s.Await(t, func() bool {
				var found struct{ Items []struct{ Name string } }
				ann.Call("GET", "/directory"+query, nil).Want(200).Into(&found)
				names = nil
				for _, o := range found.Items {
					names = append(names, o.Name)
				}
				return slices.Equal(names, want)
			}, func() string { return fmt.Sprintf("%q offers %v, want %v", query, names, want) })
		}
		offered("", "BORCHESTER", "BORSETSHIRE") // neither the own one nor a school
		offered("?q=bors", "BORSETSHIRE")
		offered("?q=schoo")
		first := ann.Call("GET", "/directory?limit=2&q=", nil).Want(200) // the own one is on this page
		offered("?limit=2&cursor="+first.Text("nextCursor"), "BORSETSHIRE")
		ann.Call("GET", "/directory?cursor=nonsense!", nil).WantProblem(422, "invalid_cursor")
		ann.Call("GET", "/directory?q=z&cursor="+first.Text("nextCursor"), nil).WantProblem(422, "invalid_cursor")

		policy := bea.Call("GET", "/settings", nil).Want(200).At("policy").(map[string]any)
		policy["directory"] = map[string]any{"open": false}
		bea.Call("PUT", "/settings", map[string]any{"policy": policy}).Want(200)
		offered("", "BORCHESTER")
		var none struct{ Items []any }
		bea.Call("GET", "/directory", nil).Want(200).Into(&none)
		if len(none.Items) != 0 {
			t.Errorf("who does not let others look sees %v", none.Items)
		}
	})
}

func TestSettingsAreSetWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		settings := p.jane.Call("GET", "/settings", nil).Want(200)
		policy := settings.At("policy").(map[string]any)
		sessions := policy["sessions"].(map[string]any)
		passwords := policy["passwords"].(map[string]any)

		sessions["idleMinutes"], passwords["minLength"] = 2, 4
		p.jane.Call("PUT", "/settings", map[string]any{"policy": policy}).WantProblem(422, "invalid").
			WantField("body.policy.sessions.idleMinutes").WantField("body.policy.passwords.minLength")
		sessions["idleMinutes"], passwords["minLength"] = 15, 10
		stale := `"` + "999" + `"`
		p.jane.Call("PUT", "/settings", map[string]any{"policy": policy}, "If-Match", stale).WantProblem(412, "stale_version")
		p.jane.Call("PUT", "/settings", map[string]any{"policy": policy}, "If-Match", settings.Header.Get("ETag")).Want(200)

		rules := p.jane.Call("GET", "/me/password-rules", nil).Want(200)
		if rules.At("minLength") != 10.0 {
			t.Errorf("the rules now say %s", rules.Body)
		}
		again := s.Browser(t)
		if in := again.SignIn(school, p.janesName, janesPassword).Want(200); in.At("idleMinutes") != 15.0 {
			t.Errorf("a new session idles for %v minutes", in.At("idleMinutes"))
		}
		delete(policy, "agreement")
		p.jane.Call("PUT", "/settings", map[string]any{"policy": policy}).WantProblem(422, "invalid").WantField("body.policy.agreement")
	})
}
