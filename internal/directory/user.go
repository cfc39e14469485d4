package directory

import (
	"time"

	"github.com/caretaker/caretaker/internal/lifecycle"
)

// Status is the stage of an account's life.
type Status string

// The stages of an account's life.
const (
	Active    Status = "active"
	Suspended Status = "suspended" // kept out until an administrator reinstates it
	Archived  Status = "archived"  // put away, until an administrator restores it or it is deleted
)

// UserField names a detail of a user.
type UserField string

// The details that can be changed.
const (
	FieldGivenName    UserField = "givenName"
	FieldFamilyName   UserField = "familyName"
	FieldEmail        UserField = "email"
	FieldTitle        UserField = "title"
	FieldTelephone    UserField = "telephone"
	FieldMobile       UserField = "mobile"
	FieldLanguage     UserField = "language"
	FieldStaffID      UserField = "staffId"
	FieldVerification UserField = "verification"
	FieldSite         UserField = "site"
)

// optionalFields are those that a policy may leave out; every user has the others.
var optionalFields = []UserField{
	FieldTitle, FieldTelephone, FieldMobile, FieldLanguage, FieldStaffID, FieldVerification, FieldSite,
}

var userFields = append([]UserField{FieldGivenName, FieldFamilyName, FieldEmail}, optionalFields...)

// User is one person's account in one organisation.
type User struct {
	Org                   Slug
	ID                    UserID
	Username              string
	GivenName, FamilyName string
	Email                 string
	// Undeliverable is set while Email is not written to; nil: it is. AddressAt is when Email was last changed or confirmed;
	// zero: it is the one the account has from the start.
	Undeliverable *Undeliverable
	AddressAt     time.Time
	// More holds the optional details, as far as the policy has them and they are filled in.
	More   map[UserField]string
	Status Status
	// StatusSince is when the status began; zero for one that it has from the start.
	StatusSince time.Time
	// EndsAt is when access ends by itself; zero: never.
	EndsAt time.Time
	Roles  []RoleID
	// Wants are the general mails the user wants; those about the account and the service always come.
	Wants Communications
	// AllSchools gives the user every school, those added later too.
	AllSchools bool
	// DefaultGroup is the school group that reports begin with; "" for none.
	DefaultGroup GroupID
	// Granted and Denied are rights beside those of the roles.
	Granted []Grant
	Denied  []Right
	// MustChangePassword is set while the password is one that somebody else has seen.
	MustChangePassword bool
	PasswordSetAt      time.Time
	// ExpiryMails is how many mails said that the present password must soon be changed.
	ExpiryMails int
	// IdleMinutes is how long the user's sessions live without use, 5 to 720; 0: as the policy says.
	IdleMinutes int
	Factors     FactorSummary
	// Exemption frees the user from a second factor that the policy demands; nil: none.
	Exemption *Exemption
	// Identity is whom the identity provider knows the user as, since the first sign-in that way; nil: not yet.
	Identity *LinkedIdentity
	// SessionEpoch ends sessions: those begun under another number are over. Raise it, and all of a user's sessions
	// end in the same Commit, however many there are.
	SessionEpoch int64
	// AgreedVersion is the newest version of the conditions of use the user accepted; 0 for none.
	AgreedVersion int
	LastSignInAt  time.Time // zero: never
	// Warnings is how many warnings of inactivity were given since the last activity, WarnedAt when the last one was.
	Warnings int
	WarnedAt time.Time
	// RestoredAt is when the account was taken out of the archive, GraceFrom when it was restored or reinstated last.
	RestoredAt, GraceFrom time.Time
	// ArchiveCause is why an archived account is.
	ArchiveCause lifecycle.Cause
	// DueAt is when something next happens to the account by itself; zero: never. Organisation.Put keeps it right.
	DueAt     time.Time
	CreatedAt time.Time
	CreatedBy UserID
	Version   int64
}

// Name is how the person is addressed in full.
func (u User) Name() string { return u.GivenName + " " + u.FamilyName }

// signedIn notes a sign-in: whoever comes is warned of nothing any more.
func (u *User) signedIn(now time.Time) {
	u.LastSignInAt, u.Warnings, u.WarnedAt = now, 0, time.Time{}
}

// ActiveAt is the last activity that counts: a sign-in, the restore or, for whoever never signed in, the creation. Use by
// programs is none.
func (u User) ActiveAt() time.Time {
	at := u.CreatedAt
	for _, t := range []time.Time{u.LastSignInAt, u.RestoredAt} {
		if t.After(at) {
			at = t
		}
	}
	return at
}

// endSessions makes every session of the user end with the Commit that stores u.
func (u *User) endSessions() { u.SessionEpoch++ }

// FactorSummary says which second factors a user has; the factors themselves are kept apart.
type FactorSummary struct {
	TOTP          bool
	Passkeys      int
	RecoveryCodes int // unused ones
}

// Any tells whether there is a second factor to be asked for.
func (f FactorSummary) Any() bool { return f.TOTP || f.Passkeys > 0 }

// Exemption frees a user from a second factor for a time.
type Exemption struct {
	Reason string
	Until  time.Time
	By     UserID
}

// LinkedIdentity is a person as an identity provider knows them.
type LinkedIdentity struct{ Issuer, Subject string }

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
	Org    Slug
	Match  string   // prefix of given name, family name, username or email; "" matches all
	Status Status   // "" matches all
	Site   string   // "" matches all
	School SchoolID // matches whoever has the school; "" matches all
	// SeenBefore matches whoever was not active since: no sign-in, restore or, for whoever never signed in, creation. Zero
	// matches all.
	SeenBefore time.Time
	// NeverIn matches whoever never signed in; false matches all.
	NeverIn bool
	// Undeliverable matches whoever's address is not written to; false matches all.
	Undeliverable bool
	// Roles matches whoever has one of them; empty matches all. The domain puts in what was merged into a role.
	Roles      []RoleID
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
