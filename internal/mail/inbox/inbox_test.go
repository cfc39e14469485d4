package inbox_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/mail/inbox"
	"github.com/caretaker/caretaker/internal/mail/mailtest"
)

func TestInboxConforms(t *testing.T) {
	t.Parallel()
	mailtest.Run(t, func(t *testing.T) (mail.Sender, func() []inbox.Received) {
		box := open(t, inbox.Config{})
		return box, func() []inbox.Received { return list(t, box, "") }
	})
}

func TestInboxWithAFileConforms(t *testing.T) {
	t.Parallel()
	mailtest.Run(t, func(t *testing.T) (mail.Sender, func() []inbox.Received) {
		name := filepath.Join(t.TempDir(), "inbox.jsonl")
		box := open(t, inbox.Config{File: name})
		return box, func() []inbox.Received { return list(t, open(t, inbox.Config{File: copyOf(t, name)}), "") }
	})
}

var start = time.Date(2026, 9, 1, 8, 0, 0, 0, time.FixedZone("BST", 3600))

func open(t *testing.T, c inbox.Config) *inbox.Inbox {
	t.Helper()
	if c.Now == nil {
		c.Now = func() time.Time { return start }
	}
	box, err := inbox.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return box
}

// copyOf is what another process would find, without taking the file away from the inbox that writes to it.
func copyOf(t *testing.T, name string) string {
	t.Helper()
	other := filepath.Join(t.TempDir(), "copy.jsonl")
	if err := os.Link(name, other); err != nil { // an inbox replaces the file it opens, so only the link is replaced
		t.Fatal(err)
	}
	return other
}

func list(t *testing.T, box inbox.Box, to string) []inbox.Received {
	t.Helper()
	got, err := box.List(t.Context(), to)
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	return got
}

func message(to string, n int) mail.Message {
	return mail.Message{
		ID: fmt.Sprintf("letter-%d", n), Subject: fmt.Sprintf("Mail %d", n),
		From: mail.Address{Name: "Caretaker", Email: "no-reply@caretaker.example"}, To: mail.Address{Email: to},
		Text: "text", HTML: "<p>html</p>", Headers: map[string]string{"X-Caretaker-Id": fmt.Sprintf("letter-%d", n)},
	}
}

func send(t *testing.T, box *inbox.Inbox, m mail.Message) {
	t.Helper()
	if err := box.Send(t.Context(), m); err != nil {
		t.Fatalf("send: %v", err)
	}
}

func ids(of []inbox.Received) string {
	var all []string
	for _, r := range of {
		all = append(all, strings.TrimPrefix(r.ID, "letter-"))
	}
	return strings.Join(all, " ")
}

func TestJSONIsThatOfTheAPI(t *testing.T) {
	t.Parallel()
	box := open(t, inbox.Config{})
	send(t, box, message("d.smith@school.example", 1))
	got, err := json.Marshal(list(t, box, "")[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"letter-1","to":"d.smith@school.example","from":"no-reply@caretaker.example","subject":"Mail 1",` +
		`"text":"text","html":"\u003cp\u003ehtml\u003c/p\u003e","headers":{` +
		`"From":"\"Caretaker\" \u003cno-reply@caretaker.example\u003e","To":"d.smith@school.example",` +
		`"X-Caretaker-Id":"letter-1"},"sentAt":"2026-09-01T07:00:00Z"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if none, err := json.Marshal(list(t, box, "nobody@school.example")); err != nil || string(none) != "[]" {
		t.Errorf("no mails are %s, %v; want []", none, err)
	}
}

func TestListFindsTheAddressHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	box := open(t, inbox.Config{})
	send(t, box, message("d.smith@school.example", 1))
	send(t, box, message("bo@rødovre.example", 2))
	for to, want := range map[string]string{
		"":                             "2 1",
		"d.smith@school.example":       "1",
		"D.Smith@School.example":       "1",
		"smith@school.example":         "", // another mailbox
		"bo@rødovre.example":           "2",
		"bo@xn--rdovre-bya.example":    "2",
		"no address at all":            "",
		"no-reply@caretaker.example\n": "",
	} {
		if got := ids(list(t, box, to)); got != want {
			t.Errorf("to %q: %q, want %q", to, got, want)
		}
	}
}

func TestOldestMailsGoFirst(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "inbox.jsonl")
	box := open(t, inbox.Config{Limit: 3, File: name})
	for n := range 20 { // enough for the file to be cleared out several times
		send(t, box, message("d@school.example", n))
	}
	if got := ids(list(t, box, "")); got != "19 18 17" {
		t.Errorf("kept %q", got)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(content), "\n"); lines > 6 {
		t.Errorf("the file has %d lines, want at most twice the limit", lines)
	}
	if got := ids(list(t, open(t, inbox.Config{Limit: 2, File: copyOf(t, name)}), "")); got != "19 18" {
		t.Errorf("another limit after a restart keeps %q", got)
	}
}

func TestMailsOutliveARestart(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "inbox.jsonl")
	first := open(t, inbox.Config{File: name})
	send(t, first, message("d@school.example", 1))
	send(t, first, message("d@school.example", 2))
	before := list(t, first, "")

	second := open(t, inbox.Config{File: name})
	if diff := cmp.Diff(before, list(t, second, "")); diff != "" {
		t.Errorf("-before +after\n%s", diff)
	}
	send(t, second, message("d@school.example", 3))
	if got := ids(list(t, open(t, inbox.Config{File: copyOf(t, name)}), "")); got != "3 2 1" {
		t.Errorf("after the second restart %q", got)
	}
}

func TestALineCutOffByACrashIsLeftOut(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "inbox.jsonl")
	send(t, open(t, inbox.Config{File: name}), message("d@school.example", 1))
	appendTo(t, name, `{"id":"letter-2","to":"d@sch`)

	box := open(t, inbox.Config{File: name})
	send(t, box, message("d@school.example", 3))
	if got := ids(list(t, open(t, inbox.Config{File: copyOf(t, name)}), "")); got != "3 1" {
		t.Errorf("kept %q", got)
	}
}

func TestAFileThatIsNoInboxIsNotOverwritten(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "diary.txt")
	appendTo(t, name, "Dear diary,\n")
	now := func() time.Time { return start }
	if _, err := inbox.Open(inbox.Config{File: name, Now: now}); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("open: %v, want the line at fault", err)
	}
	if content, err := os.ReadFile(name); err != nil || string(content) != "Dear diary,\n" {
		t.Errorf("the file is now %q, %v", content, err)
	}
}

func appendTo(t *testing.T, name, text string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenFailsWhereNothingCanBeKept(t *testing.T) {
	t.Parallel()
	if _, err := inbox.Open(inbox.Config{}); err == nil {
		t.Error("opened without a clock")
	}
	nowhere := filepath.Join(t.TempDir(), "no such folder", "inbox.jsonl")
	if _, err := inbox.Open(inbox.Config{File: nowhere, Now: time.Now}); err == nil {
		t.Error("opened in a folder that is not there")
	}
}

func TestClearForgetsTheFileToo(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "inbox.jsonl")
	box := open(t, inbox.Config{File: name})
	send(t, box, message("d@school.example", 1))
	if err := box.Clear(t.Context()); err != nil {
		t.Fatalf("clear: %v", err)
	}
	if got := ids(list(t, box, "")); got != "" {
		t.Errorf("still there: %q", got)
	}
	send(t, box, message("d@school.example", 2))
	if got := ids(list(t, open(t, inbox.Config{File: copyOf(t, name)}), "")); got != "2" {
		t.Errorf("after a restart %q, want only the mail sent since", got)
	}
}

func TestAMailThatCannotBeWrittenIsNotKept(t *testing.T) {
	t.Parallel()
	box, err := inbox.Open(inbox.Config{File: filepath.Join(t.TempDir(), "inbox.jsonl"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Close(); err != nil { // a file that can no longer be written to
		t.Fatal(err)
	}
	if err := box.Send(t.Context(), message("d@school.example", 1)); directory.KindOf(err) != directory.Unavailable {
		t.Errorf("send: %v, want unavailable", err)
	}
	if got := ids(list(t, box, "")); got != "" {
		t.Errorf("kept %q", got)
	}
}

func TestARefusalKeepsNothing(t *testing.T) {
	t.Parallel()
	box := open(t, inbox.Config{})
	box.Refuse(func(m mail.Message) error {
		if m.To.Email == "gone@school.example" {
			return mail.Refused(errors.New("mailbox closed"))
		}
		return nil
	})
	if err := box.Send(t.Context(), message("gone@school.example", 1)); !errors.Is(err, mail.ErrRefused) {
		t.Errorf("send: %v, want the hook's error", err)
	}
	send(t, box, message("here@school.example", 2))
	box.Refuse(nil)
	send(t, box, message("gone@school.example", 3))
	if got := ids(list(t, box, "")); got != "3 2" {
		t.Errorf("kept %q", got)
	}
}
