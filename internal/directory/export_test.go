package directory

import (
	"context"
	"io"
	"time"
)

// NewToken draws a session's secret.
func NewToken(org Slug, user UserID, random io.Reader) (Token, error) {
	return newToken(org, user, random)
}

// CheckPassword returns the rules that a password breaks.
func CheckPassword(p PasswordPolicy, password, repeat string) []FieldError {
	var c checks
	p.check(&c, password, repeat)
	return c.found
}

// CheckName returns what is wrong with a name.
func CheckName(name string) error {
	var c checks
	c.name("name", name)
	return c.err()
}

// CheckEmail returns what is wrong with an address.
func CheckEmail(address string) error {
	var c checks
	c.email("email", address)
	return c.err()
}

// Failed counts one more failure.
func (f Failures) Failed(p LockoutPolicy, from SessionID, now time.Time) Failures {
	return f.failed(p, from, now)
}

// Bar tells what keeps a password from being looked at.
func (f Failures) Bar(p LockoutPolicy, from SessionID, now time.Time) *Bar {
	return f.bar(p, from, now)
}

// GuardName is what failures are counted under for a name that nobody has.
func GuardName(typed string) string { return guardName(typed) }

// With puts a user's token first.
func (k Known) With(t Token) Known { return k.with(t) }

// Of is the token of a user.
func (k Known) Of(org Slug, user UserID) Token { return k.of(org, user) }

// KnownBrowser is the id of the browser that the token names, if it is one of the user's.
func (t Token) KnownBrowser(b Browser, now time.Time) SessionID { return t.knownBrowser(b, now) }

// BrowserOf is the record of a browser that keeps the token.
func BrowserOf(t Token, now time.Time) Browser {
	return Browser{Org: t.Org, User: t.User, ID: t.session(), SecretHash: t.hash(), KnownAt: now, Version: 1}
}

// Steps are those in an account's life.
var Steps = map[string]step{"suspend": suspending, "reinstate": reinstating, "archive": archivingNow, "restore": restoring}

// Take tells what stands in the way of a step for an account of this status.
func (s step) Take(from Status) (to Status, err error) {
	return s.to, s.allows(Caller{User: User{ID: "me"}}, User{ID: "other", Status: from})
}

// Settle ends the sessions of whoever loses access, and returns what else has to be written.
func (o Organisation) Settle(was User, u *User) []Write { return o.settle(was, u) }

// AboutNewAdministrator writes the mails that tell of an administrator whom an operator added.
func (d *Directory) AboutNewAdministrator(ctx context.Context, o Organisation, made User, approvedBy string) ([]Mail, error) {
	return d.aboutNewAdministrator(ctx, o, made, approvedBy)
}
