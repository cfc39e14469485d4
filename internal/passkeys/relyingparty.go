package passkeys

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/caretaker/caretaker/internal/directory"
)

// RelyingParty is a directory.Passkeys. It is safe for concurrent use.
//
// The options it returns are the inner objects of the specification, PublicKeyCredentialCreationOptionsJSON and
// PublicKeyCredentialRequestOptionsJSON: what a page gives to PublicKeyCredential.parseCreationOptionsFromJSON and
// parseRequestOptionsFromJSON, without "publicKey" around it. The responses it takes are what toJSON of the page's
// credential returns.
//
// A response that does not prove what it should, or cannot be read at all, is directory.ErrPasskeyRefused. A state or a
// stored passkey that cannot be read is an error without a kind: it is ours.
type RelyingParty struct {
	library *webauthn.WebAuthn
	now     func() time.Time
}

var _ directory.Passkeys = (*RelyingParty)(nil)

// answerWithin bounds the time between the options and the response. People look for a telephone or a key meanwhile.
const answerWithin = 5 * time.Minute

// New returns a relying party that tells the time by now. Challenges are 32 bytes from crypto/rand, by the library.
func New(c Config, now func() time.Time) (*RelyingParty, error) {
	if c.RPID == "" || c.Name == "" {
		return nil, errors.New("passkeys: the configuration has no RPID or no name")
	}
	answer := webauthn.TimeoutConfig{Timeout: answerWithin, TimeoutUVD: answerWithin}
	library, err := webauthn.New(&webauthn.Config{
		RPID: c.RPID, RPDisplayName: c.Name, RPOrigins: c.Origins,
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(), // the same for browsers of Level 1
			UserVerification:   protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: answer, Registration: answer},
		// No extension is asked for or made use of. Password managers report some all the same, and refusing that would
		// lock their users out (WebAuthn, section 7.2, step 18 leaves the choice).
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	return &RelyingParty{library: library, now: now}, nil
}

// algorithms are those that Level 3 recommends (section 5.4), in the order of preference here: ES256 is what phones and
// keys have, and RS256 is there for Windows with an old TPM.
func algorithms() []protocol.CredentialParameter {
	var list []protocol.CredentialParameter
	for _, a := range []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgES256, webauthncose.AlgEdDSA, webauthncose.AlgRS256} {
		list = append(list, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: a})
	}
	return list
}

// BeginRegistration implements directory.Passkeys.
func (r *RelyingParty) BeginRegistration(o directory.PasskeyOwner) (options json.RawMessage, state []byte, err error) {
	user, err := userOf(o)
	if err != nil {
		return nil, nil, err
	}
	creation, session, err := r.library.BeginRegistration(
		user,
		webauthn.WithCredentialParameters(algorithms()),
		webauthn.WithExclusions(webauthn.Credentials(user.credentials).CredentialDescriptors()),
	)
	if err != nil {
		return nil, nil, fmt.Errorf("begin registration of a passkey: %w", err)
	}
	return r.begun(creation.Response, session)
}

// FinishRegistration implements directory.Passkeys. The passkey has no name and no dates: the domain gives them.
func (r *RelyingParty) FinishRegistration(o directory.PasskeyOwner, state, response []byte) (directory.Passkey, error) {
	user, err := userOf(o)
	if err != nil {
		return directory.Passkey{}, err
	}
	session, err := r.resume(protocol.CreateCeremony, state)
	if err != nil {
		return directory.Passkey{}, err
	}
	parsed, err := parse(response, protocol.ParseCredentialCreationResponseBytes)
	if err != nil {
		return directory.Passkey{}, err
	}
	credential, err := r.library.CreateCredential(user, session, parsed)
	if err != nil {
		return directory.Passkey{}, refused(err)
	}
	if user.has(credential.ID) {
		return directory.Passkey{}, refused(errKnown)
	}
	return recorded(directory.Passkey{}, *credential)
}

// BeginSignIn implements directory.Passkeys. An owner without passkeys is refused: there is nothing to ask for.
func (r *RelyingParty) BeginSignIn(o directory.PasskeyOwner) (options json.RawMessage, state []byte, err error) {
	user, err := userOf(o)
	if err != nil {
		return nil, nil, err
	}
	assertion, session, err := r.beginLogin(user)
	if err != nil {
		return nil, nil, fmt.Errorf("begin sign-in by passkey: %w", err)
	}
	return r.begun(assertion.Response, session)
}

func (r *RelyingParty) beginLogin(u user) (*protocol.CredentialAssertion, *webauthn.SessionData, error) {
	if u.owner.ID == "" {
		return r.library.BeginDiscoverableLogin()
	}
	if len(u.credentials) == 0 {
		return nil, nil, refused(errNone)
	}
	return r.library.BeginLogin(u)
}

// FinishSignIn implements directory.Passkeys. Of the passkey that was used it changes the key alone; when it was used
// the domain writes down.
func (r *RelyingParty) FinishSignIn(o directory.PasskeyOwner, state, response []byte) (directory.Passkey, error) {
	user, err := userOf(o)
	if err != nil {
		return directory.Passkey{}, err
	}
	session, err := r.resume(protocol.AssertCeremony, state)
	if err != nil {
		return directory.Passkey{}, err
	}
	parsed, err := parse(response, protocol.ParseCredentialRequestResponseBytes)
	if err != nil {
		return directory.Passkey{}, err
	}
	credential, err := r.finishLogin(user, session, parsed)
	if err != nil {
		return directory.Passkey{}, refused(err)
	}
	// Counters of 0 are those of synced passkeys, which do not count; the library takes them.
	if credential.Authenticator.CloneWarning {
		return directory.Passkey{}, refused(errCloned)
	}
	return recorded(user.passkey(credential.ID), *credential)
}

// finishLogin keeps the two kinds of sign-in apart: a state that was begun for one person is of no use to another.
func (r *RelyingParty) finishLogin(
	u user, session webauthn.SessionData, response *protocol.ParsedCredentialAssertionData,
) (*webauthn.Credential, error) {
	if len(session.UserID) > 0 {
		return r.library.ValidateLogin(u, session, response)
	}
	return r.library.ValidateDiscoverableLogin(
		func(_, _ []byte) (webauthn.User, error) { return u, nil }, session, response,
	)
}
