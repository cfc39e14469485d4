package simulation_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// policyFrom is a policy and when it began to hold.
type policyFrom struct {
	from   time.Time
	policy directory.Policy
}

// life is an account as the model sees it: only from what people did and from what the trail and the outbox say the service did.
type life struct {
	status   string // "active", "suspended", "archived", "gone"
	active   date   // of the last activity
	warnings int    // since then
	warned   date
	grace    date // of the restore or the reinstatement
	ends     time.Time
	archived date
	idle     bool // it was archived for inactivity
	purged   bool
	noNews   bool
	since    time.Time // when it became so
}

// event is something in the life of an account.
type event struct {
	at     time.Time
	kind   string
	fact   fact
	number int
	letter directory.Mail
}

// What the service does, and that a letter goes out.
const (
	warned   = "warned"
	archived = "archived for inactivity"
	ended    = "archived on the end date"
	purged   = "purged"
	sent     = "letter sent"
)

// model holds the lives against the rules.
type model struct {
	*world
	events  map[directory.UserID][]event
	entries map[directory.UserID]int // of the trail, about or by
	signIns map[directory.UserID]int
	purges  map[time.Time][]directory.UserID
	letters map[string]int // by user, template, moment and number
	lives   map[directory.UserID]*life
	counts  map[string]int
	faults  []string
}

func (m *model) fault(p *person, at time.Time, format string, args ...any) {
	if len(m.faults) < 40 {
		m.faults = append(m.faults, fmt.Sprintf("%s %s (%s): ", at.Format(time.DateTime), p.family, p.id)+fmt.Sprintf(format, args...))
	}
}

// judge reads trail and outbox, and replays every life.
func (w *world) judge() *model {
	m := &model{
		world: w, events: map[directory.UserID][]event{}, entries: map[directory.UserID]int{}, signIns: map[directory.UserID]int{},
		purges: map[time.Time][]directory.UserID{}, letters: map[string]int{}, lives: map[directory.UserID]*life{}, counts: map[string]int{},
	}
	for _, l := range w.letters {
		m.read(l)
	}
	entries := w.trail()
	for _, e := range entries {
		m.hear(e)
	}
	for _, p := range w.people {
		m.lives[p.id] = m.replay(p)
	}
	m.forgotten(entries)
	m.frugal()
	return m
}

// trail reads the whole audit trail.
func (w *world) trail() (all []directory.Entry) {
	q := directory.TrailQuery{Org: council, Limit: 900}
	for {
		page, err := w.app.Store.Trail(w.ctx, q)
		if err != nil {
			w.Fatal(err)
		}
		all = append(all, page.Entries...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return all
		}
	}
}

// read takes a letter into account.
func (m *model) read(l directory.Mail) {
	m.letters[letterKey(l.User, l.Template, l.CreatedAt, l.Data["number"])]++
	m.counts["letter "+string(l.Template)]++
	if !l.SentAt.IsZero() {
		m.events[l.User] = append(m.events[l.User], event{at: l.SentAt, kind: sent, letter: l})
	} else {
		m.counts["letter "+string(l.Template)+" not sent: "+l.Refused]++
	}
}

func letterKey(u directory.UserID, t directory.Template, at time.Time, number string) string {
	return fmt.Sprint(u, t, at.UnixMilli(), number)
}

// hear takes a line of the trail into account.
func (m *model) hear(e directory.Entry) {
	id := e.Subject.User
	m.entries[id]++
	if e.Actor.User != "" && e.Actor.User != id {
		m.entries[e.Actor.User]++
	}
	if e.Action == directory.SignInSucceeded {
		m.signIns[id]++
	}
	if e.Actor.User != "" {
		return
	}
	did := event{at: e.At}
	switch e.Action {
	case directory.UserWarned:
		did.kind = warned
		if _, err := fmt.Sscanf(e.Note, "warning %d of", &did.number); err != nil {
			m.Errorf("the trail says %q of a warning", e.Note)
		}
	case directory.UserArchived:
		did.kind = map[string]string{"inactivity": archived, "endDate": ended}[e.Note]
	case directory.UserPurged:
		did.kind = purged
		m.purges[e.At] = append(m.purges[e.At], id)
	default:
		return
	}
	m.counts[did.kind]++
	m.events[id] = append(m.events[id], did)
}

// replay goes through a life in order.
func (m *model) replay(p *person) *life {
	events := m.events[p.id]
	signIns := 0
	for _, f := range p.facts {
		if f.kind == signedIn {
			signIns++
		}
		m.counts[f.kind]++
		events = append(events, event{at: f.at, kind: f.kind, fact: f})
	}
	if signIns != m.signIns[p.id] {
		m.fault(p, m.now, "came %d times, and the trail says %d", signIns, m.signIns[p.id])
	}
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	l := &life{}
	for _, e := range events {
		if e.kind == sent {
			m.mailed(p, l, e)
			continue
		}
		m.punctual(p, l, e.at)
		m.step(p, l, e)
		l.since = e.at
	}
	m.punctual(p, l, m.now)
	return l
}

// step checks an event against the life so far and goes on with it.
func (m *model) step(p *person, l *life, e event) {
	if (l.status == "gone") || (l.status == "") != (e.kind == created) {
		m.fault(p, e.at, "%s, but the account is %q", e.kind, l.status)
	}
	switch day := dateOf(e.at); e.kind {
	case created:
		*l = life{status: "active", active: day}
	case signedIn:
		if l.status != "active" || !l.ends.IsZero() && !e.at.Before(l.ends) {
			m.fault(p, e.at, "got in, although %s until %v", l.status, l.ends)
		}
		l.active, l.warnings, l.warned = day, 0, 0
	case suspended:
		l.status = "suspended"
	case reinstated:
		l.status, l.grace = "active", day
	case putAway:
		l.status, l.archived, l.idle = "archived", day, false
	case restored:
		ends := l.ends
		if !e.at.Before(ends) { // an end date that has come is forgotten, one that is ahead still holds
			ends = time.Time{}
		}
		*l = life{status: "active", active: day, grace: day, ends: ends, noNews: l.noNews}
	case deleted:
		l.status = "gone"
	case endSet:
		l.ends = e.fact.ends
	case newsSet:
		l.noNews = !e.fact.on
	default:
		m.itself(p, l, e)
	}
}

// itself checks what the service did by itself.
func (m *model) itself(p *person, l *life, e event) {
	rules, day := m.policyAt(e.at).policy.Lifecycle, dateOf(e.at)
	require := func(holds bool, what string) {
		if !holds {
			m.fault(p, e.at, "%s, but %s; %+v", e.kind, what, *l)
		}
	}
	lettered := func(t directory.Template, number string) {
		require(m.letters[letterKey(p.id, t, e.at, number)] == 1, "there is not one letter about it")
	}
	patient := func() {
		require(l.status == "active", "it is not in use")
		require(l.grace == 0 || day >= l.grace+date(rules.GraceDays), "it is to be left alone")
		require(l.warnings == 0 || day >= l.warned+date(rules.WarningGapDays), "the last warning is too fresh")
	}
	switch e.kind {
	case warned:
		patient()
		require(e.number == l.warnings+1, fmt.Sprintf("warning %d is the next", l.warnings+1))
		require(e.number <= len(rules.WarnMonths) && day >= l.active.months(rules.WarnMonths[e.number-1]), "it is too early")
		lettered(directory.InactivityWarningMail, fmt.Sprint(e.number))
		l.warnings, l.warned = e.number, day
	case archived:
		patient()
		require(l.warnings >= len(rules.WarnMonths) && l.warnings > 0, "warnings are missing")
		require(rules.ArchiveMonths > 0 && day >= l.active.months(rules.ArchiveMonths), "it is too early")
		lettered(directory.AccountArchivedMail, "")
		l.status, l.archived, l.idle = "archived", day, true
	case ended:
		require(l.status == "active" || l.status == "suspended", "it is not in use")
		require(!l.ends.IsZero() && !e.at.Before(l.ends), "the end date has not come")
		lettered(directory.AccountArchivedMail, "")
		l.status, l.archived, l.idle = "archived", day, false
	case purged:
		require(l.status == "archived", "it is not archived")
		if l.idle {
			require(rules.PurgeMonths > 0 && day >= l.archived.months(rules.PurgeMonths), "it is too early")
		} else {
			require(rules.KeepDays > 0 && day >= l.archived+date(rules.KeepDays), "it is too early")
		}
		l.status, l.purged = "gone", true
	default:
		require(false, "nobody knows what that is")
	}
}

// mailed checks that a letter could go out when it did.
func (m *model) mailed(p *person, l *life, e event) {
	c, t := e.letter.Category, e.letter.Template
	switch {
	case l.status == "gone":
		m.fault(p, e.at, "was written %s after the account was gone", t)
	case c != directory.AccountMail && l.status == "archived":
		m.fault(p, e.at, "was written a %s mail while archived", c)
	case c == directory.NewsMail && l.noNews:
		m.fault(p, e.at, "was written news, and had declined them")
	case t == directory.InactivityWarningMail && l.status == "archived":
		m.fault(p, e.at, "was warned of the archive while archived")
	case t == directory.InactivityWarningMail && dateOf(e.at) < l.active.months(m.policyAt(e.letter.CreatedAt).policy.Lifecycle.WarnMonths[0]):
		m.fault(p, e.at, "was warned of inactivity and is active")
	}
}

// punctual checks that nothing was left undone by a sweep that came to its end, since the life became as it is.
func (m *model) punctual(p *person, l *life, until time.Time) {
	for i, from := range m.policies {
		begin, end := later(l.since, from.from), until
		if i+1 < len(m.policies) && m.policies[i+1].from.Before(end) {
			end = m.policies[i+1].from
		}
		at, what := l.next(from.policy)
		if what == "" || !begin.Before(end) {
			continue
		}
		begin = later(begin, at)
		for n, _ := slices.BinarySearchFunc(m.sweeps, begin, func(s sweepRun, t time.Time) int { return s.at.Compare(t) }); n < len(m.sweeps) && m.sweeps[n].at.Before(end); n++ {
			if s := m.sweeps[n]; s.whole && (what != purged || s.done.Held == 0) {
				m.fault(p, s.at, "%s was due at %s and not done by %s; %+v", what, at.Format(time.DateTime), until.Format(time.DateTime), *l)
				return
			}
		}
	}
}

// next is what must happen next by itself, and when.
func (l *life) next(policy directory.Policy) (time.Time, string) {
	p := policy.Lifecycle
	switch {
	case l.status == "archived" && l.idle && p.PurgeMonths > 0:
		return l.archived.months(p.PurgeMonths).begins(), purged
	case l.status == "archived" && !l.idle && p.KeepDays > 0:
		return (l.archived + date(p.KeepDays)).begins(), purged
	case l.status != "active" && l.status != "suspended":
		return time.Time{}, ""
	}
	var at time.Time
	what := ""
	if !l.ends.IsZero() {
		at, what = l.ends, ended
	}
	if l.status == "suspended" || p.ArchiveMonths == 0 {
		return at, what
	}
	idle, months := archived, p.ArchiveMonths
	if l.warnings < len(p.WarnMonths) {
		idle, months = warned, p.WarnMonths[l.warnings]
	}
	day := l.active.months(months)
	if l.warnings > 0 {
		day = max(day, l.warned+date(p.WarningGapDays))
	}
	if l.grace > 0 {
		day = max(day, l.grace+date(p.GraceDays))
	}
	if begins := day.begins(); what == "" || begins.Before(at) {
		return begins, idle
	}
	return at, what
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (m *model) policyAt(t time.Time) policyFrom {
	i := len(m.policies) - 1
	for i > 0 && m.policies[i].from.After(t) {
		i--
	}
	return m.policies[i]
}

// forgotten checks that nothing in the trail tells who the purged were, that their names can be had again and that no
// password is left.
func (m *model) forgotten(entries []directory.Entry) {
	about := map[directory.UserID]*strings.Builder{}
	for _, e := range entries {
		for _, id := range []directory.UserID{e.Subject.User, e.Actor.User} {
			if p := m.byID[id]; p == nil || !m.lives[id].purged {
				continue
			}
			text, err := json.Marshal(e)
			if err != nil {
				m.Fatal(err)
			}
			if about[id] == nil {
				about[id] = &strings.Builder{}
			}
			about[id].Write(text)
		}
	}
	for _, p := range m.people {
		if m.lives[p.id].status != "gone" {
			continue
		}
		if text := about[p.id]; text != nil && (strings.Contains(text.String(), p.family) || strings.Contains(text.String(), p.username)) {
			m.fault(p, m.now, "was purged, and the trail still names them: %s", text)
		}
		door, err := m.app.Store.Door(m.ctx, council, directory.FoldName(p.username))
		if err != nil || door.Holder != "" && (m.lives[door.Holder] == nil || m.lives[door.Holder].status == "gone") {
			m.fault(p, m.now, "is gone, and the username is still held by %q: %v", door.Holder, err)
		}
		if m.pool.has[p.id] != "" {
			m.fault(p, m.now, "is gone, and the password is not")
		}
	}
}

// frugal checks that sweeps read what was due, and the trail of those they purged, and next to nothing else.
func (m *model) frugal() {
	for _, s := range m.sweeps {
		if !s.whole || s.records < 0 || s.done.Replanned > 0 {
			continue
		}
		bound := 2 * s.done.Looked
		if s.done.Looked > 0 {
			bound += 300 // the organisation, administrators where one of them is in danger
		}
		for _, id := range m.purges[s.at] {
			bound += m.entries[id]
		}
		if s.records > bound && len(m.faults) < 40 {
			m.faults = append(m.faults, fmt.Sprintf("%s: a sweep that did %+v read %d records", s.at.Format(time.DateTime), s.done, s.records))
		}
	}
}
