package breached_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/caretaker/caretaker/internal/breached"
)

// filterOf makes a filter of common passwords.
func filterOf(tb testing.TB, common ...string) *breached.Filter {
	tb.Helper()
	return filterOfBoth(tb, common, nil)
}

func filterOfBoth(tb testing.TB, common, rare []string) *breached.Filter {
	tb.Helper()
	data, err := breached.Build([]string{"a test"}, common, rare)
	if err != nil {
		tb.Fatal(err)
	}
	f, err := breached.Open(data)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func TestDisguisesAreSeenThrough(t *testing.T) {
	t.Parallel()
	f := filterOf(t, "dragon", "love", "toast", "abc123", "li1iput", "illness", "caf\u00e9s", "letitbe", "Straße", "kiosq",
		strings.Repeat("x", 64), strings.Repeat("\ud55c", 64))
	for _, c := range []struct {
		name, password string
		known          bool
	}{
		{"as listed", "dragon", true},
		{"letter case", "dRAGON", true},
		{"letter case in the list", "straße", true},
		{"an accent typed by itself", "cafe\u0301s", true},
		{"an accent left out is another word", "cafes", false},

		{"0 for o", "drag0n", true},
		{"4 for a", "dr4gon", true},
		{"@ for a", "dr@gon", true},
		{"7, 0 and 5", "70a57", true},
		{"$ for s", "toa$t", true},
		{"3 and 1 for e and i", "l3t1tb3", true},
		{"1 for l", "1etitbe", true},
		{"1 for i", "1llness", true},
		{"1 is i everywhere or l everywhere", "1l1ness", false},
		{"a listed digit is as it is", "li1iput", true},
		{"a listed digit is not the letter", "liliput", false},
		{"6 stands for nothing", "dra6on", false},

		{"a tail of one", "dragon1", true},
		{"a tail of four", "Dragon12!?", true},
		{"a tail of five", "dragon12345", false},
		{"a tail of other scripts' digits", "dragon\u0663\u0664", true},
		{"a tail of a symbol of four bytes", "dragon\U0001F512", true},
		{"a tail with a space", "dragon 1", true},
		{"a letter in the tail", "dragon1a", false},
		{"a letter of another script in the tail", "dragonж", false},
		{"an accent by itself in the tail", "kiosq\u0307", false},
		{"something in front", "1dragon", false},
		{"twice", "dragondragon", false},
		{"disguised, and a tail", "Dr4g0n99!", true},
		{"a tail that reads as letters", "dragon07", true},

		{"a year", "dragon2026", true},
		{"a year and a sign", "dragon2026!", true},
		{"a year and two signs", "dragon2026!!", true},
		{"a year and three signs", "dragon2026!!!", false},
		{"a sign and a year", "dragon-1999", true},
		{"a year between signs", "dragon(2099)", true},
		{"five that are no year", "dragon2126!", false},
		{"six that are no year", "dragon182345", false},
		{"nearly a year", "dragon20!26", false},

		{"a word of four letters", "love!", true},
		{"a word of four letters, disguised", "l0v3!", true},
		{"six characters of any kind", "abc123!", true},
		{"64 characters", strings.Repeat("x", 64), true},
		{"64 characters and a tail", strings.Repeat("x", 64) + "1", true},
		{"64 characters of three parts each", strings.Repeat("\u1112\u1161\u11ab", 64), true},
		{"65 characters", strings.Repeat("x", 65), false},

		{"nothing", "", false},
		{"a tail alone", "2026!", false},
		{"no text", "\xff\xfe\xfd\xfc\xfb\xfa", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if f.Known(c.password) != c.known {
				t.Errorf("%q: known is %v, want %v", c.password, !c.known, c.known)
			}
		})
	}
}

func TestRarePasswordsAreRefusedAsTheyAreOnly(t *testing.T) {
	t.Parallel()
	f := filterOfBoth(t, []string{"dragon", "dragon12345"}, []string{"kingfisher", "dragon1234567", "teapot1234"})
	for _, c := range []struct {
		password string
		known    bool
	}{
		{"kingfisher", true},
		{"KINGFISHER", true},
		{"k1ngf1sh3r", true},
		{"kingfisher1", false},
		{"kingfisher2026", false},
		{"teapot1234", true},
		{"teapot", false},
		{"dragon1234567", true},
		{"dragon12345!", true}, // a common one keeps its own tails, although it is itself dragon with a tail of five
	} {
		if f.Known(c.password) != c.known {
			t.Errorf("%q: known is %v, want %v", c.password, !c.known, c.known)
		}
	}
}

func TestACommonPasswordWithATailTakesAnother(t *testing.T) {
	t.Parallel()
	f := filterOf(t, "dragon", "dragon1234")
	if !f.Known("Dragon1234!!") {
		t.Error("dragon1234 is common, but is not known with a tail")
	}
	if f.Known("Dragon5678!!") {
		t.Error("a tail of six is cut off")
	}
}

func FuzzKnownSeesThroughTails(f *testing.F) {
	f.Add("dragon", "1!")
	f.Add("cafe\u0301", "0")
	f.Add("\xff\xfe", "\u0301")
	f.Add("İstanbul", "2026!!")
	f.Fuzz(func(t *testing.T, word, tail string) {
		filter := filterOf(t, word)
		listed := filter.Header().Entries > 0
		if filter.Known(word) != listed {
			t.Fatalf("%q: known is %v, kept is %v", word, !listed, listed)
		}
		if trivial := strings.Trim(tail, "0123456789!?#") == "" && utf8.RuneCountInString(tail) <= 4; trivial && listed && !filter.Known(word+tail) {
			t.Errorf("%q is known, but not with %q", word, tail)
		}
	})
}
