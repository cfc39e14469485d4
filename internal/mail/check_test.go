package mail

import (
	"bytes"
	"fmt"
	stdmail "net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
)

func TestCheckFindsWhatWouldBreakAMessage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Message)
		want   string
	}{
		"the recipient":          {func(m *Message) { m.To.Email = "d@e@f" }, "mail_refused"},
		"the sender":             {func(m *Message) { m.From.Email = "" }, "mail_invalid"},
		"where answers go":       {func(m *Message) { m.ReplyTo.Name = "no address" }, "mail_invalid"},
		"no subject":             {func(m *Message) { m.Subject = "" }, "mail_invalid"},
		"two lines of subject":   {func(m *Message) { m.Subject = "a\nb" }, "mail_invalid"},
		"a header of two lines":  {func(m *Message) { m.Headers["X-A"] = "a\r\n b" }, "mail_invalid"},
		"a header not in ASCII":  {func(m *Message) { m.Headers["X-A"] = "å" }, "mail_invalid"},
		"a header too long":      {func(m *Message) { m.Headers["X-A"] = strings.Repeat("a", 996) }, "mail_invalid"},
		"a header without name":  {func(m *Message) { m.Headers[""] = "a" }, "mail_invalid"},
		"a name with a colon":    {func(m *Message) { m.Headers["X-A: b"] = "a" }, "mail_invalid"},
		"a name too long":        {func(m *Message) { m.Headers[strings.Repeat("X", 127)] = "a" }, "mail_invalid"},
		"an id that is too long": {func(m *Message) { m.ID = strings.Repeat("1", 201) }, "mail_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := rendered(t, sampleLetter("welcome"))
			c.change(&m)
			if err := m.Check(); directory.CodeOf(err) != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// Whatever people and callers put into a letter, a message that is rendered has exactly the headers it should have.
func FuzzHeadersCannotBeInjected(f *testing.F) {
	f.Add("1", "Danny", "d@e.example", "Reports", "Bash Street", "hello", "t")
	f.Add("1\r\nX: y", "Danny\r\nBcc: x@y.z", "d@e.example\r\nBcc: x@y.z", "a\nb", "c\u2028d", "\r\n.\r\n", "t\r\n")
	f.Add("1", "=?utf-8?q?=0D=0ABcc:_x?=", `"d"@e.example`, "\u202e", "\x00", "مريم", "&one=click")
	f.Fuzz(func(t *testing.T, id, name, email, subject, organisation, message, token string) {
		l := sampleLetter("contact")
		l.ID, l.Category, l.OrganisationSlug, l.Organisation = id, News, organisation, organisation
		l.To, l.ReplyTo = Address{name, "d@e.example"}, Address{name, email}
		l.Data["subject"], l.Data["fromName"], l.Data["message"] = subject, name, message
		l.Data["organisationName"], l.Data["unsubscribeToken"] = organisation, token
		s := sampleSettings
		s.From.Name = name
		m, err := Render(l, s)
		if err != nil {
			return
		}
		wantHeaders(t, m)
	})
}

func wantHeaders(t *testing.T, m Message) {
	t.Helper()
	var raw bytes.Buffer
	fmt.Fprintf(&raw, "From: %s\r\nTo: %s\r\nSubject: %s\r\n", m.From, m.To, m.Subject)
	want := []string{"From", "To", "Subject"}
	if !m.ReplyTo.IsZero() {
		fmt.Fprintf(&raw, "Reply-To: %s\r\n", m.ReplyTo)
		want = append(want, "Reply-To")
	}
	for name, value := range m.Headers {
		fmt.Fprintf(&raw, "%s: %s\r\n", name, value)
		want = append(want, name)
	}
	read, err := stdmail.ReadMessage(bytes.NewReader(append(raw.Bytes(), "\r\nbody"...)))
	if err != nil {
		t.Fatalf("%q: %v", raw.String(), err)
	}
	var got []string
	for name, values := range read.Header {
		for range values {
			got = append(got, name)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Fatalf("%q has the headers %q, want %q", raw.String(), got, want)
	}
	for _, header := range []string{"From", "To"} {
		if list, err := read.Header.AddressList(header); err != nil || len(list) != 1 || strings.ContainsAny(list[0].Name, "\r\n") {
			t.Fatalf("%s %q reads as %v, %v", header, read.Header.Get(header), list, err)
		}
	}
}
