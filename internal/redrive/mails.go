package redrive

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// ofMails is the queue of mails. What it holds says where in the table's stream letters were, and the stream forgets them
// after a day; the letters themselves are still in the outbox.
const ofMails = "MailDeadLetters"

// redeliver is the event that asks the function notify to send what is unsent; package app knows it.
var redeliver = []byte(`{"source":"redrive","detail-type":"redeliver"}`)

// report is what the function notify answers to it.
type report struct {
	Mails *struct {
		Late, Sent, Failed int
		More, Elsewhere    bool
		OldestUnsent       *time.Time
		Why                string
	}
}

// putMails has the function notify send what is unsent, again and again as long as that gets on, and returns the messages
// that are no longer needed: those that came when every letter that still waits was not yet written.
func (d *Drive) putMails(ctx context.Context, s Source, held []Message) (done []Message, err error) {
	if d.DryRun {
		d.say("%s: would have the function send all unsent mails, for %d messages, the oldest of %s", s.Name, len(held), stamp(oldest(held)))
		return nil, nil
	}
	for {
		r, err := d.redeliver(ctx, s.Function)
		if err != nil {
			return nil, err
		}
		if r.Mails.More && r.Mails.Sent > 0 {
			if err := s.Queue.Hide(ctx, held, hidden); err != nil {
				return nil, err
			}
			continue
		}
		d.sayWhatWaits(s, r)
		if r.Mails.Elsewhere {
			return nil, nil
		}
		for _, m := range held {
			if waits := r.Mails.OldestUnsent; waits == nil || m.SentAt.Before(*waits) {
				done = append(done, m)
			}
		}
		return done, nil
	}
}

func (d *Drive) redeliver(ctx context.Context, notify Function) (report, error) {
	var r report
	answer, err := notify.Invoke(ctx, redeliver)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(answer, &r); err != nil || r.Mails == nil {
		return r, fmt.Errorf("the function does not say what it did: %.200s", answer)
	}
	d.say("%s: %d mails sent, %d still wait", ofMails, r.Mails.Sent, r.Mails.Failed)
	return r, nil
}

func (d *Drive) sayWhatWaits(s Source, r report) {
	switch m := r.Mails; {
	case m.Elsewhere:
		d.say("%s: the tidying up is sending them just now; it ends within five minutes", s.Name)
	case m.Why != "":
		d.say("%s: %s", s.Name, m.Why)
	case m.OldestUnsent != nil:
		d.say("%s: the oldest mail that waits is of %s; less than 15 minutes after that it is the stream's business", s.Name, stamp(*m.OldestUnsent))
	}
}

func oldest(held []Message) time.Time {
	first := held[0].SentAt
	for _, m := range held {
		if m.SentAt.Before(first) {
			first = m.SentAt
		}
	}
	return first
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
