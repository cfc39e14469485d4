// Package mailtest owns the one conformance suite of mail.Sender, which every sender whose mails can be read back
// passes. It does not test the wording of mails.
package mailtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	stdmail "net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/mail/inbox"
)

// Open returns a sender and what reads back all the mails it has sent, newest first. The mails may be shared with
// other tests: the suite looks only at those to addresses of its own.
type Open func(t *testing.T) (mail.Sender, func() []inbox.Received)

// Run proves that a sender keeps what mail.Sender promises.
func Run(t *testing.T, open Open) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*testing.T, bench)
	}{
		{"a mail arrives whole", testWhole},
		{"names of any script arrive in the headers", testNames},
		{"subject and bodies of any script arrive", testScripts},
		{"answers go nowhere unless asked for", testNoReplyTo},
		{"headers are those of the message and no others", testHeaders},
		{"international domains are written to", testDomains},
		{"the newest mail comes first", testOrder},
		{"the same message sent twice arrives twice", testTwice},
		{"mails sent at once all arrive", testAtOnce},
		{"an impossible address is refused for good", testRefused},
		{"a smuggled header is not sent", testSmuggled},
		{"an ended context is a reason to try again", testEnded},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sender, received := open(t)
			c.test(t, bench{sender, received, strings.ToLower(rand.Text())})
		})
	}
}

// bench is one case's sender, with a domain of its own to write to.
type bench struct {
	sender   mail.Sender
	received func() []inbox.Received
	mark     string
}

func (b bench) address(local string) string { return local + "@" + b.mark + ".example" }

func (b bench) message() mail.Message {
	return mail.Message{
		ID:       "letter-" + b.mark,
		From:     mail.Address{Name: "Caretaker", Email: "no-reply@caretaker.example"},
		To:       mail.Address{Name: "Danny Smith", Email: b.address("d.smith")},
		ReplyTo:  mail.Address{Name: "Jane Admin", Email: "j.admin@school.example"},
		Subject:  "Your account",
		Text:     "Hello Danny,\n\n\tthis is the text.\n",
		HTML:     "<p>Hello Danny, this is the <b>HTML</b>.</p>\n",
		Headers:  map[string]string{"X-Caretaker-Id": "letter-" + b.mark, "Auto-Submitted": "auto-generated"},
		Tags:     map[string]string{"template": "welcome"},
		Category: mail.Account,
	}
}

func (b bench) send(t *testing.T, m mail.Message) {
	t.Helper()
	if err := b.sender.Send(t.Context(), m); err != nil {
		t.Fatalf("send %s: %v", m.ID, err)
	}
}

// arrived are the mails to this case's addresses.
func (b bench) arrived() []inbox.Received {
	return slices.DeleteFunc(b.received(), func(r inbox.Received) bool { return !strings.Contains(r.To, b.mark) })
}

func (b bench) one(t *testing.T) inbox.Received {
	t.Helper()
	got := b.arrived()
	if len(got) != 1 {
		t.Fatalf("%d mails arrived, want 1", len(got))
	}
	return got[0]
}

func testWhole(t *testing.T, b bench) {
	m := b.message()
	b.send(t, m)
	got := b.one(t)
	if got.SentAt.IsZero() {
		t.Error("no time of sending")
	}
	got.SentAt, got.Headers = time.Time{}, nil
	want := inbox.Received{
		ID: m.ID, To: m.To.Email, From: m.From.Email, Subject: m.Subject, Text: m.Text, HTML: m.HTML,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func testNames(t *testing.T, b bench) {
	for i, name := range []string{
		"Zoë Brontë",
		"Smith, Danny",           // a comma would make two addresses of it
		`Danny "The Dev" O'Neil`, // quotes end the quoted form
		"Smith (Year 6) <x@y>",   // brackets would be a comment and another address
		`back\slash`,
		"مريم الهاشمي",
		"李小龍",
		strings.Repeat("Ærø ", 12) + "Skole", // longer than one encoded word
	} {
		m := b.message()
		m.To = mail.Address{Name: name, Email: b.address(fmt.Sprintf("n%d", i))}
		m.From.Name, m.ReplyTo.Name = name, name
		b.send(t, m)
		got := b.arrived()[0]
		for _, header := range []string{"To", "From", "Reply-To"} {
			a, err := stdmail.ParseAddress(got.Headers[header])
			if err != nil || a.Name != name {
				t.Errorf("%s: %q reads as %v, %v; want the name %q", header, got.Headers[header], a, err, name)
			}
		}
	}
}

func testScripts(t *testing.T, b bench) {
	m := b.message()
	m.Subject = "Velkommen til Ærø Skole – \u2068مدرسة\u2069 📚"
	m.Text = "Kære Bjørn\nمرحبا\n" + strings.Repeat("a long line ", 200) + "\n.\nafter a lone full stop\n"
	m.HTML = "<p>Kære Bjørn &amp; <bdi>مريم</bdi></p>\n"
	b.send(t, m)
	got := b.one(t)
	if diff := cmp.Diff([]string{m.Subject, m.Text, m.HTML}, []string{got.Subject, got.Text, got.HTML}); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func testNoReplyTo(t *testing.T, b bench) {
	m := b.message()
	m.ReplyTo = mail.Address{}
	b.send(t, m)
	if to, there := b.one(t).Headers["Reply-To"]; there {
		t.Errorf("Reply-To %q", to)
	}
}

func testHeaders(t *testing.T, b bench) {
	m := b.message()
	m.Headers["List-Unsubscribe"] = "<https://caretaker.example/api/v1/unsubscribe?token=a%2Bb>"
	b.send(t, m)
	want := map[string]string{"From": m.From.String(), "To": m.To.String(), "Reply-To": m.ReplyTo.String()}
	maps.Copy(want, m.Headers)
	if diff := cmp.Diff(want, b.one(t).Headers); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func testDomains(t *testing.T, b bench) {
	m := b.message()
	m.To.Email = "bo@rødovre." + b.mark + ".example"
	b.send(t, m)
	got := b.one(t)
	if got.To != m.To.Email {
		t.Errorf("to %q, want it as people write it: %q", got.To, m.To.Email)
	}
	if !strings.Contains(got.Headers["To"], "<bo@xn--rdovre-bya.") {
		t.Errorf("the header To is %q, want the domain in ASCII", got.Headers["To"])
	}
}

func testOrder(t *testing.T, b bench) {
	var want []string
	for i := range 5 {
		m := b.message()
		m.Subject = fmt.Sprintf("Mail %d", i)
		b.send(t, m)
		want = append([]string{m.Subject}, want...)
	}
	if diff := cmp.Diff(want, subjects(b.arrived())); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func testTwice(t *testing.T, b bench) {
	b.send(t, b.message())
	b.send(t, b.message())
	got := b.arrived()
	if len(got) != 2 || got[0].ID != got[1].ID {
		t.Errorf("%d mails arrived, want 2 with the same id", len(got))
	}
}

func testAtOnce(t *testing.T, b bench) {
	const many = 20
	var all sync.WaitGroup
	var want []string
	for i := range many {
		m := b.message()
		m.Subject = fmt.Sprintf("Mail %02d", i)
		want = append(want, m.Subject)
		all.Go(func() {
			if err := b.sender.Send(t.Context(), m); err != nil {
				t.Errorf("send: %v", err)
			}
		})
	}
	all.Wait()
	got := subjects(b.arrived())
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func testRefused(t *testing.T, b bench) {
	m := b.message()
	m.To.Email = "bjørn@" + b.mark + ".example" // it would need SMTPUTF8
	err := b.sender.Send(t.Context(), m)
	if directory.KindOf(err) != directory.Invalid || directory.CodeOf(err) != "mail_refused" {
		t.Errorf("send: %v, want invalid mail_refused", err)
	}
	b.nothing(t)
}

func testSmuggled(t *testing.T, b bench) {
	m := b.message()
	m.Headers["X-Note"] = "hello\r\nBcc: everybody@school.example"
	if err := b.sender.Send(t.Context(), m); directory.CodeOf(err) != "mail_invalid" {
		t.Errorf("send: %v, want mail_invalid", err)
	}
	b.nothing(t)
}

func testEnded(t *testing.T, b bench) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.sender.Send(ctx, b.message()); directory.KindOf(err) != directory.Unavailable {
		t.Errorf("send: %v, want unavailable", err)
	}
	b.nothing(t)
}

func (b bench) nothing(t *testing.T) {
	t.Helper()
	if got := b.arrived(); len(got) != 0 {
		t.Errorf("%d mails arrived, want none", len(got))
	}
}

func subjects(of []inbox.Received) []string {
	list := make([]string, len(of))
	for i, r := range of {
		list[i] = r.Subject
	}
	return list
}
