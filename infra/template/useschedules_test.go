package template_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
)

// notify hands the function notify the events of sam local, at a time when there is something to put right.
func (d *deployment) notify(t *testing.T) {
	t.Helper()
	for _, interrupted := range []directory.IntentKind{directory.CreateCredential, directory.ChangeCredential, directory.DeleteCredential} {
		i := directory.Intent{ID: string(interrupted), Kind: interrupted, Org: "bash-street", User: nobody, At: d.now(), Redact: true}
		if interrupted == directory.ChangeCredential {
			i.User = d.someUser(t)
		}
		if err := d.Store.Begin(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.WithValue(t.Context(), functionKey{}, "notify")
	// The schedule comes a second time for the mails that it wrote, of announcements, the first time.
	for _, name := range []string{"notify-stream", "notify-schedule", "notify-schedule"} {
		d.later.Add(int64(20 * time.Minute))
		answer, err := d.Notify(ctx, samEvent(t, name))
		if err != nil || len(answer.BatchItemFailures) > 0 {
			t.Fatalf("%s: %v, %v", name, answer, err)
		}
	}
}

// nobody is the id of a user who was never stored.
const nobody directory.UserID = "01jd5q8x2v7m3k9rwt4h6n0pza"

func (d *deployment) someUser(t *testing.T) directory.UserID {
	t.Helper()
	found, err := d.Store.Users(t.Context(), directory.UserQuery{Org: "bash-street", Sort: directory.SortFamilyName, Limit: 1})
	if err != nil || len(found.Users) == 0 {
		t.Fatal(found, err)
	}
	return found.Users[0].ID
}

var optOutLink = regexp.MustCompile(`/unsubscribe\?token=\S+`)

// unsubscribe follows the opt-out of a mail that notify has sent, and declines.
func (d *deployment) unsubscribe(t *testing.T) {
	t.Helper()
	mails, err := d.Inbox.List(t.Context(), "d.smith@bash-street.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mails {
		if link := optOutLink.FindString(m.Text); link != "" {
			b := d.Browser(t)
			b.Call("GET", link, nil).Want(200)
			b.Call("POST", link, nil).Want(200)
			return
		}
	}
	t.Fatalf("none of %d mails has an opt-out", len(mails))
}

var linkToken = regexp.MustCompile(`/new-password\?token=(\S+)`)

// chooseByLink chooses a password through the link that notify has mailed.
func (d *deployment) chooseByLink(t *testing.T) {
	t.Helper()
	mails, err := d.Inbox.List(t.Context(), "d.smith@bash-street.example")
	if err != nil {
		t.Fatal(err)
	}
	b := d.Browser(t)
	chosen := 0
	for _, m := range mails {
		if found := linkToken.FindStringSubmatch(m.Text); found != nil {
			choice := apptest.NewPassword("Chosen5of6cupboards")
			choice["token"] = found[1]
			if b.Call("POST", "/password-resets/confirm", choice).Status == 204 {
				chosen++
			}
		}
	}
	if chosen != 1 { // of two links the newer one counts, once
		t.Fatalf("of %d mails %d had a link that served", len(mails), chosen)
	}
}

// sweep hands the function sweep the event of sam local, when passwords are half a month old that are good for a month.
func (d *deployment) sweep(t *testing.T) {
	t.Helper()
	d.later.Add(int64(17 * 24 * time.Hour))
	if _, err := d.Swept(context.WithValue(t.Context(), functionKey{}, "sweep"), samEvent(t, "sweep-schedule")); err != nil {
		t.Fatal(err)
	}
	mails, err := d.Store.Unsent(t.Context(), d.now().Add(time.Minute), 100)
	reminds := func(m directory.Mail) bool { return m.Template == directory.PasswordExpiryMail }
	if err != nil || !slices.ContainsFunc(mails, reminds) {
		t.Fatalf("nobody is reminded: %+v, %v", mails, err)
	}
	d.age(t)
}

// age lets years pass at County, whose people never sign in: each is warned, archived and deleted, as far as the cap lets
// it; one whom somebody must follow is kept.
func (d *deployment) age(t *testing.T) {
	t.Helper()
	var all directory.Swept
	for range 40 {
		d.later.Add(int64(31 * 24 * time.Hour))
		done, err := d.Sweep(context.WithValue(t.Context(), functionKey{}, "sweep"))
		if err != nil {
			t.Fatal(err)
		}
		all.Warned, all.Archived, all.Purged = all.Warned+done.Warned, all.Archived+done.Archived, all.Purged+done.Purged
		all.Kept, all.Held = all.Kept+done.Kept, all.Held+done.Held
	}
	if all.Warned == 0 || all.Archived == 0 || all.Purged == 0 || all.Kept == 0 || all.Held == 0 {
		t.Errorf("the years did not bring everything: %+v", all)
	}
}

// digest hands the function digest the event of sam local, in a week in which an earlier run was cut off.
func (d *deployment) digest(t *testing.T) {
	t.Helper()
	year, week := d.now().UTC().ISOWeek()
	begun := directory.Ticket{
		Kind: directory.TicketDigest, ID: fmt.Sprintf("%d-W%02d", year, week), Data: []byte("aaa"), Until: d.now().Add(time.Hour),
	}
	if err := d.Store.PutTicket(t.Context(), begun); err != nil {
		t.Fatal(err)
	}
	if err := d.Digested(context.WithValue(t.Context(), functionKey{}, "digest"), samEvent(t, "digest-schedule")); err != nil {
		t.Fatal(err)
	}
	mails, err := d.Store.Unsent(t.Context(), d.now().Add(time.Minute), 1000)
	if err != nil || !slices.ContainsFunc(mails, func(m directory.Mail) bool { return m.Template == directory.DigestMail }) {
		t.Fatalf("nobody was written to: %d mails, %v", len(mails), err)
	}
}

// erase hands the function notify its schedule, when the time of a closed organisation has come.
func (d *deployment) erase(t *testing.T) {
	t.Helper()
	ctx := context.WithValue(t.Context(), functionKey{}, "notify")
	if _, err := d.Notify(ctx, samEvent(t, "notify-schedule")); err != nil {
		t.Fatal(err)
	}
	if left, err := d.Store.ClosedOrganisation(t.Context(), "blob-street"); err != nil || left.ErasedAt.IsZero() || left.Users != 1 {
		t.Fatalf("it is not erased: %+v, %v", left, err)
	}
}
