package directory

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// Bounds of optional details, in characters.
const (
	maxTitle        = 30
	maxStaffID      = 50
	maxVerification = 200
	maxSite         = 100
)

// UserChange is what an administrator, or the user, wants changed. Details that are not in the map stay as they are; an
// optional one is taken away by "".
type UserChange struct {
	Details map[UserField]string
	Roles   *[]RoleID
	// EndsAt sets when access ends by itself, the zero time that it does not; IdleMinutes how long sessions live without
	// use, 0 as long as the policy says. nil leaves them as they are.
	EndsAt      *time.Time
	IdleMinutes *int
	// Undeliverable can only be false: mails to the present address arrive after all. nil leaves it as it is.
	Undeliverable *bool
}

// fields lists the details that the change touches.
func (ch UserChange) fields() []UserField { return slices.Sorted(maps.Keys(ch.Details)) }

// applyTo returns u with the details changed, and everything that is wrong with them.
func (ch UserChange) applyTo(u User, p UserPolicy, d *Directory) (User, error) {
	var c checks
	u.More = maps.Clone(u.More)
	for _, field := range ch.fields() {
		value := d.clean(ch.Details[field])
		switch field {
		case FieldGivenName:
			u.GivenName = value
		case FieldFamilyName:
			u.FamilyName = value
		case FieldEmail:
			u.moveTo(CleanEmail(value), d.Now())
		default:
			u.setOptional(&c, p, field, value)
		}
	}
	if ch.EndsAt != nil {
		u.EndsAt = ch.EndsAt.UTC().Truncate(time.Second)
		if ch.EndsAt.IsZero() {
			u.EndsAt = time.Time{}
		}
	}
	if ch.IdleMinutes != nil {
		u.IdleMinutes = *ch.IdleMinutes
		if u.IdleMinutes != 0 {
			c.between("idleMinutes", u.IdleMinutes, 5, 720)
		}
	}
	if ch.Undeliverable != nil {
		u.setUndeliverable(&c, *ch.Undeliverable, d.Now())
	}
	u.checkDetails(&c, p, d.Latin)
	return u, c.err()
}

func (u *User) setOptional(c *checks, p UserPolicy, field UserField, value string) {
	if !slices.Contains(p.Fields, field) {
		c.add(string(field), rule.NotKept)
		return
	}
	if value == "" {
		delete(u.More, field)
		return
	}
	if u.More == nil {
		u.More = map[UserField]string{}
	}
	u.More[field] = value
}

func (u User) checkDetails(c *checks, p UserPolicy, latin func(string) string) {
	c.name("givenName", u.GivenName)
	c.name("familyName", u.FamilyName)
	c.email("email", u.Email)
	if p.isGeneric(latin(u.GivenName)) || p.isGeneric(latin(u.GivenName+" "+u.FamilyName)) {
		c.add("givenName", rule.NoPerson)
	}
	for field, value := range u.More {
		checkOptional(c, field, value)
	}
	for _, field := range p.Required {
		if u.More[field] == "" {
			c.add(string(field), rule.Missing)
		}
	}
}

var telephone = regexp.MustCompile(`^\+?\d[0-9 ()/.-]{2,28}$`)

func checkTelephone(c *checks, field, value string) {
	if !telephone.MatchString(value) {
		c.add(field, rule.Telephone)
	}
}

func checkOptional(c *checks, field UserField, value string) {
	switch field {
	case FieldTelephone, FieldMobile:
		checkTelephone(c, string(field), value)
	case FieldLanguage:
		c.oneOf(string(field), value, languages...)
	case FieldTitle:
		c.text(string(field), value, maxTitle, false)
	case FieldStaffID:
		c.text(string(field), value, maxStaffID, false)
	case FieldVerification:
		c.text(string(field), value, maxVerification, false)
	case FieldSite:
		c.text(string(field), value, maxSite, false)
	}
}

// isGeneric tells whether a name consists of words such as "user" or "admin" and numbers alone. "AdminDepartment" is two
// words; a person called Guest by family name is not meant, since the given name speaks.
func (p UserPolicy) isGeneric(name string) bool {
	if len(p.GenericWords) == 0 {
		return false
	}
	words := splitWords(name)
	return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(p.GenericWords, w) })
}

// splitWords makes lower-case words of letters; digits and signs only divide, and so does an upper-case letter after a
// lower-case one.
func splitWords(name string) []string {
	var b strings.Builder
	before := ' '
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(before) || !unicode.IsLetter(r) {
			b.WriteByte(' ')
		}
		if unicode.IsLetter(r) {
			b.WriteRune(unicode.ToLower(r))
		}
		before = r
	}
	return strings.Fields(b.String())
}

// details are what the audit trail tells of a user.
func details(u User) map[string]string {
	told := map[string]string{
		string(FieldGivenName): u.GivenName, string(FieldFamilyName): u.FamilyName, string(FieldEmail): u.Email,
		"roles": joinWords(u.Roles), "status": string(u.Status), "granted": grantsText(u.Granted), "denied": joinWords(u.Denied),
	}
	for field, value := range u.More {
		told[string(field)] = value
	}
	if !u.EndsAt.IsZero() {
		told["endsAt"] = u.EndsAt.Format(time.RFC3339)
	}
	if u.IdleMinutes > 0 {
		told["idleMinutes"] = strconv.Itoa(u.IdleMinutes)
	}
	if u.Undeliverable != nil {
		told["undeliverable"] = string(u.Undeliverable.Reason)
	}
	if u.Wants != newcomerWants {
		told["communications"] = fmt.Sprintf("news %t, newsletter %t, digest %t", u.Wants.News, u.Wants.Newsletter, u.Wants.Digest)
	}
	return told
}

func grantsText(grants []Grant) string {
	texts := make([]string, len(grants))
	for i, g := range grants {
		texts[i] = string(g.Right)
		if g.ApprovedBy != "" {
			texts[i] = fmt.Sprintf("%s (agreed by %s)", g.Right, g.ApprovedBy)
		}
	}
	return strings.Join(texts, ", ")
}
