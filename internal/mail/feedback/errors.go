package feedback

import (
	"fmt"

	"github.com/caretaker/caretaker/internal/directory"
)

// ErrUnknown is what errors.Is finds when an event is no feedback about a mail, or not in the form that SES documents.
// Trying again does not help.
var ErrUnknown = &directory.Error{Kind: directory.Invalid, Code: "mail_feedback_unknown"}

// unknown says what came instead, for the log.
func unknown(format string, args ...any) *directory.Error {
	return &directory.Error{
		Kind: directory.Invalid, Code: ErrUnknown.Code, Err: fmt.Errorf(format, args...),
		Detail: "A report about an email could not be read.",
	}
}
