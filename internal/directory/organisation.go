package directory

import (
	"slices"
	"time"
)

// Organisation is a school, an authority or a learning provider with users of its own, of which nothing is visible
// to any other.
type Organisation struct {
	Slug     Slug
	Name     string
	Preset   string
	Language string // BCP 47, such as "en"
	// Entitlements name what the organisation has been given leave for; roles may demand one.
	Entitlements []string
	Policy       Policy
	Roles        []Role
	// Merged maps roles that were deleted to the ones their holders were given instead.
	Merged map[RoleID]RoleID
	// PrimaryContact is whom the platform writes to about the organisation.
	PrimaryContact UserID
	// SchoolBook names the organisation's book of schools. It is filled before the organisation is there.
	SchoolBook string
	// AgreementVersion is the newest version of the conditions of use; 0 while there are none.
	AgreementVersion int
	SecurityCode     SecurityCode
	// StandardCode is what a reset sets the password to, sealed; nil while there is none.
	StandardCode []byte
	Provider     *ProviderSetup // nil while nobody signs in with an identity provider
	Support      SupportAccess
	// Replan is set while users wait to have their DueAt worked out anew, because the policy changed; Replanned is the
	// cursor of the last page that was done.
	Replan    bool
	Replanned string
	CreatedAt time.Time
	Version   int64
}

// Role finds a role by id.
func (o Organisation) Role(id RoleID) (Role, bool) {
	if r := findRole(o.Roles, id); r != nil {
		return *r, true
	}
	return Role{}, false
}

// IsAdministrator tells whether the user holds a role that looks after the organisation.
func (o Organisation) IsAdministrator(u User) bool {
	return slices.ContainsFunc(o.Roles, func(r Role) bool { return r.Administrator && o.Holds(u, r.ID) })
}

// isProtected tells whether the user holds a role whose holders cannot be deleted here.
func (o Organisation) isProtected(u User) bool {
	return slices.ContainsFunc(o.Roles, func(r Role) bool { return r.Constraints.Protected && o.Holds(u, r.ID) })
}

// Agreement is one version of an organisation's conditions of use. It never changes once published.
type Agreement struct {
	Org         Slug
	Version     int
	Text        AgreementText
	PublishedAt time.Time
	PublishedBy UserID
}

// Acceptance is the proof that a user agreed to a version.
type Acceptance struct {
	ID      string // in time order
	Org     Slug
	User    UserID
	Version int
	At      time.Time
	From    Origin
}
