package directory

import (
	"context"
	"errors"
	"time"
)

// healAfter is how long a credential change may take before it counts as interrupted; far above any request's time.
const healAfter = 10 * time.Minute

// changeCredential sets a password so that a crash at any point heals: the intent is stored first, then the password
// set, then finish must commit the change together with CloseIntent. When something fails, nothing was changed for the
// user: the intent is dropped where that is certain, and otherwise left for Heal.
// What the change hangs on is stored before the password is set: two who have one link cannot both set one, and a password
// that was guessed among others is not changed.
func (d *Directory) changeCredential(
	ctx context.Context, u User, password string, l *PasswordLink, finish func(Intent) error, on ...Write,
) error {
	i := d.intent(ChangeCredential, u)
	if l != nil {
		on = append(on, SpendLink{*l})
	}
	if err := d.Store.Begin(ctx, i, on...); err != nil {
		if unknown(err) {
			_ = d.Store.Abandon(ctx, i, l) // or, should it have been stored, Heal would ask for a new password for nothing
		}
		return err
	}
	err := d.Credentials.SetPassword(ctx, u.ID, password)
	if unknown(err) {
		return err // Heal asks the user for a new one
	}
	if err != nil {
		return errors.Join(err, d.Store.Abandon(ctx, i, l))
	}
	return finish(i)
}

// unknown tells of an error after which nobody knows whether it was done.
func unknown(err error) bool {
	return err != nil && (KindOf(err) == Unavailable || KindOf(err) == Internal)
}

func (d *Directory) intent(kind IntentKind, u User) Intent {
	return Intent{ID: d.NewID(), Kind: kind, Org: u.Org, User: u.ID, At: d.Now()}
}

// createCredential does the same for a user who is not stored yet; prepare goes on beside the beginning. When finish fails for
// certain, the credential is taken back at once.
func (d *Directory) createCredential(
	ctx context.Context, u User, password string, prepare func() error, finish func(Intent) error,
) error {
	i := d.intent(CreateCredential, u)
	var begun error
	err := both(prepare, func() error { begun = d.Store.Begin(ctx, i); return begun })
	if err != nil {
		if begun == nil {
			err = errors.Join(err, d.Store.Abandon(ctx, i, nil))
		}
		return err
	}
	err = d.Credentials.SetPassword(ctx, u.ID, password)
	if err == nil {
		err = finish(i)
	}
	if err == nil || unknown(err) {
		return err // in doubt Heal looks again
	}
	return errors.Join(err, d.dropCredential(ctx, i))
}

// dropCredential deletes the credential of a user who is gone, or never came, with all else that is kept about the user,
// and closes the intent.
func (d *Directory) dropCredential(ctx context.Context, i Intent) error {
	if err := d.Credentials.DeletePassword(ctx, i.User); err != nil {
		return err
	}
	if i.Redact {
		if err := d.Store.Redact(ctx, i.Org, i.User); err != nil {
			return err
		}
	}
	if i.Kind == DeleteCredential {
		return d.Store.Erase(ctx, i)
	}
	return d.Store.Abandon(ctx, i, nil)
}

// Healed says what Heal found.
type Healed struct{ Looked, Dropped, Interrupted int }

// Heal finishes what was interrupted between the store and the credentials: a credential whose user was never stored,
// or is deleted, is dropped; a user whose password was being changed must choose a new one, is told by mail, and signs
// in with whichever of the two passwords was kept. It looks at up to limit intents and may run at any time, also twice at
// once.
func (d *Directory) Heal(ctx context.Context, limit int) (Healed, error) {
	var h Healed
	intents, err := d.Store.Intents(ctx, d.Now().Add(-healAfter), limit)
	if err != nil {
		return h, err
	}
	var failed []error
	for _, i := range intents {
		h.Looked++
		if err := d.heal(ctx, i, &h); err != nil {
			failed = append(failed, err)
		}
	}
	return h, errors.Join(failed...)
}

func (d *Directory) heal(ctx context.Context, i Intent, h *Healed) error {
	u, err := d.Store.User(ctx, i.Org, i.User)
	switch {
	case KindOf(err) == NotFound:
		h.Dropped++
		return d.dropCredential(ctx, i)
	case err != nil:
		return err
	case i.Kind != ChangeCredential: // the user was stored after all, which closed the intent; only the reading lagged
		return d.Store.Abandon(ctx, i, nil)
	}
	h.Interrupted++
	o, err := d.Store.Organisation(ctx, i.Org)
	if errors.Is(err, ErrNotFound) { // closed: nobody signs in there, and the intent waits
		return nil
	}
	if err != nil {
		return err
	}
	return d.again(ctx, u, func(u User) error { return d.Store.Commit(ctx, d.interruption(o, u, i)) })
}

func (d *Directory) interruption(o Organisation, u User, i Intent) Change {
	u.MustChangePassword = true
	if o.tooTemporary(u, d.Now()) { // an old password of one's own, which now counts as a temporary one
		u.PasswordSetAt = d.Now()
	}
	u.endSessions()
	entry := Entry{ID: d.NewID(), Org: u.Org, At: d.Now(), Action: PasswordInterrupted, Actor: System, Subject: partyOf(u)}
	return Change{
		Entries: []Entry{entry},
		Writes:  []Write{o.Put(u), CloseIntent{i}},
		Mails:   []Mail{d.letter(o, u, PasswordInterruptedMail)},
	}
}
