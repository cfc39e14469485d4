package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"
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
}

// SignInPolicy says what happens on the way in.
type SignInPolicy struct {
	// AgainAfterNewPassword ends the session once a demanded new password is chosen, so that the user proves to have it.
	AgainAfterNewPassword bool `json:"againAfterNewPassword"`
}

// SessionPolicy bounds sessions.
type SessionPolicy struct {
	IdleMinutes   int `json:"idleMinutes"`   // 5 to 720; without use the session ends
	AbsoluteHours int `json:"absoluteHours"` // 1 to 24; then it ends in any case
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

// ContactPolicy says where messages to customer service go.
type ContactPolicy struct {
	CustomerService string `json:"customerService"`
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

// Validate returns every field of the policy that is out of bounds, with what would be right.
func (p Policy) Validate(roles []Role) []FieldError {
	var c checks
	if _, err := ParsePattern(p.Usernames.Pattern); err != nil && !p.Usernames.Chosen {
		c.add("usernames.pattern", err.Error())
	}
	c.oneOf("usernames.reuse", string(p.Usernames.Reuse), string(ReuseNever), string(ReuseAfterDelete))
	p.Passwords.validate(&c)
	c.between("sessions.idleMinutes", p.Sessions.IdleMinutes, 5, 720)
	c.between("sessions.absoluteHours", p.Sessions.AbsoluteHours, 1, 24)
	p.Users.validate(&c, roles)
	if p.Contact.CustomerService != "" {
		c.email("contact.customerService", p.Contact.CustomerService)
	}
	c.oneOf("agreement.when", string(p.Agreement.When), string(AgreementNever), string(AgreementOnce),
		string(AgreementEachVersion), string(AgreementEachSignIn))
	return c.found
}

func (p PasswordPolicy) validate(c *checks) {
	c.between("passwords.minLength", p.MinLength, 8, 64)
	c.between("passwords.maxLength", p.MaxLength, p.MinLength, MaxPasswordLength)
	c.between("passwords.generatedLength", p.GeneratedLength, max(10, p.MinLength), 32)
	for _, r := range p.Punctuation {
		if r <= ' ' || r >= 0x7f || isAlphanumeric(r) {
			c.add("passwords.punctuation", fmt.Sprintf("may list ASCII punctuation only, not %q", r))
			return
		}
	}
}

func (p UserPolicy) validate(c *checks, roles []Role) {
	for i, id := range p.DefaultRoles {
		if !slices.ContainsFunc(roles, func(r Role) bool { return r.ID == id }) {
			c.add(fmt.Sprintf("users.defaultRoles[%d]", i), fmt.Sprintf("names the role %q, which there is not", id))
		}
	}
	c.fields("users.fields", p.Fields, optionalFields)
	c.fields("users.required", p.Required, p.Fields)
	c.fields("users.ownFields", p.OwnFields, userFields)
}

func (c *checks) fields(at string, fields, allowed []UserField) {
	for i, f := range fields {
		if !slices.Contains(allowed, f) {
			c.add(fmt.Sprintf("%s[%d]", at, i), "must be one of "+joinWords(allowed))
		}
	}
}

// joinWords makes "a, b or c" of a list.
func joinWords[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " or " + texts[len(texts)-1]
}
