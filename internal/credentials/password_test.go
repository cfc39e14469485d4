package credentials_test

import (
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/credentials"
	"github.com/caretaker/caretaker/internal/directory"
)

func TestNormalKeepsOneFormPerPassword(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, typed, want string }{
		{"composed stays", "caf\u00e9", "caf\u00e9"},
		{"decomposed is composed", "cafe\u0301", "caf\u00e9"},
		{"Danish å from a and a ring", "a\u030a", "\u00e5"},
		{"Hangul from its parts", "\u1112\u1161\u11ab", "\ud55c"},
		{"letter case stays", "PassWord", "PassWord"},
		{"spaces stay, outer ones too", "  two words ", "  two words "},
		{"NUL and other controls stay", "a\x00b\tc\n", "a\x00b\tc\n"},
		{"compatibility forms stay: NFKC would weaken them", "\ufb01\u00b2", "\ufb01\u00b2"},
		{"emoji with joiners stay", "👩\u200d🏫", "👩\u200d🏫"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := credentials.Normal(c.typed)
			if err != nil || got != c.want {
				t.Errorf("Normal(%q) = %q, %v; want %q", c.typed, got, err, c.want)
			}
		})
	}
}

func TestNormalBoundsTheLengthInCharacters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, typed string
		taken       bool
	}{
		{"empty", "", false},
		{"one", "x", true},
		{"128 of one byte", strings.Repeat("x", 128), true},
		{"129 of one byte", strings.Repeat("x", 129), false},
		{"128 of four bytes", strings.Repeat("🔑", 128), true},
		{"129 of four bytes", strings.Repeat("🔑", 129), false},
		{"128 once composed", strings.Repeat("e\u0301", 128), true},
		{"129 once composed", strings.Repeat("e\u0301", 129), false},
		{"the largest that composing shrinks: U+1F82 from four code points", strings.Repeat("\u03b1\u0313\u0300\u0345", 128), true},
		{"far too long to be worth composing", strings.Repeat("x", 1<<20), false},
		{"not UTF-8", "pass\xffword", false},
		{"a lone surrogate, as UTF-8 does not allow", "\xed\xa0\x80", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			normal, err := credentials.Normal(c.typed)
			if (err == nil) != c.taken {
				t.Fatalf("taken is %v, want %v (%v)", err == nil, c.taken, err)
			}
			if len(normal) > 512 {
				t.Errorf("the normal form has %d bytes, more than the 512 promised", len(normal))
			}
			if err != nil && directory.KindOf(err) != directory.Invalid {
				t.Errorf("kind %q, want %q", directory.KindOf(err), directory.Invalid)
			}
		})
	}
}

func FuzzNormalIsStable(f *testing.F) {
	f.Add("cafe\u0301")
	f.Add("\u1112\u1161\u11ab")
	f.Add("\x00\xff")
	f.Add(strings.Repeat("\u0958", 100)) // grows: excluded from composition
	f.Fuzz(func(t *testing.T, typed string) {
		once, err := credentials.Normal(typed)
		if err != nil {
			return
		}
		twice, err := credentials.Normal(once)
		if err != nil || twice != once {
			t.Errorf("the normal form %q of %q has itself the normal form %q, %v", once, typed, twice, err)
		}
	})
}
