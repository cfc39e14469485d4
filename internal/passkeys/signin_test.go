package passkeys_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/directory"
)

func TestSignInOptionsNameTheOwnersPasskeys(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner := ann()
	one, two := register(t, rp, newDevice(owner), &owner), register(t, rp, newDevice(owner), &owner)
	options, _ := beginSignIn(t, rp, owner)
	want := map[string]any{
		"rpId": "users.example.org", "userVerification": "required", "timeout": 300000.0,
		"allowCredentials": []any{
			map[string]any{"type": "public-key", "id": one.ID}, map[string]any{"type": "public-key", "id": two.ID},
		},
	}
	if diff := cmp.Diff(want, withoutChallenge(t, options)); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
}

func TestSignInOptionsForAnybodyNameNoPasskeys(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	options, _ := beginSignIn(t, rp, directory.PasskeyOwner{})
	want := map[string]any{"rpId": "users.example.org", "userVerification": "required", "timeout": 300000.0}
	if diff := cmp.Diff(want, withoutChallenge(t, options)); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
}

func withoutChallenge(t *testing.T, options json.RawMessage) map[string]any {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal(options, &members); err != nil {
		t.Fatal(err)
	}
	if c, _ := members["challenge"].(string); len(c) != 43 {
		t.Errorf("challenge = %q, want 32 bytes in base64url", c)
	}
	delete(members, "challenge")
	return members
}

func TestWhoHasNoPasskeysIsAskedForNone(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	_, _, err := rp.BeginSignIn(ann())
	mustBeRefused(t, err, "no passkeys")
}

func TestSignInMovesTheCounterOnAndKeepsTheRest(t *testing.T) {
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
			register(t, rp, newDevice(owner), &owner)
			register(t, rp, d, &owner)
			owner.Passkeys[1].Name, owner.Passkeys[1].CreatedAt, owner.Passkeys[1].LastUsedAt = "Phone", begun, begun.Add(time.Hour)
			for count := range 3 {
				d.passkey.Counter = uint32(10 + count)
				used, err := signIn(t, rp, d, owner)
				if err != nil {
					t.Fatal(err)
				}
				if got := counter(t, used); got != d.passkey.Counter {
					t.Errorf("counter = %d, want %d", got, d.passkey.Counter)
				}
				want := owner.Passkeys[1]
				want.Key = used.Key
				if diff := cmp.Diff(want, used); diff != "" {
					t.Errorf("passkey (-want +got):\n%s", diff)
				}
				owner.Passkeys[1] = used
			}
		})
	}
}

func counter(t *testing.T, p directory.Passkey) uint32 {
	t.Helper()
	var key struct {
		Authenticator struct{ SignCount uint32 }
	}
	if err := json.Unmarshal(p.Key, &key); err != nil {
		t.Fatal(err)
	}
	return key.Authenticator.SignCount
}

// The person is found by the claim, as in a sign-in without a name.
func TestDiscoverableSignIn(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner := ann()
	d := newDevice(owner)
	p := register(t, rp, d, &owner)
	options, state := beginSignIn(t, rp, directory.PasskeyOwner{})
	response := d.get(t, options)
	claim, err := rp.Claimed(response)
	if err != nil || claim.User != owner.ID {
		t.Fatalf("claim = %+v, %v; want %s", claim, err, owner.ID)
	}
	used, err := rp.FinishSignIn(owner, state, response)
	if err != nil || used.ID != p.ID {
		t.Errorf("used = %+v, %v; want %s", used, err, p.ID)
	}
}

func TestDiscoverableSignInIsRefused(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner, other := ann(), ben()
	d := newDevice(owner)
	register(t, rp, d, &owner)
	register(t, rp, newDevice(other), &other)
	options, state := beginSignIn(t, rp, directory.PasskeyOwner{})

	response := func(handle directory.UserID) []byte {
		forged := *d
		forged.authenticator.Options.UserHandle = []byte(handle)
		return forged.get(t, options)
	}
	for name, c := range map[string]struct {
		as       directory.PasskeyOwner
		response []byte
		because  string
	}{
		"as another user":                         {other, response(owner.ID), "User handle"},
		"as another user with that user's handle": {other, response(other.ID), "Unable to find the credential"},
		"with the handle of another user":         {owner, response(other.ID), "User handle"},
		"without a handle":                        {owner, response(""), "blank User Handle"},
		"as nobody":                               {directory.PasskeyOwner{}, response(owner.ID), "User handle"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := rp.FinishSignIn(c.as, state, c.response)
			mustBeRefused(t, err, c.because)
		})
	}
}

// Authenticators may leave out the handle when they are told which passkeys are meant.
func TestAHandleIsNotNeededWhereTheOwnerIsKnown(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner := ann()
	d := newDevice(owner)
	register(t, rp, d, &owner)
	d.authenticator.Options.UserHandle = nil
	if _, err := signIn(t, rp, d, owner); err != nil {
		t.Error(err)
	}
}

func TestSignInIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		because  string
		device   func(*device)
		response func(testing.TB, []byte) []byte
		clock    func(*clock)
	}{
		"from another page":              {because: "origin", device: func(d *device) { d.page.Origin = "https://users.example.com" }},
		"from another port":              {because: "origin", device: func(d *device) { d.page.Origin = origin + ":8443" }},
		"from plain http":                {because: "origin", device: func(d *device) { d.page.Origin = "http://users.example.org" }},
		"for another domain":             {because: "RP Hash", device: func(d *device) { d.page.ID = "example.org" }},
		"without verifying":              {because: "User verification", device: func(d *device) { d.authenticator.Options.UserNotVerified = true }},
		"without presence":               {because: "User presence", device: func(d *device) { d.authenticator.Options.UserNotPresent = true }},
		"may be backed up all at once":   {because: "Backup Eligible", device: func(d *device) { d.authenticator.Options.BackupEligible = true }},
		"with another key":               {because: "signature", device: func(d *device) { d.passkey.Key = newKey().Key }},
		"with a passkey nobody knows":    {because: "not owned", device: func(d *device) { d.passkey = newKey() }},
		"with the handle of another":     {because: "User handle", device: func(d *device) { d.authenticator.Options.UserHandle = []byte(ben().ID) }},
		"with a counter that goes back":  {because: "counter did not move on", device: func(d *device) { d.passkey.Counter = 6 }},
		"with a counter that stays":      {because: "counter did not move on", device: func(d *device) { d.passkey.Counter = 7 }},
		"with a counter that is no more": {because: "counter did not move on", device: func(d *device) { d.passkey.Counter = 0 }},
		"late":                           {because: "too late", clock: func(c *clock) { c.at = begun.Add(5 * time.Minute) }},
		"with a damaged signature": {because: "signature", response: func(tb testing.TB, r []byte) []byte {
			tb.Helper()
			return editResponse(tb, r, func(m map[string]any) { m["signature"] = flipLastBit(tb, m["signature"]) })
		}},
		"with a counter that was not signed": {because: "signature", response: func(tb testing.TB, r []byte) []byte {
			tb.Helper()
			return editResponse(tb, r, func(m map[string]any) { m["authenticatorData"] = flipLastBit(tb, m["authenticatorData"]) })
		}},
		"from within another page": {because: "cross origin", response: inAFrame},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rp, now := relyingParty(t)
			owner := ann()
			d := newDevice(owner)
			d.passkey.Counter = 7
			register(t, rp, d, &owner)
			d.passkey.Counter = 8
			options, state := beginSignIn(t, rp, owner)
			apply(c.device, d)
			apply(c.clock, now)
			response := d.get(t, options)
			if c.response != nil {
				response = c.response(t, response)
			}
			_, err := rp.FinishSignIn(owner, state, response)
			mustBeRefused(t, err, c.because)
		})
	}
}

// inAFrame says that the page stood in another's.
func inAFrame(tb testing.TB, response []byte) []byte {
	tb.Helper()
	return editResponse(tb, response, func(m map[string]any) {
		m["clientDataJSON"] = base64url(edit(tb, decode(tb, m["clientDataJSON"]), func(c map[string]any) { c["crossOrigin"] = true }))
	})
}

func TestAPasskeyOfAnotherUserIsRefused(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner, other := ann(), ben()
	register(t, rp, newDevice(owner), &owner)
	theirs := newDevice(other)
	register(t, rp, theirs, &other)
	_, err := signIn(t, rp, theirs, owner)
	mustBeRefused(t, err, "not owned")
	theirs.authenticator.Options.UserHandle = []byte(owner.ID)
	_, err = signIn(t, rp, theirs, owner)
	mustBeRefused(t, err, "not owned")
}

func TestAStateIsOfNoUseToAnotherUser(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner, other := ann(), ben()
	register(t, rp, newDevice(owner), &owner)
	theirs := newDevice(other)
	register(t, rp, theirs, &other)
	options, state := beginSignIn(t, rp, owner)
	_, err := rp.FinishSignIn(other, state, theirs.get(t, options))
	mustBeRefused(t, err, "ID mismatch")
}

// That a state is used once is the store's business; that the response belongs to the state is checked here.
func TestAResponseToAnotherChallengeIsRefused(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner := ann()
	d := newDevice(owner)
	register(t, rp, d, &owner)
	earlier, _ := beginSignIn(t, rp, owner)
	_, state := beginSignIn(t, rp, owner)
	_, err := rp.FinishSignIn(owner, state, d.get(t, earlier))
	mustBeRefused(t, err, "challenge")
}

// Passkeys that are synced between devices have a counter of 0 for ever.
func TestACounterOfZeroIsTaken(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner := ann()
	d := newDevice(owner)
	d.authenticator.Options.BackupEligible = true
	register(t, rp, d, &owner)
	for range 2 {
		used, err := signIn(t, rp, d, owner)
		if err != nil || counter(t, used) != 0 {
			t.Fatalf("%s, %v", used.Key, err)
		}
		owner.Passkeys[0] = used
	}
}

func TestASignInTellsThatAPasskeyWasBackedUp(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner := ann()
	d := newDevice(owner)
	d.authenticator.Options.BackupEligible = true
	register(t, rp, d, &owner)
	d.authenticator.Options.BackupState = true
	used, err := signIn(t, rp, d, owner)
	if err != nil {
		t.Fatal(err)
	}
	var key struct {
		Flags struct{ BackupEligible, BackupState bool }
	}
	if err := json.Unmarshal(used.Key, &key); err != nil || !key.Flags.BackupEligible || !key.Flags.BackupState {
		t.Errorf("key = %+v, %v", key, err)
	}
}

// Password managers answer extensions that nobody asked for.
func TestExtensionsNobodyAskedForAreIgnored(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner := ann()
	d := newDevice(owner)
	report := func(m map[string]any) {
		m["clientExtensionResults"] = map[string]any{"credProps": map[string]any{"rk": true}, "later": 1}
	}
	toRegister, state, err := rp.BeginRegistration(owner)
	if err != nil {
		t.Fatal(err)
	}
	p, err := rp.FinishRegistration(owner, state, edit(t, d.create(t, toRegister), report))
	if err != nil {
		t.Fatal(err)
	}
	owner.Passkeys = []directory.Passkey{p}
	options, state := beginSignIn(t, rp, owner)
	if _, err := rp.FinishSignIn(owner, state, edit(t, d.get(t, options), report)); err != nil {
		t.Error(err)
	}
}

// What we stored and cannot read is our failure, not the person's.
func TestWhatIsOursAndUnreadableIsNoRefusal(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner := ann()
	d := newDevice(owner)
	register(t, rp, d, &owner)
	options, state := beginSignIn(t, rp, owner)
	broken := owner
	broken.Passkeys = []directory.Passkey{{ID: owner.Passkeys[0].ID, Key: json.RawMessage(`{"id":1}`)}}

	_, errState := rp.FinishSignIn(owner, []byte("{"), d.get(t, options))
	_, errEmpty := rp.FinishSignIn(owner, []byte("{}"), d.get(t, options))
	_, errRegister := rp.FinishRegistration(owner, nil, nil)
	_, errKey := rp.FinishSignIn(broken, state, d.get(t, options))
	_, errKeyRegister := rp.FinishRegistration(broken, state, nil)
	_, _, errBegin := rp.BeginSignIn(broken)
	_, _, errBeginRegister := rp.BeginRegistration(broken)
	for _, err := range []error{errState, errEmpty, errRegister, errKey, errKeyRegister, errBegin, errBeginRegister} {
		if err == nil || errors.Is(err, directory.ErrPasskeyRefused) || directory.KindOf(err) != directory.Internal {
			t.Errorf("err = %v, want one of kind %s", err, directory.Internal)
		}
	}
}

// A handle has at least one byte (WebAuthn, section 5.4.3).
func TestAnOwnerWithoutAnIDRegistersNothing(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	if _, _, err := rp.BeginRegistration(directory.PasskeyOwner{Username: "ann.lee"}); err == nil {
		t.Error("options were made for nobody")
	}
}
