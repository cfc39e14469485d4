package passkeys_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/directory"
)

// The names and values are those of the specification, so they are compared as a browser would read them.
func TestRegistrationOptionsAskForADiscoverablePasskeyWithUserVerification(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner := ann()
	known := register(t, rp, newDevice(owner), &owner)
	options, _, err := rp.BeginRegistration(owner)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(options, &got); err != nil {
		t.Fatal(err)
	}
	if c, _ := got["challenge"].(string); len(c) != 43 {
		t.Errorf("challenge = %q, want 32 bytes in base64url", c)
	}
	delete(got, "challenge")
	algorithm := func(n float64) any { return map[string]any{"type": "public-key", "alg": n} }
	want := map[string]any{
		"rp":               map[string]any{"id": "users.example.org", "name": "Caretaker"},
		"user":             map[string]any{"id": base64url([]byte(owner.ID)), "name": "ann.lee", "displayName": "Ann Lee"},
		"pubKeyCredParams": []any{algorithm(-7), algorithm(-8), algorithm(-257)},
		"authenticatorSelection": map[string]any{
			"residentKey": "required", "requireResidentKey": true, "userVerification": "required",
		},
		"attestation":        "none",
		"excludeCredentials": []any{map[string]any{"type": "public-key", "id": known.ID}},
		"timeout":            300000.0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
}

func TestEveryRegistrationHasAChallengeOfItsOwn(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	first, _, err1 := rp.BeginRegistration(ann())
	second, _, err2 := rp.BeginRegistration(ann())
	if err1 != nil || err2 != nil || string(first) == string(second) {
		t.Errorf("%s and %s, %v, %v", first, second, err1, err2)
	}
}

func TestARegisteredPasskeyHasItsIDAndKeyOnly(t *testing.T) {
	t.Parallel()
	for _, kind := range []virtualwebauthn.KeyType{virtualwebauthn.KeyTypeEC2, virtualwebauthn.KeyTypeRSA} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			rp, _ := relyingParty(t)
			owner := ann()
			d := newDevice(owner)
			if kind == virtualwebauthn.KeyTypeRSA {
				d.passkey = virtualwebauthn.NewCredential(kind)
			}
			p := register(t, rp, d, &owner)
			if p.ID != base64url(d.passkey.ID) {
				t.Errorf("id = %s, want %s", p.ID, base64url(d.passkey.ID))
			}
			if p.Name != "" || !p.CreatedAt.IsZero() || !p.LastUsedAt.IsZero() {
				t.Errorf("the adapter gave a name or a date: %+v", p)
			}
			if len(p.Key) > 1024 || strings.Contains(string(p.Key), "clientDataJSON") {
				t.Errorf("the key has %d bytes, with what was attested: %s", len(p.Key), p.Key)
			}
		})
	}
}

func TestTransportsAndBackupFlagsAreKept(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner := ann()
	d := newDevice(owner)
	d.authenticator.Options.BackupEligible, d.authenticator.Options.BackupState = true, true
	options, state, err := rp.BeginRegistration(owner)
	if err != nil {
		t.Fatal(err)
	}
	response := editResponse(t, d.create(t, options), func(r map[string]any) { r["transports"] = []string{"internal", "hybrid"} })
	p, err := rp.FinishRegistration(owner, state, response)
	if err != nil {
		t.Fatal(err)
	}
	var key struct {
		Transport []string
		Flags     struct{ BackupEligible, BackupState, UserVerified bool }
	}
	if err := json.Unmarshal(p.Key, &key); err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(key.Transport, []string{"internal", "hybrid"}) || !key.Flags.BackupEligible || !key.Flags.BackupState || !key.Flags.UserVerified {
		t.Errorf("key = %+v", key)
	}
	owner.Passkeys = []directory.Passkey{p}
	asked, _ := beginSignIn(t, rp, owner)
	if !strings.Contains(string(asked), `"transports":["internal","hybrid"]`) {
		t.Errorf("the transports are not in the options of a sign-in: %s", asked)
	}
}

func TestRegistrationIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		because  string
		device   func(*device)
		response func(testing.TB, []byte) []byte
		owner    func(*directory.PasskeyOwner)
		clock    func(*clock)
	}{
		"from another page":      {because: "origin", device: func(d *device) { d.page.Origin = "https://users.example.com" }},
		"from another port":      {because: "origin", device: func(d *device) { d.page.Origin = origin + ":8443" }},
		"from a subdomain":       {because: "origin", device: func(d *device) { d.page.Origin = "https://evil.users.example.org" }},
		"from plain http":        {because: "origin", device: func(d *device) { d.page.Origin = "http://users.example.org" }},
		"for another domain":     {because: "RP Hash", device: func(d *device) { d.page.ID = "example.org" }},
		"without verifying":      {because: "User verification", device: func(d *device) { d.authenticator.Options.UserNotVerified = true }},
		"without presence":       {because: "User presence", device: func(d *device) { d.authenticator.Options.UserNotPresent = true }},
		"backed up, yet may not": {because: "Backup State", device: func(d *device) { d.authenticator.Options.BackupState = true }},
		"for somebody else":      {because: "ID mismatch", owner: func(o *directory.PasskeyOwner) { *o = ben() }},
		"for nobody":             {because: "ID mismatch", owner: func(o *directory.PasskeyOwner) { *o = directory.PasskeyOwner{} }},
		"late":                   {because: "too late", clock: func(c *clock) { c.at = begun.Add(5 * time.Minute) }},
		"with another id outside": {because: "credential id", response: func(tb testing.TB, r []byte) []byte {
			tb.Helper()
			return edit(tb, r, func(m map[string]any) { m["id"], m["rawId"] = "b3RoZXI", "b3RoZXI" })
		}},
		"with a damaged attestation": {because: "public key", response: func(tb testing.TB, r []byte) []byte {
			tb.Helper()
			return editResponse(tb, r, func(m map[string]any) { m["attestationObject"] = flipLastBit(tb, m["attestationObject"]) })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rp, now := relyingParty(t)
			owner := ann()
			d := newDevice(owner)
			options, state, err := rp.BeginRegistration(owner)
			if err != nil {
				t.Fatal(err)
			}
			apply(c.device, d)
			apply(c.owner, &owner)
			apply(c.clock, now)
			response := d.create(t, options)
			if c.response != nil {
				response = c.response(t, response)
			}
			_, err = rp.FinishRegistration(owner, state, response)
			mustBeRefused(t, err, c.because)
		})
	}
}

func apply[T any](change func(*T), to *T) {
	if change != nil {
		change(to)
	}
}

func TestRegistrationIsTakenUntilTheLastMoment(t *testing.T) {
	t.Parallel()
	rp, now := relyingParty(t)
	options, state, err := rp.BeginRegistration(ann())
	if err != nil {
		t.Fatal(err)
	}
	now.at = begun.Add(5*time.Minute - time.Nanosecond)
	if _, err := rp.FinishRegistration(ann(), state, newDevice(ann()).create(t, options)); err != nil {
		t.Error(err)
	}
}

func TestAPasskeyIsNotRegisteredTwice(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner := ann()
	d := newDevice(owner)
	register(t, rp, d, &owner)
	options, state, err := rp.BeginRegistration(owner)
	if err != nil {
		t.Fatal(err)
	}
	_, err = rp.FinishRegistration(owner, state, d.create(t, options))
	mustBeRefused(t, err, "already")
}

func TestAChallengeHoldsForWhatItWasMadeFor(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner := ann()
	d := newDevice(owner)
	register(t, rp, d, &owner)
	toRegister, registering, err := rp.BeginRegistration(owner)
	if err != nil {
		t.Fatal(err)
	}
	toSignIn, signingIn := beginSignIn(t, rp, owner)
	_, err = rp.FinishSignIn(owner, registering, d.get(t, toRegister))
	mustBeRefused(t, err, "the state is of a registration")
	_, err = rp.FinishRegistration(owner, signingIn, newDevice(owner).create(t, toSignInAsRegistration(t, toSignIn)))
	mustBeRefused(t, err, "the state is of a registration")
}

// toSignInAsRegistration keeps the challenge, which is all that a device looks at.
func toSignInAsRegistration(tb testing.TB, options json.RawMessage) json.RawMessage {
	tb.Helper()
	return edit(tb, options, func(m map[string]any) {
		m["user"], m["rp"] = map[string]any{"id": base64url([]byte(ann().ID))}, map[string]any{"id": "users.example.org"}
	})
}
