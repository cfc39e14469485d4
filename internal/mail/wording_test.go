package mail

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// given is what callers put into Letter.Data, but productName, which Render adds. organisationName may come from
// Letter.Organisation instead.
type given struct{ needed, optional []string }

func (g given) all() []string { return slices.Concat(g.needed, g.optional) }

// dataOf lists all templates with their data: no template in any language may name others.
var dataOf = map[string]given{
	"welcome":                 {needed: []string{"administrators", "givenName", "organisationName", "signInURL", "username"}},
	"password-reset":          {[]string{"givenName", "organisationName", "signInURL", "username"}, ask},
	"password-changed":        {[]string{"givenName", "organisationName", "username"}, ask},
	"password-interrupted":    {[]string{"givenName", "organisationName", "signInURL", "username"}, ask},
	"password-reset-link":     {[]string{"givenName", "linkURL", "minutes", "organisationName", "username"}, ask},
	"password-link":           {[]string{"givenName", "linkURL", "minutes", "organisationName", "username"}, ask},
	"password-link-federated": {[]string{"givenName", "organisationName", "provider", "signInURL", "username"}, ask},
	"password-link-barred":    {[]string{"givenName", "organisationName", "state", "username"}, ask},
	"password-chosen":         {[]string{"givenName", "organisationName", "username"}, ask},
	"password-expiry":         {[]string{"date", "givenName", "organisationName", "signInURL", "username"}, ask},
	"email-changed":           {[]string{"givenName", "newEmail", "organisationName", "username"}, ask},
	"account-locked":          {[]string{"givenName", "organisationName", "username"}, []string{"address", "administrators", "until"}},
	"account-unlocked":        {[]string{"givenName", "organisationName", "signInURL", "username"}, ask},
	"account-reinstated":      {[]string{"givenName", "organisationName", "signInURL", "username"}, ask},
	"second-factor-added":     {[]string{"givenName", "method", "organisationName", "username"}, []string{"administrators", "name"}},
	"second-factor-removed":   {[]string{"givenName", "method", "organisationName", "username"}, []string{"administrators", "name"}},
	"second-factor-reset":     {[]string{"givenName", "organisationName", "signInURL", "username"}, ask},
	"recovery-codes-made":     {[]string{"givenName", "organisationName", "username"}, ask},
	"recovery-code-used":      {[]string{"givenName", "left", "organisationName", "username"}, ask},
	"identity-linked":         {[]string{"givenName", "organisationName", "provider", "username"}, ask},
	"administrator-added":     {needed: []string{"approvedBy", "givenName", "newAdministrator", "organisationName"}},
	"organisation-closed":     {needed: []string{"date", "givenName", "organisationName"}},
	"organisation-reopened":   {needed: []string{"givenName", "organisationName", "signInURL"}},
	"support-opened":          {needed: []string{"administrators", "givenName", "organisationName", "signInURL", "until"}},
	"support-entered":         {needed: []string{"givenName", "organisationName", "reason", "signInURL", "supporter"}},
	"support-closed":          {needed: []string{"givenName", "organisationName", "signInURL"}},
	"security-code-changed":   {needed: []string{"changedBy", "givenName", "organisationName"}},
	"inactivity-warning": {
		[]string{"archiveDate", "givenName", "number", "organisationName", "signInURL", "username"},
		[]string{"administrators", "last", "lastSignIn"},
	},
	"account-archived":      {[]string{"cause", "givenName", "organisationName", "username"}, []string{"administrators", "purgeDate"}},
	"account-restored":      {[]string{"givenName", "organisationName", "signInURL", "username"}, ask},
	"administrator-at-risk": {[]string{"archiveDate", "givenName", "organisationName", "signInURL", "who"}, []string{"lastSignIn"}},
	"last-administrator-at-risk": {
		[]string{"archiveDate", "givenName", "organisationName", "who"}, []string{"kept", "lastSignIn"},
	},
	"sweep-stopped": {needed: []string{"done", "givenName", "left", "organisationName", "signInURL"}},
	"digest":        {[]string{"givenName", "months", "organisationName", "settingsURL", "usersURL"}, counted(lists)},
	"announcement":  {needed: []string{"fromName", "message", "subject"}},
	"contact":       {needed: []string{"fromEmail", "fromName", "fromUsername", "message", "organisationName", "subject"}},
}

// ask is whom to ask, by name if the name is known.
var ask = []string{"administrators"}

// counted are lists with the data that say how long they are.
func counted(lists []string) []string {
	var all []string
	for _, key := range lists {
		all = append(all, key, key+counting)
	}
	return all
}

// flags are data that are "yes" or not there: they choose between words and are not shown.
var flags = []string{"last", "kept"}

// sample has a value for each datum.
var sample = map[string]string{
	"givenName": "Danny", "username": "DSmit1259", "organisationName": "Bash Street School",
	"signInURL": "https://caretaker.example/sign-in/bash-street", "administrators": "Jane Admin and Bo Li",
	"linkURL": "https://caretaker.example/o/bash-street/choose?u=01J9&t=Zm9v-_#go", "minutes": "57",
	"newEmail": "danny@new.example", "subject": "Reports", "message": "Where are\nmy reports?",
	"fromName": "Danny Smith", "fromEmail": "d.smith@school.example", "fromUsername": "DSmit1259",
	"provider": "Bash Street Net", "state": "suspended", "method": "passkey", "name": "Danny's telephone", "left": "8",
	"date": "1 December 2026", "until": "21 November 2026, 14:30", "time": "21 November 2026, 08:00",
	"address": "203.0.113.7", "agent": "Firefox on Linux",
	"newAdministrator": "Minnie Minx", "approvedBy": "Olive Sprat, head teacher", "changedBy": "Jane Fairfax",
	"supporter": "Walter Brown", "reason": "Pupils are missing from reports",
	"who": "Minnie Minx", "lastSignIn": "21 August 2025", "archiveDate": "21 February 2027", "purgeDate": "21 August 2028",
	"number": "3", "last": "yes", "kept": "yes", "cause": "inactivity", "done": "100", "months": "12",
	"usersURL": "https://caretaker.example/o/bash-street/users", "settingsURL": "https://caretaker.example/o/bash-street/me",
	"inactive": "Danny Smith, DSmit1259, 3 March 2025\nBea O'Dea, BODea2001, never", "inactiveCount": "131",
	"warned": "Cuthbert Cringe, CCrin0007, 1 March 2027", "warnedCount": "132",
	"archived": "Plug, Plug1000, 2 March 2027\nToots, Toot1001, 2 March 2027", "archivedCount": "133",
	"restored": "Wilfrid, Wilf1002, 3 March 2027", "restoredCount": "134",
	"purged": "Spotty, Spot1003, 1 April 2027\nFatty, Fatt1004, 2 April 2027", "purgedCount": "135",
	"undeliverable": "Smiffy, Smif1005, smiffy@school.example", "undeliverableCount": "136",
	"locked": "Roger, Roge1006, 22 February 2027\nSidney, Sidn1007, 23 February 2027", "lockedCount": "137",
}

func sampleLetter(template string) Letter { return letterIn(fallback, template) }

func letterIn(lang, template string) Letter {
	data := map[string]string{}
	for _, key := range dataOf[template].all() {
		data[key] = sample[key]
	}
	return Letter{
		ID: "01J9", Template: template, Language: lang, Category: Account, Data: data,
		To: Address{Name: "Danny Smith", Email: "d.smith@school.example"},
	}
}

var languages = []string{"da", "en"}

// everyMail runs a test for each template in each language.
func everyMail(t *testing.T, test func(t *testing.T, lang, name string)) {
	t.Helper()
	for _, lang := range languages {
		for name := range dataOf {
			t.Run(lang+"/"+name, func(t *testing.T) {
				t.Parallel()
				test(t, lang, name)
			})
		}
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
	for name := range dataOf {
		want = append(want, name+".html", name+".txt")
	}
	slices.Sort(want)
	found := templates(t)
	if diff := cmp.Diff(languages, slices.Sorted(maps.Keys(found))); diff != "" {
		t.Errorf("languages: -want +got\n%s", diff)
	}
	for lang, got := range found {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", lang, diff)
		}
	}
}

// The domain names its templates in constants; a constant without wording would be a mail that is never sent.
func TestEveryTemplateOfTheDomainHasWording(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(slices.Sorted(maps.Keys(dataOf)), constants(t, "../directory/mail.go", "Template")); diff != "" {
		t.Errorf("-wording +constants\n%s", diff)
	}
}

// constants reads the values of all constants of a type, in order of the values.
func constants(t *testing.T, file, typeName string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if named, ok := spec.Type.(*ast.Ident); !ok || named.Name != typeName {
			return false
		}
		for _, v := range spec.Values {
			value, err := strconv.Unquote(v.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, value)
		}
		return false
	})
	slices.Sort(values)
	return values
}

var (
	action = regexp.MustCompile(`{{[^}]*}}`)
	field  = regexp.MustCompile(`(?:\.|(optional|list) \. ")([A-Za-z]\w*)`)
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
			names[f[2]] = true
			if f[1] == "list" {
				names[f[2]+counting] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// A datum that nobody gives makes a mail fail that was promised; one that is given and not named may be a slip.
func TestTemplatesNameTheDataThatAreGiven(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, lang, name string) {
		file := "templates/" + lang + "/" + name
		want, got := dataOf[name].all(), slices.Concat(fields(t, file+".txt"), fields(t, file+".html"))
		got = slices.DeleteFunc(got, func(key string) bool {
			return key == productName || unicode.IsUpper(rune(key[0])) // fields of page begin with a capital letter
		})
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
			t.Errorf("-given +named\n%s", diff)
		}
	})
}

func TestAllLanguagesNameTheSameData(t *testing.T) {
	t.Parallel()
	same := func(t *testing.T, name string) {
		for _, lang := range languages {
			for _, ending := range []string{".txt", ".html"} {
				want, got := fields(t, "templates/en/"+name+ending), fields(t, "templates/"+lang+"/"+name+ending)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s%s: -en +%s\n%s", name, ending, lang, diff)
				}
			}
		}
	}
	same(t, "parts/closing")
	for name := range dataOf {
		same(t, name)
	}
}

// The guide promises that passwords never travel by email: there is nowhere in any template to put one.
func TestNoTemplateHasAPlaceForAPassword(t *testing.T) {
	t.Parallel()
	allowed := []string{"productName", "Product", "Organisation", "Category", "Unsubscribe", "Subject", "Lang", "Data", "Count", "Lines", "More"}
	for _, data := range dataOf {
		allowed = append(allowed, data.all()...)
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

func TestEachTemplateRendersFromItsDataAndNeedsThem(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, lang, name string) {
		rendered(t, letterIn(lang, name))
		for _, key := range dataOf[name].needed {
			l := letterIn(lang, name)
			delete(l.Data, key)
			if m, err := Render(l, sampleSettings); err == nil {
				t.Errorf("without %s:\n%s\n%s", key, m.Subject, m.Text)
			}
		}
	})
}

func TestLanguageFallsBackToEnglish(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{
		"en": "en", "en-GB": "en", "EN": "en", "": "en", "tlh": "en",
		"da": "da", "da-DK": "da", "DA": "da", "dan": "en", "d": "en",
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

func TestSampleHasAllData(t *testing.T) {
	t.Parallel()
	for name, data := range dataOf {
		for _, key := range data.all() {
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
