package mail_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// Of a batch, what the letters share is read once: the text of an announcement, and whom to ask in an organisation. The next
// batch asks again, for people change; and what could not be read is asked for again at once.
func TestWhatABatchSharesIsReadOnce(t *testing.T) {
	t.Parallel()
	var letters []directory.Mail
	for n := range 6 { // all to one person, so that nothing is sent side by side
		about := waiting(fmt.Sprintf("about-%d", n))
		about.User, about.Template = dannysID, directory.PasswordChangedMail
		delete(about.Data, "administrators")
		news := waiting(fmt.Sprintf("news-%d", n))
		news.User, news.Template, news.Category, news.Data = dannysID, directory.AnnouncementMail, directory.ServiceMail, nil
		news.Announcement = &directory.AnnouncementKey{Org: news.Org, ID: "01kd0000000000000000000001"}
		letters = append(letters, about, news)
	}
	d, _, box := delivery(t, letters...)
	a, h := &announcements{}, &helpers{line: "Walter Softy", err: directory.NewUnavailable("store", time.Second, nil)}
	d.Announcements, d.Helpers = a, h
	d.DeliverAll(t.Context(), letters)
	if sent(t, box) != 0 || h.asked != 1 {
		t.Errorf("%d mails; asked %d times although the first letter holds back the others", sent(t, box), h.asked)
	}
	h.err, h.asked = nil, 0
	for _, err := range d.DeliverAll(t.Context(), letters) {
		if err != nil {
			t.Error(err)
		}
	}
	mails, err := box.List(t.Context(), "")
	if err != nil || len(mails) != len(letters) || h.asked != 1 || a.asked != 1 {
		t.Errorf("%d mails, %v; asked for the text %d times, and whom to ask %d times", len(mails), err, a.asked, h.asked)
	}
	for _, m := range mails {
		if !strings.Contains(m.Text, "Walter Softy") && !strings.Contains(m.Text, "Have a look.") {
			t.Errorf("neither is in\n%s", m.Text)
		}
	}
}
