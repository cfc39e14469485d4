package directory

import (
	"time"

	"github.com/caretaker/caretaker/internal/lifecycle"
)

// Policy is everything about an organisation that differs between the systems Caretaker can be. It has one shape in
// preset files, in the store and in the API, which is why it alone carries field names.
type Policy struct {
	Usernames UsernamePolicy  `json:"usernames"`
	Passwords PasswordPolicy  `json:"passwords"`
	SignIn    SignInPolicy    `json:"signIn"`
	Sessions  SessionPolicy   `json:"sessions"`
	Users     UserPolicy      `json:"users"`
	Contact   ContactPolicy   `json:"contact"`
	Agreement AgreementPolicy `json:"agreement"`
	Directory LookupPolicy    `json:"directory"`
	Look      LookPolicy      `json:"look"`
	// Lifecycle is what happens to accounts by themselves.
	Lifecycle lifecycle.Rules `json:"lifecycle"`
	// Digest is the weekly mail to administrators; nil in a policy that never said anything of it.
	Digest *DigestPolicy `json:"digest"`
}

// DigestPolicy says what administrators are told once a week.
type DigestPolicy struct {
	Enabled bool `json:"enabled"`
	// InactiveMonths is after how many calendar months without a sign-in an account is named, 1 to 120; with 0 none is.
	InactiveMonths int `json:"inactiveMonths"`
}

// LookupPolicy says who finds whom across organisations of one preset.
type LookupPolicy struct {
	// Open shows names, addresses and roles to users of other organisations that are open too, so that they can be
	// written to.
	Open bool `json:"open"`
}

// Reuse says when a username becomes free again.
type Reuse string

// When a username becomes free again.
const (
	ReuseNever       Reuse = "never"
	ReuseAfterDelete Reuse = "afterDelete"
)

// UsernamePolicy says how usernames come about.
type UsernamePolicy struct {
	// Pattern makes the username of a new user, such as "{given:1}{family:4}{digits:4}"; see ParsePattern.
	Pattern string `json:"pattern"`
	// Chosen has the administrator choose the username, such as a teacher's initials; Pattern is then not used.
	Chosen bool  `json:"chosen"`
	Reuse  Reuse `json:"reuse"`
}

// PasswordPolicy is the password rules as data, so that a form can tick them off as one types.
type PasswordPolicy struct {
	MinLength int `json:"minLength"` // characters, 8 to 64
	MaxLength int `json:"maxLength"` // characters, MinLength to 128
	// Upper, Lower and Digit demand at least one of A-Z, a-z, 0-9.
	Upper bool `json:"upper"`
	Lower bool `json:"lower"`
	Digit bool `json:"digit"`
	// Punctuation lists the only characters allowed beside letters A-Z, a-z and digits; "" allows any character.
	Punctuation string `json:"punctuation"`
	// GeneratedLength is the length of initial and temporary passwords, 10 to 32.
	GeneratedLength int `json:"generatedLength"`
	// AllowCommon lets passwords be chosen that many people have or that are known from breaches; AllowNames those that
	// contain the user's name or username, or the organisation's name.
	AllowCommon bool `json:"allowCommon"`
	AllowNames  bool `json:"allowNames"`
	// MaxAgeDays is how long a password is good for, 30 to 360 days; 0 is without limit.
	MaxAgeDays int `json:"maxAgeDays"`
	// History is how many earlier passwords cannot be chosen again, 0 to 10; the present one never can.
	History int `json:"history"`
	// TemporaryDays is how long an initial or temporary password opens the account, 1 to 365 days; 0 is without limit.
	TemporaryDays int `json:"temporaryDays"`
	// Reset says what an administrator's reset does.
	Reset ResetKind `json:"reset"`
}

// ResetKind says what an administrator's reset of a password does.
type ResetKind string

// What an administrator's reset of a password does.
const (
	// ResetTemporary makes a temporary password, shown to the administrator once.
	ResetTemporary ResetKind = "temporary"
	// ResetStandardCode sets the organisation's standard code, also for new users; until one is set, a temporary password.
	ResetStandardCode ResetKind = "standardCode"
	// ResetEmail mails the user a link by which to choose a password; no administrator learns it.
	ResetEmail ResetKind = "email"
)

// SignInPolicy says what happens on the way in.
type SignInPolicy struct {
	// Methods lists the ways in.
	Methods []Method `json:"methods"`
	// AgainAfterNewPassword ends the session once a demanded new password is chosen, so that the user proves to have it.
	AgainAfterNewPassword bool               `json:"againAfterNewPassword"`
	Lockout               LockoutPolicy      `json:"lockout"`
	SecondFactor          SecondFactorDemand `json:"secondFactor"`
}

// Method is a way to sign in.
type Method string

// The ways to sign in.
const (
	ByPassword  Method = "password"
	ByPasskey   Method = "passkey"
	ByFederated Method = "federated"
)

// SecondFactorDemand says who must have a second factor.
type SecondFactorDemand string

// Who must have a second factor. Whoever has one is always asked for it.
const (
	NobodyMust         SecondFactorDemand = "nobody"
	AdministratorsMust SecondFactorDemand = "administrators"
	EverybodyMust      SecondFactorDemand = "everybody"
)

// LockoutPolicy bars a name after so many wrong passwords or codes in a row.
type LockoutPolicy struct {
	Threshold int `json:"threshold"` // 3 to 100
	Minutes   int `json:"minutes"`   // 1 to 1440; 0 is until an administrator acts
}

// SessionPolicy bounds sessions.
type SessionPolicy struct {
	IdleMinutes      int `json:"idleMinutes"`      // 5 to 720; without use the session ends
	AbsoluteHours    int `json:"absoluteHours"`    // 1 to 24; then it ends in any case
	ElevationMinutes int `json:"elevationMinutes"` // 5 to 240; so long the security code opens the administration areas
}

// Idle is how long a session lives without use.
func (p SessionPolicy) Idle() time.Duration { return time.Duration(p.IdleMinutes) * time.Minute }

// Absolute is how long a session lives at most.
func (p SessionPolicy) Absolute() time.Duration { return time.Duration(p.AbsoluteHours) * time.Hour }

// UserPolicy says what a new user is given and what users may change of themselves.
type UserPolicy struct {
	DefaultRoles []RoleID `json:"defaultRoles"`
	// RolesRequired demands at least one role of every new user.
	RolesRequired bool `json:"rolesRequired"`
	// Fields lists the optional details that the organisation keeps, Required those of them that must be filled in.
	Fields   []UserField `json:"fields"`
	Required []UserField `json:"required"`
	// OwnFields lists the details that users may change of themselves.
	OwnFields []UserField `json:"ownFields"`
	// GenericWords, in lower case, name no person: a name made of them alone is refused.
	GenericWords []string `json:"genericWords"`
}

// ContactPolicy says whom to ask.
type ContactPolicy struct {
	// CustomerService is the address that messages to customer service go to.
	CustomerService string `json:"customerService"`
	// People are those who help inside the organisation; without any they are its administrators.
	People []Contact `json:"people"`
	// Hidden keeps the people's names from whoever is not signed in; customer service is shown instead.
	Hidden bool `json:"hidden"`
}

// Contact is somebody who can help.
type Contact struct {
	Name      string `json:"name"`
	Email     string `json:"email,omitempty"`
	Telephone string `json:"telephone,omitempty"`
}

// LookPolicy is the organisation's own look of the sign-in page.
type LookPolicy struct {
	Colour     string `json:"colour"`     // of buttons and links, such as "#0b5cad"; "" for the product's
	Background string `json:"background"` // behind the form, such as "#f3f5f7"
	Logo       string `json:"logo"`       // the address of a picture, https://…
	Text       string `json:"text"`       // shown above the form, at most 500 characters
}

// AgreementWhen says how often the conditions of use are put before a user.
type AgreementWhen string

// How often the conditions of use are put before a user.
const (
	AgreementNever       AgreementWhen = "never"
	AgreementOnce        AgreementWhen = "once"
	AgreementEachVersion AgreementWhen = "eachVersion"
	AgreementEachSignIn  AgreementWhen = "eachSignIn"
)

// AgreementPolicy says when the conditions of use must be accepted.
type AgreementPolicy struct {
	When AgreementWhen `json:"when"`
}
