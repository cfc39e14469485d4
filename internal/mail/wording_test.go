package mail

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// keysOf is what each template needs in Letter.Data; organisationName may come from Letter.Organisation instead.
var keysOf = map[string][]string{
	"welcome":              {"administrators", "givenName", "organisationName", "signInURL", "username"},
	"password-reset":       {"givenName", "organisationName", "signInURL", "username"},
	"password-changed":     {"givenName", "organisationName", "username"},
	"password-interrupted": {"givenName", "organisationName", "signInURL", "username"},
	"email-changed":        {"givenName", "newEmail", "organisationName", "username"},
	"contact":              {"fromEmail", "fromName", "fromUsername", "message", "organisationName", "subject"},
}

// namesAdministrators lists the templates that say whom to ask, by name if the name is known.
var namesAdministrators = []string{
	"welcome", "password-reset", "password-changed", "password-interrupted", "email-changed",
}

var sample = map[string]string{
	"givenName": "Danny", "username": "DSmit1259", "organisationName": "Bash Street School",
	"signInURL": "https://caretaker.example/sign-in/bash-street", "administrators": "Jane Admin and Bo Li",
	"newEmail": "danny@new.example", "subject": "Reports", "message": "Where are\nmy reports?",
	"fromName": "Danny Smith", "fromEmail": "d.smith@school.example", "fromUsername": "DSmit1259",
}

func sampleLetter(template string) Letter {
	data := map[string]string{}
	for _, key := range keysOf[template] {
		data[key] = sample[key]
	}
	if slices.Contains(namesAdministrators, template) {
		data["administrators"] = sample["administrators"]
	}
	return Letter{
		ID: "01J9", Template: template, Language: "en", Category: Account, Data: data,
		To: Address{Name: "Danny Smith", Email: "d.smith@school.example"},
	}
}

var sampleSettings = Settings{
	From: Address{Email: "no-reply@caretaker.example"}, BaseURL: "https://caretaker.example", Product: "Caretaker",
}

// templates lists the template files: language, then name with its ending.
func templates(t *testing.T) map[string][]string {
	t.Helper()
	found, err := fs.Glob(files, "templates/*/*.*")
	if err != nil || len(found) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	byLanguage := map[string][]string{}
	for _, f := range found {
		lang := path.Base(path.Dir(f))
		byLanguage[lang] = append(byLanguage[lang], path.Base(f))
	}
	return byLanguage
}

func TestEveryLanguageHasEveryTemplate(t *testing.T) {
	t.Parallel()
	var want []string
	for name := range keysOf {
		want = append(want, name+".html", name+".txt")
	}
	slices.Sort(want)
	for lang, got := range templates(t) {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", lang, diff)
		}
	}
}

var (
	action = regexp.MustCompile(`{{[^}]*}}`)
	field  = regexp.MustCompile(`(?:\.|optional \. ")([A-Za-z]\w*)`)
)

// fields are the names that a template file takes from its data.
func fields(t *testing.T, file string) []string {
	t.Helper()
	content, err := fs.ReadFile(files, file)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, a := range action.FindAllString(string(content), -1) {
		for _, f := range field.FindAllStringSubmatch(a, -1) {
			names[f[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// The guide promises that passwords never travel by email: there is nowhere in any template to put one.
func TestNoTemplateHasAPlaceForAPassword(t *testing.T) {
	t.Parallel()
	allowed := []string{"productName", "Product", "Organisation", "Category", "Unsubscribe", "Subject", "Lang", "Data"}
	for _, keys := range keysOf {
		allowed = append(allowed, keys...)
	}
	for _, key := range allowed {
		if secretive.MatchString(key) {
			t.Errorf("the datum %q is for a secret", key)
		}
	}
	err := fs.WalkDir(files, "templates", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for _, name := range fields(t, file) {
			if !slices.Contains(allowed, name) {
				t.Errorf("%s has a place for %q, which is not known to be harmless", file, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

var secretive = regexp.MustCompile(`(?i)pass|secret|pin|code|temporary|credential`)

func TestEachTemplateRendersFromItsKeysAndNeedsEachOfThem(t *testing.T) {
	t.Parallel()
	for name, keys := range keysOf {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := Render(sampleLetter(name), sampleSettings); err != nil {
				t.Fatalf("with all keys: %v", err)
			}
			for _, key := range keys {
				l := sampleLetter(name)
				delete(l.Data, key)
				if m, err := Render(l, sampleSettings); err == nil {
					t.Errorf("without %s:\n%s\n%s", key, m.Subject, m.Text)
				}
			}
		})
	}
}

func TestLanguageFallsBackToEnglish(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{
		"en": "en", "en-GB": "en", "EN": "en", "": "en", "tlh": "en",
		"../en": "en", "en/parts": "en", // nothing outside the folders of languages is looked at
	} {
		w, err := wordingOf(language, "welcome")
		if err != nil || w.lang != want {
			t.Errorf("%q: %q, %v", language, w.lang, err)
		}
	}
}

func TestUnknownTemplatesAreErrors(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "good-bye", "parts/closing", "../layout", "welcome.txt", "Welcome", "closing"} {
		if _, err := wordingOf("en", name); err == nil {
			t.Errorf("%q was found", name)
		}
	}
}

func TestWordingIsParsedOnce(t *testing.T) {
	t.Parallel()
	first, err := wordingOf("en", "welcome")
	if err != nil {
		t.Fatal(err)
	}
	second, err := wordingOf("en-GB", "welcome")
	if err != nil || first.text != second.text || first.html != second.html {
		t.Errorf("parsed again: %v", err)
	}
}

func TestSampleHasAllKeys(t *testing.T) {
	t.Parallel()
	for name, keys := range keysOf {
		for _, key := range keys {
			if strings.TrimSpace(sample[key]) == "" {
				t.Errorf("%s: no sample of %s", name, key)
			}
		}
	}
}

// What a cold start pays for its first mail.
func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		w, err := parse("en", "welcome")
		if err != nil {
			b.Fatal(err)
		}
		var m Message
		if err := w.write(&m, pageOf(sampleLetter("welcome"), sampleSettings)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	for b.Loop() {
		if _, err := Render(sampleLetter("welcome"), sampleSettings); err != nil {
			b.Fatal(err)
		}
	}
}
