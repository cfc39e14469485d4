package directory

import "time"

// MailCategory says what a mail is for; only general ones can be declined (guide of the school portal, "Personal
// information").
type MailCategory string

// What a mail is for.
const (
	AccountMail    MailCategory = "account"
	ServiceMail    MailCategory = "service"
	NewsMail       MailCategory = "news"
	NewsletterMail MailCategory = "newsletter" // goes to who asked for it
)

// General tells whether a mail carries an opt-out, which is honoured; all others always arrive.
func (c MailCategory) General() bool { return c == NewsMail || c == NewsletterMail }

// Template names what a mail says; package mail has the words.
type Template string

// What mails say.
const (
	WelcomeMail               Template = "welcome"
	PasswordResetMail         Template = "password-reset"
	PasswordChangedMail       Template = "password-changed"
	PasswordInterruptedMail   Template = "password-interrupted"
	PasswordLinkMail          Template = "password-link"
	PasswordResetLinkMail     Template = "password-reset-link"
	PasswordLinkFederatedMail Template = "password-link-federated"
	PasswordLinkBarredMail    Template = "password-link-barred"
	PasswordChosenMail        Template = "password-chosen"
	PasswordExpiryMail        Template = "password-expiry"
	EmailChangedMail          Template = "email-changed"
	AccountLockedMail         Template = "account-locked"
	AccountUnlockedMail       Template = "account-unlocked"
	AccountReinstatedMail     Template = "account-reinstated"
	SecondFactorAddedMail     Template = "second-factor-added"
	SecondFactorRemovedMail   Template = "second-factor-removed"
	SecondFactorResetMail     Template = "second-factor-reset"
	RecoveryCodesMail         Template = "recovery-codes-made"
	RecoveryCodeUsedMail      Template = "recovery-code-used"
	IdentityLinkedMail        Template = "identity-linked"
	ContactMail               Template = "contact"
)

// What mails of an account's life say. Days in them are text in the recipient's language; "cause" is the word that
// package lifecycle has for it.
const (
	InactivityWarningMail Template = "inactivity-warning"
	AccountArchivedMail   Template = "account-archived"
	AccountRestoredMail   Template = "account-restored"
)

// What mails to the platform's own people say.
const (
	LastAdministratorAtRiskMail Template = "last-administrator-at-risk" // to its support staff
	SweepStoppedMail            Template = "sweep-stopped"              // to its operators
)

// AnnouncementMail is what a person wrote to many; as news or newsletter it carries an opt-out, as service it says why it
// has none.
const AnnouncementMail Template = "announcement"

// What mails to an organisation's administrators say.
const (
	AdministratorAddedMail Template = "administrator-added" // needs ReplyTo, for it asks for an answer
	// Both of these need ReplyTo as well.
	OrganisationClosedMail   Template = "organisation-closed"
	OrganisationReopenedMail Template = "organisation-reopened"
	SupportOpenedMail        Template = "support-opened"
	SupportEnteredMail       Template = "support-entered"
	SupportClosedMail        Template = "support-closed"
	SecurityCodeChangedMail  Template = "security-code-changed"
	AdministratorAtRiskMail  Template = "administrator-at-risk"
	// DigestMail has lists of accounts, one a line ("\n" and nothing else ends a line), at most 50 of which are shown: those
	// who are "inactive" for so many "months", in the past week "warned", "archived", "restored" and "locked", soon to be
	// "purged", and "undeliverable". The datum "inactiveCount" says how many are in "inactive" if not all of them are given,
	// "1000+" that it is more than was counted, and so on.
	DigestMail Template = "digest"
)

// CarriesLink tells whether a mail leads to the choice of a new password by a link that is made when it is sent.
func (t Template) CarriesLink() bool { return t == PasswordLinkMail || t == PasswordResetLinkMail }

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
	// Announcement is the one that the mail brings, whose text is read when the mail is sent; nil for any other mail.
	Announcement *AnnouncementKey
	CreatedAt    time.Time
	SentAt       time.Time // zero until the mail system took it
	// Refused says why the mail system will never take it; "" otherwise.
	Refused string
	Version int64
}

// WaitingMails is a page of the letters that wait to be sent, the oldest first.
type WaitingMails struct {
	Mails []Mail
	// Unreadable are the ids of letters that cannot be read, so that one of them does not hide the others.
	Unreadable []string
	Next       string // where the next page begins; "" at the end
}
