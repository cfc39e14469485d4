package inbox

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/mail"
)

// Received is a mail as /dev/inbox shows it.
type Received struct {
	ID      string `json:"id"`   // of the letter; duplicates are kept and have the same
	To      string `json:"to"`   // the address alone; its name is in Headers
	From    string `json:"from"` // the address alone
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
	// Headers holds the message's own headers, and From, To and Reply-To as they were sent.
	Headers map[string]string `json:"headers"`
	SentAt  time.Time         `json:"sentAt"`
}

// Box is what /dev/inbox serves; an Inbox and a RemoteBox are such.
type Box interface {
	// List returns the mails to the address, of all addresses if it is "", newest first. Their headers are shared
	// and must not be changed.
	List(ctx context.Context, to string) ([]Received, error)
	// Clear forgets all mails.
	Clear(ctx context.Context) error
}

func receive(m mail.Message, at time.Time) Received {
	headers := map[string]string{"From": m.From.String(), "To": m.To.String()}
	maps.Copy(headers, m.Headers)
	if !m.ReplyTo.IsZero() {
		headers["Reply-To"] = m.ReplyTo.String()
	}
	return Received{
		ID: m.ID, To: canonical(m.To.Email), From: canonical(m.From.Email), Subject: m.Subject,
		Text: m.Text, HTML: m.HTML, Headers: headers, SentAt: at.UTC(),
	}
}

// canonical makes one form of the two that an international domain has, so that both stacks show the same.
func canonical(email string) string {
	if ascii, err := mail.ASCII(email); err == nil {
		email = ascii
	}
	return mail.Readable(email)
}

// newestFirst picks the mails to an address out of mails in the order of their sending.
func newestFirst(sent []Received, to string) []Received {
	wanted := canonical(to)
	list := []Received{}
	for _, r := range slices.Backward(sent) {
		if to == "" || strings.EqualFold(r.To, wanted) {
			list = append(list, r)
		}
	}
	return list
}
