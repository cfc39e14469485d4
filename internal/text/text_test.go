package text_test

import (
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/text"
)

func TestFoldedTextsCompareAsPeopleDo(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Ångström":             "angstrom",
		"A\u030angstro\u0308m": "angstrom", // the same, with the marks as characters of their own
		"\tO'Brien":            "o'brien",
		"STRAẞE":               "strasse",
		"Søren":                "soren",
		"王芳":                   "wang fang",
	} {
		if got := text.Fold(typed); got != want {
			t.Errorf("%q folds to %q, want %q", typed, got, want)
		}
	}
}

func TestNormalTextsThatLookTheSameAreTheSame(t *testing.T) {
	t.Parallel()
	if text.Normal("e\u0301") != text.Normal("\u00e9") {
		t.Error("é is not é")
	}
}

func FuzzFoldIsStable(f *testing.F) {
	for _, s := range []string{"Ångström", "\xff", "ﷺ", "", "İ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := text.Fold(s)
		if again := text.Fold(once); again != once {
			t.Errorf("%q folds to %q and then to %q", s, once, again)
		}
		if latin := text.Latin(s); strings.ContainsFunc(latin, func(r rune) bool { return r > 0x7e }) {
			t.Errorf("%q became %q, which is not ASCII", s, latin)
		}
	})
}
