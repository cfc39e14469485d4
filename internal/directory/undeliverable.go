package directory

import (
	"context"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// Undeliverable says that the user's present address is not written to, because mails do not arrive there or are not
// wanted there. Another address ends it, and so does an administrator who says that the address is right after all.
type Undeliverable struct {
	Since  time.Time // when it was heard of
	Reason MailFailure
	Detail string // what the mail system calls it; nothing about the person
}

// MailFailure is what goes against an address.
type MailFailure string

// What goes against an address.
const (
	Bounced    MailFailure = "bounce"    // mails to it will never arrive
	Complained MailFailure = "complaint" // somebody there called one spam
)

// MailFailed hears of a letter of the outbox that its address bounced, or complained about it, and marks the users of the
// organisation who have this address: at most as many as UsersByEmail finds, the one whom it was for included. Whoever
// has another address by now, or had it confirmed since, is left as they are, and so is whoever is marked already; so it
// may be told the same twice. A complaint about news also ends these for the one whom they were for. It returns how many
// accounts were changed.
func (d *Directory) MailFailed(ctx context.Context, m Mail, why MailFailure, detail string) (changed int, err error) {
	if m.User == "" {
		return 0, nil // for somebody who is not a user
	}
	o, err := d.Store.Organisation(ctx, m.Org)
	if KindOf(err) == NotFound {
		return 0, nil // it was closed since
	}
	if err != nil {
		return 0, err
	}
	users, err := d.sharing(ctx, m)
	if err != nil {
		return 0, err
	}
	for _, u := range users {
		var did bool
		err := d.again(ctx, u, func(u User) (err error) {
			did, err = d.turnAway(ctx, o, u, m, Undeliverable{Since: d.Now(), Reason: why, Detail: detail})
			return err
		})
		if err != nil && KindOf(err) != NotFound { // deleted at this moment
			return changed, err
		}
		if did && err == nil {
			changed++
		}
	}
	return changed, nil
}

// sharing are the user whom a letter was for, as stored, and those who share the address, as the index has them: where that
// lags, their Commits fail and what is stored is looked at.
func (d *Directory) sharing(ctx context.Context, m Mail) ([]User, error) {
	users, err := d.Store.UsersByEmail(ctx, m.Org, m.ToEmail)
	if err != nil {
		return nil, err
	}
	u, err := d.Store.User(ctx, m.Org, m.User)
	if err != nil && KindOf(err) != NotFound {
		return nil, err
	}
	var all []User
	if err == nil {
		all = append(all, u)
	}
	for _, other := range users {
		if other.ID != m.User {
			all = append(all, other)
		}
	}
	return all, nil
}

// turnAway stores that a user's address is not written to any more, unless there is nothing to change.
func (d *Directory) turnAway(ctx context.Context, o Organisation, was User, m Mail, why Undeliverable) (bool, error) {
	u := was
	if !u.reachedBy(m) {
		return false, nil
	}
	if u.Undeliverable == nil {
		u.Undeliverable = &why
	}
	if why.Reason == Complained && m.Category == NewsMail && u.ID == m.User {
		u.Wants.News = false
	}
	entry := Entry{
		ID: d.NewID(), Org: u.Org, At: d.Now(), Action: UserUndeliverable, Actor: System, Subject: partyOf(u), Note: why.Detail,
	}
	entry.difference(was, u)
	if len(entry.After) == 0 {
		return false, nil
	}
	return true, d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{o.Put(u)}})
}

// reachedBy tells whether a letter went to the address that the user has now, and not before somebody set or confirmed it.
// A letter not yet marked as sent is just being sent: the mail system can be quicker than the mark.
func (u User) reachedBy(m Mail) bool {
	return strings.EqualFold(m.ToEmail, u.Email) && (m.SentAt.IsZero() || !m.SentAt.Before(u.AddressAt))
}

// moveTo is the one place that changes a user's address. Only another mailbox ends what is known of the one before; another
// spelling in upper or lower case is the same.
func (u *User) moveTo(email string, now time.Time) {
	if !strings.EqualFold(u.Email, email) && u.Email != "" {
		u.confirmAddress(now)
	}
	u.Email = email
}

// confirmAddress forgets what is known against the address: what comes in about mails sent before no longer counts.
func (u *User) confirmAddress(now time.Time) { u.Undeliverable, u.AddressAt = nil, now }

// setUndeliverable is what an administrator says about the address; that it is undeliverable is found out, not said.
func (u *User) setUndeliverable(c *checks, is bool, now time.Time) {
	switch {
	case is:
		c.add("undeliverable", rule.UndeliverableNo)
	case u.Undeliverable != nil:
		u.confirmAddress(now)
	}
}
