package scenarios_test

import (
	"maps"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// What is wrong with a field is said in English for people, and as a code with parameters for programs that say it in other
// languages, whoever finds it: the domain, or what reads the request.
func TestFieldsAreToldByCode(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		for name, c := range map[string]struct {
			method, path   string
			body           any
			location, code string
			params         map[string]string
			message        string
		}{
			"by the domain": {
				"PATCH", "/users/" + p.janeID,
				map[string]any{"idleMinutes": 3},
				"body.idleMinutes", "between",
				map[string]string{"min": "5", "max": "720"},
				"must be from 5 to 720",
			},
			"what is missing":       {"POST", "/users", map[string]any{"givenName": "Danny", "email": "d@bash-street.example"}, "body.familyName", "missing", nil, "is missing; please fill it in"},
			"what nobody asked for": {"PATCH", "/me", map[string]any{"colour": "red"}, "body.colour", "unknown_field", nil, "is not a field of this operation"},
			"no text":               {"PATCH", "/me", map[string]any{"givenName": 3}, "body.givenName", "text", nil, "must be a text"},
			"no whole number":       {"PATCH", "/users/" + p.janeID, map[string]any{"idleMinutes": "soon"}, "body.idleMinutes", "whole_number", nil, "must be a whole number"},
			"no time":               {"PATCH", "/users/" + p.janeID, map[string]any{"endsAt": "soon"}, "body.endsAt", "time_or_never", nil, "must be a time such as 2027-07-31T22:00:00Z, or \"\" for never"},
			"too many at once":      {"GET", "/users?limit=1000", nil, "query.limit", "at_most", map[string]string{"max": "200"}, "must be at most 200"},
			"no number in a query":  {"GET", "/users?limit=many", nil, "query.limit", "whole_number", nil, "must be a whole number"},
			"no such choice":        {"GET", "/users?status=gone", nil, "query.status", "one_of", map[string]string{"allowed": "active, suspended, archived"}, "must be one of active, suspended or archived"},
		} {
			a := p.jane.Call(c.method, c.path, c.body).Want(422).WantField(c.location)
			var said struct {
				Errors []struct {
					Location, Code, Message string
					Params                  map[string]string
				}
			}
			a.Into(&said)
			e := said.Errors[0]
			if e.Location != c.location || e.Code != c.code || e.Message != c.message || !maps.Equal(e.Params, c.params) {
				t.Errorf("%s: got %s", name, a.Body)
			}
		}
	})
}

// Who sets an organisation up is told at once what is wrong with it and with its first administrator.
func TestAnOrganisationIsFoundWrongInAllItsParts(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(_ *testing.T, s *apptest.Stack) {
		wrong := map[string]any{
			"name": "", "slug": "Plum Lane", "preset": "school-portal", "schools": "code",
			"firstAdministrator": map[string]string{"givenName": "Prue", "familyName": "Plum", "email": "prue"},
		}
		s.Operator.Call("POST", "/operator/organisations", wrong).WantProblem(422, "invalid").
			WantField("body.name").WantField("body.slug").WantField("body.schools").WantField("body.firstAdministrator.email")
		wrong["preset"] = "nothing"
		s.Operator.Call("POST", "/operator/organisations", wrong).WantProblem(422, "invalid").WantField("body.preset").WantField("body.slug")
	})
}
