package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
	"github.com/caretaker/caretaker/internal/text"
)

const school directory.Slug = "bash-street"

var morning = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

func open(tb testing.TB) *store.Store {
	tb.Helper()
	e, err := bolt.Open(":memory:")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := e.Close(); err != nil {
			tb.Error(err)
		}
	})
	return store.New(e, text.Fold)
}

var entries atomic.Int64

func entry() directory.Entry {
	return directory.Entry{ID: fmt.Sprintf("entry%06d", entries.Add(1)), Org: school, At: morning, Action: directory.UserCreated}
}

// person makes a user whose id ends with n.
func person(n int, given, family string) directory.User {
	return directory.User{
		Org: school, ID: directory.UserID(fmt.Sprintf("01kd%022d", n)), Username: fmt.Sprintf("%.1s%.4s%04d", given, family, n),
		GivenName: given, FamilyName: family, Email: fmt.Sprintf("%s.%d@bash-street.example", strings.ToLower(given), n),
		Status: directory.Active, Roles: []directory.RoleID{"user"}, CreatedAt: morning,
	}
}

func add(tb testing.TB, s *store.Store, users ...directory.User) {
	tb.Helper()
	for _, u := range users {
		err := s.Commit(tb.Context(), directory.Change{
			Entries: []directory.Entry{entry()}, Writes: []directory.Write{directory.PutUser{User: u}},
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// all reads a list page by page.
func all(tb testing.TB, s *store.Store, q directory.UserQuery) (names []string, pages int) {
	tb.Helper()
	q.Org = school
	for {
		p, err := s.Users(tb.Context(), q)
		if err != nil {
			tb.Fatal(err)
		}
		pages++
		for _, u := range p.Users {
			names = append(names, u.GivenName+" "+u.FamilyName)
		}
		if p.Next == "" {
			return names, pages
		}
		q.Cursor = p.Next
	}
}

func staff(tb testing.TB) *store.Store {
	tb.Helper()
	s := open(tb)
	seen := person(5, "Émile", "Zola")
	seen.LastSignInAt = morning
	admin := person(1, "Jane", "Admin")
	admin.Roles = []directory.RoleID{"administrator"}
	admin.LastSignInAt = morning.Add(time.Hour)
	add(tb, s, person(3, "Daniel", "Smith"), seen, admin, person(2, "Danny", "smith"), person(4, "Ann", "Ångström"))
	return s
}

func TestListsInEveryOrder(t *testing.T) {
	t.Parallel()
	s := staff(t)
	tests := []struct {
		sort directory.UserSort
		down bool
		want string
	}{
		{directory.SortFamilyName, false, "Jane Admin, Ann Ångström, Daniel Smith, Danny smith, Émile Zola"}, // no case, no accents
		{directory.SortFamilyName, true, "Émile Zola, Danny smith, Daniel Smith, Ann Ångström, Jane Admin"},
		{directory.SortGivenName, false, "Ann Ångström, Daniel Smith, Danny smith, Émile Zola, Jane Admin"},
		{directory.SortUsername, false, "Ann Ångström, Danny smith, Daniel Smith, Jane Admin, Émile Zola"},
		{directory.SortLastSignIn, false, "Danny smith, Daniel Smith, Ann Ångström, Émile Zola, Jane Admin"}, // never first
		{directory.SortLastSignIn, true, "Jane Admin, Émile Zola, Ann Ångström, Daniel Smith, Danny smith"},
	}
	for _, tt := range tests {
		for _, limit := range []int{1, 2, 5, 200} {
			got, pages := all(t, s, directory.UserQuery{Sort: tt.sort, Descending: tt.down, Limit: limit})
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("by %s, %d a page: got %s\nwant %s", tt.sort, limit, strings.Join(got, ", "), tt.want)
			}
			if most := (5 + limit - 1) / limit; pages > most {
				t.Errorf("by %s, %d a page: %d pages, want at most %d", tt.sort, limit, pages, most)
			}
		}
	}
}

func TestSearchMatchesTheBeginningOfAnyName(t *testing.T) {
	t.Parallel()
	s := staff(t)
	tests := []struct{ match, want string }{
		{"sm", "Daniel Smith, Danny smith"},
		{"SMITH DA", "Daniel Smith, Danny smith"}, // family and given name as lists show them
		{"danny s", "Danny smith"},                // or the other way round
		{"angstrom", "Ann Ångström"},              // typed without accents
		{"ÅNG", "Ann Ångström"},
		{"emile", "Émile Zola"},
		{"jadmi", "Jane Admin"}, // a username
		{"daniel.3@", "Daniel Smith"},
		{"mith", ""}, // only beginnings
		{"%", ""},
		{"😀", ""}, // not everybody
	}
	for _, tt := range tests {
		for _, limit := range []int{1, 50} {
			got, _ := all(t, s, directory.UserQuery{Match: tt.match, Limit: limit})
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("%q: got %v, want %s", tt.match, got, tt.want)
			}
		}
	}
	if got, _ := all(t, s, directory.UserQuery{Roles: []directory.RoleID{"administrator"}, Limit: 50}); !slices.Equal(got, []string{"Jane Admin"}) {
		t.Errorf("administrators: %v", got)
	}
	if got, _ := all(t, s, directory.UserQuery{Match: "a", Roles: []directory.RoleID{"user"}, Limit: 1}); !slices.Equal(got, []string{"Ann Ångström"}) {
		t.Errorf("users beginning with a: %v", got)
	}
}

func TestTotalsAndCursors(t *testing.T) {
	t.Parallel()
	s := staff(t)
	p, err := s.Users(t.Context(), directory.UserQuery{Org: school, Limit: 2})
	if err != nil || p.Total == nil || *p.Total != 5 {
		t.Fatalf("got %v, %v, want a total of 5", p.Total, err)
	}
	for why, q := range map[string]directory.UserQuery{
		"another order":     {Org: school, Limit: 2, Cursor: p.Next, Sort: directory.SortUsername},
		"another direction": {Org: school, Limit: 2, Cursor: p.Next, Descending: true},
		"not a cursor":      {Org: school, Limit: 2, Cursor: "page2"},
		"cut":               {Org: school, Limit: 2, Cursor: p.Next[:len(p.Next)-4]},
	} {
		if _, err := s.Users(t.Context(), q); directory.CodeOf(err) != "invalid_cursor" {
			t.Errorf("%s: %v, want invalid_cursor", why, err)
		}
	}
	if p, err := s.Users(t.Context(), directory.UserQuery{Org: "next-door", Limit: 50}); err != nil || len(p.Users) != 0 || *p.Total != 0 {
		t.Errorf("the school next door sees %v, %v", p, err)
	}
}

// A page reads what it shows and one counter, however many users there are; a search reads the matches.
func TestListsCostWhatTheyShow(t *testing.T) {
	t.Parallel()
	s := open(t)
	for n := range 300 {
		add(t, s, person(n, "Pat", fmt.Sprintf("Staff%03d", n)))
	}
	add(t, s, person(900, "Danny", "Smith"))
	cost := func(q directory.UserQuery) int {
		m := &engine.Meter{}
		q.Org = school
		if _, err := s.Users(engine.WithMeter(t.Context(), m), q); err != nil {
			t.Fatal(err)
		}
		return m.Total().Calls
	}
	if got := cost(directory.UserQuery{Limit: 50}); got > 2 {
		t.Errorf("a page of 50 took %d calls, want 2 at once", got)
	}
	if got := cost(directory.UserQuery{Match: "smith", Limit: 50}); got > 4 {
		t.Errorf("a search took %d calls, want 4 at once", got)
	}
}

func TestWhatACommitSaysWhenItCannotBe(t *testing.T) {
	t.Parallel()
	s := open(t)
	danny := person(1, "Danny", "Smith")
	add(t, s, danny)
	commit := func(writes ...directory.Write) error {
		return s.Commit(t.Context(), directory.Change{Entries: []directory.Entry{entry()}, Writes: writes})
	}
	twin := person(2, "Danny", "Smith")
	twin.Username = strings.ToUpper(danny.Username)
	stale := danny
	stale.Version = 7
	tests := []struct {
		why   string
		write directory.Write
		want  error
	}{
		{"the same username in other letters", directory.PutUser{User: twin}, directory.ErrUsernameTaken},
		{"changed in between", directory.PutUser{User: stale}, directory.ErrStale},
		{"deleted in between", directory.RemoveUser{User: stale}, directory.ErrStale},
	}
	for _, tt := range tests {
		if err := commit(tt.write); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.why, err, tt.want)
		}
	}
	if err := s.Commit(t.Context(), directory.Change{Writes: []directory.Write{directory.PutUser{User: twin}}}); err == nil {
		t.Error("a change without a trace was stored")
	}
	danny.Version = 1
	if err := commit(directory.RemoveUser{User: danny, KeepName: true}); err != nil {
		t.Fatal(err)
	}
	if err := commit(directory.PutUser{User: twin}); !errors.Is(err, directory.ErrUsernameTaken) {
		t.Errorf("a username was given to a second person: %v", err)
	}
}
