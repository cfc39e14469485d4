package directory

import (
	"errors"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// Kind says what sort of failure an Error is. Kinds are strings so that logs and stored outcomes survive renumbering.
type Kind string

// The kinds. An error that is not an *Error is Internal.
const (
	Invalid     Kind = "invalid" // the input breaks a rule; Fields says which
	NotSignedIn Kind = "not_signed_in"
	Denied      Kind = "denied"      // signed in, but not allowed
	NotFound    Kind = "not_found"   // not there, or not the caller's to know of
	Conflict    Kind = "conflict"    // it would break an invariant
	Stale       Kind = "stale"       // it was changed by someone else in between
	Locked      Kind = "locked"      // barred for a time
	Throttled   Kind = "throttled"   // too many requests
	Busy        Kind = "busy"        // something behind us asks us to slow down; nothing was done
	Unavailable Kind = "unavailable" // something behind us does not answer; what was done is not known
	Internal    Kind = "internal"
)

// Error is the one error type of the domain and of the adapters behind its ports.
type Error struct {
	Kind Kind
	// Code is stable, snake_case and listed in the API's documentation.
	Code string
	// Detail may be shown to the user.
	Detail string
	// Fields names every field that breaks a rule.
	Fields []FieldError
	// Facts are further members of the answer, such as the right that is missing.
	Facts map[string]any
	// RetryAfter says when it makes sense to try again; zero if unknown.
	RetryAfter time.Duration
	// Err is the cause. It is logged and never shown.
	Err error
}

// FieldError says what is wrong with one field and what would be right.
type FieldError struct {
	Field string
	rule.Broken
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Kind) + " " + e.Code)
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	for _, f := range e.Fields {
		b.WriteString("; " + f.Field + " " + f.Message)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// Is lets errors.Is compare with a sentinel of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Kind == e.Kind
}

// KindOf is the kind of the first *Error in the chain, Internal if there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// CodeOf is the code of the first *Error in the chain, "internal" if there is none.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return "internal"
}

// ErrWrongPassword is what Credentials.VerifyPassword answers for a wrong password, a disabled credential and a user
// that has none; which of them it was is not told.
var ErrWrongPassword = &Error{Kind: NotSignedIn, Code: "invalid_credentials", Detail: "The username or the password is not right."}

// NewUnavailable says that the thing named could not be reached, so that nobody knows whether it did what was asked.
func NewUnavailable(what string, retryAfter time.Duration, err error) *Error {
	return &Error{
		Kind: Unavailable, Code: "unavailable", RetryAfter: retryAfter, Err: err,
		Detail: "The " + what + " does not answer just now. Please look whether it was done, and try again in a moment.",
	}
}

// NewBusy says that the thing named asked us to slow down and did nothing.
func NewBusy(what string, retryAfter time.Duration, err error) *Error {
	return &Error{
		Kind: Busy, Code: "unavailable", RetryAfter: retryAfter, Err: err,
		Detail: "The " + what + " is very busy just now. Nothing was changed. Please try again in a moment.",
	}
}

// joinFields adds the fields of an Invalid error to those already found; another error comes first.
func joinFields(c checks, err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == Invalid {
		c.found = append(c.found, e.Fields...)
		return c.err()
	}
	return errors.Join(err, c.err())
}

// together makes one of several Invalid errors, so that all their fields are told at once; another error comes first.
func together(errs ...error) error {
	var all checks
	for _, err := range errs {
		e, ok := errors.AsType[*Error](err)
		switch {
		case err == nil:
		case ok && e.Kind == Invalid:
			all.found = append(all.found, e.Fields...)
		default:
			return err
		}
	}
	return all.err()
}

// prefixFields puts the fields of an Invalid error into the part of the input they came from.
func prefixFields(prefix string, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind != Invalid {
		return err
	}
	placed := *e
	placed.Fields = nil
	for _, f := range e.Fields {
		placed.Fields = append(placed.Fields, FieldError{Field: prefix + f.Field, Broken: f.Broken})
	}
	return &placed
}

// doorError is a failed sign-in at the door of an organisation.
type doorError struct {
	error
	org Slug
}

func (e doorError) Unwrap() error { return e.error }

// atDoor says whose door a sign-in failed at; nil stays nil.
func atDoor(org Slug, err error) error {
	if err == nil || org == "" {
		return err
	}
	return doorError{err, org}
}

// DoorOf is the organisation at whose door a sign-in failed, for the log; "" if there is none of that name. Callers are not told:
// an unknown organisation is answered like a wrong password.
func DoorOf(err error) Slug {
	if e, ok := errors.AsType[doorError](err); ok {
		return e.org
	}
	return ""
}
