package rule_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

const locales = "../../../web/src/locales"

var place = regexp.MustCompile(`\{\{(\w+)\}\}`)

func TestEveryRuleIsSaidInEveryLanguage(t *testing.T) {
	t.Parallel()
	languages, err := os.ReadDir(locales)
	if err != nil || len(languages) < 2 {
		t.Fatalf("the languages of the console: %v, %v", languages, err)
	}
	for _, language := range languages {
		said := read(t, language.Name())
		for _, r := range rule.All() {
			text := said[r.Code]
			if text == "" {
				t.Errorf("%s: the rule %s is not said", language.Name(), r.Code)
			}
			for _, p := range place.FindAllStringSubmatch(text, -1) {
				if !slices.Contains(r.Places(), p[1]) {
					t.Errorf("%s: %s says %s, which the rule does not tell", language.Name(), r.Code, p[1])
				}
			}
			if len(place.FindAllString(text, -1)) != len(r.Places()) {
				t.Errorf("%s: %s leaves out some of %v", language.Name(), r.Code, r.Places())
			}
			delete(said, r.Code)
		}
		if len(said) > 0 {
			t.Errorf("%s: there are no rules %v", language.Name(), slices.Sorted(maps.Keys(said)))
		}
	}
}

func read(t *testing.T, language string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(locales, language, "answers.json"))
	if err != nil {
		t.Fatal(err)
	}
	var answers struct{ Field map[string]string }
	if err := json.Unmarshal(text, &answers); err != nil {
		t.Fatal(err)
	}
	return answers.Field
}

func TestCodesAreOfOneRuleEach(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	form := regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)
	for _, r := range rule.All() {
		if seen[r.Code] || !form.MatchString(r.Code) {
			t.Errorf("%s is the code of two rules, or not snake_case", r.Code)
		}
		seen[r.Code] = true
	}
}

func TestABrokenRuleIsSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		broken  rule.Broken
		message string
		params  map[string]string
	}{
		{rule.Missing.Broken(), "is missing; please fill it in", nil},
		{rule.Between.Broken(2, 40), "must be from 2 to 40", map[string]string{"min": "2", "max": "40"}},
		{rule.OneOf.Broken([]string{"a", "b", "c"}), "must be one of a, b or c", map[string]string{"allowed": "a, b, c"}},
		{
			rule.RequiresTheRole.Broken("{other}", "x"), "names the role {other}, which itself requires x",
			map[string]string{"role": "{other}", "other": "x"},
		},
	} {
		if c.broken.Message != c.message || !maps.Equal(c.broken.Params, c.params) {
			t.Errorf("got %+v, want %s %v", c.broken, c.message, c.params)
		}
	}
}
