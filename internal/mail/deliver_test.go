package mail_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
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
	pages int  // that were read
	// unreadable are on every page.
	unreadable []string
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

func (o *outbox) PutMail(ctx context.Context, m directory.Mail) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if o.stale {
		return directory.ErrStale
	}
	o.mails[m.ID] = m
	return nil
}

func (o *outbox) Waiting(_ context.Context, before time.Time, from string, limit int) (directory.WaitingMails, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pages++
	page := directory.WaitingMails{Unreadable: o.unreadable}
	for _, id := range slices.Sorted(maps.Keys(o.mails)) {
		m := o.mails[id]
		if !m.SentAt.IsZero() || m.Refused != "" || !m.CreatedAt.Before(before) || id < from {
			continue
		}
		if len(page.Mails) == limit {
			page.Next = id
			break
		}
		page.Mails = append(page.Mails, m)
	}
	return page, nil
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

// links makes one link after the other, or says why there is none.
type links struct {
	tb     testing.TB
	err    error
	issued []string // the secrets, in their order
	asked  []string // for whom
}

func (l *links) IssueLink(_ context.Context, org directory.Slug, user directory.UserID) (directory.Token, error) {
	l.asked = append(l.asked, string(org)+" "+string(user))
	if l.err != nil {
		return directory.Token{}, l.err
	}
	secret := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "the secret of the link, number %d", len(l.issued)))
	token, err := directory.ParseToken(string(org) + "." + string(user) + "." + secret)
	if err != nil {
		l.tb.Error(err)
	}
	l.issued = append(l.issued, secret)
	return token, err
}

const dannysID = directory.UserID("01kd0000000000000000000000")

// forgotten is a letter that needs a link.
func forgotten() directory.Mail {
	m := waiting("one")
	m.User, m.Template = dannysID, directory.PasswordLinkMail
	m.Data["minutes"] = "60"
	delete(m.Data, "administrators")
	return m
}

// No secret waits in the outbox: the link is made at the moment in which its letter is sent.
func TestLinkIsMadeWhenItsLetterIsSent(t *testing.T) {
	t.Parallel()
	d, o, box := delivery(t, forgotten())
	l := &links{tb: t}
	d.Links = l
	for range 3 { // a change feed hands out a change at least once; a link too many would void the one that was sent
		if err := d.Deliver(t.Context(), forgotten()); err != nil {
			t.Fatal(err)
		}
	}
	mails, err := box.List(t.Context(), "")
	if err != nil || len(mails) != 1 || !slices.Equal(l.asked, []string{"bash-street " + string(dannysID)}) {
		t.Fatalf("%d mails, %v, asked for %v", len(mails), err, l.asked)
	}
	want := "https://users.example/o/bash-street/new-password?token=bash-street." + string(dannysID) + "." + l.issued[0]
	if !strings.Contains(mails[0].Text, want) || !strings.Contains(mails[0].HTML, want) {
		t.Errorf("the link is not %s:\n%s", want, mails[0].Text)
	}
	kept := o.mails["one"]
	if text := fmt.Sprintf("%+v", kept); kept.SentAt.IsZero() || strings.Contains(text, l.issued[0]) || kept.Data["linkURL"] != "" {
		t.Errorf("the outbox keeps %s", text)
	}
}

func TestEachTryMakesANewLink(t *testing.T) {
	t.Parallel()
	d, o, box := delivery(t, forgotten())
	l := &links{tb: t}
	d.Links = l
	box.Refuse(func(mail.Message) error {
		return directory.NewUnavailable("mail service", time.Second, errors.New("rate exceeded"))
	})
	for range 2 {
		if err := d.Deliver(t.Context(), forgotten()); directory.KindOf(err) != directory.Unavailable {
			t.Errorf("got %v, want kind unavailable", err)
		}
	}
	box.Refuse(nil)
	if r, err := d.Redeliver(t.Context(), 100); err != nil || r.Sent != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	mails, err := box.List(t.Context(), "")
	if err != nil || len(mails) != 1 || len(l.issued) != 3 {
		t.Fatalf("%d mails, %d links, %v", len(mails), len(l.issued), err)
	}
	// What the mail service may have seen of the tries before opens nothing.
	if !strings.Contains(mails[0].Text, l.issued[2]) || o.mails["one"].SentAt.IsZero() {
		t.Errorf("the mail that came does not have the newest link:\n%s", mails[0].Text)
	}
}

func TestLetterForWhichThereIsNoLink(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why     string
		err     error
		want    directory.Kind // "" for no error
		refused bool
	}{
		{why: "the user was deleted or suspended meanwhile: it is not sent and not tried again", err: directory.ErrNotFound, refused: true},
		{why: "the store does not answer: it waits", err: directory.NewUnavailable("store", time.Second, nil), want: directory.Unavailable},
		{why: "another link was made at the same moment: it waits", err: directory.ErrStale, want: directory.Stale},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			d, o, box := delivery(t, forgotten())
			d.Links = &links{tb: t, err: tt.err}
			err := d.Deliver(t.Context(), forgotten())
			if (err == nil) != (tt.want == "") || err != nil && directory.KindOf(err) != tt.want {
				t.Errorf("got %v, want kind %q", err, tt.want)
			}
			now := o.mails["one"]
			if (now.Refused != "") != tt.refused || !now.SentAt.IsZero() || sent(t, box) != 0 {
				t.Errorf("refused %q, sent at %s, %d mails", now.Refused, now.SentAt, sent(t, box))
			}
			late, err := o.Waiting(t.Context(), written.Add(time.Hour), "", 10)
			if err != nil || (len(late.Mails) == 0) != tt.refused {
				t.Errorf("%d letters still wait, %v", len(late.Mails), err)
			}
		})
	}
}

// Only letters with a link ask for one: a link made for any other would void one that is on its way.
func TestOtherLettersMakeNoLink(t *testing.T) {
	t.Parallel()
	d, _, box := delivery(t, waiting("one"))
	l := &links{tb: t}
	d.Links = l
	if err := d.Deliver(t.Context(), waiting("one")); err != nil || sent(t, box) != 1 || len(l.asked) != 0 {
		t.Errorf("%v, %d mails, links for %v", err, sent(t, box), l.asked)
	}
}

// helpers names whom to ask.
type helpers struct {
	line  string
	err   error
	asked int
}

func (h *helpers) HelpersLine(context.Context, directory.Slug) (string, error) {
	h.asked++
	return h.line, h.err
}

// Whom to ask is looked up when the letter is sent, by those who can help by then.
func TestLettersNameWhomToAsk(t *testing.T) {
	t.Parallel()
	const line = "Walter Softy (w.softy@bash-street.example)"
	tests := []struct {
		why    string
		change func(*directory.Mail)
		asked  int
		names  string
	}{
		{why: "as of now", asked: 1, names: line},
		{
			why: "whoever did it is named already", names: "Jane Admin",
			change: func(m *directory.Mail) { m.Data["administrators"] = "Jane Admin" },
		},
		{why: "not to who is no user", change: func(m *directory.Mail) { m.User = "" }},
		{why: "not where it is no matter of the account", change: func(m *directory.Mail) { m.Category = directory.ServiceMail }},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			m := waiting("one")
			m.User, m.Template = dannysID, directory.PasswordChangedMail
			delete(m.Data, "administrators")
			if tt.change != nil {
				tt.change(&m)
			}
			d, o, box := delivery(t, m)
			h := &helpers{line: line}
			d.Helpers = h
			if err := d.Deliver(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			mails, err := box.List(t.Context(), "")
			if err != nil || len(mails) != 1 || h.asked != tt.asked || !strings.Contains(mails[0].Text, tt.names) {
				t.Errorf("asked %d times, %v: %+v", h.asked, err, mails)
			}
			if strings.Contains(fmt.Sprint(o.mails["one"].Data), "Softy") {
				t.Errorf("the outbox was changed: %v", o.mails["one"].Data)
			}
		})
	}
}

func TestLetterWaitsWhileNobodyKnowsWhomToAsk(t *testing.T) {
	t.Parallel()
	d, o, box := delivery(t, forgotten())
	d.Links, d.Helpers = &links{tb: t}, &helpers{err: directory.NewUnavailable("store", time.Second, nil)}
	if err := d.Deliver(t.Context(), forgotten()); directory.KindOf(err) != directory.Unavailable {
		t.Errorf("got %v, want kind unavailable", err)
	}
	if now := o.mails["one"]; now.Refused != "" || !now.SentAt.IsZero() || sent(t, box) != 0 {
		t.Errorf("refused %q, sent at %s", now.Refused, now.SentAt)
	}
	d.Helpers = &helpers{} // an organisation without anybody to ask
	if err := d.Deliver(t.Context(), forgotten()); err != nil || sent(t, box) != 1 {
		t.Errorf("%v, %d mails", err, sent(t, box))
	}
}

// addressees says why nobody is written to.
type addressees struct {
	why string
	err error
}

func (a addressees) Refusal(context.Context, directory.Mail) (string, error) { return a.why, a.err }

// Whether somebody may be written to is asked when the letter is sent, not when it was written.
func TestWhoMayNotBeWrittenToAnyMoreIsNot(t *testing.T) {
	t.Parallel()
	d, o, box := delivery(t, waiting("one"))
	d.Addressees = addressees{err: directory.NewUnavailable("store", time.Second, nil)}
	if err := d.Deliver(t.Context(), waiting("one")); directory.KindOf(err) != directory.Unavailable || o.mails["one"].Refused != "" {
		t.Errorf("got %v and %+v, want kind unavailable and a letter that waits", err, o.mails["one"])
	}
	d.Addressees = addressees{why: "the user declined news"}
	if err := d.Deliver(t.Context(), waiting("one")); err != nil || o.mails["one"].Refused != "the user declined news" {
		t.Errorf("got %v and %+v", err, o.mails["one"])
	}
	d.Addressees = addressees{}
	if err := d.Deliver(t.Context(), waiting("one")); err != nil || sent(t, box) != 0 {
		t.Errorf("%v, %d mails: what was refused is not sent later", err, sent(t, box))
	}
}

// announcements has one text, and makes a secret for each mail.
type announcements struct {
	err           error
	asked, issued int
}

func (a *announcements) Announced(context.Context, directory.AnnouncementKey) (map[string]string, error) {
	a.asked++
	return map[string]string{"fromName": "Jane Admin", "subject": "Reports", "message": "Have a look."}, a.err
}

func (a *announcements) IssueOptOut(context.Context, directory.Mail) (string, error) {
	a.issued++
	return fmt.Sprintf("secret%d", a.issued), nil
}

// What many get is kept once, and what only the recipient may have is made when the mail is sent: neither is in the outbox.
func TestAnnouncementIsCompletedWhenItIsSent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why      string
		category directory.MailCategory
		err      error
		issued   int
		sent     int
		refused  bool
	}{
		{why: "news carry an opt-out", category: directory.NewsMail, issued: 1, sent: 1},
		{why: "so does the newsletter", category: directory.NewsletterMail, issued: 1, sent: 1},
		{why: "vital messages have none", category: directory.ServiceMail, sent: 1},
		{why: "its time is over: there is nothing to be sent", category: directory.NewsMail, err: directory.ErrNotFound, refused: true},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			m := waiting("one")
			m.User, m.Template, m.Category, m.Data = dannysID, directory.AnnouncementMail, tt.category, nil
			m.Announcement = &directory.AnnouncementKey{Org: m.Org, ID: "01kd0000000000000000000001"}
			d, o, box := delivery(t, m)
			a := &announcements{err: tt.err}
			d.Announcements = a
			if err := d.Deliver(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			if got := o.mails["one"]; (got.Refused != "") != tt.refused || len(got.Data) != 0 || a.issued != tt.issued {
				t.Errorf("the outbox keeps %+v; %d secrets were made", got, a.issued)
			}
			mails, err := box.List(t.Context(), "")
			if err != nil || len(mails) != tt.sent {
				t.Fatalf("%d mails, %v", len(mails), err)
			}
			for _, sent := range mails {
				if !strings.Contains(sent.Text, "Have a look.") || strings.Contains(sent.Text, "token=secret1") != (tt.issued == 1) {
					t.Errorf("it says\n%s", sent.Text)
				}
			}
		})
	}
}
