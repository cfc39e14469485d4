package directory

import "context"

// holdersLeft counts the active holders of the roles that somebody must have, as they would be after what is ahead.
type holdersLeft map[RoleID]int64

func (d *Directory) holdersLeft(ctx context.Context, o Organisation) (holdersLeft, error) {
	var needed []RoleID
	for _, r := range o.Roles {
		if r.Constraints.AtLeastOne {
			needed = append(needed, r.ID)
		}
	}
	if len(needed) == 0 {
		return holdersLeft{}, nil
	}
	return d.Store.Holders(ctx, o.Slug, needed)
}

// spare takes a user out of the count. False if somebody must have a role that nobody else has: then the user stays in.
func (h holdersLeft) spare(o Organisation, u User) bool {
	for role, left := range h {
		if left <= 1 && o.activelyHolds(u, role) {
			return false
		}
	}
	for role := range h {
		if o.activelyHolds(u, role) {
			h[role]--
		}
	}
	return true
}
