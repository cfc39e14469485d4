// Package totp owns one-time codes of time as authenticator apps make them (RFC 6238: SHA-1, six digits, steps of 30
// seconds): shared secrets, the forms in which an app takes them, and which step a code is of. It keeps nothing: where
// a secret lies, and that no code is used twice, is the domain's.
package totp

import (
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/caretaker/caretaker/internal/directory"
)

const (
	secretBytes = 20 // 160 bits, as RFC 4226 section 4 recommends
	secretText  = 32 // their length in base32
	codeDigits  = 6
	period      = 30 // seconds
)

// What apps take for granted when an address does not say otherwise.
var options = hotp.ValidateOpts{Digits: codeDigits, Algorithm: otp.AlgorithmSHA1}

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Codes implements directory.TOTP. It may be used from many goroutines at once.
type Codes struct {
	// Random gives shared secrets. It must be safe for concurrent use and fit for secrets, as crypto/rand.Reader is.
	Random io.Reader
}

var _ directory.TOTP = Codes{}

// New implements the port.
func (c Codes) New(issuer, account string) (directory.TOTPSecret, error) {
	raw := make([]byte, secretBytes)
	if _, err := io.ReadFull(c.Random, raw); err != nil {
		return directory.TOTPSecret{}, fmt.Errorf("totp: read a secret: %w", err)
	}
	return c.Describe(encoding.EncodeToString(raw), issuer, account)
}

// Describe implements the port.
func (c Codes) Describe(secret, issuer, account string) (directory.TOTPSecret, error) {
	if !valid(secret) {
		return directory.TOTPSecret{}, errors.New("totp: the secret is not 160 bits in base32")
	}
	uri := address(secret, issuer, account)
	qr, err := picture(uri)
	if err != nil {
		return directory.TOTPSecret{}, err
	}
	return directory.TOTPSecret{Secret: secret, URI: uri, QR: qr}, nil
}

// Step implements the port. Spaces in the code do not matter, for apps show some. Of two steps that have the same code by
// chance it is the one nearest to the time, the former before the next.
func (Codes) Step(secret, code string, at time.Time) (int64, bool) {
	code = strings.Map(withoutSpace, code)
	if !valid(secret) || !sixDigits(code) {
		return 0, false
	}
	now := at.Unix() / period
	steps := [...]int64{now + 1, now - 1, now} // the last that matches counts
	found := -1
	for i, step := range steps { // all of them, so that the time taken does not tell which one matches
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), options)
		if err != nil {
			return 0, false
		}
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare([]byte(want), []byte(code)), i, found)
	}
	if found < 0 {
		return 0, false
	}
	return steps[found], true
}

// valid is true for what New makes alone; the length keeps out what the decoder would skip or leave.
func valid(secret string) bool {
	_, err := encoding.DecodeString(secret)
	return err == nil && len(secret) == secretText && !strings.ContainsAny(secret, "\r\n")
}

func withoutSpace(r rune) rune {
	if unicode.IsSpace(r) {
		return -1
	}
	return r
}

func sixDigits(code string) bool {
	return len(code) == codeDigits && strings.Trim(code, "0123456789") == ""
}
