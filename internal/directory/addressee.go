package directory

import (
	"context"
	"strings"
	"time"
)

// Refusal tells why a letter that waits is not to be sent any more; "" if it is. It is asked at the moment of sending,
// for much can have happened since the letter was written.
func (d *Directory) Refusal(ctx context.Context, m Mail) (why string, err error) {
	if m.User == "" {
		return "", nil
	}
	u, err := d.Store.User(ctx, m.Org, m.User)
	if KindOf(err) == NotFound {
		return "the account is gone", nil
	}
	if err != nil {
		return "", err
	}
	if why = u.refuses(m, d.Now()); why != "" || m.Template != DigestMail {
		return why, nil
	}
	return d.digestRefusal(ctx, u)
}

// digestRefusal looks at all again that decided when the digest was written: it names people, and is for administrators.
func (d *Directory) digestRefusal(ctx context.Context, u User) (string, error) {
	o, err := d.Store.Organisation(ctx, u.Org)
	if KindOf(err) == NotFound {
		return "the organisation is closed", nil
	}
	if err != nil {
		return "", err
	}
	return o.noDigest(u, d.Now()), nil
}

// refuses tells why a user does not get a letter; "" if they do. What is about the account itself always comes, unless it is
// a warning that is no longer true; but to an address that bounced or complained nothing goes, whatever it is: such mails cost
// the right to send any.
func (u User) refuses(m Mail, now time.Time) string {
	switch {
	case u.Undeliverable != nil && strings.EqualFold(m.ToEmail, u.Email):
		return "the address is undeliverable: " + string(u.Undeliverable.Reason)
	case u.Status == Archived && (m.Category != AccountMail || m.Template == InactivityWarningMail):
		return "the account is archived"
	case m.Category.General() && u.Barrier(now) != NoBarrier:
		return "the user has no access"
	case m.Category.General() && !u.Wants.includes(m.Category):
		return "the user declined " + string(m.Category)
	case m.Template == InactivityWarningMail && u.Warnings == 0:
		return "the user has come since"
	default:
		return ""
	}
}
