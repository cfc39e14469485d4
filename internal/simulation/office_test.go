package simulation_test

import (
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// office is what administrators do in a day, in an authority of so many.
func (w *world) office(size int) {
	for range w.often(size, 12) {
		w.join()
	}
	for range w.often(size, 5) {
		p := w.somebody()
		w.archive(p)
		if chance(w.random, 400) {
			w.plan(between(w.random, 1, 35), func() { w.restore(p) })
		}
	}
	for range w.often(size, 5) {
		p := w.somebody()
		w.suspend(p)
		if chance(w.random, 700) {
			w.plan(between(w.random, 1, 600), func() { w.reinstate(p) })
		}
	}
	for range w.often(size, 6) {
		w.setEnd(w.somebody())
	}
	for range w.often(size, 6) {
		w.restore(w.somebody()) // which most do not need
	}
	for range w.often(size, 1) {
		w.remove(w.somebody())
	}
	if w.day()%30 == 20 {
		w.write(directory.NewsMail)
		w.write(directory.ServiceMail)
	}
}

// often draws how many times a day something happens that happens so many times in ten days among 5,000.
func (w *world) often(size, inTenDays int) int {
	n := 0
	for range 4 {
		if w.random.IntN(4*10*5000) < inTenDays*size {
			n++
		}
	}
	return n
}

// somebody is anybody but who acts.
func (w *world) somebody() *person { return w.people[1+w.random.IntN(len(w.people)-1)] }

// act notes what an administrator did, unless it could not be done: the account is gone, or it is so already.
func (w *world) act(p *person, kind string, before directory.User, err error) {
	if err == nil {
		p.did(w, kind)
		return
	}
	switch directory.CodeOf(err) {
	case "not_found", "wrong_status":
	default:
		w.Fatalf("%v: %s %s, who is %s: %v", w, kind, p.id, before.Status, err)
	}
}

// with does something to an account unless it has the status already.
func (w *world) with(p *person, kind string, to directory.Status, do func() error) {
	u, err := w.app.Store.User(w.ctx, council, p.id)
	if err != nil || u.Status == to {
		return
	}
	w.act(p, kind, u, do())
}

func (w *world) archive(p *person) {
	w.with(p, putAway, directory.Archived, func() error {
		_, err := w.app.Directory.Archive(w.ctx, w.caller(), p.id, nil)
		return err
	})
}

func (w *world) suspend(p *person) {
	w.with(p, suspended, directory.Suspended, func() error {
		_, err := w.app.Directory.Suspend(w.ctx, w.caller(), p.id, nil)
		return err
	})
}

func (w *world) reinstate(p *person) {
	w.with(p, reinstated, directory.Active, func() error {
		_, err := w.app.Directory.Reinstate(w.ctx, w.caller(), p.id, nil)
		return err
	})
}

func (w *world) restore(p *person) {
	w.with(p, restored, directory.Active, func() error {
		_, err := w.app.Directory.Restore(w.ctx, w.caller(), p.id, nil)
		return err
	})
}

func (w *world) remove(p *person) {
	if w.app.Directory.DeleteUser(w.ctx, w.caller(), p.id, nil) == nil {
		p.did(w, deleted)
		p.gone = true
	}
}

// setEnd gives an account an end date, or takes it away.
func (w *world) setEnd(p *person) {
	ends := w.now.AddDate(0, 0, between(w.random, 1, 300)).Add(time.Duration(w.random.IntN(24)) * time.Hour)
	if chance(w.random, 300) {
		ends = time.Time{}
	}
	u, err := w.app.Directory.ChangeUser(w.ctx, w.caller(), p.id, directory.UserChange{EndsAt: &ends}, nil)
	if err == nil {
		p.facts = append(p.facts, fact{at: w.now, kind: endSet, ends: u.EndsAt})
	} else if k := directory.KindOf(err); k != directory.NotFound && k != directory.Conflict {
		w.Fatalf("%v: set an end date: %v", w, err)
	}
}

// write puts a letter to some of the people into the outbox, whatever they want and whatever became of them: whether it is
// sent is decided when it is its turn.
func (w *world) write(category directory.MailCategory) {
	for i := range w.people {
		if w.random.IntN(100) > 0 {
			continue
		}
		p := w.people[i]
		m := directory.Mail{
			ID: w.app.Directory.NewID(), Org: council, OrganisationName: w.org.Name, User: p.id, ToName: "Pat", ToEmail: p.email,
			Template: directory.AnnouncementMail, Category: category, Language: "en", CreatedAt: w.now,
			Data: map[string]string{"fromName": "Ada Admin", "subject": "Figures", "message": "The figures are there.", "unsubscribeToken": "token"},
		}
		err := w.app.Store.Commit(w.ctx, directory.Change{
			Entries: []directory.Entry{{ID: w.app.Directory.NewID(), Org: council, At: w.now, Action: directory.ContactSent, Actor: directory.System}},
			Mails:   []directory.Mail{m},
		})
		if err != nil {
			w.Fatal(err)
		}
	}
}

// govern changes what the authority wants to happen by itself.
func (w *world) govern(change func(*directory.Policy)) {
	w.readOrganisation()
	p := w.org.Policy
	change(&p)
	if _, err := w.app.Directory.ChangeSettings(w.ctx, w.caller(), p, nil); err != nil {
		w.Fatal(err)
	}
	w.readOrganisation()
	w.policies = append(w.policies, policyFrom{from: w.now, policy: w.org.Policy})
}

func (w *world) readOrganisation() {
	var err error
	if w.org, err = w.app.Store.Organisation(w.ctx, council); err != nil {
		w.Fatal(err)
	}
}
