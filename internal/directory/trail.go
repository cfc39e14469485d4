package directory

import (
	"context"
	"slices"
	"time"
)

// TrailQuery asks for a page of an organisation's audit trail, newest first.
type TrailQuery struct {
	Org            Slug
	From, To       time.Time // both inclusive; zero: open
	Actor, Subject UserID    // "" matches all
	Action         Action    // "" matches all; one that ends in "." matches all that begin so
	Among          []Action  // one of these; empty matches all
	Limit          int       // 1 to 200
	Cursor         string
}

// TrailPage is a page of the audit trail. With a filter a page may hold fewer than asked for, even none, before the end.
type TrailPage struct {
	Entries []Entry
	Next    string
}

// Matches tells whether an entry is among those asked for, its time aside.
func (q TrailQuery) Matches(e Entry) bool {
	return (q.Actor == "" || e.Actor.User == q.Actor) && (q.Subject == "" || e.Subject.User == q.Subject) && q.matchesAction(e.Action) &&
		(len(q.Among) == 0 || slices.Contains(q.Among, e.Action))
}

func (q TrailQuery) matchesAction(a Action) bool {
	if n := len(q.Action); n > 0 && q.Action[n-1] == '.' {
		return len(a) > n && a[:n] == q.Action
	}
	return q.Action == "" || a == q.Action
}

// Trail reads the audit trail of the caller's organisation.
func (d *Directory) Trail(ctx context.Context, c Caller, q TrailQuery) (TrailPage, error) {
	if err := c.Require(AuditView); err != nil {
		return TrailPage{}, err
	}
	q.Org = c.Organisation.Slug
	return d.Store.Trail(ctx, q)
}

// OwnTrail reads what the audit trail says about the caller: sign-ins, and changes of the account.
func (d *Directory) OwnTrail(ctx context.Context, c Caller, q TrailQuery) (TrailPage, error) {
	if err := c.ownHands(); err != nil {
		return TrailPage{}, err
	}
	q.Org, q.Subject = c.User.Org, c.User.ID
	return d.Store.Trail(ctx, q)
}
