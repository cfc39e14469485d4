package directory_test

import (
	"bytes"
	"crypto/rand"
	"regexp"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/text"
)

const guidePattern = "{given:1}{family:4}{digits:4}"

func TestUsernamesByTheGuidesPattern(t *testing.T) {
	t.Parallel()
	tests := []struct{ given, family, want, why string }{
		{"Danny", "Smith", `^DSmit\d{4}$`, "the guide's own example"},
		{"Jane", "Admin", `^JAdmi\d{4}$`, "the guide's other example"},
		{"Bo", "Li", `^BLi\d{4}$`, "a family name shorter than four letters gives what it has"},
		{"X", "Y", `^XY\d{4}$`, "one letter each"},
		{"Zoë", "Ångström", `^ZAngs\d{4}$`, "accents are taken off"},
		{"Søren", "Ærø", `^SAero\d{4}$`, "letters of their own become what stands for them"},
		{"Niamh", "O'Brien", `^NObri\d{4}$`, "an apostrophe is no letter"},
		{"anne-marie", "de la Cruz", `^ADela\d{4}$`, "neither is a space, and each part begins upper case"},
		{"محمد", "علي", `^[A-Z][A-Za-z]{1,4}\d{4}$`, "other scripts are transliterated"},
		{"王", "芳", `^WFang\d{4}$`, "as are those without an alphabet"},
		{"José 2", "3rd Smith", `^JRdsm\d{4}$`, "digits of a name would be taken for the random ones"},
	}
	p := readPattern(t)
	for _, tt := range tests {
		got, err := p.Make(tt.given, tt.family, text.Latin, rand.Reader)
		if err != nil || !regexp.MustCompile(tt.want).MatchString(got) {
			t.Errorf("%s %s: got %q, %v, want %s: %s", tt.given, tt.family, got, err, tt.want, tt.why)
		}
	}
}

func TestPatternsThatCannotMakeUsernamesApart(t *testing.T) {
	t.Parallel()
	for pattern, why := range map[string]string{
		"":                              "nothing",
		"{given:1}{family:4}":           "no digits: two of one name could not both have one",
		"{digits:8}":                    "nothing of the name",
		"{given:1}{digits:2}":           "a hundred are used up soon",
		"{given:0}{family:4}{digits:4}": "no letters",
		"{given:1}{family:x}{digits:4}": "not a number",
		"{given:1} {digits:4}":          "a space cannot be said on the telephone",
		"{initials:2}{digits:4}":        "a part nobody knows",
	} {
		if _, broken := directory.ParsePattern(pattern); broken == nil {
			t.Errorf("%q was accepted: %s", pattern, why)
		}
	}
}

func readPattern(tb testing.TB) directory.Pattern {
	tb.Helper()
	p, broken := directory.ParsePattern(guidePattern)
	if broken != nil {
		tb.Fatal(broken.Message)
	}
	return p
}

func TestRandomDigitsAreFair(t *testing.T) {
	t.Parallel()
	p := readPattern(t)
	// 250 to 255 are passed over, for 256 is no multiple of ten and they would favour 0 to 5.
	got, err := p.Make("Danny", "Smith", text.Latin, bytes.NewReader([]byte{250, 251, 252, 253, 254, 255, 0, 9, 10, 249}))
	if err != nil || got != "DSmit0909" {
		t.Errorf("got %q, %v, want DSmit0909", got, err)
	}
	if _, err := p.Make("Danny", "Smith", text.Latin, strings.NewReader("")); err == nil {
		t.Error("a username was made without random digits")
	}
}

func FuzzMakeUsername(f *testing.F) {
	for _, name := range []string{"Danny", "O'Brien", "李", "", "\xff", "ﷺ", "Ⅷ", strings.Repeat("x", 300)} {
		f.Add(name, name)
	}
	p := readPattern(f)
	form := regexp.MustCompile(`^[A-Z]{0,2}[a-z]{0,3}\d{4}$`)
	f.Fuzz(func(t *testing.T, given, family string) {
		got, err := p.Make(given, family, text.Latin, rand.Reader)
		if err != nil || !form.MatchString(got) || len(got) < 5 {
			t.Errorf("%q %q made %q, %v", given, family, got, err)
		}
	})
}
