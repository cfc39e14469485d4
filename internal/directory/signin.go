package directory

import (
	"context"
	"errors"
)

// nobody stands for a user who does not exist, so that an unknown name takes the same time as a wrong password.
const nobody UserID = "00000000000000000000000000"

// SignIn begins a session. It fails with ErrWrongPassword alike for an unknown organisation, an unknown name and a
// wrong password. The answer's Caller may have a challenge open; the Token is for the cookie.
func (d *Directory) SignIn(ctx context.Context, org Slug, username, password string, from Origin) (Caller, Token, error) {
	o, u, err := d.knock(ctx, org, d.clean(username))
	if err != nil {
		return Caller{}, Token{}, err
	}
	if err := d.verify(ctx, o, u, password, from); err != nil {
		return Caller{}, Token{}, err
	}
	return d.begin(ctx, o, u, password, from)
}

// knock finds the organisation and the user; either may come back as the zero value, which nobody can sign in to.
func (d *Directory) knock(ctx context.Context, org Slug, username string) (Organisation, User, error) {
	if !org.Valid() || username == "" || len(username) > 4*MaxUsername {
		return Organisation{}, User{}, nil
	}
	door, err := d.Store.Door(ctx, org, FoldName(username))
	if KindOf(err) == NotFound || err == nil && door.Holder == "" {
		return door.Organisation, User{}, nil
	}
	if err != nil {
		return Organisation{}, User{}, err
	}
	u, err := d.Store.User(ctx, org, door.Holder)
	if KindOf(err) == NotFound { // deleted, and its name is never given away again
		return door.Organisation, User{}, nil
	}
	return door.Organisation, u, err
}

// verify checks the password and writes down a failure.
func (d *Directory) verify(ctx context.Context, o Organisation, u User, password string, from Origin) error {
	id := u.ID
	if id == "" {
		id = nobody
	}
	err := d.Credentials.VerifyPassword(ctx, id, password)
	if err == nil && u.ID != "" && u.Status == Active {
		return nil
	}
	if err != nil && !errors.Is(err, ErrWrongPassword) {
		return err
	}
	if o.Slug == "" {
		return ErrWrongPassword
	}
	return errors.Join(ErrWrongPassword, d.noteFailure(ctx, o, u, from))
}

// noteFailure writes a failed sign-in down. A name that nobody holds is not kept: people type passwords there.
func (d *Directory) noteFailure(ctx context.Context, o Organisation, u User, from Origin) error {
	e := Entry{ID: d.NewID(), Org: o.Slug, At: d.Now(), Action: SignInFailed, Subject: partyOf(u), Actor: partyOf(u), From: from}
	if u.ID == "" {
		e.Note = "a username that nobody has"
	}
	return d.Store.Commit(ctx, Change{Entries: []Entry{e}})
}

func (d *Directory) begin(ctx context.Context, o Organisation, u User, password string, from Origin) (Caller, Token, error) {
	token, err := newToken(o.Slug, u.ID, d.Random)
	if err != nil {
		return Caller{}, Token{}, err
	}
	var c Caller
	err = d.again(ctx, u, func(u User) error {
		c = d.caller(o, u, d.newSession(o, u, token, from), from)
		c.token = token
		if c.Session.Challenge() == ChallengeNewPassword {
			c.Session.PasswordMark = token.mark(d.Normal(password))
		}
		return d.Store.Commit(ctx, d.advance(&c))
	})
	return c, token, err
}

// advance makes the change that stores the caller's session as it now is; when no challenge is left, the user is in.
func (d *Directory) advance(c *Caller) Change {
	change := Change{Writes: []Write{PutSession{c.Session}}}
	c.Session.Version++
	if open := c.Session.Challenge(); open != "" {
		entry := d.entry(*c, SignInChallenged, c.User)
		entry.Note = string(open)
		change.Entries = []Entry{entry}
		return change
	}
	c.User.LastSignInAt = d.Now()
	change.Entries = []Entry{d.entry(*c, SignInSucceeded, c.User)}
	change.Writes = append(change.Writes, PutUser{c.User})
	return change
}

// newSession works out what the user has still to do.
func (d *Directory) newSession(o Organisation, u User, t Token, from Origin) Session {
	now := d.Now()
	s := Session{
		Org: o.Slug, User: u.ID, ID: t.session(), SecretHash: t.hash(), Epoch: u.SessionEpoch, CreatedAt: now,
		LastUsedAt: now, Idle: o.Policy.Sessions.Idle(), EndsAt: now.Add(o.Policy.Sessions.Absolute()), From: from,
	}
	if u.MustChangePassword {
		s.Challenges = append(s.Challenges, ChallengeNewPassword)
	}
	if o.mustAgree(u) {
		s.Challenges = append(s.Challenges, ChallengeAgreement)
	}
	return s
}

// mustAgree tells whether the conditions of use are put before the user at this sign-in.
func (o Organisation) mustAgree(u User) bool {
	if o.AgreementVersion == 0 {
		return false
	}
	switch o.Policy.Agreement.When {
	case AgreementEachSignIn:
		return true
	case AgreementEachVersion:
		return u.AgreedVersion < o.AgreementVersion
	case AgreementOnce:
		return u.AgreedVersion == 0
	default:
		return false
	}
}

// SignOut ends the caller's session.
func (d *Directory) SignOut(ctx context.Context, c Caller) error {
	return d.Store.Commit(ctx, Change{Entries: []Entry{d.entry(c, SignedOut, c.User)}, Writes: []Write{EndSession{c.Session}}})
}
