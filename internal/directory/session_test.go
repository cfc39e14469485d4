package directory_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
)

const someone = directory.UserID("01kd0000000000000000000000")

func TestTokenTextGoesThereAndBack(t *testing.T) {
	t.Parallel()
	token, err := directory.NewToken("bash-street", someone, bytes.NewReader(bytes.Repeat([]byte{0xfe}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	back, err := directory.ParseToken(token.Text())
	if err != nil || back != token {
		t.Errorf("%v came back as %v, %v", token, back, err)
	}
	if s := token.String(); strings.Contains(s, "_v7-") {
		t.Errorf("the secret prints: %s", s)
	}
	if _, err := directory.NewToken("bash-street", someone, strings.NewReader("short")); err == nil {
		t.Error("a token was made of too few random bytes")
	}
}

func TestAlteredTokensAreNone(t *testing.T) {
	t.Parallel()
	token, err := directory.NewToken("bash-street", someone, bytes.NewReader(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	text := token.Text()
	for _, altered := range []string{
		"", ".", "..", text + ".", text + "A", text[:len(text)-1], "x" + strings.Repeat(".", 2),
		strings.Replace(text, "bash-street", "Bash Street", 1), strings.Replace(text, "bash-street", "a#b", 1),
		strings.Replace(text, string(someone), "../../etc", 1), strings.Replace(text, string(someone), "", 1),
		text[:len(text)-1] + "\n", strings.ToUpper(text), text[:len(text)-1] + "=",
	} {
		if _, err := directory.ParseToken(altered); directory.KindOf(err) != directory.NotSignedIn {
			t.Errorf("%q: %v, want not signed in", altered, err)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add("bash-street.01kd0000000000000000000000.BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc")
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		token, err := directory.ParseToken(text)
		if err == nil && token.Text() != text {
			t.Errorf("%q was read as %q: two texts for one token", text, token.Text())
		}
	})
}
