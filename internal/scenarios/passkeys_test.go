package scenarios_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/caretaker/caretaker/infra/browser/browsertest"
	"github.com/caretaker/caretaker/internal/app/apptest"
)

// Passkeys (X4): beside an authenticator app, and as a way in of their own.

// device is an authenticator with one passkey, in a browser on a page of the service's own. Like telephones, which copy
// passkeys to each other, it does not count.
type device struct {
	page          virtualwebauthn.RelyingParty
	authenticator virtualwebauthn.Authenticator
	passkey       virtualwebauthn.Credential
}

// newDevice belongs to a user. Browsers know the service on this machine by the name localhost.
func newDevice(s *apptest.Stack, user string) *device {
	return &device{
		page:          virtualwebauthn.RelyingParty{ID: "localhost", Name: "Caretaker", Origin: atLocalhost(s)},
		authenticator: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(user)}),
		passkey:       newKey(),
	}
}

func atLocalhost(s *apptest.Stack) string { return strings.Replace(s.URL, "127.0.0.1", "localhost", 1) }

// newKey makes a passkey with a P-256 key whose coordinates have all of their 32 bytes. virtualwebauthn leaves out
// leading zeros, which COSE forbids (RFC 9053, section 7.1.1) and one key in 128 has.
func newKey() virtualwebauthn.Credential {
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == 77 {
			return c
		}
	}
}

func (d *device) id() string { return base64.RawURLEncoding.EncodeToString(d.passkey.ID) }

// create makes the passkey that an answer with options asks for.
func (d *device) create(t *testing.T, asked apptest.Answer) json.RawMessage {
	t.Helper()
	options, err := virtualwebauthn.ParseAttestationOptions(string(optionsIn(asked)))
	if err != nil {
		t.Fatal(err)
	}
	return json.RawMessage(virtualwebauthn.CreateAttestationResponse(d.page, d.authenticator, d.passkey, *options))
}

// show proves that the device is at hand.
func (d *device) show(t *testing.T, asked apptest.Answer) json.RawMessage {
	t.Helper()
	options, err := virtualwebauthn.ParseAssertionOptions(string(optionsIn(asked)))
	if err != nil {
		t.Fatal(err)
	}
	return json.RawMessage(virtualwebauthn.CreateAssertionResponse(d.page, d.authenticator, d.passkey, *options))
}

func optionsIn(asked apptest.Answer) json.RawMessage {
	var answer struct{ Options json.RawMessage }
	asked.Want(200).Into(&answer)
	return answer.Options
}

// addPasskey gives somebody who has just signed in a passkey.
func (o *organisation) addPasskey(t *testing.T, p *person, name string) *device {
	t.Helper()
	d := newDevice(o.Stack, p.id)
	credential := d.create(t, p.Call("POST", "/me/passkeys/options", nil))
	p.Call("POST", "/me/passkeys", object{"name": name, "credential": credential}).Want(201)
	return d
}

// prove shows the device as second factor.
func (d *device) prove(t *testing.T, b *apptest.Browser) apptest.Answer {
	t.Helper()
	credential := d.show(t, b.Call("POST", "/session/passkey/options", nil))
	return b.Call("POST", "/session/passkey", object{"credential": credential})
}

// signIn shows the device in a browser, instead of a password.
func (d *device) signIn(t *testing.T, b *apptest.Browser, organisation string) apptest.Answer {
	t.Helper()
	asked := b.Call("POST", "/passkey-sign-in/options", object{"organisation": organisation})
	return b.Call("POST", "/passkey-sign-in", object{"organisation": organisation, "credential": d.show(t, asked)})
}

// passkeysOf lists names, and whether they were used.
func (p *person) passkeysOf() []string {
	var list struct {
		Items []struct{ Name, CreatedAt, LastUsedAt string }
	}
	p.Call("GET", "/me/passkeys", nil).Want(200).Into(&list)
	listed := []string{}
	for _, k := range list.Items {
		if k.LastUsedAt != "" {
			k.Name += ", used"
		}
		if k.CreatedAt == "" {
			k.Name += ", of no date"
		}
		listed = append(listed, k.Name)
	}
	return listed
}

func (p *person) wantPasskeys(t *testing.T, names ...string) {
	t.Helper()
	if got := p.passkeysOf(); !slices.Equal(got, names) {
		t.Errorf("the passkeys are %v, want %v", got, names)
	}
}

// X4.
func TestPasskeysAreAddedListedAndRemoved(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		pia := o.join(t, "Pia", "Passkey", roles("consultant"))
		pia.wantPasskeys(t)
		d := newDevice(s, pia.id)
		credential := d.create(t, pia.Call("POST", "/me/passkeys/options", nil))
		for _, wrong := range []string{"", " ", strings.Repeat("x", 101), "Key\u202e"} { // which leaves the browser's answer good
			pia.Call("POST", "/me/passkeys", object{"name": wrong, "credential": credential}).WantProblem(422, "invalid").WantField("body.name")
		}
		first := pia.Call("POST", "/me/passkeys", object{"name": "Telephone", "credential": credential}).Want(201)
		wantRecoveryCodes(t, texts(first.At("recoveryCodes")))
		s.Mail(t, "pia@melchester.example", "passkey")
		pia.Call("POST", "/me/passkeys", object{"name": "Again", "credential": credential}).WantProblem(401, "passkey_refused")
		// A second one comes without further recovery codes; the same device is not taken twice.
		twice := d.create(t, pia.Call("POST", "/me/passkeys/options", nil))
		pia.Call("POST", "/me/passkeys", object{"name": "Twice", "credential": twice}).WantProblem(401, "passkey_refused")
		key := newDevice(s, pia.id)
		second := pia.Call("POST", "/me/passkeys", object{
			"name": "Key ring", "credential": key.create(t, pia.Call("POST", "/me/passkeys/options", nil)),
		}).Want(201)
		if codes := texts(second.At("recoveryCodes")); len(codes) != 0 {
			t.Errorf("further recovery codes: %v", codes)
		}
		pia.wantPasskeys(t, "Telephone", "Key ring")
		if me := pia.Call("GET", "/me", nil).Want(200); me.At("passkeys") != 2.0 || me.At("totp") != false {
			t.Errorf("%s", me.Body)
		}

		pia.Call("DELETE", "/me/passkeys/"+d.id(), nil).Want(204)
		pia.Call("DELETE", "/me/passkeys/"+d.id(), nil).WantProblem(404, "not_found")
		s.Mail(t, "pia@melchester.example", "passkey no longer works")
		pia.Call("POST", "/me/passkeys", object{"name": "Back", "credential": credential}).WantProblem(401, "passkey_refused")
		pia.wantPasskeys(t, "Key ring")
		d.signIn(t, s.Browser(t), borough).WantProblem(401, "passkey_refused")
		for i := range 9 {
			o.addPasskey(t, pia, fmt.Sprint(i))
		}
		pia.Call("POST", "/me/passkeys/options", nil).WantProblem(409, "too_many_passkeys")
	})
}

// X4: A response is good for the challenge that it answers, in the session that asked.
func TestAPasskeyIsAddedByWhoAskedForIt(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		pia, mo := o.join(t, "Pia", "Asked", roles("consultant")), o.join(t, "Mo", "Other", roles("consultant"))
		d := newDevice(s, pia.id)
		forPia := d.create(t, pia.Call("POST", "/me/passkeys/options", nil))
		mo.Call("POST", "/me/passkeys", object{"name": "Stolen", "credential": forPia}).WantProblem(401, "passkey_refused")
		elsewhere := o.enter(t, &person{username: pia.username, password: pia.password})
		forPia = d.create(t, pia.Call("POST", "/me/passkeys/options", nil))
		elsewhere.Call("POST", "/me/passkeys", object{"name": "Carried", "credential": forPia}).WantProblem(401, "passkey_refused")
		late := d.create(t, pia.Call("POST", "/me/passkeys/options", nil))
		s.Clock.Advance(10 * time.Minute)
		pia.Call("POST", "/me/passkeys", object{"name": "Late", "credential": late}).WantProblem(401, "passkey_refused")
		misled := newDevice(s, pia.id)
		misled.page.Origin = "http://localhost.example"
		for _, wrong := range []json.RawMessage{
			misled.create(t, pia.Call("POST", "/me/passkeys/options", nil)), // another page was shown to Pia
			json.RawMessage(`{}`), json.RawMessage(`{"id": "abc", "response": {}}`),
		} {
			pia.Call("POST", "/me/passkeys", object{"name": "Wrong", "credential": wrong}).WantProblem(401, "passkey_refused")
		}
		pia.wantPasskeys(t)
		mo.wantPasskeys(t)
	})
}

// X4.
func TestAPasskeyAsSecondFactor(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		pia := o.join(t, "Pia", "Second", roles("consultant"))
		d := newDevice(s, pia.id)
		recovery := texts(pia.Call("POST", "/me/passkeys", object{
			"name": "Telephone", "credential": d.create(t, pia.Call("POST", "/me/passkeys/options", nil)),
		}).Want(201).At("recoveryCodes"))

		// A user with passkeys alone.
		b, in := o.atTheDoor(t, pia)
		wantAsked(t, in, "passkey")
		wantMethods(t, in, "passkey", "recoveryCode")
		b.Call("GET", "/me", nil).WantProblem(403, "challenge_pending")
		b.Call("POST", "/session/totp", typed("123456")).WantProblem(422, "wrong_code")
		asked := b.Call("POST", "/session/passkey/options", nil)
		credential := d.show(t, asked)
		in = wantIn(t, b.Call("POST", "/session/passkey", object{"credential": credential}))
		if in.Text("method") != "password" {
			t.Errorf("signed in by %s", in.Text("method"))
		}
		pia.wantPasskeys(t, "Telephone, used")

		// An answer is taken once, in the browser that was asked, and from the user who was.
		other, _ := o.atTheDoor(t, pia)
		other.Call("POST", "/session/passkey", object{"credential": credential}).WantProblem(401, "passkey_refused")
		asked = other.Call("POST", "/session/passkey/options", nil)
		third, _ := o.atTheDoor(t, pia)
		third.Call("POST", "/session/passkey", object{"credential": d.show(t, asked)}).WantProblem(401, "passkey_refused")
		mo := o.join(t, "Mo", "Another", roles("consultant"))
		stranger := o.addPasskey(t, mo, "Telephone")
		stranger.prove(t, third).WantProblem(401, "passkey_refused")
		stranger.authenticator.Options.UserHandle = []byte(pia.id)
		stranger.prove(t, third).WantProblem(401, "passkey_refused")
		late := d.show(t, third.Call("POST", "/session/passkey/options", nil))
		s.Clock.Advance(10 * time.Minute)
		third.Call("POST", "/session/passkey", object{"credential": late}).WantProblem(401, "passkey_refused")
		wantIn(t, third.Call("POST", "/session/totp", typed(recovery[0]))) // the device was left at home

		// A user with both chooses.
		app, _ := o.setUpApp(t, pia)
		b, in = o.atTheDoor(t, pia)
		wantAsked(t, in, "totp")
		wantMethods(t, in, "totp", "passkey", "recoveryCode")
		wantIn(t, d.prove(t, b))
		b, _ = o.atTheDoor(t, pia)
		wantIn(t, b.Call("POST", "/session/totp", typed(app.next())))
		o.first.Call("POST", "/users/"+pia.id+"/totp-reset", nil).Want(200) // all of them
		_, in = o.atTheDoor(t, pia)
		wantIn(t, in)
	})
}

func wantMethods(t *testing.T, a apptest.Answer, methods ...string) {
	t.Helper()
	if got := texts(a.At("challenge.methods")); !slices.Equal(got, methods) {
		t.Errorf("serves as second factor: %v, want %v", got, methods)
	}
}

// X4: At a computer that was left for a quarter of an hour.
func TestAPasskeyConfirmsWhoOneIs(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		pia := o.join(t, "Pia", "Confirms", roles("consultant"))
		pia.Call("POST", "/session/passkey/options", nil).WantProblem(404, "not_found") // there is none to be shown
		d := o.addPasskey(t, pia, "Telephone")
		s.Clock.Advance(proofHolds)
		pia.Call("POST", "/me/recovery-codes", nil).WantProblem(403, "confirmation_required")
		wantIn(t, d.prove(t, pia.Browser))
		pia.Call("POST", "/me/recovery-codes", nil).Want(200)
		o.first.wantTrail(t, o.organisation, "/users/"+pia.id+"/audit?action=identity.", "identity.confirmed")
	})
}

// X4: It stands for password and second factor, since the device has checked who holds it.
func TestSigningInWithAPasskey(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s) // whose agreement is asked each time
		pia := o.join(t, "Pia", "Signs", roles("LRBOnlineUser"))
		d := o.addPasskey(t, pia, "Telephone")
		o.setUpApp(t, pia)
		o.first.Call("POST", "/users/"+pia.id+"/password-reset", nil).Want(200)
		b := s.Browser(t)
		in := wantAsked(t, d.signIn(t, b, college), "agreement") // neither totp nor newPassword
		b.Call("GET", "/me", nil).WantProblem(403, "challenge_pending")
		in = wantIn(t, b.Call("POST", "/session/agreement", object{"version": in.At("challenge.version"), "accepted": true}))
		if in.Text("method") != "passkey" || in.Text("user.id") != pia.id || in.Text("organisation.slug") != college {
			t.Errorf("%s", in.Body)
		}
		b.Call("GET", "/me", nil).Want(200)

		asked := b.Call("POST", "/passkey-sign-in/options", object{"organisation": college})
		if options := string(optionsIn(asked)); strings.Contains(options, d.id()) || strings.Contains(options, pia.id) {
			t.Errorf("whoever asks is told who has a passkey: %s", options)
		}
		body := object{"organisation": college, "credential": d.show(t, asked)}
		wantAsked(t, b.Call("POST", "/passkey-sign-in", body), "agreement")
		b.Call("POST", "/passkey-sign-in", body).WantProblem(401, "passkey_refused") // once
		body["credential"] = d.show(t, b.Call("POST", "/passkey-sign-in/options", object{"organisation": college}))
		s.Clock.Advance(10 * time.Minute)
		b.Call("POST", "/passkey-sign-in", body).WantProblem(401, "passkey_refused") // in time
		told := o.first.wantTrail(t, o, "/users/"+pia.id+"/audit?action=signIn.succeeded", "signIn.succeeded", "signIn.succeeded")
		if told[0].Note != "passkey" || told[1].Note != "password" {
			t.Errorf("the trail says %q after %q", told[0].Note, told[1].Note)
		}
	})
}

// X4.
func TestWhoCannotSignInWithAPasskey(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, next := openAuthority(t, s), openOrganisation(t, s, "barchester", "Barchester", "authority-analytics", nil)
		pia := o.join(t, "Pia", "Refused", roles("consultant"))
		d := o.addPasskey(t, pia, "Telephone")
		b := s.Browser(t)
		options := func(organisation string) apptest.Answer {
			return b.Call("POST", "/passkey-sign-in/options", object{"organisation": organisation})
		}
		show := func(d *device, asked apptest.Answer, organisation string) apptest.Answer {
			t.Helper()
			return b.Call("POST", "/passkey-sign-in", object{"organisation": organisation, "credential": d.show(t, asked)})
		}
		options("nowhere").WantProblem(404, "not_found")
		// Another organisation's, whichever of the two was asked or is named.
		d.signIn(t, b, "barchester").WantProblem(401, "passkey_refused")
		show(d, options(borough), "barchester").WantProblem(401, "passkey_refused")
		show(d, options("barchester"), borough).WantProblem(401, "passkey_refused")
		// As somebody else, and as nobody.
		forged := *d
		for _, handle := range []string{o.first.id, next.first.id, "01k5h8q2v3m4n5p6q7r8s9t0wx", "", "../" + pia.id} {
			forged.authenticator.Options.UserHandle = []byte(handle)
			forged.signIn(t, b, borough).WantProblem(401, "passkey_refused")
		}
		// From a page that only looks like ours, without checking who holds the device, or as a copy of it.
		forged = *d
		forged.page.Origin = "https://melchester.example"
		forged.signIn(t, b, borough).WantProblem(401, "passkey_refused")
		forged = *d
		forged.authenticator.Options.UserNotVerified = true
		forged.signIn(t, b, borough).WantProblem(401, "passkey_refused")
		wantIn(t, d.signIn(t, b, borough))
		key := o.addPasskey(t, pia, "Key ring")
		for _, count := range []uint32{7, 8, 8, 7, 0, 9} {
			last := key.passkey.Counter
			if key.passkey.Counter = count; count > last {
				wantIn(t, key.signIn(t, b, borough))
			} else {
				key.signIn(t, b, borough).WantProblem(401, "passkey_refused")
				key.passkey.Counter = last
			}
		}
		// What was asked for inside is no way in.
		inside := pia.Call("POST", "/session/passkey/options", nil)
		show(d, inside, borough).WantProblem(401, "passkey_refused")

		o.first.set(object{"signIn": object{"methods": []string{"password"}}}).Want(200)
		options(borough).WantProblem(409, "method_not_offered")
		b.Call("POST", "/passkey-sign-in", object{"organisation": borough, "credential": object{}}).WantProblem(409, "method_not_offered")
		door, in := o.atTheDoor(t, pia) // it goes on being a second factor
		wantAsked(t, in, "passkey")
		wantIn(t, d.prove(t, door))
	})
}

// X4: No number of wrong passwords keeps somebody with a passkey out; an administrator does.
func TestAPasskeyGetsPastTheBarAndNotPastTheAdministrators(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		pia := o.join(t, "Pia", "Barred", roles("consultant"))
		d := o.addPasskey(t, pia, "Telephone")
		o.guess(s.Browser(t), pia.username, authorityThreshold)
		s.Browser(t).SignIn(borough, pia.username, pia.password).WantProblem(423, "locked")
		wantIn(t, d.signIn(t, s.Browser(t), borough))
		_, in := o.atTheDoor(t, pia) // which has lifted it
		wantAsked(t, in, "passkey")

		o.first.Call("POST", "/users/"+pia.id+"/suspend", nil).Want(200)
		wantNamed(t, d.signIn(t, s.Browser(t), borough).WantProblem(403, "suspended"), "contacts", "Ada First")
		o.first.Call("POST", "/users/"+pia.id+"/reinstate", nil).Want(200)
		wantIn(t, d.signIn(t, s.Browser(t), borough))
		o.first.Call("DELETE", "/users/"+pia.id, nil).Want(204)
		d.signIn(t, s.Browser(t), borough).WantProblem(401, "passkey_refused")
	})
}

// X4: All of it once with a browser that people have.
func TestPasskeysInABrowser(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		pia := o.join(t, "Pia", "Chromium", roles("consultant"))
		call := func(method, path string, body any, save string) browsertest.Step {
			return browsertest.Step{Do: "api", Method: method, Path: "/api/v1" + path, Body: body, Save: save}
		}
		create := browsertest.Step{Do: "create", From: "asked.options", Save: "credential"}
		get := browsertest.Step{Do: "get", From: "asked.options", Save: "credential"}
		forget := browsertest.Step{Do: "forget"}
		session := call("GET", "/session", nil, "")
		signIn := call("POST", "/session", object{"organisation": borough, "username": pia.username, "password": pia.password}, "")
		results := browsertest.Passkeys(
			t, atLocalhost(s),
			signIn,
			call("POST", "/me/passkeys/options", nil, "asked"), create,
			call("POST", "/me/passkeys", object{"name": "Telephone", "credential": "${credential}"}, ""),
			call("POST", "/me/passkeys/options", nil, "asked"), create, // it is on the device already
			forget, signIn,
			call("POST", "/session/passkey/options", nil, "asked"), get,
			call("POST", "/session/passkey", object{"credential": "${credential}"}, ""), session,
			forget,
			call("POST", "/passkey-sign-in/options", object{"organisation": borough}, "asked"), get,
			call("POST", "/passkey-sign-in", object{"organisation": borough, "credential": "${credential}"}, ""), session,
		)
		for i, r := range results {
			switch {
			case i == 5 && r.Error == "InvalidStateError", i == 3 && r.Status == 201:
			case r.Error != "" || r.Status != 0 && r.Status != 200 || i == 5 || i == 3:
				t.Fatalf("step %d: %d %s %s %s", i+1, r.Status, r.Value, r.Error, r.Message)
			}
		}
		for i, want := range map[int][]string{
			7:  {"challenge", "password"}, // waits for the passkey
			11: {"active", "password"},
			16: {"active", "passkey"},
		} {
			var got struct{ Status, Method string }
			if err := json.Unmarshal(results[i].Value, &got); err != nil || got.Status != want[0] || got.Method != want[1] {
				t.Errorf("step %d: %s, want %v", i+1, results[i].Value, want)
			}
		}
		pia.wantPasskeys(t, "Telephone, used")
	})
}
