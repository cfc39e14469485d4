package mail

import (
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
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

func TestDanishReadsWell(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ subject, text string }{
		"welcome": {"Din Caretaker-konto hos Bash Street School", `Hej Danny

Bash Street School har oprettet en Caretaker-konto til dig.

Dit brugernavn: DSmit1259
Log ind her: https://caretaker.example/sign-in/bash-street

Du får din første adgangskode at vide personligt eller over telefonen, for vi sender aldrig adgangskoder på mail. ` +
			`Spørg din administrator: Jane Admin and Bo Li. Når du logger ind første gang, vælger du selv en adgangskode.

Hvis du ikke ventede at få en konto, så sig det til din administrator.

-- 
Caretaker har sendt dig denne mail på vegne af Bash Street School.
Den handler om din konto, så du får den, selvom du har sagt nej til nyheder.
`},
		"password-link": {"Vælg en ny adgangskode til Caretaker", `Hej Danny

Nogen, formentlig dig selv, har bedt om en ny adgangskode til din konto DSmit1259 hos Bash Street School.

Vælg en ny adgangskode: https://caretaker.example/o/bash-street/choose?u=01J9&t=Zm9v-_#go

Linket virker én gang og kun i 57 minutter. Beder du om et nyt, gælder kun den nyeste mail.

Var det ikke dig? Så se bort fra denne mail. Intet bliver ændret, og din adgangskode er den samme som før. ` +
			`Hvis du bliver ved med at få den slags mails, så sig det til din administrator: Jane Admin and Bo Li.

-- 
Caretaker har sendt dig denne mail på vegne af Bash Street School.
Den handler om din konto, så du får den, selvom du har sagt nej til nyheder.
`},
	} {
		m := rendered(t, letterIn("da", name))
		if diff := cmp.Diff(want.text, m.Text); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
		if m.Subject != want.subject {
			t.Errorf("%s: subject %q", name, m.Subject)
		}
	}
}

func TestPasswordLinkReadsWell(t *testing.T) {
	t.Parallel()
	m := rendered(t, sampleLetter("password-link"))
	want := `Hello Danny,

Somebody, probably you, asked for a new password for your account DSmit1259 at Bash Street School.

Choose a new password: https://caretaker.example/o/bash-street/choose?u=01J9&t=Zm9v-_#go

The link works once, within 57 minutes. If you ask again, only the newest message counts.

Was it not you? Then ignore this message: nothing changes, and your password stays as it is. ` +
		`If you keep getting such messages, please tell your administrator: Jane Admin and Bo Li.

-- 
Caretaker sent you this message for Bash Street School.
It is about your account, so you receive it even if you have opted out of news.
`
	if diff := cmp.Diff(want, m.Text); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Words that the domain gives are put into the reader's language; a number is followed by the right form.
func TestChoicesAreInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ template, key, value, en, da string }{
		{"password-link-barred", "state", "suspended", "The account is suspended,", "Kontoen er suspenderet,"},
		{"password-link-barred", "state", "archived", "The account is archived,", "Kontoen er arkiveret,"},
		{"password-link-barred", "state", "expired", "The account has expired,", "Kontoen er udløbet,"},
		{"password-link-barred", "state", "else", "The account is closed,", "Kontoen er lukket,"},
		{"account-locked", "until", "noon", "until noon, or until an administrator", "låst indtil noon, eller indtil en administrator"},
		{"account-locked", "until", "", "sign in to it until an administrator", "Kontoen er låst, indtil en administrator"},
		{"second-factor-added", "method", "totp", "A new authenticator app (", "En ny godkendelsesapp ("},
		{"second-factor-added", "method", "passkey", "A new passkey (", "En ny adgangsnøgle ("},
		{"second-factor-added", "method", "else", "A new second step (", "En ny ekstra bekræftelse ("},
		{"second-factor-removed", "method", "totp", "The authenticator app (", "En godkendelsesapp ("},
		{"second-factor-removed", "method", "passkey", "The passkey (", "En adgangsnøgle ("},
		{"second-factor-removed", "method", "else", "The second step (", "En ekstra bekræftelse ("},
		{"recovery-code-used", "left", "0", "your last one, so please make new ones.", "den sidste, så lav nye koder."},
		{"recovery-code-used", "left", "1", "You have one code left,", "Du har én kode tilbage,"},
		{"recovery-code-used", "left", "2", "You have 2 codes left.", "Du har 2 koder tilbage."},
		{"inactivity-warning", "last", "", "This is reminder number 3. You will hear", "Dette er påmindelse nummer 3. Du hører"},
		{"inactivity-warning", "last", "no", "This is reminder number 3. You will hear", "Dette er påmindelse nummer 3. Du hører"},
		{"inactivity-warning", "last", "yes", "This is the last reminder.", "Dette er den sidste påmindelse."},
		{"inactivity-warning", "number", "1", "This is the only reminder.", "Dette er den eneste påmindelse."},
		{"inactivity-warning", "lastSignIn", "", "Bash Street School since it was set up.", "Bash Street School, siden den blev oprettet."},
		{"account-archived", "cause", "inactivity", "archived, because nobody had signed in", "arkiveret, fordi ingen har logget ind"},
		{"account-archived", "cause", "byHand", "archived by an administrator.", "arkiveret af en administrator."},
		{"account-archived", "cause", "endDate", "archived, because its end date has come.", "arkiveret, fordi dens slutdato er nået."},
		{"account-archived", "cause", "else", "has been archived. It can", "er blevet arkiveret. Den kan"},
		{"account-archived", "purgeDate", "", "It can no longer be used. Do you", "Den kan ikke længere bruges. Har du"},
		{"administrator-at-risk", "lastSignIn", "", "since the account was set up.", ", siden kontoen blev oprettet."},
		{"last-administrator-at-risk", "lastSignIn", "", "since the account was set up.", ", siden kontoen blev oprettet."},
		{"last-administrator-at-risk", "kept", "yes", "It has been kept, because", "Den er blevet beholdt, fordi"},
		{"last-administrator-at-risk", "kept", "", "the account will be archived on 21", "bliver kontoen arkiveret den 21"},
		{"digest", "months", "1", "Not signed in for a month or more: 131", "Har ikke logget ind i en måned eller mere: 131"},
		{"digest", "months", "12", "Not signed in for 12 months or more: 131", "Har ikke logget ind i 12 måneder eller mere: 131"},
	} {
		for lang, want := range map[string]string{"en": c.en, "da": c.da} {
			l := letterIn(lang, c.template)
			l.Data[c.key] = c.value
			m := rendered(t, l)
			text, visible := strings.Join(strings.Fields(m.Text), " "), visibleText(parsedHTML(t, m.HTML))
			if !strings.Contains(text, want) || !strings.Contains(visible, want) {
				t.Errorf("%s, %s %q: no %q in\n%s\n%s", c.template, c.key, c.value, want, m.Text, visible)
			}
		}
	}
}

func TestInactivityWarningReadsWell(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]struct{ subject, text string }{
		"en": {"Your Caretaker account will be archived on 21 February 2027", `Hello Danny,

Nobody has signed in to your account DSmit1259 at Bash Street School since 21 August 2025. Unless somebody does, it ` +
			`will be archived on 21 February 2027. Then it can no longer be used, and only an administrator can restore it.

To keep the account, sign in once:
https://caretaker.example/sign-in/bash-street

If you have no password, or have forgotten it, you can ask for a new one on the sign-in page. ` +
			`If you do not need the account any more, there is nothing to do.

This is reminder number 3. You will hear from us again before that day. ` +
			`If you cannot get in, or have questions, please ask your administrator: Jane Admin and Bo Li.

-- 
Caretaker sent you this message for Bash Street School.
It is about your account, so you receive it even if you have opted out of news.
`},
		"da": {"Din Caretaker-konto bliver arkiveret den 21 February 2027", `Hej Danny

Ingen har logget ind på din konto DSmit1259 hos Bash Street School siden den 21 August 2025. Medmindre nogen gør det, ` +
			`bliver den arkiveret den 21 February 2027. Så kan den ikke længere bruges, og kun en administrator kan gendanne den.

Log ind én gang for at beholde kontoen:
https://caretaker.example/sign-in/bash-street

Hvis du ikke har en adgangskode eller har glemt den, kan du bede om en ny på loginsiden. ` +
			`Hvis du ikke længere har brug for kontoen, behøver du ikke gøre noget.

Dette er påmindelse nummer 3. Du hører fra os igen inden den dag. ` +
			`Hvis du ikke kan komme ind eller har spørgsmål, så spørg din administrator: Jane Admin and Bo Li.

-- 
Caretaker har sendt dig denne mail på vegne af Bash Street School.
Den handler om din konto, så du får den, selvom du har sagt nej til nyheder.
`},
	} {
		l := letterIn(lang, "inactivity-warning")
		delete(l.Data, "last")
		m := rendered(t, l)
		if diff := cmp.Diff(want.text, m.Text); diff != "" || m.Subject != want.subject {
			t.Errorf("%s: subject %q, -want +got\n%s", lang, m.Subject, diff)
		}
	}
}

// What is urgent stands in the subject, the one line that everybody reads.
func TestSubjectsSayHowUrgentItIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ template, flag, en, da string }{
		{"inactivity-warning", "", "Your Caretaker account will be", "Din Caretaker-konto bliver"},
		{"inactivity-warning", "last", "Last reminder: your Caretaker account will be", "Sidste påmindelse: Din Caretaker-konto bliver"},
		{"last-administrator-at-risk", "", "Soon nobody may be able to manage", "Snart kan måske ingen administrere"},
		{"last-administrator-at-risk", "kept", "Nobody signs in to manage", "Ingen logger ind for at administrere"},
	} {
		for lang, want := range map[string]string{"en": c.en, "da": c.da} {
			l := letterIn(lang, c.template)
			for _, flag := range flags {
				delete(l.Data, flag)
			}
			l.Data[c.flag] = "yes"
			if m := rendered(t, l); !strings.HasPrefix(m.Subject, want) {
				t.Errorf("%s %s: subject %q, want %q", c.template, c.flag, m.Subject, want)
			}
		}
	}
}

// quietWeek is a digest with the lists given and no others.
func quietWeek(lang string, data map[string]string) Letter {
	l := letterIn(lang, "digest")
	for _, key := range counted(lists) {
		delete(l.Data, key)
	}
	maps.Copy(l.Data, data)
	return l
}

func TestDigestReadsWell(t *testing.T) {
	t.Parallel()
	m := rendered(t, quietWeek("en", map[string]string{
		"inactive": "Danny Smith, DSmit1259, 3 March 2025\nBea O'Dea, BODea2001, never", "inactiveCount": "7",
		"restored": "Wilfrid, Wilf1002, 3 March 2027",
	}))
	want := `Hello Danny,

This is how the accounts of Bash Street School stand, and what happened to them in the past week. ` +
		`Sections with nothing in them are left out.

Not signed in for 12 months or more: 7
  Danny Smith, DSmit1259, 3 March 2025
  Bea O'Dea, BODea2001, never
  and 5 more

Whoever has left should not keep an account. Please archive those that nobody needs any more.

Restored: 1
  Wilfrid, Wilf1002, 3 March 2027

To look at the accounts, go to the list of users:
https://caretaker.example/o/bash-street/users

-- 
Caretaker sends you this overview of Bash Street School every week, because you are one of its administrators.
If you would rather not receive it, you can turn it off here:
https://caretaker.example/o/bash-street/me
`
	if diff := cmp.Diff(want, m.Text); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	list := "7</h2>\n<ul style=\"margin: 0 0 16px; padding: 0 0 0 24px;\">\n<li><bdi>Danny Smith, DSmit1259, 3 March 2025</bdi></li>\n" +
		"<li><bdi>Bea O&#39;Dea, BODea2001, never</bdi></li>\n<li>and 5 more</li>\n</ul>"
	if !strings.Contains(m.HTML, list) {
		t.Errorf("there is no %s in\n%s", list, m.HTML)
	}
}

// Where nobody counted to the end, a mail does not pretend to know.
func TestADigestSaysThatThereAreMore(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{
		"en": "next 30 days: 1000+\n  Spotty, Spot1003, 1 April 2027\n  and 999+ more\n",
		"da": "næste 30 dage: 1000+\n  Spotty, Spot1003, 1 April 2027\n  og 999+ til\n",
	} {
		m := rendered(t, quietWeek(lang, map[string]string{"purged": "Spotty, Spot1003, 1 April 2027", "purgedCount": "1000+"}))
		if !strings.Contains(m.Text, want) {
			t.Errorf("%s: no %q in\n%s", lang, want, m.Text)
		}
	}
	for _, wrong := range []string{"+", "+7", "7++", "7 +", "many"} {
		if _, err := Render(quietWeek("en", map[string]string{"purged": "Spotty", "purgedCount": wrong}), sampleSettings); err == nil {
			t.Errorf("%q was taken for a number", wrong)
		}
	}
}

// A name cannot make two lines of one, nor look like a heading, the closing words or markup.
func TestALineOfAListStaysOneLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, html string }{
		{"Plain", "  Plain, A1", "<li><bdi>Plain, A1</bdi></li>"},
		{"Dan\u2028Restored: 9", "  Dan Restored: 9, A1", "<li><bdi>Dan Restored: 9, A1</bdi></li>"},
		{"Dan\rBo", "  Dan Bo, A1", "<li><bdi>Dan Bo, A1</bdi></li>"},
		{"Dan\u0085\v\fBo", "  Dan Bo, A1", "<li><bdi>Dan Bo, A1</bdi></li>"},
		{"\t  Bo", "  Bo, A1", "<li><bdi>Bo, A1</bdi></li>"},
		{"-- ", "  -- , A1", "<li><bdi>-- , A1</bdi></li>"},
		{"</li><li>Bo", "  </li><li>Bo, A1", "<li><bdi>&lt;/li&gt;&lt;li&gt;Bo, A1</bdi></li>"},
		{"مريم", "  \u2068مريم, A1\u2069", "<li><bdi>مريم, A1</bdi></li>"},
		{"Dan\u202egnp", "  Dangnp, A1", "<li><bdi>Dangnp, A1</bdi></li>"},
	} {
		for lang, around := range map[string][2]string{"en": {"codes", "To look"}, "da": {"eller koder", "Du kan se"}} {
			m := rendered(t, quietWeek(lang, map[string]string{"locked": "First, A0\n" + c.name + ", A1\n\n \nLast, A2\n"}))
			want := around[0] + ": 3\n  First, A0\n" + c.text + "\n  Last, A2\n\n" + around[1]
			if !strings.Contains(m.Text, want) {
				t.Errorf("%q: no %q in\n%s", c.name, want, m.Text)
			}
			if got := strings.Count(m.HTML, "<li>"); got != 3 || !strings.Contains(m.HTML, c.html) {
				t.Errorf("%q: %d items, no %q in\n%s", c.name, got, c.html, m.HTML)
			}
		}
	}
}

// Whatever a name is made of, its line stays between those before and after it, and is one item of the list.
func FuzzListsKeepTheirLines(f *testing.F) {
	for _, seed := range []string{"Danny", "a\u2028b", "\r\n", "</ul><h2>x", "\x00\v\f\u0085", "{{.Count}}", "\xff\u2069", "-- ", "مريم"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		name = strings.ReplaceAll(name, "\n", " ") // what cuts lines is the writer's to keep out of names
		m, err := Render(quietWeek("en", map[string]string{"locked": "first\n" + name + ", A1\nlast"}), sampleSettings)
		if err != nil {
			t.Fatal(err)
		}
		_, after, found := strings.Cut(m.Text, "codes: 3\n  first\n  ")
		if _, end, _ := strings.Cut(after, "\n"); !found || !strings.HasPrefix(end, "  last\n\nTo look") {
			t.Errorf("%q:\n%q", name, m.Text)
		}
		items := 0
		for n := range parsedHTML(t, m.HTML).Descendants() {
			if n.Type == html.ElementNode && (n.Data == "li" || n.Data == "h2") {
				items++
			}
		}
		if items != 4 {
			t.Errorf("%q: %d items and headings:\n%s", name, items, m.HTML)
		}
	})
}

// Some mail programs cut off what is longer than 102,400 bytes: the links at the end must still be there.
func TestLongListsAreCutAndCounted(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("n", 60) + ", " + strings.Repeat("u", 20) + ", 22 November 2026"
	for _, lang := range languages {
		data := map[string]string{}
		for _, key := range lists {
			data[key] = strings.Repeat(name+"\n", maxListed+3)
		}
		data["lockedCount"] = "1000"
		m := rendered(t, quietWeek(lang, data))
		more := map[string]string{"en": "and %s more", "da": "og %s til"}[lang]
		for count, times := range map[string]int{"3": len(lists) - 1, "950": 1} {
			want := strings.Replace(more, "%s", count, 1)
			if strings.Count(m.Text, want+"\n") != times || strings.Count(m.HTML, "<li>"+want+"</li>") != times {
				t.Errorf("%s: %q is not said %d times:\n%s", lang, want, times, m.Text)
			}
		}
		if got := strings.Count(m.Text, name); got != maxListed*len(lists) || len(m.HTML) > 102_400 {
			t.Errorf("%s: %d lines, %d bytes of HTML", lang, got, len(m.HTML))
		}
	}
}

// A count that is less than what is listed is not believed.
func TestCountsAreNeverBelowTheLines(t *testing.T) {
	t.Parallel()
	for count, want := range map[string]string{"": ": 2\n  a\n  b\n\n", "1": ": 2\n  a\n  b\n\n", "2": ": 2\n  a\n  b\n\n", "3": ": 3\n  a\n  b\n  and 1 more\n"} {
		data := map[string]string{"purged": "a\nb", "purgedCount": count}
		if count == "" {
			delete(data, "purgedCount")
		}
		if m := rendered(t, quietWeek("en", data)); !strings.Contains(m.Text, want) {
			t.Errorf("count %q: no %q in\n%s", count, want, m.Text)
		}
	}
	m := rendered(t, quietWeek("en", map[string]string{"purged": " \n\t", "purgedCount": "3"}))
	if strings.Contains(m.Text, "Deleted") || strings.Contains(m.HTML, "<ul") {
		t.Errorf("a list of nothing is shown:\n%s", m.Text)
	}
}

func TestAnnouncementReadsWell(t *testing.T) {
	t.Parallel()
	const link = "https://caretaker.example/api/v1/unsubscribe?token=a%2Bb%2Fc%3D%3D"
	for _, c := range []struct {
		lang     string
		category Category
		closing  string
	}{
		{"en", News, "It is general news. If you would rather not have any more of it:\n" + link + "\n"},
		{"en", Newsletter, "It is the newsletter that you asked for. If you would rather not have it any more:\n" + link + "\n"},
		{"en", Service, "It says what everybody who uses the service needs to know, so it cannot be turned off.\n"},
		{"da", News, "Den indeholder generelle nyheder. Hvis du ikke vil have flere af dem:\n" + link + "\n"},
		{"da", Newsletter, "Det er nyhedsbrevet, som du har bedt om. Hvis du ikke vil have det mere:\n" + link + "\n"},
		{"da", Service, "Den siger noget, som alle, der bruger tjenesten, har brug for at vide, så den kan ikke slås fra.\n"},
	} {
		l := letterIn(c.lang, "announcement")
		l.Category, l.Organisation, l.Data["fromName"] = c.category, "Bash Street School", "The Caretaker team"
		l.Data["message"], l.Data["unsubscribeToken"] = "New reports.\n\n-- \nHave a look!", "a+b/c=="
		m := rendered(t, l)
		want := map[string]string{
			"en": "The Caretaker team writes:\n\nNew reports.\n\n--\nHave a look!\n\n-- \nThe Caretaker team sent you this " +
				"message through Caretaker, because you have an account at Bash Street School.\n",
			"da": "The Caretaker team skriver:\n\nNew reports.\n\n--\nHave a look!\n\n-- \nThe Caretaker team har sendt dig " +
				"denne mail gennem Caretaker, fordi du har en konto hos Bash Street School.\n",
		}[c.lang] + c.closing
		if diff := cmp.Diff(want, m.Text); diff != "" || m.Subject != "The Caretaker team: Reports" {
			t.Errorf("%s %s: subject %q, -want +got\n%s", c.lang, c.category, m.Subject, diff)
		}
	}
}

// General mails can be left with one click by what the mail program shows, and by the link in either body; all lead to the same
// place (RFC 8058). Nothing else offers a way out that there is not.
func TestAllWaysOutOfAnnouncementsAgree(t *testing.T) {
	t.Parallel()
	for _, lang := range languages {
		for _, category := range []Category{Account, Service, News, Newsletter} {
			l := letterIn(lang, "announcement")
			l.Category, l.Data["unsubscribeToken"] = category, "a+b/c=="
			m := rendered(t, l)
			var ways []string
			if way, there := m.Headers["List-Unsubscribe"]; there {
				ways = append(ways, strings.Trim(way, "<>"))
			}
			if _, there := m.Headers["List-Unsubscribe-Post"]; there != (len(ways) == 1) {
				t.Errorf("%s %s: headers %v", lang, category, m.Headers)
			}
			if diff := cmp.Diff(ways, webLink.FindAllString(m.Text, -1)); diff != "" {
				t.Errorf("%s %s: -headers +text\n%s", lang, category, diff)
			}
			if diff := cmp.Diff(ways, linksOf(parsedHTML(t, m.HTML))); diff != "" {
				t.Errorf("%s %s: -headers +HTML\n%s", lang, category, diff)
			}
			if (len(ways) == 1) != category.General() {
				t.Errorf("%s %s has the ways out %v", lang, category, ways)
			}
		}
	}
}

// Announcements are written by people, yet holiday replies to each of them are of use to nobody.
func TestAnnouncementsAskForNoHolidayReplies(t *testing.T) {
	t.Parallel()
	if m := rendered(t, sampleLetter("announcement")); m.Headers["Auto-Submitted"] != "auto-generated" {
		t.Errorf("headers %v", m.Headers)
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
	l.OrganisationSlug, l.User = "bash-street", "01kd5q8x2v7m3k9rwt4h6n0pza"
	m := rendered(t, l)
	m.Text, m.HTML, m.Subject = "", "", ""
	want := Message{
		ID: "01J9", From: Address{Name: "Caretaker", Email: "no-reply@caretaker.example"}, To: l.To, Category: Account,
		Headers: map[string]string{
			"Auto-Submitted": "auto-generated", "X-Caretaker-Id": "01J9", "X-Caretaker-For": "bash-street/01kd5q8x2v7m3k9rwt4h6n0pza",
		},
		Tags: map[string]string{
			"mail": "01J9", "user": "01kd5q8x2v7m3k9rwt4h6n0pza", "organisation": "bash-street", "template": "welcome", "category": "account",
		},
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestOnlyGeneralMailsCarryAnOptOut(t *testing.T) {
	t.Parallel()
	const link = "https://caretaker.example/api/v1/unsubscribe?token=a%2Bb%2Fc%3D%3D"
	for category, closing := range map[Category]string{
		Account: "about your account", Service: "about the service itself", News: link, Newsletter: link,
	} {
		l := sampleLetter("welcome")
		l.Category, l.OrganisationSlug, l.Data["unsubscribeToken"] = category, "bash-street", "a+b/c=="
		m := rendered(t, l)
		if !strings.Contains(m.Text, closing) {
			t.Errorf("%s closes without %q:\n%s", category, closing, m.Text)
		}
		if got := strings.Contains(m.HTML, `<a href="`+link+`"`); got != category.General() {
			t.Errorf("%s has the link: %v", category, got)
		}
		var want, post, list string
		if category.General() {
			want, post, list = "<"+link+">", "List-Unsubscribe=One-Click", "<"+string(category)+".bash-street.caretaker.example>"
		}
		if m.Headers["List-Unsubscribe"] != want || m.Headers["List-Unsubscribe-Post"] != post || m.Headers["List-Id"] != list {
			t.Errorf("%s has the headers %v", category, m.Headers)
		}
	}
}

// What receivers think of general mails falls on a sender of their own, where there is one.
func TestGeneralMailsHaveASenderOfTheirOwn(t *testing.T) {
	t.Parallel()
	own := sampleSettings
	own.FromNews = Address{Email: "news@caretaker.example"}
	for _, c := range []struct {
		category Category
		settings Settings
		want     string
	}{
		{News, own, "news@caretaker.example"},
		{Newsletter, own, "news@caretaker.example"},
		{Service, own, "no-reply@caretaker.example"},
		{Account, own, "no-reply@caretaker.example"},
		{News, sampleSettings, "no-reply@caretaker.example"}, // where there is none
	} {
		l := sampleLetter("announcement")
		l.Category, l.Data["unsubscribeToken"] = c.category, "t"
		m, err := Render(l, c.settings)
		if err != nil || m.From != (Address{Name: "Caretaker", Email: c.want}) {
			t.Errorf("%s comes from %v, want %s: %v", c.category, m.From, c.want, err)
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

func TestOptionalDataAreSaidIfKnown(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, lang, name string) {
		for _, key := range dataOf[name].optional {
			l := letterIn(lang, name)
			m := rendered(t, l)
			delete(l.Data, key)
			without := rendered(t, l)
			wantNoGap(t, without)
			if slices.Contains(flags, key) {
				if without.Text == m.Text || without.HTML == m.HTML {
					t.Errorf("%s makes no difference:\n%s", key, m.Text)
				}
				continue
			}
			visible := visibleText(parsedHTML(t, m.HTML))
			for _, line := range lines(sample[key]) {
				if !strings.Contains(m.Text, line) || !strings.Contains(visible, line) {
					t.Errorf("it does not say %s:\n%s\n%s", key, m.Text, visible)
				}
			}
		}
		l := letterIn(lang, name)
		for _, key := range dataOf[name].optional {
			delete(l.Data, key)
		}
		wantNoGap(t, rendered(t, l))
	})
}

// An organisation whose administrators have all left still welcomes people.
func TestWelcomeWithoutAdministrators(t *testing.T) {
	t.Parallel()
	for _, lang := range languages {
		l := letterIn(lang, "welcome")
		l.Data["administrators"] = ""
		wantNoGap(t, rendered(t, l))
	}
}

// wantNoGap finds what a missing value leaves behind in a sentence.
func wantNoGap(t *testing.T, m Message) {
	t.Helper()
	text := indent.ReplaceAllString(m.Text, "")
	for _, gap := range []string{": .", ":.", "  ", " .", " ,", "..", "()", "<no value>", ": \n", "\n\n\n"} {
		if strings.Contains(text, gap) || strings.Contains(m.HTML, "<bdi></bdi>") {
			t.Errorf("there is the gap %q:\n%s", gap, m.Text)
		}
	}
}

var indent = regexp.MustCompile(`(?m)^ {2}`) // of the lines of a list

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

// The two bodies of a mail must say the same: what the text tells of the data, the HTML tells too, and so does it each
// line of the text but those that lead to a link, which have other words where a link can be clicked.
func TestHTMLSaysWhatTheTextSays(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, lang, name string) {
		m := rendered(t, letterIn(lang, name))
		doc := parsedHTML(t, m.HTML)
		visible := visibleText(doc)
		said := visible + strings.Join(linksOf(doc), " ")
		for _, key := range dataOf[name].all() {
			if key == "message" || key == "subject" { // lines are broken otherwise in HTML; the subject is its heading
				continue
			}
			for _, line := range lines(sample[key]) {
				if strings.Contains(m.Text, line) != strings.Contains(said, line) {
					t.Errorf("%s is in one body only", key)
				}
			}
		}
		for line := range strings.Lines(m.Text) {
			line = strings.TrimSpace(line)
			if line != "--" && !strings.HasSuffix(line, ":") && !webLink.MatchString(line) && !strings.Contains(visible, line) {
				t.Errorf("only the text says %q; the HTML says\n%s", line, visible)
			}
		}
	})
}

func TestBothBodiesHaveTheSameLinks(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, lang, name string) {
		for _, category := range []Category{Account, Service, News, Newsletter} {
			l := letterIn(lang, name)
			l.Category, l.Data["unsubscribeToken"] = category, "a+b/c=="
			m := rendered(t, l)
			if diff := cmp.Diff(webLink.FindAllString(m.Text, -1), linksOf(parsedHTML(t, m.HTML))); diff != "" {
				t.Errorf("%s: -text +HTML\n%s", category, diff)
			}
		}
	})
}

var webLink = regexp.MustCompile(`https?://\S+`)

func parsedHTML(t *testing.T, s string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// linksOf lists what can be clicked, in order.
func linksOf(doc *html.Node) []string {
	var links []string
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "href" {
				links = append(links, a.Val)
			}
		}
	}
	return links
}

// visibleText is what a reader sees, on one line.
func visibleText(doc *html.Node) string {
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "style" && n.Parent.Data != "title" {
			b.WriteString(n.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// Browsers mend what is malformed, each in its own way, and mail programs do worse.
func TestHTMLIsWellFormed(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, lang, name string) {
		m := rendered(t, letterIn(lang, name))
		written := map[string]int{}
		for _, tag := range wantBalanced(t, m.HTML) {
			written[tag]++
		}
		understood := map[string]int{}
		for n := range parsedHTML(t, m.HTML).Descendants() {
			if n.Type == html.ElementNode && n.Data != "tbody" { // which the standard lets one leave out
				understood[n.Data]++
			}
		}
		if diff := cmp.Diff(written, understood); diff != "" {
			t.Errorf("-written +understood\n%s", diff)
		}
	})
}

// wantBalanced wants each element to end where it should, and lists the elements by name.
func wantBalanced(t *testing.T, s string) []string {
	t.Helper()
	var tags, open []string
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		tag := z.Token().Data
		switch {
		case kind == html.StartTagToken && slices.Contains([]string{"meta", "br"}, tag): // have no end
			tags = append(tags, tag)
		case kind == html.StartTagToken:
			tags, open = append(tags, tag), append(open, tag)
		case kind == html.EndTagToken && (len(open) == 0 || open[len(open)-1] != tag):
			t.Fatalf("</%s> inside %v", tag, open)
		case kind == html.EndTagToken:
			open = open[:len(open)-1]
		}
	}
	if !errors.Is(z.Err(), io.EOF) || len(open) > 0 {
		t.Errorf("%v, and %v do not end", z.Err(), open)
	}
	return tags
}

func TestHTMLIsAccessible(t *testing.T) {
	t.Parallel()
	everyMail(t, func(t *testing.T, lang, name string) {
		m := rendered(t, letterIn(lang, name))
		count := map[string]int{}
		for n := range parsedHTML(t, m.HTML).Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			count[n.Data]++
			switch n.Data {
			case "html":
				wantAttribute(t, name, n, "lang", lang) // screen readers choose the voice by it
			case "table":
				wantAttribute(t, name, n, "role", "presentation") // for the layout, not for data
			case "img", "script", "link", "form":
				t.Errorf("there is <%s>, which mail programs block", n.Data)
			}
		}
		if count["title"] != 1 || count["h1"] != 1 {
			t.Errorf("%d titles and %d headings, want one each", count["title"], count["h1"])
		}
	})
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
		"a count of words":               {func(l *Letter, _ *Settings) { l.Data["lockedCount"] = "many" }, invalid},
		"a count below nothing":          {func(l *Letter, _ *Settings) { l.Data["lockedCount"] = "-1" }, invalid},
		"a count in a form of its own":   {func(l *Letter, _ *Settings) { l.Data["lockedCount"] = "+1" }, invalid},
		"a count beyond counting":        {func(l *Letter, _ *Settings) { l.Data["lockedCount"] = "1000000000" }, invalid},
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
