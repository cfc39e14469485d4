package mail

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// oneLine folds all white space and control characters to single spaces, so that a value cannot start a new header,
// and drops the marks that turn the direction of the text after them.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if lineBreak(r) || unicode.IsControl(r) {
			return ' '
		}
		return keptRune(r)
	}, s)), " ")
}

// manyLines keeps line breaks and tabs, in the form of one system, and drops all other control characters.
func manyLines(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\r', lineBreak(r):
			return '\n'
		case r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		}
		return keptRune(r)
	}, s))
}

func lineBreak(r rune) bool { return r == '\n' || r == '\u0085' || r == '\u2028' || r == '\u2029' }

// keptRune drops direction marks; strings.Map has already turned bytes that are not UTF-8 into U+FFFD.
func keptRune(r rune) rune {
	if unicode.Is(unicode.Bidi_Control, r) {
		return -1
	}
	return r
}

// isolate keeps a value that is written from right to left from turning the sentence around it (UAX 9, 2.4.2). Other
// values stay as they are, because some mail programs show the marks as boxes.
func isolate(s string) string {
	if !strings.ContainsFunc(s, rightToLeft) {
		return s
	}
	return "\u2068" + s + "\u2069"
}

func rightToLeft(r rune) bool {
	p, _ := bidi.LookupRune(r)
	return p.Class() == bidi.R || p.Class() == bidi.AL
}
