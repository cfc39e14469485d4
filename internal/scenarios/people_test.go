package scenarios_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// The parts that the guides of the local authorities, learning providers and the intranet share: an organisation in which
// several people sit at computers of their own, whichever steps its preset puts between the password and the inside.

type object = map[string]any

// person is somebody with an account. The browser is there once they have signed in.
type person struct {
	*apptest.Browser
	id, username, password string
}

// organisation is one that the operator has set up from a preset; first, its first administrator, is signed in.
type organisation struct {
	*apptest.Stack
	slug  string
	first *person
}

func openOrganisation(t *testing.T, s *apptest.Stack, slug, name, preset string, more object) *organisation {
	t.Helper()
	body := object{"slug": slug, "name": name, "preset": preset, "firstAdministrator": object{
		"givenName": "Ada", "familyName": "First", "email": "ada@" + slug + ".example",
	}}
	maps.Copy(body, more)
	o := &organisation{Stack: s, slug: slug}
	o.first = personOf(s.Operator.Call("POST", "/operator/organisations", body).Want(201))
	o.enter(t, o.first)
	return o
}

func personOf(a apptest.Answer) *person {
	return &person{id: a.Text("user.id"), username: a.Text("user.username"), password: a.Text("initialPassword")}
}

// newUser is what is typed in about a new user, with more beside the least there must be.
func (o *organisation) newUser(given, family string, more object) object {
	body := object{"givenName": given, "familyName": family, "email": strings.ToLower(given) + "@" + o.slug + ".example"}
	maps.Copy(body, more)
	return body
}

// add has the first administrator add somebody, who has not signed in yet.
func (o *organisation) add(given, family string, more object) *person {
	return personOf(o.first.Call("POST", "/users", o.newUser(given, family, more)).Want(201))
}

// join is add for somebody who then signs in.
func (o *organisation) join(t *testing.T, given, family string, more object) *person {
	t.Helper()
	return o.enter(t, o.add(given, family, more))
}

const chosenPassword = "Correct-horse-9-battery"

// enter sits somebody down at a computer and meets whatever is put before them until they are in.
func (o *organisation) enter(t *testing.T, p *person) *person {
	t.Helper()
	p.Browser = o.Browser(t)
	in := p.SignIn(o.slug, p.username, p.password).Want(200)
	for range 4 {
		switch {
		case in.Text("status") == "active":
			return p
		case in.Text("status") == "signInAgain":
			in = p.SignIn(o.slug, p.username, p.password).Want(200)
		case in.Text("challenge.kind") == "newPassword":
			p.password = chosenPassword
			in = p.Call("POST", "/session/password", apptest.NewPassword(p.password)).Want(200)
		case in.Text("challenge.kind") == "agreement":
			in = p.Call("POST", "/session/agreement", object{"version": in.At("challenge.version"), "accepted": true}).Want(200)
		}
	}
	t.Fatalf("%s did not get in: %s", p.username, in.Body)
	return p
}

// wantList waits until the list of users, filtered by a query such as "role=monitor", shows these people and no others.
func (p *person) wantList(t *testing.T, o *organisation, query string, names ...string) {
	t.Helper()
	var got []string
	o.Await(t, func() bool {
		var list struct {
			Items []struct{ GivenName, FamilyName string }
		}
		p.Call("GET", "/users?"+query, nil).Want(200).Into(&list)
		got = nil
		for _, u := range list.Items {
			got = append(got, u.GivenName+" "+u.FamilyName)
		}
		return slices.Equal(got, names)
	}, func() string { return fmt.Sprintf("the list by %q shows %v, want %v", query, got, names) })
}

// wantOpen fails the test unless all areas are shown, in this order and with a label, and these of them, no others, are open.
func (p *person) wantOpen(t *testing.T, all []string, open ...string) {
	t.Helper()
	var areas struct {
		Items []struct {
			ID, Label string
			Enabled   bool
		}
	}
	p.Call("GET", "/areas", nil).Want(200).Into(&areas)
	var shown, enabled []string
	for _, a := range areas.Items {
		if a.Label == "" {
			t.Errorf("the area %s has no label", a.ID)
		}
		shown = append(shown, a.ID)
		if a.Enabled {
			enabled = append(enabled, a.ID)
		}
	}
	if !slices.Equal(shown, all) {
		t.Errorf("%s is shown the areas %v, want %v", p.username, shown, all)
	}
	if !slices.Equal(enabled, open) {
		t.Errorf("%s has the areas %v open, want %v", p.username, enabled, open)
	}
}

// wantDecision asks whether somebody may do something, anywhere or at a school; the reason must say all of because.
func (p *person) wantDecision(t *testing.T, about, right, school string, allowed bool, because ...string) {
	t.Helper()
	path := "/users/" + about + "/decision"
	if about == "me" {
		path = "/me/decision"
	}
	a := p.Call("GET", path+"?"+url.Values{"right": {right}, "school": {school}}.Encode(), nil).Want(200)
	if a.At("allowed") != allowed {
		t.Errorf("%s: %s at %q: %s", about, right, school, a.Body)
	}
	for _, text := range because {
		if !strings.Contains(a.Text("reason"), text) {
			t.Errorf("%s: %s at %q: the reason %q does not say %q", about, right, school, a.Text("reason"), text)
		}
	}
}

// setRoles ticks roles, and unticks all others.
func (p *person) setRoles(user string, roles ...string) apptest.Answer {
	return p.Call("PUT", "/users/"+user+"/roles", object{"roles": append([]string{}, roles...)})
}

// setSchools ticks schools, and unticks all others.
func (p *person) setSchools(user string, schools ...string) apptest.Answer {
	list := []object{}
	for _, id := range schools {
		list = append(list, object{"id": id})
	}
	return p.Call("PUT", "/users/"+user+"/schools", object{"schools": list})
}

func texts(value any) []string {
	list, _ := value.([]any)
	var got []string
	for _, v := range list {
		text, _ := v.(string)
		got = append(got, text)
	}
	return got
}
