package directory

import (
	"context"
	"errors"
	"time"
)

// optOutLife is how long the link of a general mail declines further ones: longer than a year, for whoever reads the last
// one when the next year's comes. It is not used up: declining twice is declining.
const optOutLife = 400 * 24 * time.Hour

// IssueOptOut makes the secret of the link by which whoever gets a mail declines further ones like it. It is made when the
// mail is sent, and kept as a hash alone.
func (d *Directory) IssueOptOut(ctx context.Context, m Mail) (string, error) {
	secret, err := pick(d.Random, tokenAlphabet, 43)
	if err != nil {
		return "", err
	}
	return secret, d.Store.PutTicket(ctx, Ticket{
		Kind: TicketOptOut, ID: ticketID(secret), Org: m.Org, User: m.User, Data: []byte(m.Category), Until: d.Now().Add(optOutLife),
	})
}

// OptOut says what a mail's link declines, and of which organisation. It names nobody.
type OptOut struct {
	Organisation Organisation
	Category     MailCategory
}

// OptOutOf tells what a link would decline, and declines nothing: machines that check mails follow links too. It fails
// with NotFound for a link that is too old, was never made, or is of somebody who is gone.
func (d *Directory) OptOutOf(ctx context.Context, secret string) (OptOut, error) {
	out, _, err := d.optOut(ctx, secret)
	return out, err
}

// Unsubscribe declines what a link is for. Whoever has it needs no session (RFC 8058); one is not begun. It fails like
// OptOutOf.
func (d *Directory) Unsubscribe(ctx context.Context, secret string, from Origin) (OptOut, error) {
	out, u, err := d.optOut(ctx, secret)
	if err != nil {
		return OptOut{}, err
	}
	return out, d.again(ctx, u, func(was User) error {
		u := was
		if u.Wants = was.Wants.without(out.Category); u.Wants == was.Wants {
			return nil
		}
		e := Entry{ID: d.NewID(), Org: u.Org, At: d.Now(), Action: Unsubscribed, Actor: partyOf(u), Subject: partyOf(u), From: from}
		e.difference(was, u)
		return d.Store.Commit(ctx, Change{Entries: []Entry{e}, Writes: []Write{out.Organisation.Put(u)}})
	})
}

func (d *Directory) optOut(ctx context.Context, secret string) (OptOut, User, error) {
	t, err := d.Store.Ticket(ctx, TicketOptOut, ticketID(secret))
	if err == nil && !d.Now().Before(t.Until) {
		err = ErrNotFound
	}
	if err != nil {
		return OptOut{}, User{}, err
	}
	if err := d.Store.Ahead(ctx, NeedOrganisation{t.Org}, NeedUser{t.Org, t.User}); err != nil {
		return OptOut{}, User{}, err
	}
	o, failed := d.Store.Organisation(ctx, t.Org)
	u, err := d.Store.User(ctx, t.Org, t.User)
	return OptOut{Organisation: o, Category: MailCategory(t.Data)}, u, errors.Join(failed, err)
}
