package directory

import "time"

// TOTP computes one-time codes of time (RFC 6238: SHA-1, six digits, steps of 30 seconds), as authenticator apps do.
type TOTP interface {
	// New draws a shared secret of 160 bits. issuer and account are what the app shows.
	New(issuer, account string) (TOTPSecret, error)
	// Describe shows a secret that was drawn before.
	Describe(secret, issuer, account string) (TOTPSecret, error)
	// Step tells which step the code is of, at the time or one step before or after it; false for any other text.
	Step(secret, code string, at time.Time) (int64, bool)
}

// TOTPSecret is a shared secret in the forms in which an authenticator app takes it. It must not be logged.
type TOTPSecret struct {
	Secret string // base32 without padding
	URI    string // otpauth://totp/…
	QR     string // the URI as a picture: data:image/png;base64,…
}

// String keeps it out of logs.
func (TOTPSecret) String() string { return "…" }
