package directory

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// Validate returns every field of the policy that is out of bounds, with what would be right.
func (p Policy) Validate(roles []Role) []FieldError {
	var c checks
	if _, broken := ParsePattern(p.Usernames.Pattern); broken != nil && !p.Usernames.Chosen {
		c.addBroken("usernames.pattern", *broken)
	}
	c.oneOf("usernames.reuse", string(p.Usernames.Reuse), string(ReuseNever), string(ReuseAfterDelete))
	p.Passwords.validate(&c)
	p.SignIn.validate(&c)
	c.between("sessions.idleMinutes", p.Sessions.IdleMinutes, 5, 720)
	c.between("sessions.absoluteHours", p.Sessions.AbsoluteHours, 1, 24)
	c.between("sessions.elevationMinutes", p.Sessions.ElevationMinutes, 5, 240)
	p.Users.validate(&c, roles)
	p.Contact.validate(&c)
	p.Look.validate(&c)
	for _, f := range p.Lifecycle.Validate() {
		c.addBroken("lifecycle."+f.Field, f.Broken)
	}
	c.between("digest.inactiveMonths", p.digest().InactiveMonths, 0, 120)
	c.oneOf("agreement.when", string(p.Agreement.When), string(AgreementNever), string(AgreementOnce),
		string(AgreementEachVersion), string(AgreementEachSignIn))
	return c.found
}

func (p PasswordPolicy) validate(c *checks) {
	c.between("passwords.minLength", p.MinLength, 8, 64)
	c.between("passwords.maxLength", p.MaxLength, p.MinLength, MaxPasswordLength)
	c.between("passwords.generatedLength", p.GeneratedLength, max(10, p.MinLength), 32)
	if p.MaxAgeDays != 0 {
		c.between("passwords.maxAgeDays", p.MaxAgeDays, 30, 360)
	}
	c.between("passwords.history", p.History, 0, 10)
	c.between("passwords.temporaryDays", p.TemporaryDays, 0, 365)
	c.oneOf("passwords.reset", string(p.Reset), string(ResetTemporary), string(ResetStandardCode), string(ResetEmail))
	for _, r := range p.Punctuation {
		if r <= ' ' || r >= 0x7f || isAlphanumeric(r) {
			c.add("passwords.punctuation", rule.Punctuation, quoted(r))
			return
		}
	}
}

func (p SignInPolicy) validate(c *checks) {
	for i, m := range p.Methods {
		c.oneOf(fmt.Sprintf("signIn.methods[%d]", i), string(m), string(ByPassword), string(ByPasskey), string(ByFederated))
	}
	if !p.offers(ByPassword) && !p.offers(ByFederated) {
		c.add("signIn.methods", rule.SignInMethods)
	}
	c.between("signIn.lockout.threshold", p.Lockout.Threshold, 3, 100)
	c.between("signIn.lockout.minutes", p.Lockout.Minutes, 0, 24*60)
	c.oneOf("signIn.secondFactor", string(p.SecondFactor), string(NobodyMust), string(AdministratorsMust), string(EverybodyMust))
}

func (p SignInPolicy) offers(m Method) bool { return slices.Contains(p.Methods, m) }

func (p ContactPolicy) validate(c *checks) {
	if p.CustomerService != "" {
		c.email("contact.customerService", p.CustomerService)
	}
	if len(p.People) > maxContacts {
		c.add("contact.people", rule.TooMany, maxContacts)
	}
	for i, who := range p.People {
		at := fmt.Sprintf("contact.people[%d].", i)
		c.text(at+"name", who.Name, MaxName, false)
		if who.Email != "" {
			c.email(at+"email", who.Email)
		}
		if who.Telephone != "" {
			checkTelephone(c, at+"telephone", who.Telephone)
		}
	}
}

var hexColour = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// maxLookText bounds the text of a sign-in page, maxLogo the address of its picture, in characters.
const (
	maxLookText = 500
	maxLogo     = 500
)

func (p LookPolicy) validate(c *checks) {
	for field, colour := range map[string]string{"look.colour": p.Colour, "look.background": p.Background} {
		if colour != "" && !hexColour.MatchString(colour) {
			c.add(field, rule.Colour)
		}
	}
	if p.Logo != "" && !secureAddress(p.Logo) {
		c.add("look.logo", rule.Logo)
	}
	if p.Text != "" {
		c.text("look.text", p.Text, maxLookText, true)
	}
}

// secureAddress tells whether the text is an https address that names a host and no user.
func secureAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && len(text) <= maxLogo
}

// Filled returns the policy with the defaults in the place of what an older record, or a preset, does not say.
func (p Policy) Filled() Policy {
	p.Passwords.Reset = cmp.Or(p.Passwords.Reset, ResetTemporary)
	if len(p.SignIn.Methods) == 0 {
		p.SignIn.Methods = []Method{ByPassword, ByPasskey}
	}
	p.SignIn.SecondFactor = cmp.Or(p.SignIn.SecondFactor, NobodyMust)
	if p.SignIn.Lockout == (LockoutPolicy{}) {
		p.SignIn.Lockout = LockoutPolicy{Threshold: 10, Minutes: 15}
	}
	p.Sessions.ElevationMinutes = cmp.Or(p.Sessions.ElevationMinutes, 15)
	p.Lifecycle = p.Lifecycle.Filled()
	d := p.digest()
	p.Digest = &d
	if p.Contact.People == nil {
		p.Contact.People = []Contact{}
	}
	return p
}

// digest is the policy on the weekly mail. Where nothing was ever said there is one, which names whoever stayed away for a
// year, as guide 002 advises.
func (p Policy) digest() DigestPolicy {
	if p.Digest == nil {
		return DigestPolicy{Enabled: true, InactiveMonths: 12}
	}
	return *p.Digest
}

func (p UserPolicy) validate(c *checks, roles []Role) {
	for i, id := range p.DefaultRoles {
		if !slices.ContainsFunc(roles, func(r Role) bool { return r.ID == id }) {
			c.add(fmt.Sprintf("users.defaultRoles[%d]", i), rule.NoSuchRole, id)
		}
	}
	c.fields("users.fields", p.Fields, optionalFields)
	c.fields("users.required", p.Required, p.Fields)
	c.fields("users.ownFields", p.OwnFields, userFields)
}

func (c *checks) fields(at string, fields, allowed []UserField) {
	for i, f := range fields {
		if !slices.Contains(allowed, f) {
			c.add(fmt.Sprintf("%s[%d]", at, i), rule.OneOf, texts(allowed))
		}
	}
}

// texts is a list as the rules read one out.
func texts[T ~string](words []T) []string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return list
}

// joinWords makes "a, b or c" of a list.
func joinWords[T ~string](words []T) string { return rule.Or(texts(words)) }
