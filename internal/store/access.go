package store

import (
	"fmt"
	"math"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// writeAccess adds what is about getting in: failures, browsers, second factors, links, support sessions.
func (b *batch) writeAccess(w directory.Write) {
	switch w := w.(type) {
	case directory.PutQuota:
		b.putQuota(w.Quota)
	case directory.ListAdministrator:
		b.listAdministrator(w)
	case directory.PutFailures:
		b.putFailures(w.Failures)
	case directory.HoldFailures:
		b.add(engine.Check(failuresKey(w.Failures.Org, w.Failures.Name), w.Failures.Version), directory.ErrStale)
	case directory.SpendFailures:
		b.spendFailures(w.Failures)
	case directory.ForgetFailures:
		b.add(engine.Delete(failuresKey(w.Org, w.Name), engine.AnyVersion), nil)
	case directory.PutBrowser:
		r := engine.Record{Key: browserKey(w.Browser.Org, w.Browser.User, w.Browser.ID), Expires: w.Browser.Expires()}
		b.put(r, w.Browser, directory.ErrStale)
	case directory.PutFactors:
		r := engine.Record{Key: factorsKey(w.Factors.Org, w.Factors.User), Version: w.Factors.Version}
		w.Factors.Version = 0
		b.put(r, w.Factors, directory.ErrStale)
	case directory.RemoveFactors:
		b.add(engine.Delete(factorsKey(w.Org, w.User), engine.AnyVersion), nil)
	case directory.PutOldPasswords:
		r := engine.Record{Key: oldPasswordsKey(w.OldPasswords.Org, w.OldPasswords.User), Version: w.OldPasswords.Version}
		w.OldPasswords.Version = 0
		b.put(r, w.OldPasswords, directory.ErrStale)
	case directory.PutVisit:
		r := engine.Record{Key: visitKey(w.Visit.Org, w.Visit.ID), Version: w.Visit.Version}
		b.put(r, recordVisit(w.Visit), directory.ErrStale)
	case directory.SpendLink:
		b.add(engine.Delete(linkKey(w.Link.Org, w.Link.User), w.Link.Version), directory.ErrStale)
	case directory.PutTicket:
		b.putTicket(w.Ticket)
	case directory.SpendTicket:
		b.add(engine.Delete(ticketKey(w.Ticket.Kind, w.Ticket.ID), w.Ticket.Version), w.Otherwise)
	case directory.MoveUser:
		b.add(engine.Add(userCountKey(w.Org, w.From), -1, 0, math.MaxInt64), directory.ErrStale)
		b.add(engine.Add(userCountKey(w.Org, w.To), 1, 0, math.MaxInt64), directory.ErrStale)
	case directory.PutDecoy:
		b.putDecoy(w.Mail)
	default:
		b.errs = append(b.errs, fmt.Errorf("the store cannot write a %T", w))
	}
}

func (b *batch) putQuota(q directory.Quota) {
	r := engine.Record{Key: quotaKey(q.QuotaKey), Version: q.Version, Expires: q.Until}
	q.Version = 0
	b.put(r, q, directory.ErrStale)
}

func (b *batch) listAdministrator(w directory.ListAdministrator) {
	k := administratorKey(w.Org, w.User)
	if !w.Listed {
		b.add(engine.Delete(k, engine.AnyVersion), nil)
		return
	}
	body, err := encode(holder{User: w.User})
	if err != nil {
		b.errs = append(b.errs, err)
		return
	}
	b.add(engine.Set(engine.Record{Key: k, Body: body}), nil)
}

func (b *batch) putFailures(f directory.Failures) {
	r := engine.Record{Key: failuresKey(f.Org, f.Name), Version: f.Version, Expires: f.Expires}
	f.Version = 0
	b.put(r, f, directory.ErrStale)
}

// spendFailures forgets failures that nobody added to in between.
func (b *batch) spendFailures(f directory.Failures) {
	k := failuresKey(f.Org, f.Name)
	if f.Version == 0 {
		b.add(engine.Check(k, 0), directory.ErrStale)
		return
	}
	b.add(engine.Delete(k, f.Version), directory.ErrStale)
}

func (b *batch) putLink(l directory.PasswordLink) {
	r := engine.Record{Key: linkKey(l.Org, l.User), Version: l.Version, Expires: l.Until}
	l.Version = 0
	b.put(r, l, directory.ErrStale)
}

func (b *batch) putTicket(t directory.Ticket) {
	r := engine.Record{Key: ticketKey(t.Kind, t.ID), Version: t.Version, Expires: t.Until}
	t.Version = 0
	b.put(r, t, directory.ErrStale)
}

// putDecoy writes a mail that nobody waits for: it is never listed as unsent, and goes with the others of its age.
func (b *batch) putDecoy(m directory.Mail) {
	m.Refused = "nobody has this name"
	b.put(mailRecord(m), m, directory.ErrStale)
}
