package mail

import (
	"fmt"

	"github.com/caretaker/caretaker/internal/directory"
)

// ErrRefused is what errors.Is finds when a recipient can never be written to.
var ErrRefused = &directory.Error{Kind: directory.Invalid, Code: "mail_refused"}

// Refused says that this recipient can never be written to. err is the reason, for the log.
func Refused(err error) *directory.Error {
	return &directory.Error{
		Kind: directory.Invalid, Code: ErrRefused.Code, Err: err,
		Detail: "No email can be sent to this address. Please check it.",
	}
}

// faulty says that a letter, its wording or the settings are wrong, which only a change of those can mend.
func faulty(format string, args ...any) *directory.Error {
	return &directory.Error{
		Kind: directory.Internal, Code: "mail_invalid", Err: fmt.Errorf(format, args...),
		Detail: "An email could not be written. This is a fault of the service.",
	}
}
