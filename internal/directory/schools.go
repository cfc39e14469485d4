package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// SchoolQuery asks for a page of an organisation's schools, by name.
type SchoolQuery struct {
	Org    Slug
	Book   string
	Match  string // prefix of the name; "" matches all
	Limit  int    // 1 to 1,000
	Cursor string
}

// SchoolPage is a page of schools.
type SchoolPage struct {
	Schools []School
	Next    string
}

// SchoolChange is what is wanted of a school; nil leaves it as it is.
type SchoolChange struct {
	Name, Code *string
	Closed     *bool
}

// Schools lists schools of the caller's organisation.
func (d *Directory) Schools(ctx context.Context, c Caller, q SchoolQuery) (SchoolPage, error) {
	if err := c.Require(SchoolsView); err != nil {
		return SchoolPage{}, err
	}
	q.Org, q.Book = c.Organisation.Slug, c.Organisation.SchoolBook
	return d.Store.Schools(ctx, q)
}

// School returns one of them; NotFound.
func (d *Directory) School(ctx context.Context, c Caller, id SchoolID) (School, error) {
	if err := c.Require(SchoolsView); err != nil {
		return School{}, err
	}
	return d.school(ctx, c, id)
}

func (d *Directory) school(ctx context.Context, c Caller, id SchoolID) (School, error) {
	if !id.Valid() {
		return School{}, ErrNotFound
	}
	return d.Store.School(ctx, c.Organisation, id)
}

// CreateSchool adds a school. Who must have all schools, or has them, has it at once.
func (d *Directory) CreateSchool(ctx context.Context, c Caller, ch SchoolChange, o Once) (School, error) {
	if err := c.Require(SchoolsManage); err != nil {
		return School{}, err
	}
	return once(ctx, d, c, "createSchool", o, func(r *Receipt) (School, error) {
		s := School{Org: c.Organisation.Slug, ID: SchoolID(d.NewID()), CreatedAt: d.Now()}
		return d.storeSchool(ctx, c, School{}, d.applySchool(s, ch), r)
	})
}

// ChangeSchool renames, closes or opens a school. It fails with Invalid, NotFound and Stale.
func (d *Directory) ChangeSchool(ctx context.Context, c Caller, id SchoolID, ch SchoolChange, seen *int64) (School, error) {
	if err := c.Require(SchoolsManage); err != nil {
		return School{}, err
	}
	s, err := d.school(ctx, c, id)
	if err != nil {
		return School{}, err
	}
	if err := expect(seen, s.Version); err != nil {
		return School{}, err
	}
	return d.storeSchool(ctx, c, s, d.applySchool(s, ch), nil)
}

func (d *Directory) applySchool(s School, ch SchoolChange) School {
	if ch.Name != nil {
		s.Name = d.clean(*ch.Name)
	}
	if ch.Code != nil {
		s.Code = d.clean(*ch.Code)
	}
	if ch.Closed != nil {
		s.Closed = *ch.Closed
	}
	return s
}

func (d *Directory) storeSchool(ctx context.Context, c Caller, was, s School, r *Receipt) (School, error) {
	var wrong checks
	s.check(&wrong)
	if err := wrong.err(); err != nil {
		return School{}, err
	}
	stored := s
	stored.Version++
	if err := r.keep(stored); err != nil {
		return School{}, err
	}
	entry := d.entry(c, SchoolChanged, User{Org: c.Organisation.Slug})
	entry.Before, entry.After = was.told(), s.told()
	err := d.Store.Commit(ctx, Change{
		Entries: []Entry{entry}, Writes: []Write{PutSchool{c.Organisation.SchoolBook, s}}, Receipt: r,
	})
	return stored, err
}

// told is what the audit trail tells of a school.
func (s School) told() map[string]string {
	if s.ID == "" {
		return nil
	}
	return map[string]string{"school": string(s.ID), "name": s.Name, "code": s.Code, "closed": fmt.Sprint(s.Closed)}
}

// DeleteSchool deletes a school that should not have been there; it is then on nobody's list. One that had to do with the
// organisation is better closed. It fails with NotFound and Stale.
func (d *Directory) DeleteSchool(ctx context.Context, c Caller, id SchoolID, seen *int64) error {
	if err := c.Require(SchoolsManage); err != nil {
		return err
	}
	var s School
	var writes []Write
	err := both(
		func() (err error) { s, err = d.school(ctx, c, id); return err },
		func() (err error) { writes, err = d.withoutSchool(ctx, c.Organisation, id); return err },
	)
	if err != nil {
		return err
	}
	if err := expect(seen, s.Version); err != nil {
		return err
	}
	entry := d.entry(c, SchoolDeleted, User{Org: c.Organisation.Slug})
	entry.Before = s.told()
	return d.Store.Commit(ctx, Change{
		Entries: []Entry{entry}, Writes: append(writes, RemoveSchool{c.Organisation.SchoolBook, s}),
	})
}

// withoutSchool are the writes that take a school out of every group.
func (d *Directory) withoutSchool(ctx context.Context, o Organisation, id SchoolID) ([]Write, error) {
	groups, err := d.Store.SchoolGroups(ctx, o)
	var writes []Write
	for _, g := range groups {
		if slices.Contains(g.Schools, id) {
			g.Schools = slices.DeleteFunc(slices.Clone(g.Schools), func(s SchoolID) bool { return s == id })
			writes = append(writes, PutSchoolGroup{o.SchoolBook, g})
		}
	}
	return writes, err
}

// UserSchools are a user's schools: all of them, or those on the list.
type UserSchools struct {
	User    User
	List    []Assignment
	Schools map[SchoolID]School // those on the list that there are
}

// SchoolsOf returns the schools of a user of the caller's organisation, or of the caller.
func (d *Directory) SchoolsOf(ctx context.Context, c Caller, id UserID) (UserSchools, error) {
	u := c.User
	if id != c.User.ID {
		if err := c.Require(UsersView); err != nil {
			return UserSchools{}, err
		}
		var err error
		if u, err = d.user(ctx, c, id); err != nil {
			return UserSchools{}, err
		}
	}
	list, err := d.Store.Assignments(ctx, u.Org, u.ID)
	if err != nil {
		return UserSchools{}, err
	}
	return d.withSchools(ctx, c, u, list.Schools)
}

func (d *Directory) withSchools(ctx context.Context, c Caller, u User, list []Assignment) (UserSchools, error) {
	if u.AllSchools {
		list = nil
	}
	var known UserSchools
	var there []School
	err := both(
		func() (err error) { known, err = d.withGroup(ctx, c, u); return err },
		func() (err error) {
			there, err = d.Store.SchoolsNamed(ctx, c.Organisation, schoolsIn(list))
			return err
		},
	)
	if err != nil {
		return UserSchools{}, err
	}
	known.fill(list, there)
	return known, nil
}

func schoolsIn(list []Assignment) []SchoolID {
	ids := make([]SchoolID, len(list))
	for i, a := range list {
		ids[i] = a.School
	}
	return ids
}

// withGroup leaves out a default group that was deleted since.
func (d *Directory) withGroup(ctx context.Context, c Caller, u User) (UserSchools, error) {
	known := UserSchools{User: u, Schools: map[SchoolID]School{}}
	if u.DefaultGroup == "" {
		return known, nil
	}
	_, err := d.Store.SchoolGroup(ctx, c.Organisation, u.DefaultGroup)
	if errors.Is(err, ErrNotFound) {
		known.User.DefaultGroup = ""
		return known, nil
	}
	return known, err
}

// fill sets the list; a school that was deleted is on nobody's.
func (s *UserSchools) fill(list []Assignment, all []School) {
	for _, school := range all {
		s.Schools[school.ID] = school
	}
	for _, a := range list {
		if _, there := s.Schools[a.School]; there {
			s.List = append(s.List, a)
		}
	}
}

// SchoolsChange sets a user's schools: all, those added later too, or a list.
type SchoolsChange struct {
	All  bool
	List []Assignment
	// DefaultGroup is the school group that reports begin with; nil leaves it.
	DefaultGroup *GroupID
}

// AssignSchools sets the schools of a user of the caller's organisation. A list that has every open school, for somebody
// who must have all, is taken as all. It fails with Invalid for a school there is not, with Conflict role_constraint when
// a role of the user demands all schools, and with NotFound and Stale.
func (d *Directory) AssignSchools(ctx context.Context, c Caller, id UserID, ch SchoolsChange, seen *int64) (UserSchools, error) {
	u, err := d.managed(ctx, c, id)
	if err != nil {
		return UserSchools{}, err
	}
	group, there, all, err := d.forAssignment(ctx, c, u, ch)
	if err != nil {
		return UserSchools{}, err
	}
	list, err := d.checkList(ch, there, group == "" && ch.DefaultGroup != nil && *ch.DefaultGroup != "")
	if err != nil {
		return UserSchools{}, err
	}
	u, err = d.changing(ctx, u, seen, func(u User) (User, error) { return d.storeSchools(ctx, c, u, ch, list, all) })
	if err != nil {
		return UserSchools{}, err
	}
	known := UserSchools{User: u, Schools: map[SchoolID]School{}}
	if u.DefaultGroup != group {
		if known, err = d.withGroup(ctx, c, u); err != nil {
			return UserSchools{}, err
		}
	}
	if !u.AllSchools {
		known.fill(list, there)
	}
	return known, nil
}

// forAssignment reads, at once, what an assignment is checked by: the default group that the user is to have, "" if there is
// none such; the schools of the list; and all schools, which are nil unless the user must have all.
func (d *Directory) forAssignment(ctx context.Context, c Caller, u User, ch SchoolsChange) (group GroupID, there, all []School, err error) {
	if ch.DefaultGroup != nil {
		u.DefaultGroup = *ch.DefaultGroup
	}
	err = both(
		func() error {
			known, err := d.withGroup(ctx, c, u)
			group = known.User.DefaultGroup
			return err
		},
		func() (err error) {
			if c.Organisation.needsAllSchools(u) {
				all, err = d.Store.AllSchools(ctx, c.Organisation)
				there = all
				return err
			}
			there, err = d.Store.SchoolsNamed(ctx, c.Organisation, schoolsIn(ch.List))
			return err
		},
	)
	return group, there, all, err
}

// checkList checks the list against the schools that there are; noGroup tells that the default group is not there.
func (d *Directory) checkList(ch SchoolsChange, there []School, noGroup bool) ([]Assignment, error) {
	var wrong checks
	known := map[SchoolID]bool{}
	for _, s := range there {
		known[s.ID] = true
	}
	list := make([]Assignment, 0, len(ch.List))
	for i, a := range ch.List {
		a.Relation = d.clean(a.Relation)
		at := fmt.Sprintf("schools[%d]", i)
		switch {
		case !known[a.School]:
			wrong.add(at+".id", rule.SchoolOnce)
		case a.Relation != "":
			wrong.text(at+".relation", a.Relation, maxRelation, false)
		}
		known[a.School] = false
		list = append(list, a)
	}
	if ch.All && len(ch.List) > 0 {
		wrong.add("schools", rule.AllSchools)
	}
	if noGroup {
		wrong.add("defaultGroup", rule.NoSuchGroup)
	}
	return list, wrong.err()
}

func (d *Directory) storeSchools(ctx context.Context, c Caller, was User, ch SchoolsChange, list []Assignment, all []School) (User, error) {
	u := was
	if all == nil && c.Organisation.needsAllSchools(was) { // a role was given in between
		var err error
		if all, err = d.Store.AllSchools(ctx, c.Organisation); err != nil {
			return User{}, err
		}
	}
	u.AllSchools = ch.All || c.Organisation.needsAllSchools(was) && covers(list, all)
	if u.AllSchools {
		list = nil
	}
	if ch.DefaultGroup != nil {
		u.DefaultGroup = *ch.DefaultGroup
	}
	for _, r := range c.Organisation.Roles {
		if c.Organisation.Holds(u, r.ID) {
			if err := c.Organisation.suits(r, u); err != nil {
				return User{}, err
			}
		}
	}
	before, err := d.Store.Assignments(ctx, u.Org, u.ID)
	if err != nil {
		return User{}, err
	}
	entry := d.entry(c, SchoolsAssigned, u)
	entry.Before, entry.After = toldSchools(was, before.Schools), toldSchools(u, list)
	now := Assignments{Org: u.Org, User: u.ID, Schools: list, Version: before.Version}
	err = d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{c.Organisation.Put(u), PutAssignments{now}}})
	u.Version++
	return u, err
}

// covers tells whether every open school is on the list.
func covers(list []Assignment, all []School) bool {
	on := map[SchoolID]bool{}
	for _, a := range list {
		on[a.School] = true
	}
	return !slices.ContainsFunc(all, func(s School) bool { return !s.Closed && !on[s.ID] })
}

func (o Organisation) needsAllSchools(u User) bool {
	return slices.ContainsFunc(o.Roles, func(r Role) bool { return r.Constraints.AllSchools && o.Holds(u, r.ID) })
}

// toldSchools is what the audit trail tells of a user's schools: a list of thousands would not fit, so it is counted.
func toldSchools(u User, list []Assignment) map[string]string {
	return map[string]string{"all": fmt.Sprint(u.AllSchools), "schools": fmt.Sprint(len(list)), "defaultGroup": string(u.DefaultGroup)}
}
