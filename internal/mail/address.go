package mail

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// Bounds of an address in bytes: RFC 5321, 4.5.3.1, and what SES accepts of name and address together.
const (
	maxEmail   = 254
	maxLocal   = 64
	maxMailbox = 320
)

// Address is a mailbox and the name of whom it belongs to. The name may be empty.
type Address struct {
	Name  string
	Email string
}

// String is the address as it stands in a header, in ASCII: the name quoted or encoded (RFC 2047), an international
// domain in its xn-- form. The name is left out when both together would be longer than SES accepts.
func (a Address) String() string {
	email, err := ASCII(a.Email)
	if err != nil {
		email = a.Email // such an address passes no check, so this is for logs only
	}
	named := (&mail.Address{Name: oneLine(a.Name), Address: email}).String()
	if a.Name == "" || len(named) > maxMailbox {
		return email
	}
	return named
}

// IsZero tells whether there is no address.
func (a Address) IsZero() bool { return a == Address{} }

// ASCII is the email address as mail servers know it: an international domain (RFC 5890) in its xn-- form. It fails
// for what is no address, and for letters beyond ASCII before the @, which need SMTPUTF8 and which SES does not carry.
func ASCII(email string) (string, error) {
	at := strings.LastIndexByte(email, '@')
	if at < 1 {
		return "", errors.New("there is no name and domain joined by @")
	}
	domain, err := idna.Lookup.ToASCII(email[at+1:])
	if err != nil {
		return "", fmt.Errorf("domain of the address: %w", err)
	}
	return checkASCII(email[:at], domain)
}

// checkASCII takes the plain form of RFC 5321 only: no quoted names, comments or address literals.
func checkASCII(local, domain string) (string, error) {
	email := local + "@" + domain
	if len(local) > maxLocal || len(email) > maxEmail {
		return "", errors.New("the address is too long")
	}
	if strings.ContainsFunc(email, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"\`, r) }) {
		return "", errors.New("the address has a character that mail servers do not take")
	}
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Name != "" || parsed.Address != email {
		return "", errors.New("the address is malformed")
	}
	return email, nil
}

// Readable is the email address as people know it: the opposite of ASCII. What is no address stays as it is.
func Readable(email string) string {
	at := strings.LastIndexByte(email, '@')
	domain, err := idna.Display.ToUnicode(email[at+1:])
	if at < 0 || err != nil || domain == "" {
		return email
	}
	return email[:at+1] + domain
}
