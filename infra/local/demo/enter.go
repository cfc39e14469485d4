package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/caretaker/caretaker/internal/directory"
)

// here is where the demonstration signs in from, for the audit trail.
var here = directory.Origin{Address: "127.0.0.1", Agent: "Caretaker demonstration"}

// steps bounds how much a sign-in can ask for.
const steps = 8

// enter signs somebody in and meets whatever the sign-in asks for, so that the next one goes straight in.
func (d *Demo) enter(ctx context.Context, o organisation, p person) (directory.Caller, error) {
	a, _ := d.accounts.get(o, p)
	c, err := d.signIn(ctx, o, &a)
	for range steps {
		if err != nil {
			return c, fmt.Errorf("sign in as %s of %s: %w", a.Username, o.Slug, err)
		}
		switch c.Session.Challenge() {
		case "":
			a.SetAt, a.Ready = c.User.PasswordSetAt, true
			return c, d.accounts.put(o, p, a)
		case directory.ChallengeNewPassword:
			c, err = d.choose(ctx, o, &a, c)
		case directory.ChallengeAgreement:
			c, err = d.directory.MeetAgreement(ctx, c, c.Organisation.AgreementVersion, true)
		default:
			err = fmt.Errorf("it asks for %q", c.Session.Challenge())
		}
	}
	return c, fmt.Errorf("signing in as %s of %s comes to no end", a.Username, o.Slug)
}

// signIn tries the password that is known and then, because a crash may have come between choosing and noting it, the
// demonstration's own.
func (d *Demo) signIn(ctx context.Context, o organisation, a *account) (directory.Caller, error) {
	c, _, err := d.directory.SignIn(ctx, a.at(o))
	for _, other := range d.plan.Passwords {
		if !errors.Is(err, directory.ErrWrongPassword) {
			break
		}
		a.Password = other
		c, _, err = d.directory.SignIn(ctx, a.at(o))
	}
	return c, err
}

// at is the account's owner at the organisation's door.
func (a *account) at(o organisation) directory.SignIn {
	return directory.SignIn{Org: o.Slug, Username: a.Username, Password: a.Password, From: here}
}

// choose answers the demand for a new password with one of the demonstration's own that is not the present one.
func (d *Demo) choose(ctx context.Context, o organisation, a *account, c directory.Caller) (directory.Caller, error) {
	other := slices.IndexFunc(d.plan.Passwords, func(p string) bool { return p != a.Password })
	a.Password = d.plan.Passwords[other]
	after, token, err := d.directory.MeetNewPassword(ctx, c,
		directory.NewPassword{Password: a.Password, Repeat: a.Password})
	if err != nil || token != (directory.Token{}) {
		return after, err
	}
	return d.signIn(ctx, o, a) // the policy has people sign in once more
}
