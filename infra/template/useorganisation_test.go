package template_test

import (
	"testing"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/infra/emulators/openid/openidtest"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// standardCode is what new passwords begin with at Bash Street.
const standardCode = "Begin4here$now"

// wrongPasswords is how many in a row bar a user of Bash Street.
const wrongPasswords = 3

// organise works with an organisation's own affairs. From then on passwords there are good for a month.
func (d *deployment) organise(t *testing.T, admin *apptest.Browser) {
	t.Helper()
	contact := admin.Call("GET", "/primary-contact", nil).Want(200)
	admin.Call("PUT", "/primary-contact", body{"user": contact.At("user")}).Want(200)
	admin.Call("GET", "/me/communications", nil).Want(200)
	admin.Call("PUT", "/me/communications", body{"news": false, "newsletter": true}).Want(200)
	govern(admin, func(policy body) {
		passwords := policy["passwords"].(body)
		passwords["maxAgeDays"], passwords["reset"] = 30, "standardCode"
		policy["signIn"].(body)["lockout"].(body)["threshold"] = wrongPasswords
	})
	admin.Call("PUT", "/standard-code", body{"standardCode": standardCode}).Want(204)
	admin.Call("GET", "/agreement", nil).Want(200)
	admin.Call("POST", "/agreement", body{"short": "Be kind.", "long": "Be kind to one another."}).Want(201)
	admin.Call("GET", "/agreement/versions", nil).Want(200)
	admin.Call("POST", "/contact", body{"subject": "A question", "message": "How many users may we have?"}).Want(202)
	news := body{"category": "news", "subject": "A new report", "body": "Have a look at it."}
	admin.Call("POST", "/announcements?dryRun=true", news).Want(200)
	sent := admin.Call("POST", "/announcements", news).Want(202)
	admin.Call("GET", "/announcements", nil).Want(200)
	admin.Call("GET", "/announcements/"+sent.Text("id"), nil).Want(200)
	admin.Call("GET", "/audit", nil).Want(200)
	admin.Call("GET", "/audit?subject="+contact.Text("user"), nil).Want(200)
}

// govern changes an organisation's settings.
func govern(admin *apptest.Browser, change func(policy body)) {
	settings := admin.Call("GET", "/settings", nil).Want(200)
	policy := settings.At("policy").(body)
	change(policy)
	admin.Call("PUT", "/settings", body{"policy": policy}).Want(200)
}

// regroup works with roles, in an organisation whose administrators may.
func (d *deployment) regroup(t *testing.T) {
	t.Helper()
	a := d.Operator.Call("POST", "/operator/organisations", body{
		"slug": "county", "name": "County", "preset": "authority-analytics",
		"schools": "name,code\nSt Mary's,100123\n", "firstAdministrator": body{"givenName": "Minnie", "familyName": "Minx", "email": "m.minx@county.example"},
	}).Want(201)
	admin := d.Enter(t, "county", a.Text("user.username"), a.Text("initialPassword"), adminPassword)
	var roles struct{ Items []struct{ ID string } }
	admin.Call("GET", "/roles", nil).Want(200).Into(&roles)
	admin.Call("GET", "/roles/"+roles.Items[0].ID, nil).Want(200)
	admin.Call("GET", "/rights", nil).Want(200)
	admin.Call("GET", "/areas", nil).Want(200)
	made := admin.Call("POST", "/roles", body{"name": "Visitors", "rights": []string{}}).Want(201)
	one := "/roles/" + made.Text("id")
	user := admin.Call("POST", "/users", body{"givenName": "Walter", "familyName": "Softy", "email": "w@county.example"}).Want(201)
	path := "/users/" + user.Text("user.id")
	admin.Call("PUT", path+"/roles", body{"roles": []string{made.Text("id")}}).Want(200)
	admin.Call("PUT", path+"/rights", body{"grant": []string{"users.view"}, "deny": []string{}}).Want(200)
	admin.Call("GET", path+"/decision?right=users.view", nil).Want(200)
	admin.Call("GET", "/me/decision?right=users.manage", nil).Want(200)
	admin.Call("PUT", one, body{"name": "Guests", "rights": []string{"users.view"}}).Want(200)
	admin.Call("PUT", path+"/roles", body{"roles": []string{}}).Want(200)
	admin.Call("DELETE", one, nil).Want(204)
	d.assign(t, admin, path)
	d.federate(t, admin, path)
}

// assign works with schools.
func (d *deployment) assign(t *testing.T, admin *apptest.Browser, user string) {
	t.Helper()
	admin.Call("GET", "/schools", nil).Want(200)
	made := admin.Call("POST", "/schools", body{"name": "Quarry Bank"}).Want(201)
	id := made.Text("id")
	admin.Call("GET", "/schools/"+id, nil).Want(200)
	admin.Call("PUT", "/schools/"+id, body{"name": "Quarry Bank School"}).Want(200)
	group := admin.Call("POST", "/school-groups", body{"name": "Quarries", "schools": []string{id}}).Want(201).Text("id")
	admin.Call("GET", "/school-groups", nil).Want(200)
	admin.Call("GET", "/school-groups/"+group, nil).Want(200)
	admin.Call("PUT", "/school-groups/"+group, body{"name": "Quarries", "schools": []string{}}).Want(200)
	admin.Call("PUT", user+"/schools", body{"schools": []body{{"id": id, "relation": "Consultant"}}, "defaultGroup": group}).Want(200)
	admin.Call("GET", user+"/schools", nil).Want(200)
	admin.Call("GET", "/me/schools", nil).Want(200)
	admin.Call("GET", "/directory", nil).Want(200)
	admin.Call("GET", "/directory/county/users", nil).Want(200)
	admin.Call("GET", user+"/decision?right=users.view&school="+id, nil).Want(200)
	admin.Call("GET", "/users?school="+id, nil).Want(200)
	admin.Call("GET", "/users?inactiveMonths=3&sort=lastSignInAt", nil).Want(200)
	admin.Call("GET", "/users?status=archived", nil).Want(200)
	admin.Call("GET", "/forecast", nil).Want(200)
	admin.Call("GET", "/overview", nil).Want(200)
	admin.Call("PUT", "/settings?dryRun=true", body{"policy": admin.Call("GET", "/settings", nil).Want(200).At("policy")}).Want(200)
	for _, name := range []string{"Curly", "Cuthbert"} {
		admin.Call("POST", "/users", body{"givenName": name, "familyName": "Cringeworthy", "email": name + "@county.example"}).Want(201)
	}
	govern(admin, func(policy body) { policy["lifecycle"].(body)["purgeCap"] = 1 })
	admin.Call("DELETE", "/school-groups/"+group, nil).Want(204)
	admin.Call("DELETE", "/schools/"+id, nil).Want(204)
}

// federate has a user, whom the identity provider knows by address, come in through it.
func (d *deployment) federate(t *testing.T, admin *apptest.Browser, user string) {
	t.Helper()
	const email = "w@county.example"
	provider := openidtest.New(t, emulatortest.OpenID(t))
	provider.SetClient(t, openidtest.Client{ID: "caretaker", Secret: "shared", RedirectURIs: []string{d.URL + httpapi.CallbackPath}})
	provider.SetAccount(t, "walter", map[string]any{"email": email, "email_verified": true})
	admin.Call("GET", "/identity-provider", nil).Want(200)
	admin.Call("PUT", "/identity-provider", body{
		"label": "County sign-in", "issuer": provider.Issuer, "clientId": "caretaker", "clientSecret": "shared", "claim": "email", "match": "email",
	}).Want(200)
	methods := func(names ...string) {
		govern(admin, func(policy body) { policy["signIn"].(body)["methods"] = names })
	}
	methods("password", "federated")
	provider.NextSignIn(t, "walter")
	walter := d.Browser(t)
	there := walter.Call("GET", "/session/federation/county", nil).Want(303).Header.Get("Location")
	back := provider.SignIn(t, there)
	walter.Call("GET", "/session/federation/callback?"+back.RawQuery, nil).Want(303)
	if in := walter.Call("GET", "/session", nil).Want(200); in.Text("method") != "federated" || in.Text("user.email") != email {
		t.Fatalf("through the identity provider came %s", in.Body)
	}
	admin.Call("POST", user+"/identity-reset", nil).Want(200)
	methods("password")
	admin.Call("DELETE", "/identity-provider", nil).Want(204)
}

// elevate has the administration areas open to whoever enters a code, and not any longer.
func (d *deployment) elevate(t *testing.T, admin *apptest.Browser) {
	t.Helper()
	const code = "Three-green-doors"
	admin.Call("PUT", "/security-code", body{"securityCode": code}).Want(204)
	admin.Call("DELETE", "/session/elevate", nil).Want(204)
	admin.Call("GET", "/settings", nil).WantProblem(403, "elevation_required")
	admin.Call("POST", "/session/elevate", body{"securityCode": "not-the-code"}).WantProblem(422, "wrong_security_code")
	admin.Call("POST", "/session/elevate", body{"securityCode": code}).Want(200)
	admin.Call("PUT", "/security-code", body{"securityCode": ""}).Want(204)
}

// support lets an operator in, who comes and goes, and comes again and is sent away.
func (d *deployment) support(t *testing.T, admin *apptest.Browser) {
	t.Helper()
	const path, reason = "/operator/organisations/bash-street/support-session", "A question about settings"
	admin.Call("PUT", "/support-access", body{"open": true}).Want(200)
	admin.Call("GET", "/support-access", nil).Want(200)
	username := d.Operator.Call("GET", "/me", nil).Want(200).Text("username")
	for _, leave := range []func(*apptest.Browser){
		func(guest *apptest.Browser) { guest.Call("DELETE", "/session", nil).Want(204) },
		func(*apptest.Browser) { admin.Call("PUT", "/support-access", body{"open": false}).Want(200) },
	} {
		guest := d.Browser(t)
		guest.SignIn("operator", username, operatorPassword).Want(200)
		guest.Call("POST", path, body{"reason": reason}).Want(201)
		guest.Call("GET", "/users", nil).Want(200)
		leave(guest)
		guest.Call("GET", "/session", nil).Want(401)
	}
	admin.Call("GET", "/support-access/log", nil).Want(200)
}
