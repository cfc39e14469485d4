package directory_test

import (
	"bytes"
	"crypto/rand"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/presets"
)

func schoolPortal(tb testing.TB) directory.Preset {
	tb.Helper()
	p, ok := presets.Builtin().Preset("school-portal")
	if !ok {
		tb.Fatal("no preset school-portal")
	}
	return p
}

// The guide shows six ticks that turn green as one types. Each rule must say the same as the check does.
func TestTheSixTicks(t *testing.T) {
	t.Parallel()
	policy := schoolPortal(t).Policy.Passwords
	rules := policy.Rules()
	if len(rules) != 6 {
		t.Fatalf("%d rules, want 6: %v", len(rules), rules)
	}
	tests := []struct {
		password, repeat string
		broken           []directory.RuleID
	}{
		{"gLk*$H%5v9", "gLk*$H%5v9", nil},                                                             // the guide's own
		{"bPKXIdzye6", "bPKXIdzye6", nil},                                                             // without punctuation
		{"Short1x", "Short1x", []directory.RuleID{directory.RuleLength}},                              // seven characters
		{"lower123", "lower123", []directory.RuleID{directory.RuleUpper}},                             // no A to Z
		{"UPPER123", "UPPER123", []directory.RuleID{directory.RuleLower}},                             // no a to z
		{"NoDigits", "NoDigits", []directory.RuleID{directory.RuleDigit}},                             // no 0 to 9
		{"Exclaim1!", "Exclaim1!", []directory.RuleID{directory.RuleCharacters}},                      // ! is not one of the six
		{"Spaces 12", "Spaces 12", []directory.RuleID{directory.RuleCharacters}},                      // nor is a space
		{"Ärger123x", "Ärger123x", []directory.RuleID{directory.RuleUpper, directory.RuleCharacters}}, // Ä is not A to Z
		{"Daniel2020", "Daniel2021", []directory.RuleID{directory.RuleRepeat}},                        // the copies differ
		{"", "", []directory.RuleID{directory.RuleLength, directory.RuleUpper, directory.RuleLower, directory.RuleDigit}},
		{strings.Repeat("Aa1b", 32), strings.Repeat("Aa1b", 32), nil},                                    // 128 characters
		{strings.Repeat("Aa1", 43), strings.Repeat("Aa1", 43), []directory.RuleID{directory.RuleLength}}, // 129
	}
	for _, tt := range tests {
		var ticks []directory.RuleID
		for _, r := range rules {
			if r.Pattern != "" && !regexp.MustCompile(r.Pattern).MatchString(tt.password) || r.Pattern == "" && tt.password != tt.repeat {
				ticks = append(ticks, r.ID)
			}
		}
		if !slices.Equal(ticks, tt.broken) {
			t.Errorf("%q: the ticks say %v, want %v", tt.password, ticks, tt.broken)
		}
		if found := directory.CheckPassword(policy, tt.password, tt.repeat); len(found) != len(tt.broken) {
			t.Errorf("%q: the check says %v, want %v", tt.password, found, tt.broken)
		}
	}
}

// A form checks the punctuation by a regular expression, in which some of it means something else.
func TestTheTickForPunctuationTakesEachSignForItself(t *testing.T) {
	t.Parallel()
	const all = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	for _, allowed := range []string{all, "]", "^", "-", "\\", "$-*", "^]", `[\w]`} {
		policy := directory.PasswordPolicy{MinLength: 1, MaxLength: 128, Punctuation: allowed}
		rules := policy.Rules()
		i := slices.IndexFunc(rules, func(r directory.PasswordRule) bool { return r.ID == directory.RuleCharacters })
		tick := regexp.MustCompile(rules[i].Pattern)
		for _, sign := range all + " ø" {
			found := directory.CheckPassword(policy, string(sign), string(sign))
			if tick.MatchString(string(sign)) != (len(found) == 0) {
				t.Errorf("%q where %q is allowed: the pattern %s says %t, the check %v", sign, allowed, tick, tick.MatchString(string(sign)), found)
			}
		}
	}
}

func TestWhatIsRefusedBeyondTheTicks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		policy directory.PasswordPolicy
		want   []string
	}{
		{directory.PasswordPolicy{}, []string{"common", "names"}},
		{directory.PasswordPolicy{History: 1}, []string{"common", "names", "history"}},
		{directory.PasswordPolicy{AllowCommon: true}, []string{"names"}},
		{directory.PasswordPolicy{AllowNames: true}, []string{"common"}},
		{directory.PasswordPolicy{AllowCommon: true, AllowNames: true}, []string{}},
	} {
		if got := tt.policy.Refused(); got == nil || !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %v, want %v", tt.policy, got, tt.want)
		}
	}
}

func TestGeneratedPasswordsKeepTheRules(t *testing.T) {
	t.Parallel()
	policy := schoolPortal(t).Policy.Passwords
	seen := map[string]bool{}
	for range 1000 {
		p, err := policy.Generate(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if found := directory.CheckPassword(policy, p, p); found != nil || len(p) != policy.GeneratedLength {
			t.Fatalf("%q: %v", p, found)
		}
		if strings.ContainsAny(p, "0Ol1I") {
			t.Fatalf("%q is misread when written down", p)
		}
		if seen[p] {
			t.Fatalf("%q came twice", p)
		}
		seen[p] = true
	}
	if _, err := policy.Generate(bytes.NewReader([]byte("few"))); err == nil {
		t.Error("a password was made without enough random bytes")
	}
}

func TestSecretsStayOutOfLogs(t *testing.T) {
	t.Parallel()
	if s := directory.Shown("gLk*$H%5v9").String(); strings.Contains(s, "gLk") {
		t.Errorf("a password shown once prints as %q", s)
	}
}
