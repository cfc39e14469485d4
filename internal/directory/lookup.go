package directory

import (
	"context"
	"errors"
	"slices"
	"time"
)

// looks is how many pages of other organisations' directories a user may read: a directory to write to somebody is not to
// become a way to copy everybody.
var looks = allowance{most: 30, window: 5 * time.Minute}

// ContactCard is what other organisations may know of a user.
type ContactCard struct {
	Name, Email string
	Roles       []string // by name, in their language
	RoleNames   []Label  // in all
}

// ContactPage is a page of them.
type ContactPage struct {
	Organisation Organisation // that they are of
	Contacts     []ContactCard
	Next         string
}

// OthersUsers lists users of another organisation of the same preset, to make contact. Both organisations must be open.
// Each page is written into the audit trail of the organisation that is looked at. It fails with NotFound, and with
// Throttled for whoever reads too much.
func (d *Directory) OthersUsers(ctx context.Context, c Caller, slug Slug, q UserQuery) (ContactPage, error) {
	if err := c.Require(DirectoryView); err != nil {
		return ContactPage{}, err
	}
	o, err := d.openOrganisation(ctx, c, slug)
	if err != nil {
		return ContactPage{}, err
	}
	used, err := d.look(ctx, c)
	if err != nil {
		return ContactPage{}, err
	}
	q.Org, q.Status = slug, Active
	var found UserPage
	entry := d.entry(c, DirectoryRead, User{Org: slug})
	err = both(
		func() (err error) { found, err = d.Store.Users(ctx, q); return err },
		func() error {
			return d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{PutQuota{used}}})
		},
	)
	if errors.Is(err, ErrStale) { // two pages at the same instant: the other one counted, this one has to come again
		return ContactPage{}, tooManyLooks(time.Second)
	}
	if err != nil {
		return ContactPage{}, err
	}
	return contacts(o, found), nil
}

// OpenQuery asks for organisations of a preset that let each other look at their users.
type OpenQuery struct {
	Preset, Match string // Match: the beginning of a name
	Limit         int    // 1 to 200
	Cursor        string
}

// OpenOrganisations lists the organisations at whose users the caller may look: open ones of the same preset, if the caller's
// own is open. An organisation that is open has said that others may know of it. The caller's own is left out.
func (d *Directory) OpenOrganisations(ctx context.Context, c Caller, q OpenQuery) (OrganisationPage, error) {
	if err := c.Require(DirectoryView); err != nil {
		return OrganisationPage{}, err
	}
	if !c.Organisation.Policy.Directory.Open {
		return OrganisationPage{}, nil
	}
	q.Preset = c.Organisation.Preset
	page, err := d.Store.OpenOrganisations(ctx, q)
	page.Organisations = slices.DeleteFunc(page.Organisations, func(o Organisation) bool { return o.Slug == c.Organisation.Slug })
	return page, err
}

// openOrganisation is one that the caller may look at; whether others exist is not told.
func (d *Directory) openOrganisation(ctx context.Context, c Caller, slug Slug) (Organisation, error) {
	if !slug.Valid() {
		return Organisation{}, ErrNotFound
	}
	o, err := d.Store.Organisation(ctx, slug)
	if err == nil && (!o.Policy.Directory.Open || !c.Organisation.Policy.Directory.Open || o.Preset != c.Organisation.Preset) {
		return Organisation{}, ErrNotFound
	}
	return o, err
}

// LookQuota names how many pages a user read.
func LookQuota(org Slug, u UserID) QuotaKey { return QuotaKey{Org: org, What: "looks", Who: string(u)} }

// look counts one more page.
func (d *Directory) look(ctx context.Context, c Caller) (Quota, error) {
	found, err := d.Store.Quotas(ctx, LookQuota(c.User.Org, c.User.ID))
	if err != nil {
		return Quota{}, err
	}
	used, wait := looks.use(found[0], d.Now())
	if wait > 0 {
		return Quota{}, tooManyLooks(wait)
	}
	return used, nil
}

func tooManyLooks(wait time.Duration) *Error {
	return &Error{
		Kind: Throttled, Code: "too_many_requests", RetryAfter: wait,
		Detail: "You have looked up a great deal. Please wait a moment before you go on.",
	}
}

func contacts(o Organisation, found UserPage) ContactPage {
	page := ContactPage{Organisation: o, Next: found.Next}
	for _, u := range found.Users {
		card := ContactCard{Name: u.Name(), Email: u.Email}
		for _, id := range o.RolesOf(u) {
			if r, ok := o.Role(id); ok {
				card.Roles = append(card.Roles, r.Label.In(o.Language))
				card.RoleNames = append(card.RoleNames, r.Label)
			}
		}
		page.Contacts = append(page.Contacts, card)
	}
	return page
}
