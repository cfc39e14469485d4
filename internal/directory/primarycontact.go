package directory

import (
	"context"
	"errors"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// PrimaryContact is the person whom the platform writes to about the organisation. It starts as the first administrator.
// ErrNotFound when that person's account was deleted and nobody has taken the place yet.
func (d *Directory) PrimaryContact(ctx context.Context, c Caller) (User, error) {
	if err := c.Admitted(); err != nil {
		return User{}, err
	}
	return d.primaryContact(ctx, c.Organisation)
}

func (d *Directory) primaryContact(ctx context.Context, o Organisation) (User, error) {
	if o.PrimaryContact == "" {
		return User{}, ErrNotFound
	}
	return d.Store.User(ctx, o.Slug, o.PrimaryContact)
}

// ChangePrimaryContact names another user of the organisation. It fails with Invalid for one there is not, and with Stale.
func (d *Directory) ChangePrimaryContact(ctx context.Context, c Caller, id UserID) (User, error) {
	if err := c.Require(SettingsManage); err != nil {
		return User{}, err
	}
	u, err := d.user(ctx, c, id)
	if errors.Is(err, ErrNotFound) || err == nil && u.Status != Active {
		var wrong checks
		wrong.add("user", rule.ActiveUser)
		return User{}, wrong.err()
	}
	if err != nil {
		return User{}, err
	}
	entry := d.entry(c, OrganisationChanged, u)
	entry.Before = map[string]string{"primaryContact": string(c.Organisation.PrimaryContact)}
	entry.After = map[string]string{"primaryContact": string(id)}
	c.Organisation.PrimaryContact = id
	return u, d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{PutOrganisation{c.Organisation}}})
}
