package mail

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// Outbox is where letters wait that were written in the same Commit as the change they tell of.
type Outbox interface {
	// Mail reads a letter as it stands now; NotFound.
	Mail(ctx context.Context, org directory.Slug, user directory.UserID, id string) (directory.Mail, error)
	// PutMail stores that a letter was sent or refused; Stale when someone else did so in between.
	PutMail(ctx context.Context, m directory.Mail) error
	// Waiting reads a page of the letters written before the given moment that still wait, the oldest first, from where the
	// page before ended, "" at the start. It has a few times limit at most.
	Waiting(ctx context.Context, before time.Time, from string, limit int) (directory.WaitingMails, error)
}

// Links makes the secret of a link at the moment in which the letter with it is sent, so that none waits in the outbox.
type Links interface {
	// IssueLink makes a new link by which a user chooses a password; the one before is void. NotFound when the user is
	// gone or has no access any more.
	IssueLink(ctx context.Context, org directory.Slug, user directory.UserID) (directory.Token, error)
}

// Announcements has what mails to many share, and makes what each has of its own when it is sent.
type Announcements interface {
	// Announced is the text that a mail brings, as data; NotFound when its time is over.
	Announced(ctx context.Context, k directory.AnnouncementKey) (map[string]string, error)
	// IssueOptOut makes the secret of the link by which whoever gets the mail declines further ones like it.
	IssueOptOut(ctx context.Context, m directory.Mail) (string, error)
}

// Helpers names whom to ask in an organisation.
type Helpers interface {
	// HelpersLine names them, with their addresses, in one line; "" if there are none.
	HelpersLine(ctx context.Context, org directory.Slug) (string, error)
}

// Addressees tells at the last moment whether a letter may still be sent.
type Addressees interface {
	// Refusal tells why not; "" if it may.
	Refusal(ctx context.Context, m directory.Mail) (why string, err error)
}

// Delivery carries letters from the outbox to the Sender and marks them there. Whatever was marked is never sent again;
// only a crash between sending and marking can send a letter twice.
type Delivery struct {
	Outbox        Outbox
	Links         Links
	Announcements Announcements
	Helpers       Helpers // nil: mails name whom to ask only if they did so when they were written
	// Addressees is asked before each letter is sent; nil: all may be.
	Addressees Addressees
	// Turns keeps two from redelivering at once; nil: nobody else does.
	Turns    Turns
	Sender   Sender
	Settings Settings
	Now      func() time.Time
	// MarkWithin is what the mark of a letter that went out gets beyond the time of whoever sends, for without it the letter
	// would be sent again; 0: five seconds.
	MarkWithin time.Duration
}

// Deliver sends a letter unless that was done before. A recipient who can never be written to is marked as refused and
// is no error. Other errors mean that the letter still waits; with kind Unavailable it makes sense to try again.
func (d *Delivery) Deliver(ctx context.Context, m directory.Mail) error {
	now, err := d.Outbox.Mail(ctx, m.Org, m.User, m.ID)
	if errors.Is(err, directory.ErrNotFound) {
		return nil // its time in the outbox is over
	}
	if err != nil || !now.SentAt.IsZero() || now.Refused != "" {
		return err
	}
	why, err := d.refusal(ctx, now)
	if err != nil {
		return err
	}
	if now.Refused = why; why == "" {
		if now, err = d.sent(ctx, now); err != nil {
			return err
		}
	}
	return d.mark(ctx, now)
}

// markTime is what MarkWithin is when nobody says.
const markTime = 5 * time.Second

func (d *Delivery) mark(ctx context.Context, m directory.Mail) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(d.MarkWithin, markTime))
	defer cancel()
	err := d.Outbox.PutMail(ctx, m)
	if errors.Is(err, directory.ErrStale) {
		return nil // marked by someone else at the same moment
	}
	return err
}

func (d *Delivery) refusal(ctx context.Context, m directory.Mail) (string, error) {
	if d.Addressees == nil {
		return "", nil
	}
	return d.Addressees.Refusal(ctx, m)
}

// sent sends a letter and returns it with the mark of what came of it.
func (d *Delivery) sent(ctx context.Context, m directory.Mail) (directory.Mail, error) {
	switch err := d.send(ctx, m); {
	case errors.Is(err, ErrRefused):
		m.Refused = err.Error()
	case errors.Is(err, directory.ErrNotFound):
		m.Refused = "no longer wanted: the account is gone or closed"
	case err != nil:
		return m, err
	default:
		m.SentAt = d.Now()
	}
	return m, nil
}

func (d *Delivery) send(ctx context.Context, m directory.Mail) error {
	l := d.letter(m)
	if err := d.complete(ctx, m, l.Data); err != nil {
		return err
	}
	message, err := Render(l, d.Settings)
	if err != nil {
		return err
	}
	return d.Sender.Send(ctx, message)
}

// complete adds what is better known late: the secrets of links, the text of an announcement, and who can help by now.
func (d *Delivery) complete(ctx context.Context, m directory.Mail, data map[string]string) error {
	if err := d.completeGeneral(ctx, m, data); err != nil {
		return err
	}
	if m.Template.CarriesLink() {
		token, err := d.Links.IssueLink(ctx, m.Org, m.User)
		if err != nil {
			return err
		}
		data["linkURL"] = d.signInURL(m.Org) + "/new-password?token=" + url.QueryEscape(token.Text())
	}
	if d.Helpers == nil || m.User == "" || m.Category != Account || data["administrators"] != "" {
		return nil
	}
	line, err := d.Helpers.HelpersLine(ctx, m.Org)
	if err == nil && line != "" {
		data["administrators"] = line
	}
	return err
}

// completeGeneral adds what many get, and the opt-out.
func (d *Delivery) completeGeneral(ctx context.Context, m directory.Mail, data map[string]string) error {
	if m.Announcement != nil {
		text, err := d.Announcements.Announced(ctx, *m.Announcement)
		if err != nil {
			return err
		}
		maps.Copy(data, text)
	}
	if !m.Category.General() {
		return nil
	}
	secret, err := d.Announcements.IssueOptOut(ctx, m)
	data[unsubscribeToken] = secret
	return err
}

// letter addresses the outbox's letter and adds what only this installation knows.
func (d *Delivery) letter(m directory.Mail) Letter {
	at := d.signInURL(m.Org)
	data := map[string]string{"signInURL": at, "usersURL": at + "/users", "settingsURL": at + "/me"}
	maps.Copy(data, m.Data)
	return Letter{
		ID: m.ID, Template: string(m.Template), Language: m.Language, Category: m.Category,
		To: Address{Name: m.ToName, Email: m.ToEmail}, ReplyTo: Address{Email: m.ReplyTo},
		Organisation: m.OrganisationName, OrganisationSlug: string(m.Org), User: string(m.User), Data: data,
	}
}

func (d *Delivery) signInURL(org directory.Slug) string {
	return strings.TrimRight(d.Settings.BaseURL, "/") + "/o/" + url.PathEscape(string(org))
}
