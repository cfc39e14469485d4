package scenarios_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// What each operation may cost at the store, signing in and authentication included. The figures that DynamoDB Local
// charges are printed with -v and kept in docs/benchmarks.md.
func TestWhatOperationsCost(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		for i := range 60 {
			p.add(t, "Pat", fmt.Sprintf("Pupil%02d", i), "pat@bash-street.example")
		}
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		b := p.Enter(t, school, danny.username, danny.password, "Minnie7Minx")
		other := p.Browser(t)
		smith := map[string]string{"givenName": "Minnie", "familyName": "Minx", "email": "m.minx@bash-street.example"}
		steps := []struct {
			name  string
			calls int64
			do    func() apptest.Answer
		}{
			{"sign in", 3, func() apptest.Answer { return other.SignIn(school, danny.username, "Minnie7Minx").Want(200) }},
			{"sign in, wrong password", 3, func() apptest.Answer { return other.SignIn(school, danny.username, "Wrong7Minx").Want(401) }},
			{"sign in, unknown user", 3, func() apptest.Answer { return other.SignIn(school, "nobody", "Wrong7Minx").Want(401) }},
			{"session", 1, func() apptest.Answer { return b.Call("GET", "/session", nil).Want(200) }},
			{"session, first use in a minute", 2, func() apptest.Answer {
				s.Clock.Advance(2 * time.Minute)
				return b.Call("GET", "/session", nil).Want(200)
			}},
			{"me", 1, func() apptest.Answer { return b.Call("GET", "/me", nil).Want(200) }},
			{"list 50 users", 4, func() apptest.Answer { return p.jane.Call("GET", "/users", nil).Want(200) }},
			{"search for one", 5, func() apptest.Answer { return p.jane.Call("GET", "/users?q=smith", nil).Want(200) }},
			{"show a user", 1, func() apptest.Answer { return p.jane.Call("GET", "/users/"+danny.id, nil).Want(200) }},
			{"create a user", 3, func() apptest.Answer { return p.jane.Call("POST", "/users", smith).Want(201) }},
			{"change a user", 2, func() apptest.Answer {
				return p.jane.Call("PATCH", "/users/"+danny.id, map[string]string{"givenName": "Daniel"}).Want(200)
			}},
			{"reset a password", 3, func() apptest.Answer {
				return p.jane.Call("POST", "/users/"+danny.id+"/password-reset", nil).Want(200)
			}},
			{"change one's own password", 3, func() apptest.Answer {
				return p.jane.Call("PUT", "/me/password", map[string]string{
					"currentPassword": janesPassword, "newPassword": "Harp$likes$maths2", "repeatPassword": "Harp$likes$maths2",
				}).Want(204)
			}},
			// Two for the deletion; then what is kept under the user, such as sessions and letters, is found with two at once, and
			// goes with one.
			{"delete a user", 5, func() apptest.Answer { return p.jane.Call("DELETE", "/users/"+danny.id, nil).Want(204) }},
			{"read the agreement", 2, func() apptest.Answer { return p.jane.Call("GET", "/agreement", nil).Want(200) }},
			{"sign out", 2, func() apptest.Answer { return p.jane.Call("DELETE", "/session", nil).Want(204) }},
		}
		embedded := t.Name() == "TestWhatOperationsCost/embedded"
		for _, step := range steps {
			step.do()
			cost := s.LastCost()
			t.Logf("%-32s %d round trips, %5.1f read units, %5.1f write units", step.name, cost.Calls, cost.ReadUnits, cost.WriteUnits)
			// The embedded store keeps the passwords too: a verification reads one, a change reads and writes one.
			if !embedded && cost.Calls > step.calls {
				t.Errorf("%s took %d round trips, want at most %d", step.name, cost.Calls, step.calls)
			}
			if cost.Calls == 0 {
				t.Errorf("%s: no cost was measured", step.name)
			}
		}
	})
}
