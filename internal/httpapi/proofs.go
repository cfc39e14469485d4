package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/caretaker/caretaker/internal/directory"
)

// addProofs adds what is shown on the way in, or once more, beside the password.
func addProofs(g *group) {
	register(g, Operation{
		ID: "meetCode", Method: http.MethodPost, Path: "/session/totp", Access: SignedIn,
		Ahead:   ownProofs,
		Summary: "Meet the challenge totp or totpSetup with a code of the authenticator app; a recovery code serves too",
		Errors:  []int{http.StatusConflict, http.StatusLocked},
	}, g.meetCode)
	register(g, Operation{
		ID: "beginPasskeyProof", Method: http.MethodPost, Path: "/session/passkey/options", Access: SignedIn,
		Ahead:   ownProofs,
		Summary: "Ask for one of one's passkeys: as second factor, or to confirm that it is still oneself",
		Errors:  []int{http.StatusNotFound},
	}, g.beginPasskeyProof)
	register(g, Operation{
		ID: "proveByPasskey", Method: http.MethodPost, Path: "/session/passkey", Access: SignedIn, Proving: true,
		Ahead: ownProofs, KeepsSession: true,
		Summary: "Show a passkey: as second factor, or to confirm that it is still oneself",
	}, g.proveByPasskey)
	register(g, Operation{
		ID: "confirmIdentity", Method: http.MethodPost, Path: "/session/confirm", Access: Admitted, Proving: true,
		KeepsSession: true,
		Summary:      "Show the password, or a code, once more, for what needs a fresh proof (confirmation_required)",
		Status:       http.StatusNoContent, Errors: []int{http.StatusLocked},
	}, g.confirmIdentity)
	register(g, Operation{
		ID: "elevate", Method: http.MethodPost, Path: "/session/elevate", Access: Admitted,
		Ahead: ownElevation, KeepsSession: true,
		Summary: "Open the administration areas with the organisation's security code",
		Errors:  []int{http.StatusConflict, http.StatusLocked},
	}, g.elevate)
	register(g, Operation{
		ID: "lower", Method: http.MethodDelete, Path: "/session/elevate", Access: Admitted,
		KeepsSession: true,
		Summary:      "Close the administration areas again", Status: http.StatusNoContent,
	}, g.lower)
}

// TOTPSecret is what an authenticator app is set up with.
type TOTPSecret struct {
	Secret     string `json:"secret" doc:"With totpSetup: to be typed into the app"`
	OtpauthURI string `json:"otpauthUri" doc:"With totpSetup: what the app reads from the picture"`
	QRCode     string `json:"qrCode" doc:"With totpSetup: the picture, a data URI of a PNG"`
}

func showTOTP(s directory.TOTPSecret) *TOTPSecret {
	return &TOTPSecret{Secret: s.Secret, OtpauthURI: s.URI, QRCode: s.QR}
}

// factorMethods lists what serves as second factor.
func factorMethods(f directory.FactorSummary) []string {
	var methods []string
	if f.TOTP {
		methods = append(methods, "totp")
	}
	if f.Passkeys > 0 {
		methods = append(methods, "passkey")
	}
	if f.RecoveryCodes > 0 {
		methods = append(methods, "recoveryCode")
	}
	return methods
}

type codeInput struct {
	Body struct {
		Code string `json:"code" doc:"Six digits of the authenticator app, or a recovery code" maxLength:"100"`
	}
}

func (g *group) meetCode(ctx context.Context, c directory.Caller, in *codeInput) (*sessionAnswer, error) {
	if c.Session.Challenge() == directory.ChallengeTOTPSetup {
		after, codes, err := g.directory.ConfirmTOTP(ctx, c, in.Body.Code)
		return g.withCodes(ctx, after, codes, err)
	}
	after, err := g.directory.MeetCode(ctx, c, in.Body.Code)
	if err != nil {
		return nil, err
	}
	return g.sessionOf(ctx, after)
}

// withCodes shows a session together with recovery codes that were just made.
func (g *group) withCodes(ctx context.Context, c directory.Caller, codes []string, err error) (*sessionAnswer, error) {
	if err != nil {
		return nil, err
	}
	answer, err := g.sessionOf(ctx, c)
	if err != nil {
		return nil, err
	}
	answer.Body.RecoveryCodes = codes
	return answer, nil
}

type optionsAnswer struct {
	Body struct {
		Options PasskeyObject `json:"options"`
	}
}

func optionsOf(options json.RawMessage, err error) (*optionsAnswer, error) {
	if err != nil {
		return nil, err
	}
	var answer optionsAnswer
	answer.Body.Options = PasskeyObject(options)
	return &answer, nil
}

func (g *group) beginPasskeyProof(ctx context.Context, c directory.Caller, _ *struct{}) (*optionsAnswer, error) {
	return optionsOf(g.directory.BeginPasskeyProof(ctx, c))
}

// PasskeyObject is what passes between the service and navigator.credentials: options on the way out, as
// PublicKeyCredential.parseCreationOptionsFromJSON and parseRequestOptionsFromJSON take them; on the way in what
// PublicKeyCredential.toJSON() writes.
type PasskeyObject json.RawMessage

// Schema tells that it is an object, which WebAuthn and not this document describes.
func (PasskeyObject) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: true,
		Description: "In the JSON form of WebAuthn Level 3, section 5.1: options as parseCreationOptionsFromJSON and " +
			"parseRequestOptionsFromJSON take them, a credential as toJSON writes it",
	}
}

// MarshalJSON writes the text as it is.
func (o PasskeyObject) MarshalJSON() ([]byte, error) { return json.RawMessage(o).MarshalJSON() }

// UnmarshalJSON keeps the text as it came.
func (o *PasskeyObject) UnmarshalJSON(text []byte) error {
	*o = append((*o)[:0], text...)
	return nil
}

type proofInput struct {
	Body struct {
		Credential PasskeyObject `json:"credential"`
	}
}

func (g *group) proveByPasskey(ctx context.Context, c directory.Caller, in *proofInput) (*sessionAnswer, error) {
	after, err := g.directory.ProveByPasskey(ctx, c, in.Body.Credential)
	if err != nil {
		return nil, err
	}
	return g.sessionOf(ctx, after)
}

type confirmInput struct {
	Body struct {
		Password string `json:"password,omitempty"`
		Code     string `json:"code,omitempty" doc:"Of the authenticator app, instead of the password" maxLength:"100"`
	}
}

func (g *group) confirmIdentity(ctx context.Context, c directory.Caller, in *confirmInput) (*struct{}, error) {
	_, err := g.directory.Confirm(ctx, c, in.Body.Password, in.Body.Code)
	return nil, err
}

type elevateInput struct {
	Body struct {
		SecurityCode string `json:"securityCode" maxLength:"200"`
	}
}

func (g *group) elevate(ctx context.Context, c directory.Caller, in *elevateInput) (*sessionAnswer, error) {
	after, err := g.directory.Elevate(ctx, c, in.Body.SecurityCode)
	if err != nil {
		return nil, err
	}
	return g.sessionOf(ctx, after)
}

func (g *group) lower(ctx context.Context, c directory.Caller, _ *struct{}) (*struct{}, error) {
	return nil, g.directory.Lower(ctx, c)
}
