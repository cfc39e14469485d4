package bolt

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestJoinKeepsPartsApartAndInOrder(t *testing.T) {
	t.Parallel()
	rows := [][]string{ // ascending
		{""},
		{"", ""},
		{"", "b"},
		{"\x00"},
		{"\x00", "a"},
		{"\x00\x00"},
		{"\x01"},
		{"\x01\x01"}, // as a part of its own, not what stands for U+0000
		{"\x02"},
		{"a"},
		{"a", ""},
		{"a", "bc"},
		{"a b"}, // a space sorts below most, still above the end of a part
		{"ab", "c"},
		{"ab|c"},
		{"é"},
		{"\U0001F600"},
	}
	for i, parts := range rows {
		joined := join(parts...)
		if back, err := split(joined); err != nil || !slices.Equal(back, parts) {
			t.Errorf("%q came back as %q, %v", parts, back, err)
		}
		if i > 0 && join(rows[i-1]...) >= joined {
			t.Errorf("%q does not sort before %q", rows[i-1], parts)
		}
	}
	if got := join("school", "Ølby|3"); got != "school\x00Ølby|3" {
		t.Errorf("ordinary text is not kept as it is: %q", got)
	}
}

func TestSplitRefusesWhatJoinCannotMake(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"\x01", "a\x01", "\x01\x03", "\x01\x00", "\x01a"} {
		if parts, err := split(s); err == nil {
			t.Errorf("%q was split into %q", s, parts)
		}
	}
}

func FuzzJoin(f *testing.F) {
	f.Add("a", "bc", "ab", "c")
	f.Add("\x00", "\x01", "\x01\x01", "")
	f.Fuzz(func(t *testing.T, a1, a2, b1, b2 string) {
		a, b := join(a1, a2), join(b1, b2)
		if back, err := split(a); err != nil || !slices.Equal(back, []string{a1, a2}) {
			t.Fatalf("%q %q came back as %q, %v", a1, a2, back, err)
		}
		want := cmp.Or(strings.Compare(a1, b1), strings.Compare(a2, b2))
		if got := strings.Compare(a, b); got != want {
			t.Fatalf("(%q, %q) and (%q, %q) compare %d, joined %d", a1, a2, b1, b2, want, got)
		}
		if utf8.ValidString(a1) && utf8.ValidString(a2) && !utf8.ValidString(a) {
			t.Fatalf("%q is not UTF-8", a)
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add("a\x00b")
	f.Add("\x01\x01\x01\x02")
	f.Fuzz(func(t *testing.T, s string) {
		if parts, err := split(s); err == nil && join(parts...) != s {
			t.Fatalf("%q was split into %q, which joins to %q", s, parts, join(parts...))
		}
	})
}
