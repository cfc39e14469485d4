package scenarios_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// A learning provider that lost its only super user (L16). Section 10.2: "As MIAP is taking responsibility for granting
// someone Super User access for your organisation, the form must be approved by a senior manager within your organisation."

const collegeAdministrators = "/operator/organisations/" + college + "/administrators"

// newSuperUserForm is the form of section 10.2, filled in.
func newSuperUserForm(o *organisation, more object) object {
	form := o.newUser("Nadia", "New", object{
		"approvedBy": object{"name": "Paula Principal", "position": "Principal"}, "evidence": "Form of 20 November,\nsigned; call of the 21st",
	})
	maps.Copy(form, more)
	return form
}

// L16.
func TestTheNewSuperUserForm(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		nobody := object{"name": "", "position": ""}
		for _, tt := range []struct {
			why    string
			change object
			fields []string
		}{
			{"nobody approved it", object{"approvedBy": nobody}, []string{"body.approvedBy.name", "body.approvedBy.position"}},
			{"no position", object{"approvedBy": object{"name": "Paula Principal", "position": " "}}, []string{"body.approvedBy.position"}},
			{"no evidence", object{"evidence": ""}, []string{"body.evidence"}},
			{"no approval at all", object{"approvedBy": object{}}, []string{"body.approvedBy.name", "body.approvedBy.position"}},
			{"a senior manager who is hidden", object{"approvedBy": object{"name": "\u202eP", "position": "Head"}}, []string{"body.approvedBy.name"}},
			{"evidence without end", object{"evidence": strings.Repeat("x", 60000)}, []string{"body.evidence"}},
			{"an account that names no person", object{"givenName": "Admin"}, []string{"body.givenName"}},
			{
				"everything at once",
				object{"approvedBy": nobody, "evidence": "", "givenName": "", "familyName": "", "email": "nadia"},
				[]string{
					"body.approvedBy.name", "body.approvedBy.position", "body.evidence", "body.givenName", "body.familyName", "body.email",
				},
			},
		} {
			a := s.Operator.Call("POST", collegeAdministrators, newSuperUserForm(o, tt.change))
			if a.Status != 422 {
				t.Errorf("%s: got %d: %s", tt.why, a.Status, a.Body)
				continue
			}
			for _, field := range tt.fields {
				a.WantField(field)
			}
		}
		form := newSuperUserForm(o, nil)
		delete(form, "approvedBy")
		delete(form, "evidence")
		s.Operator.Call("POST", collegeAdministrators, form).WantProblem(422, "invalid").
			WantField("body.approvedBy").WantField("body.evidence")
		s.Operator.Call("POST", "/operator/organisations/nowhere/administrators", newSuperUserForm(o, nil)).WantProblem(404, "not_found")
		o.first.Call("POST", collegeAdministrators, newSuperUserForm(o, nil)).WantProblem(403, "missing_right")
		o.first.wantList(t, o, "", "Ada First") // nothing was done
	})
}

// L16: "… taking responsibility": who approved it, and by what, can be read for good by the provider itself.
func TestWhoApprovedTheNewSuperUser(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		nadia := personOf(s.Operator.Call("POST", collegeAdministrators, newSuperUserForm(o, nil), "Idempotency-Key", "form").Want(201))
		again := s.Operator.Call("POST", collegeAdministrators, newSuperUserForm(o, nil), "Idempotency-Key", "form").Want(201)
		if again.Text("user.id") != nadia.id || again.At("initialPassword") != nil {
			t.Errorf("a second click made %s", again.Body)
		}
		for _, path := range []string{"/audit?action=user.created", "/users/" + nadia.id + "/audit?action=user.created"} {
			var trail struct {
				Items []struct {
					Note           string
					Actor, Subject struct{ ID, Organisation, Name string }
				}
			}
			s.Await(t, func() bool {
				o.first.Call("GET", path, nil).Want(200).Into(&trail)
				return len(trail.Items) > 0
			}, func() string { return path + " is empty" })
			e := trail.Items[0]
			if len(trail.Items) != 1 || e.Actor.Organisation != "operator" || e.Actor.Name != "Olive Operator" || e.Subject.ID != nadia.id {
				t.Errorf("%s tells of %+v", path, trail.Items)
			}
			for _, words := range []string{"Paula Principal", "Principal", "Form of 20 November,\nsigned; call of the 21st"} {
				if !strings.Contains(e.Note, words) {
					t.Errorf("%s says %q, want %q in it", path, e.Note, words)
				}
			}
		}
	})
}

// L16: Somebody may have talked the platform into letting a stranger in. All who could know hear of it.
func TestWhoHearsOfTheNewSuperUser(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		dora := o.join(t, "Dora", "Deputy", roles("LRBSuperUser"))
		paula := o.join(t, "Paula", "Principal", roles("LRBViewOnlyUser"))
		o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		o.first.Call("POST", "/users/"+dora.id+"/suspend", nil).Want(200) // "in the … event that your Super User account is suspended"
		o.first.Call("PUT", "/primary-contact", object{"user": paula.id}).Want(200)
		nadia := personOf(s.Operator.Call("POST", collegeAdministrators, newSuperUserForm(o, nil)).Want(201))
		for _, address := range []string{"ada@", "dora@", "paula@"} {
			m := s.Mail(t, address+college+".example", "new administrator")
			if !strings.Contains(m.Text, "Nadia New") || !strings.Contains(m.Text, "Paula Principal, Principal") {
				t.Errorf("%s reads:\n%s", address, m.Text)
			}
			if reply := m.Headers["Reply-To"]; !strings.Contains(reply, "customer.service@caretaker.example") {
				t.Errorf("%s answers to %q", address, reply)
			}
			if strings.Contains(m.Text+m.HTML, nadia.username) || strings.Contains(m.Text+m.HTML, nadia.password) {
				t.Errorf("%s reads how to get in:\n%s", address, m.Text)
			}
		}
		// Once each, and nobody else: of others she hears of her username alone.
		s.Mail(t, "nadia@"+college+".example", "Your Caretaker account")
		for address, want := range map[string]int{"ada@": 1, "dora@": 1, "paula@": 1, "bob@": 0, "nadia@": 0} {
			all := strings.Join(o.letters(t, address+college+".example", ""), "\n")
			if got := strings.Count(all, "New administrator:"); got != want {
				t.Errorf("%s has %d mails of it, want %d", address, got, want)
			}
		}
	})
}

// L16: The primary contact is a super user as a rule, and gets one mail, not two; whoever was deleted gets none.
func TestTheNewSuperUserOfAProviderWhosePrimaryContactLeft(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		nadia := o.enter(t, personOf(s.Operator.Call("POST", collegeAdministrators, newSuperUserForm(o, nil)).Want(201)))
		if got := o.letters(t, "ada@"+college+".example", "new administrator"); len(got) != 1 {
			t.Errorf("Ada, the primary contact, has %d mails of it", len(got))
		}
		nadia.Call("DELETE", "/users/"+o.first.id, nil).Want(204) // "your Super user account holder has left"
		nadia.Call("GET", "/primary-contact", nil).WantProblem(404, "not_found")
		form := o.newUser("Theo", "Third", object{"approvedBy": object{"name": "Paula Principal", "position": "Principal"}, "evidence": "Form"})
		theo := o.enter(t, personOf(s.Operator.Call("POST", collegeAdministrators, form).Want(201)))
		s.Mail(t, "nadia@"+college+".example", "new administrator")
		if got := o.letters(t, "ada@"+college+".example", "new administrator"); len(got) != 1 {
			t.Errorf("Ada, who has left, is written to: %d mails", len(got))
		}
		theo.wantOpen(t, registrationAreas, "users", "contact")
	})
}
