package directory

import (
	"math"
	"slices"
)

// RoleID names a role within its organisation.
type RoleID string

// Granter says who may give a role to a user, and take it away again.
type Granter string

// Who may give a role.
const (
	GrantedByManagers Granter = "managers" // whoever holds users.manage in the organisation
	GrantedByOperator Granter = "operator" // the platform operator only
)

// Role is a named set of rights (a security group, a type of user). It is live: changing it changes everyone who holds
// it at the next request, without touching their records.
type Role struct {
	ID     RoleID  `json:"id"`
	Label  Label   `json:"label"`
	Rights []Right `json:"rights"`
	// Administrator marks those who look after an organisation: they are named in mails as the ones to ask.
	Administrator bool `json:"administrator"`
	// GrantsAny lets a holder give rights that the holder does not have.
	GrantsAny   bool        `json:"grantsAny"`
	Constraints Constraints `json:"constraints"`
	// Version grows with every change of the role.
	Version int64 `json:"version"`
}

// Constraints are what must hold of a role's holders. They are enforced in the Commit.
type Constraints struct {
	// GrantedBy says who may give the role and take it away.
	GrantedBy Granter `json:"grantedBy"`
	// Protected holders cannot be deleted by their organisation's administrators.
	Protected bool `json:"protected"`
	// AtLeastOne and AtMostOne bound the number of active holders.
	AtLeastOne bool `json:"atLeastOne"`
	AtMostOne  bool `json:"atMostOne"`
	// Requires lists roles that a holder must have too.
	Requires []RoleID `json:"requires"`
	// AllSchools demands that a holder has all schools assigned, those added later too.
	AllSchools bool `json:"allSchools"`
	// Entitlement, if not "", is what the organisation must be entitled to.
	Entitlement string `json:"entitlement"`
}

// holderCounts are the writes by which a change of a user's roles or status keeps count of the roles' active holders.
// The counts are where "at least one" and "at most one" hold, also for two requests at the same instant, so every
// change of roles or status must go with them.
func (o Organisation) holderCounts(before, after User) []Write {
	var counts []Write
	for _, r := range o.Roles {
		had, has := o.activelyHolds(before, r.ID), o.activelyHolds(after, r.ID)
		if had == has {
			continue
		}
		counts = append(counts, r.count(o, has))
	}
	return counts
}

func (o Organisation) activelyHolds(u User, id RoleID) bool {
	return u.Status == Active && o.Holds(u, id)
}

func (r Role) count(o Organisation, gained bool) CountHolders {
	c := CountHolders{Org: o.Slug, Role: r.ID, Max: math.MaxInt64}
	if gained {
		c.Delta, c.Min = 1, 1 // a role that was deleted has a count far below
		c.Otherwise = r.broken("gone", "The role "+r.Label.In(o.Language)+" was changed in between. Please look at the roles again.")
		if r.Constraints.AtMostOne {
			c.Max = 1
			c.Otherwise = r.broken("atMostOne", "Only one person can have the role "+r.Label.In(o.Language)+". Take it away from its holder first.")
		}
		return c
	}
	c.Delta = -1
	c.Otherwise = ErrStale
	if r.Constraints.AtLeastOne {
		c.Min = 1
		c.Otherwise = r.broken("atLeastOne", "Somebody must always have the role "+r.Label.In(o.Language)+". Give it to somebody else first.")
	}
	return c
}

// broken says that a constraint of the role stands in the way.
func (r Role) broken(constraint, detail string) *Error {
	e := &Error{Kind: Conflict, Code: "role_constraint", Detail: detail, Facts: map[string]any{"role": string(r.ID), "constraint": constraint}}
	if constraint == "atLeastOne" && r.Administrator {
		e.Code = "last_administrator"
	}
	return e
}

// EntitledTo tells whether the organisation may have the role.
func (o Organisation) EntitledTo(r Role) bool {
	return r.Constraints.Entitlement == "" || slices.Contains(o.Entitlements, r.Constraints.Entitlement)
}

// Holds tells whether the user has the role, also through a role that was merged into it.
func (o Organisation) Holds(u User, id RoleID) bool { return slices.Contains(o.RolesOf(u), id) }

// RolesOf lists the roles that the user has, sorted: of those that were merged into others, the others.
func (o Organisation) RolesOf(u User) []RoleID {
	held := make([]RoleID, 0, len(u.Roles))
	for _, id := range u.Roles {
		for o.Merged[id] != "" {
			id = o.Merged[id]
		}
		held = append(held, id)
	}
	slices.Sort(held)
	return slices.Compact(held)
}

// IDsOf lists the ids under which users can have a role: its own, and those of roles merged into it.
func (o Organisation) IDsOf(role RoleID) []RoleID {
	ids := []RoleID{role}
	for from := range o.Merged {
		if slices.Contains(o.RolesOf(User{Roles: []RoleID{from}}), role) {
			ids = append(ids, from)
		}
	}
	return ids
}
