package store

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// Presence reads the session, its user, the organisation and the users asked about in one Get, with what is read ahead.
func (s *Store) Presence(ctx context.Context, q directory.PresenceQuery) (directory.Presence, error) {
	keys := []engine.Key{organisationKey(q.Org), userKey(q.Home, q.User), sessionKey(q.Home, q.User, q.Session)}
	for _, id := range q.About {
		if id.Valid() {
			keys = append(keys, userKey(q.Org, id))
		}
	}
	guard := directory.User{ID: q.User}.Guard()
	if q.Failures {
		keys = append(keys, failuresKey(q.Home, guard))
	}
	records, err := s.readWith(ctx, keys, q.Ahead)
	if err != nil {
		return directory.Presence{}, err
	}
	var failures directory.Failures
	if last := len(records) - 1; q.Failures {
		if failures, err = decodeFailures(records[last], q.Home, guard); err != nil {
			return directory.Presence{}, err
		}
		records = records[:last]
	}
	p, err := presence(records, q.About)
	p.Failures = failures
	return p, err
}

func presence(records []engine.Record, about []directory.UserID) (directory.Presence, error) {
	p := directory.Presence{About: map[directory.UserID]directory.User{}}
	for _, id := range about { // asked for, whether it is there or not
		p.About[id] = directory.User{}
	}
	var errs [4]error
	if r := records[0]; r.Exists() {
		p.Organisation, errs[0] = decodeOrganisation(r)
	}
	if r := records[1]; r.Exists() {
		p.User, errs[1] = decodeUser(r)
	}
	if r := records[2]; r.Exists() {
		p.Session, errs[2] = decodeSession(r)
	}
	for _, r := range records[3:] {
		if !r.Exists() {
			continue
		}
		u, err := decodeUser(r)
		p.About[u.ID] = u
		errs[3] = errors.Join(errs[3], err)
	}
	return p, errors.Join(errs[:]...)
}

// holder is the record of who has a username.
type holder struct{ User directory.UserID }

// Door reads the organisation and the holder of a username in one Get.
func (s *Store) Door(ctx context.Context, org directory.Slug, username string) (directory.Door, error) {
	records, err := s.get(ctx, organisationKey(org), nameKey(org, username))
	if err != nil {
		return directory.Door{}, err
	}
	if !records[0].Exists() {
		return directory.Door{}, directory.ErrNotFound
	}
	var h holder
	o, err := decodeOrganisation(records[0])
	if records[1].Exists() {
		err = errors.Join(err, decode(records[1], &h))
	}
	return directory.Door{Organisation: o, Holder: h.User}, err
}

// Organisation reads one organisation.
func (s *Store) Organisation(ctx context.Context, org directory.Slug) (directory.Organisation, error) {
	records, err := s.get(ctx, organisationKey(org))
	if err != nil {
		return directory.Organisation{}, err
	}
	if !records[0].Exists() {
		return directory.Organisation{}, directory.ErrNotFound
	}
	return decodeOrganisation(records[0])
}

// User reads one user.
func (s *Store) User(ctx context.Context, org directory.Slug, id directory.UserID) (directory.User, error) {
	var kept userRecord
	version, err := s.one(ctx, userKey(org, id), &kept)
	return kept.user(version), err
}

// UsersNamed reads users, 100 in a Get and all at once.
func (s *Store) UsersNamed(ctx context.Context, org directory.Slug, ids []directory.UserID) ([]directory.User, error) {
	parts := slices.Collect(slices.Chunk(ids, engine.MaxKeys))
	found := make([][]engine.Record, len(parts))
	group, ctx := errgroup.WithContext(ctx)
	for i, part := range parts {
		group.Go(func() (err error) {
			var keys []engine.Key
			for _, id := range part {
				if id.Valid() {
					keys = append(keys, userKey(org, id))
				}
			}
			found[i], err = s.get(ctx, keys...)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return usersOf(slices.Concat(found...))
}

// Holders reads how many active holders each role has.
func (s *Store) Holders(ctx context.Context, org directory.Slug, roles []directory.RoleID) (map[directory.RoleID]int64, error) {
	keys := make([]engine.Key, len(roles))
	for i, r := range roles {
		keys[i] = holdersKey(org, r)
	}
	records, err := s.get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	counts := map[directory.RoleID]int64{}
	for i, r := range roles {
		counts[r] = records[i].Count
	}
	return counts, nil
}

// Agreement reads one version of the conditions of use.
func (s *Store) Agreement(ctx context.Context, org directory.Slug, version int) (directory.Agreement, error) {
	var a directory.Agreement
	_, err := s.one(ctx, agreementKey(org, version), &a)
	return a, err
}

// Agreements lists versions of the conditions of use, newest first; the cursor is the last one of the page before.
func (s *Store) Agreements(ctx context.Context, org directory.Slug, limit int, cursor string) (directory.AgreementPage, error) {
	below := maxAgreements + 1
	if cursor != "" {
		var err error
		if below, err = strconv.Atoi(cursor); err != nil || below < 1 || below > maxAgreements {
			return directory.AgreementPage{}, errCursor
		}
	}
	from, to := agreementKey(org, 0), agreementKey(org, below-1)
	records, err := s.some(ctx, engine.Query{
		Partition: from.Partition, From: from.Sort, To: to.Sort, Backwards: true, Limit: limit + 1,
	})
	if err != nil {
		return directory.AgreementPage{}, err
	}
	page := directory.AgreementPage{Versions: make([]directory.Agreement, min(limit, len(records)))}
	for i := range page.Versions {
		if err := decode(records[i], &page.Versions[i]); err != nil {
			return directory.AgreementPage{}, err
		}
	}
	if len(records) > limit {
		page.Next = strconv.Itoa(page.Versions[limit-1].Version)
	}
	return page, nil
}

// Receipt reads what an idempotency key was used for.
func (s *Store) Receipt(ctx context.Context, id directory.ReceiptID) (directory.Receipt, error) {
	var r directory.Receipt
	version, err := s.one(ctx, receiptKey(id), &r)
	r.Version = version
	return r, err
}

// Intents lists credential changes begun before the given moment, oldest first.
func (s *Store) Intents(ctx context.Context, before time.Time, limit int) ([]directory.Intent, error) {
	records, err := s.some(ctx, engine.Query{Partition: "intents", To: stamp(before), Limit: limit})
	if err != nil {
		return nil, err
	}
	intents := make([]directory.Intent, len(records))
	for i, r := range records {
		if err := decode(r, &intents[i]); err != nil {
			return nil, err
		}
	}
	return intents, nil
}

// some reads the first q.Limit records of a range, over as many pages as the engine makes of them.
func (s *Store) some(ctx context.Context, q engine.Query) ([]engine.Record, error) {
	var records []engine.Record
	limit := q.Limit
	for {
		q.Limit = min(limit-len(records), engine.MaxLimit)
		page, err := s.engine.Query(ctx, q)
		if err != nil {
			return nil, outward(err)
		}
		records = append(records, page.Records...)
		if page.Next == "" || len(records) >= limit {
			return records, nil
		}
		q.After = page.Next
	}
}
