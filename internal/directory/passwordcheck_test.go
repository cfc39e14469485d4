package directory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/text"
)

// passwords is what a check looks into: the passwords a user had before, each kept as what plain makes of it.
type passwords struct {
	Store
	old OldPasswords
	err error
}

func (p *passwords) OldPasswords(context.Context, Slug, UserID) (OldPasswords, error) {
	return p.old, p.err
}

// plain is a Hasher and a Sealer that hides nothing, so that a test sees what it was given.
type plain struct{ err error }

func (h plain) Hash(_ context.Context, secret string) (string, error) {
	return "hash of " + secret, h.err
}

func (h plain) Matches(_ context.Context, hash, secret string) (bool, error) {
	return hash == "hash of "+secret, h.err
}

func (h plain) Seal(_ context.Context, label string, secret []byte) ([]byte, error) {
	return append([]byte(label+": "), secret...), h.err
}

func (h plain) Open(_ context.Context, label string, sealed []byte) ([]byte, error) {
	secret, ok := bytes.CutPrefix(sealed, []byte(label+": "))
	if !ok {
		return nil, errors.New("sealed under another label")
	}
	return secret, h.err
}

// commonOnes are the passwords that many people have.
var commonOnes = []string{"qwertyuiop", "Password1", "Zoë12345"}

func checker(p *passwords, h plain) *Directory {
	return &Directory{
		Store: p, Hasher: h, Sealer: h, Normal: text.Normal, Latin: text.Latin,
		Common: func(password string) bool { return slices.Contains(commonOnes, password) },
	}
}

// bashStreet has the rules of the school portal, or no rule but the length.
func bashStreet(change func(*PasswordPolicy)) Organisation {
	o := Organisation{Slug: "bash-street", Name: "St. Bash's School for Æsthetics"}
	o.Policy.Passwords = PasswordPolicy{MinLength: 8, MaxLength: MaxPasswordLength}
	if change != nil {
		change(&o.Policy.Passwords)
	}
	return o
}

var zoe = User{Org: "bash-street", ID: "01kd0000000000000000000000", Username: "ZAngs1259", GivenName: "Zoë Lin", FamilyName: "Ångström-Li"}

// broken lists what an error says of the fields, in the order in which it does.
func broken(err error) []string {
	e, _ := errors.AsType[*Error](err)
	if e == nil {
		return nil
	}
	var said []string
	for _, f := range e.Fields {
		said = append(said, f.Field+" "+f.Message)
	}
	return said
}

// wantBroken fails the test unless the rules that are said to be broken are these, each told by a part of its words.
func wantBroken(t *testing.T, what string, err error, want ...string) {
	t.Helper()
	said := broken(err)
	if len(said) != len(want) || (err == nil) != (len(want) == 0) {
		t.Errorf("%s: %d rules are said to be broken, want %d: %q", what, len(said), len(want), said)
		return
	}
	for i, part := range want {
		if !strings.Contains(said[i], part) {
			t.Errorf("%s: %q does not say %q", what, said[i], part)
		}
	}
}

func TestNamesThatOthersKnow(t *testing.T) {
	t.Parallel()
	d := checker(&passwords{}, plain{})
	tests := []struct {
		why, password string
		refused       bool
	}{
		{"none", "Correct-horse-9-battery", false},
		{"the family name", "angström2026", true},
		{"in capitals, in the middle", "xxÅNGSTRÖMxx", true},
		{"without its accents", "my Angstrom!", true},
		{"with accents that it does not have", "my ãngstróm!", true},
		{"with the accents as characters of their own", "my A\u030angstro\u0308m!", true},
		{"the given name is three letters, as in zoetrope", "zoetropes 26", false},
		{"half of a double name, too short to count", "lighthouse-lin", false},
		{"the username", "my-zangs1259", true},
		{"most of it", "my-zangs125", false},
		{"a word of the organisation's name", "Bash the door", true},
		{"another", "old schoolbooks", true},
		{"in other letters", "æsthetics-1", true},
		{"and as they are written in A to Z", "aesthetics-1", true},
		{"a word of three letters in it", "for everybody", false},
		{"its short name", "x bash-street x", true},
		{"spaces between the letters", "b a s h i n g", false},
	}
	for _, tt := range tests {
		for _, allowed := range []bool{false, true} {
			o := bashStreet(func(p *PasswordPolicy) { p.AllowNames = allowed })
			_, err := d.checkPassword(t.Context(), o, zoe, NewPassword{tt.password, tt.password}, false)
			var want []string
			if tt.refused && !allowed {
				want = []string{"newPassword must not contain a name"}
			}
			wantBroken(t, fmt.Sprintf("%s (%q, allowed: %t)", tt.why, tt.password, allowed), err, want...)
		}
	}
}

func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	d := checker(&passwords{}, plain{})
	for _, password := range []string{"qwertyuiop", "Password1", "Zoe\u030812345"} { // however the ë was typed
		_, err := d.checkPassword(t.Context(), bashStreet(nil), User{}, NewPassword{password, password}, false)
		wantBroken(t, password, err, "newPassword is one that many people have")
		lax := bashStreet(func(p *PasswordPolicy) { p.AllowCommon = true })
		_, err = d.checkPassword(t.Context(), lax, User{}, NewPassword{password, password}, false)
		wantBroken(t, password+", where common ones are allowed", err)
	}
}

// A form shows all that is wrong at once, so that nobody tries five times.
func TestAllBrokenRulesAtOnce(t *testing.T) {
	t.Parallel()
	o := bashStreet(func(p *PasswordPolicy) {
		p.MinLength, p.Upper, p.Lower, p.Digit, p.Punctuation, p.History = 20, true, true, true, "$%&*#?", 3
	})
	commonBash := checker(&passwords{err: errors.New("the history is not read for what is refused anyway")}, plain{})
	commonBash.Common = func(string) bool { return true }
	_, err := commonBash.checkPassword(t.Context(), o, zoe, NewPassword{"ÅNGSTRÖM!", "another"}, true)
	wantBroken(t, "everything", err,
		"newPassword must be at least 20 characters long", "newPassword must have at least one lower-case letter",
		"newPassword must have at least one digit", "newPassword may only have letters A to Z, digits and the punctuation $ % & * # ?",
		"repeatPassword must be the same", "newPassword must be another one than the present", "newPassword is one that many people have",
		"newPassword must not contain a name")
}

func TestLengthIsCountedInCharacters(t *testing.T) {
	t.Parallel()
	d := checker(&passwords{}, plain{})
	tests := []struct {
		why, password string
		want          []string
	}{
		{"as long as can be", strings.Repeat("ab", 64), nil},
		{"one more", strings.Repeat("ab", 64) + "c", []string{"must be at most 128 characters"}},
		{"two bytes each", strings.Repeat("ø", 128), nil},
		{"four bytes each", strings.Repeat("🦊", 128), nil},
		{"four bytes each, one more", strings.Repeat("🦊", 129), []string{"must be at most 128 characters"}},
		{"letters whose accents are characters of their own count once", strings.Repeat("u\u0308", 128), nil},
		{"also at the other end", strings.Repeat("u\u0308", 7), []string{"must be at least 8 characters"}},
		{"an empty one", "", []string{"must be at least 8 characters"}},
		{"spaces are characters", "a b c d ", nil},
		{"a line break cannot be typed", "solskin\nover nordby", []string{"cannot be typed again"}},
		{"nor can what was not text", "solskin\xff over nordby", []string{"cannot be typed again"}},
	}
	for _, tt := range tests {
		_, err := d.checkPassword(t.Context(), bashStreet(nil), zoe, NewPassword{tt.password, tt.password}, false)
		wantBroken(t, tt.why, err, tt.want...)
	}
}

func TestBothCopiesMayBeTypedOnDifferentKeyboards(t *testing.T) {
	t.Parallel()
	d := checker(&passwords{}, plain{})
	_, err := d.checkPassword(t.Context(), bashStreet(nil), zoe, NewPassword{"Søløve på tær\u00e5", "Søløve på tæra\u030a"}, false)
	wantBroken(t, "NFC and NFD", err)
	_, err = d.checkPassword(t.Context(), bashStreet(nil), zoe, NewPassword{"Søløve på tærå", "Søløve på tæra"}, false)
	wantBroken(t, "another letter", err, "repeatPassword must be the same")
}

func TestEarlierPasswords(t *testing.T) {
	t.Parallel()
	had := []string{"hash of present-one", "hash of first-before", "hash of second-before", "hash of Zo\u00eb-before-it"}
	tests := []struct {
		why, password string
		history       int
		refused       bool
		kept          []string // afterwards, the new one first
	}{
		{"nothing is kept, and the present one is told by other means", "present-one", 0, false, nil},
		{"the present one", "present-one", 1, true, nil},
		{"as many before as the policy says", "first-before", 1, true, nil},
		{"the one before those", "second-before", 1, false, []string{"hash of second-before", "hash of present-one"}},
		{"the last of two", "second-before", 2, true, nil},
		{"one that nobody had", "something-new", 2, false, []string{"hash of something-new", "hash of present-one", "hash of first-before"}},
		{"in another Unicode form", "Zoe\u0308-before-it", 3, true, nil},
		{"more than there were", "something-new", 10, false, append([]string{"hash of something-new"}, had...)},
		{"upper and lower case are different passwords", "Present-One", 10, false, append([]string{"hash of Present-One"}, had...)},
	}
	for _, tt := range tests {
		store := &passwords{old: OldPasswords{Org: zoe.Org, User: zoe.ID, Hashes: slices.Clone(had), Version: 7}}
		o := bashStreet(func(p *PasswordPolicy) { p.History = tt.history })
		kept, err := checker(store, plain{}).checkPassword(t.Context(), o, User{Org: zoe.Org, ID: zoe.ID}, NewPassword{tt.password, tt.password}, false)
		if tt.refused {
			wantBroken(t, tt.why, err, "newPassword is one that you had before")
			continue
		}
		wantBroken(t, tt.why, err)
		if tt.kept == nil {
			if len(kept.writes()) != 0 {
				t.Errorf("%s: %+v is kept", tt.why, kept)
			}
			continue
		}
		if !slices.Equal(kept.Hashes, tt.kept) || kept.Version != 7 || len(kept.writes()) != 1 {
			t.Errorf("%s: %+v is kept, want %q", tt.why, kept, tt.kept)
		}
	}
}

func TestFirstPasswordOfAHistory(t *testing.T) {
	t.Parallel()
	o := bashStreet(func(p *PasswordPolicy) { p.History = 2 })
	kept, err := checker(&passwords{}, plain{}).checkPassword(t.Context(), o, zoe, NewPassword{"something-new", "something-new"}, false)
	if err != nil || kept.Org != zoe.Org || kept.User != zoe.ID || !slices.Equal(kept.Hashes, []string{"hash of something-new"}) {
		t.Errorf("%+v, %v", kept, err)
	}
}

func TestStandardCodeIsNobodysPassword(t *testing.T) {
	t.Parallel()
	d := checker(&passwords{}, plain{})
	o := bashStreet(nil)
	var err error
	if o.StandardCode, err = d.Sealer.Seal(t.Context(), sealLabel("standardCode", o.Slug, ""), []byte("Sommerfugl-åen")); err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string][]string{
		"Sommerfugl-åen":        {"newPassword is the standard code"},
		"Sommerfugl-a\u030aen":  {"newPassword is the standard code"}, // the same on another keyboard
		"Sommerfugl-åen, lukaf": nil,
	} {
		_, err := d.checkPassword(t.Context(), o, zoe, NewPassword{password, password}, false)
		wantBroken(t, password, err, want...)
	}
}

func TestRulesForTheStandardCode(t *testing.T) {
	t.Parallel()
	d := checker(&passwords{}, plain{})
	strict := func(p *PasswordPolicy) { p.Upper, p.Digit, p.Punctuation = true, true, "$%" }
	tests := []struct {
		code   string
		change func(*PasswordPolicy)
		want   []string
	}{
		{"Sommerfugl-åen", nil, nil},
		{"åen", nil, []string{"standardCode must be at least 8"}},
		{strings.Repeat("x", 129), nil, []string{"standardCode must be at most 128"}},
		{strings.Repeat("u\u0308", 128), nil, nil},
		{"qwertyuiop", nil, []string{"standardCode is one that many people have"}},
		{"old schoolbook", nil, []string{"standardCode must not contain your organisation's name"}},
		{"qwertyuiop", func(p *PasswordPolicy) { p.AllowCommon = true }, nil},
		{"old schoolbook", func(p *PasswordPolicy) { p.AllowNames = true }, nil},
		{"sol-skin", strict, []string{"standardCode must have at least one upper", "standardCode must have at least one digit", "standardCode may only have"}},
	}
	for _, tt := range tests {
		wantBroken(t, tt.code, d.checkStandardCode(bashStreet(tt.change), tt.code), tt.want...)
	}
}

// Whoever cannot be told that a password may be used is not told that it may.
func TestWithoutAnAnswerNoPasswordIsTaken(t *testing.T) {
	t.Parallel()
	down := NewUnavailable("store", time.Second, nil)
	withHistory := bashStreet(func(p *PasswordPolicy) { p.History = 3 })
	withCode := bashStreet(nil)
	withCode.StandardCode = []byte(sealLabel("standardCode", withCode.Slug, "") + ": Sommerfugl-åen")
	had := OldPasswords{Hashes: []string{"hash of present-one"}}
	for what, tt := range map[string]struct {
		org   Organisation
		store *passwords
		tools plain
	}{
		"the history cannot be read":       {withHistory, &passwords{err: down}, plain{}},
		"the history cannot be compared":   {withHistory, &passwords{old: had}, plain{err: down}},
		"the password cannot be hashed":    {withHistory, &passwords{}, plain{err: down}},
		"the standard code cannot be read": {withCode, &passwords{}, plain{err: down}},
	} {
		kept, err := checker(tt.store, tt.tools).checkPassword(t.Context(), tt.org, zoe, NewPassword{"something-new", "something-new"}, false)
		if KindOf(err) != Unavailable || kept != nil {
			t.Errorf("%s: got %+v, %v, want kind unavailable", what, kept, err)
		}
	}
}
