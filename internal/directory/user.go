package directory

import (
	"slices"
	"time"
)

// Status is the stage of an account's life.
type Status string

// The stages of an account's life.
const (
	Active Status = "active"
)

// UserField names a detail of a user.
type UserField string

// The details that can be changed.
const (
	FieldGivenName  UserField = "givenName"
	FieldFamilyName UserField = "familyName"
	FieldEmail      UserField = "email"
)

var userFields = []UserField{FieldGivenName, FieldFamilyName, FieldEmail}

// User is one person's account in one organisation.
type User struct {
	Org                   Slug
	ID                    UserID
	Username              string
	GivenName, FamilyName string
	Email                 string
	Status                Status
	Roles                 []RoleID
	// MustChangePassword is set while the password is one that somebody else has seen.
	MustChangePassword bool
	PasswordSetAt      time.Time
	// SessionEpoch ends sessions: those begun under another number are over. Raise it, and all of a user's sessions
	// end in the same Commit, however many there are.
	SessionEpoch int64
	// AgreedVersion is the newest version of the conditions of use the user accepted; 0 for none.
	AgreedVersion int
	LastSignInAt  time.Time // zero: never
	CreatedAt     time.Time
	CreatedBy     UserID
	Version       int64
}

// Name is how the person is addressed in full.
func (u User) Name() string { return u.GivenName + " " + u.FamilyName }

// Holds tells whether the user has the role.
func (u User) Holds(id RoleID) bool { return slices.Contains(u.Roles, id) }

// endSessions makes every session of the user end with the Commit that stores u.
func (u *User) endSessions() { u.SessionEpoch++ }

// UserChange is what an administrator, or the user, wants changed; nil leaves a detail as it is.
type UserChange struct {
	GivenName, FamilyName, Email *string
	Roles                        *[]RoleID
}

// fields lists what the change touches.
func (ch UserChange) fields() []UserField {
	var touched []UserField
	for field, value := range map[UserField]*string{
		FieldGivenName: ch.GivenName, FieldFamilyName: ch.FamilyName, FieldEmail: ch.Email,
	} {
		if value != nil {
			touched = append(touched, field)
		}
	}
	slices.Sort(touched)
	return touched
}

// applyTo returns u with the details changed and everything that is wrong with them.
func (ch UserChange) applyTo(u User, clean func(string) string) (User, error) {
	set := func(to *string, from *string, clean func(string) string) {
		if from != nil {
			*to = clean(*from)
		}
	}
	set(&u.GivenName, ch.GivenName, clean)
	set(&u.FamilyName, ch.FamilyName, clean)
	set(&u.Email, ch.Email, CleanEmail)
	return u, u.checkDetails()
}

func (u User) checkDetails() error {
	var c checks
	c.name("givenName", u.GivenName)
	c.name("familyName", u.FamilyName)
	c.email("email", u.Email)
	return c.err()
}

// UserSort names an order of the users' list.
type UserSort string

// The orders of the users' list.
const (
	SortFamilyName UserSort = "familyName"
	SortGivenName  UserSort = "givenName"
	SortUsername   UserSort = "username"
	SortEmail      UserSort = "email"
	SortLastSignIn UserSort = "lastSignInAt"
)

// UserQuery asks for a page of an organisation's users.
type UserQuery struct {
	Org        Slug
	Match      string // prefix of given name, family name, username or email; "" matches all
	Status     Status // "" matches all
	Role       RoleID // "" matches all
	Sort       UserSort
	Descending bool
	Limit      int    // 1 to 200
	Cursor     string // of the page before
}

// UserPage is a page of users.
type UserPage struct {
	Users []User
	Next  string // cursor of the next page; "" at the end
	Total *int   // how many match in all, where that is known without reading them all
}
