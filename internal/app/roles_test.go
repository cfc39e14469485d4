package app_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/presets"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// council is a preset with every constraint that a role can have.
const council = `
label: Council
language: en
policy:
  usernames: { pattern: "{given:1}{family:4}{digits:6}", reuse: afterDelete }
  passwords: { minLength: 8, maxLength: 128, generatedLength: 12 }
  sessions: { idleMinutes: 30, absoluteHours: 12 }
  agreement: { when: never }
rights:
  - { id: users.view, label: { en: See users } }
  - { id: users.manage, label: { en: Manage users } }
  - { id: roles.manage, label: { en: Manage roles } }
  - { id: reports.view, label: { en: See reports } }
  - { id: pupils.view, label: { en: See pupils }, sensitive: true }
roles:
  - { id: super, label: { en: Super user }, administrator: true, grantsAny: true,
      rights: [users.view, users.manage, roles.manage], constraints: { grantedBy: managers, atLeastOne: true } }
  - { id: lead, label: { en: Lead }, rights: [reports.view],
      constraints: { grantedBy: managers, atMostOne: true, requires: [super] } }
  - { id: manager, label: { en: Manager }, rights: [users.view, users.manage, roles.manage], constraints: { grantedBy: managers } }
  - { id: clerk, label: { en: Clerk }, rights: [reports.view], constraints: { grantedBy: managers } }
  - { id: examiner, label: { en: Examiner }, rights: [reports.view], constraints: { grantedBy: managers, entitlement: exams } }
firstAdministrator: [super]
`

// council sets one up; its first super user is signed in.
func (p *plant) council(t *testing.T) directory.Caller {
	t.Helper()
	catalogue, err := presets.Open(fstest.MapFS{"council.yaml": {Data: []byte(council)}})
	if err == nil {
		err = catalogue.Check()
	}
	if err != nil {
		t.Fatal(err)
	}
	p.Directory.Presets = both{catalogue, p.Directory.Presets}
	made, err := p.Directory.CreateOrganisation(t.Context(), p.operator, directory.NewOrganisation{
		Slug: "council", Name: "Council", Preset: "council", FirstAdministrator: person("Sue", "Super"),
	}, directory.Once{})
	if err != nil {
		t.Fatal(err)
	}
	return p.enterAnew(t, made.User.Username, string(made.Password))
}

// both are two catalogues in one.
type both struct{ one, other directory.Presets }

func (b both) Names() []string { return append(b.one.Names(), b.other.Names()...) }
func (b both) Preset(name string) (directory.Preset, bool) {
	if p, ok := b.one.Preset(name); ok {
		return p, true
	}
	return b.other.Preset(name)
}

// enterAnew chooses a password and is in.
func (p *plant) enterAnew(t *testing.T, username, initial string) directory.Caller {
	t.Helper()
	c, _, err := p.Directory.SignIn(t.Context(), directory.SignIn{Org: "council", Username: username, Password: initial})
	if err == nil {
		c, _, err = p.Directory.MeetNewPassword(t.Context(), c, directory.NewPassword{Password: chosen, Repeat: chosen})
	}
	if err != nil || c.Admitted() != nil {
		t.Fatal(err, c.Admitted())
	}
	return c
}

// people adds users with roles.
func (p *plant) people(t *testing.T, c directory.Caller, n int, roles ...directory.RoleID) []directory.User {
	t.Helper()
	users := make([]directory.User, n)
	for i := range users {
		pat := person("Pat", fmt.Sprintf("Person%d", i))
		pat.Roles = &roles
		made, err := p.Directory.CreateUser(t.Context(), c, pat, directory.Once{})
		if err != nil {
			t.Fatal(err)
		}
		users[i] = made.User
	}
	return users
}

func (p *plant) setRoles(t *testing.T, c directory.Caller, u directory.User, roles ...directory.RoleID) error {
	t.Helper()
	_, err := p.Directory.ChangeRoles(t.Context(), c, u.ID, roles, nil)
	return err
}

// holders counts who has a role, by the users themselves.
func (p *plant) holders(t *testing.T, role directory.RoleID) int {
	t.Helper()
	page, err := p.Store.Users(t.Context(), directory.UserQuery{Org: "council", Roles: []directory.RoleID{role}, Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Users)
}

// atOnce does something for each of the users at the same instant and counts what came of it.
func atOnce(users []directory.User, do func(directory.User) error) map[string]int {
	var all sync.WaitGroup
	var mu sync.Mutex
	outcome := map[string]int{}
	for _, u := range users {
		all.Go(func() {
			err := do(u)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				outcome["done"]++
			} else {
				outcome[directory.CodeOf(err)]++
			}
		})
	}
	all.Wait()
	return outcome
}

func TestTheLastHolderStaysWhateverHappensAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		sue := p.council(t)
		supers := append(p.people(t, sue, 9, "super"), sue.User)
		outcome := atOnce(supers[:5], func(u directory.User) error { return p.setRoles(t, sue, u, "clerk") })
		if outcome["done"] != 5 {
			t.Errorf("with five left: %v", outcome)
		}
		// Each of the five who are left loses the role at the same instant, two of them by being deleted.
		left := supers[5:]
		outcome = atOnce(left, func(u directory.User) error {
			if u.ID == left[0].ID || u.ID == left[1].ID {
				return p.Directory.DeleteUser(t.Context(), sue, u.ID, nil)
			}
			return p.setRoles(t, sue, u, "clerk")
		})
		if outcome["done"] != 4 || outcome["last_administrator"] != 1 {
			t.Errorf("five at once: %v, want one to be refused", outcome)
		}
		if n := p.holders(t, "super"); n != 1 {
			t.Errorf("%d super users are left", n)
		}
	})
}

func TestThereIsOneLeadWhateverHappensAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		sue := p.council(t)
		candidates := p.people(t, sue, 8, "super")
		outcome := atOnce(candidates, func(u directory.User) error { return p.setRoles(t, sue, u, "super", "lead") })
		if outcome["done"] != 1 || outcome["role_constraint"] != 7 || p.holders(t, "lead") != 1 {
			t.Errorf("%v, %d leads", outcome, p.holders(t, "lead"))
		}
		clerk := p.people(t, sue, 1, "clerk")[0]
		if err := p.setRoles(t, sue, clerk, "lead"); directory.CodeOf(err) != "role_constraint" {
			t.Errorf("a lead who is no super user: %v", err)
		}
	})
}

func TestARoleDeletedWhileItIsGiven(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		sue := p.council(t)
		nobodies := p.people(t, sue, 6)
		var deleted error
		var deleting sync.WaitGroup
		deleting.Go(func() { deleted = p.Directory.DeleteRole(t.Context(), sue, "clerk", "", nil) })
		outcome := atOnce(nobodies, func(u directory.User) error { return p.setRoles(t, sue, u, "clerk") })
		deleting.Wait()
		if holders := p.holders(t, "clerk"); deleted == nil && holders > 0 || holders != outcome["done"] {
			t.Errorf("deleted: %v; given %v; %d have it", deleted, outcome, holders)
		}
	})
}

// A group with many members is changed by one write, and each member has the right at the next request.
func TestChangingAGroupDoesNotGrowWithItsMembers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		sue := p.council(t)
		cost := func() engine.Cost {
			m := &engine.Meter{}
			now := p.renewed(t, sue)
			in := directory.RoleInput{Name: "Clerk", Rights: []directory.Right{"reports.view", "users.view"}}
			if _, err := p.Directory.ChangeRole(engine.WithMeter(t.Context(), m), now, "clerk", in, nil); err != nil {
				t.Fatal(err)
			}
			return m.Total()
		}
		members := p.people(t, sue, 1, "clerk")
		few := cost()
		members = append(members, p.people(t, sue, 39, "clerk")...)
		if many := cost(); many != few {
			t.Errorf("%+v with 40 members, %+v with one", many, few)
		}
		o := p.renewed(t, sue).Organisation
		if d := directory.Decide(p.Directory.Catalogue(sue), o, members[7], directory.UsersView, nil); !d.Allowed {
			t.Errorf("a member: %s", d.Reason)
		}
		if err := p.Directory.DeleteRole(t.Context(), p.renewed(t, sue), "clerk", "", nil); directory.CodeOf(err) != "role_has_members" {
			t.Errorf("deleted with members: %v", err)
		}
		if err := p.Directory.DeleteRole(t.Context(), p.renewed(t, sue), "clerk", "manager", nil); err != nil {
			t.Fatal(err)
		}
		now := p.renewed(t, sue)
		if roles := now.Organisation.RolesOf(members[7]); !slices.Equal(roles, []directory.RoleID{"manager"}) {
			t.Errorf("a member now has %v", roles)
		}
		manager, err := p.Directory.Role(t.Context(), now, "manager")
		if err != nil || manager.Members != 40 {
			t.Errorf("%d have the role they were moved to, %v", manager.Members, err)
		}
		page, err := p.Directory.Users(t.Context(), now, directory.UserQuery{Roles: []directory.RoleID{"manager"}, Limit: 200})
		if err != nil || len(page.Users) != 40 {
			t.Errorf("the list shows %d, %v", len(page.Users), err)
		}
	})
}

// renewed is the caller with the organisation as it is now.
func (p *plant) renewed(t *testing.T, c directory.Caller) directory.Caller {
	t.Helper()
	o, err := p.Store.Organisation(t.Context(), c.Organisation.Slug)
	if err != nil {
		t.Fatal(err)
	}
	c.Organisation = o
	return c
}

func TestRolesRefuseWhatWouldBreakThem(t *testing.T) {
	t.Parallel()
	p, _ := small(t)
	sue := p.council(t)
	clerk := p.people(t, sue, 1, "clerk")[0]
	manager := p.people(t, sue, 1, "manager")[0]
	mo := sue
	mo.User, mo.Rights = manager, []directory.Right{"users.view", "users.manage", "roles.manage"}
	role := func(c directory.Caller, id directory.RoleID, in directory.RoleInput) error {
		_, err := p.Directory.ChangeRole(t.Context(), p.renewed(t, c), id, in, nil)
		return err
	}
	rights := func(c directory.Caller, u directory.User, ch directory.RightsChange) error {
		_, err := p.Directory.ChangeRights(t.Context(), c, u.ID, ch, nil)
		return err
	}
	reset := func(c directory.Caller, u directory.User) error {
		_, err := p.Directory.ResetPassword(t.Context(), c, u.ID)
		return err
	}
	nobody := p.people(t, sue, 1)[0]
	managing := []directory.Right{"users.view", "users.manage", "roles.manage"}
	tests := []struct {
		why  string
		err  error
		want string
	}{
		{"a role that requires one that requires it", role(sue, "super", directory.RoleInput{
			Name: "Super user", Rights: managing,
			Constraints: directory.Constraints{AtLeastOne: true, Requires: []directory.RoleID{"lead"}},
		}), "invalid"},
		{"a right there is not", role(sue, "clerk", directory.RoleInput{Name: "Clerk", Rights: []directory.Right{"reports.shred"}}), "invalid"},
		{"the name of another role", role(sue, "clerk", directory.RoleInput{Name: "Lead"}), "invalid"},
		{"stricter constraints than before", role(sue, "clerk", directory.RoleInput{
			Name:        "Clerk",
			Constraints: directory.Constraints{AtMostOne: true},
		}), "role_constraint"},
		{"a right that the giver does not have", role(mo, "manager", directory.RoleInput{Name: "Manager", Rights: append(managing, "reports.view")}), "role_constraint"},
		{"a sensitive right, which nobody agreed to for all who get the role", role(sue, "clerk", directory.RoleInput{
			Name: "Clerk", Rights: []directory.Right{"pupils.view"},
		}), "invalid"},
		{"a role whose rights the giver does not have", p.setRoles(t, mo, nobody, "clerk"), "role_constraint"},
		{"an account with rights that one does not have oneself", reset(mo, clerk), "missing_right"},
		{"a role that the organisation is not entitled to", p.setRoles(t, sue, clerk, "examiner"), "role_constraint"},
		{"the last super user", p.setRoles(t, sue, sue.User, "clerk"), "last_administrator"},
		{"a right both given and denied", rights(sue, clerk, directory.RightsChange{
			Grant: []directory.Right{"reports.view"}, Deny: []directory.Right{"reports.view"},
		}), "invalid"},
		{"a sensitive right that nobody agreed to", rights(sue, clerk, directory.RightsChange{Grant: []directory.Right{"pupils.view"}}), "invalid"},
		{"a single right that the giver does not have", rights(mo, nobody, directory.RightsChange{
			Grant: []directory.Right{"pupils.view"}, ApprovedBy: "Virginia Head",
		}), "role_constraint"},
		{"the right one is using, denied to oneself", rights(sue, sue.User, directory.RightsChange{Deny: []directory.Right{"users.manage"}}), "role_constraint"},
	}
	for _, tt := range tests {
		if directory.CodeOf(tt.err) != tt.want || tt.err == nil {
			t.Errorf("%s: got %v, want %s", tt.why, tt.err, tt.want)
		}
	}
	if err := rights(sue, clerk, directory.RightsChange{Grant: []directory.Right{"pupils.view"}, ApprovedBy: "Virginia Head"}); err != nil {
		t.Error(err)
	}
	d, err := p.Directory.DecideFor(t.Context(), sue, clerk.ID, "pupils.view", "")
	if err != nil || !d.Allowed || d.Reason != "given to this user beside the roles; Virginia Head agreed" {
		t.Errorf("%+v, %v", d, err)
	}
	// The manager who is left may still manage when the super users may not; then nobody would be left.
	if err := role(sue, "super", directory.RoleInput{Name: "Super user", Constraints: directory.Constraints{AtLeastOne: true}}); err != nil {
		t.Error(err)
	}
	if err := role(sue, "manager", directory.RoleInput{Name: "Manager"}); directory.CodeOf(err) != "last_administrator" || errors.Is(err, directory.ErrStale) {
		t.Errorf("nobody could manage users: %v", err)
	}
}

func TestARoleEndsWithTheEntitlement(t *testing.T) {
	t.Parallel()
	p, _ := small(t)
	sue := p.council(t)
	entitle := func(to ...string) error {
		_, err := p.Directory.ChangeOrganisation(t.Context(), p.operator, "council", directory.OrganisationChange{Entitlements: &to}, nil)
		return err
	}
	if err := entitle("exam"); directory.CodeOf(err) != "invalid" {
		t.Errorf("an entitlement that no role needs: %v", err)
	}
	if err := entitle("exams"); err != nil {
		t.Fatal(err)
	}
	pat := p.people(t, p.renewed(t, sue), 1, "examiner")[0]
	allowed := func() bool {
		d, err := p.Directory.DecideFor(t.Context(), p.renewed(t, sue), pat.ID, "reports.view", "")
		return err == nil && d.Allowed
	}
	if !allowed() {
		t.Error("an examiner of an entitled organisation sees no reports")
	}
	if err := entitle(); err != nil {
		t.Fatal(err)
	}
	if allowed() {
		t.Error("an examiner sees reports after the entitlement was withdrawn")
	}
}
