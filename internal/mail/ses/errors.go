package ses

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
)

// How long to wait before another try. SES says nothing about it in its answers; its guide advises up to ten minutes.
const (
	afterRate   = 5 * time.Second  // more in a second than the account may
	afterOutage = 30 * time.Second // SES or the network
	afterQuota  = time.Hour        // more in 24 hours than the account may; the window slides
	afterPeople = 15 * time.Minute // somebody has to change something
)

// translate turns an error of SES into one of the domain's:
//
//	the recipient's address is illegal, the content unacceptable    Invalid "mail_refused", never to be tried again
//	too many messages a second                                      Busy
//	too many messages a day                                         Unavailable
//	no answer, or an answer of class 5                              Unavailable
//	sending is paused                                               Unavailable
//	a sender that is not verified, a configuration set that is not  Unavailable "mail_misconfigured"
//	there, missing permission, and whatever else SES objects to
//
// A fault of the configuration is tried again until the queue gives up, because the mail itself is good: it can be
// sent from the dead-letter queue once the fault is mended.
func translate(err error) error {
	refused, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return directory.NewUnavailable("mail service", afterOutage, err)
	}
	says := refused.ErrorMessage()
	switch code := refused.ErrorCode(); {
	case code == "MessageRejected":
		// SES says so of viruses, and of addresses of ours that are not verified; in its sandbox, of recipients too.
		if strings.Contains(says, "not verified") {
			return misconfigured(err)
		}
		return mail.Refused(err)
	case code == "BadRequestException":
		if aboutAddress(says) {
			return mail.Refused(err)
		}
		return misconfigured(err)
	case throttles(code):
		if strings.Contains(says, "Daily") {
			return directory.NewUnavailable("mail service", afterQuota, err)
		}
		return directory.NewBusy("mail service", afterRate, err)
	case code == "SendingPausedException":
		return directory.NewUnavailable("mail service", afterPeople, err)
	}
	if serverSide(err) {
		return directory.NewUnavailable("mail service", afterOutage, err)
	}
	return misconfigured(err)
}

// aboutAddress recognises what SES says of an address it cannot use. Our own addresses have passed the same check
// before the call as the recipient's, so it is the recipient's that only SES can find fault with. Were SES to word it
// otherwise, the mail would end in the dead-letter queue, where people look.
func aboutAddress(says string) bool {
	for _, phrase := range []string{
		"Illegal address", "Missing final '@domain'", "Missing domain", "Local address ", "Domain contains ",
		"Domain starts with ", "Domain ends with ", "Address length ",
	} {
		if strings.Contains(says, phrase) {
			return true
		}
	}
	return false
}

// serverSide tells whether the answer was of class 5, whatever its code.
func serverSide(err error) bool {
	res, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err)
	return ok && res.HTTPStatusCode() >= 500
}

func misconfigured(err error) error {
	return &directory.Error{
		Kind: directory.Unavailable, Code: "mail_misconfigured", RetryAfter: afterPeople, Err: err,
		Detail: "Emails cannot be sent because the service is not set up for it. They are kept until it is.",
	}
}

// discreet is an error of SES as it may be logged: SES says the addresses that it objects to, and those are people's, but for
// our own.
type discreet struct {
	error
	sender string
}

var address = regexp.MustCompile(`[^\s<>(),;:"]+@[^\s<>(),;:"]+`)

func (d discreet) Error() string {
	return address.ReplaceAllStringFunc(d.error.Error(), func(found string) string {
		if strings.EqualFold(found, d.sender) {
			return found
		}
		return "(an address)"
	})
}

func (d discreet) Unwrap() error { return d.error }
