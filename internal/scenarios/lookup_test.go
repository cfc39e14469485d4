package scenarios_test

import (
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
		body := string(ann.Call("GET", "/directory/borsetshire/users?q=bea", nil).Want(200).Body)
		for _, hidden := range []string{"username", "lastSignInAt", "\"id\"", "version"} {
			if strings.Contains(body, hidden) {
				t.Errorf("%s is shown: %s", hidden, body)
			}
		}
		// A school is no authority, and whether there is one of a name is not told.
		ann.Call("GET", "/directory/"+school+"/users", nil).WantProblem(404, "not_found")
		ann.Call("GET", "/directory/no-such-place/users", nil).WantProblem(404, "not_found")
		p.jane.Call("GET", "/directory/borsetshire/users", nil).WantProblem(403, "missing_right")

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
