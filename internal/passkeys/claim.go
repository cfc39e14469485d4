package passkeys

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/caretaker/caretaker/internal/directory"
)

// claimed is the part of a response, to a registration or a sign-in, that says what it is about.
type claimed struct {
	Response struct {
		ClientDataJSON protocol.URLEncodedBase64 `json:"clientDataJSON"`
		UserHandle     protocol.URLEncodedBase64 `json:"userHandle"`
	} `json:"response"`
}

// Claimed implements directory.Passkeys. It reads responses to registrations too, which name no user. What it returns
// has the form of what we give out, so it can be looked up as it is; anything else is refused.
func (r *RelyingParty) Claimed(response []byte) (directory.PasskeyClaim, error) {
	var c claimed
	if err := unmarshal(response, &c); err != nil {
		return directory.PasskeyClaim{}, refused(err)
	}
	var client protocol.CollectedClientData
	if err := json.Unmarshal(c.Response.ClientDataJSON, &client); err != nil {
		return directory.PasskeyClaim{}, refused(fmt.Errorf("client data: %w", err))
	}
	claim := directory.PasskeyClaim{User: directory.UserID(c.Response.UserHandle), Challenge: client.Challenge}
	if claim.User != "" && !claim.User.Valid() {
		return directory.PasskeyClaim{}, refused(errForeignUser)
	}
	if !isChallenge(claim.Challenge) {
		return directory.PasskeyClaim{}, refused(errForeignChallenge)
	}
	return claim, nil
}

// isChallenge tells whether s has the form of our challenges. The decoder passes over line breaks and spare bits, so
// what it read is compared with what it was given.
func isChallenge(s string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	return err == nil && len(raw) == protocol.ChallengeLength && base64.RawURLEncoding.EncodeToString(raw) == s
}
