package directory

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/caretaker/caretaker/internal/lifecycle"
)

// SweepOptions say how a sweep goes.
type SweepOptions struct {
	// Deadline is when it has to end, by Directory.Clock; zero: when nothing is left.
	Deadline time.Time
	// DryRun counts what would be done and does none of it. Organisations whose policy has just been changed are not planned
	// anew; the report says then that there is more.
	DryRun bool
	// Abreast is how many accounts of each of the DueParts are dealt with at once; 0 is one. More pays where Commits that wait
	// share one wait, and harms where those to one organisation's counters get into each other's way.
	Abreast int
}

// Swept says what a sweep did, or with a dry run would have done.
type Swept struct {
	Looked    int       // accounts to which something was due
	Reminded  int       // of a password that must soon be changed
	Warned    int       // of being archived
	Archived  int       // for inactivity, or on their end date
	Purged    int       // deleted for good
	Kept      int       // not archived, because somebody must have the role
	Held      int       // not deleted, because the organisation's cap was reached
	Failed    int       // that could not be dealt with; the error names the first of them
	Replanned int       // accounts that another policy holds for now
	OldestDue time.Time // since when the longest due was due; zero: nothing was
	More      bool      // there was more than the time allowed; the next sweep goes on
}

// How much a sweep reads at a time.
const (
	sweepBatch  = 400 // some 400 kB
	replanBatch = 200
	sweepTells  = 10 // of accounts that failed
)

// sweep is one run.
type sweep struct {
	*Directory
	options SweepOptions
	mu      sync.Mutex
	done    Swept
	known   map[Slug]Organisation
	purged  map[Slug]int // how many were deleted, or would have been
	held    map[Slug]int // how many were left for the next sweep
	left    map[Slug]holdersLeft
	failed  []error
}

// Sweep does what is due to accounts by themselves, and plans anew those whose organisation has another policy. It reads
// what is due and nothing else, with one conditional Commit an account; so it can be repeated, run twice at once, and cut
// off anywhere: the next one goes on. It ends when the deadline is near.
func (d *Directory) Sweep(ctx context.Context, options SweepOptions) (Swept, error) {
	s := &sweep{
		Directory: d, options: options,
		known: map[Slug]Organisation{}, purged: map[Slug]int{}, held: map[Slug]int{}, left: map[Slug]holdersLeft{},
	}
	if err := s.replan(ctx); err != nil {
		return s.done, err
	}
	errs := make([]error, DueParts)
	var all sync.WaitGroup
	for part := range DueParts {
		all.Go(func() { errs[part] = s.sweepPart(ctx, part) })
	}
	all.Wait()
	errs = append(append(errs, s.failed...), s.tellHeld(ctx))
	return s.done, errors.Join(errs...)
}

// timeLeft tells whether a run that has to end at a time of the real clock, zero for never, may begin something more.
func (d *Directory) timeLeft(deadline time.Time) bool {
	return deadline.IsZero() || d.Clock().Before(deadline)
}

// outOfReach tells whether a run that goes from one thing to the next makes no sense any more, because the store does not
// answer or nobody waits for it. Anything else that is wrong with one thing must not cost the others their turn.
func outOfReach(err error) bool {
	return KindOf(err) == Unavailable || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// inTime tells whether there is time for more.
func (s *sweep) inTime() bool {
	if s.timeLeft(s.options.Deadline) {
		return true
	}
	s.count(func(done *Swept) { done.More = true })
	return false
}

func (s *sweep) count(one func(*Swept)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one(&s.done)
}

// sweepPart goes through one part of those to whom something is due.
func (s *sweep) sweepPart(ctx context.Context, part int) error {
	now, cursor := s.Now(), ""
	for s.inTime() {
		users, next, err := s.Store.Due(ctx, now, part, sweepBatch, cursor)
		if err != nil {
			return err
		}
		if err := s.accounts(ctx, users); err != nil || next == "" {
			return err
		}
		cursor = next
	}
	return nil
}

// accounts deals with some accounts, as many at once as the options say.
func (s *sweep) accounts(ctx context.Context, users []User) error {
	errs := make([]error, len(users))
	abreast(s.options.Abreast, len(users), func(i int) bool {
		if !s.inTime() {
			return false
		}
		if err := s.account(ctx, users[i]); err != nil && !s.goesOn(users[i], err) {
			errs[i] = err
		}
		return errs[i] == nil
	})
	return errors.Join(errs...)
}

// account does what is due to one account. The user as the index has it will do: where that lags, or somebody changes the
// account at this moment, the Commit fails, and what is stored is looked at once more.
func (s *sweep) account(ctx context.Context, u User) error {
	o, err := s.organisation(ctx, u.Org)
	if errors.Is(err, ErrNotFound) { // closed: its users stay as they are until they are erased, or it is reopened
		return nil
	}
	if err != nil {
		return err
	}
	next := o.next(u)
	err = s.carry(ctx, o, u, next)
	if KindOf(err) == Stale || err == nil && passed(next.then, s.Now()) {
		err = s.again(ctx, o, u, next)
	}
	return err
}

func (s *sweep) again(ctx context.Context, o Organisation, u User, done due) error {
	if s.options.DryRun {
		if !done.expiry {
			return nil
		}
		u.ExpiryMails = len(expiryMails)
		return s.carry(ctx, o, u, o.next(u))
	}
	u, err := s.Store.User(ctx, u.Org, u.ID)
	if err == nil {
		err = s.carry(ctx, o, u, o.next(u))
	}
	if KindOf(err) == Stale || errors.Is(err, ErrNotFound) {
		return nil // the next sweep looks again
	}
	return err
}

// goesOn tells whether the others' turn comes although one account failed: unless the store itself does, one account in
// disorder must not keep all behind it waiting, night after night. The first few are told at the end.
func (s *sweep) goesOn(u User, err error) bool {
	if outOfReach(err) {
		return false
	}
	s.count(func(done *Swept) {
		done.Failed++
		if done.Failed <= sweepTells {
			s.failed = append(s.failed, fmt.Errorf("sweep user %s of %s: %w", u.ID, u.Org, err))
		}
	})
	return true
}

// organisation is read once a run.
func (s *sweep) organisation(ctx context.Context, org Slug) (Organisation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o, read := s.known[org]; read {
		return o, nil
	}
	o, err := s.Store.Organisation(ctx, org)
	if err == nil {
		s.known[org] = o
	}
	return o, err
}

// carry carries out what is due, if it is.
func (s *sweep) carry(ctx context.Context, o Organisation, u User, next due) error {
	if !passed(next.at, s.Now()) {
		if next.at.Equal(u.DueAt) || s.options.DryRun {
			return nil
		}
		return s.Store.Replan(ctx, []PutUser{o.Put(u)})
	}
	var did func(*Swept)
	var err error
	next.step = next.step.InsteadAt(s.Now(), u.life())
	switch {
	case next.expiry:
		did, err = s.remind(ctx, o, u)
	case next.step.Kind == lifecycle.Warn:
		did, err = s.warn(ctx, o, u, next.step)
	case next.step.Kind == lifecycle.Archive:
		did, err = s.archive(ctx, o, u, next.step)
	default:
		did, err = s.purge(ctx, o, u)
	}
	if err != nil {
		return err
	}
	s.count(func(done *Swept) {
		did(done)
		done.Looked++
		if done.OldestDue.IsZero() || next.at.Before(done.OldestDue) {
			done.OldestDue = next.at
		}
	})
	return nil
}

// store commits a step, unless nothing is to be done.
func (s *sweep) store(ctx context.Context, c Change) error {
	if s.options.DryRun {
		return nil
	}
	return s.Store.Commit(ctx, c)
}

// trace begins a line of the audit trail for what the service does by itself.
func (s *sweep) trace(u User, action Action, note string) Entry {
	return Entry{ID: s.NewID(), Org: u.Org, At: s.Now(), Action: action, Actor: System, Subject: partyOf(u), Note: note}
}

// remind tells a user that the password must soon be changed. Reminders that were missed are not made up for.
func (s *sweep) remind(ctx context.Context, o Organisation, u User) (func(*Swept), error) {
	expiry := o.PasswordExpiry(u)
	for u.ExpiryMails < len(expiryMails) && !expiry.Add(-expiryMails[u.ExpiryMails]).After(s.Now()) {
		u.ExpiryMails++
	}
	change := Change{Writes: []Write{o.Put(u)}, Entries: []Entry{s.trace(u, PasswordExpiring, "")}}
	note := ""
	switch {
	case u.Barrier(s.Now()) != NoBarrier:
		note = "not mailed: the user has no access"
	case !s.Now().Before(expiry):
		note = "not mailed: the day has passed"
	}
	if note != "" {
		change.Entries[0].Note = note
		return func(*Swept) {}, s.store(ctx, change)
	}
	m := s.letter(o, u, PasswordExpiryMail)
	m.Data["date"] = dayText(expiry, m.Language)
	change.Mails = []Mail{m}
	return func(done *Swept) { done.Reminded++ }, s.store(ctx, change)
}
