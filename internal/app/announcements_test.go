package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// crowd adds users to an organisation who were never mailed and have no password.
func (p *plant) crowd(t *testing.T, org directory.Slug, n int) {
	t.Helper()
	for i := range n {
		name := fmt.Sprintf("crowd%04d", i)
		u := directory.User{
			Org: org, ID: directory.UserID(p.Directory.NewID()), Username: name, GivenName: "Person", FamilyName: name,
			Email: name + "@" + string(org) + ".example", Status: directory.Active, Wants: directory.Communications{News: true},
			CreatedAt: p.clock.Now(),
		}
		e := directory.Entry{ID: p.Directory.NewID(), Org: org, At: u.CreatedAt, Action: directory.UserCreated, Actor: directory.System}
		err := p.Store.Commit(t.Context(), directory.Change{
			Entries: []directory.Entry{e}, Writes: []directory.Write{directory.PutUser{User: u}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

var freshNews = directory.NewAnnouncement{Category: directory.NewsMail, Subject: "A new report", Message: "Have a look at it."}

// resume has announcements written that wait, as long as there is something to write or the process lives.
func (p *plant) resume(ctx context.Context) error {
	for {
		p.clock.Advance(20 * time.Minute)
		if found, err := p.Directory.ResumeAnnouncements(ctx, 10); found == 0 || err != nil {
			return err
		}
	}
}

// waiting counts the mails of an announcement that wait to be sent, by user.
func (p *plant) waiting(t *testing.T, id string) map[directory.UserID]int {
	t.Helper()
	mails, err := p.Store.Unsent(t.Context(), p.clock.Now().Add(time.Hour), 5000)
	if err != nil {
		t.Fatal(err)
	}
	count := map[directory.UserID]int{}
	for _, m := range mails {
		if m.Announcement != nil && m.Announcement.ID == id {
			count[m.User]++
		}
	}
	return count
}

// newest is the announcement that was sent last.
func (p *plant) newest(t *testing.T, org directory.Slug) directory.Announcement {
	t.Helper()
	page, err := p.Store.Announcements(t.Context(), org, 1, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Announcements) == 0 {
		return directory.Announcement{}
	}
	return page.Announcements[0]
}

// The process is killed at each write by which an announcement is stored and its mails are written, before and after the
// write took effect. Afterwards everybody has one mail in the outbox, or the announcement was never there.
func TestAnnouncementKilledAtEveryWrite(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		admin, _ := p.school(t)
		org := admin.Organisation.Slug
		const crowd = 93
		p.crowd(t, org, crowd)
		kill := func(writes int, after bool) bool {
			before := p.newest(t, org).ID
			p.machine.dieAt(writes, after)
			_, sendErr := p.Directory.SendAnnouncement(t.Context(), admin, freshNews, directory.Once{})
			_ = p.resume(t.Context()) // it is killed on the way
			died := p.machine.restart()
			if err := p.resume(t.Context()); err != nil {
				t.Fatal(err)
			}
			a := p.newest(t, org)
			if a.ID == before {
				if sendErr == nil {
					t.Errorf("killed at write %d, after=%t: acknowledged, and gone", writes, after)
				}
				return died
			}
			waiting := p.waiting(t, a.ID)
			for id, n := range waiting {
				if n != 1 {
					t.Errorf("killed at write %d, after=%t: %s has %d mails", writes, after, id, n)
				}
			}
			if want := crowd + 2; len(waiting) != want || a.Written != want || a.Looked != want || !a.Done {
				t.Errorf("killed at write %d, after=%t: %d of %d have a mail: %+v", writes, after, len(waiting), want, a)
			}
			return died
		}
		writes := 0
		for kill(writes, false) && kill(writes, true) {
			writes++
		}
		if writes != 3 { // the announcement, and two times some of its mails
			t.Errorf("%d writes were interrupted", writes)
		}
	})
}

// mortal sends as long as the machine runs.
type mortal struct {
	mail.Sender
	machine *machine
}

func (m mortal) Send(ctx context.Context, message mail.Message) error {
	if m.machine.isDead() {
		return errDead
	}
	return m.Sender.Send(ctx, message)
}

// The process is killed at each write by which the mails are sent: everybody gets theirs, and one twice only where it was
// sent and could not be marked.
func TestSendingKilledAtEveryWrite(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		p.Delivery.Sender = mortal{p.Delivery.Sender, p.machine}
		admin, _ := p.school(t)
		p.crowd(t, admin.Organisation.Slug, 1)
		p.tidy(t)
		writes := 0
		for p.killSending(t, admin, writes, false) && p.killSending(t, admin, writes, true) {
			writes++
			p.clock.Advance(24 * time.Hour) // so many announcements are not for one day
		}
		if writes < 6 { // an opt-out and a mark for each
			t.Errorf("%d writes were interrupted", writes)
		}
	})
}

// killSending sends an announcement to three people, and kills the process while its mails are sent; false if it has no
// such write.
func (p *plant) killSending(t *testing.T, admin directory.Caller, writes int, after bool) (died bool) {
	t.Helper()
	if err := p.inbox.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Directory.SendAnnouncement(t.Context(), admin, freshNews, directory.Once{}); err != nil {
		t.Fatal(err)
	}
	if err := p.resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.machine.dieAt(writes, after)
	_, _ = p.Delivery.Redeliver(t.Context(), 100) // it is killed on the way
	died = p.machine.restart()
	p.tidy(t)
	sent, err := p.inbox.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string][]string{}
	for _, m := range sent {
		ids[m.To] = append(ids[m.To], m.Headers["X-Caretaker-Id"])
	}
	for to, got := range ids {
		if len(slices.Compact(got)) != 1 || len(got) > 2 {
			t.Errorf("killed at write %d, after=%t: %s got the mails %v", writes, after, to, got)
		}
	}
	if len(ids) != 3 || !died && len(sent) != 3 {
		t.Errorf("killed at write %d, after=%t: %d mails to %d of 3", writes, after, len(sent), len(ids))
	}
	return died
}

// A change feed hands out a change at least once, and the tidying up may be at it too: all but one of them come too late.
func TestAnnouncementThatIsHandedOutSeveralTimes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		admin, _ := p.school(t)
		p.crowd(t, admin.Organisation.Slug, 93)
		if _, err := p.Directory.SendAnnouncement(t.Context(), admin, freshNews, directory.Once{}); err != nil {
			t.Fatal(err)
		}
		first := p.newest(t, admin.Organisation.Slug)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := p.Directory.Announce(t.Context(), first); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if a := p.newest(t, admin.Organisation.Slug); a.Written != 90 || a.Done || len(p.waiting(t, a.ID)) != 90 {
			t.Errorf("after the first change there are %d mails: %+v", len(p.waiting(t, a.ID)), a)
		}
		second := p.newest(t, admin.Organisation.Slug)
		for _, a := range []directory.Announcement{second, first, second} {
			if err := p.Directory.Announce(t.Context(), a); err != nil {
				t.Error(err)
			}
		}
		if a := p.newest(t, admin.Organisation.Slug); a.Written != 95 || !a.Done || len(p.waiting(t, a.ID)) != 95 {
			t.Errorf("in the end there are %d mails: %+v", len(p.waiting(t, a.ID)), a)
		}
	})
}

// Between the writing of a mail and its sending, which may be hours in a large sending, people decline, are suspended or
// archived, or their access ends. Vital service messages come to all who have not been archived.
func TestWhoMayBeWrittenToIsAskedAgainWhenTheMailIsSent(t *testing.T) {
	t.Parallel()
	for _, category := range []directory.MailCategory{directory.NewsMail, directory.ServiceMail} {
		t.Run(string(category), func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, p *plant) {
				admin, danny := p.school(t)
				p.crowd(t, admin.Organisation.Slug, 3)
				p.tidy(t)
				crowd := p.crowdOf(t, admin)
				n := freshNews
				n.Category = category
				if _, err := p.Directory.SendAnnouncement(t.Context(), admin, n, directory.Once{}); err != nil {
					t.Fatal(err)
				}
				if err := p.resume(t.Context()); err != nil {
					t.Fatal(err)
				}
				p.leave(t, admin, danny, crowd)
				p.tidy(t)
				got := map[string]bool{}
				sent, err := p.inbox.List(t.Context(), "")
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range sent {
					got[m.To] = got[m.To] || m.Subject == "Jane Admin: A new report"
				}
				service := category == directory.ServiceMail
				for why, c := range map[string]struct {
					email string
					want  bool
				}{
					"nothing happened":        {admin.User.Email, true},
					"declined meanwhile":      {danny.User.Email, service},
					"suspended meanwhile":     {crowd[0].Email, service},
					"archived meanwhile":      {crowd[1].Email, false},
					"without access any more": {crowd[2].Email, service},
				} {
					if got[c.email] != c.want {
						t.Errorf("%s: the mail came %t, want %t", why, got[c.email], c.want)
					}
				}
			})
		})
	}
}

// crowdOf is the crowd of an organisation.
func (p *plant) crowdOf(t *testing.T, admin directory.Caller) []directory.User {
	t.Helper()
	page, err := p.Store.Users(t.Context(), directory.UserQuery{
		Org: admin.Organisation.Slug, Match: "crowd", Sort: directory.SortUsername, Limit: 10,
	})
	if err != nil {
		t.Fatal(err)
	}
	return page.Users
}

// leave has each of them leave in a way of their own.
func (p *plant) leave(t *testing.T, admin, danny directory.Caller, crowd []directory.User) {
	t.Helper()
	if _, err := p.Directory.ChangeCommunications(t.Context(), danny, directory.CommunicationsChange{}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Directory.Suspend(t.Context(), admin, crowd[0].ID, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Directory.Archive(t.Context(), admin, crowd[1].ID, nil); err != nil {
		t.Fatal(err)
	}
	ends := p.clock.Now().Add(time.Minute)
	change := directory.UserChange{EndsAt: &ends}
	if _, err := p.Directory.ChangeUser(t.Context(), admin, crowd[2].ID, change, nil); err != nil {
		t.Fatal(err)
	}
}

// The stream brings each change of an announcement to notify, which writes the next mails. While the store does not answer,
// the batch begins again at that record; one that comes too late does nothing.
func TestNotifyWritesTheMailsOfAnAnnouncement(t *testing.T) {
	t.Parallel()
	p, _ := small(t)
	admin, _ := p.school(t)
	p.crowd(t, admin.Organisation.Slug, 93)
	if _, err := p.Directory.SendAnnouncement(t.Context(), admin, freshNews, directory.Once{}); err != nil {
		t.Fatal(err)
	}
	first := p.newest(t, admin.Organisation.Slug)
	p.machine.dieAt(0, false)
	if at := p.notifyOf(t, first); at != "1" {
		t.Errorf("while the store does not answer, it begins again at %q", at)
	}
	p.machine.restart()
	for _, want := range []int{90, 95, 95} {
		a := p.newest(t, admin.Organisation.Slug)
		for _, came := range []directory.Announcement{a, first, a} {
			if at := p.notifyOf(t, came); at != "" {
				t.Errorf("it begins again at %q", at)
			}
		}
		if got := len(p.waiting(t, a.ID)); got != want {
			t.Errorf("%d mails are written, want %d", got, want)
		}
	}
}

// notifyOf hands the function notify a change of an announcement, and returns the record to begin again at.
func (p *plant) notifyOf(t *testing.T, a directory.Announcement) string {
	t.Helper()
	version := a.Version
	a.Version = 0
	body, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	r := engine.Record{
		Key:     engine.Key{Partition: store.Join("announcements", string(a.Org)), Sort: a.ID},
		Version: version, Body: body,
	}
	if !a.Done {
		r.Index = map[engine.Index]engine.Position{engine.Index6: {Partition: "announcing", Sort: a.ID}}
	}
	event, err := json.Marshal(events.DynamoDBEvent{Records: []events.DynamoDBEventRecord{streamRecord(t, "1", r)}})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := p.Notify(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if len(answer.BatchItemFailures) == 0 {
		return ""
	}
	return answer.BatchItemFailures[0].ItemIdentifier
}
