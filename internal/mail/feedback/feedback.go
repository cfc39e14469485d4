package feedback

import "time"

// Kind is what became of a mail.
type Kind string

// What became of a mail.
const (
	// PermanentBounce means that mail to these addresses will never arrive.
	PermanentBounce Kind = "permanentBounce"
	// TransientBounce means that this mail did not arrive, for a reason that may pass or that SES could not make out.
	TransientBounce Kind = "transientBounce"
	// Complaint means that a recipient called the mail spam.
	Complaint Kind = "complaint"
	// Other says nothing against the addresses: delivered, delayed, refused by SES for its content, or declared no spam.
	Other Kind = "other"
)

// Feedback is one event about one mail. The same may come more than once, and in any order.
type Feedback struct {
	// MailID is the letter's, Organisation the slug and User the id of whom it was for, all as the mail was tagged; "" where
	// it was not.
	MailID, Organisation, User string
	// Addresses are those that the event is about, without names, an international domain as people write it. They may
	// differ in letter case from those written to. None if SES did not say.
	Addresses []string
	Kind      Kind
	// Detail is for administrators: what SES calls it, and the status code of the recipient's server (RFC 3463), one
	// printable line of at most 200 bytes. What that server said in words is left out, because it often names the person.
	Detail string
	// At is when it happened, in UTC; zero if SES did not say.
	At time.Time
}
