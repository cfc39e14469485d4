package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// mailKept is how long a mail stays in the outbox once it is sent, to answer "did the mail go out?".
const mailKept = 90 * 24 * time.Hour

// mailRecord lists a mail among the unsent until it is sent.
func mailRecord(m directory.Mail) engine.Record {
	r := engine.Record{Key: mailKey(m.Org, m.User, m.ID), Version: m.Version}
	if m.SentAt.IsZero() && m.Refused == "" {
		position := engine.Position{Partition: unsentPartition(shardOf(m.ID, unsentParts)), Sort: Join(stamp(m.CreatedAt), m.ID)}
		r.Index = map[engine.Index]engine.Position{byDue: position}
	} else {
		r.Expires = m.CreatedAt.Add(mailKept)
	}
	return r
}

// putMail adds a new mail.
func (b *batch) putMail(m directory.Mail) {
	b.put(mailRecord(m), m, errors.New("two mails with one id"))
}

// Followed tells whether a change feed has to follow the changes of this key: mails, and announcements that mails are
// written of.
func Followed(k engine.Key) bool { return InOutbox(k) || InAnnouncements(k) }

// InOutbox tells whether a record under this key is a mail to be sent.
func InOutbox(k engine.Key) bool { return strings.HasPrefix(k.Partition, Join("outbox", "")) }

// MailOf reads a mail out of a change of the outbox; false for a change that asks for nothing: the mail was sent,
// refused or deleted.
func MailOf(c engine.Change) (directory.Mail, bool, error) {
	if !InOutbox(c.Key) || len(c.Record.Index) == 0 {
		return directory.Mail{}, false, nil
	}
	m, err := decodeMail(c.Record)
	return m, err == nil, err
}

func decodeMail(r engine.Record) (directory.Mail, error) {
	var m directory.Mail
	err := decode(r, &m)
	m.Version = r.Version
	return m, err
}

// Mail reads a mail as it stands now; NotFound.
func (s *Store) Mail(ctx context.Context, org directory.Slug, user directory.UserID, id string) (directory.Mail, error) {
	var m directory.Mail
	version, err := s.one(ctx, mailKey(org, user, id), &m)
	m.Version = version
	return m, err
}

// PutMail stores that a mail was sent or refused; Stale when someone else did so in between.
func (s *Store) PutMail(ctx context.Context, m directory.Mail) error {
	var b batch
	r := mailRecord(m)
	m.Version = 0
	b.put(r, m, directory.ErrStale)
	return s.commit(ctx, b)
}

// Waiting reads a page of the mails written before the given moment that still wait, the oldest first, from where the page
// before ended; at most limit of each shard.
func (s *Store) Waiting(ctx context.Context, before time.Time, from string, limit int) (directory.WaitingMails, error) {
	var found []engine.Record
	end := "" // beyond it, a shard has mails that were not read
	for n := range unsentParts {
		records, err := s.some(ctx, engine.Query{
			Index: byDue, Partition: unsentPartition(n), From: from, To: stamp(before), Limit: limit,
		})
		if err != nil {
			return directory.WaitingMails{}, err
		}
		if len(records) == limit {
			if last := records[limit-1].Index[byDue].Sort; end == "" || last < end {
				end = last
			}
		}
		found = append(found, records...)
	}
	return waitingPage(found, end), nil
}

// waitingPage puts what was read of the shards in order, as far as nothing between was left out.
func waitingPage(found []engine.Record, end string) directory.WaitingMails {
	var page directory.WaitingMails
	if end != "" {
		found = slices.DeleteFunc(found, func(r engine.Record) bool { return r.Index[byDue].Sort > end })
		page.Next = end + "~" // beyond the last, before any other: no id begins with another
	}
	slices.SortFunc(found, func(a, b engine.Record) int { return strings.Compare(a.Index[byDue].Sort, b.Index[byDue].Sort) })
	for _, r := range found {
		m, err := decodeMail(r)
		if err != nil {
			page.Unreadable = append(page.Unreadable, r.Key.Sort)
			continue
		}
		page.Mails = append(page.Mails, m)
	}
	return page
}

// Unsent lists mails written before the given moment that are still not sent, the oldest first.
func (s *Store) Unsent(ctx context.Context, before time.Time, limit int) ([]directory.Mail, error) {
	page, err := s.Waiting(ctx, before, "", limit)
	return page.Mails, err
}
