package directory

import "io"

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
