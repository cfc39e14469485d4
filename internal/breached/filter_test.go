package breached_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/breached"
)

func TestBuildKeepsEveryPassword(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 127, 128, 129, 5_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			words := randomWords(n)
			f := filterOf(t, words...)
			for _, w := range words {
				if !f.Known(w) {
					t.Errorf("%q is lost", w)
				}
			}
			if f.Header().Entries != n || f.Header().Common != n {
				t.Errorf("header %+v, want %d entries", f.Header(), n)
			}
		})
	}
}

// Of 50,000 words that are not in a filter, each needing two look-ups, one in 8,192 is found: 6.1.
func TestFalseAnswersAreAsRareAsTheHeaderSays(t *testing.T) {
	t.Parallel()
	f := filterOf(t, randomWords(20_000)...)
	random := rand.New(rand.NewPCG(3, 4))
	known := 0
	for range 50_000 {
		if f.Known(randomText(random, letters, 11)) {
			known++
		}
	}
	if known < 1 || known > 20 {
		t.Errorf("%d of 50,000 words that are not there are found, want 1 to 20", known)
	}
}

func TestTheSamePasswordsMakeTheSameBytes(t *testing.T) {
	t.Parallel()
	words := append(randomWords(500), "Dragon", "dragon1", "dr4gon", "drag0n")
	one, err := breached.Build([]string{"a", "b"}, words, words[:9])
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(words)
	two, err := breached.Build([]string{"a", "b"}, append(words, words...), words[len(words)-9:])
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, two) {
		t.Error("another order makes other bytes")
	}
}

func TestBuildLeavesOutWhatIsFoundAnyway(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		common, rare []string
		want         breached.Header
	}{
		{
			"the same word in other cases",
			[]string{"dragon", "DRAGON"},
			[]string{"Dragon"},
			breached.Header{Common: 1, Entries: 1},
		},
		{
			"common words read as others",
			[]string{"dr4gon", "dragon", "drag0n99"},
			nil,
			breached.Header{Common: 3, Entries: 2},
		},
		{
			"rare words in any disguise",
			[]string{"dragon"},
			[]string{"dr4gon", "dragon2026!!", "dragon12345"},
			breached.Header{Common: 1, Rare: 3, Entries: 2},
		},
		{
			"disguises without their word",
			[]string{"dragon99"},
			[]string{"dr4gon98", "dragon98"},
			breached.Header{Common: 1, Rare: 2, Entries: 2},
		},
		{
			"too short",
			[]string{"abc", "abc1", "ab1cd", "", "love", "loves"},
			[]string{"bcd"},
			breached.Header{Common: 2, Entries: 2},
		},
		{"too long", []string{strings.Repeat("x", 65)}, []string{strings.Repeat("y", 65)}, breached.Header{}},
		{"what lost characters on its way", []string{"dra\xffgon", "dra\uFFFDgon"}, nil, breached.Header{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.want.Version, c.want.OneIn, c.want.Sources = 1, 16_384, []string{"a test"}
			if diff := cmp.Diff(c.want, filterOfBoth(t, c.common, c.rare).Header()); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOpenRefusesWhatBuildDidNotMake(t *testing.T) {
	t.Parallel()
	good, err := breached.Build(nil, randomWords(300), nil)
	if err != nil {
		t.Fatal(err)
	}
	header, body, _ := bytes.Cut(good, []byte("\n"))
	with := func(old, replacement string) []byte {
		return bytes.Join([][]byte{bytes.Replace(header, []byte(old), []byte(replacement), 1), body}, []byte("\n"))
	}
	disordered := bytes.Clone(good)
	disordered[len(header)+3] = 0xff // the first block begins behind the second
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"nothing", nil},
		{"no header", body},
		{"a header alone", header},
		{"another version", with(`"version":1`, `"version":2`)},
		{"another rate", with(`"oneIn":16384`, `"oneIn":1000`)},
		{"fewer entries than none", with(`"entries":300`, `"entries":-1`)},
		{"more entries than there is room for", with(`"entries":300`, `"entries":300000`)},
		{"more entries than there can be", with(`"entries":300`, `"entries":9000000000000000000`)},
		{"the last byte missing", good[:len(good)-1]},
		{"half of it missing", good[:len(good)/2]},
		{"blocks out of order", disordered},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if f, err := breached.Open(c.data); err == nil || f != nil {
				t.Errorf("opened: %v, %v", f, err)
			}
		})
	}
}

func FuzzOpen(f *testing.F) {
	for _, n := range []int{0, 1, 300} {
		data, err := breached.Build([]string{"a test"}, randomWords(n), nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Add([]byte(`{"version":1,"oneIn":16384,"entries":129}` + "\n" + strings.Repeat("\x00", 12) + strings.Repeat("\xff", 64)))
	f.Add([]byte(`{"version":1,"oneIn":16384,"entries":1}` + "\n" + "\x00\x00\x00\x00\x80\x00\x00\x00" + strings.Repeat("\xff", 24)))
	f.Fuzz(func(_ *testing.T, data []byte) {
		filter, err := breached.Open(data)
		if err != nil {
			return
		}
		for _, w := range []string{"dragon", "dr4gon2026!!", "password", "letmein", "qwerty", "football"} {
			_ = filter.Known(w) // ends, and reads nothing that is not there
		}
	})
}

func TestCodesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	numbers := []uint64{0, 1, 8191, 8192, 1 << 20, 0, 56 << 13, 57 << 13, 58 << 13, 64 << 13, 1<<21 - 1, 7}
	if diff := cmp.Diff(numbers, breached.RoundTrip(numbers)); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

// randomWords are different words of 10 letters, the same at every call.
func randomWords(n int) []string {
	random := rand.New(rand.NewPCG(5, 6))
	words := make([]string, n)
	for i := range words {
		words[i] = randomText(random, letters, 10)
	}
	return words
}
