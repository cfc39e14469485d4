package directory

import (
	"context"
	"slices"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// giver is who gives roles and rights: an organisation's manager, or the operator, who may give everything.
type giver struct {
	operator bool
	any      bool // also what the giver does not have
	rights   []Right
}

// theOperator gives everything.
var theOperator = giver{operator: true, any: true}

func (c Caller) giver() giver {
	g := giver{rights: c.Rights}
	for _, r := range c.Organisation.Roles {
		g.any = g.any || r.GrantsAny && c.Organisation.Holds(c.User, r.ID)
	}
	return g
}

// lacks returns a right the giver cannot give; "" if there is none.
func (g giver) lacks(rights []Right) Right {
	for _, r := range rights {
		if !g.any && !slices.Contains(g.rights, r) {
			return r
		}
	}
	return ""
}

func (o Organisation) checkRoles(c *checks, roles []RoleID) {
	for _, id := range roles {
		if _, ok := o.Role(id); !ok {
			c.add("roles", rule.NoSuchRole, id)
		}
	}
}

func (o Organisation) changeRoles(u User, roles []RoleID, by giver) (User, error) {
	var wrong checks
	o.checkRoles(&wrong, roles)
	if err := wrong.err(); err != nil {
		return User{}, err
	}
	return o.giveRoles(u, roles, by)
}

// giveRoles returns u with these roles and no others. It fails with Conflict role_constraint when a role is not the
// giver's to give or take away, or its constraints do not allow it for this user; those about other holders are for
// the Commit to enforce.
func (o Organisation) giveRoles(u User, roles []RoleID, by giver) (User, error) {
	before := u
	u.Roles = slices.Clone(roles)
	u.Roles = o.RolesOf(u)
	for _, r := range o.Roles {
		had, has := o.Holds(before, r.ID), o.Holds(u, r.ID)
		if had != has {
			if err := o.mayGive(r, has, by); err != nil {
				return User{}, err
			}
		}
		if has {
			if err := o.suits(r, u); err != nil {
				return User{}, err
			}
		}
	}
	return u, nil
}

// mayGive tells whether the giver may give the role, or take it away.
func (o Organisation) mayGive(r Role, give bool, by giver) error {
	name := r.Label.In(o.Language)
	if r.Constraints.GrantedBy == GrantedByOperator && !by.operator {
		return r.broken("grantedBy", "Only the platform operator can give or take away the role "+name+". Please contact customer service.")
	}
	if right := by.lacks(r.Rights); give && right != "" {
		return r.broken("grantedBy", "The role "+name+" has the right "+string(right)+", which you do not have and so cannot give.")
	}
	if give && !o.EntitledTo(r) {
		return r.broken("entitlement", o.Name+" is not entitled to the role "+name+" ("+r.Constraints.Entitlement+").")
	}
	return nil
}

// suits tells whether the user meets what the role demands of its holders.
func (o Organisation) suits(r Role, u User) error {
	name := r.Label.In(o.Language)
	for _, id := range r.Constraints.Requires {
		if required, ok := o.Role(id); ok && !o.Holds(u, id) {
			return r.broken("requires", "Whoever has the role "+name+" must have the role "+required.Label.In(o.Language)+" too.")
		}
	}
	if r.Constraints.AtLeastOne && !u.EndsAt.IsZero() { // on that day nobody might be left
		return r.broken("noEndDate", "Whoever has the role "+name+" cannot have an end date, because somebody must always have it.")
	}
	if r.Constraints.AllSchools && !u.AllSchools {
		return r.broken("allSchools", "Whoever has the role "+name+" must have all schools. Please assign them first.")
	}
	return nil
}

// boundTo returns a role with constraints that alone gives a right; nil if the right can be had without. Given singly, it
// would get round the constraints.
func (o Organisation) boundTo(right Right) *Role {
	var bound *Role
	for i, r := range o.Roles {
		if !slices.Contains(r.Rights, right) {
			continue
		}
		if !r.Constraints.stricter(Constraints{AtLeastOne: true}) {
			return nil
		}
		bound = &o.Roles[i]
	}
	return bound
}

// ChangeRoles sets the roles of a user of the caller's organisation. It fails with Invalid for a role there is not, with
// Conflict role_constraint, and with NotFound and Stale.
func (d *Directory) ChangeRoles(ctx context.Context, c Caller, id UserID, roles []RoleID, seen *int64) (User, error) {
	return d.ChangeUser(ctx, c, id, UserChange{Roles: &roles}, seen)
}

// RightsChange sets the rights of a user beside those of the roles: all of those given, all of those denied.
type RightsChange struct {
	Grant, Deny []Right
	ApprovedBy  string // who agreed; required when a sensitive right is given anew
}

// ChangeRights sets the rights of a user beside the roles. It fails with Invalid for a right there is not, or a sensitive
// one that nobody agreed to; with Conflict role_constraint for a right that the caller cannot give; NotFound, Stale.
func (d *Directory) ChangeRights(ctx context.Context, c Caller, id UserID, ch RightsChange, seen *int64) (User, error) {
	u, err := d.managed(ctx, c, id)
	if err != nil {
		return User{}, err
	}
	return d.changing(ctx, u, seen, func(u User) (User, error) { return d.storeRights(ctx, c, u, ch) })
}

func (d *Directory) storeRights(ctx context.Context, c Caller, was User, ch RightsChange) (User, error) {
	p, _ := d.Presets.Preset(c.Organisation.Preset)
	if err := ch.check(c, p.Rights, was); err != nil {
		return User{}, err
	}
	u := was
	u.Granted, u.Denied = nil, slices.Compact(slices.Sorted(slices.Values(ch.Deny)))
	for _, right := range slices.Compact(slices.Sorted(slices.Values(ch.Grant))) {
		g, had := was.grant(right)
		if !had {
			g = Grant{Right: right, ApprovedBy: d.clean(ch.ApprovedBy)}
		}
		u.Granted = append(u.Granted, g)
	}
	return d.storeChange(ctx, c, was, u)
}

func (ch RightsChange) check(c Caller, catalogue []RightInfo, u User) error {
	var wrong checks
	for _, right := range ch.Grant {
		i := slices.IndexFunc(catalogue, func(r RightInfo) bool { return r.ID == right })
		_, had := u.grant(right)
		switch {
		case i < 0:
			wrong.add("grant", rule.NoSuchRight, right)
		case slices.Contains(ch.Deny, right):
			wrong.add("deny", rule.RightBoth, right)
		case catalogue[i].Sensitive && !had && ch.ApprovedBy == "":
			wrong.add("approvedBy", rule.NotApproved, right)
		}
	}
	for _, right := range ch.Deny {
		if !slices.ContainsFunc(catalogue, func(r RightInfo) bool { return r.ID == right }) {
			wrong.add("deny", rule.NoSuchRight, right)
		}
	}
	if ch.ApprovedBy != "" {
		wrong.text("approvedBy", CleanLine(ch.ApprovedBy), MaxName, false)
	}
	if err := wrong.err(); err != nil {
		return err
	}
	return ch.allowed(c, u)
}

// allowed holds the change against who makes it. The right to manage users is had through roles alone, and nobody loses
// it by a denial: the count of a role's holders must go on meaning what it says.
func (ch RightsChange) allowed(c Caller, u User) error {
	if slices.Contains(ch.Deny, UsersManage) || slices.Contains(ch.Grant, UsersManage) {
		return &Error{
			Kind: Conflict, Code: "role_constraint", Facts: map[string]any{"constraint": "roleOnly", "right": string(UsersManage)},
			Detail: "The right to manage users comes with a role. Give the role, or take it away.",
		}
	}
	var added []Right
	for _, right := range ch.Grant {
		if _, had := u.grant(right); had {
			continue
		}
		added = append(added, right)
		if r := c.Organisation.boundTo(right); r != nil {
			return r.broken("roleOnly", "The right "+string(right)+" comes with the role "+r.Label.In(c.Organisation.Language)+" only.")
		}
	}
	if right := c.giver().lacks(added); right != "" {
		return &Error{
			Kind: Conflict, Code: "role_constraint", Facts: map[string]any{"constraint": "grantedBy", "right": string(right)},
			Detail: "You do not have the right " + string(right) + " and so cannot give it.",
		}
	}
	return nil
}
