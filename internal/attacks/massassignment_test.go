package attacks_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// A body has fields more than a form would send, in the hope that one is taken over into what is stored.

const surplus = "surplus"

// Every operation refuses a field that it does not know, at the top of its body and in each object within.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, authority := openSchool(t, s), openOrganisation(t, s, nextDoor, "authority-analytics")
		provider := openOrganisation(t, s, "caxton", "learner-registration")
		able := []*apptest.Browser{o.head.Browser, authority.head.Browser, provider.head.Browser, s.Operator}
		ids := []string{o.head.id, authority.head.id, provider.head.id, school}
		document := httpapi.Document()
		walked := 0
		for _, path := range document.Paths {
			for _, op := range []*huma.Operation{path.Post, path.Put, path.Patch, path.Delete} {
				if op == nil || op.RequestBody == nil {
					continue
				}
				declared := op.Metadata["operation"].(httpapi.Operation)
				for at, body := range bodies(document, op) {
					walked++
					var a apptest.Answer
					for i := range able {
						if a = able[i].Call(declared.Method, pathOf(declared, ids[i]), body); a.Status != http.StatusForbidden {
							break
						}
					}
					if a.Status != http.StatusUnprocessableEntity || !strings.Contains(string(a.Body), `"location":"body.`+at+`"`) {
						t.Errorf("%s with %s: got %d: %s", declared.ID, at, a.Status, a.Body)
					}
				}
			}
		}
		if walked < 40 {
			t.Errorf("only %d bodies were tried", walked)
		}
	})
}

// bodies are those with a surplus field, by where it is.
func bodies(document *huma.OpenAPI, op *huma.Operation) map[string]object {
	schema := func(s *huma.Schema) *huma.Schema {
		if s.Ref != "" {
			return document.Components.Schemas.SchemaFromRef(s.Ref)
		}
		return s
	}
	all := map[string]object{surplus: {surplus: true}}
	for name, property := range schema(op.RequestBody.Content["application/json"].Schema).Properties {
		within := schema(property)
		if within.Type == huma.TypeObject && within.AdditionalProperties != true { // what WebAuthn says is not ours to bound
			all[name+"."+surplus] = object{name: object{surplus: true}}
		}
	}
	return all
}

// What somebody would most like to change of their own account, or of an account that they look after, is no field.
func TestTakingRightsByAField(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		p := o.join(t, "minnie")
		wishes := object{
			"id": o.head.id, "username": "hh", "organisation": nextDoor, "org": nextDoor, "Org": nextDoor, "status": "active",
			"role": "administrator", "Role": "administrator", "rights": []string{"users.manage"}, "granted": []object{{"right": "users.manage"}},
			"denied": []string{}, "admin": true, "administrator": true, "password": "Velvet-comet-17", "mustChangePassword": false,
			"totp": false, "passkeys": 0, "recoveryCodes": 10, "totpExemption": nil, "identityLinked": true, "sessionEpoch": 0,
			"version": 1, "createdAt": "2026-01-01T00:00:00Z", "lastSignInAt": "2026-01-01T00:00:00Z", "canDelete": true,
			"allSchools": true, "$set": object{"admin": true}, "__proto__": object{"admin": true},
		}
		ofOneself := maps.Clone(wishes)
		maps.Copy(ofOneself, object{
			"roles": []string{"administrator"}, "Roles": []string{"administrator"}, "endsAt": "", "idleMinutes": 720, "EndsAt": "",
		})
		before := p.Call("GET", "/me", nil).Want(200)
		for _, tt := range []struct {
			by     *person
			path   string
			wishes object
		}{{p, "/me", ofOneself}, {o.head, "/users/" + p.id, wishes}} {
			for _, field := range slices.Sorted(maps.Keys(tt.wishes)) {
				body := object{"givenName": "Mallory", field: tt.wishes[field]}
				if a := tt.by.Call("PATCH", tt.path, body); a.Status != http.StatusUnprocessableEntity {
					t.Errorf("%s with %s: got %d: %s", tt.path, field, a.Status, a.Body)
				}
			}
		}
		// A field that is there twice is the last one for some readers and the first one for others.
		p.Call("PATCH", "/me", `{"givenName":"minnie","roles":["user"],"roles":["administrator"]}`).Want(422)
		if after := p.Call("GET", "/me", nil).Want(200); string(after.Body) != string(before.Body) {
			t.Errorf("there was\n%s\nand is now\n%s", before.Body, after.Body)
		}
	})
}
