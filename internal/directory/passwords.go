package directory

import (
	"context"
	"crypto/hmac"
	"errors"
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
	if err := d.checkPassword(c.Organisation, n, same); err != nil {
		return c, Token{}, err
	}
	again := c.Organisation.Policy.SignIn.AgainAfterNewPassword
	return d.choosePassword(ctx, c, n.Password, !again)
}

// choosePassword sets the caller's password, ends all of the caller's sessions and, if stay is set, begins a new one
// with the challenges that are still open.
func (d *Directory) choosePassword(ctx context.Context, c Caller, password string, stay bool) (Caller, Token, error) {
	var token Token
	old := c.Session
	if stay {
		var err error
		if token, err = newToken(c.Organisation.Slug, c.User.ID, d.Random); err != nil {
			return c, Token{}, err
		}
	}
	err := d.changeCredential(ctx, c.User, password, func(i Intent) error {
		return d.again(ctx, c.User, func(u User) error {
			c.User, c.Session = u, old
			return d.Store.Commit(ctx, d.passwordChange(&c, token, i))
		})
	})
	return c, token, err
}

// passwordChange makes the change that says the caller chose a new password. A mail tells of it, without the password.
func (d *Directory) passwordChange(c *Caller, token Token, i Intent) Change {
	c.User.MustChangePassword = false
	c.User.PasswordSetAt = d.Now()
	c.User.endSessions()
	change := Change{Mails: []Mail{d.letter(c.Organisation, c.User, PasswordChangedMail)}}
	change.Writes = []Write{CloseIntent{i}, EndSession{c.Session}}
	change.Entries = []Entry{d.entry(*c, PasswordChanged, c.User)}
	if token != (Token{}) {
		s := d.newSession(c.Organisation, c.User, token, c.From)
		s.Challenges = c.Session.without(ChallengeNewPassword)
		if c.Session.Challenge() != "" && s.Challenge() == "" {
			c.User.LastSignInAt = d.Now()
			change.Entries = append(change.Entries, d.entry(*c, SignInSucceeded, c.User))
		}
		c.Session, c.token = s, token
		change.Writes = append(change.Writes, PutSession{s})
		c.Session.Version++
	}
	change.Writes = append(change.Writes, PutUser{c.User})
	return change
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

func (d *Directory) checkPassword(o Organisation, n NewPassword, same bool) error {
	var c checks
	o.Policy.Passwords.check(&c, n.Password, n.Repeat)
	if same {
		c.add("newPassword", "must be another one than the present password")
	}
	return c.err()
}

// ChangeOwnPassword replaces the caller's password. All of the caller's sessions end and a new one, for the Token, takes
// the place of this one. It fails with Invalid, also when the current password is wrong.
func (d *Directory) ChangeOwnPassword(ctx context.Context, c Caller, current string, n NewPassword) (Caller, Token, error) {
	if err := c.Admitted(); err != nil {
		return c, Token{}, err
	}
	if err := d.checkPassword(c.Organisation, n, d.Normal(current) == d.Normal(n.Password)); err != nil {
		return c, Token{}, err
	}
	if err := d.checkCurrent(ctx, c, current); err != nil {
		return c, Token{}, err
	}
	return d.choosePassword(ctx, c, n.Password, true)
}

func (d *Directory) checkCurrent(ctx context.Context, c Caller, current string) error {
	err := d.Credentials.VerifyPassword(ctx, c.User.ID, current)
	if !errors.Is(err, ErrWrongPassword) {
		return err
	}
	entry := d.entry(c, SignInFailed, c.User)
	entry.Note = "the present password was wrong when choosing a new one"
	wrong := &Error{
		Kind: Invalid, Code: "wrong_password", Detail: "The present password is not right.",
		Fields: []FieldError{{Field: "currentPassword", Message: "is not right; please type your present password"}},
	}
	return errors.Join(wrong, d.Store.Commit(ctx, Change{Entries: []Entry{entry}}))
}

// ResetPassword gives a user of the caller's organisation a temporary password, which is shown to the caller once.
// The user must change it at the next sign-in, all the user's sessions end, and a mail says that it happened. It fails
// with NotFound.
func (d *Directory) ResetPassword(ctx context.Context, c Caller, id UserID) (User, Shown, error) {
	u, err := d.managed(ctx, c, id)
	if err != nil {
		return User{}, "", err
	}
	password, err := c.Organisation.Policy.Passwords.Generate(d.Random)
	if err != nil {
		return User{}, "", err
	}
	var reset User
	err = d.changeCredential(ctx, u, password, func(i Intent) error {
		return d.again(ctx, u, func(u User) error {
			reset = u
			return d.Store.Commit(ctx, d.passwordReset(c, &reset, i))
		})
	})
	return reset, Shown(password), err
}

func (d *Directory) passwordReset(c Caller, u *User, i Intent) Change {
	u.MustChangePassword = true
	u.PasswordSetAt = d.Now()
	u.endSessions()
	told := d.letter(c.Organisation, *u, PasswordResetMail)
	told.Data["administrators"] = c.User.Name()
	change := Change{
		Entries: []Entry{d.entry(c, PasswordReset, *u)}, Writes: []Write{PutUser{*u}, CloseIntent{i}}, Mails: []Mail{told},
	}
	u.Version++
	return change
}
