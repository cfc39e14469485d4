package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/internal/directory"
)

// ErrForeign tells that the platform was not set up by this demonstration, or that its setting-up was cut short in the
// moment between the founding and the noting of the password.
var ErrForeign = errors.New("the data already have a platform, and its operator's password is not known here")

// Seed sets up whatever of the demonstration has to be there from the start and is not there yet, and leaves the other
// organisations to SeedLater. What was set up once is never touched again, also when somebody changed or deleted it.
// After a crash half way the next Seed goes on; the one moment after which it cannot is ErrForeign. It is called before
// the directory is used by others.
func (d *Demo) Seed(ctx context.Context) error {
	if err := d.seed(ctx); err != nil {
		return fmt.Errorf("set up the demonstration: %w", err)
	}
	if !d.complete(d.plan.later) {
		d.later.expect()
	}
	return nil
}

func (d *Demo) seed(ctx context.Context) error {
	_, err := d.directory.Store.Organisation(ctx, directory.OperatorSlug)
	switch {
	case err == nil:
	case directory.KindOf(err) == directory.NotFound:
		d.accounts.forget() // the file outlived the data it was about
	default:
		return err
	}
	if d.complete(d.plan.atOnce()) {
		return nil
	}
	return d.setUp(ctx, d.plan.Organisations, -1, -1)
}

// setUp sets organisations up as the operator: so many at a time, and so many people of each; -1 is for all. Most of the
// time goes into hashing passwords, which every processor can do.
func (d *Demo) setUp(ctx context.Context, list []organisation, organisations, people int) error {
	operator, err := d.operator(ctx)
	if err != nil {
		return err
	}
	all, each := errgroup.WithContext(ctx)
	all.SetLimit(organisations)
	for _, o := range list {
		all.Go(func() error { return d.organisation(each, operator, o, people) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	return d.directory.SignOut(ctx, operator)
}

func (d *Demo) complete(list []organisation) bool {
	for _, o := range list {
		for _, p := range append(o.people(), o.Staff...) {
			if a, _ := d.accounts.get(o, p); !a.Ready {
				return false
			}
		}
	}
	return true
}

// operator founds the platform if need be, and returns its operator signed in.
func (d *Demo) operator(ctx context.Context) (directory.Caller, error) {
	o := d.plan.Operator
	if _, known := d.accounts.get(o, o.Administrator); !known {
		founded, err := d.directory.FoundPlatform(ctx, o.founding())
		if errors.Is(err, directory.ErrSlugTaken) {
			return directory.Caller{}, ErrForeign
		}
		if err == nil {
			err = d.note(o, o.Administrator, founded.User, founded.Password)
		}
		if err != nil {
			return directory.Caller{}, err
		}
	}
	return d.enter(ctx, o, o.Administrator)
}

// organisation sets one up with everybody in it, so many at a time.
func (d *Demo) organisation(ctx context.Context, operator directory.Caller, o organisation, atOnce int) error {
	if d.complete([]organisation{o}) {
		return nil
	}
	if _, known := d.accounts.get(o, o.Administrator); !known {
		u, password, err := d.found(ctx, operator, o)
		if err == nil {
			err = d.note(o, o.Administrator, u, password)
		}
		if err != nil {
			return err
		}
	}
	administrator, err := d.enter(ctx, o, o.Administrator)
	if err != nil {
		return err
	}
	all, each := errgroup.WithContext(ctx)
	all.SetLimit(atOnce)
	for _, p := range o.Users {
		all.Go(func() error { return d.user(each, administrator, o, p) })
	}
	for _, p := range o.Staff {
		all.Go(func() error { return d.colleague(each, administrator, o, p) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	return d.directory.SignOut(ctx, administrator)
}

// found sets the organisation up. If a crash once hid its first administrator's password, there has to be a further
// administrator.
func (d *Demo) found(ctx context.Context, operator directory.Caller, o organisation) (directory.User, directory.Shown, error) {
	founded, err := d.directory.CreateOrganisation(ctx, operator, o.founding(), directory.Once{})
	if !errors.Is(err, directory.ErrSlugTaken) {
		return founded.User, founded.Password, err
	}
	approval := directory.Approval{Name: operator.User.Name(), Position: "Operator", Evidence: "the demonstration was interrupted"}
	further := o.Administrator.user()
	if further.Username != "" {
		further.Username += "2" // the one that was chosen is taken
	}
	made, err := d.directory.AddAdministrator(ctx, operator, o.Slug, further, approval, directory.Once{})
	return made.User, made.Password, err
}

// user adds somebody to sign in as and, unless it is a newcomer, takes them through the first sign-in.
func (d *Demo) user(ctx context.Context, administrator directory.Caller, o organisation, p person) error {
	a, err := d.join(ctx, administrator, o, p)
	if err != nil || a.Ready {
		return err
	}
	if p.Newcomer {
		return d.ready(o, p, a)
	}
	in, err := d.enter(ctx, o, p)
	if err != nil {
		return err
	}
	return d.directory.SignOut(ctx, in)
}

// colleague adds somebody who only fills the lists, and when they were last there.
func (d *Demo) colleague(ctx context.Context, administrator directory.Caller, o organisation, p person) error {
	a, err := d.join(ctx, administrator, o, p)
	if err != nil || a.Ready {
		return err
	}
	if err := d.remember(ctx, p, o.Slug, a.ID); err != nil {
		return fmt.Errorf("remember %s of %s: %w", p.Email, o.Slug, err)
	}
	return d.ready(o, p, a)
}

// join adds somebody, unless that was done, with everything they are to have.
func (d *Demo) join(ctx context.Context, administrator directory.Caller, o organisation, p person) (account, error) {
	a, known := d.accounts.get(o, p)
	if a.Ready {
		return a, nil
	}
	if !known {
		u, password, err := d.add(ctx, administrator, p)
		if err == nil {
			err = d.note(o, p, u, password)
		}
		if err != nil {
			return a, fmt.Errorf("add %s to %s: %w", p.Email, o.Slug, err)
		}
		a, _ = d.accounts.get(o, p)
	}
	if err := d.equip(ctx, administrator, p, a.ID); err != nil {
		return a, fmt.Errorf("equip %s of %s: %w", p.Email, o.Slug, err)
	}
	return a, nil
}

func (d *Demo) ready(o organisation, p person, a account) error {
	a.Ready = true
	return d.accounts.put(o, p, a)
}

// add adds a user. One whose password a crash hid is there already and is given another.
func (d *Demo) add(ctx context.Context, administrator directory.Caller, p person) (directory.User, directory.Shown, error) {
	page, err := d.directory.Users(ctx, administrator, directory.UserQuery{Match: p.Email, Sort: directory.SortEmail, Limit: 1})
	if err != nil {
		return directory.User{}, "", err
	}
	if len(page.Users) == 1 && strings.EqualFold(page.Users[0].Email, p.Email) {
		reset, err := d.directory.ResetPassword(ctx, administrator, page.Users[0].ID)
		return reset.User, reset.Password, err
	}
	made, err := d.directory.CreateUser(ctx, administrator, p.user(), directory.Once{})
	return made.User, made.Password, err
}

func (d *Demo) note(o organisation, p person, u directory.User, password directory.Shown) error {
	return d.accounts.put(o, p, account{ID: u.ID, Username: u.Username, Password: string(password), SetAt: u.PasswordSetAt})
}
