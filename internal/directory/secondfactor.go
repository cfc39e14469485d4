package directory

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// MeetCode answers the challenge totp with a code of the authenticator app, and that or passkey with a recovery code.
// Wrong ones count like wrong passwords. It fails with wrong_code and with Locked, which ends the session.
func (d *Directory) MeetCode(ctx context.Context, c Caller, code string) (Caller, error) {
	if err := c.facingFactor(); err != nil {
		return c, err
	}
	f, failures, err := d.Store.Proofs(ctx, c.User.Org, c.User.ID, c.User.Guard())
	if err != nil {
		return c, err
	}
	a := &attempt{
		org: c.Organisation, user: c.User, guard: c.User.Guard(), browser: c.Session.Browser, from: c.From,
		known: c.Known, failures: failures,
	}
	a.reload = func(ctx context.Context) (err error) {
		f, _, err = d.Store.Proofs(ctx, c.User.Org, c.User.ID, a.guard)
		return err
	}
	in := c
	err = d.conclude(ctx, a, func() error {
		used, recovered, err := d.useCode(ctx, f, code)
		if err != nil {
			return err
		}
		in = c
		in.User = a.user
		return d.passFactor(ctx, a, &in, used, recovered)
	})
	if errors.Is(err, errWrongCode) {
		return c, d.fail(ctx, a, errWrongCode, &c.Session)
	}
	return in, err
}

// facingFactor fails unless a second factor is what the caller has to show next.
func (c Caller) facingFactor() error {
	if c.Session.Challenge() == ChallengePasskey {
		return nil
	}
	return c.facing(ChallengeTOTP)
}

// passFactor takes the caller on who has shown a second factor.
func (d *Directory) passFactor(ctx context.Context, a *attempt, c *Caller, f Factors, recovered bool) error {
	c.Session.Challenges = c.Session.without(c.Session.Challenge())
	c.User.Factors = f.summary()
	change, err := d.advance(c)
	if err != nil {
		return err
	}
	if recovered {
		d.tellOfRecovery(*c, &change)
	}
	if c.Session.Challenge() != "" { // then the user is not among the writes yet
		change.Writes = append(change.Writes, c.Organisation.Put(c.User))
	}
	change.Writes = append(append(change.Writes, PutFactors{f}, SpendFailures{a.failures}), a.spends...)
	err = d.takeOn(ctx, c, change)
	c.User.Version++
	return err
}

// tellOfRecovery adds to a change that a recovery code was used up, and how many are left.
func (d *Directory) tellOfRecovery(c Caller, change *Change) {
	entry := d.entry(c, RecoveryCodeUsed, c.User)
	left := strconv.Itoa(c.User.Factors.RecoveryCodes)
	entry.Note = left + " left"
	told := d.letter(c.Organisation, c.User, RecoveryCodeUsedMail)
	told.Data["left"] = left
	change.Entries, change.Mails = append(change.Entries, entry), append(change.Mails, told)
}

// freshFor is how long a proof of who one is is good for what changes how one proves it (OWASP ASVS 5.0, 7.5.1).
const freshFor = 15 * time.Minute

// justProved fails unless the caller is admitted and has lately shown a password, a code or a passkey.
func (c Caller) justProved(now time.Time) error {
	if err := c.Admitted(); err != nil {
		return err
	}
	if c.Visit() != nil {
		return errNotForSupport
	}
	if now.Before(c.Session.ProvedAt.Add(freshFor)) {
		return nil
	}
	return &Error{
		Kind: Denied, Code: "confirmation_required",
		Detail: "Please confirm that it is you, with your password or your second factor, or sign in again.",
	}
}

// handsOn is ownHands for what changes how a user signs in, and asks for a fresh proof where that is oneself.
func (c Caller) handsOn(id UserID, now time.Time) error {
	if id == c.User.ID {
		return c.justProved(now)
	}
	return c.ownHands()
}

// Confirm has the caller show the password, or a code, once more, for what needs a fresh proof. Wrong ones count. It
// fails with wrong_password, wrong_code and Locked.
func (d *Directory) Confirm(ctx context.Context, c Caller, password, code string) (Caller, error) {
	if err := c.ownHands(); err != nil {
		return c, err
	}
	if password == "" && code == "" {
		var wrong checks
		wrong.add("password", rule.NoProof)
		return c, wrong.err()
	}
	if code != "" {
		return d.confirmByCode(ctx, c, code)
	}
	a, err := d.checkCurrent(ctx, c, "password", password)
	if err != nil {
		return c, err
	}
	a.reload = d.refreshing(&c)
	in := c
	err = d.conclude(ctx, a, func() error {
		in = c
		return d.proved(ctx, &in, "password", Change{Writes: a.hold()})
	})
	return in, err
}

func (d *Directory) confirmByCode(ctx context.Context, c Caller, code string) (Caller, error) {
	a, err := d.attemptOf(ctx, c)
	if err != nil {
		return c, err
	}
	a.reload = d.refreshing(&c)
	in := c
	err = d.conclude(ctx, a, func() error {
		f, _, err := d.Store.Proofs(ctx, c.User.Org, c.User.ID, a.guard)
		if err != nil {
			return err
		}
		used, recovered, err := d.useCode(ctx, f, code)
		if err != nil {
			return err
		}
		by := "code"
		if recovered {
			by = byRecoveryCode
		}
		in = c
		in.User = a.user
		return d.provedByFactor(ctx, a, &in, used, by)
	})
	if errors.Is(err, errWrongCode) {
		return c, d.fail(ctx, a, errWrongCode, &c.Session)
	}
	return in, err
}

// provedByFactor notes it together with the use of the factor, unless a failure came in between.
func (d *Directory) provedByFactor(ctx context.Context, a *attempt, c *Caller, f Factors, by string) error {
	c.User.Factors = f.summary()
	change := Change{Writes: append(append(a.hold(), c.Organisation.Put(c.User), PutFactors{f}), a.spends...)}
	if by == byRecoveryCode {
		d.tellOfRecovery(*c, &change)
	}
	err := d.proved(ctx, c, by, change)
	c.User.Version++
	return err
}

const byRecoveryCode = "recovery code"

// proved notes that the caller has just shown who they are, together with what else that changes.
func (d *Directory) proved(ctx context.Context, c *Caller, by string, change Change) error {
	c.Session.ProvedAt = d.Now()
	entry := d.entry(*c, IdentityConfirmed, c.User)
	entry.Note = by
	change.Entries, change.Writes = append(change.Entries, entry), append(change.Writes, PutSession{c.Session})
	err := d.Store.Commit(ctx, change)
	c.Session.Version++
	return err
}

// ResetFactors takes all second factors of a user away who has lost them; sessions end and a mail tells of it. The user
// signs in with the password alone, and sets a new one up where the policy demands it. Not one's own: Conflict
// cannot_change_self. It fails with NotFound, and with no_second_factor when there is none.
func (d *Directory) ResetFactors(ctx context.Context, c Caller, id UserID) (User, error) {
	u, err := d.credentialsOf(ctx, c, id)
	if err != nil {
		return User{}, err
	}
	if id == c.User.ID {
		return User{}, errOwnAccount
	}
	return d.changing(ctx, u, nil, func(u User) (User, error) {
		if !u.Factors.Any() {
			return User{}, &Error{Kind: Conflict, Code: "no_second_factor", Detail: u.Name() + " has no second factor."}
		}
		u.Factors = FactorSummary{}
		u.endSessions()
		told := d.letter(c.Organisation, u, SecondFactorResetMail)
		told.Data["administrators"] = c.User.Name()
		err := d.Store.Commit(ctx, Change{
			Entries: []Entry{d.entry(c, SecondFactorReset, u)}, Mails: []Mail{told},
			Writes: []Write{c.Organisation.Put(u), RemoveFactors{u.Org, u.ID}, ForgetFailures{u.Org, u.Guard()}},
		})
		u.Version++
		return u, err
	})
}

// maxExemption bounds how far ahead an exemption may end.
const maxExemption = 366 * 24 * time.Hour

// Exempt frees a user, for a time and with a reason, from a second factor that the policy demands; nil takes it back. Not
// oneself. It fails with Invalid, NotFound and Stale.
func (d *Directory) Exempt(ctx context.Context, c Caller, id UserID, e *Exemption, seen *int64) (User, error) {
	u, err := d.credentialsOf(ctx, c, id)
	if err != nil {
		return User{}, err
	}
	if id == c.User.ID {
		return User{}, errOwnAccount
	}
	if e, err = d.checkExemption(c, e); err != nil {
		return User{}, err
	}
	return d.changing(ctx, u, seen, func(u User) (User, error) {
		entry := d.entry(c, SecondFactorExempted, u)
		entry.Note = "taken back"
		if e != nil {
			entry.Note = fmt.Sprintf("until %s: %s", e.Until.Format(time.DateOnly), e.Reason)
		}
		u.Exemption = e
		err := d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{c.Organisation.Put(u)}})
		u.Version++
		return u, err
	})
}

func (d *Directory) checkExemption(c Caller, e *Exemption) (*Exemption, error) {
	if e == nil {
		return nil, nil //nolint:nilnil // nothing to check is no error
	}
	checked := Exemption{Reason: d.clean(e.Reason), Until: e.Until.UTC().Truncate(time.Second), By: c.User.ID}
	var wrong checks
	wrong.text("reason", checked.Reason, MaxSubject, false)
	if now := d.Now(); !checked.Until.After(now) || checked.Until.After(now.Add(maxExemption)) {
		wrong.add("until", rule.WithinYear)
	}
	return &checked, wrong.err()
}
