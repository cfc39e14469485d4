package store

import (
	"context"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// Trail lists entries of the audit trail, newest first. Their ids are in time order, so a time is where to begin reading.
// Cost, in reads of records: without a filter, the page; with one, what lies between the matches, up to maxWalk a page.
func (s *Store) Trail(ctx context.Context, q directory.TrailQuery) (directory.TrailPage, error) {
	if q.Cursor != "" && !validEntryID(q.Cursor) {
		return directory.TrailPage{}, errCursor
	}
	e := engine.Query{Partition: auditPartition(q.Org), Backwards: true, Limit: min(q.Limit+2, engine.MaxLimit)}
	if q.Subject != "" {
		e.Index, e.Partition = byName, aboutPartition(q.Org, q.Subject)
	}
	if q.Actor != "" || q.Action != "" || len(q.Among) > 0 {
		e.Limit = maxWalk
	}
	e.From, e.To = entryBounds(q)
	return s.readTrail(ctx, q, e)
}

func validEntryID(text string) bool {
	_, err := ulid.ParseStrict(strings.ToUpper(text))
	return err == nil && text == strings.ToLower(text)
}

// entryBounds are the ids between which the entries of a stretch of time lie.
func entryBounds(q directory.TrailQuery) (from, to string) {
	if !q.From.IsZero() {
		from = entryIDAt(q.From, 0)
	}
	if !q.To.IsZero() {
		to = entryIDAt(q.To, 0xff)
	}
	if q.Cursor != "" && (to == "" || q.Cursor < to) {
		to = q.Cursor
	}
	return from, to
}

func entryIDAt(t time.Time, fill byte) string {
	var id ulid.ULID
	if err := id.SetTime(ulid.Timestamp(t)); err != nil { // beyond the year 10889
		return ""
	}
	for i := 6; i < len(id); i++ {
		id[i] = fill
	}
	return strings.ToLower(id.String())
}

func (s *Store) readTrail(ctx context.Context, q directory.TrailQuery, e engine.Query) (directory.TrailPage, error) {
	var page directory.TrailPage
	last := ""
	for {
		found, err := s.engine.Query(ctx, e)
		if err != nil {
			return page, outward(err)
		}
		for _, r := range found.Records {
			entry, err := decodeEntry(r)
			if err != nil {
				return page, err
			}
			if entry.ID == q.Cursor || !q.Matches(entry) {
				last = entry.ID
				continue
			}
			if len(page.Entries) == q.Limit {
				page.Next = last
				return page, nil
			}
			last = entry.ID
			page.Entries = append(page.Entries, entry)
		}
		if found.Next == "" {
			return page, nil
		}
		if last != "" {
			page.Next = last
			return page, nil
		}
		e.After = found.Next
	}
}

func decodeEntry(r engine.Record) (directory.Entry, error) {
	var kept entryRecord
	err := decode(r, &kept)
	return kept.entry(), err
}

// Visits lists support sessions, newest first.
func (s *Store) Visits(ctx context.Context, org directory.Slug, limit int, cursor string) (directory.VisitPage, error) {
	if cursor != "" && !validEntryID(cursor) {
		return directory.VisitPage{}, errCursor
	}
	records, err := s.some(ctx, engine.Query{
		Partition: Join("visits", string(org)), Backwards: true, To: cursor, Limit: min(limit+2, engine.MaxLimit),
	})
	if err != nil {
		return directory.VisitPage{}, err
	}
	var page directory.VisitPage
	for _, r := range records {
		var kept visitRecord
		if err := decode(r, &kept); err != nil {
			return page, err
		}
		if string(kept.ID) == cursor {
			continue // it was the last of the page before
		}
		if len(page.Visits) == limit {
			page.Next = string(page.Visits[limit-1].ID)
			break
		}
		page.Visits = append(page.Visits, kept.visit(r.Version))
	}
	return page, nil
}
