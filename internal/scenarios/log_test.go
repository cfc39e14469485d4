package scenarios_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// requestLines are the lines of the log about requests that ended so.
func requestLines(t *testing.T, s *apptest.Stack, operation string, status float64) []object {
	t.Helper()
	var found []object
	for _, line := range s.Logged(t) {
		if line["msg"] == "request" && line["operation"] == operation && line["status"] == status {
			found = append(found, line)
		}
	}
	return found
}

// Whoever is on call sees for each request which one it was, whose school's, how it ended and what it cost; and for whom there
// is nothing to be seen: no name, address, username or id of a person.
func TestTheLogOfARequestSaysWhatAndNotWho(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@home.example")
		b := p.Enter(t, school, danny.username, danny.password, "Minnie7Minx")
		stranger := s.Browser(t)
		p.jane.Call("GET", "/users?q=smith", nil).Want(200)
		p.jane.Call("GET", "/users/"+danny.id, nil).Want(200)
		p.jane.Call("PATCH", "/users/"+danny.id, object{"familyName": ""}).Want(422)
		p.jane.Call("PATCH", "/users/"+danny.id, "{").Want(400)
		b.Call("GET", "/users", nil).WantProblem(403, "missing_right")
		stranger.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		stranger.SignIn(school, danny.username, "Wrong7Minx").WantProblem(401, "invalid_credentials")
		stranger.SignIn("d.smith@home.example", danny.username, "Wrong7Minx").WantProblem(401, "invalid_credentials")
		stranger.Call("GET", "/nothing/"+danny.id, nil).WantProblem(404, "not_found")

		want := []struct {
			operation             string
			status                float64
			problem, organisation string
		}{
			{"GET /api/v1/users", 200, "", school},
			{"GET /api/v1/users/{id}", 200, "", school},
			{"PATCH /api/v1/users/{id}", 422, "invalid", school},
			{"PATCH /api/v1/users/{id}", 400, "malformed", school}, // found by the framework, before the operation
			{"GET /api/v1/users", 403, "missing_right", school},
			{"GET /api/v1/session", 401, "not_signed_in", ""},
			{"POST /api/v1/session", 200, "", school},
			{"POST /api/v1/session", 401, "invalid_credentials", school},
			{"POST /api/v1/session", 401, "invalid_credentials", ""}, // what was typed in the school's place may be a person's name
			{"", 404, "not_found", ""},
		}
		for _, w := range want {
			found := slices.ContainsFunc(requestLines(t, s, w.operation, w.status), func(line object) bool {
				return line["problem"] == w.problem && line["organisation"] == w.organisation
			})
			if !found {
				t.Errorf("no line says %+v: %v", w, requestLines(t, s, w.operation, w.status))
			}
		}
		checkFields(t, s)
		checkNobodyIsNamed(t, s, "Danny", "Smith", "Jane", danny.username, "@", danny.id, p.janeID, "127.0.0.1", "Go-http-client")
	})
}

// checkFields looks for the fields of every request, and for units where there is a call to charge for.
func checkFields(t *testing.T, s *apptest.Stack) {
	t.Helper()
	ids, units := map[any]bool{}, 0.0
	for _, line := range s.Logged(t) {
		if line["msg"] != "request" {
			continue
		}
		id, _ := line["requestId"].(string)
		if id == "" || ids[id] {
			t.Errorf("the request has no id of its own: %v", line)
		}
		ids[id] = true
		for _, field := range []string{"milliseconds", "storeCalls", "storeTrips", "readUnits", "writeUnits"} {
			if _, ok := line[field].(float64); !ok {
				t.Errorf("%s is missing: %v", field, line)
			}
		}
		units += line["readUnits"].(float64)
	}
	if aws := s.DynamoDB() != ""; len(ids) < 10 || aws != (units > 0) {
		t.Errorf("%d requests consumed %v units", len(ids), units)
	}
}

func checkNobodyIsNamed(t *testing.T, s *apptest.Stack, names ...string) {
	t.Helper()
	for _, line := range s.Logged(t) {
		if line["msg"] != "request" {
			continue
		}
		text, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.Contains(strings.ToLower(string(text)), strings.ToLower(name)) {
				t.Errorf("%q is in the line %s", name, text)
			}
		}
	}
}

// Tries to sign in are counted, and those that failed; what anybody may have mistyped is a failure, and what is nobody's mistake
// is none.
func TestSignInsAreCounted(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@home.example")
		p.Enter(t, school, danny.username, danny.password, "Minnie7Minx")
		before := figure(t, s, "SignIns")
		stranger := s.Browser(t)
		stranger.SignIn(school, danny.username, "Wrong7Minx").Want(401)
		stranger.SignIn("no-such-school", danny.username, "Wrong7Minx").Want(401)
		stranger.SignIn(school, danny.username, "Minnie7Minx").Want(200)
		p.jane.Call("POST", "/users/"+danny.id+"/suspend", nil).Want(200)
		stranger.SignIn(school, danny.username, "Minnie7Minx").WantProblem(403, "suspended")
		stranger.Call("POST", "/session", "{").Want(400)
		if in, failed := figure(t, s, "SignIns")-before, figure(t, s, "SignInFailures"); in != 1 || failed != 2 {
			t.Errorf("%v signed in, %v failed", in, failed)
		}
		if failed := figure(t, s, "RequestsFailed"); failed != 0 {
			t.Errorf("%v requests failed on our side", failed)
		}
	})
}

// figure is the sum of a metric as CloudWatch makes it of the log.
func figure(t *testing.T, s *apptest.Stack, name string) (sum float64) {
	t.Helper()
	for _, line := range s.Logged(t) {
		var about struct {
			CloudWatchMetrics []struct{ Metrics []struct{ Name string } }
		}
		text, err := json.Marshal(line["_aws"])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &about); err != nil {
			t.Fatal(err)
		}
		for _, m := range about.CloudWatchMetrics {
			if slices.ContainsFunc(m.Metrics, func(m struct{ Name string }) bool { return m.Name == name }) {
				sum += line[name].(float64)
			}
		}
	}
	return sum
}
