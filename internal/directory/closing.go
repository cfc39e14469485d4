package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// ClosedOrganisation is one that was closed. To all others it is as if it were not there, from the Commit that closes it on:
// nobody signs in, and no session of its users stands. On EraseAt it begins to be erased; until then it can be reopened.
type ClosedOrganisation struct {
	// Organisation is as it was, and after the erasure its slug alone, which nobody else is ever given.
	Organisation Organisation
	ClosedAt     time.Time
	By           Party
	EraseAt      time.Time
	// Begun and ErasedAt are when the erasure began and ended; zero: it did not yet. Users is how many there were.
	Begun, ErasedAt time.Time
	Users           int
	Version         int64
}

// ClosedPage is a page of closed organisations.
type ClosedPage struct {
	Closed []ClosedOrganisation
	Next   string
}

// reopenDays is how long a mistake, or an operator's stolen session, can be undone.
const reopenDays = 14

// CloseOrganisation closes an organisation, which ends all access at once. Its slug has to be said once more, and the version
// that is closed. Operators only. It fails with NotFound, Invalid and Stale, and with Conflict cannot_delete_self for the
// operators' own.
func (d *Directory) CloseOrganisation(ctx context.Context, c Caller, slug, confirm Slug, seen *int64) (ClosedOrganisation, error) {
	o, err := d.Organisation(ctx, c, slug)
	if err != nil {
		return ClosedOrganisation{}, err
	}
	if slug == OperatorSlug {
		return ClosedOrganisation{}, &Error{Kind: Conflict, Code: "cannot_delete_self", Detail: "You cannot close the organisation that runs the platform."}
	}
	var wrong checks
	if confirm != slug {
		wrong.add("confirm", rule.ConfirmSlug, slug)
	}
	if seen == nil {
		wrong.add("If-Match", rule.NoVersion)
	}
	if err := errors.Join(wrong.err(), expect(seen, o.Version)); err != nil {
		return ClosedOrganisation{}, err
	}
	closed := ClosedOrganisation{Organisation: o, ClosedAt: d.Now(), By: partyOf(c.User), EraseAt: d.Now().AddDate(0, 0, reopenDays)}
	told, err := d.Store.Administrators(ctx, slug)
	if err != nil {
		return ClosedOrganisation{}, err
	}
	mails := d.aboutClosingTo(told, closed, OrganisationClosedMail)
	err = d.Store.Commit(ctx, Change{Entries: d.aboutClosing(c, OrganisationClosed, closed), Writes: []Write{CloseOrganisation{closed}}, Mails: mails})
	closed.Version++
	return closed, err
}

// aboutClosingTo addresses those who look after the organisation, suspended ones too: from here on they see nothing of it, and
// nobody else could tell them. An answer goes to customer service.
func (d *Directory) aboutClosingTo(told []User, closed ClosedOrganisation, t Template) []Mail {
	o := closed.Organisation
	return d.letters(o, told, t, func(m *Mail) {
		m.ReplyTo = o.Policy.Contact.CustomerService
		if t == OrganisationClosedMail {
			m.Data["date"] = dayText(closed.EraseAt.In(o.Policy.Lifecycle.Location()), m.Language)
		}
	})
}

// aboutClosing tells the organisation's trail, as long as it lasts, and the platform's own, which stays.
func (d *Directory) aboutClosing(c Caller, action Action, closed ClosedOrganisation) []Entry {
	o := closed.Organisation
	own, platform := d.entry(c, action, User{Org: o.Slug}), d.entry(c, action, User{Org: OperatorSlug})
	platform.Note = string(o.Slug)
	if action == OrganisationClosed {
		platform.Note += ", to be erased from " + closed.EraseAt.Format(time.DateOnly) + " on"
	}
	return []Entry{own, platform}
}

// ClosedOrganisations lists those that were closed and are not erased yet. Operators only.
func (d *Directory) ClosedOrganisations(ctx context.Context, c Caller, limit int, cursor string) (ClosedPage, error) {
	if err := c.requireOperator(); err != nil {
		return ClosedPage{}, err
	}
	return d.Store.ClosedOrganisations(ctx, limit, cursor)
}

// ReopenOrganisation takes a closing back, as long as nothing was erased. Operators only. It fails with NotFound, with Stale,
// and with Conflict wrong_status when the erasure has begun.
func (d *Directory) ReopenOrganisation(ctx context.Context, c Caller, slug Slug) (Organisation, error) {
	if err := c.requireOperator(); err != nil {
		return Organisation{}, err
	}
	if !slug.Valid() {
		return Organisation{}, ErrNotFound
	}
	var closed ClosedOrganisation
	var told []User
	err := both(
		func() (err error) { closed, err = d.Store.ClosedOrganisation(ctx, slug); return err },
		func() (err error) { told, err = d.Store.Administrators(ctx, slug); return err },
	)
	if err != nil {
		return Organisation{}, err
	}
	if !closed.Begun.IsZero() {
		return Organisation{}, &Error{
			Kind: Conflict, Code: "wrong_status", Facts: map[string]any{"status": "erased"}, Detail: "The organisation is being erased, or is erased, and cannot come back.",
		}
	}
	mails := d.aboutClosingTo(told, closed, OrganisationReopenedMail)
	err = d.Store.Commit(ctx, Change{Entries: d.aboutClosing(c, OrganisationReopened, closed), Writes: []Write{ReopenOrganisation{closed}}, Mails: mails})
	o := closed.Organisation
	o.Version = 1
	return o, err
}

// How much of an erasure is done at a time.
const (
	erasedAtOnce = 10 // organisations
	eraseUsers   = 50
)

// EraseClosed erases organisations whose time has come, users first, and returns how many are gone altogether. It goes by what
// is still there, so it may be cut off anywhere and run twice at once: the next run goes on. It begins nothing after the
// deadline, zero for never.
func (d *Directory) EraseClosed(ctx context.Context, deadline time.Time) (erased int, err error) {
	due, err := d.Store.Erasable(ctx, d.Now(), erasedAtOnce)
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, closed := range due {
		gone, err := d.eraseOrganisation(ctx, closed, deadline)
		if err != nil && KindOf(err) != Stale { // another run is at it too
			failed = append(failed, fmt.Errorf("erase %s: %w", closed.Organisation.Slug, err))
		}
		if gone {
			erased++
		}
		if outOfReach(err) {
			break
		}
	}
	return erased, errors.Join(failed...)
}

func (d *Directory) eraseOrganisation(ctx context.Context, closed ClosedOrganisation, deadline time.Time) (gone bool, err error) {
	if closed, err = d.beginErasure(ctx, closed); err != nil {
		return false, err
	}
	for _, status := range []Status{"", Archived} {
		if done, err := d.eraseListed(ctx, closed.Organisation, status, deadline); err != nil || !done {
			return false, err
		}
	}
	for more := true; more; {
		if !d.timeLeft(deadline) {
			return false, nil
		}
		if more, err = d.Store.EraseOrganisation(ctx, closed.Organisation); err != nil {
			return false, err
		}
	}
	closed.Organisation = Organisation{Slug: closed.Organisation.Slug}
	closed.By, closed.ErasedAt = Party{}, d.Now()
	proof := d.entry(Caller{}, OrganisationErased, User{Org: OperatorSlug})
	proof.Note = fmt.Sprintf("%s, with %d users; closed on %s", closed.Organisation.Slug, closed.Users, closed.ClosedAt.Format(time.DateOnly))
	err = d.Store.Commit(ctx, Change{Entries: []Entry{proof}, Writes: []Write{PutClosed{closed}}})
	return err == nil, err
}

// beginErasure notes that there is no way back any more, before the first thing is deleted.
func (d *Directory) beginErasure(ctx context.Context, closed ClosedOrganisation) (ClosedOrganisation, error) {
	if !closed.Begun.IsZero() {
		return closed, nil
	}
	for _, status := range []Status{"", Archived} {
		page, err := d.Store.Users(ctx, UserQuery{Org: closed.Organisation.Slug, Status: status, Sort: SortUsername, Limit: 1})
		if err != nil {
			return closed, err
		}
		if page.Total != nil {
			closed.Users += *page.Total
		}
	}
	closed.Begun = d.Now()
	proof := d.entry(Caller{}, OrganisationErasing, User{Org: OperatorSlug})
	proof.Note = string(closed.Organisation.Slug)
	err := d.Store.Commit(ctx, Change{Entries: []Entry{proof}, Writes: []Write{PutClosed{closed}}})
	closed.Version++
	return closed, err
}

// eraseListed erases the users of a list, as long as there is time.
func (d *Directory) eraseListed(ctx context.Context, o Organisation, status Status, deadline time.Time) (done bool, err error) {
	for {
		page, err := d.Store.Users(ctx, UserQuery{Org: o.Slug, Status: status, Sort: SortUsername, Limit: eraseUsers})
		if err != nil || len(page.Users) == 0 {
			return err == nil, err
		}
		for _, u := range page.Users {
			if !d.timeLeft(deadline) {
				return false, nil
			}
			if err := d.eraseUser(ctx, u); err != nil {
				return false, err
			}
		}
	}
}

// eraseUser deletes a user with everything that is kept about them. The intent outlives a crash: Heal then finishes it, or,
// where the user is still there, leaves the user to the next run.
func (d *Directory) eraseUser(ctx context.Context, u User) error {
	i := d.intent(DeleteCredential, u)
	if err := d.Store.Begin(ctx, i); err != nil {
		return err
	}
	if err := d.Store.Forget(ctx, u); err != nil {
		return err
	}
	return d.dropCredential(ctx, i)
}
