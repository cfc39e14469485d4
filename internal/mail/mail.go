package mail

import (
	"context"

	"github.com/caretaker/caretaker/internal/directory"
)

// Category is the purpose of a letter: Account and Service always arrive, general ones carry their opt-out (RFC 8058).
type Category = directory.MailCategory

// The purposes.
const (
	Account = directory.AccountMail
	Service = directory.ServiceMail
	News    = directory.NewsMail
	// Newsletter is what was asked for.
	Newsletter = directory.NewsletterMail
)

// Letter is what is to be said to one person. Render turns it into a Message.
type Letter struct {
	// ID travels as a tag and in the header X-Caretaker-Id, so that a bounce can be traced back: 1 to 200 printable
	// ASCII characters without spaces.
	ID string
	// Template names the wording, such as "welcome".
	Template string
	// Language is a BCP 47 tag; a language without wording of its own falls back to English.
	Language string
	Category Category
	To       Address
	// ReplyTo is left out of the message when it is the zero Address.
	ReplyTo Address
	// Organisation is the name people know; it is the datum organisationName unless Data has one.
	Organisation string
	// OrganisationSlug and User, whom the letter is for, "" if that is not a user, are tags and in the header
	// X-Caretaker-For, for the same reason.
	OrganisationSlug string
	User             string
	// Data fills the wording. All values are one line, except "message". A key that the wording needs and Data lacks
	// is an error, and so is a key that speaks of a password or a secret: such things are never sent by email. The
	// names of the "administrators" to ask are needed in "welcome" only; the others do without if need be.
	Data map[string]string
}

// Message is one finished email to one recipient.
type Message struct {
	ID       string
	From     Address
	To       Address
	ReplyTo  Address // none if zero
	Subject  string
	Text     string
	HTML     string
	Headers  map[string]string // beside From, To, Reply-To, Subject and those of MIME
	Tags     map[string]string // what SES says again in what it tells of the message; never seen by the recipient
	Category Category
}

// Settings are what all messages of one installation share.
type Settings struct {
	// From is the sender; without a name it bears that of the product.
	From Address
	// FromNews is the sender of general letters, apart so that what receivers think of those does not hold up the others;
	// the zero Address: From.
	FromNews Address
	// BaseURL is where the service is reached, such as "https://caretaker.example.org".
	BaseURL string
	// Product is the name of the service as users know it.
	Product string
}

// Sender carries messages. Send fails with
//   - Invalid "mail_refused" (ErrRefused) when this recipient can never be written to,
//   - Busy when the mail service asks to send more slowly, and Unavailable when it makes sense to try again for another
//     reason, RetryAfter saying when,
//   - Internal "mail_invalid" when the message should not have been made this way; trying again does not help.
//
// A message may arrive twice when Send fails after the mail service took it.
type Sender interface {
	Send(ctx context.Context, m Message) error
}
