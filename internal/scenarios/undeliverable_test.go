package scenarios_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail/feedback"
	"github.com/caretaker/caretaker/internal/mail/inbox"
)

// Addresses that bounce are shown to the administrators and are not written to again until changed (X20).

// openRiver is a learning provider with Bob, who has signed in and to whose address, which nobody else writes to, came two
// mails; the first of them welcomes him.
func openRiver(t *testing.T, s *apptest.Stack) (o *organisation, bob *person, welcome inbox.Received) {
	t.Helper()
	o = openVale(t, s)
	bob = o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
	wantNothingUnsent(t, s)
	return o, bob, o.mailsTo(t, "bob@"+o.slug+".example", "", 2)[1]
}

// tell hands the function mailfeedback what SES would say about a mail.
func (o *organisation) tell(t *testing.T, m inbox.Received, kind feedback.Kind) app.Heeded {
	t.Helper()
	return o.heed(t, o.event(t, m, kind))
}

func (o *organisation) event(t *testing.T, m inbox.Received, kind feedback.Kind) json.RawMessage {
	t.Helper()
	event, err := m.Event(kind, o.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return event
}

func (o *organisation) heed(t *testing.T, event json.RawMessage) app.Heeded {
	t.Helper()
	done, err := o.Heed(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// wantNoMore waits until no mail is on its way, and fails the test if more than n have come to the address.
func (o *organisation) wantNoMore(t *testing.T, address string, n int) {
	t.Helper()
	wantNothingUnsent(t, o.Stack)
	o.mailsTo(t, address, "", n)
}

// wantMarked fails the test unless an administrator sees this of a user: "" for an address that is written to.
func (p *person) wantMarked(t *testing.T, user, reason string) {
	t.Helper()
	seen := p.Call("GET", "/users/"+user, nil).Want(200)
	if seen.Text("undeliverable.reason") != reason {
		t.Errorf("the address is %v, want %q", seen.At("undeliverable"), reason)
	}
}

func TestAnAddressThatBouncesIsShownAndNotWrittenToUntilChanged(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bob, welcome := openRiver(t, s)
		path := "/users/" + bob.id
		address := welcome.To
		if done := o.tell(t, welcome, feedback.PermanentBounce); done != (app.Heeded{Told: 1, Marked: 1}) {
			t.Errorf("%+v", done)
		}

		// The administrators see it: in the list, at the user, in the trail, and when they do something that writes a mail.
		seen := o.first.Call("GET", path, nil).Want(200)
		if seen.Text("undeliverable.reason") != "bounce" || seen.Text("undeliverable.since") != s.Clock.Now().UTC().Format(time.RFC3339) ||
			seen.Text("undeliverable.detail") != "General: 5.1.1" {
			t.Errorf("shown is %s", seen.Body)
		}
		o.first.wantList(t, o, "undeliverable=true", "Bob Boldwood")
		o.first.wantList(t, o, "undeliverable=true&q=b", "Bob Boldwood")
		o.first.wantList(t, o, "undeliverable=true&q=ada")
		o.first.wantList(t, o, "undeliverable=false", "Bob Boldwood", "Ada First")
		told := o.first.wantTrail(t, o, path+"/audit?action=user.undeliverable", "user.undeliverable")[0]
		if told.Actor.Name != "Caretaker" || told.After["undeliverable"] != "bounce" || told.Note != "General: 5.1.1" {
			t.Errorf("the trail has %+v", told)
		}
		if reset := o.first.Call("POST", path+"/password-reset", nil); reset.Text("user.undeliverable.reason") != "bounce" {
			t.Errorf("a reset answers %s", reset.Want(200).Body)
		}
		if me := o.enterAnew(t, bob).Call("GET", "/me", nil).Want(200); me.Text("undeliverable.reason") != "bounce" {
			t.Errorf("the user sees %s", me.Body)
		}

		// Nothing goes there any more, not even a link that the user asks for.
		o.forgets(t, object{"username": bob.username}).Want(202)
		o.first.take(bob.id, "suspend").Want(200)
		o.first.take(bob.id, "reinstate").Want(200)
		o.wantNoMore(t, address, 2)

		// The same address, however it is written, is no change; another one ends it, and the old one is not told.
		o.first.Call("PATCH", path, object{"email": "BOB@" + o.slug + ".Example", "title": "Mr"}).Want(200)
		o.first.wantMarked(t, bob.id, "bounce")
		o.first.Call("PATCH", path, object{"email": "bo@" + o.slug + ".example"}).Want(200)
		o.first.wantMarked(t, bob.id, "")
		o.first.wantList(t, o, "undeliverable=true")
		o.forgets(t, object{"username": bob.username}).Want(202)
		o.mailsTo(t, "bo@"+o.slug+".example", linkSubject, 1)
		o.wantNoMore(t, address, 2)

		// What is told late of the old address is not about the new one.
		if done := o.tell(t, welcome, feedback.PermanentBounce); done.Marked != 0 {
			t.Errorf("a late bounce: %+v", done)
		}
		o.first.wantMarked(t, bob.id, "")
	})
}

// enterAnew signs somebody in with a password that an administrator has just set.
func (o *organisation) enterAnew(t *testing.T, p *person) *person {
	t.Helper()
	reset := o.first.Call("POST", "/users/"+p.id+"/password-reset", nil).Want(200)
	return o.enter(t, &person{id: p.id, username: p.username, password: reset.Text("temporaryPassword")})
}

func TestSomebodyNewWhoseAddressBouncesGetsTheWelcomeAtTheRightOne(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.add("Bob", "Boldwood", roles("LRBOnlineUser"))
		wrong, right := "bob@"+o.slug+".example", "bob.boldwood@"+o.slug+".example"
		o.tell(t, o.mailsTo(t, wrong, "", 1)[0], feedback.PermanentBounce)
		o.first.Call("PATCH", "/users/"+bob.id, object{"email": right}).Want(200)
		if m := o.mailsTo(t, right, "", 1)[0]; !strings.Contains(m.Text, bob.username) {
			t.Errorf("it says\n%s", m.Text)
		}
		o.wantNoMore(t, wrong, 1)
	})
}

func TestUsersMendTheirOwnAddress(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bob, welcome := openRiver(t, s)
		o.tell(t, welcome, feedback.PermanentBounce)
		// Whether mails arrive cannot be told from inside: that is for the administrators to say.
		bob.Call("PATCH", "/me", object{"undeliverable": false}).WantProblem(422, "invalid").WantField("body.undeliverable")
		changed := bob.Call("PATCH", "/me", object{"email": "boldwood@" + o.slug + ".example"}).Want(200)
		if changed.At("undeliverable") != nil {
			t.Errorf("%s", changed.Body)
		}
		o.first.wantMarked(t, bob.id, "")
	})
}

// The school's mail server was set up wrongly for a day, and the address is right: the administrator says so.
func TestAnAdministratorConfirmsAnAddress(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bob, welcome := openRiver(t, s)
		address := welcome.To
		path := "/users/" + bob.id
		bounce := o.event(t, welcome, feedback.PermanentBounce)
		o.first.Call("PATCH", path, object{"undeliverable": false}).Want(200) // nothing to confirm, and nothing is written
		o.first.wantTrail(t, o, path+"/audit?action=user.changed")
		o.heed(t, bounce)
		o.first.Call("PATCH", path, object{"undeliverable": true}).WantProblem(422, "invalid").WantField("body.undeliverable")
		s.Clock.Advance(time.Minute)
		if a := o.first.Call("PATCH", path, object{"undeliverable": false}).Want(200); a.At("undeliverable") != nil {
			t.Errorf("%s", a.Body)
		}
		told := o.first.wantTrail(t, o, path+"/audit?action=user.changed", "user.changed")[0]
		if told.Actor.ID != o.first.id || told.Before["undeliverable"] != "bounce" || told.After["undeliverable"] != "" {
			t.Errorf("the trail has %+v", told)
		}

		// The same event once more, as EventBridge may bring it, is about a mail sent before.
		if done := o.heed(t, bounce); done.Marked != 0 {
			t.Errorf("%+v", done)
		}
		o.forgets(t, object{"username": bob.username}).Want(202)
		link := o.mailsTo(t, address, linkSubject, 1)[0]
		wantNothingUnsent(t, s)
		o.first.wantMarked(t, bob.id, "")
		// A mail sent since counts: the address is as wrong as before.
		if done := o.tell(t, link, feedback.PermanentBounce); done.Marked != 1 {
			t.Errorf("%+v", done)
		}
		o.first.wantMarked(t, bob.id, "bounce")
	})
}

func TestAComplaintIsObeyed(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bob, welcome := openRiver(t, s)
		address := welcome.To
		o.tell(t, welcome, feedback.Complaint)
		o.first.wantMarked(t, bob.id, "complaint")
		if me := bob.Call("GET", "/me/communications", nil).Want(200); me.At("news") != true {
			t.Errorf("a mail about the account was no news: %s", me.Body)
		}
		o.forgets(t, object{"username": bob.username}).Want(202)
		o.wantNoMore(t, address, 2)
	})
}

func TestAComplaintAboutNewsEndsThemForGood(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bob, welcome := openRiver(t, s)
		address := welcome.To
		twin := o.join(t, "Bea", "Boldwood", object{"email": address, "roles": []string{"LRBOnlineUser"}})
		o.writeNews(t, bob, address)
		o.tell(t, o.mailsTo(t, address, "Sports day", 1)[0], feedback.Complaint)
		o.first.wantMarked(t, bob.id, "complaint")
		if me := bob.Call("GET", "/me/communications", nil).Want(200); me.At("news") != false {
			t.Errorf("still gets news: %s", me.Body)
		}
		// Who shares the mailbox is not written to there either, but has declined nothing.
		o.first.wantMarked(t, twin.id, "complaint")
		if her := twin.Call("GET", "/me/communications", nil).Want(200); her.At("news") != true {
			t.Errorf("the one who shares the address: %s", her.Body)
		}
		o.first.Call("PATCH", "/users/"+bob.id, object{"undeliverable": false}).Want(200)
		if me := bob.Call("GET", "/me/communications", nil).Want(200); me.At("news") != false {
			t.Errorf("with the address confirmed there are news again: %s", me.Body)
		}
	})
}

// writeNews puts a letter of the category news into the outbox.
func (o *organisation) writeNews(t *testing.T, to *person, address string) {
	t.Helper()
	id, now := o.Directory.NewID(), o.Directory.Now()
	m := directory.Mail{
		ID: id, Org: directory.Slug(o.slug), OrganisationName: "Vale College", User: directory.UserID(to.id), ToEmail: address,
		Template: directory.AnnouncementMail, Category: directory.NewsMail, CreatedAt: now, Data: map[string]string{
			"fromName": "Ada First", "subject": "Sports day", "message": "On Friday.", "unsubscribeToken": "t", "givenName": "Bob",
		},
	}
	entry := directory.Entry{ID: id, Org: m.Org, At: now, Action: directory.ContactSent}
	if err := o.Store.Commit(t.Context(), directory.Change{Entries: []directory.Entry{entry}, Mails: []directory.Mail{m}}); err != nil {
		t.Fatal(err)
	}
}

func TestWhatMayPassMarksNothing(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bob, welcome := openRiver(t, s)
		address := welcome.To
		if done := o.tell(t, welcome, feedback.TransientBounce); done != (app.Heeded{Told: 1}) {
			t.Errorf("%+v", done)
		}
		o.first.wantMarked(t, bob.id, "")
		o.forgets(t, object{"username": bob.username}).Want(202)
		o.mailsTo(t, address, linkSubject, 1)
	})
}

// EventBridge brings an event once or more often, and two of a kind can come at one instant.
func TestTheSameEventOftenIsWrittenOnce(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bob, welcome := openRiver(t, s)
		var all sync.WaitGroup
		for _, kind := range []feedback.Kind{
			feedback.PermanentBounce, feedback.PermanentBounce, feedback.PermanentBounce, feedback.PermanentBounce,
		} {
			event := o.event(t, welcome, kind)
			all.Go(func() {
				if _, err := o.Heed(t.Context(), event); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if done := o.tell(t, welcome, feedback.PermanentBounce); done != (app.Heeded{Told: 1}) {
			t.Errorf("%+v", done)
		}
		o.first.wantTrail(t, o, "/users/"+bob.id+"/audit?action=user.undeliverable", "user.undeliverable")
	})
}

// Schools share mailboxes: one that is gone is gone for all of them, but what one organisation hears is not another's affair.
func TestWhoSharesAnAddress(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bob, welcome := openRiver(t, s)
		address := welcome.To
		shares := object{"email": strings.ToUpper(address[:1]) + address[1:], "roles": []string{"LRBOnlineUser"}}
		office, away := o.add("Olive", "Office", shares), o.add("Otto", "Office", shares)
		o.first.take(away.id, "archive").Want(200)
		next := openVale(t, s)
		elsewhere := next.add("Bob", "Boldwood", shares)
		o.first.wantList(t, o, "q="+address, "Bob Boldwood", "Olive Office") // the index knows all of them
		o.tell(t, welcome, feedback.PermanentBounce)
		for _, p := range []*person{bob, office, away} {
			o.first.wantMarked(t, p.id, "bounce")
		}
		next.first.wantMarked(t, elsewhere.id, "")
		next.first.wantTrail(t, next, "/audit?action=user.undeliverable")
	})
}

// An event that somebody makes up silences nobody: it has to name a letter that was sent, by its id, and where it went.
func TestMadeUpEventsMarkNobody(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bob, welcome := openRiver(t, s)
		next := openVale(t, s)
		with := func(change func(m *inbox.Received)) json.RawMessage {
			made := welcome
			made.Headers = map[string]string{"To": welcome.Headers["To"], "X-Caretaker-For": welcome.Headers["X-Caretaker-For"]}
			change(&made)
			return o.event(t, made, feedback.Complaint)
		}
		for why, event := range map[string]json.RawMessage{
			"a letter that nobody wrote": with(func(m *inbox.Received) { m.ID = strings.Repeat("0", 26) }),
			"no letter":                  with(func(m *inbox.Received) { m.ID = "" }),
			"nobody's letter":            with(func(m *inbox.Received) { delete(m.Headers, "X-Caretaker-For") }),
			"somebody else's letter":     with(func(m *inbox.Received) { m.Headers["X-Caretaker-For"] = o.slug + "/" + o.first.id }),
			"another organisation's":     with(func(m *inbox.Received) { m.Headers["X-Caretaker-For"] = next.slug + "/" + bob.id }),
			"a key in place of an id":    with(func(m *inbox.Received) { m.Headers["X-Caretaker-For"] = o.slug + "/" + bob.id + "#" }),
			"another address":            with(func(m *inbox.Received) { m.To = "ada@" + o.slug + ".example" }),
		} {
			if done := o.heed(t, event); done != (app.Heeded{Told: 1, Unknown: 1}) {
				t.Errorf("%s: %+v", why, done)
			}
		}
		var forged map[string]any
		if err := json.Unmarshal(o.event(t, welcome, feedback.Complaint), &forged); err != nil {
			t.Fatal(err)
		}
		forged["source"] = "custom.ses" // as near as anybody but SES can come
		event, err := json.Marshal(forged)
		if err != nil {
			t.Fatal(err)
		}
		if done, err := o.Heed(t.Context(), event); directory.CodeOf(err) != "mail_feedback_unknown" || done.Marked != 0 {
			t.Errorf("of another source: %+v, %v", done, err)
		}
		for _, p := range []*person{bob, o.first} {
			o.first.wantMarked(t, p.id, "")
		}
	})
}

// What people write to customer service goes to an address that is nobody's account.
func TestFeedbackAboutWhoIsNoUserMarksNobody(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bob, welcome := openRiver(t, s)
		o.first.Call("DELETE", "/users/"+bob.id, nil).Want(204)
		if done := o.tell(t, welcome, feedback.PermanentBounce); done.Marked != 0 {
			t.Errorf("of somebody deleted: %+v", done)
		}
		changed, err := o.Directory.MailFailed(t.Context(), directory.Mail{Org: directory.Slug(o.slug), ToEmail: "ada@" + o.slug + ".example"}, directory.Bounced, "")
		if changed != 0 || err != nil {
			t.Errorf("%d, %v", changed, err)
		}
		o.first.wantMarked(t, o.first.id, "")
	})
}

// The weekly mail tells the administrators, and does not go where it would not arrive.
func TestTheDigestTellsWhoseAddressBounced(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bob, welcome := openRiver(t, s)
		ada := "ada@" + o.slug + ".example"
		lost := o.mailsTo(t, ada, "", 2)[0]
		o.tell(t, welcome, feedback.PermanentBounce)
		if _, err := o.Directory.Digest(t.Context(), directory.DigestOptions{}); err != nil {
			t.Fatal(err)
		}
		wantNothingUnsent(t, s)
		if m := o.mailsTo(t, ada, "", 3)[0]; !strings.Contains(m.Text, "Cannot be reached by email: 1") || !strings.Contains(m.Text, bob.username) {
			t.Errorf("the digest says\n%s", m.Text)
		}
		o.tell(t, lost, feedback.PermanentBounce)
		s.Clock.Advance(7 * day)
		if done, err := o.Directory.Digest(t.Context(), directory.DigestOptions{}); err != nil || done.Mailed != 0 {
			t.Error(done, err)
		}
		o.wantNoMore(t, ada, 3)
	})
}
