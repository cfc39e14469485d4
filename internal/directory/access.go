package directory

import (
	"context"
	"time"

	"github.com/caretaker/caretaker/internal/lifecycle"
)

// Barrier is what keeps users out who have proved who they are.
type Barrier string

// What keeps users out.
const (
	NoBarrier        Barrier = ""
	BarrierSuspended Barrier = "suspended"
	BarrierArchived  Barrier = "archived"
	BarrierExpired   Barrier = "expired" // the end date has come
	BarrierTemporary Barrier = "temporary_password_expired"
)

// Barrier tells what keeps the user out at a time.
func (u User) Barrier(at time.Time) Barrier {
	switch {
	case u.Status == Suspended:
		return BarrierSuspended
	case u.Status == Archived && u.ArchiveCause != lifecycle.EndDate:
		return BarrierArchived
	case u.Status == Archived, !u.EndsAt.IsZero() && !at.Before(u.EndsAt):
		return BarrierExpired
	default:
		return NoBarrier
	}
}

var barriers = map[Barrier]Error{
	BarrierSuspended: {Code: "suspended", Detail: "Your account is suspended. Please ask the people named here."},
	BarrierArchived:  {Code: "archived", Detail: "Your account is archived. Please ask the people named here to restore it."},
	BarrierExpired:   {Code: "expired", Detail: "Your access has ended. Please ask the people named here if that is not right."},
	BarrierTemporary: {
		Code:   "temporary_password_expired",
		Detail: "This temporary password is too old. Please ask the people named here for a new one, or choose one by mail.",
	},
}

// err is what somebody is told who proved who they are and is kept out.
func (b Barrier) err(helpers []Contact) error {
	e := barriers[b]
	e.Kind, e.Facts = Denied, map[string]any{"contacts": helpers}
	return &e
}

// settle is the one place that every change of status, end date or roles goes through. It ends the sessions of whoever
// loses access, and returns the writes that keep count of the roles' active holders and list the administrators. The
// counts are where "at least one" and "at most one" hold, also for two requests at one instant.
func (o Organisation) settle(was User, u *User) []Write {
	if was.Status != u.Status && u.Status != Active {
		u.endSessions()
	}
	writes := o.holderCounts(was, *u)
	if was.ID == u.ID && (was.Status == Archived) != (u.Status == Archived) {
		writes = append(writes, MoveUser{Org: o.Slug, From: was.Status, To: u.Status})
	}
	if listed := o.IsAdministrator(*u); listed != o.IsAdministrator(was) {
		id := u.ID
		if !listed {
			id = was.ID
		}
		writes = append(writes, ListAdministrator{Org: o.Slug, User: id, Listed: listed})
	}
	return writes
}

// step is one change of an account's status.
type step struct {
	action Action
	from   []Status
	to     Status
	refuse func(Caller, User) error // beyond what holds for all; nil: nothing
	told   Template                 // the mail to the user; "": none
}

var (
	suspending   = step{action: UserSuspended, from: []Status{Active}, to: Suspended}
	reinstating  = step{action: UserReinstated, from: []Status{Suspended}, to: Active, told: AccountReinstatedMail}
	archivingNow = step{action: UserArchived, from: []Status{Active, Suspended}, to: Archived, refuse: Caller.mayArchive, told: AccountArchivedMail}
	restoring    = step{action: UserRestored, from: []Status{Archived}, to: Active, told: AccountRestoredMail}
)

// Suspend keeps a user out until somebody reinstates the account; sessions end at once. It fails with NotFound and Stale,
// and with Conflict: cannot_change_self, last_administrator, wrong_status for an archived account. What is so already is
// no error; that holds for the other steps too.
func (d *Directory) Suspend(ctx context.Context, c Caller, id UserID, seen *int64) (User, error) {
	return d.take(ctx, c, id, suspending, seen)
}

// Reinstate lets a suspended user in again.
func (d *Directory) Reinstate(ctx context.Context, c Caller, id UserID, seen *int64) (User, error) {
	return d.take(ctx, c, id, reinstating, seen)
}

// Archive puts an account away; sessions end at once. It also fails with Conflict cannot_delete_administrator.
func (d *Directory) Archive(ctx context.Context, c Caller, id UserID, seen *int64) (User, error) {
	return d.take(ctx, c, id, archivingNow, seen)
}

// Restore takes an account out of the archive.
func (d *Directory) Restore(ctx context.Context, c Caller, id UserID, seen *int64) (User, error) {
	return d.take(ctx, c, id, restoring, seen)
}

func (d *Directory) take(ctx context.Context, c Caller, id UserID, s step, seen *int64) (User, error) {
	u, err := d.managed(ctx, c, id)
	if err != nil {
		return User{}, err
	}
	if id == c.User.ID {
		return User{}, errOwnAccount
	}
	return d.changing(ctx, u, seen, func(u User) (User, error) { return d.takeStep(ctx, c, u, s) })
}

var errOwnAccount = &Error{
	Kind: Conflict, Code: "cannot_change_self", Detail: "You cannot do this with your own account. Please ask another administrator.",
}

func (d *Directory) takeStep(ctx context.Context, c Caller, was User, s step) (User, error) {
	if was.Status == s.to {
		return was, nil
	}
	if err := s.allows(c, was); err != nil {
		return User{}, err
	}
	u := was
	u.enter(s.to, d.Now())
	if s.to == Archived {
		u.ArchiveCause = lifecycle.ByHand
	}
	return d.storeStep(ctx, c, was, u, s)
}

func (s step) allows(c Caller, u User) error {
	for _, from := range s.from {
		if u.Status == from {
			if s.refuse == nil {
				return nil
			}
			return s.refuse(c, u)
		}
	}
	return u.wrongStatus()
}

func (u User) wrongStatus() error {
	return &Error{
		Kind: Conflict, Code: "wrong_status", Facts: map[string]any{"status": string(u.Status)},
		Detail: "This account is " + string(u.Status) + ", which has to be undone first.",
	}
}

// enter begins a status. A restored account starts its life anew, without an end date that has come; one that is ahead still
// holds. Whoever comes back is left alone for some days.
func (u *User) enter(to Status, now time.Time) {
	if to == Active {
		u.GraceFrom = now
	}
	if u.Status == Archived {
		u.RestoredAt, u.Warnings, u.WarnedAt, u.ArchiveCause = now, 0, time.Time{}, ""
		if passed(u.EndsAt, now) {
			u.EndsAt = time.Time{}
		}
	}
	u.Status, u.StatusSince = to, now
}

// storeStep stores a user whose status is another one, with the trace it leaves.
func (d *Directory) storeStep(ctx context.Context, c Caller, was, u User, s step) (User, error) {
	entry := d.entry(c, s.action, u)
	entry.difference(was, u)
	writes := c.Organisation.settle(was, &u)
	change := Change{Entries: []Entry{entry}, Writes: append([]Write{c.Organisation.Put(u)}, writes...)}
	if s.told != "" {
		m := d.letter(c.Organisation, u, s.told)
		if s.to == Archived {
			m.Data["cause"] = string(u.ArchiveCause)
			c.Organisation.untilWhen(&m, u)
		}
		change.Mails = []Mail{m}
	}
	err := d.Store.Commit(ctx, change)
	u.Version++
	return u, err
}

// mayArchive refuses what deleting would be refused for: it is the first step to it.
func (c Caller) mayArchive(u User) error { return c.mayDelete(u) }

// LockedOut tells whether too many wrong passwords or codes keep a user out just now.
func (d *Directory) LockedOut(ctx context.Context, c Caller, u User) (bool, error) {
	if err := c.Require(UsersView); err != nil {
		return false, err
	}
	return d.lockedOut(ctx, c.Organisation, u.ID)
}

func (d *Directory) lockedOut(ctx context.Context, o Organisation, id UserID) (bool, error) {
	f, err := d.Store.Failures(ctx, o.Slug, User{ID: id}.Guard())
	return err == nil && f.bar(o.Policy.SignIn.Lockout, "", d.Now()) != nil, err
}

// Unlock lets a user try again who was barred for wrong passwords or codes; the old password still works. It fails with
// NotFound, and with Conflict wrong_status for an archived account.
func (d *Directory) Unlock(ctx context.Context, c Caller, id UserID) (User, error) {
	u, err := d.managed(ctx, c, id)
	if err == nil && u.Status == Archived {
		err = u.wrongStatus()
	}
	if err != nil {
		return User{}, err
	}
	return u, d.Store.Commit(ctx, Change{
		Entries: []Entry{d.entry(c, UserUnlocked, u)}, Writes: []Write{ForgetFailures{Org: u.Org, Name: u.Guard()}},
		Mails: []Mail{d.letter(c.Organisation, u, AccountUnlockedMail)},
	})
}
