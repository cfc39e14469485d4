package faults_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"github.com/caretaker/caretaker/internal/directory"
)

type object = map[string]any

const (
	password      = "Secret1of2cupboards"
	otherPassword = "Secret3of4cupboards"
	securityCode  = "Three-green-doors"
)

// people are who and what there is: a school, an authority with schools and types of user, and the platform.
type people struct {
	olive, jane, danny, minnie        *visitor
	oliveName, janeName, dannyName    string
	minnieName                        string
	janeID, dannyID, newID, walterID  string
	newName, newPassword              string
	school, group, role, announcement string
	toAll                             string
}

func settle(t *testing.T, w *world) *people {
	t.Helper()
	p := &people{}
	made, err := w.Directory.FoundPlatform(t.Context(), directory.NewOrganisation{
		Name: "Platform", Preset: "platform", FirstAdministrator: directory.NewPerson("Olive", "Operator", "olive@platform.example"),
	})
	if err != nil {
		t.Fatal(err)
	}
	p.oliveName = made.User.Username
	p.olive = w.enter(t, "operator", p.oliveName, string(made.Password))
	p.settleSchool(t, w)
	p.settleAuthority(t, w)
	p.toAll = p.olive.must(t, "POST", "/operator/announcements", object{"category": "newsletter", "subject": "May", "body": "Much is new."}).text("id")
	w.people = p
	w.tidy(t)
	w.clock.advance(time.Minute)
	// A day later everybody is at work; their sessions are fresh.
	p.olive, p.jane = w.signIn(t, "operator", p.oliveName), w.signIn(t, "bash-street", p.janeName)
	p.danny, p.minnie = w.signIn(t, "bash-street", p.dannyName), w.signIn(t, "county", p.minnieName)
	return p
}

func (p *people) settleSchool(t *testing.T, w *world) {
	t.Helper()
	head := person("Jane", "bash-street")
	a := p.olive.must(t, "POST", "/operator/organisations", object{
		"slug": "bash-street", "name": "Bash Street", "preset": "school-portal", "firstAdministrator": head,
	})
	p.janeID, p.janeName = a.text("user.id"), a.text("user.username")
	p.jane = w.enter(t, "bash-street", p.janeName, a.text("initialPassword"))
	a = p.jane.must(t, "POST", "/users", person("Danny", "bash-street"))
	p.dannyID, p.dannyName = a.text("user.id"), a.text("user.username")
	p.danny = w.enter(t, "bash-street", p.dannyName, a.text("initialPassword"))
	a = p.jane.must(t, "POST", "/users", person("Cuthbert", "bash-street"))
	p.newID, p.newName, p.newPassword = a.text("user.id"), a.text("user.username"), a.text("initialPassword")
	p.announcement = p.jane.must(t, "POST", "/announcements", news()).text("id")
}

func (p *people) settleAuthority(t *testing.T, w *world) {
	t.Helper()
	a := p.olive.must(t, "POST", "/operator/organisations", object{
		"slug": "county", "name": "County", "preset": "authority-analytics", "schools": "name,code\nSt Mary's,100123\n",
		"firstAdministrator": person("Minnie", "county"),
	})
	p.minnieName = a.text("user.username")
	p.minnie = w.enter(t, "county", p.minnieName, a.text("initialPassword"))
	p.walterID = p.minnie.must(t, "POST", "/users", person("Walter", "county")).text("user.id")
	p.school = p.minnie.must(t, "POST", "/schools", object{"name": "Quarry Bank"}).text("id")
	p.group = p.minnie.must(t, "POST", "/school-groups", object{"name": "Quarries", "schools": []string{p.school}}).text("id")
	p.role = p.minnie.must(t, "POST", "/roles", object{"name": "Visitors", "rights": []string{}}).text("id")
}

func person(given, org string) object {
	return object{"givenName": given, "familyName": "Smith", "email": strings.ToLower(given) + "@" + org + ".example"}
}

func news() object {
	return object{"category": "news", "subject": "A new report", "body": "Have a look at it."}
}

// enter takes somebody from the first password to the inside.
func (w *world) enter(t *testing.T, org, username, initial string) *visitor {
	t.Helper()
	v := w.visitor()
	in := v.must(t, "POST", "/session", signingIn(org, username, initial))
	for {
		switch kind := in.text("challenge.kind"); {
		case kind == "newPassword":
			in = v.must(t, "POST", "/session/password", chosen(password))
		case kind == "agreement":
			in = v.must(t, "POST", "/session/agreement", object{"version": in.at("challenge.version"), "accepted": true})
		case in.text("status") == "signInAgain":
			in = v.must(t, "POST", "/session", signingIn(org, username, password))
		case in.text("status") == "active":
			return v
		default:
			t.Fatalf("%s does not get in: %s", username, in.Body)
		}
	}
}

func (w *world) signIn(t *testing.T, org, username string) *visitor {
	t.Helper()
	v := w.visitor()
	in := v.must(t, "POST", "/session", signingIn(org, username, password))
	if in.text("challenge.kind") == "agreement" {
		v.must(t, "POST", "/session/agreement", object{"version": in.at("challenge.version"), "accepted": true})
	}
	return v
}

func signingIn(org, username, password string) object {
	return object{"organisation": org, "username": username, "password": password}
}

func chosen(password string) object {
	return object{"newPassword": password, "repeatPassword": password}
}

// useApp gives Danny an authenticator app, and returns its secret.
func (w *world) useApp(t *testing.T) (secret string) {
	t.Helper()
	secret = w.danny.must(t, "POST", "/me/totp", nil).text("secret")
	w.danny.must(t, "POST", "/me/totp/confirm", object{"code": w.code(t, secret)})
	return secret
}

// code waits until the app shows another one, and reads it.
func (w *world) code(t *testing.T, secret string) string {
	t.Helper()
	w.clock.advance(30 * time.Second)
	code, err := totp.GenerateCode(secret, w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// device is a telephone with a passkey on it.
type device struct {
	page virtualwebauthn.RelyingParty
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
}

func newDevice(user string) *device {
	d := &device{
		page:          virtualwebauthn.RelyingParty{ID: "users.example", Name: "Caretaker", Origin: baseURL},
		Authenticator: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(user)}),
	}
	d.key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	for len(d.key.Key.AttestationData()) != 77 { // it leaves leading zeros out, which one key in 128 has
		d.key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	}
	return d
}

// made is what the device answers to being asked for a new passkey.
func (d *device) made(t *testing.T, asked answer) object {
	t.Helper()
	o, err := virtualwebauthn.ParseAttestationOptions(options(t, asked))
	if err != nil {
		t.Fatal(err)
	}
	made := virtualwebauthn.CreateAttestationResponse(d.page, d.Authenticator, d.key, *o)
	return object{"name": "Telephone", "credential": json.RawMessage(made)}
}

// shown is what the device answers to being asked for its passkey.
func (d *device) shown(t *testing.T, asked answer) json.RawMessage {
	t.Helper()
	o, err := virtualwebauthn.ParseAssertionOptions(options(t, asked))
	if err != nil {
		t.Fatal(err)
	}
	return json.RawMessage(virtualwebauthn.CreateAssertionResponse(d.page, d.Authenticator, d.key, *o))
}

func options(t *testing.T, asked answer) string {
	t.Helper()
	text, err := json.Marshal(asked.at("options"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// usePasskey gives Danny one.
func (w *world) usePasskey(t *testing.T) *device {
	t.Helper()
	d := newDevice(w.dannyID)
	w.danny.must(t, "POST", "/me/passkeys", d.made(t, w.danny.must(t, "POST", "/me/passkeys/options", nil)))
	return d
}

// govern changes the settings of an administrator's organisation.
func govern(t *testing.T, admin *visitor, group, setting string, value any) {
	t.Helper()
	policy, _ := admin.must(t, "GET", "/settings", nil).at("policy").(object)
	policy[group].(object)[setting] = value //nolint:forcetypeassert // or the test fails
	admin.must(t, "PUT", "/settings", object{"policy": policy})
}

// federate has County's people come in through an identity provider too.
func (w *world) federate(t *testing.T) {
	t.Helper()
	w.minnie.must(t, "PUT", "/identity-provider", provider())
	govern(t, w.minnie, "signIn", "methods", []string{"password", "federated"})
	w.providers.vouches = directory.Identity{
		Subject: "walter", Name: "walter@county.example", Email: "walter@county.example", EmailVerified: true,
	}
}

func provider() object {
	return object{
		"label": "County sign-in", "issuer": "https://login.example", "clientId": "caretaker", "clientSecret": "shared", "claim": "email",
		"match": "email",
	}
}
