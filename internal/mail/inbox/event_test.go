package inbox_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/mail/feedback"
	"github.com/caretaker/caretaker/internal/mail/inbox"
)

func TestEventsAreReadAsThoseOfSESAre(t *testing.T) {
	t.Parallel()
	box := open(t, inbox.Config{})
	m := message("bo@rødovre.example", 1)
	m.To = mail.Address{Name: "Smith, Bo", Email: m.To.Email}
	m.Headers["X-Caretaker-For"] = "rodovre/01kd5q8x2v7m3k9rwt4h6n0pza"
	send(t, box, m)
	at := start.Add(time.Minute)
	for kind, detail := range map[feedback.Kind]string{
		feedback.PermanentBounce: "General: 5.1.1", feedback.TransientBounce: "MailboxFull: 4.2.2", feedback.Complaint: "abuse",
	} {
		event, err := list(t, box, "")[0].Event(kind, at)
		if err != nil {
			t.Fatal(err)
		}
		told, err := feedback.Read(event)
		want := []feedback.Feedback{{
			MailID: "letter-1", Organisation: "rodovre", User: "01kd5q8x2v7m3k9rwt4h6n0pza", Addresses: []string{"bo@rødovre.example"},
			Kind: kind, Detail: detail, At: at.UTC(),
		}}
		if diff := cmp.Diff(want, told); diff != "" || err != nil {
			t.Errorf("%v, -want +got\n%s", err, diff)
		}
	}
}

func TestNobodyTellsOfWhatSESDoesNot(t *testing.T) {
	t.Parallel()
	if event, err := (inbox.Received{}).Event(feedback.Other, start); err == nil {
		t.Errorf("got %s", event)
	}
}
