package directory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/lifecycle"
)

const day = 24 * time.Hour

// began is when the passwords of these tests were chosen; they are good for 30 days.
var began = time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)

func nordby(maxAgeDays int) directory.Organisation {
	o := directory.Organisation{Slug: "nordbyskolen", Name: "Nordbyskolen", Language: "da", Version: 1}
	o.Policy = o.Policy.Filled()
	o.Policy.Passwords.MaxAgeDays = maxAgeDays
	return o
}

func teacher(change func(*directory.User)) directory.User {
	u := directory.User{
		Org: "nordbyskolen", ID: "01kd0000000000000000000001", Username: "bk", GivenName: "Birgit", FamilyName: "Krogh",
		Email: "bk@nordbyskolen.example", Status: directory.Active, PasswordSetAt: began, Version: 1,
	}
	if change != nil {
		change(&u)
	}
	return u
}

func TestWhenSomethingIsDueToAnAccount(t *testing.T) {
	t.Parallel()
	federated := nordby(30)
	federated.Policy.SignIn.Methods = []directory.Method{directory.ByFederated}
	never := time.Time{}
	tests := []struct {
		why    string
		org    directory.Organisation
		change func(*directory.User)
		want   time.Time
	}{
		{"the first mail comes 14 days before", nordby(30), nil, began.Add(16 * day)},
		{"the second 3 days before", nordby(30), func(u *directory.User) { u.ExpiryMails = 1 }, began.Add(27 * day)},
		{"then there is none", nordby(30), func(u *directory.User) { u.ExpiryMails = 2 }, never},
		{"the longest that passwords can be good for", nordby(360), nil, began.Add(346 * day)},
		{"passwords are good without limit", nordby(0), nil, never},
		{"a suspended user is not written to", nordby(30), func(u *directory.User) { u.Status = directory.Suspended }, never},
		{
			"nor an archived one, which is deleted half a year later", nordby(30),
			func(u *directory.User) { u.Status, u.StatusSince = directory.Archived, began },
			time.Date(2026, 6, 30, 23, 0, 0, 0, time.UTC), // midnight in London
		},
		{"a new password is demanded anyway", nordby(30), func(u *directory.User) { u.MustChangePassword = true }, never},
		{"passwords are kept elsewhere", federated, nil, never},
		{"what was due before counts for nothing", nordby(0), func(u *directory.User) { u.DueAt = began }, never},
	}
	for _, tt := range tests {
		u := teacher(tt.change)
		put := tt.org.Put(u)
		if step, want := tt.org.DueStep(u), stepAt(u, tt.want); step != want {
			t.Errorf("%s: %q is due, want %q", tt.why, step, want)
		}
		if !put.User.DueAt.Equal(tt.want) {
			t.Errorf("%s: due at %s, want %s", tt.why, put.User.DueAt, tt.want)
		}
		if u.DueAt = put.User.DueAt; fmt.Sprint(u) != fmt.Sprint(put.User) {
			t.Errorf("%s: more is different: %+v became %+v", tt.why, u, put.User)
		}
	}
}

// stepAt is what is due to a teacher at a time: the archive is left by the end, and otherwise passwords are all that counts.
func stepAt(u directory.User, at time.Time) lifecycle.Kind {
	switch {
	case at.IsZero():
		return ""
	case u.Status == directory.Archived:
		return lifecycle.Purge
	default:
		return directory.RemindOfPassword
	}
}

// accounts is a store of one organisation, as far as sweeps need one.
type accounts struct {
	directory.Store
	org      directory.Organisation
	users    map[directory.UserID]directory.User
	lagging  []directory.User // what the index shows in the place of what is due
	broken   directory.UserID // whom Commit fails for, in a way that passes for nobody else
	refuse   error            // what Commit and PutReplanned fail with
	meantime func()           // what happens between reading and writing, once
	changes  []directory.Change
	pages    []string // the cursors by which pages of users were asked for
}

// Due has everybody in one part, and on one page.
func (a *accounts) Due(_ context.Context, at time.Time, part, _ int, _ string) ([]directory.User, string, error) {
	if part != 0 {
		return nil, "", nil
	}
	if a.lagging != nil {
		return a.lagging, "", nil
	}
	var due []directory.User
	for _, u := range a.users {
		if !u.DueAt.IsZero() && !u.DueAt.After(at) {
			due = append(due, u)
		}
	}
	return due, "", nil
}

func (a *accounts) Replanning(context.Context, int) ([]directory.Organisation, error) {
	if a.org.Replan {
		return []directory.Organisation{a.org}, nil
	}
	return nil, nil
}

func (a *accounts) Organisation(context.Context, directory.Slug) (directory.Organisation, error) {
	return a.org, nil
}

func (a *accounts) User(_ context.Context, _ directory.Slug, id directory.UserID) (directory.User, error) {
	u, ok := a.users[id]
	if !ok {
		return u, directory.ErrNotFound
	}
	return u, nil
}

// Users gives out one user a page: the cursor is the number of the next. Nobody is archived.
func (a *accounts) Users(_ context.Context, q directory.UserQuery) (directory.UserPage, error) {
	if q.Status == directory.Archived {
		return directory.UserPage{}, nil
	}
	a.pages = append(a.pages, q.Cursor)
	var ids []directory.UserID
	for id := range a.users {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	n := len(q.Cursor)
	page := directory.UserPage{Users: []directory.User{a.users[ids[n]]}}
	if n+1 < len(ids) {
		page.Next = q.Cursor + "+"
	}
	return page, nil
}

func (a *accounts) Replan(_ context.Context, users []directory.PutUser) error {
	for _, p := range users {
		a.put(p)
	}
	return nil
}

func (a *accounts) PutReplanned(_ context.Context, o directory.Organisation) error {
	if a.refuse != nil {
		return a.refuse
	}
	a.org = o
	return nil
}

func (a *accounts) Commit(_ context.Context, c directory.Change) error {
	if a.meantime != nil {
		a.meantime()
		a.meantime = nil
	}
	if a.refuse != nil {
		return a.refuse
	}
	for _, w := range c.Writes {
		p, ok := w.(directory.PutUser)
		if ok && p.User.ID == a.broken {
			return errors.New("the record is too large")
		}
		if ok && a.users[p.User.ID].Version != p.User.Version {
			return directory.ErrStale
		}
	}
	for _, w := range c.Writes {
		if p, ok := w.(directory.PutUser); ok {
			a.put(p)
		}
	}
	a.changes = append(a.changes, c)
	return nil
}

func (a *accounts) put(p directory.PutUser) {
	p.User.Version++
	a.users[p.User.ID] = p.User
}

// staff is an organisation with these users, and the directory at a time.
func staff(o directory.Organisation, now time.Time, users ...directory.User) (*accounts, *directory.Directory) {
	a := &accounts{org: o, users: map[directory.UserID]directory.User{}}
	for i, u := range users {
		u.ID = directory.UserID(fmt.Sprintf("01kd00000000000000000000%02d", i))
		a.users[u.ID] = o.Put(u).User
	}
	ids := 0
	return a, &directory.Directory{
		Store: a, Now: func() time.Time { return now }, Clock: func() time.Time { return now },
		NewID: func() string { ids++; return fmt.Sprintf("01ke00000000000000000000%02d", ids) },
	}
}

// reminded lists the days that the mails name, in the order of the mails, and the notes of the audit trail.
func (a *accounts) reminded() (days, notes []string) {
	for _, c := range a.changes {
		for _, m := range c.Mails {
			days = append(days, m.ToEmail+" "+m.Data["date"])
		}
		for _, e := range c.Entries {
			notes = append(notes, e.Note)
		}
	}
	return days, notes
}

func TestReminders(t *testing.T) {
	t.Parallel()
	const date = "bk@nordbyskolen.example 1. februar 2026"
	tests := []struct {
		why    string
		at     time.Time
		change func(*directory.User)
		days   []string // the mails
		mails  int      // as they are counted afterwards
		note   string   // what the audit trail says beside it
	}{
		{why: "a moment before the first is due", at: began.Add(16*day - time.Millisecond)},
		{why: "the first", at: began.Add(16 * day), days: []string{date}, mails: 1},
		{
			why: "in the user's language", at: began.Add(16 * day), days: []string{"bk@nordbyskolen.example 1 February 2026"}, mails: 1,
			change: func(u *directory.User) { u.More = map[directory.UserField]string{directory.FieldLanguage: "en"} },
		},
		{why: "the second", at: began.Add(27 * day), change: func(u *directory.User) { u.ExpiryMails = 1 }, days: []string{date}, mails: 2},
		{why: "one that was missed is not made up for", at: began.Add(28 * day), days: []string{date}, mails: 2},
		{why: "the last moment", at: began.Add(30*day - time.Millisecond), days: []string{date}, mails: 2},
		{why: "the day has passed: there is nothing to say", at: began.Add(30 * day), mails: 2, note: "not mailed: the day has passed"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			a, d := staff(nordby(30), tt.at, teacher(tt.change))
			for range 2 { // each once, even if the sweep runs twice
				if _, err := d.Sweep(t.Context(), directory.SweepOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			days, notes := a.reminded()
			if !slices.Equal(days, tt.days) || strings.Join(notes, "") != tt.note {
				t.Errorf("mails %q, notes %q, want %q and %q", days, notes, tt.days, tt.note)
			}
			for _, u := range a.users {
				if u.ExpiryMails != tt.mails || !u.DueAt.Equal(a.org.Put(u).User.DueAt) {
					t.Errorf("%d mails are counted, the next is due at %s", u.ExpiryMails, u.DueAt)
				}
			}
			for _, c := range a.changes {
				if e := c.Entries[0]; len(c.Entries) != 1 || e.Action != directory.PasswordExpiring || e.Actor != directory.System {
					t.Errorf("the audit trail says %+v", c.Entries)
				}
			}
		})
	}
}

func TestSweepReport(t *testing.T) {
	t.Parallel()
	_, d := staff(nordby(30), began.Add(16*day),
		teacher(nil), teacher(nil), teacher(func(u *directory.User) { u.PasswordSetAt = began.Add(day) }))
	for _, want := range []directory.Swept{{Looked: 2, Reminded: 2}, {}} {
		got, err := d.Sweep(t.Context(), directory.SweepOptions{})
		if oldest := began.Add(16 * day); want.Looked > 0 && !got.OldestDue.Equal(oldest) {
			t.Errorf("the oldest was due at %s, want %s", got.OldestDue, oldest)
		}
		if got.OldestDue = want.OldestDue; err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
}

// One account in disorder keeps nobody else waiting, and is told.
func TestASweepGoesOnAfterAnAccountThatFails(t *testing.T) {
	t.Parallel()
	a, d := staff(nordby(30), began.Add(16*day), teacher(nil), teacher(nil), teacher(nil))
	id := directory.UserID("01kd0000000000000000000001")
	a.broken = id
	got, err := d.Sweep(t.Context(), directory.SweepOptions{})
	if err == nil || !strings.Contains(err.Error(), string(id)) || got.Reminded != 2 || got.Failed != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	a.broken = ""
	if got, err := d.Sweep(t.Context(), directory.SweepOptions{}); err != nil || got.Reminded != 1 || got.Failed != 0 {
		t.Errorf("afterwards: %+v, %v", got, err)
	}
}

func TestADryRunCountsAndDoesNothing(t *testing.T) {
	t.Parallel()
	a, d := staff(nordby(30), began.Add(16*day), teacher(nil), teacher(nil))
	for range 2 {
		got, err := d.Sweep(t.Context(), directory.SweepOptions{DryRun: true})
		if err != nil || got.Looked != 2 || got.Reminded != 2 || len(a.changes) != 0 {
			t.Errorf("got %+v, %v and %d changes", got, err, len(a.changes))
		}
	}
}

// Whoever cannot come in any more needs no new password; and what else is due to an account is done on the same day.
func TestAccessEndsBeforeThePasswordDoes(t *testing.T) {
	t.Parallel()
	leaving := teacher(func(u *directory.User) { u.EndsAt = began.Add(16*day + time.Hour) })
	a, d := staff(nordby(30), began.Add(17*day), leaving)
	got, err := d.Sweep(t.Context(), directory.SweepOptions{})
	_, notes := a.reminded()
	if want := []string{"not mailed: the user has no access", "endDate"}; err != nil || !slices.Equal(notes, want) {
		t.Errorf("%+v, %v, notes %q, want %q", got, err, notes, want)
	}
	if got.Looked != 2 || got.Archived != 1 || got.Reminded != 0 {
		t.Errorf("%+v", got)
	}
}

// What another request does between the sweep's reading and its writing counts, and what the index shows does not.
func TestSweepAmongOthers(t *testing.T) {
	t.Parallel()
	id := directory.UserID("01kd0000000000000000000000")
	tests := []struct {
		why  string
		set  func(*accounts)
		want directory.Swept
		mail bool
	}{
		{
			why: "another sweep reminded the user at the same moment",
			set: func(a *accounts) {
				a.meantime = func() {
					u := a.users[id]
					u.ExpiryMails = 1
					a.put(a.org.Put(u))
				}
			},
		},
		{
			why: "the user chose a new password at the same moment",
			set: func(a *accounts) {
				a.meantime = func() {
					u := a.users[id]
					u.PasswordSetAt = began.Add(16 * day)
					a.put(a.org.Put(u))
				}
			},
		},
		{
			why: "the user's name was changed at the same moment: it is looked at again", mail: true,
			want: directory.Swept{Looked: 1, Reminded: 1}, set: func(a *accounts) {
				a.meantime = func() { a.put(a.org.Put(a.users[id])) }
			},
		},
		{
			why: "the index still shows who was reminded", set: func(a *accounts) {
				a.lagging = []directory.User{a.users[id]}
				u := a.users[id]
				u.ExpiryMails = 1
				a.put(a.org.Put(u))
			},
		},
		{
			why: "the index still shows who was deleted", set: func(a *accounts) {
				a.lagging = []directory.User{a.users[id]}
				delete(a.users, id)
			},
		},
		{
			why: "the policy is another one, and the users are not planned anew yet",
			set: func(a *accounts) { a.org.Policy.Passwords.MaxAgeDays = 60 },
		},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			a, d := staff(nordby(30), began.Add(16*day), teacher(nil))
			tt.set(a)
			got, err := d.Sweep(t.Context(), directory.SweepOptions{})
			days, _ := a.reminded()
			got.OldestDue = time.Time{}
			if err != nil || got != tt.want || (len(days) > 0) != tt.mail {
				t.Errorf("got %+v, %v and the mails %q, want %+v", got, err, days, tt.want)
			}
		})
	}
}

func TestSweepEndsInTime(t *testing.T) {
	t.Parallel()
	a, d := staff(nordby(30), began.Add(16*day), teacher(nil), teacher(nil), teacher(nil))
	var spent atomic.Int64 // seconds, two for each account: one for the line of the trail, one for the mail
	newID := d.NewID
	d.NewID = func() string { spent.Add(1); return newID() }
	d.Clock = func() time.Time { return began.Add(time.Duration(spent.Load()) * time.Second) }
	// The real clock decides, not that by which accounts are judged, which a developer may have moved.
	first, err := d.Sweep(t.Context(), directory.SweepOptions{Deadline: began.Add(4 * time.Second)})
	if err != nil || !first.More || first.Reminded != 2 {
		t.Fatalf("%+v, %v", first, err)
	}
	rest, err := d.Sweep(t.Context(), directory.SweepOptions{})
	days, _ := a.reminded()
	if err != nil || rest.More || first.Reminded+rest.Reminded != 3 || len(days) != 3 {
		t.Errorf("%+v and then %+v, %v, mails %q", first, rest, err, days)
	}
}

func TestSweepWithoutAStoreFails(t *testing.T) {
	t.Parallel()
	a, d := staff(nordby(30), began.Add(16*day), teacher(nil))
	a.refuse = directory.NewUnavailable("store", time.Second, errors.New("down"))
	if got, err := d.Sweep(t.Context(), directory.SweepOptions{}); directory.KindOf(err) != directory.Unavailable || got.Reminded != 0 {
		t.Errorf("got %+v, %v, want kind unavailable and nobody reminded", got, err)
	}
	a.refuse = nil
	if got, err := d.Sweep(t.Context(), directory.SweepOptions{}); err != nil || got.Reminded != 1 {
		t.Errorf("afterwards: %+v, %v", got, err)
	}
}

func TestAnotherPolicyReachesEverybody(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why     string
		from    int
		to      int
		at      time.Duration // since the passwords were chosen
		mails   int           // sent before
		due     time.Time     // afterwards
		another bool          // the plan is another one
	}{
		{why: "turned on", to: 30, at: 5 * day, due: began.Add(16 * day), another: true},
		{why: "turned off", from: 30, at: 5 * day, another: true},
		{why: "longer", from: 30, to: 60, at: 5 * day, due: began.Add(46 * day), another: true},
		{why: "shorter", from: 60, to: 40, at: 5 * day, due: began.Add(26 * day), another: true},
		{why: "longer, after both mails of the earlier one: there are mails about the later day too", from: 30, to: 360, at: 28 * day, mails: 2, due: began.Add(346 * day), another: true},
		{why: "longer, after one mail, with the day so near that the second is the next", from: 30, to: 32, at: 20 * day, mails: 1, due: began.Add(29 * day), another: true},
		{why: "the same", from: 30, to: 30, at: 5 * day, due: began.Add(16 * day)},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			person := teacher(func(u *directory.User) { u.ExpiryMails = tt.mails })
			a, d := staff(nordby(tt.from), began.Add(tt.at), person, person, person)
			a.org.Policy.Passwords.MaxAgeDays, a.org.Replan = tt.to, true
			want := directory.Swept{}
			if tt.another {
				want.Replanned = 3
			}
			if got, err := d.Sweep(t.Context(), directory.SweepOptions{}); err != nil || got != want || a.org.Replan || a.org.Replanned != "" {
				t.Errorf("got %+v, %v, want %+v; still to do: %t", got, err, want, a.org.Replan)
			}
			for _, u := range a.users {
				if !u.DueAt.Equal(tt.due) {
					t.Errorf("%s is due at %s, want %s", u.ID, u.DueAt, tt.due)
				}
			}
		})
	}
}

func TestPlanningAnewGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	a, d := staff(nordby(0), began, teacher(nil), teacher(nil), teacher(nil))
	a.org.Policy.Passwords.MaxAgeDays, a.org.Replan = 30, true
	var reads atomic.Int64 // by all parts of the sweep
	d.Clock = func() time.Time { return began.Add(time.Duration(reads.Add(1)) * time.Second) }
	if got, err := d.Sweep(t.Context(), directory.SweepOptions{Deadline: began.Add(3 * time.Second)}); err != nil || !got.More || got.Replanned != 2 || a.org.Replanned != "++" {
		t.Fatalf("%+v, %v, stopped at %q", got, err, a.org.Replanned)
	}
	if got, err := d.Sweep(t.Context(), directory.SweepOptions{}); err != nil || got.Replanned != 1 || a.org.Replan {
		t.Errorf("%+v, %v", got, err)
	}
	if want := []string{"", "+", "++"}; !slices.Equal(a.pages, want) {
		t.Errorf("the pages %q were read, want %q", a.pages, want)
	}
}

// The settings changed again, or another sweep plans at the same moment: the next sweep sees to it.
func TestPlanningAnewAmongOthers(t *testing.T) {
	t.Parallel()
	a, d := staff(nordby(0), began, teacher(nil), teacher(nil))
	a.org.Policy.Passwords.MaxAgeDays, a.org.Replan, a.refuse = 30, true, directory.ErrStale
	if _, err := d.Sweep(t.Context(), directory.SweepOptions{}); err != nil || len(a.pages) != 1 || !a.org.Replan {
		t.Fatalf("%v, %d pages read", err, len(a.pages))
	}
	a.refuse = nil
	if _, err := d.Sweep(t.Context(), directory.SweepOptions{}); err != nil || a.org.Replan {
		t.Error(err)
	}
	for _, u := range a.users {
		if u.DueAt.IsZero() {
			t.Errorf("%s was not planned anew", u.ID)
		}
	}
}

// busy is a store that several may write to at once.
type busy struct {
	*accounts
	mu sync.Mutex
}

func (b *busy) Commit(ctx context.Context, c directory.Change) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.accounts.Commit(ctx, c)
}

// However many accounts are dealt with at once, each is dealt with once; and a store that is down ends the sweep.
func TestAccountsAbreast(t *testing.T) {
	t.Parallel()
	people := make([]directory.User, 50)
	for i := range people {
		people[i] = teacher(nil)
	}
	a, d := staff(nordby(30), began.Add(16*day), people...)
	var ids atomic.Int64
	d.Store, d.NewID = &busy{accounts: a}, func() string { return fmt.Sprintf("01ke%022d", ids.Add(1)) }
	down := directory.NewUnavailable("store", time.Second, errors.New("down"))
	a.refuse = down
	if got, err := d.Sweep(t.Context(), directory.SweepOptions{Abreast: 8}); !errors.Is(err, down) || got.Reminded != 0 {
		t.Errorf("without a store: %+v, %v", got, err)
	}
	a.refuse = nil
	got, err := d.Sweep(t.Context(), directory.SweepOptions{Abreast: 8})
	days, _ := a.reminded()
	if err != nil || got.Reminded != len(people) || len(days) != len(people) {
		t.Errorf("%+v, %v, %d mails for %d people", got, err, len(days), len(people))
	}
}
