package text_test

import (
	"encoding/binary"
	"flag"
	"maps"
	"os"
	"slices"
	"testing"
	"unicode"

	"github.com/mozillazg/go-unidecode"
	"github.com/mozillazg/go-unidecode/table"

	"github.com/caretaker/caretaker/internal/text"
)

var update = flag.Bool("update", false, "write latin.table anew")

// Names are stored as they are folded, so a table that says something else than before would lose people in lists.
func TestEveryCharacterIsWrittenAsTheLibraryWritesIt(t *testing.T) {
	t.Parallel()
	if *update {
		if err := os.WriteFile("latin.table", latinTable(), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Fatal("the table is written anew; it is looked at when the tests are built again")
	}
	for r := range rune(unicode.MaxRune + 1) {
		if got, want := text.Latin(string(r)), unidecode.Unidecode(string(r)); got != want {
			t.Errorf("%U is written %q, want %q", r, got, want)
		}
	}
}

// latinTable writes the library's tables in the form that latin.go tells of.
func latinTable() []byte {
	words, places, joined := []string{""}, map[string]int{"": 0}, ""
	blocks := slices.Sorted(maps.Keys(table.Tables))
	var numbers []int
	for _, b := range blocks {
		for i := range 256 {
			word := ""
			if i < len(table.Tables[b]) {
				word = table.Tables[b][i]
			}
			if _, known := places[word]; !known {
				places[word], words = len(words), append(words, word)
			}
			numbers = append(numbers, places[word])
		}
	}
	head := []int{len(blocks), len(words)}
	for _, b := range blocks {
		head = append(head, int(b))
	}
	numbers = append(head, numbers...)
	for _, word := range words {
		numbers = append(numbers, len(joined))
		joined += word
	}
	var out []byte
	for _, n := range append(numbers, len(joined)) {
		out = binary.BigEndian.AppendUint16(out, uint16(n))
	}
	return append(out, joined...)
}

func BenchmarkFold(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		text.Fold("Zoë Ångström-O'Brien")
	}
}
