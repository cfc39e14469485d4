package directory

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// Bounds of what people type, in characters.
const (
	MaxName     = 100
	MaxEmail    = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets
	MaxSubject  = 120
	MaxMessage  = 5000
	MaxOrgName  = 120
	MaxEvidence = 1000
)

// checks gathers every broken rule, so that a form can show them all at once.
type checks struct{ found []FieldError }

// add says that a field breaks a rule, with what stands in the places of the rule's text.
func (c *checks) add(field string, r rule.Rule, values ...any) {
	c.addBroken(field, r.Broken(values...))
}

func (c *checks) addBroken(field string, b rule.Broken) {
	c.found = append(c.found, FieldError{Field: field, Broken: b})
}

// quoted is a character as a message shows it.
func quoted(r rune) string { return "'" + string(r) + "'" }

// err is nil when every check held.
func (c *checks) err() error {
	if len(c.found) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: "invalid", Detail: "Please look at the fields named below.", Fields: c.found}
}

func (c *checks) between(field string, n, lo, hi int) {
	if n < lo || n > hi {
		c.add(field, rule.Between, lo, hi)
	}
}

func (c *checks) oneOf(field, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.add(field, rule.OneOf, texts(allowed))
	}
}

// text checks a line or a text of 1 to limit characters without control characters; lines may break when multiline.
func (c *checks) text(field, value string, limit int, multiline bool) {
	switch {
	case value == "":
		c.add(field, rule.Missing)
	case utf8.RuneCountInString(value) > limit:
		c.add(field, rule.TooLong, limit)
	case strings.ContainsFunc(value, func(r rune) bool { return forbidden(r, multiline) }):
		c.add(field, rule.Unprintable)
	}
}

// forbidden is a control character, or one that turns the direction of the text after it (UTS 39: such text could
// pass for other text).
func forbidden(r rune, multiline bool) bool {
	if multiline && (r == '\n' || r == '\t') {
		return false
	}
	return unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r) ||
		unicode.In(r, unicode.Zl, unicode.Zp, unicode.Co)
}

// name checks a person's name: letters of any script with their marks, digits, and what stands between them.
func (c *checks) name(field, value string) {
	before := len(c.found)
	c.text(field, value, MaxName, false)
	if len(c.found) > before {
		return
	}
	if !strings.ContainsFunc(value, unicode.IsLetter) {
		c.add(field, rule.NoLetter)
		return
	}
	if i := strings.IndexFunc(value, func(r rune) bool { return !nameRune(r) }); i >= 0 {
		r, _ := utf8.DecodeRuneInString(value[i:])
		c.add(field, rule.NotInName, quoted(r))
	}
}

func nameRune(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd) || strings.ContainsRune(" -‐'’ʼ`´.·,()/", r) ||
		r == '\u200c' || r == '\u200d' // joiners that Persian and Indic names need
}

var domainLabel = regexp.MustCompile(`^[\pL\pN]([\pL\pN-]*[\pL\pN])?$`)

// email checks an address of the form name@example.org.
func (c *checks) email(field, value string) {
	before := len(c.found)
	c.text(field, value, MaxEmail, false)
	if len(c.found) == before && !validEmail(value) {
		c.add(field, rule.Email)
	}
}

func validEmail(value string) bool {
	a, err := mail.ParseAddress(value)
	if err != nil || a.Name != "" || a.Address != value {
		return false
	}
	at := strings.LastIndexByte(value, '@')
	local, labels := value[:at], strings.Split(value[at+1:], ".")
	if len(local) > 64 || len(labels) < 2 || !printableASCII(local) || strings.ContainsAny(local, `"\ `) {
		return false
	}
	return !slices.ContainsFunc(labels, func(l string) bool { return len(l) > 63 || !domainLabel.MatchString(l) })
}

// printableASCII is all that may stand before the @: SES takes no SMTPUTF8 (RFC 6531), so mail to others would not go out.
func printableASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// CleanEmail trims the address and writes its domain in lower case; the part before the @ is the mail server's.
func CleanEmail(typed string) string {
	typed = strings.TrimSpace(typed)
	at := strings.LastIndexByte(typed, '@')
	if at < 0 {
		return typed
	}
	return typed[:at] + strings.ToLower(typed[at:])
}

// maskEmail shows enough of an address to know one's own, for a reader who may be a stranger.
func maskEmail(address string) string {
	at := strings.LastIndexByte(address, '@')
	_, first := utf8.DecodeRuneInString(address)
	return address[:min(first, at)] + "…" + address[at:]
}

// CleanLine trims the text and makes one space of every run of them.
func CleanLine(typed string) string { return strings.Join(strings.FieldsFunc(typed, isSpace), " ") }

// isSpace covers what keyboards and spreadsheets put between words, but no line breaks: those are for checks to refuse.
func isSpace(r rune) bool { return r == '\t' || unicode.Is(unicode.Zs, r) }

func isAlphanumeric(r rune) bool {
	return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
}
