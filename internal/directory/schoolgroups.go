package directory

import (
	"context"
	"fmt"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// SchoolGroups lists the school groups of the caller's organisation, by name.
func (d *Directory) SchoolGroups(ctx context.Context, c Caller) ([]SchoolGroup, error) {
	if err := c.Require(SchoolsView); err != nil {
		return nil, err
	}
	return d.Store.SchoolGroups(ctx, c.Organisation)
}

// SchoolGroup returns one of them; NotFound.
func (d *Directory) SchoolGroup(ctx context.Context, c Caller, id GroupID) (SchoolGroup, error) {
	if err := c.Require(SchoolsView); err != nil {
		return SchoolGroup{}, err
	}
	return d.schoolGroup(ctx, c, id)
}

func (d *Directory) schoolGroup(ctx context.Context, c Caller, id GroupID) (SchoolGroup, error) {
	if !validID(string(id)) {
		return SchoolGroup{}, ErrNotFound
	}
	return d.Store.SchoolGroup(ctx, c.Organisation, id)
}

// CreateSchoolGroup adds a group of schools. It fails with Invalid.
func (d *Directory) CreateSchoolGroup(ctx context.Context, c Caller, name string, schools []SchoolID, o Once) (SchoolGroup, error) {
	if err := c.Require(SchoolsManage); err != nil {
		return SchoolGroup{}, err
	}
	return once(ctx, d, c, "createSchoolGroup", o, func(r *Receipt) (SchoolGroup, error) {
		var groups []SchoolGroup
		var there []School
		err := both(
			func() (err error) { groups, err = d.Store.SchoolGroups(ctx, c.Organisation); return err },
			func() (err error) { there, err = d.Store.SchoolsNamed(ctx, c.Organisation, schools); return err },
		)
		if err != nil {
			return SchoolGroup{}, err
		}
		if len(groups) >= MaxGroups {
			var wrong checks
			wrong.add("name", rule.GroupsFull, MaxGroups)
			return SchoolGroup{}, wrong.err()
		}
		g := SchoolGroup{Org: c.Organisation.Slug, ID: GroupID(d.NewID())}
		return d.storeGroup(ctx, c, g.with(d.clean(name), schools), there, r)
	})
}

// ChangeSchoolGroup sets a group's name and schools. It fails with Invalid, NotFound and Stale.
func (d *Directory) ChangeSchoolGroup(ctx context.Context, c Caller, id GroupID, name string, schools []SchoolID, seen *int64) (SchoolGroup, error) {
	if err := c.Require(SchoolsManage); err != nil {
		return SchoolGroup{}, err
	}
	var g SchoolGroup
	var there []School
	err := both(
		func() (err error) { g, err = d.schoolGroup(ctx, c, id); return err },
		func() (err error) { there, err = d.Store.SchoolsNamed(ctx, c.Organisation, schools); return err },
	)
	if err != nil {
		return SchoolGroup{}, err
	}
	if err := expect(seen, g.Version); err != nil {
		return SchoolGroup{}, err
	}
	return d.storeGroup(ctx, c, g.with(d.clean(name), schools), there, nil)
}

func (g SchoolGroup) with(name string, schools []SchoolID) SchoolGroup {
	g.Name, g.Schools = name, schools
	return g
}

// storeGroup stores a group, unless it has a school that is not among those that there are.
func (d *Directory) storeGroup(ctx context.Context, c Caller, g SchoolGroup, there []School, r *Receipt) (SchoolGroup, error) {
	var wrong checks
	wrong.text("name", g.Name, MaxName, false)
	known := map[SchoolID]bool{}
	for _, s := range there {
		known[s.ID] = true
	}
	for i, id := range g.Schools {
		if !known[id] {
			wrong.add(fmt.Sprintf("schools[%d]", i), rule.SchoolOnce)
		}
		known[id] = false
	}
	if err := wrong.err(); err != nil {
		return SchoolGroup{}, err
	}
	stored := g
	stored.Version++
	if err := r.keep(stored); err != nil {
		return SchoolGroup{}, err
	}
	entry := d.entry(c, SchoolGroupChanged, User{Org: c.Organisation.Slug})
	entry.After = map[string]string{"group": string(g.ID), "name": g.Name, "schools": fmt.Sprint(len(g.Schools))}
	err := d.Store.Commit(ctx, Change{
		Entries: []Entry{entry}, Writes: []Write{PutSchoolGroup{c.Organisation.SchoolBook, g}}, Receipt: r,
	})
	return stored, err
}

// DeleteSchoolGroup deletes a group; its schools stay. It fails with NotFound and Stale.
func (d *Directory) DeleteSchoolGroup(ctx context.Context, c Caller, id GroupID, seen *int64) error {
	if err := c.Require(SchoolsManage); err != nil {
		return err
	}
	g, err := d.schoolGroup(ctx, c, id)
	if err != nil {
		return err
	}
	if err := expect(seen, g.Version); err != nil {
		return err
	}
	entry := d.entry(c, SchoolGroupDeleted, User{Org: c.Organisation.Slug})
	entry.Before = map[string]string{"group": string(g.ID), "name": g.Name}
	return d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{RemoveSchoolGroup{c.Organisation.SchoolBook, g}}})
}
