package directory

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// MaxPasswordLength bounds a password in characters, whatever the policy says (OWASP ASVS 5.0, 6.2.9 asks for 64 at
// least).
const MaxPasswordLength = 128

// RuleID names one of the rules a form ticks off.
type RuleID string

// The rules a form ticks off.
const (
	RuleLength     RuleID = "length"
	RuleUpper      RuleID = "upper"
	RuleLower      RuleID = "lower"
	RuleDigit      RuleID = "digit"
	RuleCharacters RuleID = "characters"
	RuleRepeat     RuleID = "repeat"
)

// PasswordRule is one rule as data: a form can check Pattern, an ECMAScript regular expression, while one types. The
// rule RuleRepeat has none: it compares the two copies.
type PasswordRule struct {
	ID      RuleID
	Label   string
	Pattern string
}

// Rules lists the policy's rules in the order in which a form shows them.
func (p PasswordPolicy) Rules() []PasswordRule {
	rules := []PasswordRule{{
		RuleLength, fmt.Sprintf("At least %d characters", p.MinLength),
		fmt.Sprintf(`^[\s\S]{%d,%d}$`, p.MinLength, p.MaxLength),
	}}
	if p.Upper {
		rules = append(rules, PasswordRule{RuleUpper, "An upper-case letter, A to Z", "[A-Z]"})
	}
	if p.Lower {
		rules = append(rules, PasswordRule{RuleLower, "A lower-case letter, a to z", "[a-z]"})
	}
	if p.Digit {
		rules = append(rules, PasswordRule{RuleDigit, "A digit, 0 to 9", "[0-9]"})
	}
	if p.Punctuation != "" {
		rules = append(rules, PasswordRule{
			RuleCharacters,
			"Only letters A to Z, digits and " + strings.Join(strings.Split(p.Punctuation, ""), " "),
			"^[A-Za-z0-9" + escapeClass(p.Punctuation) + "]*$",
		})
	}
	return append(rules, PasswordRule{ID: RuleRepeat, Label: "Both copies are the same"})
}

// Refused lists what is refused beyond the rules that a form can check.
func (p PasswordPolicy) Refused() []string {
	refused := []string{}
	if !p.AllowCommon {
		refused = append(refused, "common")
	}
	if !p.AllowNames {
		refused = append(refused, "names")
	}
	if p.History > 0 {
		refused = append(refused, "history")
	}
	return refused
}

// escapeClass writes punctuation so that it stands for itself inside a character class.
func escapeClass(punctuation string) string {
	var b strings.Builder
	for _, r := range punctuation {
		if strings.ContainsRune(`\]^-[(){}|/`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// check adds every rule that the new password breaks.
func (p PasswordPolicy) check(c *checks, password, repeat string) {
	const field = "newPassword"
	switch n := utf8.RuneCountInString(password); {
	case n < p.MinLength:
		c.add(field, rule.PasswordShort, p.MinLength)
	case n > p.MaxLength:
		c.add(field, rule.PasswordLong, p.MaxLength)
	}
	has := func(lo, hi rune) bool {
		return strings.ContainsFunc(password, func(r rune) bool { return r >= lo && r <= hi })
	}
	if p.Upper && !has('A', 'Z') {
		c.add(field, rule.PasswordUpper)
	}
	if p.Lower && !has('a', 'z') {
		c.add(field, rule.PasswordLower)
	}
	if p.Digit && !has('0', '9') {
		c.add(field, rule.PasswordDigit)
	}
	if i := strings.IndexFunc(password, func(r rune) bool { return !p.allows(r) }); i >= 0 {
		c.addBroken(field, p.allowed())
	}
	if password != repeat {
		c.add("repeatPassword", rule.PasswordRepeat)
	}
}

func (p PasswordPolicy) allows(r rune) bool {
	if p.Punctuation == "" {
		return !unicode.IsControl(r) && r != utf8.RuneError
	}
	return isAlphanumeric(r) || strings.ContainsRune(p.Punctuation, r)
}

func (p PasswordPolicy) allowed() rule.Broken {
	if p.Punctuation == "" {
		return rule.PasswordUntypable.Broken()
	}
	return rule.PasswordCharacters.Broken(strings.Join(strings.Split(p.Punctuation, ""), " "))
}

// The alphabets of generated passwords leave out what is misread when written down or read out: 0 O, 1 l I.
const (
	genUpper  = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	genLower  = "abcdefghijkmnopqrstuvwxyz"
	genDigits = "23456789"
)

// Generate makes a random password that keeps the policy's rules whatever they are.
func (p PasswordPolicy) Generate(random io.Reader) (string, error) {
	must := []string{genUpper, genLower, genDigits}
	all := genUpper + genLower + genDigits
	if p.Punctuation != "" {
		must = append(must, p.Punctuation)
		all += p.Punctuation
	}
	var b strings.Builder
	for i := range p.GeneratedLength {
		alphabet := all
		if i < len(must) {
			alphabet = must[i]
		}
		c, err := pick(random, alphabet, 1)
		if err != nil {
			return "", err
		}
		b.WriteString(c)
	}
	return shuffle(random, []byte(b.String()))
}

// shuffle puts the characters in an order each of which is equally likely (Fisher and Yates).
func shuffle(random io.Reader, b []byte) (string, error) {
	const places = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" // any distinct bytes will do as numbers
	for i := len(b) - 1; i > 0; i-- {
		c, err := pick(random, places[:i+1], 1)
		if err != nil {
			return "", err
		}
		j := strings.IndexByte(places, c[0])
		b[i], b[j] = b[j], b[i]
	}
	return string(b), nil
}
