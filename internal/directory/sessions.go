package directory

import (
	"context"
	"slices"
)

// OwnSessions lists the caller's open sessions, the latest used first.
func (d *Directory) OwnSessions(ctx context.Context, c Caller) ([]Session, error) {
	if err := c.ownHands(); err != nil {
		return nil, err
	}
	all, err := d.Store.Sessions(ctx, c.User.Org, c.User.ID)
	if err != nil {
		return nil, err
	}
	now := d.Now()
	for i, s := range all {
		if s.ID == c.Session.ID { // its use is being stored at this moment
			all[i].LastUsedAt = c.Session.LastUsedAt
		}
	}
	all = slices.DeleteFunc(all, func(s Session) bool { return s.over(c.User, now) || s.Visit != nil })
	slices.SortFunc(all, func(a, b Session) int { return b.LastUsedAt.Compare(a.LastUsedAt) })
	return all, nil
}

// EndOwnSession ends one of the caller's sessions; NotFound.
func (d *Directory) EndOwnSession(ctx context.Context, c Caller, id SessionID) error {
	all, err := d.OwnSessions(ctx, c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s Session) bool { return s.ID == id })
	if i < 0 {
		return ErrNotFound
	}
	entry := d.entry(c, SignedOut, c.User)
	if id != c.Session.ID {
		entry.Note = "from another browser"
	}
	return d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{EndSession{all[i]}}})
}

// EndOtherSessions ends all of the caller's sessions but this one.
func (d *Directory) EndOtherSessions(ctx context.Context, c Caller) error {
	if err := c.ownHands(); err != nil {
		return err
	}
	tried := false
	return d.again(ctx, c.User, func(u User) error {
		s := c.Session
		if tried { // another request may have written it too
			var err error
			if s, err = d.sessionNow(ctx, c); err != nil {
				return err
			}
		}
		tried = true
		u.endSessions()
		s.Epoch = u.SessionEpoch
		return d.Store.Commit(ctx, Change{Entries: []Entry{d.entry(c, SessionsEnded, u)}, Writes: []Write{c.Organisation.Put(u), PutSession{s}}})
	})
}

// EndSessionsOf ends all sessions of a user of the caller's organisation; NotFound.
func (d *Directory) EndSessionsOf(ctx context.Context, c Caller, id UserID) error {
	u, err := d.managed(ctx, c, id)
	if err != nil {
		return err
	}
	_, err = d.changing(ctx, u, nil, func(u User) (User, error) {
		u.endSessions()
		return u, d.Store.Commit(ctx, Change{Entries: []Entry{d.entry(c, SessionsEnded, u)}, Writes: []Write{c.Organisation.Put(u)}})
	})
	return err
}

// OwnAcceptances and AcceptancesOf tell which versions of the conditions of use somebody accepted, and when.
func (d *Directory) OwnAcceptances(ctx context.Context, c Caller) ([]Acceptance, error) {
	if err := c.ownHands(); err != nil {
		return nil, err
	}
	return d.Store.Acceptances(ctx, c.User.Org, c.User.ID)
}

// AcceptancesOf fails with NotFound.
func (d *Directory) AcceptancesOf(ctx context.Context, c Caller, id UserID) ([]Acceptance, error) {
	if _, err := d.User(ctx, c, id); err != nil {
		return nil, err
	}
	return d.Store.Acceptances(ctx, c.Organisation.Slug, id)
}
