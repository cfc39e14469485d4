package directory

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/lifecycle"
)

const (
	// digestShown is how many accounts a section names, digestBytes how long that may be, so that the mails of all
	// administrators fit into one Commit. How many there are is said in any case.
	digestShown = 50
	digestBytes = 4000
	// digestUsers bounds how many are found and counted who are inactive, digestLooked and digestArchived how many are looked
	// at for undeliverable ones, and of archived ones, digestTrail how much of the audit trail; each in pages.
	digestUsers    = 1000 / usersPage
	digestLooked   = 15
	digestArchived = 10_000 / usersPage
	digestTrail    = 30
	// purgeAhead is how many days ahead of a deletion it is told.
	purgeAhead = 30
)

// week is what a digest tells, by the names that the mail has for its sections.
type week struct {
	org      Organisation
	now      time.Time
	sections map[string]*section
}

// section lists accounts in the order in which they are shown.
type section struct {
	people  []mentioned
	partial bool // there may be more
}

// mentioned is an account in a section.
type mentioned struct {
	name, username string
	at             time.Time // of what is told; zero: never
	text           string    // told in the place of a day
}

func mention(u User, at time.Time) mentioned {
	return mentioned{name: u.Name(), username: u.Username, at: at}
}

// happenings are the actions that a digest tells of, and in which section.
var happenings = map[Action]string{
	UserWarned: "warned", UserArchived: "archived", UserRestored: "restored", SignInBarred: "locked",
}

// gather finds out what there is to tell at a time, and since another where it is about what happened.
func (d *Directory) gather(ctx context.Context, o Organisation, since, now time.Time) (*week, error) {
	w := &week{org: o, now: now, sections: map[string]*section{}}
	for _, part := range []func(context.Context, *Directory) error{
		w.inactive, w.purged, w.undeliverable, func(ctx context.Context, d *Directory) error { return w.happened(ctx, d, since) },
	} {
		if err := part(ctx, d); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *week) quiet() bool { return len(w.sections) == 0 }

// add puts somebody at the end of a section.
func (w *week) add(name string, m mentioned) {
	if w.sections[name] == nil {
		w.sections[name] = &section{}
	}
	w.sections[name].people = append(w.sections[name].people, m)
}

// partly says that a section, if there is one, may not have all there are.
func (w *week) partly(name string, partial bool) {
	if s := w.sections[name]; s != nil {
		s.partial = partial
	}
}

// inactive finds whoever did not sign in for so many months, the longest first. The index of last sign-ins has them at its
// beginning.
func (w *week) inactive(ctx context.Context, d *Directory) error {
	months := w.org.Policy.digest().InactiveMonths
	if months == 0 {
		return nil
	}
	q := UserQuery{Org: w.org.Slug, SeenBefore: w.org.MonthsAgo(w.now, months), Sort: SortLastSignIn}
	partial, err := d.everyUser(ctx, q, digestUsers, func(u User) { w.add("inactive", mention(u, u.LastSignInAt)) })
	w.partly("inactive", partial)
	return err
}

// purged finds whom the sweep will delete soon, the next one first.
func (w *week) purged(ctx context.Context, d *Directory) error {
	p := w.org.Policy.Lifecycle
	if p.KeepDays == 0 && p.PurgeMonths == 0 {
		return nil
	}
	until := w.now.AddDate(0, 0, purgeAhead)
	q := UserQuery{Org: w.org.Slug, Status: Archived, Sort: SortLastSignIn}
	partial, err := d.everyUser(ctx, q, digestArchived, func(u User) {
		for _, step := range lifecycle.Ahead(u.life(), p, p.Location(), w.now, until) {
			w.add("purged", mention(u, step.At))
		}
	})
	if s := w.sections["purged"]; s != nil {
		slices.SortStableFunc(s.people, func(a, b mentioned) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.name, b.name)) })
	}
	w.partly("purged", partial)
	return err
}

// undeliverable finds whose address is not written to.
func (w *week) undeliverable(ctx context.Context, d *Directory) error {
	q := UserQuery{Org: w.org.Slug, Undeliverable: true, Sort: SortFamilyName}
	partial, err := d.everyUser(ctx, q, digestLooked, func(u User) {
		w.add("undeliverable", mentioned{name: u.Name(), username: u.Username, text: u.Email})
	})
	w.partly("undeliverable", partial)
	return err
}

// happened finds in the audit trail what the week brought, the latest first.
func (w *week) happened(ctx context.Context, d *Directory, since time.Time) error {
	q := TrailQuery{Org: w.org.Slug, From: since, To: w.now, Limit: usersPage}
	for action := range happenings {
		q.Among = append(q.Among, action)
	}
	told := map[string]bool{}
	for range digestTrail {
		page, err := d.Store.Trail(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			w.event(e, told)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
	for _, name := range happenings {
		w.partly(name, true)
	}
	return nil
}

// event tells of a line of the audit trail, each account once a section. Attempts at a name that nobody has are about
// nobody, and whoever was deleted since may have no name any more.
func (w *week) event(e Entry, told map[string]bool) {
	s, name := e.Subject, happenings[e.Action]
	once := name + " " + string(s.User)
	if s.Org != w.org.Slug || s.User == "" || s.Name == "" || told[once] {
		return
	}
	told[once] = true
	w.add(name, mentioned{name: s.Name, username: s.Username, at: e.At})
}

// fill puts what there is to tell into a mail.
func (w *week) fill(m *Mail) {
	m.Category = ServiceMail // not about the recipient's account, so nobody to ask is named
	m.Data["months"] = strconv.Itoa(w.org.Policy.digest().InactiveMonths)
	in := w.org.Policy.Lifecycle.Location()
	for name, s := range w.sections {
		lines := s.lines(m.Language, in)
		m.Data[name] = strings.Join(lines, "\n")
		switch {
		case s.partial:
			m.Data[name+"Count"] = strconv.Itoa(len(s.people)) + "+"
		case len(lines) < len(s.people):
			m.Data[name+"Count"] = strconv.Itoa(len(s.people))
		}
	}
}

// lines are as many as are shown, and at least one.
func (s *section) lines(language string, in *time.Location) []string {
	var lines []string
	for size := 0; len(lines) < min(len(s.people), digestShown); {
		line := s.people[len(lines)].line(language, in)
		if size += len(line) + 1; size > digestBytes && len(lines) > 0 {
			break
		}
		lines = append(lines, line)
	}
	return lines
}

func (m mentioned) line(language string, in *time.Location) string {
	text := m.text
	switch {
	case text != "":
	case m.at.IsZero():
		text = neverText(language)
	default:
		text = dayText(m.at.In(in), language)
	}
	return strings.ReplaceAll(m.name+", "+m.username+", "+text, "\n", " ")
}
