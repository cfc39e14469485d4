package breached_test

import (
	_ "embed"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/breached"
)

//go:embed testdata/common.txt
var common string

func TestCommonPasswordsAreKnown(t *testing.T) {
	t.Parallel()
	for password := range strings.FieldsSeq(common) {
		for _, typed := range []string{password, strings.ToUpper(password), strings.ToUpper(password[:1]) + password[1:] + "1!"} {
			if !breached.Known(typed) {
				t.Errorf("%q is not known", typed)
			}
		}
	}
}

func TestKnownRefusesTheTrivialAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		password string
		known    bool
	}{
		{"Password1", true},
		{"Password1!", true},
		{"Passw0rd!", true},
		{"P@ssw0rd", true},
		{"Pa$$w0rd2026", true},
		{"Qwerty123", true},
		{"Letmein1", true},
		{"Welcome1", true},
		{"Abc12345", true},
		{"Football1", true},
		{"Liverpool1", true},
		{"12345678", true},
		{"Iloveyou2", true},
		{"Winter2026", true},
		{"Summer2026!", true},
		{"Summer-2026", true},
		{"Love1234", true},

		{"Minnie7Minx", false},
		{"Minnie8Minx", false},
		{"Correct-horse-9-battery", false},
		{"Correct-horse-7", false},
		{"Jane$likes$maths2", false},
		{"Walter1Softy", false},
		{"Smiffy1Smith", false},
		{"Another1One", false},
		{"Second1Admin", false},
		{"Password-of-ann-1", false},
		{"Wrong1password", false},
		{"tlwjbrenqo", false},
		{"V7#kd92!pQx4", false},
		{"blåbærgrød med fløde", false},
		{"密码是不容易猜到的东西", false},
		{"", false},
		{"x", false},
		{"1234", false}, // somebody else's rule: too short to be kept
		{strings.Repeat("password", 40), false},
	} {
		if breached.Known(c.password) != c.known {
			t.Errorf("%q: known is %v, want %v", c.password, !c.known, c.known)
		}
	}
}

func TestTheBuiltInFilterIsWhatIsPromised(t *testing.T) {
	t.Parallel()
	h := breached.BuiltIn().Header()
	if h.Common < 95_000 || h.Rare < 120_000 || h.Entries < 200_000 || h.Entries > h.Common+h.Rare {
		t.Errorf("%d entries for %d common and %d rare passwords, want 200,000 for 95,000 and 120,000", h.Entries, h.Common, h.Rare)
	}
	if h.OneIn != 16_384 {
		t.Errorf("one look-up in %d finds what is not there, Known's comment says 16,384", h.OneIn)
	}
}

// Of 20,000 random words of twelve letters, each of which needs two look-ups, 2.4 are found by chance. Of words of
// eight letters and four digits or signs, which need six to sixteen, 7 to 20.
func TestFalseAnswersOfTheBuiltInFilterAreRare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		letters, others int
		most            int
	}{
		{"letters", 12, 0, 10},
		{"letters and a tail", 8, 4, 35},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, 2))
			known := 0
			for range 20_000 {
				if breached.Known(randomText(random, letters, c.letters) + randomText(random, others, c.others)) {
					known++
				}
			}
			t.Logf("%d of 20,000 were found", known)
			if known > c.most {
				t.Errorf("%d of 20,000 random words are known, want at most %d", known, c.most)
			}
		})
	}
}

const (
	letters = "abcdefghijklmnopqrstuvwxyz"
	others  = "0123456789!#%&*+-=?@"
)

func randomText(random *rand.Rand, alphabet string, n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = alphabet[random.IntN(len(alphabet))]
	}
	return string(text)
}
