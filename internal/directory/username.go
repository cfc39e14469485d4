package directory

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// chosenUsername is the form of a username that somebody chose.
var chosenUsername = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$`)

// MaxUsername bounds a username, in characters.
const MaxUsername = 64

// Pattern makes usernames out of names. It is a text with parts in braces:
//
//	{given:1}   the first letter of the given name
//	{family:4}  the first four letters of the family name
//	{digits:4}  four random digits
//
// Letters are taken after transliteration to A-Z, keep their case except that the first of each part is upper case,
// and a name with fewer letters gives what it has: "Bo Li" becomes "BLi1259".
type Pattern struct{ parts []patternPart }

type patternPart struct {
	kind  string // "text", "given", "family" or "digits"
	text  string
	count int
}

var patternToken = regexp.MustCompile(`\{(given|family|digits):(\d+)\}|[A-Za-z0-9.-]+|.`)

// ParsePattern reads a pattern. It must have at least one part of a name and three to eight digits, for without
// random digits two people of one name could not both be given a username.
func ParsePattern(s string) (Pattern, *rule.Broken) {
	var p Pattern
	digits, names := 0, 0
	for _, m := range patternToken.FindAllStringSubmatch(s, -1) {
		part, broken := parsePart(m)
		if broken != nil {
			return Pattern{}, broken
		}
		switch part.kind {
		case "digits":
			digits += part.count
		case "given", "family":
			names++
		}
		p.parts = append(p.parts, part)
	}
	if names == 0 || digits < 3 || digits > 8 {
		broken := rule.Pattern.Broken("{given:n}", "{family:n}", "{digits:n}", "{given:1}{family:4}{digits:4}")
		return Pattern{}, &broken
	}
	return p, nil
}

func parsePart(match []string) (patternPart, *rule.Broken) {
	if match[1] == "" {
		if strings.Trim(match[0], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
			broken := rule.PatternCharacter.Broken(strconv.Quote(match[0]))
			return patternPart{}, &broken
		}
		return patternPart{kind: "text", text: match[0]}, nil
	}
	n, err := strconv.Atoi(match[2])
	if err != nil || n < 1 || n > 20 {
		broken := rule.PatternNumber.Broken(match[0])
		return patternPart{}, &broken
	}
	return patternPart{kind: match[1], count: n}, nil
}

// Make makes a username. latin transliterates to ASCII; random gives the digits.
func (p Pattern) Make(given, family string, latin func(string) string, random io.Reader) (string, error) {
	var b strings.Builder
	given, family = letters(latin(given)), letters(latin(family))
	if given == "" && family == "" {
		given, family = "U", "User"
	}
	for _, part := range p.parts {
		switch part.kind {
		case "text":
			b.WriteString(part.text)
		case "given":
			b.WriteString(initialCap(given, part.count))
		case "family":
			b.WriteString(initialCap(family, part.count))
		case "digits":
			digits, err := pick(random, "0123456789", part.count)
			if err != nil {
				return "", err
			}
			b.WriteString(digits)
		}
	}
	return b.String(), nil
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if isAlphanumeric(r) && (r < '0' || r > '9') {
			return r
		}
		return -1
	}, s)
}

// initialCap is the first n of the letters, the first of them upper case, the rest lower case.
func initialCap(s string, n int) string {
	s = s[:min(n, len(s))]
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + strings.ToLower(s[1:])
}

// pick draws n characters of the alphabet, each equally likely.
func pick(random io.Reader, alphabet string, n int) (string, error) {
	fair := byte(256 - 256%len(alphabet)) // bytes from here up would favour the first characters; 0 means none
	out, buf := make([]byte, 0, n), make([]byte, 1)
	for len(out) < n {
		if _, err := io.ReadFull(random, buf); err != nil {
			return "", fmt.Errorf("read random bytes: %w", err)
		}
		if fair == 0 || buf[0] < fair {
			out = append(out, alphabet[int(buf[0])%len(alphabet)])
		}
	}
	return string(out), nil
}
