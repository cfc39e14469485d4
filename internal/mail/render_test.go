package mail

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/caretaker/caretaker/internal/directory"
)

func rendered(t *testing.T, l Letter) Message {
	t.Helper()
	m, err := Render(l, sampleSettings)
	if err != nil {
		t.Fatalf("render %s: %v", l.Template, err)
	}
	return m
}

func TestWelcomeReadsWell(t *testing.T) {
	t.Parallel()
	m := rendered(t, sampleLetter("welcome"))
	want := `Hello Danny,

Bash Street School has set up a Caretaker account for you.

Your username: DSmit1259
Sign in here: https://caretaker.example/sign-in/bash-street

You will be told your first password in person or over the telephone, because we never send passwords by email. ` +
		`The person to ask is your administrator: Jane Admin and Bo Li. When you first sign in, you choose a password ` +
		`of your own.

If you were not expecting this account, please tell your administrator.

-- 
Caretaker sent you this message for Bash Street School.
It is about your account, so you receive it even if you have opted out of news.
`
	if diff := cmp.Diff(want, m.Text); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if m.Subject != "Your Caretaker account at Bash Street School" {
		t.Errorf("subject %q", m.Subject)
	}
}

func TestContactReadsWell(t *testing.T) {
	t.Parallel()
	l := sampleLetter("contact")
	l.ReplyTo = Address{Name: "Danny Smith", Email: "d.smith@school.example"}
	m := rendered(t, l)
	want := `Danny Smith of Bash Street School writes:

Where are
my reports?

Name: Danny Smith
Username: DSmit1259
Email: d.smith@school.example
Organisation: Bash Street School

-- 
Written on the contact page of Caretaker. An answer to this message goes to the person who wrote it.
`
	if diff := cmp.Diff(want, m.Text); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if m.Subject != "Bash Street School: Reports" || m.ReplyTo != l.ReplyTo {
		t.Errorf("subject %q, answers to %v", m.Subject, m.ReplyTo)
	}
	if !strings.Contains(m.HTML, "Where are<br>\nmy reports?</div>") {
		t.Errorf("the lines are not kept:\n%s", m.HTML)
	}
}

func TestEnvelopeIsThatOfTheLetter(t *testing.T) {
	t.Parallel()
	l := sampleLetter("welcome")
	l.OrganisationSlug = "bash-street"
	m := rendered(t, l)
	m.Text, m.HTML, m.Subject = "", "", ""
	want := Message{
		ID: "01J9", From: Address{Name: "Caretaker", Email: "no-reply@caretaker.example"}, To: l.To, Category: Account,
		Headers: map[string]string{"Auto-Submitted": "auto-generated", "X-Caretaker-Id": "01J9"},
		Tags:    map[string]string{"organisation": "bash-street", "template": "welcome", "category": "account"},
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestOnlyNewsCarriesAnOptOut(t *testing.T) {
	t.Parallel()
	const link = "https://caretaker.example/api/v1/unsubscribe?token=a%2Bb%2Fc%3D%3D"
	for category, closing := range map[Category]string{
		Account: "about your account", Service: "about the service itself", News: link,
	} {
		l := sampleLetter("welcome")
		l.Category, l.Data["unsubscribeToken"] = category, "a+b/c=="
		m := rendered(t, l)
		if !strings.Contains(m.Text, closing) {
			t.Errorf("%s closes without %q:\n%s", category, closing, m.Text)
		}
		if got := strings.Contains(m.HTML, `<a href="`+link+`"`); got != (category == News) {
			t.Errorf("%s has the link: %v", category, got)
		}
		var want, post string
		if category == News {
			want, post = "<"+link+">", "List-Unsubscribe=One-Click"
		}
		if m.Headers["List-Unsubscribe"] != want || m.Headers["List-Unsubscribe-Post"] != post {
			t.Errorf("%s has the headers %v", category, m.Headers)
		}
	}
}

func TestBaseURLMayEndWithASlash(t *testing.T) {
	t.Parallel()
	l := sampleLetter("welcome")
	l.Category, l.Data["unsubscribeToken"] = News, "t"
	s := sampleSettings
	s.BaseURL += "/"
	m, err := Render(l, s)
	if want := "<https://caretaker.example/api/v1/unsubscribe?token=t>"; err != nil || m.Headers["List-Unsubscribe"] != want {
		t.Errorf("%q, %v", m.Headers["List-Unsubscribe"], err)
	}
}

func TestOrganisationOfTheLetterServesAsDatum(t *testing.T) {
	t.Parallel()
	l := sampleLetter("welcome")
	delete(l.Data, "organisationName")
	l.Organisation = "Bash Street School"
	if diff := cmp.Diff(rendered(t, sampleLetter("welcome")), rendered(t, l)); diff != "" {
		t.Errorf("-datum +organisation\n%s", diff)
	}
}

func TestAdministratorsAreNamedIfKnown(t *testing.T) {
	t.Parallel()
	for _, name := range namesAdministrators {
		l := sampleLetter(name)
		if m := rendered(t, l); !strings.Contains(m.Text, sample["administrators"]) || !strings.Contains(m.HTML, sample["administrators"]) {
			t.Errorf("%s does not name them:\n%s", name, m.Text)
		}
		if name == "welcome" {
			l.Data["administrators"] = "" // an organisation whose administrators have all left
		} else {
			delete(l.Data, "administrators")
		}
		m := rendered(t, l)
		for _, gap := range []string{": .", "  ", " .", "<no value>"} {
			if strings.Contains(m.Text, gap) || strings.Contains(m.HTML, "<bdi></bdi>") {
				t.Errorf("%s has a gap:\n%s", name, m.Text)
			}
		}
	}
}

func TestNamesStandRightInSentences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, html string }{
		{"Zoë", "Hello Zoë,", "<bdi>Zoë</bdi>"},
		{`D'Arcy "Dee" <b>`, `Hello D'Arcy "Dee" <b>,`, "<bdi>D&#39;Arcy &#34;Dee&#34; &lt;b&gt;</bdi>"},
		{"مريم", "Hello \u2068مريم\u2069,", "<bdi>مريم</bdi>"}, // else the comma would stand before the name
		{"Noa נועה", "Hello \u2068Noa נועה\u2069,", "<bdi>Noa נועה</bdi>"},
		{"Danny\u202egnp.exe", "Hello Dannygnp.exe,", "<bdi>Dannygnp.exe</bdi>"}, // a mark that turns what follows
		{"مريم\u2069x", "Hello \u2068مريمx\u2069,", "<bdi>مريمx</bdi>"},          // a mark that would end the isolation
		{"{{.username}}", "Hello {{.username}},", "<bdi>{{.username}}</bdi>"},
		{"Dan\xffny", "Hello Dan\ufffdny,", "<bdi>Dan\ufffdny</bdi>"}, // not UTF-8
	} {
		l := sampleLetter("welcome")
		l.Data["givenName"] = c.name
		m := rendered(t, l)
		if first, _, _ := strings.Cut(m.Text, "\n"); first != c.text {
			t.Errorf("%q: text %q, want %q", c.name, first, c.text)
		}
		if !strings.Contains(m.HTML, c.html) {
			t.Errorf("%q: HTML has no %q", c.name, c.html)
		}
	}
}

func TestLineBreaksStayInTheMessageOnly(t *testing.T) {
	t.Parallel()
	l := sampleLetter("contact")
	l.Data["subject"] = "Reports\r\nBcc: all@school.example"
	l.Data["fromName"] = "Danny\u2028Smith\x00\t!"
	l.Data["message"] = " one\r\n\ttwo\rthree\u2028four\x1b[31m \n\n"
	m := rendered(t, l)
	if m.Subject != "Bash Street School: Reports Bcc: all@school.example" {
		t.Errorf("subject %q", m.Subject)
	}
	if want := "Danny Smith ! of Bash Street School writes:\n\none\n\ttwo\nthree\nfour[31m\n\nName:"; !strings.HasPrefix(m.Text, want) {
		t.Errorf("text %q", m.Text)
	}
}

// The two bodies of a mail must say the same: what the text tells of the data, the HTML tells too.
func TestHTMLSaysWhatTheTextSays(t *testing.T) {
	t.Parallel()
	for name, keys := range keysOf {
		m := rendered(t, sampleLetter(name))
		for _, key := range keys {
			if key == "message" || key == "subject" { // lines are broken otherwise in HTML; the subject is its heading
				continue
			}
			if strings.Contains(m.Text, sample[key]) != strings.Contains(m.HTML, sample[key]) {
				t.Errorf("%s: %s is in one body only", name, key)
			}
		}
	}
}

func TestHTMLIsAccessible(t *testing.T) {
	t.Parallel()
	for name := range keysOf {
		m := rendered(t, sampleLetter(name))
		doc, err := html.Parse(strings.NewReader(m.HTML))
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			count[n.Data]++
			switch n.Data {
			case "html":
				wantAttribute(t, name, n, "lang", "en") // screen readers choose the voice by it
			case "table":
				wantAttribute(t, name, n, "role", "presentation") // for the layout, not for data
			case "img", "script", "link", "form":
				t.Errorf("%s has <%s>, which mail programs block", name, n.Data)
			}
		}
		if count["title"] != 1 || count["h1"] != 1 {
			t.Errorf("%s has %d titles and %d headings, want one each", name, count["title"], count["h1"])
		}
	}
}

func wantAttribute(t *testing.T, name string, n *html.Node, key, value string) {
	t.Helper()
	for _, a := range n.Attr {
		if a.Key == key && a.Val == value {
			return
		}
	}
	t.Errorf("%s: <%s> has no %s=%q", name, n.Data, key, value)
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	const invalid, refused = "mail_invalid", "mail_refused"
	for name, c := range map[string]struct {
		change func(*Letter, *Settings)
		want   string
	}{
		"a datum with a password":        {func(l *Letter, _ *Settings) { l.Data["initialPassword"] = "gLk*7" }, invalid},
		"a datum with a secret":          {func(l *Letter, _ *Settings) { l.Data["TOTP_SECRET"] = "gLk*7" }, invalid},
		"a script for a link":            {func(l *Letter, _ *Settings) { l.Data["signInURL"] = "javascript:alert(1)" }, invalid},
		"half a link":                    {func(l *Letter, _ *Settings) { l.Data["signInURL"] = "/sign-in" }, invalid},
		"an unknown template":            {func(l *Letter, _ *Settings) { l.Template = "good-bye" }, invalid},
		"an unknown category":            {func(l *Letter, _ *Settings) { l.Category = "gossip" }, invalid},
		"no category":                    {func(l *Letter, _ *Settings) { l.Category = "" }, invalid},
		"news without an opt-out":        {func(l *Letter, _ *Settings) { l.Category = News }, invalid},
		"a token too long for a header":  {newsWithLongToken, invalid},
		"no id":                          {func(l *Letter, _ *Settings) { l.ID = "" }, invalid},
		"an id with a line break":        {func(l *Letter, _ *Settings) { l.ID = "1\r\nBcc: x" }, invalid},
		"an organisation without a name": {func(l *Letter, _ *Settings) { l.Data["organisationName"] = " \n" }, invalid},
		"answers to no address":          {func(l *Letter, _ *Settings) { l.ReplyTo.Email = "jane" }, invalid},
		"no sender":                      {func(_ *Letter, s *Settings) { s.From = Address{} }, invalid},
		"no base URL":                    {func(_ *Letter, s *Settings) { s.BaseURL = "caretaker.example" }, invalid},
		"no product":                     {func(_ *Letter, s *Settings) { s.Product = "" }, invalid},
		"no recipient":                   {func(l *Letter, _ *Settings) { l.To = Address{} }, refused},
		"a recipient with a line break":  {func(l *Letter, _ *Settings) { l.To.Email = "d@e.example\nBcc: x@e.example" }, refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := sampleLetter("welcome"), sampleSettings
			c.change(&l, &s)
			_, err := Render(l, s)
			if directory.CodeOf(err) != c.want {
				t.Fatalf("%v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), "gLk*7") {
				t.Errorf("the secret is in the error: %v", err)
			}
			if errors.Is(err, ErrRefused) != (c.want == refused) {
				t.Errorf("%v is ErrRefused: %v", err, errors.Is(err, ErrRefused))
			}
		})
	}
}

func newsWithLongToken(l *Letter, _ *Settings) {
	l.Category, l.Data["unsubscribeToken"] = News, strings.Repeat("t", 1000)
}
