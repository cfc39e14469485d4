package directory

import (
	"context"
	"slices"
)

// Right names something a user may do. Rights are checked, never role names.
type Right string

// The rights that Caretaker itself checks. A preset's catalogue adds those of the programs around it.
const (
	UsersView           Right = "users.view"
	UsersManage         Right = "users.manage"
	RolesManage         Right = "roles.manage"
	SchoolsView         Right = "schools.view"
	SchoolsManage       Right = "schools.manage"
	DirectoryView       Right = "directory.view"
	SettingsManage      Right = "settings.manage"
	AgreementManage     Right = "agreement.manage"
	ContactSend         Right = "contact.send"
	AuditView           Right = "audit.view"
	AnnouncementsSend   Right = "announcements.send"
	OrganisationsManage Right = "organisations.manage" // the platform's own
	SupportEnter        Right = "support.enter"        // the platform's own
)

// Label is a text in several languages, by BCP 47 tag. It has English at least.
type Label map[string]string

// In returns the text in a language, or in English.
func (l Label) In(language string) string {
	if text, ok := l[language]; ok {
		return text
	}
	return l["en"]
}

// RightInfo describes a right in a preset's catalogue.
type RightInfo struct {
	ID    Right `json:"id"`
	Label Label `json:"label"`
	// Sensitive rights are given to a single user only together with who agreed to it.
	Sensitive bool `json:"sensitive"`
	// PerSchool rights hold at the schools assigned to the user, and nowhere else.
	PerSchool bool `json:"perSchool"`
	// Administrative rights are withheld until the organisation's security code is entered, where there is one. Those by
	// which accounts, roles and settings are changed, or all users written to, always are.
	Administrative bool `json:"administrative"`
}

// alwaysAdministrative are withheld whatever the catalogue says.
var alwaysAdministrative = []Right{
	UsersManage, RolesManage, SchoolsManage, SettingsManage, AgreementManage, AuditView, AnnouncementsSend,
}

// IsAdministrative tells whether the right is withheld until the security code is entered, where there is one.
func (r RightInfo) IsAdministrative() bool {
	return r.Administrative || slices.Contains(alwaysAdministrative, r.ID)
}

func findRight(catalogue []RightInfo, right Right) *RightInfo {
	i := slices.IndexFunc(catalogue, func(r RightInfo) bool { return r.ID == right })
	if i < 0 {
		return nil
	}
	return &catalogue[i]
}

// Grant is a right given to one user beside the roles.
type Grant struct {
	Right      Right
	ApprovedBy string // who agreed; required for sensitive rights
}

// AreaID names a part of the product, or of the programs around it, that a user can open.
type AreaID string

// Area is opened by any one of its rights and shown closed without.
type Area struct {
	ID     AreaID  `json:"id"`
	Label  Label   `json:"label"`
	Rights []Right `json:"rights"`
}

// OpenArea is an area as one user sees it.
type OpenArea struct {
	ID      AreaID
	Label   string // in one language
	Names   Label  // in all
	Enabled bool
	Rights  []Right // of which one is enough
}

// DecideFor tells whether a user of the caller's organisation may do something, at a school if one is named: oneself, or
// anybody for who may see users. It fails with NotFound for a school there is not.
func (d *Directory) DecideFor(ctx context.Context, c Caller, id UserID, right Right, school SchoolID) (Decision, error) {
	if err := c.Admitted(); err != nil {
		return Decision{}, err
	}
	u := c.User
	if id != c.User.ID {
		if err := c.Require(UsersView); err != nil {
			return Decision{}, err
		}
		var err error
		if u, err = d.user(ctx, c, id); err != nil {
			return Decision{}, err
		}
	}
	if school == "" {
		return Decide(d.Catalogue(c), c.Organisation, u, right, nil), nil
	}
	if !school.Valid() {
		return Decision{}, ErrNotFound
	}
	s, list, err := d.Store.Posting(ctx, c.Organisation, u.ID, school)
	if err == nil && s.Version == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Decision{}, err
	}
	return Decide(d.Catalogue(c), c.Organisation, u, right, &Posting{School: s, Assigned: u.AllSchools || list.Has(school)}), nil
}

// Posting is a school as seen from a user.
type Posting struct {
	School   School
	Assigned bool
}

// Decision is the answer to "may this user do that", with the reason in words for an administrator.
type Decision struct {
	Allowed bool
	Reason  string
}

// Decide tells whether the user holds the right in the organisation, and through what. It depends on its arguments
// alone. A denial wins over everything; a right comes from a grant to the user or from a role; one that the catalogue
// does not have, any more, is nobody's. At a school, a right that holds per school needs the school to be open and
// assigned to the user; without a school (nil) the answer is whether the user has the right anywhere.
func Decide(catalogue []RightInfo, o Organisation, u User, right Right, at *Posting) Decision {
	d := decideAnywhere(catalogue, o, u, right)
	if !d.Allowed || at == nil || !findRight(catalogue, right).PerSchool {
		return d
	}
	switch {
	case at.School.Closed:
		return Decision{Reason: at.School.Name + " is closed"}
	case !at.Assigned:
		return Decision{Reason: d.Reason + ", but " + at.School.Name + " is not assigned to this user"}
	default:
		return Decision{Allowed: true, Reason: d.Reason + ", at " + at.School.Name}
	}
}

func decideAnywhere(catalogue []RightInfo, o Organisation, u User, right Right) Decision {
	info := findRight(catalogue, right)
	if info == nil {
		return Decision{Reason: "there is no right " + string(right)}
	}
	label := info.Label.In(o.Language)
	why := WhyOf(o, u, right)
	switch {
	case why.Denied:
		return Decision{Reason: "the right \"" + label + "\" is denied to this user"}
	case why.Grant != nil:
		return Decision{Allowed: true, Reason: why.Grant.because()}
	case len(why.Roles) > 0:
		return Decision{Allowed: true, Reason: "through the role " + why.Roles[0].Label.In(o.Language)}
	case len(why.Lapsed) > 0:
		return Decision{Reason: "the organisation is no longer entitled to the role " + why.Lapsed[len(why.Lapsed)-1].Label.In(o.Language)}
	default:
		return Decision{Reason: "no role of this user has the right \"" + label + "\""}
	}
}

// Why is everything for which a user has a right, or has it not.
type Why struct {
	Denied bool   // whatever else there is
	Grant  *Grant // to this user, beside the roles
	Roles  []Role // which have the right
	Lapsed []Role // which would, were the organisation still entitled to them
}

// Held tells whether the user has the right.
func (w Why) Held() bool { return !w.Denied && (w.Grant != nil || len(w.Roles) > 0) }

// WhyOf finds for what a user has a right of the catalogue.
func WhyOf(o Organisation, u User, right Right) Why {
	w := Why{Denied: slices.Contains(u.Denied, right)}
	if g, ok := u.grant(right); ok {
		w.Grant = &g
	}
	for _, r := range o.Roles {
		switch {
		case !o.Holds(u, r.ID) || !slices.Contains(r.Rights, right):
		case o.EntitledTo(r):
			w.Roles = append(w.Roles, r)
		default:
			w.Lapsed = append(w.Lapsed, r)
		}
	}
	return w
}

func (g Grant) because() string {
	if g.ApprovedBy == "" {
		return "given to this user beside the roles"
	}
	return "given to this user beside the roles; " + g.ApprovedBy + " agreed"
}

func (u User) grant(right Right) (Grant, bool) {
	i := slices.IndexFunc(u.Granted, func(g Grant) bool { return g.Right == right })
	if i < 0 {
		return Grant{}, false
	}
	return u.Granted[i], true
}

// RightsOf lists every right that Decide allows the user, in the order of the catalogue.
func RightsOf(catalogue []RightInfo, o Organisation, u User) []Right {
	rights := []Right{}
	for _, r := range catalogue {
		if decideAnywhere(catalogue, o, u, r.ID).Allowed {
			rights = append(rights, r.ID)
		}
	}
	return rights
}

// AreasOf shows every area, the closed ones too, as a holder of rights sees them.
func AreasOf(areas []Area, rights []Right, language string) []OpenArea {
	seen := make([]OpenArea, len(areas))
	for i, a := range areas {
		enabled := slices.ContainsFunc(a.Rights, func(r Right) bool { return slices.Contains(rights, r) })
		seen[i] = OpenArea{ID: a.ID, Label: a.Label.In(language), Names: a.Label, Enabled: enabled, Rights: a.Rights}
	}
	return seen
}
