package directory

import (
	"encoding/json"
	"time"
)

// Passkeys speaks WebAuthn (Level 3) for the service's own domain. Options are what a page gives to
// navigator.credentials, in the JSON form of the specification; state is what the answer is later checked against, to be
// kept for a few minutes and used once. A response that does not prove what it should is ErrPasskeyRefused.
type Passkeys interface {
	// BeginRegistration asks for a new passkey, discoverable and with user verification, other than those the owner has.
	BeginRegistration(o PasskeyOwner) (options json.RawMessage, state []byte, err error)
	FinishRegistration(o PasskeyOwner, state, response []byte) (Passkey, error)
	// BeginSignIn asks for one of the owner's passkeys or, with the zero owner, for any passkey that the person has for
	// this service.
	BeginSignIn(o PasskeyOwner) (options json.RawMessage, state []byte, err error)
	// Claimed reads, without proof, whose passkey a response says to be of and which challenge it answers.
	Claimed(response []byte) (PasskeyClaim, error)
	// FinishSignIn returns the passkey that was used, with its counter moved on. The user was verified by the device.
	FinishSignIn(o PasskeyOwner, state, response []byte) (Passkey, error)
}

// PasskeyOwner is whom passkeys belong to.
type PasskeyOwner struct {
	ID       UserID // the user handle
	Username string
	Name     string
	Passkeys []Passkey
}

// PasskeyClaim is what a response says of itself.
type PasskeyClaim struct {
	User      UserID // "" if it does not say
	Challenge string // base64url, as in the options
}

// Passkey is a credential of an authenticator. Its public key and counter are in Key, whose form is the adapter's.
type Passkey struct {
	ID         string // the credential's id, base64url
	Name       string // as its owner calls it
	Key        json.RawMessage
	CreatedAt  time.Time
	LastUsedAt time.Time // zero: never
}

// ErrPasskeyRefused says that a response does not prove possession of the passkey.
var ErrPasskeyRefused = &Error{Kind: NotSignedIn, Code: "passkey_refused", Detail: "This passkey could not be accepted. Please try again, or sign in in another way."}
