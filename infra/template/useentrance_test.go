package template_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/passkeys"
)

// proveOneself sets up second factors, signs in with each of them and gives the app up again; the passkey stays.
func (d *deployment) proveOneself(t *testing.T, admin *apptest.Browser, username string) {
	t.Helper()
	app := authenticator{d: d, secret: admin.Call("POST", "/me/totp", nil).Want(200).Text("secret")}
	admin.Call("POST", "/me/totp", nil).Want(200) // shows the same again
	admin.Call("POST", "/me/totp/confirm", body{"code": app.next(t)}).Want(200)
	admin.Call("POST", "/me/recovery-codes", nil).Want(200)

	further := d.Browser(t)
	further.SignIn("bash-street", username, adminPassword).Want(200)
	further.Call("POST", "/session/totp", body{"code": "000000"}).WantProblem(422, "wrong_code")
	in := further.Call("POST", "/session/totp", body{"code": app.next(t)}).Want(200)
	further.Call("POST", "/session/agreement", body{"version": in.At("challenge.version"), "accepted": true}).Want(200)
	further.Call("POST", "/session/confirm", body{"code": app.next(t)}).Want(204)
	further.Call("POST", "/session/confirm", body{"password": adminPassword}).Want(204)

	d.carryPasskey(t, admin)
	admin.Call("DELETE", "/me/totp", nil).Want(204)
	d.readOwn(t, admin)
}

// readOwn looks at what one has, and ends one's sessions elsewhere.
func (d *deployment) readOwn(t *testing.T, admin *apptest.Browser) {
	t.Helper()
	for _, what := range []string{"/me/passkeys", "/me/agreements", "/me/audit", "/contacts"} {
		admin.Call("GET", what, nil).Want(200)
	}
	var sessions struct {
		Items []struct {
			ID      string
			Current bool
		}
	}
	admin.Call("GET", "/me/sessions", nil).Want(200).Into(&sessions)
	ended := 0
	for _, s := range sessions.Items {
		if !s.Current {
			admin.Call("DELETE", "/me/sessions/"+s.ID, nil).Want(204)
			ended++
		}
	}
	if ended == 0 {
		t.Fatal("there is no other session")
	}
	admin.Call("DELETE", "/me/sessions", nil).Want(204)
}

// authenticator is an app that shows codes.
type authenticator struct {
	d      *deployment
	secret string
}

// next shows the next code, as each is taken once.
func (a authenticator) next(t *testing.T) string {
	t.Helper()
	a.d.later.Add(int64(30 * time.Second))
	code, err := totp.GenerateCode(a.secret, a.d.now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// carryPasskey takes two passkeys into use, proves with one who it is, signs in with it, and gives the other one up.
func (d *deployment) carryPasskey(t *testing.T, admin *apptest.Browser) {
	t.Helper()
	user := admin.Call("GET", "/me", nil).Want(200).Text("id")
	one, other := d.newDevice(t, user), d.newDevice(t, user)
	for name, key := range map[string]*device{"Telephone": one, "Old telephone": other} {
		made := key.create(t, admin.Call("POST", "/me/passkeys/options", nil).Want(200))
		admin.Call("POST", "/me/passkeys", body{"name": name, "credential": made}).Want(201)
	}
	var kept struct{ Items []struct{ ID, Name string } }
	admin.Call("GET", "/me/passkeys", nil).Want(200).Into(&kept)
	for _, p := range kept.Items {
		if p.Name == "Old telephone" {
			admin.Call("DELETE", "/me/passkeys/"+p.ID, nil).Want(204)
		}
	}
	shown := one.show(t, admin.Call("POST", "/session/passkey/options", nil).Want(200))
	admin.Call("POST", "/session/passkey", body{"credential": shown}).Want(200)

	stranger, where := d.Browser(t), body{"organisation": "bash-street"}
	where["credential"] = one.show(t, stranger.Call("POST", "/passkey-sign-in/options", where).Want(200))
	stranger.Call("POST", "/passkey-sign-in", where).Want(200)
}

// device is an authenticator with one passkey, in a browser on the deployment's page.
type device struct {
	page          virtualwebauthn.RelyingParty
	authenticator virtualwebauthn.Authenticator
	passkey       virtualwebauthn.Credential
}

func (d *deployment) newDevice(t *testing.T, user string) *device {
	t.Helper()
	c, err := passkeys.ConfigFor(d.URL, "Caretaker")
	if err != nil {
		t.Fatal(err)
	}
	return &device{
		page:          virtualwebauthn.RelyingParty{ID: c.RPID, Name: c.Name, Origin: c.Origins[0]},
		authenticator: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(user)}),
		passkey:       newKey(),
	}
}

// newKey makes a passkey with a P-256 key whose coordinates have all of their 32 bytes. virtualwebauthn leaves out
// leading zeros, which COSE forbids (RFC 9053, section 7.1.1) and one key in 128 has.
func newKey() virtualwebauthn.Credential {
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == 77 {
			return c
		}
	}
}

// options are what an answer asks a device for.
func options(a apptest.Answer) string {
	var asked struct{ Options json.RawMessage }
	a.Into(&asked)
	return string(asked.Options)
}

func (d *device) create(t *testing.T, a apptest.Answer) json.RawMessage {
	t.Helper()
	asked, err := virtualwebauthn.ParseAttestationOptions(options(a))
	if err != nil {
		t.Fatal(err)
	}
	return json.RawMessage(virtualwebauthn.CreateAttestationResponse(d.page, d.authenticator, d.passkey, *asked))
}

func (d *device) show(t *testing.T, a apptest.Answer) json.RawMessage {
	t.Helper()
	asked, err := virtualwebauthn.ParseAssertionOptions(options(a))
	if err != nil {
		t.Fatal(err)
	}
	return json.RawMessage(virtualwebauthn.CreateAssertionResponse(d.page, d.authenticator, d.passkey, *asked))
}

const changedPassword = "Secret3of4cupboards"

// knock signs in while somebody else guesses, changes the password, goes, and has a link mailed by which to choose another.
func (d *deployment) knock(t *testing.T, colleague *apptest.Browser, user, username string) {
	t.Helper()
	b, change := d.Browser(t), body{
		"currentPassword": adminPassword, "newPassword": changedPassword, "repeatPassword": changedPassword,
	}
	b.Call("GET", "/organisations/bash-street/sign-in", nil).Want(200)
	b.SignIn("bash-street", username, adminPassword).Want(200)
	b.Call("GET", "/me/password-rules", nil).Want(200)
	stranger := d.Browser(t)
	for range wrongPasswords {
		stranger.SignIn("bash-street", username, "not-the-password").Want(401)
	}
	b.Call("PUT", "/me/password", change).WantProblem(423, "locked")
	colleague.Call("POST", "/users/"+user+"/unlock", nil).Want(200)
	b.Call("PUT", "/me/password", change).Want(204)
	b.Call("GET", "/session", nil).Want(200)
	b.Call("DELETE", "/session", nil).Want(204)
	b.Call("POST", "/password-resets", body{"organisation": "bash-street", "username": username}).Want(202)
	b.Call("POST", "/password-resets", body{"organisation": "bash-street", "email": "d.smith@bash-street.example"}).Want(202)
}
