// Package demo owns the demonstration: which organisations and people there are in it (plan.yaml, later.yaml), how they
// are set up through the services as an operator and administrators would, and how to sign in as one of them. It writes
// nothing to the store itself but sign-ins of the past, and knows no rule of the domain.
package demo

import (
	"context"
	"errors"
	"fmt"

	"github.com/caretaker/caretaker/internal/directory"
)

// Kind says what a person of the demonstration is there for.
type Kind string

// What a person of the demonstration is there for.
const (
	Operator      Kind = "operator"
	Administrator Kind = "administrator"
	Ordinary      Kind = "user"
)

// Organisation is one of the demonstration, as GET /dev/demo shows it.
type Organisation struct {
	Slug   directory.Slug `json:"slug"`
	Name   string         `json:"name"`
	Preset string         `json:"preset"`
	Users  []User         `json:"users" nullable:"false"`
}

// User is somebody to sign in as.
type User struct {
	Name     string             `json:"name"`
	Username string             `json:"username"`
	Password string             `json:"password" doc:"Empty once it was changed"`
	Kind     Kind               `json:"kind" enum:"operator,administrator,user"`
	Roles    []directory.RoleID `json:"roles" nullable:"false"`
	Note     string             `json:"note" doc:"What happens at the sign-in"`
}

// Demo is the demonstration in one directory.
type Demo struct {
	plan      plan
	directory *directory.Directory
	accounts  *accounts
	later     later
}

// Open looks up in the file how to sign in to what was set up before; with the name "" nothing is kept. It sets up
// nothing: that is Seed.
func Open(d *directory.Directory, file string) (*Demo, error) {
	p, err := readPlan()
	if err != nil {
		return nil, err
	}
	a, err := openAccounts(file)
	return &Demo{plan: p, directory: d, accounts: a}, err
}

// Organisations lists the organisations as they are now, once those are there that SeedLater sets up. Somebody who was
// deleted is left out, and a password that was changed since is not shown. It fails with kind Unavailable when they could
// not be set up or the context ends before.
func (d *Demo) Organisations(ctx context.Context) ([]Organisation, error) {
	if err := d.later.wait(ctx); err != nil {
		return nil, err
	}
	return d.list(ctx, d.plan.all())
}

// AtOnce lists those of the organisations that are there without waiting, and tells whether more are to come.
func (d *Demo) AtOnce(ctx context.Context) (list []Organisation, more bool, err error) {
	there := d.plan.atOnce()
	if more = !d.complete(d.plan.later) && d.later.pending() != nil; !more {
		there = d.plan.all()
	}
	list, err = d.list(ctx, there)
	return list, more, err
}

func (d *Demo) list(ctx context.Context, organisations []organisation) ([]Organisation, error) {
	list := []Organisation{}
	for _, o := range organisations {
		shown, err := d.look(ctx, o)
		if err != nil {
			return nil, fmt.Errorf("look at the demonstration: %w", err)
		}
		if len(shown.Users) > 0 {
			list = append(list, shown)
		}
	}
	return list, nil
}

func (d *Demo) look(ctx context.Context, o organisation) (Organisation, error) {
	shown := Organisation{Slug: o.Slug, Name: o.Name, Preset: o.Preset}
	stored, err := d.directory.Store.Organisation(ctx, o.Slug)
	if errors.Is(err, directory.ErrNotFound) {
		return shown, nil
	}
	if err != nil {
		return shown, err
	}
	for i, p := range o.people() {
		a, known := d.accounts.get(o, p)
		if !known {
			continue
		}
		u, err := d.directory.Store.User(ctx, o.Slug, a.ID)
		if directory.KindOf(err) == directory.NotFound && err != nil {
			continue
		}
		if err != nil {
			return Organisation{}, err
		}
		shown.Users = append(shown.Users, show(stored, u, a, o.kind(i)))
	}
	return shown, nil
}

// kind is that of the person at a place of the list.
func (o organisation) kind(place int) Kind {
	switch {
	case o.Slug == directory.OperatorSlug:
		return Operator
	case place == 0:
		return Administrator
	default:
		return Ordinary
	}
}

func show(o directory.Organisation, u directory.User, a account, k Kind) User {
	shown := User{
		Name: u.Name(), Username: u.Username, Password: a.Password, Kind: k,
		Roles: append([]directory.RoleID{}, u.Roles...), Note: "Goes straight in.",
	}
	switch {
	case !u.PasswordSetAt.Equal(a.SetAt):
		shown.Password, shown.Note = "", "The password was changed since."
	case u.MustChangePassword:
		shown.Note = "This is an initial password: the first sign-in asks for a new one."
	case o.Policy.Agreement.When == directory.AgreementEachSignIn:
		shown.Note = "Is asked to agree to the conditions of use, as at every sign-in."
	}
	return shown
}
