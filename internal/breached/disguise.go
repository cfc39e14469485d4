package breached

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of rule 3 in the package comment and of what is kept, in characters (Unicode code points).
const (
	shortest     = 4  // of a word of letters
	shortestAny  = 6  // of any other
	longest      = 64 // of all; nobody guesses longer ones from a list
	tail         = 4
	tailWithYear = 6
)

// lists says which folded words are on the lists.
type lists interface {
	isCommon(word string) bool
	isRare(word string) bool
}

// known tells whether the password, or what it disguises, is listed.
func known(password string, on lists) bool {
	if len(password) > (longest+tailWithYear)*utf8.UTFMax*3 { // NFC shrinks UTF-8 to a third at most
		return false
	}
	word := fold(password)
	read := readings(word)
	for end := range ends(word) {
		for _, w := range read {
			w = w[:end]
			if kept(w) && (on.isCommon(w) || end == len(word) && on.isRare(w)) {
				return true
			}
		}
	}
	return false
}

// fold leaves out the differences of rule 1.
func fold(password string) string { return strings.ToLower(norm.NFC.String(password)) }

// Rule 2. One byte takes the place of one, so that every reading of a word can be cut at the same place.
var (
	withI = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "@", "a", "5", "s", "$", "s", "7", "t")
	withL = strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "@", "a", "5", "s", "$", "s", "7", "t")
)

// readings are the word and what it says if digits and signs stand for letters: one to three different ones.
func readings(word string) []string {
	return slices.Compact([]string{word, withI.Replace(word), withL.Replace(word)})
}

// ends are the places where the word may end: behind its last character, and before every tail of rule 3.
func ends(word string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for n, end := 0, len(word); n <= tailWithYear; n++ {
			if (n <= tail || hasYear(word[end:])) && !yield(end) {
				return
			}
			last, size := utf8.DecodeLastRuneInString(word[:end])
			if size == 0 || isLetter(last) {
				return
			}
			end -= size
		}
	}
}

// kept tells whether a folded word is worth a place in the filter, and so worth looking for.
func kept(word string) bool {
	n := utf8.RuneCountInString(word)
	if n < shortestAny {
		return n >= shortest && strings.IndexFunc(word, isNoLetter) < 0
	}
	return n <= longest
}

// isLetter counts an accent that stands by itself as part of its letter.
func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

func isNoLetter(r rune) bool { return !isLetter(r) }

func hasYear(s string) bool {
	for ; len(s) >= len("2026"); s = s[1:] {
		if (s[:2] == "19" || s[:2] == "20") && isDigit(s[2]) && isDigit(s[3]) {
			return true
		}
	}
	return false
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
