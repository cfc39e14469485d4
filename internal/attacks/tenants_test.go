package attacks_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// The head of one local authority, who may do everything there, has got hold of ids of the one next door.

// things are an authority's, one of each kind, by the path that they are under.
type things map[string]string

func (o *organisation) things(t *testing.T) things {
	t.Helper()
	p := o.join(t, "minnie")
	newDevice(o.Stack, p.id).register(t, p)
	var passkeys, sessions struct{ Items []struct{ ID string } }
	p.Call("GET", "/me/passkeys", nil).Want(200).Into(&passkeys)
	p.Call("GET", "/me/sessions", nil).Want(200).Into(&sessions)
	one := o.head.Call("POST", "/schools", object{"name": "St Mary's"}).Want(201).Text("id")
	return things{
		"users": p.id, "schools": one, "me/passkeys": passkeys.Items[0].ID, "me/sessions": sessions.Items[0].ID,
		"school-groups": o.head.Call("POST", "/school-groups", object{"name": "Coast", "schools": []string{one}}).Want(201).Text("id"),
		"roles":         o.head.Call("POST", "/roles", object{"name": "Planners", "rights": []string{"reports.view"}}).Want(201).Text("id"),
		"announcements": o.head.Call("POST", "/announcements", object{"category": "service", "subject": "Downtime", "body": "At noon."}).Want(202).Text("id"),
		"directory":     o.slug,
		"operator":      o.slug,
	}
}

// goodBodies are those with which an operation would be carried out, where its body is looked at before its path. The other
// ones are refused by their path alone.
var goodBodies = map[string]any{
	"changeRole":        object{"name": "Taken over", "rights": []string{"users.manage"}},
	"changeSchool":      object{"name": "Taken over"},
	"changeSchoolGroup": object{"name": "Taken over", "schools": []string{}},
	"enterSupport":      object{"reason": "Curiosity"},
}

func TestAnotherOrganisationsIDs(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, victim := openOrganisation(t, s, school, "authority-analytics"), openOrganisation(t, s, nextDoor, "authority-analytics")
		victim.change(t, "directory", "open", false) // authorities are open to each other, unless they choose
		own, theirs := o.things(t), victim.things(t)
		before := victim.everything(theirs["users"])
		walked := 0
		for _, op := range httpapi.Operations() {
			start, rest, about := strings.Cut(op.Path, "{")
			if op.Access == httpapi.Public || !about {
				continue
			}
			kind := strings.Trim(start, "/")
			if strings.HasPrefix(kind, "operator/") {
				kind = "operator"
			}
			id, known := theirs[kind]
			if !known {
				t.Fatalf("%s: this test does not know what %s is about", op.ID, op.Path)
			}
			walked++
			_, end, _ := strings.Cut(rest, "}")
			path := func(id string) string { return start + id + end }
			body := goodBodies[op.ID]
			if body == nil && op.Method != http.MethodGet && op.Method != http.MethodDelete {
				body = "{}"
			}
			a := o.head.Call(op.Method, path(id), body)
			if kind == "operator" {
				if a.Status != http.StatusForbidden || a.Text("code") != "missing_right" {
					t.Errorf("%s: got %d: %s", op.ID, a.Status, a.Body)
				}
				continue
			}
			// What is there and what is not is answered alike, to the letter.
			none := o.head.Call(op.Method, path("00000000000000000000000001"), body)
			if a.Status != http.StatusNotFound || a.Text("code") != "not_found" || string(a.Body) != string(none.Body) {
				t.Errorf("%s: got %d: %s; for what is not there %d: %s", op.ID, a.Status, a.Body, none.Status, none.Body)
			}
			if op.Method == http.MethodGet && kind != "directory" && !strings.HasSuffix(op.Path, "/decision") {
				o.head.Call(op.Method, path(own[kind]), nil).Want(200) // so the path is right
			}
		}
		if walked < 30 {
			t.Errorf("only %d operations were tried", walked)
		}
		victim.wantAsBefore(t, theirs["users"], before)
	})
}

// everything is what the head sees of the authority and of one of its users, by path.
func (o *organisation) everything(user string) map[string]string {
	all := map[string]string{}
	for _, path := range []string{
		"/users/" + user, "/users/" + o.head.id, "/roles", "/schools", "/school-groups", "/settings", "/primary-contact", "/support-access", "/audit?limit=200",
	} {
		all[path] = string(o.head.Call("GET", path, nil).Want(200).Body)
	}
	return all
}

// wantAsBefore fails the test if something is different now.
func (o *organisation) wantAsBefore(t *testing.T, user string, before map[string]string) {
	t.Helper()
	for path, now := range o.everything(user) {
		if now != before[path] {
			t.Errorf("%s showed\n%s\nand shows now\n%s", path, before[path], now)
		}
	}
}

// The ids come in bodies, filters and cursors, where the path is one's own.
func TestAnotherOrganisationsIDsInsideARequest(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, victim := openOrganisation(t, s, school, "authority-analytics"), openOrganisation(t, s, nextDoor, "authority-analytics")
		victim.change(t, "directory", "open", false) // authorities are open to each other, unless they choose
		own, theirs := o.things(t), victim.things(t)
		before := victim.everything(theirs["users"])
		user := "/users/" + own["users"]
		for _, tt := range []struct {
			method, path string
			body         any
		}{
			{"PUT", user + "/schools", object{"schools": []object{{"id": theirs["schools"]}}}},
			{"PUT", user + "/schools", object{"schools": []object{}, "defaultGroup": theirs["school-groups"]}},
			{"PUT", user + "/roles", object{"roles": []string{theirs["roles"]}}},
			{"PATCH", user, object{"roles": []string{theirs["roles"]}}},
			{"POST", "/users", object{
				"givenName": "Roger", "familyName": "Wright", "email": "roger@" + school + ".example", "roles": []string{theirs["roles"]},
			}},
			{"PUT", "/primary-contact", object{"user": theirs["users"]}},
			{"POST", "/school-groups", object{"name": "Both", "schools": []string{theirs["schools"]}}},
			{"POST", "/roles", object{"name": "Both", "rights": []string{}, "constraints": object{"requires": []string{theirs["roles"]}}}},
			{"DELETE", "/roles/" + own["roles"] + "?moveTo=" + theirs["roles"], nil},
		} {
			if a := o.head.Call(tt.method, tt.path, tt.body); a.Status != http.StatusUnprocessableEntity && a.Status != http.StatusNotFound {
				t.Errorf("%s: got %d: %s", a.Asked, a.Status, a.Body)
			}
		}
		cursor := victim.head.Call("GET", "/users?limit=1", nil).Want(200).Text("nextCursor")
		for _, path := range []string{
			"/users?role=" + theirs["roles"], "/users?school=" + theirs["schools"], "/users?cursor=" + cursor, "/users?q=head%40" + nextDoor,
			"/audit?subject=" + theirs["users"], "/audit?actor=" + theirs["users"], "/audit?actor=" + victim.head.id,
			user + "/decision?right=reports.view&school=" + theirs["schools"], "/directory/" + nextDoor + "/users",
		} {
			if a := o.head.Call("GET", path, nil); strings.Contains(string(a.Body), nextDoor) || strings.Contains(string(a.Body), victim.head.id) ||
				a.At("allowed") == true {
				t.Errorf("%s: got %d: %s", path, a.Status, a.Body)
			}
		}
		victim.wantAsBefore(t, theirs["users"], before)
	})
}
