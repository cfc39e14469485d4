package directory

import (
	"time"

	"github.com/caretaker/caretaker/internal/lifecycle"
)

// expiryMails are how long before a password has to be changed its owner is told, one mail each.
var expiryMails = []time.Duration{14 * 24 * time.Hour, 3 * 24 * time.Hour}

// due is what happens next to an account by itself.
type due struct {
	at   time.Time // zero: nothing ever does
	step lifecycle.Step
	// expiry says that the owner is to be told that the password must soon be changed; there is no step then.
	expiry bool
	// then is when the other of the two is due; zero: never.
	then time.Time
}

// Put stores a user of the organisation, with the time at which something next happens to the account by itself.
func (o Organisation) Put(u User) PutUser {
	u.DueAt = o.DueAt(u)
	return PutUser{u}
}

// DueAt is when something next happens to the account by itself, by the policy of this moment; zero: never. User.DueAt, which
// the sweep goes by, says the same once a change of the policy was planned for.
func (o Organisation) DueAt(u User) time.Time { return o.next(u).at }

// RemindOfPassword is what happens next where the owner is told that the password must soon be changed.
const RemindOfPassword lifecycle.Kind = "remindOfPassword"

// DueStep is what happens then; "": nothing ever does.
func (o Organisation) DueStep(u User) lifecycle.Kind {
	d := o.next(u)
	if d.expiry {
		return RemindOfPassword
	}
	return d.step.Kind
}

// next works out what happens next to the account, and when.
func (o Organisation) next(u User) due {
	var d due
	p := o.Policy.Lifecycle
	if s, some := lifecycle.Next(u.life(), p, p.Location()); some {
		d = due{at: s.At, step: s}
	}
	switch at := o.expiryMailAt(u); {
	case at.IsZero():
		return d
	case d.at.IsZero() || at.Before(d.at):
		return due{at: at, expiry: true, then: d.at}
	default:
		d.then = at
		return d
	}
}

// life is what decides about the account's next step.
func (u User) life() lifecycle.Account {
	stages := map[Status]lifecycle.Stage{Active: lifecycle.InUse, Suspended: lifecycle.LeftOut, Archived: lifecycle.Archived}
	return lifecycle.Account{
		Stage: stages[u.Status], ActiveAt: u.ActiveAt(), GraceFrom: u.GraceFrom, Warnings: u.Warnings, WarnedAt: u.WarnedAt,
		EndsAt: u.EndsAt, ArchivedAt: u.StatusSince, Cause: u.ArchiveCause,
	}
}

// MonthsAgo is a time such that whoever was active last before it has been away for so many calendar months, or more.
func (o Organisation) MonthsAgo(now time.Time, months int) time.Time {
	return lifecycle.MonthsBefore(now.In(o.Policy.Lifecycle.Location()), months)
}

// expiryMailAt is when the owner is next told that the password must soon be changed; zero: never.
func (o Organisation) expiryMailAt(u User) time.Time {
	expiry := o.PasswordExpiry(u)
	if expiry.IsZero() || u.Status != Active || u.MustChangePassword || u.ExpiryMails >= len(expiryMails) ||
		!o.Policy.SignIn.offers(ByPassword) {
		return time.Time{}
	}
	return expiry.Add(-expiryMails[u.ExpiryMails])
}

// reminded forgets the mails about an earlier day once the password is good for so long that none is due yet.
func (o Organisation) reminded(u User, now time.Time) User {
	if o.PasswordExpiry(u).Add(-expiryMails[0]).After(now) {
		u.ExpiryMails = 0
	}
	return u
}

func passed(at, now time.Time) bool { return !at.IsZero() && !at.After(now) }
