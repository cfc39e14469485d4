package store

import (
	"context"
	"errors"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// Presence reads the session, its user, the organisation and the users asked about in one Get.
func (s *Store) Presence(
	ctx context.Context, org directory.Slug, user directory.UserID, session directory.SessionID, about ...directory.UserID,
) (directory.Presence, error) {
	keys := []engine.Key{organisationKey(org), userKey(org, user), sessionKey(org, user, session)}
	for _, id := range about {
		if id.Valid() {
			keys = append(keys, userKey(org, id))
		}
	}
	records, err := s.get(ctx, keys...)
	if err != nil {
		return directory.Presence{}, err
	}
	return presence(records, about)
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
	o, err := decodeOrganisation(records[0])
	if err != nil || !records[1].Exists() {
		return directory.Door{Organisation: o}, err
	}
	var h holder
	err = decode(records[1], &h)
	return directory.Door{Organisation: o, Holder: h.User}, err
}

// Organisation reads one organisation.
func (s *Store) Organisation(ctx context.Context, org directory.Slug) (directory.Organisation, error) {
	var o directory.Organisation
	version, err := s.one(ctx, organisationKey(org), &o)
	o.Version = version
	return o, err
}

// User reads one user.
func (s *Store) User(ctx context.Context, org directory.Slug, id directory.UserID) (directory.User, error) {
	var kept userRecord
	version, err := s.one(ctx, userKey(org, id), &kept)
	return kept.user(version), err
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

// Looks reads what a user has looked up lately.
func (s *Store) Looks(ctx context.Context, org directory.Slug, user directory.UserID) (directory.Looks, error) {
	looks := directory.Looks{Org: org, User: user}
	version, err := s.one(ctx, looksKey(org, user), &looks)
	if errors.Is(err, directory.ErrNotFound) {
		return looks, nil
	}
	looks.Version = version
	return looks, err
}

// Agreement reads one version of the conditions of use.
func (s *Store) Agreement(ctx context.Context, org directory.Slug, version int) (directory.Agreement, error) {
	var a directory.Agreement
	_, err := s.one(ctx, agreementKey(org, version), &a)
	return a, err
}

// Receipt reads what an idempotency key was used for.
func (s *Store) Receipt(ctx context.Context, id directory.ReceiptID) (directory.Receipt, error) {
	var r directory.Receipt
	version, err := s.one(ctx, receiptKey(id), &r)
	r.Version = version
	return r, err
}

// Entries reads the newest lines of an organisation's audit trail, newest first, or of those about one user.
func (s *Store) Entries(ctx context.Context, org directory.Slug, about directory.UserID, limit int) ([]directory.Entry, error) {
	q := engine.Query{Partition: auditPartition(org), Backwards: true, Limit: limit}
	if about != "" {
		q.Index, q.Partition = byName, aboutPartition(org, about)
	}
	records, err := s.some(ctx, q)
	if err != nil {
		return nil, err
	}
	entries := make([]directory.Entry, len(records))
	for i, r := range records {
		var kept entryRecord
		if err := decode(r, &kept); err != nil {
			return nil, err
		}
		entries[i] = kept.entry()
	}
	return entries, nil
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
