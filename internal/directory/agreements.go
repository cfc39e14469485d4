package directory

import (
	"context"
	"fmt"
)

// MaxAgreement bounds each of the two texts of the conditions of use, in characters.
const MaxAgreement = 40000

// Agreement returns the conditions of use that are in force for the caller's organisation, also while they are still
// to be accepted. NotFound where there are none.
func (d *Directory) Agreement(ctx context.Context, c Caller) (Agreement, error) {
	if open := c.Session.Challenge(); open != "" && open != ChallengeAgreement {
		return Agreement{}, c.Admitted()
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

// PublishAgreement puts a new version of the conditions of use in force. Whoever is signed in goes on; the policy says
// who is asked at the next sign-in.
func (d *Directory) PublishAgreement(ctx context.Context, c Caller, text AgreementText, o Once) (Agreement, error) {
	if err := c.Require(AgreementManage); err != nil {
		return Agreement{}, err
	}
	var wrong checks
	text = AgreementText{Short: d.Normal(text.Short), Long: d.Normal(text.Long)}
	wrong.text("short", text.Short, MaxAgreement, true)
	wrong.text("long", text.Long, MaxAgreement, true)
	if err := wrong.err(); err != nil {
		return Agreement{}, err
	}
	return once(ctx, d, c, "publishAgreement", o, func(r *Receipt) (Agreement, error) { return d.publish(ctx, c, text, r) })
}

func (d *Directory) publish(ctx context.Context, c Caller, text AgreementText, r *Receipt) (Agreement, error) {
	c.Organisation.AgreementVersion++
	a := Agreement{
		Org: c.Organisation.Slug, Version: c.Organisation.AgreementVersion, Text: text,
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
