package scenarios_test

import (
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// A school leaves the platform: from that moment on it is as if it had never been there, for its own people, for those who
// want in and for the school next door; for two weeks a mistake can be undone.
func TestAnOperatorClosesASchool(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		username, initial := s.Found(t, nextDoor, "Blob Street School", "school-portal", "Walter", "Softy")
		walter := s.Enter(t, nextDoor, username, initial, "Trumpet2Valve")
		const one, confirmed = "/operator/organisations/" + school, "/operator/organisations/" + school + "?confirm=" + school
		seen := s.Operator.Call("GET", one, nil).Want(200).Header.Get("ETag")

		// It takes more than one slip: the name once more, and what one has seen.
		s.Operator.Call("DELETE", one, nil, "If-Match", seen).WantProblem(422, "invalid").WantField("query.confirm")
		s.Operator.Call("DELETE", one+"?confirm="+nextDoor, nil, "If-Match", seen).WantProblem(422, "invalid").WantField("query.confirm")
		s.Operator.Call("DELETE", confirmed, nil).WantProblem(422, "invalid").WantField("header.If-Match")
		s.Operator.Call("DELETE", confirmed, nil, "If-Match", `"99"`).WantProblem(412, "stale_version")
		s.Operator.Call("DELETE", "/operator/organisations/operator?confirm=operator", nil, "If-Match", `"1"`).WantProblem(409, "cannot_delete_self")
		s.Operator.Call("DELETE", "/operator/organisations/nowhere?confirm=nowhere", nil, "If-Match", `"1"`).WantProblem(404, "not_found")
		p.jane.Call("DELETE", confirmed, nil, "If-Match", seen).WantProblem(403, "missing_right")
		p.jane.Call("GET", "/users", nil).Want(200)

		closed := s.Operator.Call("DELETE", confirmed, nil, "If-Match", seen).Want(202)
		if closed.Text("id") != school || closed.Text("closedBy") != "Olive Operator" || closed.Text("eraseAt") == "" {
			t.Errorf("closed: %s", closed.Body)
		}
		p.jane.Call("GET", "/users", nil).WantProblem(401, "not_signed_in")
		eraseAt, err := time.Parse(time.RFC3339, closed.Text("eraseAt"))
		if err != nil {
			t.Fatal(err)
		}
		m := s.Mail(t, "j.admin@bash-street.example", "Bash Street School has been closed") // who sees nothing of it any more
		gone := eraseAt.In(london).Format("2 January 2006")
		if !strings.Contains(m.Text, "deleted from "+gone+" on") || !strings.Contains(m.Headers["Reply-To"], "customer.service@") {
			t.Errorf("answers go to %q:\n%s", m.Headers["Reply-To"], m.Text)
		}
		nobody := s.Browser(t).SignIn("never-was", danny.username, danny.password)
		if a := s.Browser(t).SignIn(school, danny.username, danny.password); a.Status != nobody.Status || a.Text("code") != nobody.Text("code") {
			t.Errorf("at the door it is told from one that never was: %d %s, want %d %s", a.Status, a.Body, nobody.Status, nobody.Body)
		}
		s.Browser(t).Call("GET", "/organisations/"+school+"/sign-in", nil).Want(404)
		s.Operator.Call("GET", one, nil).WantProblem(404, "not_found")
		s.Operator.Call("DELETE", confirmed, nil, "If-Match", seen).WantProblem(404, "not_found")
		walter.Call("GET", "/users", nil).Want(200)
		s.Operator.Call("POST", "/operator/organisations", map[string]any{
			"slug": school, "name": "Another", "preset": "school-portal",
			"firstAdministrator": map[string]string{"givenName": "Winnie", "familyName": "Taken", "email": "w@taken.example"},
		}).WantProblem(409, "slug_taken")

		s.Await(t, func() bool {
			list := s.Operator.Call("GET", "/operator/closed-organisations", nil).Want(200)
			items, _ := list.At("items").([]any)
			return len(items) == 1
		}, func() string { return "it is not listed among the closed" })
		s.Operator.Call("POST", "/operator/closed-organisations/"+nextDoor+"/reopen", nil).WantProblem(404, "not_found")
		s.Operator.Call("POST", "/operator/closed-organisations/"+school+"/reopen", nil).Want(200)
		s.Operator.Call("GET", one, nil).Want(200)
		s.Mail(t, "j.admin@bash-street.example", "Bash Street School has been reopened")
		s.SignsIn(t, school, danny.username, danny.password)
		s.SignsIn(t, school, p.janesName, janesPassword)

		// The second time it is meant.
		seen = s.Operator.Call("GET", one, nil).Want(200).Header.Get("ETag")
		s.Operator.Call("DELETE", confirmed, nil, "If-Match", seen).Want(202)
		s.Clock.Advance(15 * 24 * time.Hour)
		if done, err := s.Tidy(t.Context()); err != nil || done.Erased != 1 {
			t.Fatalf("%+v, %v", done, err)
		}
		operator := s.Browser(t)
		operator.SignIn("operator", operatorName(t, s), chosenPassword).Want(200)
		operator.Call("POST", "/operator/closed-organisations/"+school+"/reopen", nil).WantProblem(409, "wrong_status")
		if _, err := s.Store.User(t.Context(), school, "any"); err == nil {
			t.Error("somebody is left")
		}
		s.SignsIn(t, nextDoor, username, "Trumpet2Valve")
	})
}

// Administrators of a Danish school are told in Danish.
func TestAdministratorsAreToldOfAClosingInTheirLanguage(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		openIntranet(t, s)
		admins, err := s.Store.Administrators(t.Context(), intranetSchool)
		if err != nil || len(admins) == 0 {
			t.Fatal(admins, err)
		}
		const one = "/operator/organisations/" + intranetSchool
		seen := s.Operator.Call("GET", one, nil).Want(200).Header.Get("ETag")
		s.Operator.Call("DELETE", one+"?confirm="+intranetSchool, nil, "If-Match", seen).Want(202)
		s.Operator.Call("POST", "/operator/closed-organisations/"+intranetSchool+"/reopen", nil).Want(200)
		for _, a := range admins {
			s.Mail(t, a.Email, "er blevet lukket")
			s.Mail(t, a.Email, "er åbnet igen")
		}
	})
}

// operatorName is the username of the operator of the stack, whose session has run out by now.
func operatorName(t *testing.T, s *apptest.Stack) string {
	t.Helper()
	admins, err := s.Store.Administrators(t.Context(), "operator")
	if err != nil || len(admins) != 1 {
		t.Fatal(admins, err)
	}
	return admins[0].Username
}
