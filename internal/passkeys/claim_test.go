package passkeys_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
)

func decode(tb testing.TB, member any) []byte {
	tb.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(member.(string))
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func challengeOf(t *testing.T, options json.RawMessage) string {
	t.Helper()
	var asked struct{ Challenge string }
	if err := json.Unmarshal(options, &asked); err != nil {
		t.Fatal(err)
	}
	return asked.Challenge
}

func TestClaimedReadsBothKindsOfResponse(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	owner := ann()
	d := newDevice(owner)
	registration, _, err := rp.BeginRegistration(owner)
	if err != nil {
		t.Fatal(err)
	}
	anybody, _ := beginSignIn(t, rp, directory.PasskeyOwner{})
	mute := *d
	mute.authenticator.Options.UserHandle = nil
	for name, c := range map[string]struct {
		response []byte
		options  json.RawMessage
		user     directory.UserID
	}{
		"a registration":           {d.create(t, registration), registration, ""},
		"a sign-in":                {d.get(t, anybody), anybody, owner.ID},
		"a sign-in without handle": {mute.get(t, anybody), anybody, ""},
	} {
		want := directory.PasskeyClaim{User: c.user, Challenge: challengeOf(t, c.options)}
		if got, err := rp.Claimed(c.response); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
	}
}

// clientData is a response with these client data and this user handle.
func clientData(data, handle string) string {
	return `{"response":{"clientDataJSON":"` + base64url([]byte(data)) + `","userHandle":"` + base64url([]byte(handle)) + `"}}`
}

func TestClaimedRefusesWhatIsNotOfOurForm(t *testing.T) {
	t.Parallel()
	rp, _ := relyingParty(t)
	challenge := base64url(make([]byte, 32))
	good := `{"challenge":"` + challenge + `"}`
	id := string(ann().ID)
	if _, err := rp.Claimed([]byte(clientData(good, id))); err != nil {
		t.Fatalf("what the cases below are made of is refused: %v", err)
	}
	for name, response := range map[string]string{
		"nothing":                   "",
		"no JSON":                   "passkey",
		"null":                      "null",
		"a list":                    "[]",
		"more behind it":            clientData(good, id) + "{}",
		"no response":               "{}",
		"client data not base64":    `{"response":{"clientDataJSON":"*"}}`,
		"client data a number":      `{"response":{"clientDataJSON":7}}`,
		"client data no JSON":       clientData("passkey", id),
		"no challenge":              clientData("{}", id),
		"a short challenge":         clientData(`{"challenge":"`+challenge[:42]+`"}`, id),
		"a long challenge":          clientData(`{"challenge":"`+challenge+`AA"}`, id),
		"a challenge with a break":  clientData(`{"challenge":"`+challenge+`\n"}`, id),
		"a challenge spelled apart": clientData(`{"challenge":"`+challenge[:42]+`B"}`, id),
		"a challenge of a URL":      clientData(`{"challenge":"`+strings.Repeat("#", 43)+`"}`, id),
		"a handle not ours":         clientData(good, "Ann Lee"),
		"a handle with NUL":         clientData(good, id+"\x00"),
		"a handle too long":         clientData(good, strings.Repeat("a", 64)),
		"much too long":             strings.Repeat(" ", 32<<10) + clientData(good, id),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			claim, err := rp.Claimed([]byte(response))
			mustBeRefused(t, err, "")
			if claim != (directory.PasskeyClaim{}) {
				t.Errorf("the refusal comes with a claim: %+v", claim)
			}
		})
	}
}
