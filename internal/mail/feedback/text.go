package feedback

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of text in bytes.
const (
	maxDetail = 200
	maxNamed  = 80 // of what came instead, in errors
)

// detail joins what is known to one line.
func detail(parts ...string) string {
	known := slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" })
	return line(strings.Join(known, ": "), maxDetail)
}

// line makes text of others fit for a log and a page: printable, on one line, of at most limit bytes.
func line(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	for len(s) > limit {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return strings.TrimSpace(s)
}

// moment is the first of the times that can be read (ISO 8601, as RFC 3339 has it).
func moment(texts ...string) time.Time {
	for _, text := range texts {
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}
