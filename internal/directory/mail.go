package directory

import "time"

// MailCategory says what a mail is for; only News can be declined (guide of the school portal, "Personal information").
type MailCategory string

// What a mail is for.
const (
	AccountMail MailCategory = "account"
	ServiceMail MailCategory = "service"
	NewsMail    MailCategory = "news"
)

// Template names what a mail says; package mail has the words.
type Template string

// What mails say.
const (
	WelcomeMail             Template = "welcome"
	PasswordResetMail       Template = "password-reset"
	PasswordChangedMail     Template = "password-changed"
	PasswordInterruptedMail Template = "password-interrupted"
	EmailChangedMail        Template = "email-changed"
	ContactMail             Template = "contact"
)

// Mail is a letter in the outbox: it is stored in the Commit of what it tells of and sent afterwards. It never holds
// a password or another secret.
type Mail struct {
	ID               string
	Org              Slug
	OrganisationName string
	User             UserID // whom it is for; "" for someone who is not a user
	ToName, ToEmail  string
	ReplyTo          string
	Template         Template
	Category         MailCategory
	Language         string
	Data             map[string]string
	CreatedAt        time.Time
	SentAt           time.Time // zero until the mail system took it
	// Refused says why the mail system will never take it; "" otherwise.
	Refused string
	Version int64
}
