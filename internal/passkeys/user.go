package passkeys

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/caretaker/caretaker/internal/directory"
)

// user is an owner as the library sees one: webauthn.User.
type user struct {
	owner       directory.PasskeyOwner
	credentials []webauthn.Credential // of the owner's passkeys, in their order
}

func userOf(o directory.PasskeyOwner) (user, error) {
	u := user{owner: o, credentials: make([]webauthn.Credential, len(o.Passkeys))}
	for i, p := range o.Passkeys {
		if err := json.Unmarshal(p.Key, &u.credentials[i]); err != nil {
			return user{}, fmt.Errorf("read passkey %s: %w", p.ID, err)
		}
	}
	return u, nil
}

func (u user) WebAuthnID() []byte                         { return []byte(u.owner.ID) }
func (u user) WebAuthnName() string                       { return u.owner.Username }
func (u user) WebAuthnDisplayName() string                { return u.owner.Name }
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

func (u user) has(id []byte) bool { return u.index(id) >= 0 }

// passkey is the owner's passkey with this id, which must be there.
func (u user) passkey(id []byte) directory.Passkey { return u.owner.Passkeys[u.index(id)] }

func (u user) index(id []byte) int {
	for i, c := range u.credentials {
		if bytes.Equal(c.ID, id) {
			return i
		}
	}
	return -1
}

// recorded returns the passkey with the credential as it is now. What an authenticator attests of itself is left out: it
// was not asked to, nobody looks at it, and its certificates can be larger than all the rest.
func recorded(p directory.Passkey, c webauthn.Credential) (directory.Passkey, error) {
	c.Attestation = webauthn.CredentialAttestation{}
	key, err := json.Marshal(c)
	if err != nil {
		return directory.Passkey{}, fmt.Errorf("write down a passkey: %w", err)
	}
	p.ID, p.Key = base64.RawURLEncoding.EncodeToString(c.ID), key
	return p, nil
}
