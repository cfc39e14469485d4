package directory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
)

func organisationOf(p directory.Preset) directory.Organisation {
	return directory.Organisation{Slug: "bash-street", Name: "Bash Street School", Language: "en", Roles: p.Roles, Policy: p.Policy}
}

// The guide: "Administrator users have the capabilities of ordinary users, but in addition they can …"
func TestAreasOfTheTwoKindsOfUser(t *testing.T) {
	t.Parallel()
	p := schoolPortal(t)
	tests := []struct {
		role directory.RoleID
		open []directory.AreaID
	}{
		{"user", []directory.AreaID{"interactive", "password"}},
		{"administrator", []directory.AreaID{"myStuff", "interactive", "upload", "contact", "password", "users"}},
		{"", nil},
	}
	for _, tt := range tests {
		u := directory.User{Roles: []directory.RoleID{tt.role}}
		var open []directory.AreaID
		areas := directory.AreasOf(p.Areas, directory.RightsOf(p.Rights, organisationOf(p), u), "en")
		for _, a := range areas {
			if a.Enabled {
				open = append(open, a.ID)
			}
		}
		if !slices.Equal(open, tt.open) || len(areas) != 6 {
			t.Errorf("%q opens %v of %d areas, want %v of 6", tt.role, open, len(areas), tt.open)
		}
	}
}

// Every combination of a role with the right, a role without it, a grant, a denial and a right that the catalogue has.
func TestDecideInEveryCase(t *testing.T) {
	t.Parallel()
	const right directory.Right = "reports.view"
	o := directory.Organisation{Language: "en", Roles: []directory.Role{
		{ID: "adviser", Label: directory.Label{"en": "Adviser"}, Rights: []directory.Right{right}},
		{ID: "clerk", Label: directory.Label{"en": "Clerk"}},
	}}
	catalogue := []directory.RightInfo{{ID: right, Label: directory.Label{"en": "See reports"}}}
	for bits := range 64 {
		has := func(bit int) bool { return bits&bit != 0 }
		var u directory.User
		if has(1) {
			u.Roles = append(u.Roles, "adviser")
		}
		if has(2) {
			u.Roles = append(u.Roles, "clerk")
		}
		if has(4) {
			u.Granted = []directory.Grant{{Right: right}}
		}
		if has(8) {
			u.Denied = []directory.Right{right}
		}
		known := catalogue
		if has(16) {
			known = nil // the preset no longer has it
		}
		if has(32) {
			u.Roles = append(u.Roles, "gone") // a role that was deleted
		}
		want := !has(16) && !has(8) && (has(4) || has(1))
		got := directory.Decide(known, o, u, right, nil)
		if got.Allowed != want || got.Reason == "" {
			t.Errorf("%06b: got %+v, want allowed %t", bits, got, want)
		}
		if in := slices.Contains(directory.RightsOf(known, o, u), right); in != want {
			t.Errorf("%06b: in the list of rights %t, want %t", bits, in, want)
		}
	}
}

// At a school, whatever gives the right, one that holds per school needs the school to be open and assigned.
func TestDecideAtASchoolInEveryCase(t *testing.T) {
	t.Parallel()
	const right directory.Right = "pupils.edit"
	o := directory.Organisation{Language: "en", Roles: []directory.Role{
		{ID: "collector", Label: directory.Label{"en": "Collector"}, Rights: []directory.Right{right}},
	}}
	for bits := range 128 {
		has := func(bit int) bool { return bits&bit != 0 }
		var u directory.User
		if has(1) {
			u.Roles = []directory.RoleID{"collector"}
		}
		if has(2) {
			u.Granted = []directory.Grant{{Right: right}}
		}
		if has(4) {
			u.Denied = []directory.Right{right}
		}
		catalogue := []directory.RightInfo{{ID: right, Label: directory.Label{"en": "Edit pupils"}, PerSchool: has(8)}}
		at := &directory.Posting{School: directory.School{Name: "St Mary's", Closed: has(16)}, Assigned: has(32)}
		if has(64) {
			at = nil
		}
		held := (has(1) || has(2)) && !has(4)
		want := held && (at == nil || !has(8) || !has(16) && has(32))
		if got := directory.Decide(catalogue, o, u, right, at); got.Allowed != want || got.Reason == "" {
			t.Errorf("%07b: got %+v, want allowed %t", bits, got, want)
		}
	}
}

func TestDecisionsSayWhy(t *testing.T) {
	t.Parallel()
	p := schoolPortal(t)
	o := organisationOf(p)
	tests := []struct {
		u    directory.User
		want string
	}{
		{directory.User{Roles: []directory.RoleID{"administrator"}}, "through the role Administrator"},
		{directory.User{Granted: []directory.Grant{{Right: directory.UsersView}}}, "given to this user beside the roles"},
		{directory.User{Granted: []directory.Grant{{Right: directory.UsersView, ApprovedBy: "Virginia Head"}}}, "Virginia Head agreed"},
		{directory.User{Roles: []directory.RoleID{"administrator"}, Denied: []directory.Right{directory.UsersView}}, "is denied to this user"},
		{directory.User{Roles: []directory.RoleID{"user"}}, `no role of this user has the right "See the school's users"`},
	}
	for _, tt := range tests {
		if d := directory.Decide(p.Rights, o, tt.u, directory.UsersView, nil); !strings.Contains(d.Reason, tt.want) {
			t.Errorf("got %q, want it to say %q", d.Reason, tt.want)
		}
	}
	if d := directory.Decide(p.Rights, o, tests[0].u, "reports.shred", nil); d.Allowed || d.Reason != "there is no right reports.shred" {
		t.Errorf("got %+v", d)
	}
}

// A denial always wins, and there is no right without a source.
func FuzzDecide(f *testing.F) {
	f.Add("a b", "c", "d", "a=b c", "c")
	f.Fuzz(func(t *testing.T, roles, granted, denied, definitions, asked string) {
		o := directory.Organisation{Language: "en"}
		var catalogue []directory.RightInfo
		source := map[directory.Right]bool{}
		u := directory.User{Denied: rights(denied)}
		for _, r := range rights(granted) {
			u.Granted = append(u.Granted, directory.Grant{Right: r})
			source[r] = true
		}
		for id := range strings.FieldsSeq(roles) {
			u.Roles = append(u.Roles, directory.RoleID(id))
		}
		for definition := range strings.SplitSeq(definitions, ";") {
			id, list, _ := strings.Cut(definition, "=")
			o.Roles = append(o.Roles, directory.Role{ID: directory.RoleID(id), Label: directory.Label{"en": id}, Rights: rights(list)})
			for _, r := range rights(list) {
				catalogue = append(catalogue, directory.RightInfo{ID: r})
				source[r] = source[r] || slices.Contains(u.Roles, directory.RoleID(id))
			}
		}
		d := directory.Decide(catalogue, o, u, directory.Right(asked), nil)
		if d.Allowed && (slices.Contains(u.Denied, directory.Right(asked)) || !source[directory.Right(asked)]) {
			t.Errorf("allowed %q: %s", asked, fmt.Sprint(d))
		}
	})
}

func rights(list string) []directory.Right {
	var all []directory.Right
	for r := range strings.FieldsSeq(list) {
		all = append(all, directory.Right(r))
	}
	return all
}
