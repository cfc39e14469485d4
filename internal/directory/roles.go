package directory

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// MaxRoles bounds the roles of an organisation; they are read with every request.
const MaxRoles = 60

// RoleInfo is a role with the number of its active holders.
type RoleInfo struct {
	Role    Role
	Members int64
}

// RoleInput is what an administrator decides about a role.
type RoleInput struct {
	Name        string // in the organisation's language
	Names       Label  // in all languages; nil: in all the same
	Rights      []Right
	Constraints Constraints
}

// Roles lists the roles of the caller's organisation with the numbers of their active holders.
func (d *Directory) Roles(ctx context.Context, c Caller) ([]RoleInfo, error) {
	if err := c.Require(UsersView); err != nil {
		return nil, err
	}
	ids := make([]RoleID, len(c.Organisation.Roles))
	for i, r := range c.Organisation.Roles {
		ids[i] = r.ID
	}
	counts, err := d.Store.Holders(ctx, c.Organisation.Slug, ids)
	if err != nil {
		return nil, err
	}
	infos := make([]RoleInfo, len(ids))
	for i, r := range c.Organisation.Roles {
		infos[i] = RoleInfo{Role: r, Members: counts[r.ID]}
	}
	return infos, nil
}

// Role returns one of them; NotFound.
func (d *Directory) Role(ctx context.Context, c Caller, id RoleID) (RoleInfo, error) {
	all, err := d.Roles(ctx, c)
	if err != nil {
		return RoleInfo{}, err
	}
	return pickRole(all, id)
}

func pickRole(all []RoleInfo, id RoleID) (RoleInfo, error) {
	i := slices.IndexFunc(all, func(r RoleInfo) bool { return r.Role.ID == id })
	if i < 0 {
		return RoleInfo{}, ErrNotFound
	}
	return all[i], nil
}

// Catalogue lists the rights there are in the caller's organisation.
func (d *Directory) Catalogue(c Caller) []RightInfo {
	p, _ := d.Presets.Preset(c.Organisation.Preset)
	return p.Rights
}

// CreateRole adds a role. It fails with Invalid and with Conflict role_constraint for a right the caller cannot give.
func (d *Directory) CreateRole(ctx context.Context, c Caller, in RoleInput, o Once) (RoleInfo, error) {
	if err := c.Require(RolesManage); err != nil {
		return RoleInfo{}, err
	}
	return once(ctx, d, c, "createRole", o, func(r *Receipt) (RoleInfo, error) {
		role, err := d.editRole(c, Role{ID: RoleID(d.NewID())}, in)
		if err != nil {
			return RoleInfo{}, err
		}
		made := RoleInfo{Role: role}
		if err := r.keep(made); err != nil {
			return RoleInfo{}, err
		}
		c.Organisation.Roles = append(slices.Clone(c.Organisation.Roles), role)
		return made, d.storeRoles(ctx, c, nil, &role, nil, r)
	})
}

// ChangeRole changes a role, and with it what all its holders may do at their next request; their records are not
// touched. Constraints can only be relaxed. It fails with Invalid, NotFound, Stale, and
// with Conflict last_administrator when nobody would be left who can manage users.
func (d *Directory) ChangeRole(ctx context.Context, c Caller, id RoleID, in RoleInput, seen *int64) (RoleInfo, error) {
	if err := c.Require(RolesManage); err != nil {
		return RoleInfo{}, err
	}
	all, err := d.Roles(ctx, c)
	if err != nil {
		return RoleInfo{}, err
	}
	was, err := pickRole(all, id)
	if err != nil {
		return RoleInfo{}, err
	}
	if err := expect(seen, was.Role.Version); err != nil {
		return RoleInfo{}, err
	}
	role, err := d.editRole(c, was.Role, in)
	if err != nil {
		return RoleInfo{}, err
	}
	guards, err := c.Organisation.guards(all, was.Role, &role)
	if err != nil {
		return RoleInfo{}, err
	}
	c.Organisation.Roles = slices.Clone(c.Organisation.Roles)
	*findRole(c.Organisation.Roles, id) = role
	return RoleInfo{Role: role, Members: was.Members}, d.storeRoles(ctx, c, &was.Role, &role, guards, nil)
}

// DeleteRole deletes a role. Holders get the role moveTo instead, all at once and however many they are; without it, a
// role that has holders stays, and the Conflict role_has_members says how many there are.
func (d *Directory) DeleteRole(ctx context.Context, c Caller, id, moveTo RoleID, seen *int64) error {
	if err := c.Require(RolesManage); err != nil {
		return err
	}
	all, err := d.Roles(ctx, c)
	if err != nil {
		return err
	}
	was, err := pickRole(all, id)
	if err != nil {
		return err
	}
	if err := expect(seen, was.Role.Version); err != nil {
		return err
	}
	writes, err := c.Organisation.retire(all, was, moveTo, c.giver())
	if err != nil {
		return err
	}
	o := c.Organisation
	c.Organisation.Roles = slices.DeleteFunc(slices.Clone(o.Roles), func(r Role) bool { return r.ID == id })
	c.Organisation.Merged = o.merge(id, moveTo)
	if err := c.Organisation.stillNamed(id); err != nil {
		return err
	}
	return d.storeRoles(ctx, c, &was.Role, nil, writes, nil)
}

// merge notes where the holders of a deleted role went.
func (o Organisation) merge(from, to RoleID) map[RoleID]RoleID {
	merged := map[RoleID]RoleID{}
	maps.Copy(merged, o.Merged)
	if to != "" {
		merged[from] = to
	}
	return merged
}

// stillNamed fails while something else names the role that is to go.
func (o Organisation) stillNamed(id RoleID) error {
	if slices.Contains(o.Policy.Users.DefaultRoles, id) {
		return &Error{Kind: Conflict, Code: "role_in_use", Detail: "New users are given this role. Please choose another default role first."}
	}
	for _, r := range o.Roles {
		if slices.Contains(r.Constraints.Requires, id) {
			return &Error{Kind: Conflict, Code: "role_in_use", Detail: "The role " + r.Label.In(o.Language) + " requires this role."}
		}
	}
	return nil
}

// editRole applies the input to a role, and says all that is wrong with it.
func (d *Directory) editRole(c Caller, r Role, in RoleInput) (Role, error) {
	o := c.Organisation
	if r.Constraints.GrantedBy == GrantedByOperator {
		return Role{}, r.broken("grantedBy", "Only the platform operator can change the role "+r.Label.In(o.Language)+".")
	}
	before, kept := r.Rights, r.Constraints
	r.Label = d.roleLabel(o, in)
	r.Rights = slices.Compact(slices.Sorted(slices.Values(in.Rights)))
	r.Constraints = in.Constraints
	// What the platform decides stays as it is.
	r.Constraints.GrantedBy, r.Constraints.Protected, r.Constraints.Entitlement = GrantedByManagers, kept.Protected, kept.Entitlement
	r.Version++
	if err := d.checkRole(o, r); err != nil {
		return Role{}, err
	}
	added := slices.DeleteFunc(slices.Clone(r.Rights), func(right Right) bool { return slices.Contains(before, right) })
	if right := c.giver().lacks(added); right != "" {
		return Role{}, r.broken("grantedBy", "You do not have the right "+string(right)+" and so cannot give it to a role.")
	}
	return r, nil
}

// roleLabel is how a role is called: in the organisation's language by its name, in the others as they are given, and in
// English at least.
func (d *Directory) roleLabel(o Organisation, in RoleInput) Label {
	label := Label{}
	for language, name := range in.Names {
		if name = d.clean(name); name != "" {
			label[language] = name
		}
	}
	label[o.Language] = d.clean(in.Name)
	if label["en"] == "" {
		label["en"] = label[o.Language]
	}
	return label
}

func (d *Directory) checkRole(o Organisation, r Role) error {
	var wrong checks
	name := r.Label.In(o.Language)
	wrong.text("name", name, MaxName, false)
	for _, language := range slices.Sorted(maps.Keys(r.Label)) {
		if language != o.Language && r.Label[language] != name {
			wrong.oneOf("names", language, languages...)
			wrong.text("names."+language, r.Label[language], MaxName, false)
		}
	}
	p, _ := d.Presets.Preset(o.Preset)
	for i, right := range r.Rights {
		switch info := findRight(p.Rights, right); {
		case info == nil:
			wrong.add(fmt.Sprintf("rights[%d]", i), rule.NoSuchRight, right)
		case info.Sensitive:
			wrong.add(fmt.Sprintf("rights[%d]", i), rule.SensitiveRight, right)
		}
	}
	roles := []Role{r}
	for _, other := range o.Roles {
		if other.ID == r.ID {
			continue
		}
		roles = append(roles, other)
		if other.Label.In(o.Language) == name {
			wrong.add("name", rule.RoleName)
		}
	}
	checkRequires(&wrong, "constraints", r, roles)
	if len(roles) > MaxRoles {
		wrong.add("name", rule.RolesFull, MaxRoles)
	}
	return wrong.err()
}

// guards are the checks that go with the Commit of a changed (or, with nil, deleted) role, so that somebody is left who
// can manage users. Constraints become no stricter: somebody may be given the role at this moment by the old ones.
func (o Organisation) guards(all []RoleInfo, was Role, now *Role) ([]Write, error) {
	if now != nil && now.Constraints.stricter(was.Constraints) {
		return nil, was.broken("relaxOnly",
			"The constraints of a role can only be relaxed. Please make a new role for stricter ones.")
	}
	if !slices.Contains(was.Rights, UsersManage) || now != nil && slices.Contains(now.Rights, UsersManage) {
		return nil, nil
	}
	for _, other := range all {
		if other.Role.ID != was.ID && other.Members > 0 && slices.Contains(other.Role.Rights, UsersManage) {
			left := CountHolders{Org: o.Slug, Role: other.Role.ID, Min: 1, Max: math.MaxInt64, Otherwise: errNobodyManages}
			return []Write{left}, nil
		}
	}
	return nil, errNobodyManages
}

var errNobodyManages = &Error{
	Kind: Conflict, Code: "last_administrator",
	Detail: "Nobody would be left who can manage users. Give another role that right, and somebody that role, first.",
}

// stricter tells whether a holder who suited before might not suit now.
func (now Constraints) stricter(was Constraints) bool {
	return now.AtMostOne && !was.AtMostOne || now.AtLeastOne && !was.AtLeastOne || now.AllSchools && !was.AllSchools ||
		now.Entitlement != "" && now.Entitlement != was.Entitlement ||
		slices.ContainsFunc(now.Requires, func(id RoleID) bool { return !slices.Contains(was.Requires, id) })
}

// retired is the count of a role that is gone: far below what giving the role to somebody could bring to one.
const retired = math.MinInt64 / 4

// retire are the writes by which the counts follow a role's end. They fail with Stale when somebody was given the role,
// or lost it, in between.
func (o Organisation) retire(all []RoleInfo, was RoleInfo, moveTo RoleID, by giver) ([]Write, error) {
	writes, err := o.guards(all, was.Role, nil)
	if err != nil && moveTo == "" {
		return nil, err
	}
	if moveTo == "" && was.Members > 0 {
		return nil, &Error{
			Kind: Conflict, Code: "role_has_members", Facts: map[string]any{"members": was.Members},
			Detail: fmt.Sprintf("%d people have this role. Please say which role they are to have instead (moveTo).", was.Members),
		}
	}
	gone := CountHolders{Org: o.Slug, Role: was.Role.ID, Delta: retired - was.Members, Min: retired, Max: retired, Otherwise: ErrStale}
	if moveTo == "" {
		return append(writes, gone), nil
	}
	to, err := pickRole(all, moveTo)
	if err != nil || moveTo == was.Role.ID {
		var wrong checks
		wrong.add("moveTo", rule.MoveTo)
		return nil, wrong.err()
	}
	return o.moveHolders(was, to, gone, by)
}

// moveHolders gives everybody another role. That one must suit all of them, so it may demand nothing; and it must not be
// one whose holders are counted exactly, for who had both roles would count twice.
func (o Organisation) moveHolders(was, to RoleInfo, gone CountHolders, by giver) ([]Write, error) {
	demands := to.Role.Constraints
	demands.GrantedBy, demands.Protected = "", false
	if demands.stricter(Constraints{}) {
		return nil, to.Role.broken("moveTo", "The role "+to.Role.Label.In(o.Language)+" has constraints that not everybody may meet. Please choose one without.")
	}
	if err := o.mayGive(to.Role, true, by); err != nil {
		return nil, err
	}
	writes := []Write{gone, CountHolders{Org: o.Slug, Role: to.Role.ID, Delta: was.Members, Min: 0, Max: math.MaxInt64, Otherwise: ErrStale}}
	if !slices.Contains(was.Role.Rights, UsersManage) || slices.Contains(to.Role.Rights, UsersManage) {
		return writes, nil
	}
	return nil, errNobodyManages
}

// storeRoles stores the caller's organisation with its roles as they now are. was is the role before, if there was one.
func (d *Directory) storeRoles(ctx context.Context, c Caller, was, now *Role, guards []Write, receipt *Receipt) error {
	entry := d.entry(c, RoleChanged, User{Org: c.Organisation.Slug})
	switch {
	case was == nil:
		entry.Action = RoleCreated
	case now == nil:
		entry.Action = RoleDeleted
	}
	entry.Before, entry.After = was.told(c.Organisation.Language), now.told(c.Organisation.Language)
	return d.Store.Commit(ctx, Change{
		Entries: []Entry{entry}, Writes: append([]Write{PutOrganisation{c.Organisation}}, guards...), Receipt: receipt,
	})
}

// told is what the audit trail tells of a role.
func (r *Role) told(language string) map[string]string {
	if r == nil {
		return nil
	}
	return map[string]string{
		"id": string(r.ID), "name": r.Label.In(language), "rights": joinWords(r.Rights), "constraints": fmt.Sprintf("%+v", r.Constraints),
	}
}
