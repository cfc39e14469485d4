package store

import (
	"context"
	"errors"

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
