package directory

import (
	"context"
	"fmt"
	"slices"
)

// MaxAgreement bounds each of the two texts of the conditions of use, in characters.
const MaxAgreement = 40000

// Agreement returns a version of the conditions of use of the caller's organisation; 0 is the one in force, which can be read
// also while it is still to be accepted. NotFound where there is none.
func (d *Directory) Agreement(ctx context.Context, c Caller, version int) (Agreement, error) {
	if open := c.Session.Challenge(); open != "" && open != ChallengeAgreement {
		return Agreement{}, c.Admitted()
	}
	if version != 0 && version != c.Organisation.AgreementVersion {
		if err := c.Admitted(); err != nil {
			return Agreement{}, err
		}
		return d.Store.Agreement(ctx, c.Organisation.Slug, version)
	}
	if c.Organisation.AgreementVersion == 0 {
		return Agreement{}, ErrNotFound
	}
	if c.agreement != nil {
		return *c.agreement, nil
	}
	return d.Store.Agreement(ctx, c.Organisation.Slug, c.Organisation.AgreementVersion)
}

// MeetAgreement answers the challenge agreement. Whoever does not agree is signed out. It fails with Conflict
// agreement_changed when another version than the one in force was read.
func (d *Directory) MeetAgreement(ctx context.Context, c Caller, version int, accepted bool) (Caller, error) {
	if err := c.facing(ChallengeAgreement); err != nil {
		return c, err
	}
	if !accepted {
		entry := d.entry(c, AgreementRefused, c.User)
		return c, d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{EndSession{c.Session}}})
	}
	if version != c.Organisation.AgreementVersion {
		return c, &Error{
			Kind: Conflict, Code: "agreement_changed", Facts: map[string]any{"version": c.Organisation.AgreementVersion},
			Detail: "The conditions of use have changed in between. Please read the new version.",
		}
	}
	in := c
	err := d.again(ctx, c.User, func(u User) error {
		in = c
		in.User = u
		change, err := d.acceptance(&in)
		if err != nil {
			return err
		}
		return d.Store.Commit(ctx, change)
	})
	return in, err
}

func (d *Directory) acceptance(c *Caller) (Change, error) {
	version := c.Organisation.AgreementVersion
	accepted := d.entry(*c, AgreementAccepted, c.User)
	accepted.Note = fmt.Sprintf("version %d", version)
	c.User.AgreedVersion = version
	c.Session.Challenges = c.Session.without(ChallengeAgreement)
	change, err := d.advance(c)
	if err != nil {
		return Change{}, err
	}
	change.Entries = append([]Entry{accepted}, change.Entries...)
	change.Writes = append(change.Writes, PutAcceptance{Acceptance{
		ID: d.NewID(), Org: c.Organisation.Slug, User: c.User.ID, Version: version, At: d.Now(), From: c.From,
	}})
	return change, nil
}

// NewAgreement is a version of the conditions of use to be put in force.
type NewAgreement struct {
	Text AgreementText
	// Replaces is the version that the text was made from; nil where nobody says. 0: there was none.
	Replaces *int
}

// PublishAgreement puts a new version of the conditions of use in force. Whoever is signed in goes on; the policy says
// who is asked at the next sign-in. It fails with Stale when it replaces another version than the one in force.
func (d *Directory) PublishAgreement(ctx context.Context, c Caller, n NewAgreement, o Once) (Agreement, error) {
	if err := c.Require(AgreementManage); err != nil {
		return Agreement{}, err
	}
	var wrong checks
	n.Text = AgreementText{Short: d.Normal(n.Text.Short), Long: d.Normal(n.Text.Long)}
	wrong.text("short", n.Text.Short, MaxAgreement, true)
	wrong.text("long", n.Text.Long, MaxAgreement, true)
	if err := wrong.err(); err != nil {
		return Agreement{}, err
	}
	return once(ctx, d, c, "publishAgreement", o, func(r *Receipt) (Agreement, error) { return d.publish(ctx, c, n, r) })
}

func (d *Directory) publish(ctx context.Context, c Caller, n NewAgreement, r *Receipt) (Agreement, error) {
	if n.Replaces != nil && *n.Replaces != c.Organisation.AgreementVersion {
		return Agreement{}, ErrStale
	}
	c.Organisation.AgreementVersion++
	a := Agreement{
		Org: c.Organisation.Slug, Version: c.Organisation.AgreementVersion, Text: n.Text,
		PublishedAt: d.Now(), PublishedBy: c.User.ID,
	}
	if err := r.keep(a); err != nil {
		return Agreement{}, err
	}
	entry := d.entry(c, AgreementPublished, c.User)
	entry.Note = fmt.Sprintf("version %d", a.Version)
	return a, d.Store.Commit(ctx, Change{
		Entries: []Entry{entry}, Writes: []Write{PutOrganisation{c.Organisation}, PutAgreement{a}}, Receipt: r,
	})
}

// AgreementPage is a page of the versions of the conditions of use.
type AgreementPage struct {
	Versions []Agreement
	Next     string
}

// Agreements is such a page with those who put the versions in force and are still there, and what a further one would do.
type Agreements struct {
	AgreementPage
	Publishers map[UserID]User
	When       AgreementWhen
	// Accounts is how many there are that are not archived.
	Accounts int
}

// Agreements lists the versions of the conditions of use of the caller's organisation, newest first.
func (d *Directory) Agreements(ctx context.Context, c Caller, limit int, cursor string) (Agreements, error) {
	if err := c.Require(AgreementManage); err != nil {
		return Agreements{}, err
	}
	org := c.Organisation.Slug
	found := Agreements{When: c.Organisation.Policy.Agreement.When, Publishers: map[UserID]User{}}
	err := both(
		func() (err error) { found.AgreementPage, err = d.Store.Agreements(ctx, org, limit, cursor); return err },
		func() (err error) { found.Accounts, err = d.accounts(ctx, org); return err },
	)
	if err != nil {
		return Agreements{}, err
	}
	users, err := d.Store.UsersNamed(ctx, org, publishersOf(found.Versions))
	for _, u := range users {
		found.Publishers[u.ID] = u
	}
	return found, err
}

// publishersOf names each of them once.
func publishersOf(versions []Agreement) []UserID {
	var ids []UserID
	for _, a := range versions {
		if !slices.Contains(ids, a.PublishedBy) {
			ids = append(ids, a.PublishedBy)
		}
	}
	return ids
}
