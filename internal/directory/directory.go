package directory

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Directory is the domain's services over their ports. Its fields are set once, before use; it may then be used from
// many goroutines.
type Directory struct {
	Store       Store
	Credentials Credentials
	Presets     Presets
	Now         func() time.Time
	// NewID makes ids of lower-case letters and digits that sort by time.
	NewID  func() string
	Random io.Reader
	// Normal gives the canonical form of typed text (Unicode NFC), Latin its transliteration to ASCII.
	Normal, Latin func(string) string
}

// Caller is who makes a request, as far as it has been proved.
type Caller struct {
	Organisation Organisation
	User         User
	Session      Session
	Rights       []Right
	From         Origin
	token        Token
	about        map[UserID]User
}

// Authenticate finds out who presents a token, and with it reads the users that the request is about, all in one
// round trip. It fails with NotSignedIn when there is no such session or it has ended. A challenge may still be open:
// see Caller.Admitted.
func (d *Directory) Authenticate(ctx context.Context, text string, from Origin, about ...UserID) (Caller, error) {
	token, err := ParseToken(text)
	if err != nil {
		return Caller{}, err
	}
	p, err := d.Store.Presence(ctx, token.Org, token.User, token.session(), about...)
	if err != nil {
		return Caller{}, err
	}
	now := d.Now()
	if p.Session.Version == 0 || p.User.Version == 0 || p.Organisation.Version == 0 ||
		!token.opens(p.Session) || p.Session.over(p.User, now) || p.User.Status != Active {
		return Caller{}, errNotSignedIn
	}
	c := d.caller(p.Organisation, p.User, p.Session, from)
	c.token, c.about = token, p.About
	return c, d.touch(ctx, &c.Session, now)
}

func (d *Directory) caller(o Organisation, u User, s Session, from Origin) Caller {
	p, _ := d.Presets.Preset(o.Preset)
	return Caller{Organisation: o, User: u, Session: s, Rights: RightsOf(p.Rights, o, u), From: from}
}

func (d *Directory) touch(ctx context.Context, s *Session, now time.Time) error {
	if now.Sub(s.LastUsedAt) < touchAfter || s.Challenge() != "" {
		return nil
	}
	s.LastUsedAt = now
	return d.Store.Touch(ctx, *s)
}

// Admitted fails while a challenge is open.
func (c Caller) Admitted() error {
	open := c.Session.Challenge()
	if open == "" {
		return nil
	}
	return &Error{
		Kind: Denied, Code: "challenge_pending", Facts: map[string]any{"challenge": string(open)},
		Detail: "Something has to be done first before you can go on.",
	}
}

// Sees fails with NotFound unless the user, who was asked for with the session, belongs to the caller's organisation.
func (c Caller) Sees(id UserID) error {
	if c.about[id].Version == 0 {
		return ErrNotFound
	}
	return nil
}

// Require fails unless the caller is admitted and holds the right.
func (c Caller) Require(right Right) error {
	if err := c.Admitted(); err != nil {
		return err
	}
	if slices.Contains(c.Rights, right) {
		return nil
	}
	return &Error{
		Kind: Denied, Code: "missing_right", Facts: map[string]any{"right": string(right)},
		Detail: fmt.Sprintf("Your account does not have the right %q. An administrator of %s can help.", right, c.Organisation.Name),
	}
}

// requireOperator fails unless the caller runs the platform.
func (c Caller) requireOperator() error {
	if err := c.Require(OrganisationsManage); err != nil {
		return err
	}
	if c.Organisation.Slug != OperatorSlug {
		return &Error{
			Kind: Denied, Code: "missing_right", Facts: map[string]any{"right": string(OrganisationsManage)},
			Detail: "Only the platform's operators may do this.",
		}
	}
	return nil
}

// Areas shows every area of the caller's organisation, open or closed to the caller.
func (d *Directory) Areas(c Caller) []OpenArea {
	p, _ := d.Presets.Preset(c.Organisation.Preset)
	return AreasOf(p.Areas, c.Rights, c.Organisation.Language)
}

// entry begins a line of the audit trail about a subject.
func (d *Directory) entry(c Caller, action Action, subject User) Entry {
	actor := partyOf(c.User)
	if c.User.ID == "" {
		actor = System
	}
	return Entry{
		ID: d.NewID(), Org: subject.Org, At: d.Now(), Action: action, Actor: actor, Subject: partyOf(subject), From: c.From,
	}
}

// letter begins a mail to a user.
func (d *Directory) letter(o Organisation, to User, t Template) Mail {
	return Mail{
		ID: d.NewID(), Org: o.Slug, OrganisationName: o.Name, User: to.ID, ToName: to.Name(), ToEmail: to.Email,
		Template: t, Category: AccountMail, Language: o.Language, CreatedAt: d.Now(),
		Data: map[string]string{
			"givenName": to.GivenName, "username": to.Username, "organisationName": o.Name, "organisation": string(o.Slug),
		},
	}
}

// clean brings one typed line into canonical form.
func (d *Directory) clean(typed string) string { return CleanLine(d.Normal(typed)) }

// user returns a user of the caller's organisation, from what was read with the session if it is there.
func (d *Directory) user(ctx context.Context, c Caller, id UserID) (User, error) {
	if u, read := c.about[id]; read && u.Version > 0 {
		return u, nil
	}
	if _, asked := c.about[id]; asked || !id.Valid() {
		return User{}, ErrNotFound
	}
	return d.Store.User(ctx, c.Organisation.Slug, id)
}

// managed returns a user that the caller may change. Whoever has rights that the caller does not is out of reach: with a new
// password, or another address, those rights would be the caller's.
func (d *Directory) managed(ctx context.Context, c Caller, id UserID) (User, error) {
	if err := c.Require(UsersManage); err != nil {
		return User{}, err
	}
	u, err := d.user(ctx, c, id)
	if err != nil || id == c.User.ID {
		return u, err
	}
	right := c.giver().lacks(RightsOf(d.Catalogue(c), c.Organisation, u))
	if right == "" {
		return u, nil
	}
	return User{}, &Error{
		Kind: Denied, Code: "missing_right", Facts: map[string]any{"right": string(right)},
		Detail: u.Name() + " has the right " + string(right) + ", which you do not have. Please ask somebody who has it.",
	}
}

// again does something with a user and, while others change the user at the same moment, with the newest state.
func (d *Directory) again(ctx context.Context, u User, do func(User) error) error {
	err := do(u)
	for range 4 {
		if KindOf(err) != Stale {
			return err
		}
		if u, err = d.Store.User(ctx, u.Org, u.ID); err != nil {
			return err
		}
		err = do(u)
	}
	return err
}

// expect fails with Stale unless the version is the one the caller saw; nil expects nothing.
func expect(seen *int64, version int64) error {
	if seen != nil && *seen != version {
		return ErrStale
	}
	return nil
}

// FoldName is the form in which usernames are compared: nobody tells "DSmit1259" from "dsmit1259" on the telephone.
func FoldName(username string) string { return strings.ToLower(strings.TrimSpace(username)) }
