package store

import (
	"context"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

func closedKey(o directory.Slug) engine.Key {
	return engine.Key{Partition: Join("closed", string(o)), Sort: "organisation"}
}

// closeOrganisation moves the record, so that whoever asks for the organisation finds none.
func (b *batch) closeOrganisation(c directory.ClosedOrganisation) {
	o := c.Organisation
	b.add(engine.Delete(organisationKey(o.Slug), o.Version), directory.ErrStale)
	b.putClosed(c)
}

func (s *Store) reopenOrganisation(b *batch, c directory.ClosedOrganisation) {
	o := c.Organisation
	b.add(engine.Delete(closedKey(o.Slug), c.Version), directory.ErrStale)
	o.Version = 0
	s.restoreOrganisation(b, o)
}

// putClosed lists the organisation among the closed, by slug and by when it is to be erased, until it is. What is left then
// keeps the slug from being given to another.
func (b *batch) putClosed(c directory.ClosedOrganisation) {
	slug := string(c.Organisation.Slug)
	r := engine.Record{Key: closedKey(c.Organisation.Slug), Version: c.Version}
	if c.ErasedAt.IsZero() {
		r.Index = map[engine.Index]engine.Position{
			byName: {Partition: "closed", Sort: slug}, byDue: {Partition: "erasing", Sort: Join(stamp(c.EraseAt), slug)},
		}
	}
	c.Version = 0
	b.put(r, c, directory.ErrStale)
}

func decodeClosed(r engine.Record) (directory.ClosedOrganisation, error) {
	var c directory.ClosedOrganisation
	err := decode(r, &c)
	c.Version, c.Organisation.Policy = r.Version, c.Organisation.Policy.Filled()
	return c, err
}

// ClosedOrganisation reads one.
func (s *Store) ClosedOrganisation(ctx context.Context, slug directory.Slug) (directory.ClosedOrganisation, error) {
	records, err := s.get(ctx, closedKey(slug))
	if err != nil {
		return directory.ClosedOrganisation{}, err
	}
	if !records[0].Exists() {
		return directory.ClosedOrganisation{}, directory.ErrNotFound
	}
	return decodeClosed(records[0])
}

// ClosedOrganisations lists those that are not erased yet.
func (s *Store) ClosedOrganisations(ctx context.Context, limit int, cursor string) (directory.ClosedPage, error) {
	q := engine.Query{Index: byName, Partition: "closed", From: cursor, Limit: limit + 1}
	records, err := s.some(ctx, q)
	if err != nil {
		return directory.ClosedPage{}, err
	}
	var page directory.ClosedPage
	for i, r := range records {
		c, err := decodeClosed(r)
		if err != nil {
			return page, err
		}
		if i == limit {
			page.Next = string(c.Organisation.Slug)
			break
		}
		page.Closed = append(page.Closed, c)
	}
	return page, nil
}

// Erasable lists those whose erasure is due.
func (s *Store) Erasable(ctx context.Context, at time.Time, limit int) ([]directory.ClosedOrganisation, error) {
	records, err := s.some(ctx, engine.Query{Index: byDue, Partition: "erasing", To: Join(stamp(at), "~"), Limit: limit})
	if err != nil {
		return nil, err
	}
	keys := make([]engine.Key, len(records))
	for i, r := range records {
		keys[i] = r.Key
	}
	if records, err = s.get(ctx, keys...); err != nil { // the index may lag
		return nil, err
	}
	due := make([]directory.ClosedOrganisation, 0, len(records))
	for _, r := range records {
		if !r.Exists() {
			continue
		}
		c, err := decodeClosed(r)
		if err != nil {
			return nil, err
		}
		if c.ErasedAt.IsZero() {
			due = append(due, c)
		}
	}
	return due, nil
}

// Forget deletes what is kept about a user elsewhere than under the user.
func (s *Store) Forget(ctx context.Context, u directory.User) error {
	var b batch
	b.add(engine.Delete(nameKey(u.Org, u.Username), engine.AnyVersion), nil)
	b.add(engine.Delete(failuresKey(u.Org, u.Guard()), engine.AnyVersion), nil)
	if err := s.commit(ctx, b); err != nil {
		return err
	}
	for more := true; more; {
		var err error
		if more, err = s.eraseBatch(ctx, engine.Query{Partition: Join("receipt", string(u.Org), string(u.ID))}); err != nil {
			return err
		}
	}
	return nil
}

// EraseOrganisation deletes a batch of each partition that an organisation has. The counters and lists of its users go last.
func (s *Store) EraseOrganisation(ctx context.Context, o directory.Organisation) (bool, error) {
	for _, q := range []engine.Query{
		{Partition: bookPartition(o.Slug, o.SchoolBook)},
		{Partition: visitKey(o.Slug, "").Partition},
		{Partition: announcementKey(directory.AnnouncementKey{Org: o.Slug}).Partition},
		{Partition: auditPartition(o.Slug)},
		{Index: byName, Partition: formerNames(o.Slug)},
		{Partition: organisationKey(o.Slug).Partition},
	} {
		if more, err := s.eraseBatch(ctx, q); err != nil || more {
			return true, err
		}
	}
	return false, nil
}

// eraseBatch deletes the first records of a partition; more tells whether it was not empty.
func (s *Store) eraseBatch(ctx context.Context, q engine.Query) (more bool, err error) {
	q.Limit = engine.MaxOps
	page, err := s.engine.Query(ctx, q)
	if err != nil || len(page.Records) == 0 && page.Next == "" {
		return false, outward(err)
	}
	var b batch
	for _, r := range page.Records {
		b.add(engine.Delete(r.Key, engine.AnyVersion), nil)
	}
	return true, s.commit(ctx, b)
}
