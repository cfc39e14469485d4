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
	seen(&m, was)
	mails := []Mail{m}
	if step.Number == len(o.Policy.Lifecycle.WarnMonths) {
		m.Data["last"] = "yes"
		told, err := s.aboutRisk(ctx, o, u, false)
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
func seen(m *Mail, u User) {
	if !u.LastSignInAt.IsZero() {
		m.Data["lastSignIn"] = dayText(u.LastSignInAt, m.Language)
	}
}

// archive puts an account away for which nobody signs in, or whose end date has come. Where somebody must have a role that
// nobody else has, the account is kept, and the platform's operators are told, again and again as long as it is so.
func (s *sweep) archive(ctx context.Context, o Organisation, u User, step lifecycle.Step) (func(*Swept), error) {
	was := u
	u.enter(Archived, s.Now())
	u.ArchiveCause = step.Cause
	writes := o.settle(was, &u)
	m := s.letter(o, u, AccountArchivedMail)
	m.Data["cause"] = string(step.Cause)
	if next := o.next(u); !next.at.IsZero() {
		m.Data["purgeDate"] = dayText(next.at.In(o.Policy.Lifecycle.Location()), m.Language)
	}
	entry := s.trace(u, UserArchived, string(step.Cause))
	entry.difference(was, u)
	err := s.store(ctx, Change{Entries: []Entry{entry}, Writes: append([]Write{o.Put(u)}, writes...), Mails: []Mail{m}})
	if KindOf(err) == Conflict {
		return s.keep(ctx, o, was)
	}
	return func(done *Swept) { done.Archived++ }, err
}

func (s *sweep) keep(ctx context.Context, o Organisation, u User) (func(*Swept), error) {
	u.WarnedAt = s.Now() // so that it is tried again after as many days as lie between two warnings
	mails, err := s.aboutRisk(ctx, o, u, true)
	if err != nil {
		return nil, err
	}
	entry := s.trace(u, UserKept, "somebody must have the role")
	return func(done *Swept) { done.Kept++ }, s.store(ctx, Change{
		Entries: []Entry{entry}, Writes: []Write{o.Put(u)}, Mails: mails,
	})
}

// aboutRisk tells the other administrators about one who is to be archived or, where there is no other, the operators.
func (s *sweep) aboutRisk(ctx context.Context, o Organisation, u User, kept bool) ([]Mail, error) {
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
	day := o.archiveDay(u)
	fill := func(m *Mail) {
		m.Data["who"], m.Data["archiveDate"] = u.Name(), dayText(day, m.Language)
		seen(m, u)
		if kept {
			m.Data["kept"] = "yes"
		}
	}
	if len(others) > 0 {
		return s.letters(o, others, AdministratorAtRiskMail, fill), nil
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
	return d.letters(platform, all, t, fill), nil
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
	keep := o.Policy.Usernames.Reuse == ReuseNever
	writes := append([]Write{RemoveUser{u, keep}, OpenIntent{i}}, o.settle(u, &User{})...)
	if err := s.store(ctx, Change{Entries: []Entry{entry}, Writes: writes}); err != nil {
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
