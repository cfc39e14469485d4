package passkeys_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/passkeys"
)

const origin = "https://users.example.org"

// begun is when every test begins.
var begun = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// clock stands still until it is moved.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func relyingParty(tb testing.TB) (*passkeys.RelyingParty, *clock) {
	tb.Helper()
	config, err := passkeys.ConfigFor(origin, "Caretaker")
	if err != nil {
		tb.Fatal(err)
	}
	c := &clock{at: begun}
	rp, err := passkeys.New(config, c.now)
	if err != nil {
		tb.Fatal(err)
	}
	return rp, c
}

func ann() directory.PasskeyOwner {
	return directory.PasskeyOwner{ID: "01k5h8q2v3m4n5p6q7r8s9t0wx", Username: "ann.lee", Name: "Ann Lee"}
}

func ben() directory.PasskeyOwner {
	return directory.PasskeyOwner{ID: "01k5h8q2v3m4n5p6q7r8s9t0wy", Username: "ben.oak", Name: "Ben Oak"}
}

// device is an authenticator with one passkey in a browser on one page. Tests change what they are about.
type device struct {
	page          virtualwebauthn.RelyingParty
	authenticator virtualwebauthn.Authenticator
	passkey       virtualwebauthn.Credential
}

func newDevice(o directory.PasskeyOwner) *device {
	return &device{
		page:          virtualwebauthn.RelyingParty{ID: "users.example.org", Name: "Caretaker", Origin: origin},
		authenticator: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(o.ID)}),
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

func (d *device) create(tb testing.TB, options json.RawMessage) []byte {
	tb.Helper()
	asked, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		tb.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAttestationResponse(d.page, d.authenticator, d.passkey, *asked))
}

func (d *device) get(tb testing.TB, options json.RawMessage) []byte {
	tb.Helper()
	asked, err := virtualwebauthn.ParseAssertionOptions(string(options))
	if err != nil {
		tb.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAssertionResponse(d.page, d.authenticator, d.passkey, *asked))
}

// register gives the owner the device's passkey.
func register(tb testing.TB, rp *passkeys.RelyingParty, d *device, o *directory.PasskeyOwner) directory.Passkey {
	tb.Helper()
	options, state, err := rp.BeginRegistration(*o)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := rp.FinishRegistration(*o, state, d.create(tb, options))
	if err != nil {
		tb.Fatal(err)
	}
	o.Passkeys = append(o.Passkeys, p)
	return p
}

// signIn plays a sign-in of the owner who is known from the start.
func signIn(tb testing.TB, rp *passkeys.RelyingParty, d *device, o directory.PasskeyOwner) (directory.Passkey, error) {
	tb.Helper()
	options, state := beginSignIn(tb, rp, o)
	return rp.FinishSignIn(o, state, d.get(tb, options))
}

func beginSignIn(tb testing.TB, rp *passkeys.RelyingParty, o directory.PasskeyOwner) (options json.RawMessage, state []byte) {
	tb.Helper()
	options, state, err := rp.BeginSignIn(o)
	if err != nil {
		tb.Fatal(err)
	}
	return options, state
}

// mustBeRefused fails unless err is a refusal and its cause speaks of what is given, so that one check does not pass for
// another.
func mustBeRefused(tb testing.TB, err error, because string) {
	tb.Helper()
	refusal, ok := errors.AsType[*directory.Error](err)
	if !ok || !errors.Is(err, directory.ErrPasskeyRefused) || refusal.Err == nil || !strings.Contains(refusal.Err.Error(), because) {
		tb.Errorf("err = %v, want %v because of %q", err, directory.ErrPasskeyRefused, because)
	}
}

// edit changes the members of a JSON object.
func edit(tb testing.TB, object []byte, change func(map[string]any)) []byte {
	tb.Helper()
	var members map[string]any
	if err := json.Unmarshal(object, &members); err != nil {
		tb.Fatal(err)
	}
	change(members)
	edited, err := json.Marshal(members)
	if err != nil {
		tb.Fatal(err)
	}
	return edited
}

// editResponse changes the members of a credential's response.
func editResponse(tb testing.TB, credential []byte, change func(map[string]any)) []byte {
	tb.Helper()
	return edit(tb, credential, func(members map[string]any) { change(members["response"].(map[string]any)) })
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// flipLastBit damages the bytes that a member holds.
func flipLastBit(tb testing.TB, member any) string {
	tb.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(member.(string))
	if err != nil {
		tb.Fatal(err)
	}
	raw[len(raw)-1] ^= 1
	return base64url(raw)
}
