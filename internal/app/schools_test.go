package app_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// programme sets up an authority of the measurement programme with so many schools; its super user is signed in.
func (p *plant) programme(t *testing.T, schools int) (directory.Caller, []directory.School) {
	t.Helper()
	table := "name,code\n"
	for i := range schools {
		table += fmt.Sprintf("School %04d,%06d\n", i, 100000+i)
	}
	made, err := p.Directory.CreateOrganisation(t.Context(), p.operator, directory.NewOrganisation{
		Slug: "programme", Name: "Programme", Preset: "measurement-programme", Schools: table, FirstAdministrator: person("Sue", "Super"),
	}, directory.Once{})
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := p.Directory.SignIn(t.Context(), directory.SignIn{Org: "programme", Username: made.User.Username, Password: string(made.Password)})
	if err == nil {
		c, _, err = p.Directory.MeetNewPassword(t.Context(), c, directory.NewPassword{Password: longer, Repeat: longer})
	}
	if err != nil {
		t.Fatal(err)
	}
	all, err := p.Store.AllSchools(t.Context(), c.Organisation)
	if err != nil || len(all) != schools {
		t.Fatalf("%d schools, %v", len(all), err)
	}
	return c, all
}

const longer = "a-rather-longer-pass-phrase"

func listOf(schools []directory.School) directory.SchoolsChange {
	var ch directory.SchoolsChange
	for _, s := range schools {
		ch.List = append(ch.List, directory.Assignment{School: s.ID})
	}
	return ch
}

// An authority may have thousands of schools; a list of them all is one record, and a decision reads no more for it.
func TestFiveThousandSchools(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		sue, all := p.programme(t, 5000)
		colin := p.people(t, sue, 1, "collector")[0]
		if _, err := p.Directory.AssignSchools(t.Context(), sue, colin.ID, listOf(all[:4999]), nil); err != nil {
			t.Fatal(err)
		}
		m := &engine.Meter{}
		d, err := p.Directory.DecideFor(engine.WithMeter(t.Context(), m), sue, colin.ID, "pupils.edit", all[17].ID)
		if err != nil || !d.Allowed || d.Reason != "through the role Collector, at "+all[17].Name {
			t.Errorf("%+v, %v", d, err)
		}
		if cost := m.Total(); cost.Calls > 2 {
			t.Errorf("the decision took %d calls", cost.Calls)
		}
		d, err = p.Directory.DecideFor(t.Context(), sue, colin.ID, "pupils.edit", all[4999].ID)
		if err != nil || d.Allowed || !strings.Contains(d.Reason, all[4999].Name+" is not assigned") {
			t.Errorf("%+v, %v", d, err)
		}
		page, err := p.Directory.Users(t.Context(), sue, directory.UserQuery{School: all[4999].ID, Limit: 50})
		if err != nil || len(page.Users) != 1 || page.Users[0].ID != sue.User.ID {
			t.Errorf("whoever has the last school: %v, %v", page.Users, err)
		}
		page, err = p.Directory.Users(t.Context(), sue, directory.UserQuery{School: all[17].ID, Limit: 50})
		if err != nil || len(page.Users) != 2 {
			t.Errorf("whoever has another: %v, %v", page.Users, err)
		}
	})
}

func TestTheLeadHasAllSchoolsAlways(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		sue, all := p.programme(t, 30)
		lena := p.people(t, sue, 1, "superUser")[0]
		if err := p.setRoles(t, sue, lena, "superUser", "ncmpLead"); directory.CodeOf(err) != "role_constraint" {
			t.Errorf("a lead without schools: %v", err)
		}
		if _, err := p.Directory.AssignSchools(t.Context(), sue, lena.ID, directory.SchoolsChange{All: true}, nil); err != nil {
			t.Fatal(err)
		}
		if err := p.setRoles(t, sue, lena, "superUser", "ncmpLead"); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Directory.AssignSchools(t.Context(), sue, lena.ID, listOf(all[1:]), nil); directory.CodeOf(err) != "role_constraint" {
			t.Errorf("a school less: %v", err)
		}
		if _, err := p.Directory.AssignSchools(t.Context(), sue, lena.ID, listOf(all), nil); err != nil {
			t.Errorf("all of them ticked one by one: %v", err)
		}
		u, err := p.Store.User(t.Context(), "programme", lena.ID)
		if err != nil || !u.AllSchools {
			t.Errorf("a list of all is not taken as all: %+v, %v", u, err)
		}
	})
}

func TestTablesOfSchoolsAreReadWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	p, _ := small(t)
	tests := []struct{ table, field string }{
		{"St Mary's\n", "schools"},                                                    // no header
		{"school,urn\nSt Mary's,1\n", "schools"},                                      // another one
		{"name,code\n,100123\n", "schools[2].name"},                                   // a row without a name
		{"name,code\nSt Mary's,1\nSt Mary's,1\n", "schools[3].name"},                  // twice
		{"name,code\n\"St Mary's,1\n", "schools[2]"},                                  // a quotation mark that never closes
		{"name,code\nSt Mary's," + strings.Repeat("9", 31) + "\n", "schools[2].code"}, // a code too long
	}
	for i, tt := range tests {
		_, err := p.Directory.CreateOrganisation(t.Context(), p.operator, directory.NewOrganisation{
			Slug: directory.Slug(fmt.Sprintf("wrong-%d", i)), Name: "Wrong", Preset: "measurement-programme", Schools: tt.table,
			FirstAdministrator: person("Sue", "Super"),
		}, directory.Once{})
		var named []string
		if e, ok := errors.AsType[*directory.Error](err); ok {
			for _, f := range e.Fields {
				named = append(named, f.Field)
			}
		}
		if len(named) == 0 || named[0] != tt.field {
			t.Errorf("%q: %v names %v, want %s", tt.table, err, named, tt.field)
		}
		if _, err := p.Store.Organisation(t.Context(), directory.Slug(fmt.Sprintf("wrong-%d", i))); directory.KindOf(err) != directory.NotFound {
			t.Errorf("%q: the organisation is there all the same", tt.table)
		}
	}
}
