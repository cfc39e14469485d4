package mail_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/mail/inbox"
)

// outbox keeps letters in memory.
type outbox struct {
	mu    sync.Mutex
	mails map[string]directory.Mail
	stale bool // the next mark finds that someone else was first
}

func (o *outbox) Mail(_ context.Context, _ directory.Slug, _ directory.UserID, id string) (directory.Mail, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	m, ok := o.mails[id]
	if !ok {
		return m, directory.ErrNotFound
	}
	return m, nil
}

func (o *outbox) PutMail(_ context.Context, m directory.Mail) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stale {
		return directory.ErrStale
	}
	o.mails[m.ID] = m
	return nil
}

func (o *outbox) Unsent(_ context.Context, before time.Time, _ int) ([]directory.Mail, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var late []directory.Mail
	for _, m := range o.mails {
		if m.SentAt.IsZero() && m.Refused == "" && m.CreatedAt.Before(before) {
			late = append(late, m)
		}
	}
	return late, nil
}

var written = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

func waiting(id string) directory.Mail {
	return directory.Mail{
		ID: id, Org: "bash-street", OrganisationName: "Bash Street School", ToName: "Danny Smith", ToEmail: "d.smith@bash-street.example",
		Template: directory.WelcomeMail, Category: directory.AccountMail, Language: "en", CreatedAt: written,
		Data: map[string]string{"givenName": "Danny", "username": "DSmit1259", "administrators": "Jane Admin"},
	}
}

func delivery(t *testing.T, mails ...directory.Mail) (*mail.Delivery, *outbox, *inbox.Inbox) {
	t.Helper()
	now := func() time.Time { return written.Add(time.Hour) }
	box, err := inbox.Open(inbox.Config{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	o := &outbox{mails: map[string]directory.Mail{}}
	for _, m := range mails {
		o.mails[m.ID] = m
	}
	return &mail.Delivery{Outbox: o, Sender: box, Now: now, Settings: mail.Settings{
		From: mail.Address{Email: "no-reply@caretaker.example"}, BaseURL: "https://users.example/", Product: "Caretaker",
	}}, o, box
}

func sent(t *testing.T, box *inbox.Inbox) int {
	t.Helper()
	mails, err := box.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return len(mails)
}

func TestDeliverSendsOnceAndMarks(t *testing.T) {
	t.Parallel()
	d, o, box := delivery(t, waiting("one"))
	for range 3 { // a change feed hands out a change at least once
		if err := d.Deliver(t.Context(), waiting("one")); err != nil {
			t.Fatal(err)
		}
	}
	if n := sent(t, box); n != 1 || o.mails["one"].SentAt.IsZero() {
		t.Errorf("sent %d times, marked %v", n, o.mails["one"].SentAt)
	}
}

func TestDeliverWhatMayHappen(t *testing.T) {
	t.Parallel()
	busy := directory.NewUnavailable("mail service", time.Second, errors.New("rate exceeded"))
	tests := []struct {
		why     string
		refusal error
		change  func(*directory.Mail, *outbox)
		want    directory.Kind // "" for no error
		refused bool
		sent    int
	}{
		{why: "the mail service is busy: it waits", refusal: busy, want: directory.Unavailable},
		{why: "the address can never be written to: it is marked, and no error", refusal: mail.Refused(errors.New("no such mailbox")), refused: true},
		{why: "someone else marked it at the same moment", change: func(_ *directory.Mail, o *outbox) { o.stale = true }, sent: 1},
		{why: "the letter has no such wording: somebody must mend it", change: func(m *directory.Mail, _ *outbox) { m.Template = "farewell" }, want: directory.Internal},
		{why: "its time in the outbox is over", change: func(m *directory.Mail, o *outbox) { delete(o.mails, m.ID); m.ID = "gone" }},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			d, o, box := delivery(t)
			m := waiting("one")
			o.mails["one"] = m
			if tt.change != nil {
				tt.change(&m, o)
				if _, kept := o.mails["one"]; kept {
					o.mails["one"] = m
				}
			}
			box.Refuse(func(mail.Message) error { return tt.refusal })
			err := d.Deliver(t.Context(), m)
			if (err == nil) != (tt.want == "") || err != nil && directory.KindOf(err) != tt.want {
				t.Errorf("got %v, want kind %q", err, tt.want)
			}
			if got := o.mails["one"].Refused != ""; got != tt.refused {
				t.Errorf("refused %q", o.mails["one"].Refused)
			}
			if n := sent(t, box); n != tt.sent {
				t.Errorf("sent %d, want %d", n, tt.sent)
			}
		})
	}
}

func TestRedeliverFindsWhatTheFeedLost(t *testing.T) {
	t.Parallel()
	done, fresh := waiting("done"), waiting("fresh")
	done.SentAt = written
	fresh.CreatedAt = written.Add(55 * time.Minute) // the feed may still be at it
	d, o, box := delivery(t, waiting("lost"), done, fresh)
	r, err := d.Redeliver(t.Context(), 100)
	if err != nil || r.Late != 1 || r.Sent != 1 || sent(t, box) != 1 || o.mails["lost"].SentAt.IsZero() {
		t.Errorf("%+v, %v", r, err)
	}
}
