package directory

import (
	"cmp"
	"context"
	"crypto/hmac"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// NewPassword is a password as its owner chose it, typed twice.
type NewPassword struct{ Password, Repeat string }

// Shown is a secret to be handed over in person: it is in the answer once and nowhere else. "" on a repeated answer.
type Shown string

// String keeps it out of logs.
func (Shown) String() string { return "…" }

// MeetNewPassword answers the challenge newPassword. When the policy has the user sign in once more, now with the new
// password, the session ends and the Token is the zero value; otherwise a new session takes the old one's place. It
// fails with Invalid, naming every broken rule.
func (d *Directory) MeetNewPassword(ctx context.Context, c Caller, n NewPassword) (Caller, Token, error) {
	if err := c.facing(ChallengeNewPassword); err != nil {
		return c, Token{}, err
	}
	same := hmac.Equal(c.token.mark(d.Normal(n.Password)), c.Session.PasswordMark)
	old, err := d.checkPassword(ctx, c.Organisation, c.User, n, same)
	if err != nil {
		return c, Token{}, err
	}
	again := c.Organisation.Policy.SignIn.AgainAfterNewPassword
	return d.choosePassword(ctx, c, n.Password, old, !again)
}

// choosePassword sets the caller's password, ends all of the caller's sessions and, if stay is set, begins a new one
// with the challenges that are still open.
func (d *Directory) choosePassword(
	ctx context.Context, c Caller, password string, old *OldPasswords, stay bool, on ...Write,
) (Caller, Token, error) {
	var token Token
	session, kept := c.Session, c
	if stay {
		var err error
		if token, err = newToken(c.Organisation.Slug, c.User.ID, d.Random); err != nil {
			return c, Token{}, err
		}
	}
	err := d.changeCredential(ctx, c.User, password, nil, func(i Intent) error {
		return d.again(ctx, c.User, func(u User) error {
			c = kept
			c.User, c.Session = u, session
			change, err := d.passwordChange(&c, token, i)
			if err != nil {
				return err
			}
			change.Writes = append(change.Writes, old.writes()...)
			return d.takeOn(ctx, &c, change)
		})
	}, on...)
	return c, token, err
}

// passwordChange makes the change that says the caller chose a new password. A mail tells of it, without the password.
func (d *Directory) passwordChange(c *Caller, token Token, i Intent) (Change, error) {
	c.User.takesPassword(d.Now())
	change := Change{Mails: []Mail{d.letter(c.Organisation, c.User, PasswordChangedMail)}}
	// What was guessed before was another password, and whoever changes this one knows it: the row of wrong ones ends.
	change.Writes = []Write{CloseIntent{i}, EndSession{c.Session}, ForgetFailures{c.User.Org, c.User.Guard()}}
	change.Entries = []Entry{d.entry(*c, PasswordChanged, c.User)}
	if token != (Token{}) {
		further, err := d.goOn(c, token)
		if err != nil {
			return Change{}, err
		}
		change.Entries, change.Writes = append(change.Entries, further.Entries...), append(change.Writes, further.Writes...)
	}
	change.Writes = append(change.Writes, c.Organisation.Put(c.User))
	return change, nil
}

// takesPassword notes that the user has a new password of their own choice; all sessions end.
func (u *User) takesPassword(now time.Time) {
	u.MustChangePassword, u.PasswordSetAt, u.ExpiryMails = false, now, 0
	u.endSessions()
}

// goOn begins the session that takes the place of the caller's; the user is not among the writes.
func (d *Directory) goOn(c *Caller, token Token) (Change, error) {
	var change Change
	old := c.Session
	s := d.newSession(c.Organisation, c.User, token, old.Method)
	s.From, s.Browser, s.Challenges = c.From, old.Browser, old.without(ChallengeNewPassword)
	s.ElevatedUntil, s.Elevation = old.ElevatedUntil, old.Elevation
	c.Session, c.token = s, token
	if old.Challenge() != "" && s.Challenge() == "" {
		known, err := d.remember(c)
		if err != nil {
			return Change{}, err
		}
		c.User.signedIn(d.Now())
		change.Entries, change.Writes = []Entry{d.entry(*c, SignInSucceeded, c.User)}, known
	}
	change.Writes = append(change.Writes, PutSession{c.Session})
	c.Session.Version++
	return change, nil
}

// facing fails unless c is the challenge the caller has to meet next.
func (c Caller) facing(ch Challenge) error {
	if c.Session.Challenge() == ch {
		return nil
	}
	if err := c.Admitted(); err != nil {
		return err
	}
	return &Error{Kind: Conflict, Code: "no_such_challenge", Detail: "This step is not open; nothing has to be done here."}
}

// ChangeOwnPassword replaces the caller's password. All of the caller's sessions end and a new one, for the Token, takes
// the place of this one. It fails with Invalid, also when the current password is wrong, with Locked after too many wrong
// ones, and with Conflict password_kept_elsewhere for who signs in with an identity provider.
func (d *Directory) ChangeOwnPassword(ctx context.Context, c Caller, current string, n NewPassword) (Caller, Token, error) {
	if err := c.ownHands(); err != nil {
		return c, Token{}, err
	}
	if c.Session.Method == ByFederated || !c.Organisation.Policy.SignIn.offers(ByPassword) {
		return c, Token{}, c.Organisation.keptElsewhere()
	}
	old, err := d.checkPassword(ctx, c.Organisation, c.User, n, d.Normal(current) == d.Normal(n.Password))
	if err != nil {
		return c, Token{}, err
	}
	a, err := d.checkCurrent(ctx, c, "currentPassword", current)
	if err != nil {
		return c, Token{}, err
	}
	after, token := c, Token{}
	err = d.conclude(ctx, a, func() (err error) {
		after, token, err = d.choosePassword(ctx, c, n.Password, old, true, a.hold()...)
		return err
	})
	return after, token, err
}

// checkCurrent looks at the caller's present password, which somebody at an unattended computer could try to guess: wrong
// ones count, and too many end the session. What a right one is good for has to be concluded with the attempt, so that it
// counts only if no failure came in between.
func (d *Directory) checkCurrent(ctx context.Context, c Caller, field, current string) (*attempt, error) {
	a, err := d.attemptOf(ctx, c)
	if err != nil {
		return nil, err
	}
	if b := a.bar(d.Now()); b != nil {
		return nil, d.barred(ctx, a.org, b)
	}
	right, err := d.verify(ctx, a, current)
	if right || err != nil {
		return a, err
	}
	return nil, d.fail(ctx, a, &Error{
		Kind: Invalid, Code: "wrong_password", Detail: "The present password is not right.",
		Fields: []FieldError{{Field: field, Broken: rule.PasswordWrong.Broken()}},
	}, &c.Session)
}

// Reset is the outcome of an administrator's reset: a temporary password to be handed over, or a mail on its way.
type Reset struct {
	User     User
	Password Shown
	Mailed   bool
}

// ResetPassword gives a user of the caller's organisation a temporary password, which is shown to the caller once, or the
// organisation's standard code, or mails a link to choose one: as the policy says. The user must choose a new password at
// the next sign-in, all the user's sessions end, a bar is lifted, and a mail says that it happened. One's own wants a fresh
// proof. It fails with NotFound, and with Conflict: password_kept_elsewhere, wrong_status for an archived account.
func (d *Directory) ResetPassword(ctx context.Context, c Caller, id UserID) (Reset, error) {
	u, err := d.credentialsOf(ctx, c, id)
	if err == nil {
		err = c.handsOn(id, d.Now())
	}
	if err == nil && u.Status == Archived { // a password that opens nothing is not to be handed over
		err = u.wrongStatus()
	}
	if err != nil {
		return Reset{}, err
	}
	o := c.Organisation
	if !o.Policy.SignIn.offers(ByPassword) {
		return Reset{}, o.keptElsewhere()
	}
	mailed := o.Policy.Passwords.Reset == ResetEmail
	password, err := d.firstPassword(ctx, o)
	if err != nil {
		return Reset{}, err
	}
	reset := Reset{Password: Shown(password), Mailed: mailed}
	if mailed {
		reset.Password = ""
	}
	err = d.changeCredential(ctx, u, password, nil, func(i Intent) error {
		return d.again(ctx, u, func(u User) error {
			reset.User = u
			return d.Store.Commit(ctx, d.passwordReset(c, &reset, i))
		})
	})
	return reset, err
}

// ResetKind is what a reset does now: the standard code is set once there is one.
func (o Organisation) ResetKind() ResetKind {
	if o.Policy.Passwords.Reset == ResetStandardCode && len(o.StandardCode) == 0 {
		return ResetTemporary
	}
	return cmp.Or(o.Policy.Passwords.Reset, ResetTemporary)
}

// firstPassword is what a new user, or one whose password is reset, begins with.
func (d *Directory) firstPassword(ctx context.Context, o Organisation) (string, error) {
	if o.ResetKind() == ResetStandardCode {
		code, err := d.Sealer.Open(ctx, sealLabel("standardCode", o.Slug, ""), o.StandardCode)
		return string(code), err
	}
	return o.Policy.Passwords.Generate(d.Random)
}

func (d *Directory) passwordReset(c Caller, r *Reset, i Intent) Change {
	r.User.MustChangePassword = true
	r.User.PasswordSetAt = d.Now()
	r.User.endSessions()
	told := d.letter(c.Organisation, r.User, PasswordResetMail)
	told.Data["administrators"] = c.User.Name()
	if r.Mailed {
		told = d.linkLetter(c.Organisation, r.User, PasswordResetLinkMail)
	}
	change := Change{
		Entries: []Entry{d.entry(c, PasswordReset, r.User)}, Mails: []Mail{told},
		Writes: []Write{c.Organisation.Put(r.User), CloseIntent{i}, ForgetFailures{r.User.Org, r.User.Guard()}},
	}
	r.User.Version++
	return change
}
