package store

import (
	"context"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// InAnnouncements tells whether a record under this key is an announcement. Each of its changes asks for further mails.
func InAnnouncements(k engine.Key) bool {
	return strings.HasPrefix(k.Partition, Join("announcements", ""))
}

// AnnouncementOf reads an announcement out of a change; false for a change that asks for nothing: all its mails are
// written, or it is gone.
func AnnouncementOf(c engine.Change) (directory.Announcement, bool, error) {
	if !InAnnouncements(c.Key) || len(c.Record.Index) == 0 {
		return directory.Announcement{}, false, nil
	}
	a, err := decodeAnnouncement(c.Record)
	return a, err == nil, err
}

func decodeAnnouncement(r engine.Record) (directory.Announcement, error) {
	var a directory.Announcement
	err := decode(r, &a)
	a.Version = r.Version
	return a, err
}

// putAnnouncement lists an announcement among those that are being written until it is done.
func (b *batch) putAnnouncement(a directory.Announcement) {
	r := engine.Record{
		Key: announcementKey(a.AnnouncementKey), Version: a.Version, Expires: a.CreatedAt.Add(directory.AnnouncementKept),
	}
	if !a.Done {
		r.Index = map[engine.Index]engine.Position{
			byDue: {Partition: "announcing", Sort: Join(stamp(a.WrittenAt), string(a.Org), a.ID)},
		}
	}
	a.Version = 0
	b.put(r, a, directory.ErrStale)
}

// PutAnnounced stores how far an announcement is written, and the mails, all of it or nothing.
func (s *Store) PutAnnounced(ctx context.Context, a directory.Announcement, mails []directory.Mail) error {
	var b batch
	b.putAnnouncement(a)
	for _, m := range mails {
		b.putMail(m)
	}
	return s.commit(ctx, b)
}

// Announcement reads one.
func (s *Store) Announcement(ctx context.Context, k directory.AnnouncementKey) (directory.Announcement, error) {
	var a directory.Announcement
	version, err := s.one(ctx, announcementKey(k), &a)
	a.Version = version
	return a, err
}

// Announcements lists an organisation's, newest first.
func (s *Store) Announcements(
	ctx context.Context, org directory.Slug, limit int, cursor string,
) (directory.AnnouncementPage, error) {
	if cursor != "" && !validEntryID(cursor) {
		return directory.AnnouncementPage{}, errCursor
	}
	records, err := s.some(ctx, engine.Query{
		Partition: announcementKey(directory.AnnouncementKey{Org: org}).Partition, Backwards: true, To: cursor, Limit: limit + 2,
	})
	if err != nil {
		return directory.AnnouncementPage{}, err
	}
	var page directory.AnnouncementPage
	for _, r := range records {
		a, err := decodeAnnouncement(r)
		if err != nil {
			return page, err
		}
		if a.ID == cursor {
			continue // it was the last of the page before
		}
		if len(page.Announcements) == limit {
			page.Next = page.Announcements[limit-1].ID
			break
		}
		page.Announcements = append(page.Announcements, a)
	}
	return page, nil
}

// Announcing lists announcements whose mails are being written and got no further since the given moment.
func (s *Store) Announcing(ctx context.Context, before time.Time, limit int) ([]directory.Announcement, error) {
	records, err := s.some(ctx, engine.Query{Index: byDue, Partition: "announcing", To: stamp(before), Limit: limit})
	if err != nil {
		return nil, err
	}
	found := make([]directory.Announcement, len(records))
	for i, r := range records {
		if found[i], err = decodeAnnouncement(r); err != nil {
			return nil, err
		}
	}
	return found, nil
}
