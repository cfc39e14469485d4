package credentials

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/directory/rule"
)

// Bounds of a password, in characters (Unicode code points) of its normal form. 128 of them are at most 512 bytes.
const (
	MinCharacters = 1
	MaxCharacters = 128
)

// maxTyped bounds, in bytes, what is worth normalising. Composing never shrinks UTF-8 to less than a third, so
// nothing longer can come down to MaxCharacters.
const maxTyped = 3 * MaxCharacters * utf8.UTFMax

// Normal returns the form of the password that is kept and compared: Unicode normalisation form C, as RFC 8265
// section 4.2.2 asks, so that "é" typed as one key or as "e" and an accent is the same password on every keyboard.
// All else, letter case, spaces and control characters included, stays as typed.
//
// It fails with kind Invalid if the password is not valid UTF-8 or its length is out of bounds.
func Normal(password string) (string, error) {
	if len(password) > maxTyped {
		return "", lengthError()
	}
	if !utf8.ValidString(password) {
		return "", invalid(rule.PasswordUTF8.Broken())
	}
	normal := norm.NFC.String(password)
	if n := utf8.RuneCountInString(normal); n < MinCharacters || n > MaxCharacters {
		return "", lengthError()
	}
	return normal, nil
}

func lengthError() error {
	return invalid(rule.PasswordLength.Broken(MinCharacters, MaxCharacters))
}

func invalid(b rule.Broken) error {
	return &directory.Error{
		Kind: directory.Invalid, Code: "invalid_password", Detail: "This password cannot be used.",
		Fields: []directory.FieldError{{Field: "password", Broken: b}},
	}
}
