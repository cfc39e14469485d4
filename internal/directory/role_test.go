package directory_test

import (
	"slices"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
)

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
		areas := directory.AreasOf(p.Areas, directory.RightsOf(p.Roles, u))
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

func TestDecisionsSayWhy(t *testing.T) {
	t.Parallel()
	p := schoolPortal(t)
	admin := directory.User{Roles: []directory.RoleID{"administrator"}}
	if d := directory.Decide(p.Roles, admin, directory.UsersManage); !d.Allowed || d.Reason != "through the role Administrator" {
		t.Errorf("got %+v", d)
	}
	user := directory.User{Roles: []directory.RoleID{"user", "a role that is gone"}}
	if d := directory.Decide(p.Roles, user, directory.UsersManage); d.Allowed || d.Reason == "" {
		t.Errorf("got %+v", d)
	}
}
