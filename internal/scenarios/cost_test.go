package scenarios_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// How many calls of the store may have to follow one another in a request, signing in and authentication included.
const (
	tripsToRead  = 2
	tripsToWrite = 3
)

// furtherTrips are the requests that may take more, each with its reason.
var furtherTrips = map[string]struct {
	most int64
	why  string
}{
	"finishFederated": {6, "the way in (ticket; its use, and the organisation), the identity provider, who has the name, the user, " +
		"the first time whom the provider knows the user as, and the session: the provider takes a hundred times as long"},
	"listAgreementVersions": {3, "who put the versions in force is in them"},
	"signIn 403":            {4, "only once the password was right is it looked who can help whoever is kept out: the list, and who is on it"},
	"signIn 423":            {4, "the same for whoever is barred"},
}

// Every operation of the interface is called once at least, in an authority with schools, second factors, support and an
// identity provider. The figures that DynamoDB Local charges are printed with -v and kept in docs/benchmarks.md.
//
// It runs alone, and what took too many is measured anew, twice at most: on a busy machine, calls that are made at once can
// seem to follow one another, and never the other way round.
func TestWhatOperationsCost(t *testing.T) { //nolint:paralleltest // see above
	rows := measured(t)
	for again := 0; again < 2 && len(tooMany(rows)) > 0; again++ {
		for name, r := range measured(t) {
			if known, ok := rows[name]; ok {
				r.Trips = min(r.Trips, known.Trips)
			}
			rows[name] = r
		}
	}
	report(t, rows)
}

// measured is what the requests of a new installation cost.
func measured(t *testing.T) map[string]row {
	t.Helper()
	s := apptest.AWS(t)
	c := &costed{Stack: s, operatorName: s.Operator.Call("GET", "/me", nil).Want(200).Text("username")}
	c.Directory.Credentials = countedCredentials{s.Directory.Credentials, &c.credentials}
	c.council = openAuthority(t, s)
	c.people(t)
	c.schoolsAndRoles(t)
	c.ownAccount(t)
	c.organisationItself(t)
	c.platform(t)
	c.wayIn(t)
	c.federation(t)
	c.ends(t)
	return c.rows
}

// costed is what requests cost.
type costed struct {
	*apptest.Stack
	*council
	credentials  atomic.Int64
	seen         int
	operatorName string
	rows         map[string]row
}

// row is the most that a kind of request took.
type row struct {
	apptest.Cost
	credentials int64
}

// countedCredentials counts calls of the pool of passwords.
type countedCredentials struct {
	directory.Credentials
	calls *atomic.Int64
}

func (c countedCredentials) SetPassword(ctx context.Context, u directory.UserID, password string) error {
	c.calls.Add(1)
	return c.Credentials.SetPassword(ctx, u, password)
}

func (c countedCredentials) VerifyPassword(ctx context.Context, u directory.UserID, password string) error {
	c.calls.Add(1)
	return c.Credentials.VerifyPassword(ctx, u, password)
}

func (c countedCredentials) DeletePassword(ctx context.Context, u directory.UserID) error {
	c.calls.Add(1)
	return c.Credentials.DeletePassword(ctx, u)
}

// first lets more than a minute pass, so that the next request notes that the session is used.
func (c *costed) first() { c.Clock.Advance(61 * time.Second) }

// answered fails the test, but goes on, unless the status is the one expected.
func answered(t *testing.T, a apptest.Answer, status int) {
	t.Helper()
	if a.Status != status {
		t.Errorf("%s: got %d, want %d: %s", a.Asked, a.Status, status, a.Body)
	}
}

// people is the work with users.
func (c *costed) people(t *testing.T) {
	t.Helper()
	ada := c.council.first
	for i := range 20 {
		c.add("Pat", fmt.Sprintf("Pupil%02d", i), object{"email": "pat@melchester.example"})
	}
	u := c.join(t, "Danny", "Smith", roles("adviser"))
	at := "/users/" + u.id
	for _, call := range []struct {
		method, path string
		body         any
		status       int
	}{
		{"GET", "/users", nil, 200},
		{"GET", "/users?sort=lastSignInAt&order=desc&limit=5", nil, 200},
		{"GET", "/users?q=smith", nil, 200},
		{"GET", "/users?status=active", nil, 200},
		{"GET", "/users?role=consultant", nil, 200},
		{"GET", "/users?inactiveMonths=12", nil, 200},
		{"GET", "/users?neverSignedIn=true", nil, 200},
		{"GET", "/users?undeliverable=true", nil, 200},
		{"GET", "/users?school=" + c.schools["Abbey Infants"], nil, 200},
		{"GET", "/users?q=pat&school=" + c.schools["Abbey Infants"], nil, 200},
		{"GET", at, nil, 200},
		{"PATCH", at, object{"title": "Dr"}, 200},
		{"PATCH", at, object{"email": "danny@elsewhere.example"}, 200},
		{"PUT", at + "/roles", object{"roles": []string{"adviser", "consultant"}}, 200},
		{"PUT", at + "/rights", object{"grant": []string{"reports.cinCla"}, "deny": []string{"data.load"}, "approvedBy": "Vera Virtual"}, 200},
		{"GET", at + "/decision?right=reports.view", nil, 200},
		{"GET", at + "/agreements", nil, 200},
		{"GET", at + "/audit", nil, 200},
		{"POST", at + "/unlock", nil, 200},
		{"POST", at + "/suspend", nil, 200},
		{"POST", at + "/reinstate", nil, 200},
		{"POST", at + "/archive", nil, 200},
		{"POST", at + "/restore", nil, 200},
		{"DELETE", at + "/sessions", nil, 204},
		{"PUT", at + "/totp-exemption", object{"reason": "No telephone", "until": c.Clock.Now().Add(24 * time.Hour)}, 200},
		{"DELETE", at + "/totp-exemption", nil, 200},
		{"POST", at + "/identity-reset", nil, 200},
		{"POST", at + "/password-reset", nil, 200},
		{"POST", "/users/end-dates", object{"users": []string{u.id}, "endsAt": "2031-07-31T12:00:00Z"}, 200},
		{"GET", "/forecast?months=24", nil, 200},
		{"GET", "/overview", nil, 200},
	} {
		c.first()
		answered(t, ada.Call(call.method, call.path, call.body), call.status)
		c.note()
	}
	c.first()
	ada.Call("POST", "/users", c.newUser("Once", "Only", nil), "Idempotency-Key", "one").Want(201)
	c.first()
	ada.Call("DELETE", at, nil).Want(204)
	c.note()
}

func (c *costed) schoolsAndRoles(t *testing.T) {
	t.Helper()
	ada, u := c.council.first, c.join(t, "Sue", "School", roles("adviser"))
	abbey := c.schools["Abbey Infants"]
	school := ada.Call("POST", "/schools", object{"name": "Dale School"}, "Idempotency-Key", "s").Want(201).Text("id")
	group := ada.Call("POST", "/school-groups", object{"name": "North", "schools": []string{abbey, school}}, "Idempotency-Key", "g").Want(201).Text("id")
	role := ada.Call("POST", "/roles", object{"name": "Reader", "rights": []string{"reports.view"}}, "Idempotency-Key", "r").Want(201).Text("id")
	for _, call := range []struct {
		method, path string
		body         any
		status       int
	}{
		{"GET", "/schools", nil, 200},
		{"GET", "/schools/" + school, nil, 200},
		{"PUT", "/schools/" + school, object{"name": "Dale Primary", "closed": true}, 200},
		{"GET", "/school-groups", nil, 200},
		{"GET", "/school-groups/" + group, nil, 200},
		{"PUT", "/school-groups/" + group, object{"name": "South", "schools": []string{abbey, school}}, 200},
		{"PUT", "/users/" + u.id + "/schools", object{"schools": []object{{"id": abbey}, {"id": school}}, "defaultGroup": group}, 200},
		{"GET", "/users/" + u.id + "/schools", nil, 200},
		{"GET", "/users/" + u.id + "/decision?right=reports.view&school=" + abbey, nil, 200},
		{"DELETE", "/schools/" + school, nil, 204},
		{"GET", "/roles", nil, 200},
		{"GET", "/roles/" + role, nil, 200},
		{"PUT", "/roles/" + role, object{"name": "Reader", "rights": []string{"schools.view"}}, 200},
		{"DELETE", "/roles/" + role, nil, 204},
		{"GET", "/rights", nil, 200},
		{"GET", "/areas", nil, 200},
	} {
		c.first()
		answered(t, ada.Call(call.method, call.path, call.body), call.status)
		c.note()
	}
	c.first()
	u.Call("GET", "/me/schools", nil).Want(200)
	c.first()
	u.Call("GET", "/me/decision?right=reports.view&school="+abbey, nil).Want(200)
	c.first()
	ada.Call("DELETE", "/school-groups/"+group, nil).Want(204)
	c.note()
}

// ownAccount is what people do with their own accounts.
func (c *costed) ownAccount(t *testing.T) {
	t.Helper()
	u := c.join(t, "Olga", "Own", roles("adviser"))
	for _, call := range []struct {
		method, path string
		body         any
		status       int
	}{
		{"GET", "/session", nil, 200},
		{"GET", "/me", nil, 200},
		{"PATCH", "/me", object{"title": "Dr"}, 200},
		{"GET", "/me/password-rules", nil, 200},
		{"GET", "/me/communications", nil, 200},
		{"PUT", "/me/communications", object{"news": false, "newsletter": true}, 200},
		{"GET", "/me/sessions", nil, 200},
		{"GET", "/me/agreements", nil, 200},
		{"GET", "/me/audit", nil, 200},
		{"GET", "/contacts", nil, 200},
		{"GET", "/primary-contact", nil, 200},
		{"POST", "/session/confirm", object{"password": u.password}, 204},
		{"PUT", "/me/password", object{"currentPassword": u.password, "newPassword": "Trumpet-1-valve-x", "repeatPassword": "Trumpet-1-valve-x"}, 204},
	} {
		c.first()
		answered(t, u.Call(call.method, call.path, call.body), call.status)
		c.note()
	}
	u.password = "Trumpet-1-valve-x"
	other := c.Browser(t)
	other.SignIn(c.slug, u.username, u.password).Want(200)
	c.first()
	u.Call("DELETE", "/me/sessions/"+sessionsOf(u, false)[0], nil).Want(204)
	c.first()
	u.Call("DELETE", "/me/sessions", nil).Want(204)
	c.secondFactors(t, u)
	c.first()
	u.Call("DELETE", "/session", nil).Want(204)
	c.note()
}

func (c *costed) secondFactors(t *testing.T, u *person) {
	t.Helper()
	app, _ := c.setUpApp(t, u)
	c.first()
	device := c.addPasskey(t, u, "Telephone")
	c.first()
	u.Call("POST", "/me/recovery-codes", nil).Want(200)
	c.first()
	u.Call("GET", "/me/passkeys", nil).Want(200)
	c.first()
	device.prove(t, u.Browser).Want(200)
	c.first()
	u.Call("POST", "/session/confirm", typed(app.next())).Want(204)
	device.signIn(t, c.Browser(t), c.slug).Want(200)
	b, _ := c.atTheDoor(t, u)
	b.Call("POST", "/session/totp", typed(app.wrong())).WantProblem(422, "wrong_code")
	wantIn(t, b.Call("POST", "/session/totp", typed(app.next())))
	b, _ = c.atTheDoor(t, u)
	wantIn(t, device.prove(t, b))
	c.first()
	u.Call("DELETE", "/me/passkeys/"+device.id(), nil).Want(204)
	c.first()
	u.Call("DELETE", "/me/totp", nil).Want(204)
	c.setUpApp(t, u)
	c.first()
	c.council.first.Call("POST", "/users/"+u.id+"/totp-reset", nil).Want(200)
	c.note()
	wantIn(t, u.SignIn(c.slug, u.username, u.password))
}

// organisationItself is the work with settings, secrets, announcements and the trail.
func (c *costed) organisationItself(t *testing.T) {
	t.Helper()
	ada := c.council.first
	second := c.join(t, "Bea", "Second", roles("administrator"))
	c.first()
	sent := ada.Call("POST", "/announcements", announcement("news", "What it costs", "Little."), "Idempotency-Key", "a").Want(202).Text("id")
	settings := ada.Call("GET", "/settings", nil).Want(200).At("policy").(object)
	settings["passwords"].(object)["history"] = 3.0
	for _, call := range []struct {
		method, path string
		body         any
		status       int
	}{
		{"GET", "/settings", nil, 200},
		{"PUT", "/settings?dryRun=true", object{"policy": settings}, 200},
		{"PUT", "/settings", object{"policy": settings}, 200},
		{"GET", "/announcements", nil, 200},
		{"GET", "/announcements/" + sent, nil, 200},
		{"GET", "/audit", nil, 200},
		{"GET", "/audit?action=user.created&actor=" + second.id, nil, 200},
		{"POST", "/contact", object{"subject": "Costs", "message": "How much?"}, 202},
		{"PUT", "/primary-contact", object{"user": second.id}, 200},
		{"PUT", "/standard-code", object{"standardCode": "Trumpet-3-valve-x"}, 204},
		{"GET", "/support-access", nil, 200},
		{"PUT", "/support-access", object{"open": true}, 200},
		{"PUT", "/security-code", object{"securityCode": "rosebud-4711"}, 204},
	} {
		c.first()
		answered(t, ada.Call(call.method, call.path, call.body), call.status)
		c.note()
	}
	c.first()
	second.elevate("wrong-code-1").WantProblem(422, "wrong_security_code")
	c.first()
	second.elevate("rosebud-4711").Want(200)
	c.first()
	second.Call("DELETE", "/session/elevate", nil).Want(204)
	c.first()
	ada.Call("PUT", "/security-code", object{"securityCode": ""}).Want(204)
	c.note()
}

// platform is the work of operators, and of those whom a school lets in.
func (c *costed) platform(t *testing.T) {
	t.Helper()
	c.Operator.SignIn(platform, c.operatorName, chosenPassword).Want(200) // the session of the beginning has ended
	oskar := c.operator(t, "Oskar", "Support")
	at := "/operator/organisations"
	c.first()
	oskar.Call("POST", at, object{
		"slug": "borsetshire", "name": "Borsetshire", "preset": "authority-analytics",
		"firstAdministrator": object{"givenName": "Bob", "familyName": "Boss", "email": "bob@borsetshire.example"},
	}, "Idempotency-Key", "o").Want(201)
	c.first()
	sent := oskar.Call("POST", "/operator/announcements", announcement("newsletter", "Costs of all", "Little."), "Idempotency-Key", "a").Want(202).Text("id")
	administrator := object{
		"givenName": "Third", "familyName": "Admin", "email": "third@melchester.example",
		"approvedBy": object{"name": "Harriet Head", "position": "Director"}, "evidence": "Letter",
	}
	for _, call := range []struct {
		method, path string
		body         any
		status       int
	}{
		{"GET", at, nil, 200},
		{"GET", at + "/" + c.slug, nil, 200},
		{"PATCH", at + "/" + c.slug, object{"name": "Melchester Council"}, 200},
		{"POST", at + "/" + c.slug + "/administrators", administrator, 201},
		{"GET", "/operator/announcements", nil, 200},
		{"GET", "/operator/announcements/" + sent, nil, 200},
	} {
		c.first()
		answered(t, oskar.Call(call.method, call.path, call.body), call.status)
		c.note()
	}
	c.first()
	c.council.first.Call("GET", "/directory", nil).Want(200)
	c.council.first.Call("GET", "/directory/borsetshire/users", nil).Want(200)
	c.closing(t, oskar, at+"/borsetshire")
	c.first()
	oskar.visit(c.slug).Want(201)
	c.first()
	oskar.Call("DELETE", "/session", nil).Want(204)
	c.first()
	c.council.first.Call("GET", "/support-access/log", nil).Want(200)
	c.note()
}

// closing closes an organisation and takes that back.
func (c *costed) closing(t *testing.T, operator *person, at string) {
	t.Helper()
	version := fmt.Sprintf("%q", fmt.Sprint(operator.Call("GET", at, nil).Want(200).At("version")))
	c.note()
	c.first()
	answered(t, operator.Call("DELETE", at+"?confirm=borsetshire", nil, "If-Match", version), 202)
	c.first()
	answered(t, operator.Call("GET", "/operator/closed-organisations", nil), 200)
	c.first()
	answered(t, operator.Call("POST", "/operator/closed-organisations/borsetshire/reopen", nil), 200)
	c.note()
}

// wayIn is what people do who are not in yet, where everything is put before them that there is.
func (c *costed) wayIn(t *testing.T) {
	t.Helper()
	p := openPortal(t, c.Stack)
	o := &organisation{Stack: c.Stack, slug: school, first: &person{Browser: p.jane}}
	c.first()
	p.jane.Call("POST", "/agreement", object{"short": "Be good.", "long": "Be very good."}, "Idempotency-Key", "t").Want(201)
	p.jane.Call("GET", "/agreement/versions", nil).Want(200)
	demand := func(again bool, whom string) {
		o.settings(t, func(policy object) {
			policy["signIn"].(object)["againAfterNewPassword"], policy["signIn"].(object)["secondFactor"] = again, whom
			policy["passwords"].(object)["history"] = 3.0
		}).Want(200)
	}
	demand(false, "everybody")
	const email = "w.way@bash-street.example"
	u := p.add(t, "Wanda", "Way", email)
	b := c.Browser(t)
	b.Call("GET", "/organisations/"+school+"/sign-in", nil).Want(200)
	b.SignIn(school, "nobody", u.password).Want(401)
	b.SignIn(school, u.username, "Wrong1Password").Want(401)
	b.SignIn(school, u.username, u.password).Want(200)
	wantAsked(t, b.Call("POST", "/session/password", apptest.NewPassword("Minnie7Minx")), "totpSetup")
	asked := wantAsked(t, b.SignIn(school, u.username, "Minnie7Minx"), "totpSetup")
	b.Call("GET", "/session", nil).Want(200)
	app := authenticatorApp{tb: t, clock: c.Clock, secret: asked.Text("challenge.secret")}
	in := wantAsked(t, b.Call("POST", "/session/totp", typed(app.code(0))), "agreement")
	b.Call("GET", "/agreement", nil).Want(200)
	wantIn(t, b.Call("POST", "/session/agreement", object{"version": in.At("challenge.version"), "accepted": true}))
	demand(true, "nobody")
	b.Call("POST", "/password-resets", object{"organisation": school, "email": email}).Want(202)
	token := o.link(t, &person{username: u.username}, email, 2)
	b.Call("POST", "/password-resets/confirm", choice(token, "Trumpet2Valve")).Want(204)
	p.jane.Call("POST", "/announcements", announcement("news", "What it costs", "Little.")).Want(202)
	way := strings.Trim(c.Mail(t, email, "What it costs").Headers["List-Unsubscribe"], "<>")
	path := strings.TrimPrefix(way, c.URL+"/api/v1")
	b.Call("GET", path, nil).Want(200)
	b.Call("POST", path, nil).Want(200)
	p.jane.Call("POST", "/users/"+u.id+"/suspend", nil).Want(200)
	c.Browser(t).SignIn(school, u.username, "Trumpet2Valve").WantProblem(403, "suspended")
	o.guess(c.Browser(t), u.username, authorityThreshold)
	c.Browser(t).SignIn(school, u.username, "Wrong1Password").Want(423)
	c.note()
}

// federation is signing in with an identity provider, for the first time and again.
func (c *costed) federation(t *testing.T) {
	t.Helper()
	f := openFederated(t, c.Stack)
	f.teacher(t)
	f.goThere(t, f.Browser(t), "sub-of-lm").Want(http.StatusSeeOther)
	f.goThere(t, f.Browser(t), "sub-of-lm").Want(http.StatusSeeOther)
	c.first()
	f.first.Call("GET", "/identity-provider", nil).Want(200)
	f.settings(t, func(policy object) { policy["signIn"].(object)["methods"] = []string{"password"} }).Want(200)
	c.first()
	f.first.Call("DELETE", "/identity-provider", nil).Want(204)
	c.note()
}

// ends is the last of it.
func (c *costed) ends(t *testing.T) {
	t.Helper()
	c.first()
	c.council.first.Call("DELETE", "/session", nil).Want(204)
	c.note()
}

// note takes the requests since the last time into the table. Calls of the pool are those of the last of them.
func (c *costed) note() {
	all := c.Requests()
	credentials := c.credentials.Swap(0)
	if c.rows == nil {
		c.rows = map[string]row{}
	}
	for i, q := range all[c.seen:] {
		name := c.operation(q)
		r := c.rows[name]
		r.Trips, r.Calls = max(r.Trips, q.Trips), max(r.Calls, q.Calls)
		r.ReadUnits, r.WriteUnits = max(r.ReadUnits, q.ReadUnits), max(r.WriteUnits, q.WriteUnits)
		if i == len(all)-c.seen-1 && i == 0 {
			r.credentials = max(r.credentials, credentials)
		}
		c.rows[name] = r
	}
	c.seen = len(all)
}

// operation is the id of a request's operation, with the status where it is not what was asked for.
func (c *costed) operation(q apptest.Request) string {
	for _, op := range httpapi.Operations() {
		if op.Method+" "+httpapi.Prefix+op.Path != q.Operation {
			continue
		}
		if q.Status >= 400 {
			return fmt.Sprintf("%s %d", op.ID, q.Status)
		}
		return op.ID
	}
	return q.Operation
}

// tooMany says which requests took more calls after one another than they may.
func tooMany(rows map[string]row) []string {
	reads := map[string]bool{}
	for _, op := range httpapi.Operations() {
		reads[op.ID] = op.Method == http.MethodGet
	}
	var found []string
	for name, r := range rows {
		id, _, _ := strings.Cut(name, " ")
		most := int64(tripsToWrite)
		if reads[id] && r.WriteUnits <= 1 { // a use of the session is noted with one
			most = tripsToRead
		}
		if further, allowed := furtherTrips[name]; allowed {
			most = further.most
		}
		if r.Trips > most {
			found = append(found, fmt.Sprintf("%s: %d calls had to follow one another, want at most %d", name, r.Trips, most))
		}
	}
	return found
}

func report(t *testing.T, rows map[string]row) {
	t.Helper()
	for _, op := range httpapi.Operations() {
		if rows[op.ID].Trips == 0 {
			t.Errorf("%s: nothing was measured", op.ID)
		}
	}
	for _, fault := range tooMany(rows) {
		t.Error(fault)
	}
	var lines []string
	for name, r := range rows {
		lines = append(lines, fmt.Sprintf("| %#q | %d | %d | %d | %.1f | %.0f |", name, r.Trips, r.Calls, r.credentials, r.ReadUnits, r.WriteUnits))
	}
	slices.SortFunc(lines, cmp.Compare)
	t.Log("\n| request | one after another | calls | of the pool | read units | write units |\n|---|---|---|---|---|---|\n" + strings.Join(lines, "\n"))
}
