package store

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

func decodeFailures(r engine.Record, org directory.Slug, guard string) (directory.Failures, error) {
	f := directory.Failures{Org: org, Name: guard}
	if !r.Exists() {
		return f, nil
	}
	err := decode(r, &f)
	f.Version = r.Version
	return f, err
}

// Acquaintance reads a user, a browser of the user's and failures in one Get.
func (s *Store) Acquaintance(
	ctx context.Context, org directory.Slug, user directory.UserID, browser directory.SessionID, guard string,
) (u directory.User, b directory.Browser, f directory.Failures, err error) {
	records, err := s.get(ctx, userKey(org, user), browserKey(org, user, browser), failuresKey(org, guard))
	if err != nil {
		return u, b, f, err
	}
	if records[0].Exists() {
		u, err = decodeUser(records[0])
	}
	if records[1].Exists() {
		err = errors.Join(err, decode(records[1], &b))
		b.Version = records[1].Version
	}
	f, failed := decodeFailures(records[2], org, guard)
	return u, b, f, errors.Join(err, failed)
}

// Failures reads what is counted under a guard.
func (s *Store) Failures(ctx context.Context, org directory.Slug, guard string) (directory.Failures, error) {
	records, err := s.get(ctx, failuresKey(org, guard))
	if err != nil {
		return directory.Failures{}, err
	}
	return decodeFailures(records[0], org, guard)
}

// Proofs reads a user's second factors and the failures under a guard in one Get.
func (s *Store) Proofs(
	ctx context.Context, org directory.Slug, user directory.UserID, guard string,
) (directory.Factors, directory.Failures, error) {
	records, err := s.get(ctx, factorsKey(org, user), failuresKey(org, guard))
	if err != nil {
		return directory.Factors{}, directory.Failures{}, err
	}
	factors := directory.Factors{Org: org, User: user}
	if records[0].Exists() {
		err = decode(records[0], &factors)
		factors.Version = records[0].Version
	}
	failures, failed := decodeFailures(records[1], org, guard)
	return factors, failures, errors.Join(err, failed)
}

// maxSessions bounds the sessions of one user that are read; they are dropped when their absolute limit is over.
const maxSessions = 500

// Sessions reads a user's sessions.
func (s *Store) Sessions(ctx context.Context, org directory.Slug, user directory.UserID) ([]directory.Session, error) {
	from, to := engine.Prefix(Join("session", ""))
	records, err := s.some(ctx, engine.Query{Partition: userPartition(org, user), From: from, To: to, Limit: maxSessions})
	if err != nil {
		return nil, err
	}
	sessions := make([]directory.Session, len(records))
	for i, r := range records {
		if sessions[i], err = decodeSession(r); err != nil {
			return nil, err
		}
	}
	return sessions, nil
}

// LinkAt reads an organisation, a user and the user's password link in one Get.
func (s *Store) LinkAt(
	ctx context.Context, org directory.Slug, user directory.UserID,
) (o directory.Organisation, u directory.User, l directory.PasswordLink, err error) {
	records, err := s.get(ctx, organisationKey(org), userKey(org, user), linkKey(org, user))
	if err != nil {
		return o, u, l, err
	}
	var errs [3]error
	if records[0].Exists() {
		o, errs[0] = decodeOrganisation(records[0])
	}
	if records[1].Exists() {
		u, errs[1] = decodeUser(records[1])
	}
	if records[2].Exists() {
		errs[2] = decode(records[2], &l)
		l.Version = records[2].Version
	}
	return o, u, l, errors.Join(errs[:]...)
}

// PutLink replaces a user's password link.
func (s *Store) PutLink(ctx context.Context, l directory.PasswordLink) error {
	var b batch
	b.putLink(l)
	return s.commit(ctx, b)
}

// Ticket reads a ticket.
func (s *Store) Ticket(ctx context.Context, kind directory.TicketKind, id string) (directory.Ticket, error) {
	var t directory.Ticket
	version, err := s.one(ctx, ticketKey(kind, id), &t)
	t.Version = version
	return t, err
}

// PutTicket keeps a ticket.
func (s *Store) PutTicket(ctx context.Context, t directory.Ticket) error {
	var b batch
	b.putTicket(t)
	return s.commit(ctx, b)
}

// SpendTicket deletes a ticket, once.
func (s *Store) SpendTicket(ctx context.Context, t directory.Ticket) error {
	var b batch
	b.add(engine.Delete(ticketKey(t.Kind, t.ID), t.Version), directory.ErrStale)
	return s.commit(ctx, b)
}

// OldPasswords reads the hashes of a user's earlier passwords.
func (s *Store) OldPasswords(ctx context.Context, org directory.Slug, user directory.UserID) (directory.OldPasswords, error) {
	var o directory.OldPasswords
	version, err := s.one(ctx, oldPasswordsKey(org, user), &o)
	if errors.Is(err, directory.ErrNotFound) {
		return directory.OldPasswords{}, nil
	}
	o.Version = version
	return o, err
}

// Administrators reads who is listed, and then the users: names and addresses are those of now.
func (s *Store) Administrators(ctx context.Context, org directory.Slug) ([]directory.User, error) {
	listed, err := s.administrators(ctx, org)
	if err != nil || len(listed) == 0 {
		return nil, err
	}
	keys := make([]engine.Key, len(listed))
	for i, r := range listed {
		var h holder
		if err := decode(r, &h); err != nil {
			return nil, err
		}
		keys[i] = userKey(org, h.User)
	}
	records, err := s.get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	return usersOf(records)
}

// administrators reads who is listed, unless that was read ahead.
func (s *Store) administrators(ctx context.Context, org directory.Slug) ([]engine.Record, error) {
	if pages := aheadOf(ctx).takeList(directory.NeedAdministrators{Org: org}); len(pages) > 0 {
		return pages[0].Records, nil
	}
	return s.some(ctx, administratorList(org))
}

func administratorList(org directory.Slug) engine.Query {
	from, to := engine.Prefix(Join("administrator", ""))
	return engine.Query{Partition: organisationKey(org).Partition, From: from, To: to, Limit: directory.MaxAdministrators}
}

// usersOf decodes the records that are there.
func usersOf(records []engine.Record) ([]directory.User, error) {
	var users []directory.User
	for _, r := range records {
		if !r.Exists() {
			continue
		}
		u, err := decodeUser(r)
		if err != nil {
			return nil, err
		}
		users = append(users, u)
	}
	return users, nil
}

// maxSharing bounds the users of one address that are read.
const maxSharing = 10

// UsersByEmail reads the users with exactly this address.
func (s *Store) UsersByEmail(ctx context.Context, org directory.Slug, email string) ([]directory.User, error) {
	by := orders[directory.SortEmail]
	from, to := engine.Prefix(s.sortable(by.text(s, directory.User{Email: email})) + "\x1f")
	lists := [...]directory.Status{directory.Active, directory.Archived}
	var found [len(lists)][]engine.Record
	group, ctx := errgroup.WithContext(ctx)
	for i, status := range lists {
		group.Go(func() (err error) {
			found[i], err = s.some(ctx, engine.Query{
				Index: by.index, Partition: listPartition(org, status), From: from, To: to, Limit: maxSharing,
			})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return usersOf(slices.Concat(found[:]...))
}

// Quotas reads counts in one Get.
func (s *Store) Quotas(ctx context.Context, keys ...directory.QuotaKey) ([]directory.Quota, error) {
	wanted := make([]engine.Key, len(keys))
	for i, k := range keys {
		wanted[i] = quotaKey(k)
	}
	records, err := s.get(ctx, wanted...)
	if err != nil {
		return nil, err
	}
	quotas := make([]directory.Quota, len(keys))
	for i, r := range records {
		quotas[i].QuotaKey = keys[i]
		if !r.Exists() {
			continue
		}
		if err := decode(r, &quotas[i]); err != nil {
			return nil, err
		}
		quotas[i].Version = r.Version
	}
	return quotas, nil
}

// Acceptances lists what a user accepted, the newest version first.
func (s *Store) Acceptances(ctx context.Context, org directory.Slug, user directory.UserID) ([]directory.Acceptance, error) {
	from, to := engine.Prefix(Join("acceptance", ""))
	records, err := s.some(ctx, engine.Query{
		Partition: userPartition(org, user), From: from, To: to, Backwards: true, Limit: engine.MaxLimit,
	})
	if err != nil {
		return nil, err
	}
	accepted := make([]directory.Acceptance, len(records))
	for i, r := range records {
		if err := decode(r, &accepted[i]); err != nil {
			return nil, err
		}
	}
	return accepted, nil
}
