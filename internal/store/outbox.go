package store

import (
	"context"
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

// InOutbox tells whether a record under this key is a mail to be sent; it is what a change feed has to follow.
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

// Unsent lists mails written before the given moment that are still not sent, the oldest of each shard first, at most
// limit of each.
func (s *Store) Unsent(ctx context.Context, before time.Time, limit int) ([]directory.Mail, error) {
	var mails []directory.Mail
	for n := range unsentParts {
		records, err := s.some(ctx, engine.Query{
			Index: byDue, Partition: unsentPartition(n), To: stamp(before), Limit: limit,
		})
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			m, err := decodeMail(r)
			if err != nil {
				return nil, err
			}
			mails = append(mails, m)
		}
	}
	return mails, nil
}
