package breached

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Build makes a filter of common and of rare passwords, which may come in any order and more than once; the same
// passwords and sources make the same bytes. Passwords that are too short, too long or no text are left out, and so
// are those that are found as disguises of others.
func Build(sources, common, rare []string) ([]byte, error) {
	data, err := build(sources, foldAll(common), foldAll(rare))
	if err != nil {
		return nil, fmt.Errorf("build filter of breached passwords: %w", err)
	}
	return data, nil
}

func build(sources, common, rare []string) ([]byte, error) {
	kept := selection{common: map[string]bool{}, rare: map[string]bool{}}
	kept.addCommon(common)
	again := kept.addRare(rare)
	entries := kept.entries()
	if len(entries) > maxEntries {
		return nil, fmt.Errorf("%d entries are too many", len(entries))
	}
	header, err := json.Marshal(Header{
		Version: version, Common: len(common), Rare: len(rare) - again, Entries: len(entries), OneIn: oneIn, Sources: sources,
	})
	if err != nil {
		return nil, err
	}
	return slices.Concat(header, []byte("\n"), body(entries)), nil
}

// foldAll sorts what is worth keeping so that what others may disguise comes first: shorter before longer, letters
// before digits and signs.
func foldAll(passwords []string) []string {
	words := make([]string, 0, len(passwords))
	for _, p := range passwords {
		if w := fold(p); kept(w) && utf8.ValidString(w) && !strings.ContainsRune(w, utf8.RuneError) {
			words = append(words, w)
		}
	}
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(
			cmp.Compare(utf8.RuneCountInString(a), utf8.RuneCountInString(b)),
			cmp.Compare(noLetters(a), noLetters(b)),
			cmp.Compare(a, b),
		)
	})
	return slices.Compact(words)
}

func noLetters(word string) int {
	n := 0
	for _, r := range word {
		if isNoLetter(r) {
			n++
		}
	}
	return n
}

// selection is what will be kept.
type selection struct {
	common, rare map[string]bool
}

func (s selection) isCommon(word string) bool { return s.common[word] }
func (s selection) isRare(word string) bool   { return s.rare[word] }

// addCommon leaves out what can be read as another word. What has a tail stays, because it is refused with one more:
// "password1234" makes "Password1234!" known.
func (s selection) addCommon(words []string) {
	for _, w := range words {
		if !slices.ContainsFunc(readings(w), s.isCommon) {
			s.common[w] = true
		}
	}
}

// addRare leaves out whatever is found. It tells how many of the words are common.
func (s selection) addRare(words []string) (common int) {
	for _, w := range words {
		if s.isCommon(w) {
			common++
		}
		if !known(w, s) {
			s.rare[w] = true
		}
	}
	return common
}

func (s selection) entries() []string {
	entries := make([]string, 0, len(s.common)+len(s.rare))
	for w := range s.common {
		entries = append(entries, commonEntry+w)
	}
	for w := range s.rare {
		entries = append(entries, rareEntry+w)
	}
	return entries
}

// body is a filter without its header. It sorts, so the order of the entries does not matter.
func body(entries []string) []byte {
	numbers := make([]uint64, len(entries))
	for i, e := range entries {
		numbers[i] = numberOf(e, len(entries))
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)

	var starts []byte
	var codes codeWriter
	for block := range blocksFor(len(entries)) {
		starts = binary.LittleEndian.AppendUint32(starts, uint32(codes.at))
		before := uint64(block) << blockBits
		for len(numbers) > 0 && numbers[0]>>blockBits == uint64(block) {
			codes.write(numbers[0] - before)
			before, numbers = numbers[0], numbers[1:]
		}
	}
	starts = binary.LittleEndian.AppendUint32(starts, uint32(codes.at))
	return slices.Concat(starts, codes.data, make([]byte, codePadding))
}
