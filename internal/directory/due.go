package directory

import (
	"context"
	"errors"
	"time"
)

// expiryMails are how long before a password has to be changed its owner is told, one mail each.
var expiryMails = []time.Duration{14 * 24 * time.Hour, 3 * 24 * time.Hour}

// Put stores a user of the organisation, with the time at which something next happens to the account by itself.
func (o Organisation) Put(u User) PutUser {
	u.DueAt = o.dueAt(u)
	return PutUser{u}
}

func (o Organisation) dueAt(u User) time.Time {
	expiry := o.PasswordExpiry(u)
	if expiry.IsZero() || u.Status != Active || u.MustChangePassword || u.ExpiryMails >= len(expiryMails) ||
		!o.Policy.SignIn.offers(ByPassword) {
		return time.Time{}
	}
	return expiry.Add(-expiryMails[u.ExpiryMails])
}

// Swept says what a sweep did.
type Swept struct {
	Looked    int  // accounts to which something was due
	Reminded  int  // of a password that must soon be changed
	Replanned int  // accounts that another policy holds for now
	More      bool // there was more than the time allowed; the next sweep goes on
}

// How much a sweep reads at a time.
const (
	sweepBatch  = 50
	replanBatch = 200
)

// Sweep does what is due to accounts by themselves, and plans anew those whose organisation has another policy. It reads
// what is due and nothing else, may run twice at once, and goes on where the last one stopped. It ends when the deadline
// is near.
func (d *Directory) Sweep(ctx context.Context, deadline time.Time) (Swept, error) {
	var s Swept
	if err := d.replan(ctx, deadline, &s); err != nil {
		return s, err
	}
	known := map[Slug]Organisation{}
	for d.inTime(deadline, &s) {
		due, err := d.Store.Due(ctx, d.Now(), sweepBatch)
		if err != nil || len(due) == 0 {
			return s, err
		}
		before := s.Looked
		for _, u := range due {
			if !d.inTime(deadline, &s) {
				return s, nil
			}
			if err := d.sweep(ctx, u, known, &s); err != nil {
				return s, err
			}
		}
		if s.Looked == before { // the index lags behind what was done already
			return s, nil
		}
	}
	return s, nil
}

// inTime tells whether there is time for more. The deadline is of the real clock; zero is none.
func (d *Directory) inTime(deadline time.Time, s *Swept) bool {
	s.More = !deadline.IsZero() && !d.Clock().Before(deadline)
	return !s.More
}

// sweep does what is due to one account. The index that named it may lag, so what is stored decides.
func (d *Directory) sweep(ctx context.Context, u User, known map[Slug]Organisation, s *Swept) error {
	o, read := known[u.Org]
	if !read {
		var err error
		if o, err = d.Store.Organisation(ctx, u.Org); err != nil {
			return err
		}
		known[u.Org] = o
	}
	u, err := d.Store.User(ctx, u.Org, u.ID)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	at := o.dueAt(u)
	later := at.IsZero() || at.After(d.Now())
	if later && at.Equal(u.DueAt) {
		return nil
	}
	s.Looked++
	if later {
		return d.Store.Replan(ctx, []PutUser{o.Put(u)})
	}
	return d.remind(ctx, o, u, s)
}

// remind tells a user that the password must soon be changed. Reminders that were missed are not made up for.
func (d *Directory) remind(ctx context.Context, o Organisation, u User, s *Swept) error {
	expiry := o.PasswordExpiry(u)
	for u.ExpiryMails < len(expiryMails) && !expiry.Add(-expiryMails[u.ExpiryMails]).After(d.Now()) {
		u.ExpiryMails++
	}
	change := Change{Writes: []Write{o.Put(u)}}
	entry := Entry{ID: d.NewID(), Org: o.Slug, At: d.Now(), Action: PasswordExpiring, Actor: System, Subject: partyOf(u)}
	switch {
	case u.Barrier(d.Now()) != NoBarrier:
		entry.Note = "not mailed: the user has no access"
	case !d.Now().Before(expiry):
		entry.Note = "not mailed: the day has passed"
	default:
		m := d.letter(o, u, PasswordExpiryMail)
		m.Data["date"] = dayText(expiry, m.Language)
		change.Mails = []Mail{m}
	}
	change.Entries = []Entry{entry}
	err := d.Store.Commit(ctx, change)
	if KindOf(err) == Stale { // changed at this moment, so the next round looks again
		return nil
	}
	if err == nil {
		s.Reminded += len(change.Mails)
	}
	return err
}

// replan works out anew what is due to the users of organisations whose policy changed.
func (d *Directory) replan(ctx context.Context, deadline time.Time, s *Swept) error {
	waiting, err := d.Store.Replanning(ctx, sweepBatch)
	if err != nil {
		return err
	}
	for _, o := range waiting {
		if err := d.replanOne(ctx, o.Slug, deadline, s); err != nil {
			return err
		}
	}
	return nil
}

func (d *Directory) replanOne(ctx context.Context, org Slug, deadline time.Time, s *Swept) error {
	o, err := d.Store.Organisation(ctx, org)
	for err == nil && o.Replan && d.inTime(deadline, s) {
		var page UserPage
		page, err = d.Store.Users(ctx, UserQuery{Org: org, Sort: SortUsername, Limit: replanBatch, Cursor: o.Replanned})
		if err != nil {
			return err
		}
		var changed []PutUser
		for _, u := range page.Users {
			planned := o.Put(o.reminded(u, d.Now()))
			if !planned.User.DueAt.Equal(u.DueAt) || planned.User.ExpiryMails != u.ExpiryMails {
				changed = append(changed, planned)
			}
		}
		if err := d.Store.Replan(ctx, changed); err != nil {
			return err
		}
		s.Replanned += len(changed)
		o.Replanned, o.Replan = page.Next, page.Next != ""
		if err = d.Store.PutReplanned(ctx, o); KindOf(err) == Stale {
			return nil // the settings changed again; the next sweep begins anew
		}
		o.Version++
	}
	return err
}

// reminded forgets the mails about an earlier day once the password is good for so long that none is due yet.
func (o Organisation) reminded(u User, now time.Time) User {
	if o.PasswordExpiry(u).Add(-expiryMails[0]).After(now) {
		u.ExpiryMails = 0
	}
	return u
}
