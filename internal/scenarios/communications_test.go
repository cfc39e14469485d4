package scenarios_test

import (
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// The guide of the authorities, "Communications – this tab is under the control of the user themselves."
func TestCommunicationsAreUnderTheUsersOwnControl(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		b := p.Enter(t, school, danny.username, danny.password, "Minnie7Minx")
		if at := b.Call("GET", "/me/communications", nil).Want(200); at.At("news") != true || at.At("newsletter") != false {
			t.Errorf("a new user gets %s", at.Body)
		}
		b.Call("PUT", "/me/communications", map[string]bool{"news": false, "newsletter": true}).Want(200)
		b.Call("PUT", "/me/communications", map[string]bool{"account": false}).WantProblem(422, "invalid").WantField("body.account")
		seen := p.jane.Call("GET", "/users/"+danny.id, nil).Want(200)
		if seen.At("communications.news") != false || seen.At("communications.newsletter") != true {
			t.Errorf("the administrator sees %s", seen.Body)
		}
		p.jane.Call("PATCH", "/users/"+danny.id, map[string]any{"communications": map[string]bool{"news": true}}).
			WantProblem(422, "invalid").WantField("body.communications")
	})
}

// The guide of the learner registration, "Keeping in Touch": the first super user is the primary contact until another is
// named.
func TestThePrimaryContactIsKeptCurrent(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		b := p.Enter(t, school, danny.username, danny.password, "Minnie7Minx")
		if first := b.Call("GET", "/primary-contact", nil).Want(200); first.Text("user") != p.janeID || first.Text("name") != "Jane Admin" {
			t.Errorf("it starts as %s", first.Body)
		}
		b.Call("PUT", "/primary-contact", map[string]string{"user": danny.id}).WantProblem(403, "missing_right")
		p.jane.Call("PUT", "/primary-contact", map[string]string{"user": "nobody"}).WantProblem(422, "invalid").WantField("body.user")
		p.jane.Call("PUT", "/primary-contact", map[string]string{"user": danny.id}).Want(200)
		if now := p.jane.Call("GET", "/primary-contact", nil).Want(200); now.Text("email") != "d.smith@bash-street.example" {
			t.Errorf("it is now %s", now.Body)
		}
		p.jane.Call("DELETE", "/users/"+danny.id, nil).Want(204)
		p.jane.Call("GET", "/primary-contact", nil).WantProblem(404, "not_found")
	})
}
