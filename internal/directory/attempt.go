package directory

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// attempt is one try to prove who one is by something that could be guessed.
type attempt struct {
	org      Organisation
	user     User      // the zero User: nobody has the name
	guard    string    // what failures are counted under
	browser  SessionID // the known browser it comes from; "" for a stranger's
	known    Known
	former   string // see SignIn
	failures Failures
	from     Origin
	reload   func(context.Context) error // beyond failures and user; nil: nothing
	beside   []Write                     // what a success stores too
	spends   []Write                     // what it uses up, whatever comes of it
	sure     bool                        // it cannot be guessed: neither counted nor barred
	failing  Action                      // what the trail calls a failure; "": that of a sign-in
}

func (a *attempt) bar(now time.Time) *Bar {
	if a.sure {
		return nil
	}
	return a.failures.bar(a.org.Policy.SignIn.Lockout, a.browser, now)
}

// outcome is what a success stores of the attempt. Failures are forgotten once the second factor is shown too.
func (a *attempt) outcome(s Session) []Write {
	beside := slices.Concat(a.beside, a.spends)
	switch {
	case s.awaits(ChallengeTOTP) || s.awaits(ChallengePasskey):
		return append(a.hold(), beside...)
	case a.sure:
		return append(beside, ForgetFailures{a.org.Slug, a.guard})
	default:
		return append(beside, SpendFailures{a.failures})
	}
}

// hold makes an outcome count only if no failure came in between.
func (a *attempt) hold() []Write {
	if a.sure {
		return nil
	}
	return []Write{HoldFailures{a.failures}}
}

// supersede ends the session that the browser had so far: the new one takes its place (OWASP ASVS 5.0, 7.2.4).
func (a *attempt) supersede() []Write {
	t, err := ParseToken(a.former)
	if err != nil {
		return nil
	}
	return []Write{EndSession{Session{Org: t.home(), User: t.User, ID: t.session()}}}
}

// attemptOf is a further attempt of somebody who has a session; what is guessed counts for the username.
func (d *Directory) attemptOf(ctx context.Context, c Caller) (*attempt, error) {
	a := &attempt{
		org: c.Organisation, user: c.User, guard: c.User.Guard(), browser: c.Session.Browser, from: c.From, known: c.Known,
	}
	if c.failures != nil {
		a.failures = *c.failures
		return a, nil
	}
	var err error
	a.failures, err = d.Store.Failures(ctx, a.org.Slug, a.guard)
	return a, err
}

// conclude stores an outcome, on the condition that the failures are still those that it was judged by. When they are not,
// or the user was changed in between, it looks again; each round somebody else's attempt was counted, so this ends soon.
func (d *Directory) conclude(ctx context.Context, a *attempt, store func() error) error {
	for range a.org.Policy.SignIn.Lockout.Threshold + 5 {
		if b := a.bar(d.Now()); b != nil {
			return d.barred(ctx, a.org, b)
		}
		err := store()
		if KindOf(err) != Stale {
			return err
		}
		if err := d.lookAgain(ctx, a); err != nil {
			return err
		}
	}
	return NewBusy("sign-in", time.Second, nil)
}

func (d *Directory) lookAgain(ctx context.Context, a *attempt) (err error) {
	if a.failures, err = d.Store.Failures(ctx, a.org.Slug, a.guard); err != nil || a.user.ID == "" {
		return err
	}
	a.user, err = d.Store.User(ctx, a.org.Slug, a.user.ID)
	if KindOf(err) == NotFound {
		return ErrWrongPassword // deleted at this very moment
	}
	if err != nil || a.reload == nil {
		return err
	}
	return a.reload(ctx)
}

// refreshing is a reload for what writes the caller's session: another request of the same browser may have written it at
// the same instant.
func (d *Directory) refreshing(c *Caller) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		c.Session, err = d.sessionNow(ctx, *c)
		return err
	}
}

// fail counts a failure and returns wrong, which says what was wrong. A session that is given ends when this failure
// brings the bar about.
func (d *Directory) fail(ctx context.Context, a *attempt, wrong error, s *Session) error {
	if a.org.Slug == "" {
		return wrong
	}
	err := d.conclude(ctx, a, func() error {
		f := a.failures.failed(a.org.Policy.SignIn.Lockout, a.browser, d.Now())
		return d.Store.Commit(ctx, d.failure(a, f, wrong, s))
	})
	if err != nil {
		return err
	}
	return wrong
}

// failure writes a failure down. A name that nobody holds is not kept: people type passwords there.
func (d *Directory) failure(a *attempt, f Failures, wrong error, s *Session) Change {
	entry := d.attemptEntry(a, cmp.Or(a.failing, SignInFailed))
	if a.user.ID == "" {
		entry.Note = "a username that nobody has"
	} else {
		entry.Note = CodeOf(wrong)
	}
	f.Org, f.Name = a.org.Slug, a.guard
	change := Change{Entries: []Entry{entry}, Writes: []Write{PutFailures{f}}}
	if f.bar(a.org.Policy.SignIn.Lockout, a.browser, d.Now()) == nil {
		return change
	}
	if a.failing == "" {
		change.Entries = append(change.Entries, d.attemptEntry(a, SignInBarred))
	}
	if s != nil {
		change.Writes = append(change.Writes, EndSession{*s})
	}
	if a.user.ID != "" && a.org.Policy.SignIn.Lockout.Minutes == 0 {
		change.Mails = []Mail{d.letter(a.org, a.user, AccountLockedMail)}
	}
	return change
}

// attemptEntry is a line of the audit trail about an attempt.
func (d *Directory) attemptEntry(a *attempt, action Action) Entry {
	who := partyOf(a.user)
	return Entry{ID: d.NewID(), Org: a.org.Slug, At: d.Now(), Action: action, Subject: who, Actor: who, From: a.from}
}

// barred says why nothing is looked at now, and whom to ask. Anybody can bring it about.
func (d *Directory) barred(ctx context.Context, o Organisation, b *Bar) error {
	helpers, err := d.outsideHelpers(ctx, o)
	if err != nil {
		return err
	}
	return b.err(helpers, d.Now())
}
