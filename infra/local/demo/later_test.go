package demo_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/directory"
)

// laterOnes are the organisations that SeedLater sets up, with how many accounts each has.
var laterOnes = map[directory.Slug]int{"northfield-college": 13, "wessex": 13, "mercia": 14, "havnegade-skole": 13}

func usersOf(t *testing.T, d *directory.Directory, org directory.Slug) []directory.User {
	t.Helper()
	page, err := d.Store.Users(t.Context(), directory.UserQuery{Org: org, Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	return page.Users
}

func TestTheListsReachBackTwoYears(t *testing.T) {
	t.Parallel()
	local, now := install(t)
	seed(t, local.Directory, "")
	for org, want := range laterOnes {
		users := usersOf(t, local.Directory, org)
		if len(users) != want {
			t.Errorf("%s has %d users, want %d", org, len(users), want)
		}
		o, err := local.Directory.Store.Organisation(t.Context(), org)
		if err != nil {
			t.Fatal(err)
		}
		never, past := 0, []time.Time{}
		for _, u := range users {
			if due := o.Put(u).User.DueAt; !due.Equal(u.DueAt) {
				t.Errorf("%s is due at %v, want %v, reckoned from the sign-in of the past", u.Name(), u.DueAt, due)
			}
			switch {
			case u.LastSignInAt.IsZero():
				never++
			case u.LastSignInAt.Before(*now):
				past = append(past, u.LastSignInAt)
				wantRemembered(t, u)
			}
		}
		if never != 1 || len(past) != 8 {
			t.Errorf("%s: %d never signed in, want 1; %d did in the past, want 8", org, never, len(past))
			continue
		}
		slices.SortFunc(past, time.Time.Compare)
		if oldest := past[0]; oldest.Before(now.AddDate(-2, 0, 0)) || oldest.After(now.AddDate(0, -20, 0)) {
			t.Errorf("%s: the oldest sign-in is %v", org, oldest)
		}
		if newest := past[len(past)-1]; newest.Before(now.AddDate(0, 0, -2)) {
			t.Errorf("%s: the newest sign-in is %v", org, newest)
		}
	}
}

// wantRemembered fails unless the account is older than its last sign-in, which left the initial password alone.
func wantRemembered(t *testing.T, u directory.User) {
	t.Helper()
	if !u.CreatedAt.Before(u.LastSignInAt) || !u.MustChangePassword {
		t.Errorf("%s was created at %v and signed in at %v; initial password: %v",
			u.Name(), u.CreatedAt, u.LastSignInAt, u.MustChangePassword)
	}
}

func TestPeopleHaveTheSchoolsAndRightsOfThePlan(t *testing.T) {
	t.Parallel()
	local, _ := install(t)
	people := seed(t, local.Directory, "")
	schools := func(name string) []directory.Assignment {
		org, u := user(t, people, name)
		found, err := local.Directory.Store.Assignments(t.Context(), org, signIn(t, local.Directory, org, u).User.ID)
		if err != nil {
			t.Fatal(err)
		}
		return found.Schools
	}
	if got := schools("Colette Barnes"); len(got) != 3 {
		t.Errorf("the collector has the schools %+v", got)
	}
	if got := schools("Graham Tilley"); len(got) != 3 || got[0].Relation != "School Improvement Partner" {
		t.Errorf("the adviser has the schools %+v", got)
	}
	org, lead := user(t, people, "Edwin Marsh")
	if c := signIn(t, local.Directory, org, lead); !c.User.AllSchools || c.Organisation.SchoolBook == "" {
		t.Errorf("the lead has not all schools")
	}
	org, officer := user(t, people, "Victor Hale")
	want := []directory.Grant{
		{Right: "reports.cinCla", ApprovedBy: "Louise Merton, Virtual Head"},
		{Right: "reports.pupilLevel", ApprovedBy: "Louise Merton, Virtual Head"},
	}
	if diff := cmp.Diff(want, signIn(t, local.Directory, org, officer).User.Granted); diff != "" {
		t.Errorf("what was agreed: -want +got\n%s", diff)
	}
}

func TestTheListWaitsUntilAllIsThere(t *testing.T) {
	t.Parallel()
	local, _ := install(t)
	people := open(t, local.Directory, "")
	if err := people.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	first, more, err := people.AtOnce(t.Context())
	if err != nil || !more || len(first) != 2 {
		t.Errorf("at once there are %+v, more %v, %v", first, more, err)
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := people.Organisations(impatient); directory.KindOf(err) != directory.Unavailable {
		t.Errorf("whoever cannot wait is told %v", err)
	}
	waited := make(chan int)
	go func() {
		all, _ := people.Organisations(t.Context())
		waited <- len(all)
	}()
	if err := people.SeedLater(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := <-waited; n != 7 {
		t.Errorf("whoever waited sees %d organisations", n)
	}
	if all, more, err := people.AtOnce(t.Context()); err != nil || more || len(all) != 7 {
		t.Errorf("then at once there are %d, more %v, %v", len(all), more, err)
	}
}

// It tries some of the writes: hundreds of installations would take too long.
func TestALaterCrashIsContinuedFrom(t *testing.T) {
	t.Parallel()
	for name, kept := range map[string]bool{"the last write was lost": false, "the last write was kept": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crashes := 0
			for writes := 0; crashLaterAndGoOn(t, writes, kept); writes += 83 {
				crashes++
			}
			if crashes < 3 {
				t.Errorf("%d crashes are all: this cannot be", crashes)
			}
		})
	}
}

// crashLaterAndGoOn tells whether the seeding came as far as the crash.
func crashLaterAndGoOn(t *testing.T, writes int, kept bool) bool {
	t.Helper()
	local, now := install(t)
	d, file := local.Directory, filepath.Join(t.TempDir(), "demo.json")
	ends := &crash{Store: d.Store, Credentials: d.Credentials, kept: kept, left: 1 << 30}
	people := open(t, ends.of(d), file)
	if err := people.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	ends.left = writes
	err := people.SeedLater(t.Context())
	if _, told := people.Organisations(t.Context()); err != nil && !errors.Is(told, errCrashed) {
		t.Errorf("the failure %v is told as %v", err, told)
	}

	*now = now.Add(time.Second) // nobody agrees to the same twice in one instant
	people = seed(t, d, file)
	*now = now.Add(time.Second)
	for _, o := range list(t, people) {
		for _, u := range o.Users {
			signIn(t, d, o.Slug, u)
		}
	}
	for org, want := range laterOnes {
		emails := map[string]bool{}
		never := 0
		for _, u := range usersOf(t, d, org) {
			emails[u.Email] = true
			if u.LastSignInAt.IsZero() {
				never++
			}
		}
		// An administrator whose password the crash hid has not signed in, and another one has the same address.
		if len(emails) != want || never > 2 {
			t.Errorf("after a crash at write %d %s has %d people, want %d; %d never signed in", writes, org, len(emails), want, never)
		}
	}
	return err != nil
}
