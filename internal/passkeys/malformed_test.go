package passkeys_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/passkeys"
)

func TestMalformedResponsesAreRefused(t *testing.T) {
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
	for name, response := range map[string][]byte{
		"nothing":         nil,
		"no JSON":         []byte("passkey"),
		"null":            []byte("null"),
		"an empty object": []byte("{}"),
		"a number":        []byte("7"),
		"cut off":         d.get(t, toSignIn)[:200],
		"no client data":  editResponse(t, d.get(t, toSignIn), func(m map[string]any) { delete(m, "clientDataJSON") }),
		"no data":         editResponse(t, d.get(t, toSignIn), func(m map[string]any) { delete(m, "authenticatorData") }),
		"short data":      editResponse(t, d.get(t, toSignIn), func(m map[string]any) { m["authenticatorData"] = "AAAA" }),
		"no signature":    editResponse(t, d.get(t, toSignIn), func(m map[string]any) { delete(m, "signature") }),
		"no attestation":  editResponse(t, newDevice(owner).create(t, toRegister), func(m map[string]any) { delete(m, "attestationObject") }),
		"another type":    edit(t, d.get(t, toSignIn), func(m map[string]any) { m["type"] = "password" }),
		"too long":        []byte(strings.Repeat(" ", 32<<10) + string(d.get(t, toSignIn))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := rp.FinishSignIn(owner, signingIn, response)
			mustBeRefused(t, err, "")
			_, err = rp.FinishRegistration(owner, registering, response)
			mustBeRefused(t, err, "")
		})
	}
}

// fixedKey is a P-256 key, and fixedChallenge the challenge it answers: every process of a fuzzing run must find the
// same inputs to be good.
const fixedKey = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggj6PnYhqGZIM1D6BpGpWLvc9MNtSLa8z/OKn78MS0TOhRANCAATMtTn4I0wGMIlr+n/J4PJvOzSQf5tMohVSWiagAtWaxCWElDpo5CqR69iA79mswQH/5BNBOeTHpg+8q59/BExt"

var fixedChallenge = base64url([]byte("0123456789abcdef0123456789abcdef"))

func fixedDevice(tb testing.TB, o directory.PasskeyOwner) *device {
	tb.Helper()
	key, err := base64.StdEncoding.DecodeString(fixedKey)
	if err != nil {
		tb.Fatal(err)
	}
	d := newDevice(o)
	d.passkey = virtualwebauthn.NewCredentialWithImportedKey(virtualwebauthn.KeyTypeEC2, key)
	d.passkey.ID = []byte("fixed")
	return d
}

// fix puts the fixed challenge into options or a state.
func fix(tb testing.TB, object []byte) []byte {
	tb.Helper()
	return edit(tb, object, func(m map[string]any) { m["challenge"] = fixedChallenge })
}

func FuzzClaimed(f *testing.F) {
	rp, _ := relyingParty(f)
	options, _ := beginSignIn(f, rp, directory.PasskeyOwner{})
	f.Add(fixedDevice(f, ann()).get(f, fix(f, options)))
	f.Add([]byte(clientData("{}", "")))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, response []byte) {
		claim, err := rp.Claimed(response)
		if err != nil {
			mustBeRefused(t, err, "")
			return
		}
		if len(claim.Challenge) != 43 || claim.User != "" && !claim.User.Valid() {
			t.Errorf("claim = %+v", claim)
		}
	})
}

func FuzzFinishSignIn(f *testing.F) {
	rp, _ := relyingParty(f)
	owner := ann()
	d := fixedDevice(f, owner)
	p := register(f, rp, d, &owner)
	options, state := beginSignIn(f, rp, owner)
	options, state = fix(f, options), fix(f, state)
	f.Add(d.get(f, options))
	f.Add(editResponse(f, d.get(f, options), func(m map[string]any) { m["authenticatorData"] = "AAAA" }))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, response []byte) {
		used, err := rp.FinishSignIn(owner, state, response)
		if err != nil {
			mustBeRefused(t, err, "")
			return
		}
		if claim, err := rp.Claimed(response); used.ID != p.ID || err != nil || claim.Challenge != fixedChallenge {
			t.Errorf("%s was used for the claim %+v, %v", used.ID, claim, err)
		}
	})
}

func FuzzFinishRegistration(f *testing.F) {
	rp, _ := relyingParty(f)
	owner := ann()
	d := fixedDevice(f, owner)
	options, state, err := rp.BeginRegistration(owner)
	if err != nil {
		f.Fatal(err)
	}
	options, state = fix(f, options), fix(f, state)
	f.Add(d.create(f, options))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, response []byte) {
		p, err := rp.FinishRegistration(owner, state, response)
		if err != nil {
			mustBeRefused(t, err, "")
			return
		}
		readable(t, rp, owner, p)
	})
}

// readable fails if a passkey that was taken cannot be asked for.
func readable(t *testing.T, rp *passkeys.RelyingParty, o directory.PasskeyOwner, p directory.Passkey) {
	t.Helper()
	o.Passkeys = []directory.Passkey{p}
	if _, _, err := rp.BeginSignIn(o); err != nil {
		t.Errorf("%s is not readable: %v", p.Key, err)
	}
}
