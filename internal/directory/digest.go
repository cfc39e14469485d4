package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// DigestOptions say how the writing of digests goes.
type DigestOptions struct {
	// Deadline is when it has to end, by Directory.Clock; zero: when nothing is left.
	Deadline time.Time
}

// Digested says what came of it.
type Digested struct {
	Organisations int  // looked at
	Written       int  // digests, one an organisation
	Mailed        int  // administrators
	Quiet         int  // organisations of which there was nothing to say
	More          bool // there were more than the time allowed; the next run goes on
}

const (
	// digestPage is how many organisations are read at a time, digestsAtOnce how many are looked at side by side.
	digestPage    = 50
	digestsAtOnce = 8
	// digestReaders bounds the administrators who are written to: a Commit has 100 writes, and beside the mails there are the
	// mark of the week and the line of the audit trail.
	digestReaders = 98
)

// digesting is one run.
type digesting struct {
	*Directory
	deadline time.Time
	mu       sync.Mutex
	done     Digested
}

// Digest writes to the administrators of every organisation what happened to its accounts since the last digest, and what
// there is to look after: at most once an ISO week of the organisation's time zone, however often and however parallel it
// runs. It ends when the deadline is near, and a run that ended early, or was cut off, is taken up by the next one.
//
// What an organisation costs, in calls of the store: one if it has no administrators; else a further one for their records
// and one for the marks of two weeks, at which it ends where the digest is written already; then one for whoever is
// inactive, one for each 800 users to find the undeliverable, one for each 800 lines of the week's audit trail, and two for
// each 200 archived accounts if the policy ever deletes any; all of them bounded, see digestUsers and the constants beside it. The mails are one Commit.
func (d *Directory) Digest(ctx context.Context, options DigestOptions) (Digested, error) {
	r := &digesting{Directory: d, deadline: options.Deadline}
	reached, err := r.begin(ctx)
	if err != nil {
		return r.done, err
	}
	var failed []error
	for r.inTime() {
		page, err := d.Store.Organisations(ctx, digestPage, string(reached.Data))
		if err != nil {
			return r.done, errors.Join(append(failed, err)...)
		}
		wrong := r.page(ctx, page.Organisations)
		failed = append(failed, wrong...)
		if r.done.More || slices.ContainsFunc(wrong, outOfReach) {
			break
		}
		if page.Next == "" {
			failed = append(failed, r.end(ctx, reached))
			break
		}
		if reached, err = r.note(ctx, reached, page.Next); err != nil {
			failed = append(failed, err)
			break
		}
	}
	return r.done, errors.Join(failed...)
}

// inTime tells whether there is time for more.
func (r *digesting) inTime() bool {
	if r.timeLeft(r.deadline) {
		return true
	}
	r.count(func(done *Digested) { done.More = true })
	return false
}

func (r *digesting) count(one func(*Digested)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one(&r.done)
}

// begin finds out how far an earlier run of the week came. The marks of the organisations alone would keep a second digest
// from being written; this keeps a run that ends early from looking at the same quiet organisations again and again.
func (r *digesting) begin(ctx context.Context) (Ticket, error) {
	week := weekOf(r.Now().UTC())
	t, err := r.Store.Ticket(ctx, TicketDigest, week)
	if KindOf(err) == NotFound {
		return Ticket{Kind: TicketDigest, ID: week, Until: r.Now().AddDate(0, 0, 8)}, nil
	}
	return t, err
}

// note keeps how far the run came. Another run at the same time keeps its own, and one of the two will do.
func (r *digesting) note(ctx context.Context, t Ticket, cursor string) (Ticket, error) {
	t.Data = []byte(cursor)
	err := r.Store.PutTicket(ctx, t)
	if KindOf(err) == Stale {
		return t, nil
	}
	t.Version++
	return t, err
}

func (r *digesting) end(ctx context.Context, t Ticket) error {
	if t.Version == 0 {
		return nil
	}
	err := r.Store.SpendTicket(ctx, t)
	if KindOf(err) == Stale {
		return nil
	}
	return err
}

// page looks at some organisations, and returns what went wrong.
func (r *digesting) page(ctx context.Context, all []Organisation) []error {
	errs := make([]error, len(all))
	abreast(digestsAtOnce, len(all), func(i int) bool {
		if !r.inTime() {
			return false
		}
		errs[i] = r.one(ctx, all[i])
		return true
	})
	var wrong []error
	for i, err := range errs {
		if err != nil {
			wrong = append(wrong, fmt.Errorf("the digest of %s: %w", all[i].Slug, err))
		}
	}
	return wrong
}

// one writes the digest of an organisation, if it is due and there is something to say.
func (r *digesting) one(ctx context.Context, o Organisation) error {
	r.count(func(done *Digested) { done.Organisations++ })
	readers, err := r.readers(ctx, o)
	if err != nil || len(readers) == 0 {
		return err
	}
	mark, since, err := r.marks(ctx, o)
	if err != nil || mark.Version > 0 {
		return err
	}
	w, err := r.gather(ctx, o, since, mark.Since)
	if err != nil {
		return err
	}
	if w.quiet() {
		r.count(func(done *Digested) { done.Quiet++ })
		return nil
	}
	entry := Entry{
		ID: r.NewID(), Org: o.Slug, At: mark.Since, Action: DigestSent, Actor: System, Subject: Party{Org: o.Slug},
		Note: fmt.Sprintf("for %d administrators", len(readers)),
	}
	mails := r.letters(o, readers, DigestMail, w.fill)
	err = r.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{PutQuota{mark}}, Mails: mails})
	if KindOf(err) == Stale {
		return nil // another run has just written it
	}
	if err == nil {
		r.count(func(done *Digested) { done.Written++; done.Mailed += len(mails) })
	}
	return err
}

// readers are the administrators who get the digest.
func (r *digesting) readers(ctx context.Context, o Organisation) ([]User, error) {
	if !o.Policy.digest().Enabled {
		return nil, nil
	}
	all, err := r.Store.Administrators(ctx, o.Slug)
	if err != nil {
		return nil, err
	}
	var readers []User
	for _, u := range all {
		if o.noDigest(u, r.Now()) == "" && len(readers) < digestReaders {
			readers = append(readers, u)
		}
	}
	return readers, nil
}

// noDigest tells why a user does not get the organisation's digest; "" if they do.
func (o Organisation) noDigest(u User, now time.Time) string {
	switch {
	case !o.Policy.digest().Enabled:
		return "the organisation does without a digest"
	case !u.Wants.Digest:
		return "the user declined the digest"
	case u.Undeliverable != nil:
		return "the address is undeliverable"
	case u.Barrier(now) != NoBarrier:
		return "the user has no access"
	case !o.IsAdministrator(u):
		return "the user is no administrator"
	default:
		return ""
	}
}

// marks reads the mark that the week's digest leaves, with a Version if it is written, and says since when there is
// something to tell: since the digest of the week before or, where there was none, for seven days and as long as the
// schedule may be late.
func (r *digesting) marks(ctx context.Context, o Organisation) (mark Quota, since time.Time, err error) {
	now := r.Now().In(o.Policy.Lifecycle.Location())
	key := func(at time.Time) QuotaKey { return QuotaKey{Org: o.Slug, What: "digest", Who: weekOf(at)} }
	before := now.AddDate(0, 0, -7)
	marks, err := r.Store.Quotas(ctx, key(now), key(before))
	if err != nil {
		return Quota{}, time.Time{}, err
	}
	mark = marks[0]
	if mark.Version == 0 {
		mark.Since, mark.Until = r.Now(), r.Now().AddDate(0, 0, 21) // read for two weeks
	}
	if last := marks[1]; last.Version > 0 {
		return mark, last.Since.Add(time.Millisecond), nil // which it told of
	}
	return mark, before.Add(-time.Hour), nil
}

// weekOf names the ISO week of a day on the wall clock, such as 2026-W53.
func weekOf(t time.Time) string {
	year, week := t.ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}
