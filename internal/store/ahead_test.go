package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// request is a context under which calls are counted and things can be read ahead.
func request(t *testing.T) (context.Context, func() int) {
	t.Helper()
	m := &engine.Meter{}
	return store.WithAhead(engine.WithMeter(t.Context(), m)), func() int { return m.Total().Calls }
}

// What was read ahead answers the first question for it. Whoever asks again, because somebody else was first, is told what is
// stored by then.
func TestWhatIsReadAheadAnswersOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	danny := person(1, "Danny", "Smith")
	add(t, s, danny)
	ctx, calls := request(t)
	if err := s.Ahead(ctx, directory.NeedUser{Org: school, User: danny.ID}, directory.NeedProofs{Org: school, User: danny.ID}); err != nil {
		t.Fatal(err)
	}
	changed := danny
	changed.Version, changed.GivenName = 1, "Daniel"
	add(t, s, changed) // by another request
	for _, want := range []string{"Danny", "Daniel"} {
		if got, err := s.User(ctx, school, danny.ID); err != nil || got.GivenName != want {
			t.Errorf("got %q, %v; want %q", got.GivenName, err, want)
		}
	}
	if _, _, err := s.Proofs(ctx, school, danny.ID, danny.Guard()); err != nil || calls() != 2 {
		t.Errorf("%d calls, %v; want one ahead, and one for the second question", calls(), err)
	}
}

func TestACommitLeavesNothingOfWhatWasReadAhead(t *testing.T) {
	t.Parallel()
	s := open(t)
	danny := person(1, "Danny", "Smith")
	add(t, s, danny)
	ctx, _ := request(t)
	if err := s.Ahead(ctx, directory.NeedUser{Org: school, User: danny.ID}); err != nil {
		t.Fatal(err)
	}
	changed := danny
	changed.Version, changed.GivenName = 1, "Daniel"
	err := s.Commit(ctx, directory.Change{
		Entries: []directory.Entry{entry()}, Writes: []directory.Write{directory.PutUser{User: changed}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.User(ctx, school, danny.ID); err != nil || got.GivenName != "Daniel" {
		t.Errorf("after the change the request reads %q, %v", got.GivenName, err)
	}
}

// All that is kept under a user goes, whether it was found beforehand, is too much for one Commit, or came in between; also
// when somebody else changed the user at the same instant, so that it has to be done again.
func TestNothingIsKeptUnderADeletedUser(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why          string
		before, late int // sessions
		stale        bool
	}{
		{"found beforehand", 5, 0, false},
		{"one came in between", 5, 1, false},
		{"more than one Commit takes", 150, 0, false},
		{"much came in between", 5, 120, false},
		{"the user was changed at the same instant", 5, 0, true},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			danny := person(1, "Danny", "Smith")
			add(t, s, danny)
			danny.Version = 1
			signIn := func(from, to int) {
				for n := from; n < to; n++ {
					session := directory.Session{Org: school, User: danny.ID, ID: directory.SessionID(fmt.Sprintf("session%d", n)), EndsAt: morning}
					err := s.Commit(t.Context(), directory.Change{
						Entries: []directory.Entry{entry()}, Writes: []directory.Write{directory.PutSession{Session: session}},
					})
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			signIn(0, c.before)
			ctx, _ := request(t)
			if err := s.Ahead(ctx, directory.NeedKept{Org: school, User: danny.ID}); err != nil {
				t.Fatal(err)
			}
			signIn(c.before, c.before+c.late)
			i := directory.Intent{ID: "intent", Kind: directory.DeleteCredential, Org: school, User: danny.ID, At: morning}
			remove := func(u directory.User) error {
				return s.Commit(ctx, directory.Change{
					Entries: []directory.Entry{entry()}, Writes: []directory.Write{directory.RemoveUser{User: u}, directory.OpenIntent{Intent: i}},
				})
			}
			if c.stale {
				old := danny
				old.Version = 7
				if err := remove(old); err == nil {
					t.Fatal("a user that was changed in between was deleted")
				}
			}
			if err := remove(danny); err != nil {
				t.Fatal(err)
			}
			if err := s.Erase(ctx, i); err != nil {
				t.Fatal(err)
			}
			left, err := s.Sessions(t.Context(), school, danny.ID)
			if err != nil || len(left) > 0 {
				t.Errorf("%d sessions are left, %v", len(left), err)
			}
			if open, err := s.Intents(t.Context(), morning.AddDate(0, 0, 1), 10); err != nil || len(open) > 0 {
				t.Errorf("%d intents are left, %v", len(open), err)
			}
		})
	}
}
