package directory_test

import (
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

func TestWhatKeepsAUserOut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status directory.Status
		ends   time.Time
		want   directory.Barrier
	}{
		{directory.Active, time.Time{}, directory.NoBarrier},
		{directory.Active, nineOClock.Add(time.Second), directory.NoBarrier},
		{directory.Active, nineOClock, directory.BarrierExpired}, // access ends at that moment, not after it
		{directory.Active, nineOClock.Add(-time.Hour), directory.BarrierExpired},
		{directory.Suspended, time.Time{}, directory.BarrierSuspended},
		{directory.Suspended, nineOClock, directory.BarrierSuspended}, // what an administrator decided says more than the date
		{directory.Archived, nineOClock, directory.BarrierArchived},
	}
	for _, tt := range tests {
		u := directory.User{Status: tt.status, EndsAt: tt.ends}
		if got := u.Barrier(nineOClock); got != tt.want {
			t.Errorf("%s, ending %s: %q, want %q", tt.status, tt.ends, got, tt.want)
		}
	}
}

// Which step leads from which status: every pair, what is so already aside.
func TestStepsFromEachStatus(t *testing.T) {
	t.Parallel()
	allowed := map[string]map[directory.Status]directory.Status{
		"suspend":   {directory.Active: directory.Suspended},
		"reinstate": {directory.Suspended: directory.Active},
		"archive":   {directory.Active: directory.Archived, directory.Suspended: directory.Archived},
		"restore":   {directory.Archived: directory.Active},
	}
	if len(directory.Steps) != len(allowed) {
		t.Errorf("there are %d steps, want %d", len(directory.Steps), len(allowed))
	}
	for name, s := range directory.Steps {
		for _, from := range []directory.Status{directory.Active, directory.Suspended, directory.Archived} {
			to, err := s.Take(from)
			want, ok := allowed[name][from]
			if ok && (err != nil || to != want) {
				t.Errorf("%s from %s leads to %s, %v; want %s", name, from, to, err, want)
			}
			if !ok && from != to && directory.CodeOf(err) != "wrong_status" {
				t.Errorf("%s from %s: %v, want wrong_status", name, from, err)
			}
		}
	}
}

// Whoever loses access loses all sessions in the same Commit; whoever gains it gets none back.
func TestLosingAccessEndsSessions(t *testing.T) {
	t.Parallel()
	o := organisationOf(schoolPortal(t))
	states := []directory.Status{directory.Active, directory.Suspended, directory.Archived}
	for _, from := range states {
		for _, to := range states {
			was := directory.User{ID: someone, Status: from, SessionEpoch: 7, Roles: []directory.RoleID{"user"}}
			u := was
			u.Status = to
			o.Settle(was, &u)
			ended := u.SessionEpoch != was.SessionEpoch
			if want := from != to && to != directory.Active; ended != want {
				t.Errorf("from %s to %s: sessions end: %t, want %t", from, to, ended, want)
			}
		}
	}
}

// The list of administrators, and the count of those who are active, follow every change of status and of roles.
func TestTheListOfAdministratorsIsKept(t *testing.T) {
	t.Parallel()
	o := organisationOf(schoolPortal(t))
	administrator := directory.User{ID: someone, Status: directory.Active, Roles: []directory.RoleID{"administrator"}}
	with := func(change func(*directory.User)) directory.User {
		u := administrator
		change(&u)
		return u
	}
	suspended := with(func(u *directory.User) { u.Status = directory.Suspended })
	teacher := with(func(u *directory.User) { u.Roles = []directory.RoleID{"user"} })
	tests := []struct {
		why      string
		was, now directory.User
		listed   *bool
		delta    int64
	}{
		{"added", directory.User{}, administrator, new(true), 1},
		{"promoted", teacher, administrator, new(true), 1},
		{"demoted", administrator, teacher, new(false), -1},
		{"deleted", administrator, directory.User{}, new(false), -1},
		{"suspended", administrator, suspended, nil, -1}, // whether they can be asked is looked at when they are named
		{"reinstated", suspended, administrator, nil, 1},
		{"renamed", administrator, with(func(u *directory.User) { u.GivenName = "Jane" }), nil, 0},
		{"deleted while suspended", suspended, directory.User{}, new(false), 0},
	}
	for _, tt := range tests {
		var listed *bool
		var delta int64
		for _, w := range o.Settle(tt.was, &tt.now) {
			switch w := w.(type) {
			case directory.ListAdministrator:
				if listed = &w.Listed; w.User != someone {
					t.Errorf("%s: %q is listed", tt.why, w.User)
				}
			case directory.CountHolders:
				if w.Role == "administrator" {
					delta += w.Delta
				}
			}
		}
		if (listed == nil) != (tt.listed == nil) || listed != nil && *listed != *tt.listed || delta != tt.delta {
			t.Errorf("%s: listed %v and counted %+d, want %v and %+d", tt.why, listed, delta, tt.listed, tt.delta)
		}
	}
}
