package template_test

import (
	"net/http"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
)

// The passwords of those who use the deployment. None has a name in it.
const (
	operatorPassword = "Correct-horse-9-battery"
	adminPassword    = "Secret1of2cupboards"
)

// use does everything that the interface has, and lets happen what needs calls that are rarely made.
func (d *deployment) use(t *testing.T) {
	t.Helper()
	d.foundPlatform(t)
	username, initial := d.Found(t, "bash-street", "Bash Street School", "school-portal", "Danny", "Smith")
	admin := d.Enter(t, "bash-street", username, initial, adminPassword)
	d.organise(t, admin)
	colleague := d.operate(t)
	d.administer(t, admin)
	d.regroup(t)
	d.elevate(t, admin)
	d.support(t, admin)
	d.proveOneself(t, admin, username)
	user := admin.Call("GET", "/me", nil).Want(200).Text("id")
	colleague.Call("POST", "/users/"+user+"/totp-reset", nil).Want(200)
	d.knock(t, colleague, user, username)
	d.read(t, pathOf(documentRoute), http.StatusOK)
	d.read(t, "/", 0)
	d.read(t, "/o/bash-street", 0)
	d.notify(t)
	d.chooseByLink(t)
	d.unsubscribe(t)
	d.bounce(t)
	d.sweep(t)
	d.digest(t)
	d.erase(t)
}

// foundPlatform sets the platform up and signs its operator in.
func (d *deployment) foundPlatform(t *testing.T) {
	t.Helper()
	made, err := d.Directory.FoundPlatform(t.Context(), directory.NewOrganisation{
		Name: "Platform", Preset: "platform",
		FirstAdministrator: directory.NewPerson("Olive", "Operator", "olive@platform.example"),
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Operator = d.Browser(t)
	d.Operator.SignIn(string(directory.OperatorSlug), made.User.Username, string(made.Password)).Want(200)
	d.Operator.Call("POST", "/session/password", apptest.NewPassword(operatorPassword)).Want(200)
}

type body = map[string]any

// operate works with an organisation as its operator does, and returns a further administrator of it, who is in.
func (d *deployment) operate(t *testing.T) *apptest.Browser {
	t.Helper()
	const all, one = "/operator/organisations", "/operator/organisations/bash-street"
	toots := body{"givenName": "Toots", "familyName": "Bean", "email": "t.bean@bash-street.example"}
	// Refused only after the administrator's password was set, which is then taken back.
	taken := body{"slug": "bash-street", "name": "Another", "preset": "school-portal", "firstAdministrator": toots}
	d.Operator.Call("POST", all, taken).WantProblem(409, "slug_taken")
	d.Operator.Call("GET", all, nil).Want(200)
	d.Operator.Call("GET", one, nil).Want(200)
	d.Operator.Call("PATCH", one, body{"name": "Bash Street Primary School"}).Want(200)
	letter := body{"category": "newsletter", "subject": "The newsletter of May", "body": "Much is new."}
	d.Operator.Call("POST", "/operator/announcements?dryRun=true", letter).Want(200)
	sent := d.Operator.Call("POST", "/operator/announcements", letter).Want(202)
	d.Operator.Call("GET", "/operator/announcements", nil).Want(200)
	d.Operator.Call("GET", "/operator/announcements/"+sent.Text("id"), nil).Want(200)
	toots["approvedBy"], toots["evidence"] = body{"name": "Head Teacher", "position": "Head"}, "a letter"
	made := d.Operator.Call("POST", one+"/administrators", toots).Want(201) // who begins with the standard code
	d.Operator.Call("PATCH", "/me", body{"givenName": "Olivia"}).Want(200)
	d.closeAnother(t)
	return d.Enter(t, "bash-street", made.Text("user.username"), standardCode, "Another1of2cupboards")
}

// closeAnother closes an organisation, takes it back and closes it again.
func (d *deployment) closeAnother(t *testing.T) {
	t.Helper()
	username, initial := d.Found(t, "blob-street", "Blob Street School", "school-portal", "Walter", "Softy")
	admin := d.Enter(t, "blob-street", username, initial, adminPassword)
	for i := range 2 {
		seen := d.Operator.Call("GET", "/operator/organisations/blob-street", nil).Want(200).Header.Get("ETag")
		d.Operator.Call("DELETE", "/operator/organisations/blob-street?confirm=blob-street", nil, "If-Match", seen).Want(202)
		admin.Call("GET", "/session", nil).Want(401)
		d.Operator.Call("GET", "/operator/closed-organisations", nil).Want(200)
		if i == 0 {
			d.Operator.Call("POST", "/operator/closed-organisations/blob-street/reopen", nil).Want(200)
		}
	}
}

// read asks for what is no operation; want is 0 where the answer depends on whether the console is built.
func (d *deployment) read(t *testing.T, path string, want int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if want != 0 && answer.StatusCode != want {
		t.Fatalf("%s: %s", path, answer.Status)
	}
}
