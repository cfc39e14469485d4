package scenarios_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail/inbox"
)

// announcement is the body of a request that sends one.
func announcement(category, subject, text string) map[string]string {
	return map[string]string{"category": category, "subject": subject, "body": text}
}

// announced waits until all mails of an announcement are written and sent, and returns what the API says of it.
func announced(t *testing.T, s *apptest.Stack, b *apptest.Browser, path string, sent apptest.Answer) apptest.Answer {
	t.Helper()
	var now apptest.Answer
	s.Await(t, func() bool {
		now = b.Call("GET", path+"/"+sent.Want(202).Text("id"), nil).Want(200)
		return now.Text("status") == "written"
	}, func() string { return string(now.Body) })
	waiting := 1
	for last := 0; waiting > 0 && waiting != last; { // it may take longer than one wait, but something must be sent in each
		last = waiting
		s.Await(t, func() bool {
			mails, err := s.Store.Unsent(t.Context(), s.Clock.Now().Add(time.Hour), 1000)
			if err != nil {
				t.Fatal(err)
			}
			moved := len(mails) < waiting || len(mails) == 0
			waiting = len(mails)
			return moved
		}, func() string { return fmt.Sprintf("%d mails are not sent", waiting) })
	}
	return now
}

// told lists to whom mails with this in their subject came, once for each, among the addresses that end so. The emulator's
// inbox is that of all tests, so subjects are of one test each.
func told(t *testing.T, s *apptest.Stack, subject, ending string) []string {
	t.Helper()
	mails, err := s.Inbox.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var to []string
	for _, m := range mails {
		if strings.Contains(m.Subject, subject) && strings.HasSuffix(m.To, ending) {
			to = append(to, m.To)
		}
	}
	slices.Sort(to)
	return to
}

// J12: "We send emails for three purposes …" General ones carry an opt-out and honour it; the others always arrive. Whoever
// has no access gets none.
func TestThreePurposesOfMail(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		const janes, dannys, minnies = "j.admin@bash-street.example", "d.smith@purposes.example", "m.minx@purposes.example"
		danny := p.add(t, "Danny", "Smith", dannys)
		p.add(t, "Minnie", "Minx", minnies)
		gone := p.add(t, "Walter", "Softy", "w.softy@purposes.example")
		put := p.add(t, "Roger", "Dodger", "r.dodger@purposes.example")
		p.jane.Call("POST", "/users/"+gone.id+"/archive", nil).Want(200)
		p.jane.Call("POST", "/users/"+put.id+"/suspend", nil).Want(200)
		b := p.Enter(t, school, danny.username, danny.password, "Minnie7Minx")
		b.Call("PUT", "/me/communications", map[string]bool{"news": false, "newsletter": true}).Want(200)

		dry := p.jane.Call("POST", "/announcements?dryRun=true", announcement("news", "Harvest", "x")).Want(200)
		if dry.At("recipients") != 2.0 || dry.At("exact") != true || dry.At("id") != nil {
			t.Errorf("the dry run says %s", dry.Body)
		}
		a := announced(t, s, p.jane, "/announcements", p.jane.Call("POST", "/announcements", announcement("news", "Harvest festival", "Come.")))
		if a.At("total") != 4.0 || a.At("done") != 4.0 || a.At("written") != 2.0 || a.Text("from") != "Jane Admin" {
			t.Errorf("in the end it says %s", a.Body)
		}
		announced(t, s, p.jane, "/announcements", p.jane.Call("POST", "/announcements", announcement("service", "Downtime on Friday", "At noon.")))
		letter := announcement("newsletter", "May in the service", "Much is new.")
		p.jane.Call("POST", "/announcements", letter).WantProblem(422, "invalid").WantField("body.category")
		announced(t, s, s.Operator, "/operator/announcements", s.Operator.Call("POST", "/operator/announcements", letter))
		for subject, want := range map[string][]string{
			"Harvest festival":   {janes, minnies},
			"Downtime on Friday": {dannys, janes, minnies},
			"May in the service": {dannys},
		} {
			if got := told(t, s, subject, ""); !slices.Equal(got, want) {
				t.Errorf("%q came to %v, want %v", subject, got, want)
			}
		}
		wantWayOut(t, s, s.Mail(t, minnies, "Harvest festival"), "news")
		wantWayOut(t, s, s.Mail(t, dannys, "May in the service"), "newsletter")
		if m := s.Mail(t, dannys, "Downtime"); m.Headers["List-Unsubscribe"] != "" || strings.Contains(m.Text+m.HTML, "unsubscribe") {
			t.Errorf("a vital message can be declined: %v\n%s", m.Headers, m.Text)
		}
	})
}

// wantWayOut fails the test unless the mail can be declined by its headers and in both bodies (RFC 8058), and names its list
// (RFC 2919).
func wantWayOut(t *testing.T, s *apptest.Stack, m inbox.Received, list string) {
	t.Helper()
	link := s.URL + "/api/v1/unsubscribe?token="
	way := strings.Trim(m.Headers["List-Unsubscribe"], "<>")
	if !strings.HasPrefix(way, link) || m.Headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" ||
		!strings.Contains(m.Text, way) || !strings.Contains(m.HTML, `href="`+way+`"`) {
		t.Errorf("the way out of %q is %v:\n%s", m.Subject, m.Headers, m.Text)
	}
	if want := "<" + list + ".bash-street.127.0.0.1>"; m.Headers["List-Id"] != want {
		t.Errorf("the list is %q, want %q", m.Headers["List-Id"], want)
	}
}

// What an administrator writes stays inside; what the platform writes comes to all organisations.
func TestAnnouncementsReachWhomTheyAreFor(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		s.Found(t, nextDoor, "Blob Street School", "school-portal", "Walter", "Softy")
		const janes, walters = "j.admin@bash-street.example", "w.softy@blob-street.example"
		news := announcement("news", "Only for Bash Street", "Read it.")
		sent := p.jane.Call("POST", "/announcements", news, "Idempotency-Key", "one")
		announced(t, s, p.jane, "/announcements", sent)
		again := p.jane.Call("POST", "/announcements", news, "Idempotency-Key", "one").Want(202)
		if again.Text("id") != sent.Text("id") {
			t.Errorf("the same request again sent another one: %s", again.Body)
		}
		everybody := announcement("service", "For every school", "Read it, all of you.")
		if dry := s.Operator.Call("POST", "/operator/announcements?dryRun=true", everybody).Want(200); dry.At("recipients") != 3.0 {
			t.Errorf("the dry run says %s", dry.Body)
		}
		toAll := s.Operator.Call("POST", "/operator/announcements", everybody)
		if now := announced(t, s, s.Operator, "/operator/announcements", toAll); now.At("written") != 3.0 || now.At("total") != nil {
			t.Errorf("in the end it says %s", now.Body)
		}
		for subject, want := range map[string][]string{
			"Only for Bash Street": {janes}, "For every school": {janes, "olive@platform.example", walters},
		} {
			if got := told(t, s, subject, ""); !slices.Equal(got, want) {
				t.Errorf("%q came to %v, want %v", subject, got, want)
			}
		}
		if m := s.Mail(t, walters, "For every school"); m.Subject != "Caretaker platform: For every school" {
			t.Errorf("it comes as %q", m.Subject)
		}
		wantListed(t, p.jane, "/announcements", sent.Text("id"))
		wantListed(t, s.Operator, "/operator/announcements", toAll.Text("id"))
		p.jane.Call("GET", "/announcements/"+toAll.Text("id"), nil).WantProblem(404, "not_found")
		p.jane.Call("POST", "/operator/announcements", everybody).WantProblem(403, "missing_right")
		trail := p.jane.Call("GET", "/audit?action=announcement.", nil).Want(200)
		if !strings.Contains(string(trail.Body), "Only for Bash Street") || strings.Contains(string(trail.Body), "every school") {
			t.Errorf("the trail says %s", trail.Body)
		}
	})
}

func wantListed(t *testing.T, b *apptest.Browser, path string, ids ...string) {
	t.Helper()
	var list struct{ Items []struct{ ID string } }
	b.Call("GET", path, nil).Want(200).Into(&list)
	var got []string
	for _, a := range list.Items {
		got = append(got, a.ID)
	}
	if !slices.Equal(got, ids) {
		t.Errorf("%s lists %v, want %v", path, got, ids)
	}
}

// crowd adds users who were never mailed and have no password.
func crowd(t *testing.T, s *apptest.Stack, org directory.Slug, n int, domain string) {
	t.Helper()
	for i := range n {
		name := fmt.Sprintf("crowd%04d", i)
		u := directory.User{
			Org: org, ID: directory.UserID(s.Directory.NewID()), Username: name, GivenName: "Person", FamilyName: name,
			Email: name + "@" + domain, Status: directory.Active, CreatedAt: s.Clock.Now(),
		}
		e := directory.Entry{ID: s.Directory.NewID(), Org: org, At: u.CreatedAt, Action: directory.UserCreated, Actor: directory.System}
		err := s.Store.Commit(t.Context(), directory.Change{
			Entries: []directory.Entry{e}, Writes: []directory.Write{directory.PutUser{User: u}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A large sending is written by and by: each time some mails, with how far that got, and the change asks for the next ones.
func TestLargeAnnouncementReachesEverybodyOnce(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		const many, domain = 250, "many.example"
		crowd(t, s, school, many, domain)
		sent := p.jane.Call("POST", "/announcements", announcement("service", "To very many", "Hello.")).Want(202)
		if sent.Text("status") != "writing" || sent.At("total") != many+1.0 {
			t.Errorf("it begins as %s", sent.Body)
		}
		now := announced(t, s, p.jane, "/announcements", sent)
		if now.At("written") != many+1.0 || now.At("done") != many+1.0 {
			t.Errorf("it ends as %s", now.Body)
		}
		if to := told(t, s, "To very many", "@"+domain); len(to) != many || len(slices.Compact(to)) != many {
			t.Errorf("%d mails came to %d people", len(to), len(slices.Compact(to)))
		}
	})
}

// Whoever writes decides about words, and about nothing else of a mail.
func TestAnnouncementsAreTextAndNothingElse(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		for location, bad := range map[string][]map[string]string{
			"body.category": {announcement("account", "a", "b"), announcement("", "a", "b"), announcement("newsletter", "a", "b")},
			"body.subject": {
				announcement("news", "", "b"), announcement("news", strings.Repeat("å", 121), "b"),
				announcement("news", "Hello\r\nBcc: all@example.org", "b"), announcement("news", "Hello\u2028x", "b"),
			},
			"body.body": {announcement("news", "a", " \n "), announcement("news", "a", strings.Repeat("å", 5001)), announcement("news", "a", "b\x00")},
		} {
			for _, body := range bad {
				p.jane.Call("POST", "/announcements", body).WantProblem(422, "invalid").WantField(location)
				p.jane.Call("POST", "/announcements?dryRun=true", body).WantProblem(422, "invalid").WantField(location)
			}
		}
		danny := p.add(t, "Danny", "Smith", "d.smith@words.example")
		b := p.Enter(t, school, danny.username, danny.password, "Minnie7Minx")
		b.Call("POST", "/announcements", announcement("news", "a", "b")).WantProblem(403, "missing_right")
		text := "<script>alert(1)</script> & <b>bold</b>\r\n{{.Unsubscribe}}"
		announced(t, s, p.jane, "/announcements", p.jane.Call("POST", "/announcements", announcement("news", "1 < 2 & <i>", text)))
		m := s.Mail(t, "d.smith@words.example", "1 < 2")
		if m.Subject != "Jane Admin: 1 < 2 & <i>" || !strings.Contains(m.Text, "<b>bold</b>\n{{.Unsubscribe}}") {
			t.Errorf("%q:\n%s", m.Subject, m.Text)
		}
		if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "<b>") || strings.Contains(m.HTML, "<i>") ||
			!strings.Contains(m.HTML, "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;bold&lt;/b&gt;<br>") {
			t.Errorf("the HTML is\n%s", m.HTML)
		}
		for range 19 {
			p.jane.Call("POST", "/announcements", announcement("news", "a", "b")).Want(202)
		}
		wait := p.jane.Call("POST", "/announcements", announcement("news", "a", "b")).WantProblem(429, "too_many_requests")
		if wait.Header.Get("Retry-After") == "" {
			t.Errorf("it does not say how long: %v", wait.Header)
		}
	})
}

var wayOut = regexp.MustCompile(`/unsubscribe\?token=\w+`)

// A mail program sends the one click from its maker's servers: without a cookie, from wherever, as a form. Programs that
// check mails follow all links, and nothing comes of it (RFC 8058).
func TestOneClickDeclines(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		const dannys = "d.smith@oneclick.example"
		danny := p.add(t, "Danny", "Smith", dannys)
		send := func(category, subject string) {
			announced(t, s, p.jane, "/announcements", p.jane.Call("POST", "/announcements", announcement(category, subject, "Hello.")))
		}
		send("news", "First news")
		first := s.Mail(t, dannys, "First news")
		link := wayOut.FindString(first.Text)
		wants := func() any { return p.jane.Call("GET", "/users/"+danny.id, nil).Want(200).At("communications.news") }

		scanner := s.Browser(t)
		page := scanner.Call("GET", link, nil).Want(200)
		scanner.Call("HEAD", link, nil).Want(200)
		wantPage(t, page, "Mails from <bdi>Bash Street School</bdi>", `<form method="post">`, "Do you want to stop receiving news?")
		if text := string(page.Body); strings.Contains(text, "Danny") || strings.Contains(text, dannys) || strings.Contains(text, "<script") {
			t.Errorf("the page says more than it should:\n%s", text)
		}
		if wants() != true {
			t.Fatal("looking at the page declined")
		}
		provider := []string{
			"Content-Type", "application/x-www-form-urlencoded", "Origin", "https://mail.example", "Sec-Fetch-Site", "cross-site",
		}
		for range 2 { // a second click is none
			done := s.Browser(t).Call("POST", link, "List-Unsubscribe=One-Click", provider...).Want(200)
			wantPage(t, done, "You will receive no more news.")
			if wants() != false || len(done.Header.Values("Set-Cookie")) != 0 {
				t.Errorf("news are wanted: %v; cookies %v", wants(), done.Header.Values("Set-Cookie"))
			}
		}
		trail := p.jane.Call("GET", "/audit?action=communications.unsubscribed", nil).Want(200)
		var lines struct {
			Items []struct{ Subject struct{ ID string } }
		}
		trail.Into(&lines)
		if len(lines.Items) != 1 || !strings.Contains(string(trail.Body), "news false") || !strings.Contains(string(trail.Body), danny.id) {
			t.Errorf("the trail says %s", trail.Body)
		}
		send("news", "Second news")
		send("service", "Downtime")
		s.Mail(t, dannys, "Downtime")
		if to := told(t, s, "Second news", dannys); len(to) != 0 {
			t.Errorf("news came after they were declined: %v", to)
		}
		wantUseless(t, s, link)
	})
}

func wantPage(t *testing.T, a apptest.Answer, says ...string) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
	} {
		if a.Header.Get(name) != want {
			t.Errorf("%s: %s is %q", a.Asked, name, a.Header.Get(name))
		}
	}
	policy := a.Header.Values("Content-Security-Policy")
	if len(policy) != 1 || !strings.HasPrefix(policy[0], "default-src 'none'; style-src 'sha256-") || !strings.Contains(policy[0], "form-action 'self'") {
		t.Errorf("%s: the policy is %q", a.Asked, policy)
	}
	for _, text := range says {
		if !strings.Contains(string(a.Body), text) {
			t.Errorf("%s does not say %q:\n%s", a.Asked, text, a.Body)
		}
	}
}

// wantUseless fails the test unless a link that is too old or altered, or of somebody who is gone, is told apart from none
// that never was.
func wantUseless(t *testing.T, s *apptest.Stack, link string) {
	t.Helper()
	b := s.Browser(t)
	never := map[string]apptest.Answer{}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		never[method] = b.Call(method, "/unsubscribe?token=never", nil).Want(404)
		wantPage(t, never[method], "This link cannot be used", "Linket kan ikke bruges")
		for _, other := range []string{"/unsubscribe", "/unsubscribe?token=", link + "x", link[:len(link)-1]} {
			if a := b.Call(method, other, nil).Want(404); string(a.Body) != string(never[method].Body) {
				t.Errorf("%s %s is told apart:\n%s", method, other, a.Body)
			}
		}
	}
	s.Clock.Advance(399 * 24 * time.Hour)
	b.Call("GET", link, nil).Want(200)
	s.Clock.Advance(2 * 24 * time.Hour)
	for method, want := range maps.All(never) {
		if a := b.Call(method, link, nil).Want(404); string(a.Body) != string(want.Body) {
			t.Errorf("%s of a link that is too old is told apart:\n%s", method, a.Body)
		}
	}
}

// The page speaks the organisation's language.
func TestOptOutPageSpeaksDanish(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		announced(t, s, o.first.Browser, "/announcements", o.first.Call("POST", "/announcements", announcement("news", "Skolefest", "Kom!")))
		mails := told(t, s, "Skolefest", "")
		if len(mails) == 0 {
			t.Fatal("nobody was written to")
		}
		m := s.Mail(t, mails[0], "Skolefest")
		link := wayOut.FindString(m.Text)
		wantPage(t, s.Browser(t).Call("GET", link, nil).Want(200), `<html lang="da">`, "Vil du afmelde nyheder?", "Afmeld disse mails")
		wantPage(t, s.Browser(t).Call("POST", link, nil).Want(200), "Du får ikke flere nyheder.")
	})
}
