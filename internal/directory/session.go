package directory

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Challenge is something a user must do between the password and being in.
type Challenge string

// The challenges, in the order in which they are put.
const (
	ChallengeTOTP        Challenge = "totp"
	ChallengePasskey     Challenge = "passkey" // for a user whose second factors are passkeys alone
	ChallengeNewPassword Challenge = "newPassword"
	ChallengeTOTPSetup   Challenge = "totpSetup"
	ChallengeAgreement   Challenge = "agreement"
)

// Session is a signed-in browser. The secret that opens it is only in the browser's cookie.
type Session struct {
	Org  Slug
	User UserID
	ID   SessionID
	// SecretHash is the SHA-256 of the cookie's secret, which has 256 random bits and so needs no slow hash.
	SecretHash []byte
	// Challenges are still open; while there is one, the session opens nothing else.
	Challenges []Challenge
	// PasswordMark tells, while a new password is demanded, whether the one chosen is the one just used. It is keyed
	// with the cookie's secret, so that the store alone cannot be used to guess the password.
	PasswordMark []byte
	Epoch        int64 // the user's SessionEpoch when it began
	CreatedAt    time.Time
	LastUsedAt   time.Time // at most a minute old while in use
	Idle         time.Duration
	EndsAt       time.Time // whatever its use
	From         Origin
	// Method is how the user proved who they are, ProvedAt when they last did so.
	Method   Method
	ProvedAt time.Time
	// Browser is the known browser it began in; "" for a stranger's.
	Browser SessionID
	// ElevatedUntil is how long the security code, as it was at Elevation, opens the administration areas.
	ElevatedUntil time.Time
	Elevation     int64
	// Visit is set in a support session: an operator's, in an organisation that lets support in.
	Visit   *Visit
	Version int64
}

// touchAfter is how old LastUsedAt may grow before it is written again: a click costs no write.
const touchAfter = time.Minute

// over tells whether the session has ended by time, or because all of the user's sessions were ended.
func (s Session) over(u User, now time.Time) bool {
	return s.Epoch != u.SessionEpoch || !now.Before(s.ExpiresAt())
}

// ExpiresAt is when the session ends unless it is used again.
func (s Session) ExpiresAt() time.Time {
	idle := s.LastUsedAt.Add(s.Idle)
	if idle.After(s.EndsAt) {
		return s.EndsAt
	}
	return idle
}

// Challenge is the next one to be met, "" when the session is open for everything.
func (s Session) Challenge() Challenge {
	if len(s.Challenges) == 0 {
		return ""
	}
	return s.Challenges[0]
}

// awaits tells whether the challenge is still open.
func (s Session) awaits(ch Challenge) bool { return slices.Contains(s.Challenges, ch) }

// without is the challenges that are left once one is met.
func (s Session) without(met Challenge) []Challenge {
	return slices.DeleteFunc(slices.Clone(s.Challenges), func(c Challenge) bool { return c == met })
}

// Token is what the cookie holds: organisation, user and secret. Its text form is "org.user.secret". In a support session
// Org is the organisation visited and Home the operator's own; the text form is then "org.home.user.secret".
type Token struct {
	Org    Slug
	Home   Slug // "": the same as Org
	User   UserID
	secret [32]byte
}

// newToken draws a secret.
func newToken(org Slug, user UserID, random io.Reader) (Token, error) {
	t := Token{Org: org, User: user}
	if _, err := io.ReadFull(random, t.secret[:]); err != nil {
		return Token{}, fmt.Errorf("draw a secret: %w", err)
	}
	return t, nil
}

// home is where the token's user has the account.
func (t Token) home() Slug { return cmp.Or(t.Home, t.Org) }

// ParseToken reads the text form. Whatever is not exactly one is not signed in.
func ParseToken(text string) (Token, error) {
	parts := strings.Split(text, ".")
	var t Token
	if len(parts) == 4 && Slug(parts[1]).Valid() {
		t.Home = Slug(parts[1])
		parts = slices.Delete(parts, 1, 2)
	}
	if len(parts) != 3 || !Slug(parts[0]).Valid() || !validID(parts[1]) {
		return Token{}, errNotSignedIn
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(secret) != 32 {
		return Token{}, errNotSignedIn
	}
	t.Org, t.User = Slug(parts[0]), UserID(parts[1])
	copy(t.secret[:], secret)
	return t, nil
}

// Text is the form for the cookie. It must not be logged.
func (t Token) Text() string {
	return t.names() + base64.RawURLEncoding.EncodeToString(t.secret[:])
}

func (t Token) names() string {
	if t.Home == "" {
		return string(t.Org) + "." + string(t.User) + "."
	}
	return string(t.Org) + "." + string(t.Home) + "." + string(t.User) + "."
}

// String keeps the secret out of logs.
func (t Token) String() string { return t.names() + "…" }

func (t Token) hash() []byte {
	h := sha256.Sum256(t.secret[:])
	return h[:]
}

// session is the session's open name, made of half of the secret's hash.
func (t Token) session() SessionID { return SessionID(hex.EncodeToString(t.hash()[:16])) }

func (t Token) opens(s Session) bool { return hmac.Equal(t.hash(), s.SecretHash) }

// mark is a keyed mark of a password, see Session.PasswordMark.
func (t Token) mark(password string) []byte {
	m := hmac.New(sha256.New, t.secret[:])
	m.Write([]byte(password))
	return m.Sum(nil)
}

// validID tells whether s can be one of our ids: 10 to 40 lower-case letters and digits.
func validID(s string) bool {
	return len(s) >= 10 && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// Valid tells whether the id has the form of one.
func (id UserID) Valid() bool { return validID(string(id)) }
