package passkeys

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// begun writes the options and the state down. The state is the library's session in JSON, with an expiry of our own:
// the library would set one by the machine's clock, and look at it by that.
func (r *RelyingParty) begun(asked any, session *webauthn.SessionData) (options json.RawMessage, state []byte, err error) {
	session.Expires = r.now().Add(answerWithin)
	if options, err = json.Marshal(asked); err == nil {
		state, err = json.Marshal(session)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("write down the options of a passkey: %w", err)
	}
	return options, state, nil
}

// resume reads a state that has not expired and was begun for what it is used for: who is asked to make a passkey must
// not come to sign in with the same challenge.
func (r *RelyingParty) resume(to protocol.CeremonyType, state []byte) (webauthn.SessionData, error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(state, &session); err != nil {
		return webauthn.SessionData{}, fmt.Errorf("read the state of a passkey: %w", err)
	}
	if session.Challenge == "" {
		return webauthn.SessionData{}, errors.New("read the state of a passkey: it has no challenge")
	}
	if ceremonyOf(session) != to {
		return webauthn.SessionData{}, refused(errOtherState)
	}
	if !r.now().Before(session.Expires) {
		return webauthn.SessionData{}, refused(errLate)
	}
	session.Expires = time.Time{} // or the library would compare it with the machine's clock
	return session, nil
}

// ceremonyOf tells by the algorithms, which are asked for at registrations alone.
func ceremonyOf(s webauthn.SessionData) protocol.CeremonyType {
	if len(s.CredParams) > 0 {
		return protocol.CreateCeremony
	}
	return protocol.AssertCeremony
}
