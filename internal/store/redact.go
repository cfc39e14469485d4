package store

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// personal are the details in an entry's Before and After that tell who somebody is; roles and the like stay.
var personal = []directory.UserField{
	directory.FieldGivenName, directory.FieldFamilyName, directory.FieldEmail, directory.FieldTitle, directory.FieldTelephone,
	directory.FieldMobile, directory.FieldStaffID, directory.FieldVerification, directory.FieldSite,
}

// redacted stands where something was.
const redacted = "…"

// Erase deletes what is kept under a deleted user, and with the last of it the intent of the deletion. It may run again
// where it was interrupted. Cost: two queries at once and a Commit, for each 98 records.
func (s *Store) Erase(ctx context.Context, i directory.Intent) error {
	rest := []engine.Query{
		{Partition: userPartition(i.Org, i.User), Limit: eraseBatch}, {Partition: outboxPartition(i.Org, i.User), Limit: eraseBatch},
	}
	for {
		var b batch
		var err error
		if rest, err = s.eraseNext(ctx, &b, rest); err != nil {
			return err
		}
		if len(rest) == 0 {
			b.add(engine.Delete(intentKey(i), engine.AnyVersion), nil)
		}
		if err := s.commit(ctx, b); err != nil || len(rest) == 0 {
			return err
		}
	}
}

// eraseBatch lets a page of both partitions, and the intent, go in one Commit.
const eraseBatch = (engine.MaxOps - 1) / 2

// eraseNext deletes a page of each query and returns the queries of those that follow.
func (s *Store) eraseNext(ctx context.Context, b *batch, from []engine.Query) (rest []engine.Query, err error) {
	pages := make([]engine.Page, len(from))
	group, ctx := errgroup.WithContext(ctx)
	for n, q := range from {
		group.Go(func() (err error) {
			pages[n], err = s.engine.Query(ctx, q)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, outward(err)
	}
	for n, page := range pages {
		for _, r := range page.Records {
			b.add(engine.Delete(r.Key, engine.AnyVersion), nil)
		}
		if page.Next != "" {
			q := from[n]
			q.After = page.Next
			rest = append(rest, q)
		}
	}
	return rest, nil
}

// Redact takes a user's names, addresses and details out of the entries about the user, and the names out of those of the
// user's doing, also in other organisations. It may run again where it was interrupted.
func (s *Store) Redact(ctx context.Context, org directory.Slug, user directory.UserID) error {
	for _, q := range []engine.Query{
		{Index: byName, Partition: aboutPartition(org, user), Limit: redactBatch},
		{Index: byGiven, Partition: byPartition(org, user), Limit: redactBatch},
	} {
		if err := s.redactAll(ctx, q, user); err != nil {
			return err
		}
	}
	return nil
}

const redactBatch = 50

func (s *Store) redactAll(ctx context.Context, q engine.Query, user directory.UserID) error {
	for {
		page, err := s.engine.Query(ctx, q)
		if err != nil {
			return outward(err)
		}
		var b batch
		for _, r := range page.Records {
			if err := b.redact(r, user); err != nil {
				return err
			}
		}
		// An entry that somebody else redacts at this moment is as it should be.
		if err := s.commit(ctx, b); err != nil && !errors.Is(err, directory.ErrStale) {
			return err
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// redact adds the entry without what tells of the person, unless that is gone already.
func (b *batch) redact(r engine.Record, user directory.UserID) error {
	e, err := decodeEntry(r)
	if err != nil {
		return err
	}
	changed := false
	for _, p := range []*directory.Party{&e.Actor, &e.Subject} {
		if p.User == user && (p.Name != "" || p.Username != "") {
			p.Name, p.Username, changed = "", "", true
		}
	}
	if e.Subject.User == user {
		for _, details := range []map[string]string{e.Before, e.After} {
			changed = hide(details) || changed
		}
	}
	// Whoever is at the door unknown is most often the person who is meant.
	if own := e.Actor.User == user || e.Actor.User == "" && e.Subject.User == user; own && e.From != (directory.Origin{}) {
		e.From, changed = directory.Origin{}, true
	}
	if changed {
		place := entryPlace(e)
		place.Version = r.Version
		b.put(place, recordEntry(e), directory.ErrStale)
	}
	return nil
}

func hide(details map[string]string) (changed bool) {
	for _, field := range personal {
		if value := details[string(field)]; value != "" && value != redacted {
			details[string(field)], changed = redacted, true
		}
	}
	return changed
}
