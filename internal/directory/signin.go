package directory

import (
	"context"
	"errors"
	"time"
)

// nobody stands for a user who does not exist, so that an unknown name takes the same time as a wrong password.
const nobody UserID = "00000000000000000000000000"

// SignIn is somebody at the door with a password, or with a passkey and no name.
type SignIn struct {
	Org                Slug
	Username, Password string
	Known              Known  // who signed in before in the same browser
	Former             string // the text of the cookie of the session that the browser had so far
	From               Origin
}

// SignIn begins a session. It fails with ErrWrongPassword alike for an unknown organisation, an unknown name and a
// wrong password; with Locked after too many of them; and, for whoever has the right password, with Denied suspended,
// archived, expired or temporary_password_expired. The answer's Caller may have a challenge open; the Token is for the
// cookie.
func (d *Directory) SignIn(ctx context.Context, in SignIn) (Caller, Token, error) {
	a, err := d.knock(ctx, in)
	if err != nil {
		return Caller{}, Token{}, err
	}
	c, token, err := d.enterByPassword(ctx, a, in)
	return c, token, atDoor(a.org.Slug, err)
}

func (d *Directory) enterByPassword(ctx context.Context, a *attempt, in SignIn) (Caller, Token, error) {
	if err := a.org.takesPasswords(); err != nil {
		return Caller{}, Token{}, err
	}
	if b := a.bar(d.Now()); b != nil {
		return Caller{}, Token{}, d.barred(ctx, a.org, b)
	}
	right, err := d.verify(ctx, a, in.Password)
	if err != nil {
		return Caller{}, Token{}, err
	}
	if !right {
		return Caller{}, Token{}, d.fail(ctx, a, ErrWrongPassword, nil)
	}
	return d.begin(ctx, a, ByPassword, in.Password)
}

// takesPasswords fails where people sign in with an identity provider alone.
func (o Organisation) takesPasswords() error {
	if o.Slug == "" || o.Policy.SignIn.offers(ByPassword) {
		return nil
	}
	return o.keptElsewhere()
}

// knock finds the organisation and the user; either may come back as the zero value, which nobody can sign in to. What is
// read is the same whether the name is somebody's or not.
func (d *Directory) knock(ctx context.Context, in SignIn) (*attempt, error) {
	username := d.clean(in.Username)
	a := &attempt{guard: guardName(username), from: in.From, known: in.Known, former: in.Former}
	if !in.Org.Valid() || username == "" || len(username) > 4*MaxUsername {
		return a, nil
	}
	door, err := d.Store.Door(ctx, in.Org, FoldName(username))
	if KindOf(err) == NotFound {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	a.org = door.Organisation
	return a, d.recognise(ctx, a, door.Holder)
}

// recognise reads who has the name, what failed under it, and whether they are known in this browser.
func (d *Directory) recognise(ctx context.Context, a *attempt, holder UserID) error {
	token := a.known.of(a.org.Slug, holder)
	if holder == "" {
		holder = nobody
	} else {
		a.guard = User{ID: holder}.Guard()
	}
	u, b, failures, err := d.Store.Acquaintance(ctx, a.org.Slug, holder, token.session(), a.guard)
	if err != nil {
		return err
	}
	a.failures = failures
	if u.Version > 0 { // else nobody's, or deleted and its name never given away again
		a.user, a.browser = u, token.knownBrowser(b, d.Now())
	}
	return nil
}

// verify looks at the password; for a name that is nobody's it takes as long.
func (d *Directory) verify(ctx context.Context, a *attempt, password string) (bool, error) {
	id := a.user.ID
	if id == "" {
		id = nobody
	}
	err := d.Credentials.VerifyPassword(ctx, id, password)
	if errors.Is(err, ErrWrongPassword) {
		return false, nil
	}
	return err == nil && a.user.ID != "", err
}

// begin opens a session for somebody who has proved who they are, or says what keeps them out.
func (d *Directory) begin(ctx context.Context, a *attempt, by Method, password string) (Caller, Token, error) {
	token, err := newToken(a.org.Slug, a.user.ID, d.Random)
	if err != nil {
		return Caller{}, Token{}, err
	}
	var c Caller
	err = d.conclude(ctx, a, func() error {
		if refused := a.keptOut(by, d.Now()); refused != NoBarrier {
			return d.refuse(ctx, a, refused)
		}
		c = d.entrant(a, token, by, password)
		change, err := d.advance(&c)
		if err != nil {
			return err
		}
		change.Writes = append(append(change.Writes, a.outcome(c.Session)...), a.supersede()...)
		return d.takeOn(ctx, &c, change)
	})
	return c, token, err
}

// takeOn stores the change that takes the caller on. What the next challenge shows is read, or made, at the same time.
func (d *Directory) takeOn(ctx context.Context, c *Caller, change Change) error {
	store := func() error { return d.Store.Commit(ctx, change) }
	switch c.Session.Challenge() {
	case ChallengeAgreement:
		o := c.Organisation
		return both(store, func() error {
			if a, err := d.Store.Agreement(ctx, o.Slug, o.AgreementVersion); err == nil { // else it is read when it is shown
				c.agreement = &a
			}
			return nil
		})
	case ChallengeTOTPSetup: // only a new session meets it, so there is no secret yet
		if s, t, err := d.newSetup(ctx, *c); err == nil {
			c.setup, change.Writes = &s, append(change.Writes, PutTicket{t})
		}
	default:
	}
	return store()
}

// entrant is the caller that the attempt makes of its user.
func (d *Directory) entrant(a *attempt, token Token, by Method, password string) Caller {
	s := d.newSession(a.org, a.user, token, by)
	s.From, s.Browser = a.from, a.browser
	c := d.caller(a.org, a.user, s, a.from)
	c.token, c.Known = token, a.known
	if s.awaits(ChallengeNewPassword) {
		c.Session.PasswordMark = token.mark(d.Normal(password))
	}
	return c
}

// keptOut tells what keeps the attempt's user out.
func (a *attempt) keptOut(by Method, now time.Time) Barrier {
	if b := a.user.Barrier(now); b != NoBarrier {
		return b
	}
	if by == ByPassword && a.org.tooTemporary(a.user, now) {
		return BarrierTemporary
	}
	return NoBarrier
}

// tooTemporary tells whether the user's password is one to be replaced that opens the account no longer.
func (o Organisation) tooTemporary(u User, now time.Time) bool {
	days := o.Policy.Passwords.TemporaryDays
	return u.MustChangePassword && days > 0 && !now.Before(u.PasswordSetAt.AddDate(0, 0, days))
}

// refuse keeps somebody out who proved who they are, and writes it down.
func (d *Directory) refuse(ctx context.Context, a *attempt, b Barrier) error {
	entry := d.attemptEntry(a, SignInRefused)
	entry.Note = string(b)
	var helpers []Contact
	err := both(
		func() error {
			return d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: append(a.hold(), a.spends...)})
		},
		func() (err error) { helpers, err = d.Helpers(ctx, a.org); return err },
	)
	if err != nil {
		return err
	}
	return b.err(helpers)
}

// advance makes the change that stores the caller's session as it now is; when no challenge is left, the user is in.
func (d *Directory) advance(c *Caller) (Change, error) {
	var change Change
	if open := c.Session.Challenge(); open != "" {
		entry := d.entry(*c, SignInChallenged, c.User)
		entry.Note = string(open)
		change.Entries = []Entry{entry}
	} else {
		known, err := d.remember(c)
		if err != nil {
			return Change{}, err
		}
		c.User.signedIn(d.Now())
		entry := d.entry(*c, SignInSucceeded, c.User)
		entry.Note = string(c.Session.Method)
		change.Entries = []Entry{entry}
		change.Writes = known
		change.Writes = append(change.Writes, c.Organisation.Put(c.User))
	}
	change.Writes = append(change.Writes, PutSession{c.Session})
	c.Session.Version++
	return change, nil
}

// newSession works out what the user has still to do.
func (d *Directory) newSession(o Organisation, u User, t Token, by Method) Session {
	now := d.Now()
	s := Session{
		Org: o.Slug, User: u.ID, ID: t.session(), SecretHash: t.hash(), Epoch: u.SessionEpoch, CreatedAt: now,
		LastUsedAt: now, Idle: o.idle(u), EndsAt: now.Add(o.Policy.Sessions.Absolute()), Method: by, ProvedAt: now,
	}
	add := func(demanded bool, ch Challenge) {
		if demanded {
			s.Challenges = append(s.Challenges, ch)
		}
	}
	byPasskey := by == ByPasskey // which is two factors: the device and its owner's gesture
	add(u.Factors.TOTP && !byPasskey, ChallengeTOTP)
	add(!u.Factors.TOTP && u.Factors.Passkeys > 0 && !byPasskey, ChallengePasskey)
	add(by == ByPassword && o.mustChoosePassword(u, now), ChallengeNewPassword)
	add(!u.Factors.Any() && o.demandsSecondFactor(u, now), ChallengeTOTPSetup)
	add(o.mustAgree(u), ChallengeAgreement)
	return s
}

// idle is how long the user's sessions live without use.
func (o Organisation) idle(u User) time.Duration {
	if u.IdleMinutes > 0 {
		return time.Duration(u.IdleMinutes) * time.Minute
	}
	return o.Policy.Sessions.Idle()
}

// mustChoosePassword tells whether the password is one that somebody else has seen, or is too old.
func (o Organisation) mustChoosePassword(u User, now time.Time) bool {
	expiry := o.PasswordExpiry(u)
	return u.MustChangePassword || !expiry.IsZero() && !now.Before(expiry)
}

// PasswordExpiry is when the user has to choose a new password; zero: never.
func (o Organisation) PasswordExpiry(u User) time.Time {
	if days := o.Policy.Passwords.MaxAgeDays; days > 0 {
		return u.PasswordSetAt.AddDate(0, 0, days)
	}
	return time.Time{}
}

// demandsSecondFactor tells whether the policy wants the user to have a second factor.
func (o Organisation) demandsSecondFactor(u User, now time.Time) bool {
	if u.Exemption != nil && now.Before(u.Exemption.Until) {
		return false
	}
	switch o.Policy.SignIn.SecondFactor {
	case EverybodyMust:
		return true
	case AdministratorsMust:
		return o.IsAdministrator(u)
	default:
		return false
	}
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
	if c.Visit() != nil {
		return d.leave(ctx, c)
	}
	return d.Store.Commit(ctx, Change{Entries: []Entry{d.entry(c, SignedOut, c.User)}, Writes: []Write{EndSession{c.Session}}})
}
