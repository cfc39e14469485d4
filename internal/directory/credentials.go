package directory

import "context"

// UserID names a user for good, in time order, across all organisations. It is also the user's name in the pool.
type UserID string

// Credentials keeps one password per user and knows no rule about it: rules, lockout, expiry and temporary passwords
// are the domain's. Every method may fail with kind Unavailable, after which the outcome is not known,
// and with kind Busy, when nothing was done.
type Credentials interface {
	// SetPassword gives the user this password, with or without an earlier one, and leaves a disabled credential
	// disabled. The password is 1 to 128 characters.
	SetPassword(ctx context.Context, id UserID, password string) error
	// VerifyPassword returns nil if this is the user's password and ErrWrongPassword if not, if the credential is
	// disabled, or if there is none; the three take the same time.
	VerifyPassword(ctx context.Context, id UserID, password string) error
	// SetDisabled bars or frees the credential. A user without one is left alone.
	SetDisabled(ctx context.Context, id UserID, disabled bool) error
	// DeletePassword forgets the user. It succeeds if there is nothing to forget.
	DeletePassword(ctx context.Context, id UserID) error
}
