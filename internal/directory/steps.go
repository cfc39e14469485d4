package directory

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/caretaker/caretaker/internal/lifecycle"
)

// warn tells a user that the account will be archived unless they sign in. With the last warning of somebody who manages
// users, those who are left are told too.
func (s *sweep) warn(ctx context.Context, o Organisation, u User, step lifecycle.Step) (func(*Swept), error) {
	was := u
	u.Warnings, u.WarnedAt = step.Number, s.Now()
	m := s.letter(o, u, InactivityWarningMail)
	m.Data["number"] = strconv.Itoa(step.Number)
	m.Data["archiveDate"] = dayText(o.archiveDay(u), m.Language)
	o.seen(&m, was)
	mails := []Mail{m}
	if step.Number == len(o.Policy.Lifecycle.WarnMonths) {
		m.Data["last"] = "yes"
		told, err := s.aboutRisk(ctx, o, u, o.archiveDay(u), false)
		if err != nil {
			return nil, err
		}
		mails = append(mails, told...)
	}
	entry := s.trace(u, UserWarned, fmt.Sprintf("warning %d of %d", step.Number, len(o.Policy.Lifecycle.WarnMonths)))
	return func(done *Swept) { done.Warned++ }, s.store(ctx, Change{
		Entries: []Entry{entry}, Writes: []Write{o.Put(u)}, Mails: mails,
	})
}

// archiveDay is when the account will be archived if nobody signs in.
func (o Organisation) archiveDay(u User) time.Time {
	p := o.Policy.Lifecycle
	var day time.Time
	for _, step := range lifecycle.Ahead(u.life(), p, p.Location(), u.WarnedAt, u.WarnedAt.AddDate(20, 0, 0)) {
		if step.Kind == lifecycle.Archive {
			day = step.At
			break
		}
	}
	return day.In(p.Location())
}

// seen adds to a mail when the user last signed in, if ever.
func (o Organisation) seen(m *Mail, u User) {
	if !u.LastSignInAt.IsZero() {
		m.Data["lastSignIn"] = dayText(u.LastSignInAt.In(o.Policy.Lifecycle.Location()), m.Language)
	}
}

// untilWhen adds to a mail the last day on which an archived account is kept, if it is not kept for good.
func (o Organisation) untilWhen(m *Mail, u User) {
	if next := o.next(u); !next.at.IsZero() {
		m.Data["purgeDate"] = dayText(next.at.In(o.Policy.Lifecycle.Location()).Add(-time.Nanosecond), m.Language)
	}
}

// archive puts an account away for which nobody signs in, or whose end date has come. Where somebody must have a role that
// nobody else has, the account is kept, and the platform's operators are told, again and again as long as it is so.
func (s *sweep) archive(ctx context.Context, o Organisation, u User, step lifecycle.Step) (func(*Swept), error) {
	was := u
	u.enter(Archived, s.Now())
	u.ArchiveCause = step.Cause
	if s.options.DryRun {
		return s.wouldArchive(ctx, o, was)
	}
	writes := o.settle(was, &u)
	m := s.letter(o, u, AccountArchivedMail)
	m.Data["cause"] = string(step.Cause)
	o.untilWhen(&m, u)
	entry := s.trace(u, UserArchived, string(step.Cause))
	entry.difference(was, u)
	err := s.store(ctx, Change{Entries: []Entry{entry}, Writes: append([]Write{o.Put(u)}, writes...), Mails: []Mail{m}})
	if KindOf(err) == Conflict {
		return s.keep(ctx, o, was, step)
	}
	return func(done *Swept) { done.Archived++ }, err
}

// wouldArchive tells for a dry run whether the account would be archived or kept.
func (s *sweep) wouldArchive(ctx context.Context, o Organisation, u User) (func(*Swept), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left, known := s.left[o.Slug]
	if !known {
		var err error
		if left, err = s.holdersLeft(ctx, o); err != nil {
			return nil, err
		}
		s.left[o.Slug] = left
	}
	if !left.spare(o, u) {
		return func(done *Swept) { done.Kept++ }, nil
	}
	return func(done *Swept) { done.Archived++ }, nil
}

// keep leaves an account in use because somebody must have a role that nobody else has.
func (s *sweep) keep(ctx context.Context, o Organisation, u User, step lifecycle.Step) (func(*Swept), error) {
	mails, err := s.aboutRisk(ctx, o, u, step.At, true)
	if err != nil {
		return nil, err
	}
	u.WarnedAt = s.Now() // so that it is tried again after as many days as lie between two warnings
	entry := s.trace(u, UserKept, "somebody must have the role")
	return func(done *Swept) { done.Kept++ }, s.store(ctx, Change{
		Entries: []Entry{entry}, Writes: []Write{o.Put(u)}, Mails: mails,
	})
}

// maxTold bounds how many administrators are told about one, so that all of it fits into one Commit.
const maxTold = 50

// aboutRisk tells the other administrators about one who is to be archived on a day or, where there is no other, the
// operators. About one who was kept there is nothing to tell others, if there are any: they were told before.
func (s *sweep) aboutRisk(ctx context.Context, o Organisation, u User, day time.Time, kept bool) ([]Mail, error) {
	if !o.IsAdministrator(u) {
		return nil, nil
	}
	all, err := s.Store.Administrators(ctx, o.Slug)
	if err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(all, func(other User) bool {
		return other.ID == u.ID || other.Barrier(s.Now()) != NoBarrier || !o.IsAdministrator(other)
	})
	fill := func(m *Mail) {
		m.Data["who"], m.Data["archiveDate"] = u.Name(), dayText(day.In(o.Policy.Lifecycle.Location()), m.Language)
		o.seen(m, u)
		if kept {
			m.Data["kept"] = "yes"
		}
	}
	switch {
	case len(others) > 0 && kept:
		return nil, nil
	case len(others) > 0:
		return s.letters(o, others[:min(len(others), maxTold)], AdministratorAtRiskMail, fill), nil
	}
	return s.toOperators(ctx, LastAdministratorAtRiskMail, func(m *Mail) {
		m.OrganisationName, m.Data["organisationName"] = o.Name, o.Name
		fill(m)
	})
}

// toOperators addresses a mail to everybody who runs the platform.
func (d *Directory) toOperators(ctx context.Context, t Template, fill func(*Mail)) ([]Mail, error) {
	platform, err := d.Store.Organisation(ctx, OperatorSlug)
	if err != nil {
		return nil, err
	}
	all, err := d.Store.Administrators(ctx, OperatorSlug)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(u User) bool { return u.Barrier(d.Now()) != NoBarrier })
	return d.letters(platform, all[:min(len(all), maxTold)], t, fill), nil
}

// purge deletes an archived account for good: person, credential, second factors and, by policy, the claim on the username.
// What stays is the audit trail, by policy without names.
func (s *sweep) purge(ctx context.Context, o Organisation, u User) (func(*Swept), error) {
	if !s.grant(o) {
		return func(done *Swept) { done.Held++ }, nil
	}
	if s.options.DryRun {
		return func(done *Swept) { done.Purged++ }, nil
	}
	i := s.intent(DeleteCredential, u)
	i.Redact = o.Policy.Lifecycle.RedactTrail
	entry := s.trace(u, UserPurged, string(u.ArchiveCause))
	if i.Redact { // which may not find an entry as new as this one
		entry.Subject = Party{Org: u.Org, User: u.ID}
	}
	keep := o.Policy.Usernames.Reuse == ReuseNever
	writes := append([]Write{RemoveUser{u, keep}, OpenIntent{i}}, o.settle(u, &User{})...)
	if err := s.store(ctx, Change{Entries: []Entry{entry}, Writes: writes}); err != nil {
		s.ungrant(o)
		return nil, err
	}
	_ = s.dropCredential(ctx, i) // what cannot be done at once, Heal does later
	return func(done *Swept) { done.Purged++ }, nil
}

// grant tells whether the organisation's cap leaves room for one more deletion.
func (s *sweep) grant(o Organisation) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.purged[o.Slug] >= o.Policy.Lifecycle.PurgeCap {
		s.held[o.Slug]++
		return false
	}
	s.purged[o.Slug]++
	return true
}

// ungrant gives back what was not used: somebody changed, or deleted, the account in between.
func (s *sweep) ungrant(o Organisation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.purged[o.Slug]--
}

// tellHeld tells the operators of organisations whose cap was reached.
func (s *sweep) tellHeld(ctx context.Context) error {
	if s.options.DryRun {
		return nil
	}
	for org, left := range s.held {
		o := s.known[org]
		mails, err := s.toOperators(ctx, SweepStoppedMail, func(m *Mail) {
			m.OrganisationName, m.Data["organisationName"] = o.Name, o.Name
			m.Data["done"], m.Data["left"] = strconv.Itoa(s.purged[org]), strconv.Itoa(left)
		})
		if err != nil {
			return err
		}
		entry := Entry{
			ID: s.NewID(), Org: org, At: s.Now(), Action: PurgeHeld, Actor: System, Subject: Party{Org: org},
			Note: fmt.Sprintf("%d deleted, %d left for the next sweep", s.purged[org], left),
		}
		// Once a day, whichever of two sweeps at once comes first.
		told := Quota{QuotaKey: QuotaKey{Org: org, What: "held", Who: s.Now().Format(time.DateOnly)}, Since: s.Now(), Until: s.Now().AddDate(0, 0, 2)}
		err = s.store(ctx, Change{Entries: []Entry{entry}, Writes: []Write{PutQuota{told}}, Mails: mails})
		if err != nil && KindOf(err) != Stale {
			return err
		}
	}
	return nil
}
