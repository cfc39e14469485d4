package directory

import (
	"context"
	"errors"
	"slices"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// ChangeUser changes details of a user of the caller's organisation, the caller included; the username stays. seen is
// the version the change was made from, nil for any. It fails with Stale, NotFound and Invalid.
func (d *Directory) ChangeUser(ctx context.Context, c Caller, id UserID, ch UserChange, seen *int64) (User, error) {
	u, err := d.managed(ctx, c, id)
	if err != nil {
		return User{}, err
	}
	if err := c.mayChange(u, ch, d); err != nil {
		return User{}, err
	}
	return d.changeDetails(ctx, c, u, ch, seen)
}

// mayChange keeps support staff from changing an address, to which a new password could be mailed, and everybody from
// setting an end to their own access. One's own address wants a fresh proof, as in ChangeSelf.
func (c Caller) mayChange(u User, ch UserChange, d *Directory) error {
	if email, touched := ch.Details[FieldEmail]; touched && CleanEmail(d.clean(email)) != u.Email {
		if err := c.handsOn(u.ID, d.Now()); err != nil {
			return err
		}
	}
	if ch.EndsAt != nil && u.ID == c.User.ID {
		return errOwnAccount
	}
	return nil
}

// ChangeSelf changes the caller's own details, as far as the policy leaves them to the user.
func (d *Directory) ChangeSelf(ctx context.Context, c Caller, ch UserChange, seen *int64) (User, error) {
	if err := c.ownHands(); err != nil {
		return User{}, err
	}
	if email, touched := ch.Details[FieldEmail]; touched && CleanEmail(d.clean(email)) != c.User.Email {
		if err := c.justProved(d.Now()); err != nil {
			return User{}, err
		}
	}
	var wrong checks
	for _, f := range ch.fields() {
		if !slices.Contains(c.Organisation.Policy.Users.OwnFields, f) {
			wrong.add(string(f), rule.ByOthers, c.Organisation.Name)
		}
	}
	if err := wrong.err(); err != nil {
		return User{}, err
	}
	return d.changeDetails(ctx, c, c.User, ch, seen)
}

func (d *Directory) changeDetails(ctx context.Context, c Caller, u User, ch UserChange, seen *int64) (User, error) {
	return d.changing(ctx, u, seen, func(u User) (User, error) { return d.storeDetails(ctx, c, u, ch) })
}

// changing makes a change from the version that was seen, or, without one, from whatever is stored.
func (d *Directory) changing(ctx context.Context, u User, seen *int64, change func(User) (User, error)) (User, error) {
	var changed User
	apply := func(u User) (err error) {
		if err := expect(seen, u.Version); err != nil {
			return err
		}
		changed, err = change(u)
		return err
	}
	if seen == nil {
		err := d.again(ctx, u, apply)
		return changed, err
	}
	err := apply(u)
	return changed, err
}

func (d *Directory) storeDetails(ctx context.Context, c Caller, was User, ch UserChange) (User, error) {
	u, err := ch.applyTo(was, c.Organisation.Policy.Users, d)
	if err != nil {
		return User{}, err
	}
	if u.Barrier(d.Now()) != was.Barrier(d.Now()) { // also when an end date is taken back that has come: nothing revives
		u.endSessions()
	}
	if ch.EndsAt != nil {
		if err := c.Organisation.suitsAll(u); err != nil {
			return User{}, err
		}
	}
	if ch.Roles != nil {
		if u, err = c.Organisation.changeRoles(u, *ch.Roles, c.giver()); err != nil {
			return User{}, err
		}
	}
	return d.storeChange(ctx, c, was, u)
}

// suitsAll tells whether the user meets what every role that they have demands.
func (o Organisation) suitsAll(u User) error {
	for _, r := range o.Roles {
		if !o.Holds(u, r.ID) {
			continue
		}
		if err := o.suits(r, u); err != nil {
			return err
		}
	}
	return nil
}

// storeChange stores what is different about a user, with the trace and the mails it leaves.
func (d *Directory) storeChange(ctx context.Context, c Caller, was, u User) (User, error) {
	entry := d.entry(c, UserChanged, u)
	entry.difference(was, u)
	if len(entry.After) == 0 {
		return was, nil // nothing is different, so nothing is written
	}
	writes := c.Organisation.settle(was, &u)
	change := Change{Entries: []Entry{entry}, Writes: append([]Write{c.Organisation.Put(u)}, writes...)}
	if u.Email != was.Email {
		change.Mails = d.aboutNewEmail(c, was, u)
	}
	err := d.Store.Commit(ctx, change)
	u.Version++
	return u, err
}

// aboutNewEmail tells the old address of the change, so that nobody's account is taken over unseen, unless nobody there is
// to be written to. Someone who never
// signed in may never have had the username, for the old address may have been a slip: it is mailed to the new one.
func (d *Directory) aboutNewEmail(c Caller, was, u User) []Mail {
	var mails []Mail
	if was.Undeliverable == nil {
		told := d.letter(c.Organisation, was, EmailChangedMail)
		told.Data["newEmail"] = maskEmail(u.Email)
		mails = append(mails, told)
	}
	if u.LastSignInAt.IsZero() {
		mails = append(mails, d.welcome(c, c.Organisation, u))
	}
	return mails
}

// DeleteUser deletes a user at once. It fails with Conflict for oneself (cannot_delete_self) and for an administrator
// (cannot_delete_administrator), and with NotFound and Stale.
func (d *Directory) DeleteUser(ctx context.Context, c Caller, id UserID, seen *int64) error {
	u, err := d.managed(ctx, c, id)
	if err != nil {
		return err
	}
	remove := func(u User) error { return d.removeUser(ctx, c, u, seen) }
	if seen != nil {
		return remove(u)
	}
	return d.again(ctx, u, remove)
}

func (d *Directory) removeUser(ctx context.Context, c Caller, u User, seen *int64) error {
	if err := errors.Join(c.mayDelete(u), expect(seen, u.Version)); err != nil {
		return err
	}
	i := d.intent(DeleteCredential, u)
	entry := d.entry(c, UserDeleted, u)
	entry.difference(u, User{})
	keep := c.Organisation.Policy.Usernames.Reuse == ReuseNever
	writes := append([]Write{RemoveUser{u, keep}, OpenIntent{i}}, c.Organisation.settle(u, &User{})...)
	if err := d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: writes}); err != nil {
		return err
	}
	// The user is gone whatever happens now. If the credential cannot be dropped at once, Heal does it later.
	_ = d.dropCredential(ctx, i)
	return nil
}

func (c Caller) mayDelete(u User) error {
	switch {
	case u.ID == c.User.ID:
		return &Error{Kind: Conflict, Code: "cannot_delete_self", Detail: "You cannot delete your own account."}
	case c.Organisation.isProtected(u):
		return &Error{
			Kind: Conflict, Code: "cannot_delete_administrator",
			Detail: "The account of an administrator cannot be deleted here. Please contact customer service.",
		}
	}
	return nil
}

// CanDelete tells whether the caller could delete the user.
func (c Caller) CanDelete(u User) bool { return c.mayDelete(u) == nil }
