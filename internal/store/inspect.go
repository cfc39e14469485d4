package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

func unknownKind(k engine.Key) error {
	return fmt.Errorf("the record %q %q is of no kind that this version knows", k.Partition, k.Sort)
}

// Inspection looks at all records of a store for what must hold between them, as after a restore. It keeps some hundred bytes
// of each user.
type Inspection struct {
	store  *Store
	report Report
	orgs   map[directory.Slug]directory.Organisation
	users  map[owner]directory.User // without what is not looked at
	names  map[string]directory.UserID
	counts map[engine.Key]int64
	listed map[owner]bool
	closed map[directory.Slug]bool
	keeps  map[directory.UserID]bool // who has a password in the vault
}

type owner struct {
	org  directory.Slug
	user directory.UserID
}

// Report is what an inspection found.
type Report struct {
	Kinds map[string]int // how many records of each
	Users []directory.UserID
	// Wrong is what does not hold; the first wrongTold of it.
	Wrong []string
	More  int // of which there was no room
}

const wrongTold = 100

// Inspect begins an inspection.
func (s *Store) Inspect() *Inspection {
	return &Inspection{
		store: s, report: Report{Kinds: map[string]int{}}, orgs: map[directory.Slug]directory.Organisation{}, users: map[owner]directory.User{},
		names: map[string]directory.UserID{}, counts: map[engine.Key]int64{}, listed: map[owner]bool{}, closed: map[directory.Slug]bool{}, keeps: map[directory.UserID]bool{},
	}
}

func (i *Inspection) wrong(format string, about ...any) {
	if len(i.report.Wrong) == wrongTold {
		i.report.More++
		return
	}
	i.report.Wrong = append(i.report.Wrong, fmt.Sprintf(format, about...))
}

// Look takes the next record.
func (i *Inspection) Look(r engine.Record) {
	name, value, err := readAny(r)
	if err != nil {
		i.wrong("%v", err)
		return
	}
	i.report.Kinds[name]++
	parts := strings.Split(r.Key.Partition, string(separator))
	switch value := value.(type) {
	case directory.Organisation:
		i.orgs[value.Slug] = value
	case directory.ClosedOrganisation:
		if value.Begun.IsZero() { // what is half erased fits no more
			i.orgs[value.Organisation.Slug] = value.Organisation
		}
		i.closed[value.Organisation.Slug] = true
	case holder:
		i.holds(name, parts, r, value)
	case directory.User:
		i.user(r, value)
	}
	switch name {
	case "org#slug count#users", "org#slug holders#role":
		i.counts[r.Key] = r.Count
	case "vault#kind#id kept":
		i.keeps[directory.UserID(parts[2])] = true
	}
}

// holds takes a record that names a user: an administrator of the list, or whoever has a username.
func (i *Inspection) holds(kind string, parts []string, r engine.Record, h holder) {
	if kind == "name#slug#folded holder" {
		i.names[r.Key.Partition] = h.User
		return
	}
	i.listed[owner{directory.Slug(parts[1]), h.User}] = true
}

// user keeps what is looked at, and looks whether the lists have the user where lists are read.
func (i *Inspection) user(r engine.Record, u directory.User) {
	if r.Key != userKey(u.Org, u.ID) {
		i.wrong("the user %s of %s is kept under %q", u.ID, u.Org, r.Key.Partition)
	}
	if want := i.store.positions(u); !maps.Equal(want, r.Index) {
		i.wrong("the user %s of %s stands in the lists at %v, not at %v", u.ID, u.Org, r.Index, want)
	}
	i.users[owner{u.Org, u.ID}] = directory.User{Org: u.Org, ID: u.ID, Username: u.Username, Status: u.Status, Roles: u.Roles}
	i.report.Users = append(i.report.Users, u.ID)
}

// End compares what has come, and returns all that was found.
func (i *Inspection) End() Report {
	want := map[engine.Key]int64{}
	for _, o := range i.orgs {
		for _, r := range o.Roles {
			want[holdersKey(o.Slug, r.ID)] = 0
		}
		for _, s := range []directory.Status{directory.Active, directory.Archived} {
			want[userCountKey(o.Slug, s)] = 0
		}
	}
	for at, u := range i.users {
		o, there := i.orgs[at.org]
		if !there && i.closed[at.org] {
			continue
		}
		if !there {
			i.wrong("the user %s belongs to %s, which is not there", at.user, at.org)
			continue
		}
		i.belonging(o, u, want)
	}
	i.compare(want)
	for at := range i.listed {
		if _, whole := i.orgs[at.org]; !whole && i.closed[at.org] {
			continue
		}
		if u, there := i.users[at]; !there || !i.orgs[at.org].IsAdministrator(u) {
			i.wrong("%s is listed as administrator of %s, and is none", at.user, at.org)
		}
	}
	slices.Sort(i.report.Users)
	slices.Sort(i.report.Wrong)
	return i.report
}

// belonging looks at one user within the organisation, and counts.
func (i *Inspection) belonging(o directory.Organisation, u directory.User, want map[engine.Key]int64) {
	want[userCountKey(o.Slug, u.Status)]++
	for _, r := range o.Roles {
		if u.Status == directory.Active && o.Holds(u, r.ID) {
			want[holdersKey(o.Slug, r.ID)]++
		}
	}
	if holds := i.names[nameKey(o.Slug, u.Username).Partition]; holds != u.ID {
		i.wrong("the username %s of %s is held by %q, not by %s", u.Username, o.Slug, holds, u.ID)
	}
	if o.IsAdministrator(u) && !i.listed[owner{u.Org, u.ID}] {
		i.wrong("%s is an administrator of %s, and not listed", u.ID, o.Slug)
	}
}

// compare holds the counters against what was counted. Those of roles that were deleted have another use.
func (i *Inspection) compare(want map[engine.Key]int64) {
	for k, n := range want {
		if got := i.counts[k]; got != n {
			i.wrong("the counter %q %q says %d, and there are %d", k.Partition, k.Sort, got, n)
		}
	}
}

// Passwords are the users with one in the store itself; none where a pool keeps them.
func (i *Inspection) Passwords() map[directory.UserID]bool { return i.keeps }
