package store

import (
	"context"
	"errors"
	"math"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// batch gathers the ops of one Commit, each with what it means when its condition does not hold.
type batch struct {
	ops   []engine.Op
	means []error
	errs  []error
}

func (b *batch) add(op engine.Op, means error) {
	b.ops = append(b.ops, op)
	b.means = append(b.means, means)
}

// put adds a record made of value, expecting the version it was read at; 0 expects that there is none.
func (b *batch) put(r engine.Record, value any, means error) {
	body, err := encode(value)
	if err != nil {
		b.errs = append(b.errs, err)
		return
	}
	r.Body = body
	b.add(engine.Put(r), means)
}

// Commit stores a change, all of it or nothing.
func (s *Store) Commit(ctx context.Context, c directory.Change) error {
	if len(c.Entries) == 0 {
		return errors.New("a change without an entry in the audit trail")
	}
	var b batch
	for _, w := range c.Writes {
		s.write(&b, w)
	}
	for _, e := range c.Entries {
		b.put(entryPlace(e), recordEntry(e), errors.New("two audit entries with one id"))
	}
	for _, m := range c.Mails {
		b.putMail(m)
	}
	if c.Receipt != nil {
		b.putReceipt(*c.Receipt)
	}
	erased := b.eraseKept(ctx, c.Writes)
	if err := s.commit(ctx, b); err != nil {
		return err
	}
	aheadOf(ctx).noteErased(erased)
	return nil
}

// commit stores a batch. What the request read ahead before counts no longer.
func (s *Store) commit(ctx context.Context, b batch) error {
	aheadOf(ctx).forget()
	return s.send(ctx, b)
}

func (s *Store) send(ctx context.Context, b batch) error {
	if err := errors.Join(b.errs...); err != nil {
		return err
	}
	err := s.engine.Commit(ctx, b.ops...)
	var failed *engine.ConditionError
	if !errors.As(err, &failed) {
		return outward(err)
	}
	return b.meaning(failed.Failed)
}

// meaning picks, of the conditions that did not hold, the one that says most: something is taken, before it is stale.
func (b *batch) meaning(failed []int) error {
	for _, i := range failed {
		if !errors.Is(b.means[i], directory.ErrStale) {
			return b.means[i]
		}
	}
	return directory.ErrStale
}

func (s *Store) write(b *batch, w directory.Write) {
	switch w := w.(type) {
	case directory.PutOrganisation:
		s.putOrganisation(b, w.Organisation)
	case directory.CloseOrganisation:
		b.closeOrganisation(w.Closed)
	case directory.ReopenOrganisation:
		s.reopenOrganisation(b, w.Closed)
	case directory.PutClosed:
		b.putClosed(w.Closed)
	case directory.PutUser:
		s.putUser(b, w.User)
	case directory.CountHolders:
		b.add(engine.Add(holdersKey(w.Org, w.Role), w.Delta, w.Min, w.Max), w.Otherwise)
	case directory.RemoveUser:
		s.removeUser(b, w)
	case directory.PutSession:
		b.putSession(w.Session)
	case directory.EndSession:
		b.add(engine.Delete(sessionKey(w.Session.Org, w.Session.User, w.Session.ID), engine.AnyVersion), nil)
	case directory.PutAgreement:
		a := w.Agreement
		b.put(engine.Record{Key: agreementKey(a.Org, a.Version)}, a, directory.ErrStale)
	case directory.PutAcceptance:
		b.put(engine.Record{Key: acceptanceKey(w.Acceptance)}, w.Acceptance, directory.ErrStale)
	case directory.PutSchool:
		s.putSchool(b, w)
	case directory.RemoveSchool:
		b.add(engine.Delete(schoolKey(w.School.Org, w.Book, w.School.ID), w.School.Version), directory.ErrStale)
	case directory.PutSchoolGroup:
		b.putGroup(w)
	case directory.RemoveSchoolGroup:
		b.add(engine.Delete(groupKey(w.Group.Org, w.Book, w.Group.ID), w.Group.Version), directory.ErrStale)
	case directory.PutAssignments:
		b.putAssignments(w.Assignments)
	case directory.PutAnnouncement:
		b.putAnnouncement(w.Announcement)
	case directory.OpenIntent:
		b.put(engine.Record{Key: intentKey(w.Intent)}, w.Intent, directory.ErrStale)
	case directory.CloseIntent:
		b.add(engine.Delete(intentKey(w.Intent), engine.AnyVersion), nil)
	default:
		b.writeAccess(w)
	}
}

// putOrganisation demands of a new one that its slug was never given to another.
func (s *Store) putOrganisation(b *batch, o directory.Organisation) {
	if o.Version == 0 {
		b.add(engine.Check(closedKey(o.Slug), 0), directory.ErrSlugTaken)
	}
	s.restoreOrganisation(b, o)
}

func (s *Store) restoreOrganisation(b *batch, o directory.Organisation) {
	means := error(directory.ErrStale)
	if o.Version == 0 {
		means = directory.ErrSlugTaken
	}
	r := engine.Record{
		Key: organisationKey(o.Slug), Version: o.Version,
		Index: map[engine.Index]engine.Position{byName: {Partition: "organisations", Sort: string(o.Slug)}},
	}
	if o.Policy.Directory.Open {
		r.Index[byGiven] = engine.Position{Partition: openPartition(o.Preset), Sort: s.sortName(o)}
	}
	if o.Replan {
		r.Index[byDue] = engine.Position{Partition: "replan", Sort: string(o.Slug)}
	}
	o.Version = 0
	b.put(r, o, means)
}

func (s *Store) putUser(b *batch, u directory.User) {
	if u.Version == 0 {
		b.put(engine.Record{Key: nameKey(u.Org, u.Username)}, holder{User: u.ID}, directory.ErrUsernameTaken)
		b.add(engine.Add(userCountKey(u.Org, u.Status), 1, 0, math.MaxInt64), nil)
	}
	r := engine.Record{Key: userKey(u.Org, u.ID), Version: u.Version, Index: s.positions(u)}
	b.put(r, recordUser(u), directory.ErrStale)
}

func (s *Store) removeUser(b *batch, w directory.RemoveUser) {
	u := w.User
	b.add(engine.Delete(userKey(u.Org, u.ID), u.Version), directory.ErrStale)
	b.add(engine.Add(userCountKey(u.Org, u.Status), -1, 0, math.MaxInt64), directory.ErrStale)
	for _, k := range []engine.Key{
		assignmentsKey(u.Org, u.ID), factorsKey(u.Org, u.ID), linkKey(u.Org, u.ID), oldPasswordsKey(u.Org, u.ID),
	} {
		b.add(engine.Delete(k, engine.AnyVersion), nil)
	}
	if !w.KeepName {
		b.add(engine.Delete(nameKey(u.Org, u.Username), engine.AnyVersion), nil)
		return
	}
	body, err := encode(holder{User: u.ID})
	if err != nil {
		b.errs = append(b.errs, err)
		return
	}
	former := engine.Record{
		Key: nameKey(u.Org, u.Username), Body: body,
		Index: map[engine.Index]engine.Position{byName: {Partition: formerNames(u.Org), Sort: directory.FoldName(u.Username)}},
	}
	b.add(engine.Set(former), nil)
}

func (b *batch) putSession(s directory.Session) {
	r := engine.Record{Key: sessionKey(s.Org, s.User, s.ID), Version: s.Version, Expires: s.EndsAt}
	b.put(r, recordSession(s), directory.ErrStale)
}

func (b *batch) putReceipt(r directory.Receipt) {
	record := engine.Record{Key: receiptKey(r.ReceiptID), Version: r.Version, Expires: r.Until}
	r.Version = 0
	b.put(record, r, directory.ErrReceiptTaken)
}

// Touch stores the last use of a session. It may run beside what the session is used for.
func (s *Store) Touch(ctx context.Context, session directory.Session) error {
	var b batch
	b.putSession(session)
	return s.send(engine.Beside(ctx), b)
}

// Begin notes a credential change that is about to be made, with what it hangs on. Nothing of it is read again by the request,
// so that what was read ahead stays good.
func (s *Store) Begin(ctx context.Context, i directory.Intent, on ...directory.Write) error {
	var b batch
	b.put(engine.Record{Key: intentKey(i)}, i, directory.ErrStale)
	for _, w := range on {
		s.write(&b, w)
	}
	return s.send(ctx, b)
}

// Abandon forgets an intent, and puts a link back.
func (s *Store) Abandon(ctx context.Context, i directory.Intent, l *directory.PasswordLink) error {
	var b batch
	b.add(engine.Delete(intentKey(i), engine.AnyVersion), nil)
	if l != nil {
		back := *l
		back.Version = 0
		b.putLink(back)
	}
	return s.commit(ctx, b)
}

// entryPlace lists an entry in the organisation's trail, under the user it is about, and under whoever else did it.
func entryPlace(e directory.Entry) engine.Record {
	r := engine.Record{Key: entryKey(e)}
	if e.Subject.User != "" {
		r.Index = map[engine.Index]engine.Position{byName: {Partition: aboutPartition(e.Org, e.Subject.User), Sort: e.ID}}
	}
	if e.Actor.User != "" && e.Actor.User != e.Subject.User {
		if r.Index == nil {
			r.Index = map[engine.Index]engine.Position{}
		}
		r.Index[byGiven] = engine.Position{Partition: byPartition(e.Actor.Org, e.Actor.User), Sort: e.ID}
	}
	return r
}
