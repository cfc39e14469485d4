package directory

import "slices"

// Right names something a user may do. Rights are checked, never role names.
type Right string

// The rights that Caretaker itself checks. A preset's catalogue adds those of the programs around it.
const (
	UsersView           Right = "users.view"
	UsersManage         Right = "users.manage"
	SettingsManage      Right = "settings.manage"
	AgreementManage     Right = "agreement.manage"
	ContactSend         Right = "contact.send"
	OrganisationsManage Right = "organisations.manage" // the platform's own
)

// RightInfo describes a right in a preset's catalogue.
type RightInfo struct {
	ID    Right  `json:"id"`
	Label string `json:"label"`
}

// AreaID names a part of the product, or of the programs around it, that a user can open.
type AreaID string

// Area is opened by any one of its rights and shown closed without.
type Area struct {
	ID     AreaID  `json:"id"`
	Label  string  `json:"label"`
	Rights []Right `json:"rights"`
}

// OpenArea is an area as one user sees it.
type OpenArea struct {
	ID      AreaID
	Label   string
	Enabled bool
}

// RoleID names a role within its organisation.
type RoleID string

// Granter says who may give a role to a user, and take it away again.
type Granter string

// Who may give a role.
const (
	GrantedByManagers Granter = "managers" // whoever holds users.manage in the organisation
	GrantedByOperator Granter = "operator" // the platform operator only
)

// Role is a named set of rights. It is live: changing it changes everyone who holds it.
type Role struct {
	ID     RoleID  `json:"id"`
	Name   string  `json:"name"`
	Rights []Right `json:"rights"`
	// GrantedBy says who may give the role and take it away.
	GrantedBy Granter `json:"grantedBy"`
	// Administrator marks those who look after an organisation: they are named in mails as the ones to ask, and
	// nobody in the organisation can delete them.
	Administrator bool `json:"administrator"`
}

// Decision is the answer to "may this user do that", with the reason in words for an administrator.
type Decision struct {
	Allowed bool
	Reason  string
}

// Decide tells whether the user holds the right, and through what. It depends on its arguments alone.
func Decide(roles []Role, u User, right Right) Decision {
	for _, r := range roles {
		if u.Holds(r.ID) && slices.Contains(r.Rights, right) {
			return Decision{Allowed: true, Reason: "through the role " + r.Name}
		}
	}
	return Decision{Reason: "no role of this user has the right " + string(right)}
}

// RightsOf lists every right the user holds, sorted, each once.
func RightsOf(roles []Role, u User) []Right {
	rights := []Right{}
	for _, r := range roles {
		if u.Holds(r.ID) {
			rights = append(rights, r.Rights...)
		}
	}
	slices.Sort(rights)
	return slices.Compact(rights)
}

// AreasOf shows every area, the closed ones too, as this holder of rights sees them.
func AreasOf(areas []Area, rights []Right) []OpenArea {
	seen := make([]OpenArea, len(areas))
	for i, a := range areas {
		enabled := slices.ContainsFunc(a.Rights, func(r Right) bool { return slices.Contains(rights, r) })
		seen[i] = OpenArea{ID: a.ID, Label: a.Label, Enabled: enabled}
	}
	return seen
}
