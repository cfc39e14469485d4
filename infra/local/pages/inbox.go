package pages

import (
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/caretaker/caretaker/internal/mail/inbox"
)

// shownMails bounds the page; GET /dev/inbox has them all.
const shownMails = 100

type inboxContent struct {
	To    string
	Total int
	Mails []inbox.Received
}

func (s *server) inbox(w http.ResponseWriter, r *http.Request) {
	to := r.URL.Query().Get("to")
	mails, err := s.Inbox.List(r.Context(), to)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "inbox", page{Title: "Inbox", Content: inboxContent{
		To: to, Total: len(mails), Mails: mails[:min(shownMails, len(mails))],
	}})
}

// mail shows the HTML of one mail, to be framed by the inbox. It has the freedom to look as in a mail program, and no
// other: no script, no forms, nothing from elsewhere.
func (s *server) mail(w http.ResponseWriter, r *http.Request) {
	mails, err := s.Inbox.List(r.Context(), "")
	if err != nil {
		s.failed(w, r, err)
		return
	}
	i := slices.IndexFunc(mails, func(m inbox.Received) bool { return m.ID == r.PathValue("id") })
	if i < 0 {
		s.missing(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "+
		"style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(mails[i].HTML)) // the reader has gone away if this fails
}

// when writes a time for people; the machine's zone would say something else on every machine.
func when(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04:05 UTC") }

// piece is a part of a mail's text, a link or not.
type piece struct {
	Text string
	Link bool
}

var links = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)]`)

// linked cuts a text so that its addresses can be made links.
func linked(text string) []piece {
	var pieces []piece
	end := 0
	for _, at := range links.FindAllStringIndex(text, -1) {
		pieces = append(pieces, piece{Text: text[end:at[0]]}, piece{Text: text[at[0]:at[1]], Link: true})
		end = at[1]
	}
	return append(pieces, piece{Text: text[end:]})
}
