package directory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/lifecycle"
)

// organisations is a store of several, as far as digests need one.
type organisations struct {
	directory.Store
	mu      sync.Mutex
	all     []directory.Organisation
	users   map[directory.Slug][]directory.User
	trail   []directory.Entry // the latest first
	quotas  map[directory.QuotaKey]directory.Quota
	ticket  directory.Ticket
	fails   map[directory.Slug]error // what reading the administrators fails with
	changes []directory.Change
	looked  []directory.Slug // whose administrators were read
	endless bool             // each list has a further page
}

// Organisations has pages of two, whatever is asked for.
func (s *organisations) Organisations(_ context.Context, _ int, cursor string) (directory.OrganisationPage, error) {
	rest := slices.DeleteFunc(slices.Clone(s.all), func(o directory.Organisation) bool { return string(o.Slug) <= cursor })
	page := directory.OrganisationPage{Organisations: rest[:min(2, len(rest))]}
	if len(rest) > 2 {
		page.Next = string(rest[1].Slug)
	}
	return page, nil
}

func (s *organisations) Organisation(_ context.Context, org directory.Slug) (directory.Organisation, error) {
	for _, o := range s.all {
		if o.Slug == org {
			return o, nil
		}
	}
	return directory.Organisation{}, directory.ErrNotFound
}

func (s *organisations) Administrators(_ context.Context, org directory.Slug) ([]directory.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = append(s.looked, org)
	return s.users[org], s.fails[org]
}

func (s *organisations) User(_ context.Context, org directory.Slug, id directory.UserID) (directory.User, error) {
	for _, u := range s.users[org] {
		if u.ID == id {
			return u, nil
		}
	}
	return directory.User{}, directory.ErrNotFound
}

func (s *organisations) Users(_ context.Context, q directory.UserQuery) (directory.UserPage, error) {
	page := directory.UserPage{}
	for _, u := range s.users[q.Org] {
		archived := u.Status == directory.Archived
		if archived == (q.Status == directory.Archived) && (q.SeenBefore.IsZero() || u.ActiveAt().Before(q.SeenBefore)) &&
			(!q.Undeliverable || u.Undeliverable != nil) {
			page.Users = append(page.Users, u)
		}
	}
	if s.endless {
		page.Next = "more"
	}
	return page, nil
}

func (s *organisations) Trail(_ context.Context, q directory.TrailQuery) (directory.TrailPage, error) {
	page := directory.TrailPage{}
	for _, e := range s.trail {
		if e.Org == q.Org && !e.At.Before(q.From) && !e.At.After(q.To) && q.Matches(e) {
			page.Entries = append(page.Entries, e)
		}
	}
	if s.endless {
		page.Next = "more"
	}
	return page, nil
}

func (s *organisations) Quotas(_ context.Context, keys ...directory.QuotaKey) ([]directory.Quota, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	quotas := make([]directory.Quota, len(keys))
	for i, k := range keys {
		quotas[i] = s.quotas[k]
		quotas[i].QuotaKey = k
	}
	return quotas, nil
}

func (s *organisations) Ticket(_ context.Context, kind directory.TicketKind, id string) (directory.Ticket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ticket.Version == 0 || s.ticket.Kind != kind || s.ticket.ID != id {
		return directory.Ticket{}, directory.ErrNotFound
	}
	return s.ticket, nil
}

func (s *organisations) PutTicket(_ context.Context, t directory.Ticket) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.Version != s.ticket.Version {
		return directory.ErrStale
	}
	t.Version++
	s.ticket = t
	return nil
}

func (s *organisations) SpendTicket(_ context.Context, t directory.Ticket) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.Version != s.ticket.Version {
		return directory.ErrStale
	}
	s.ticket = directory.Ticket{}
	return nil
}

func (s *organisations) Commit(_ context.Context, c directory.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := c.Writes[0].(directory.PutQuota).Quota
	if q.Version != s.quotas[q.QuotaKey].Version {
		return directory.ErrStale
	}
	q.Version++
	s.quotas[q.QuotaKey] = q
	s.changes = append(s.changes, c)
	return nil
}

// mails are all that were written.
func (s *organisations) mails() []directory.Mail {
	var mails []directory.Mail
	for _, c := range s.changes {
		mails = append(mails, c.Mails...)
	}
	return mails
}

// monday is a Monday on which digests are written, in summer.
var monday = time.Date(2026, 7, 6, 6, 0, 0, 0, time.UTC)

// bashStreet has Jane, its administrator, who signed in yesterday, and Danny, who did so a year and a day ago.
func bashStreet(slug directory.Slug) (directory.Organisation, []directory.User) {
	o := directory.Organisation{
		Slug: slug, Name: "Bash Street School", Language: "en", Version: 1,
		Roles: []directory.Role{{ID: "administrator", Administrator: true}},
	}
	o.Policy = o.Policy.Filled()
	jane := directory.User{
		Org: slug, ID: "01kd0000000000000000000000", Username: "JAdmi1", GivenName: "Jane", FamilyName: "Admin",
		Email: "jane@" + string(slug) + ".example", Status: directory.Active, Roles: []directory.RoleID{"administrator"},
		Wants: directory.Communications{Digest: true}, LastSignInAt: monday.Add(-day), CreatedAt: monday.AddDate(-3, 0, 0), Version: 1,
	}
	danny := jane
	danny.ID, danny.Username, danny.GivenName, danny.FamilyName = "01kd0000000000000000000001", "DSmit1", "Danny", "Smith"
	danny.Roles, danny.LastSignInAt = nil, monday.AddDate(-1, 0, -1)
	return o, []directory.User{jane, danny}
}

// country is a store of these organisations, all as bashStreet, and a directory whose time can be moved.
func country(slugs ...directory.Slug) (*organisations, *directory.Directory) {
	s := &organisations{users: map[directory.Slug][]directory.User{}, quotas: map[directory.QuotaKey]directory.Quota{}}
	for _, slug := range slugs {
		o, users := bashStreet(slug)
		s.all, s.users[slug] = append(s.all, o), users
	}
	var mu sync.Mutex
	ids := 0
	return s, &directory.Directory{Store: s, Now: at(monday), Clock: at(monday), NewID: func() string {
		mu.Lock()
		defer mu.Unlock()
		ids++
		return fmt.Sprintf("01ke%022d", ids)
	}}
}

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// happened is a line of the audit trail about Danny.
func happened(action directory.Action, when time.Time) directory.Entry {
	return directory.Entry{
		Org: "bash-street", At: when, Action: action,
		Subject: directory.Party{Org: "bash-street", User: "01kd0000000000000000000001", Username: "DSmit1", Name: "Danny Smith"},
	}
}

func digests(t *testing.T, d *directory.Directory) directory.Digested {
	t.Helper()
	done, err := d.Digest(t.Context(), directory.DigestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestADigestAWeekOfTheOrganisation(t *testing.T) {
	t.Parallel()
	s, d := country("bash-street")
	s.all[0].Policy.Lifecycle.TimeZone = "Europe/Copenhagen"
	tests := []struct {
		why     string
		at      time.Time
		written int
	}{
		{"on Monday", monday, 1},
		{"at the same moment again", monday, 0},
		{"two hours later", monday.Add(2 * time.Hour), 0},
		{"the last moment of Sunday in Copenhagen", time.Date(2026, 7, 12, 21, 59, 59, 0, time.UTC), 0},
		{"Monday in Copenhagen, while it is Sunday in London", time.Date(2026, 7, 12, 22, 30, 0, 0, time.UTC), 1},
		{"Monday in London", time.Date(2026, 7, 13, 6, 0, 0, 0, time.UTC), 0},
		{"the last week of a year that has 53", time.Date(2026, 12, 28, 7, 0, 0, 0, time.UTC), 1},
		{"which goes on in the next year", time.Date(2027, 1, 1, 7, 0, 0, 0, time.UTC), 0},
		{"until its first Monday", time.Date(2027, 1, 4, 7, 0, 0, 0, time.UTC), 1},
	}
	for _, tt := range tests {
		d.Now = at(tt.at)
		want := directory.Digested{Organisations: 1, Written: tt.written, Mailed: tt.written}
		if got := digests(t, d); got != want {
			t.Errorf("%s: %+v, want %+v", tt.why, got, want)
		}
	}
	for _, c := range s.changes {
		if e := c.Entries[0]; e.Action != directory.DigestSent || e.Actor != directory.System || e.Org != "bash-street" || e.Note != "for 1 administrators" {
			t.Errorf("the trail says %+v", e)
		}
	}
}

func TestNoDigestWhenThereIsNothingToSay(t *testing.T) {
	t.Parallel()
	s, d := country("bash-street")
	s.all[0].Policy.Digest = &directory.DigestPolicy{Enabled: true}
	if got, want := digests(t, d), (directory.Digested{Organisations: 1, Quiet: 1}); got != want || len(s.changes) > 0 {
		t.Fatalf("%+v, %+v", got, s.changes)
	}
	// A digest is not used up by a quiet week.
	s.trail = append(s.trail, happened(directory.UserArchived, monday.Add(time.Hour)))
	d.Now = at(monday.Add(2 * time.Hour))
	if got := digests(t, d); got.Written != 1 {
		t.Errorf("later in the same week: %+v", got)
	}
}

// Each happening is told once, in the first digest after it, also when one is written later in the week than another.
func TestEachHappeningIsToldOnce(t *testing.T) {
	t.Parallel()
	s, d := country("bash-street")
	s.all[0].Policy.Digest = &directory.DigestPolicy{Enabled: true}
	s.trail = []directory.Entry{happened(directory.UserRestored, monday)}
	runs := []struct {
		why  string
		at   time.Time
		want int // restored people who are told of so far
	}{
		{"at the very moment", monday, 1},
		{"the next week, the same time: it was told", monday.AddDate(0, 0, 7), 1},
	}
	for _, r := range runs {
		d.Now = at(r.at)
		digests(t, d)
		if got := len(s.mails()); got != r.want {
			t.Errorf("%s: %d mails, want %d", r.why, got, r.want)
		}
	}
	for i, tt := range []struct {
		why      string
		last     time.Time // of the digest the week before; zero: none
		happened time.Time
		told     bool
	}{
		{"a week ago, before last week's digest", monday.Add(-7 * day), monday.Add(-7*day - time.Minute), false},
		{"since last week's digest, which was early", monday.Add(-7*day - time.Hour), monday.Add(-7*day - time.Minute), true},
		{"last week's was written on Thursday, and this is of Wednesday", monday.Add(-4 * day), monday.Add(-5 * day), false},
		{"this of Friday", monday.Add(-4 * day), monday.Add(-3 * day), true},
		{"without one, for seven days", time.Time{}, monday.Add(-7 * day), true},
		{"and as long as the schedule may be late", time.Time{}, monday.Add(-7*day - 30*time.Minute), true},
		{"not longer", time.Time{}, monday.Add(-8 * day), false},
		{"what is still to come is for the next", time.Time{}, monday.Add(time.Millisecond), false},
	} {
		s, d := country("bash-street")
		s.all[0].Policy.Digest = &directory.DigestPolicy{Enabled: true}
		if !tt.last.IsZero() {
			s.trail = []directory.Entry{happened(directory.UserWarned, tt.last)}
			d.Now = at(tt.last)
			if got := digests(t, d); got.Written != 1 {
				t.Fatalf("%d: %+v", i, got)
			}
		}
		s.trail, d.Now = []directory.Entry{happened(directory.UserArchived, tt.happened)}, at(monday)
		if got := digests(t, d); (got.Written == 1) != tt.told {
			t.Errorf("%s: %+v, want it told: %t", tt.why, got, tt.told)
		}
	}
}

// Who gets the digest is asked when it is written and again when it is sent.
func TestWhoGetsTheDigest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why    string
		change func(*directory.Organisation, *directory.User)
		none   bool
	}{
		{why: "an administrator"},
		{why: "one who declined it", none: true, change: func(_ *directory.Organisation, u *directory.User) { u.Wants.Digest = false }},
		{why: "one who declined the news alone", change: func(_ *directory.Organisation, u *directory.User) { u.Wants.News = false }},
		{why: "one who cannot be reached", none: true, change: func(_ *directory.Organisation, u *directory.User) {
			u.Undeliverable = &directory.Undeliverable{Since: monday}
		}},
		{why: "a suspended one", none: true, change: func(_ *directory.Organisation, u *directory.User) { u.Status = directory.Suspended }},
		{why: "an archived one", none: true, change: func(_ *directory.Organisation, u *directory.User) { u.Status = directory.Archived }},
		{why: "one whose access has ended", none: true, change: func(_ *directory.Organisation, u *directory.User) { u.EndsAt = monday }},
		{why: "one whose access ends later", change: func(_ *directory.Organisation, u *directory.User) { u.EndsAt = monday.Add(time.Second) }},
		{why: "one who is none any more", none: true, change: func(_ *directory.Organisation, u *directory.User) { u.Roles = nil }},
		{why: "where the policy has none", none: true, change: func(o *directory.Organisation, _ *directory.User) {
			o.Policy.Digest = &directory.DigestPolicy{InactiveMonths: 12}
		}},
		{why: "where the policy never said anything of it", change: func(o *directory.Organisation, _ *directory.User) { o.Policy.Digest = nil }},
	}
	for _, tt := range tests {
		s, d := country("bash-street")
		digests(t, d)
		waiting := s.mails()[0]
		if tt.change != nil {
			tt.change(&s.all[0], &s.users["bash-street"][0])
		}
		why, err := d.Refusal(t.Context(), waiting)
		if err != nil || (why != "") != tt.none {
			t.Errorf("%s, when it is sent: refused for %q, %v", tt.why, why, err)
		}
		clear(s.quotas)
		if got := digests(t, d); got.Organisations != 1 || (got.Mailed == 0) != tt.none || (got.Written == 0) != tt.none {
			t.Errorf("%s, when it is written: %+v", tt.why, got)
		}
	}
}

// A store has at most 100 writes in one Commit.
func TestManyAdministrators(t *testing.T) {
	t.Parallel()
	s, d := country("bash-street")
	jane := s.users["bash-street"][0]
	for i := range 110 {
		jane.ID = directory.UserID(fmt.Sprintf("01kd%022d", 100+i))
		s.users["bash-street"] = append(s.users["bash-street"], jane)
	}
	if got := digests(t, d); got.Written != 1 || got.Mailed != 98 {
		t.Errorf("%+v", got)
	}
}

func TestWhatADigestSays(t *testing.T) {
	t.Parallel()
	s, d := country("bash-street", "another")
	danny := s.users["bash-street"][1]
	person := func(id, name string, change func(*directory.User)) {
		u := danny
		u.ID, u.GivenName, u.Username = directory.UserID("01kd00000000000000000000"+id), name, name
		change(&u)
		s.users["bash-street"] = append(s.users["bash-street"], u)
	}
	person("02", "Never", func(u *directory.User) { u.LastSignInAt = time.Time{} })
	person("03", "Recent", func(u *directory.User) { u.LastSignInAt = monday.AddDate(-1, 0, 1) })
	archived := func(cause lifecycle.Cause, since time.Time) func(*directory.User) {
		return func(u *directory.User) { u.Status, u.ArchiveCause, u.StatusSince = directory.Archived, cause, since }
	}
	// By hand accounts are kept for half a year. Midnight in London is the evening before in UTC.
	person("04", "Later", archived(lifecycle.ByHand, monday.AddDate(0, 0, 20-180)))
	person("05", "Sooner", archived(lifecycle.EndDate, monday.AddDate(0, 0, 1-180)))
	person("06", "Overdue", archived(lifecycle.ByHand, monday.AddDate(0, 0, -200)))
	person("07", "NotYet", archived(lifecycle.ByHand, monday.AddDate(0, 0, 31-180)))
	person("08", "Kept", archived(lifecycle.Inactivity, monday.AddDate(-3, 0, 0))) // for good, by this policy

	person("10", "Lost", func(u *directory.User) {
		u.LastSignInAt, u.Email, u.Undeliverable = monday, "lost@bash-street.example", &directory.Undeliverable{Since: monday}
	})

	nobody := happened(directory.SignInBarred, monday.Add(-time.Hour))
	nobody.Subject = directory.Party{Org: "bash-street"}
	deleted := happened(directory.UserArchived, monday.Add(-time.Hour))
	deleted.Subject.Name, deleted.Subject.Username, deleted.Subject.User = "", "", "01kd0000000000000000000099"
	visitor := happened(directory.UserRestored, monday.Add(-time.Hour))
	visitor.Subject.Org = "another"
	s.trail = []directory.Entry{
		nobody, deleted, visitor, happened(directory.UserChanged, monday.Add(-2*time.Hour)),
		happened(directory.SignInBarred, time.Date(2026, 7, 4, 22, 59, 0, 0, time.UTC)),
		happened(directory.SignInBarred, time.Date(2026, 7, 3, 12, 0, 0, 0, time.UTC)),
		happened(directory.UserRestored, time.Date(2026, 7, 2, 23, 30, 0, 0, time.UTC)),
		happened(directory.UserArchived, time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)),
		happened(directory.UserWarned, time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)),
	}
	want := map[string][2]string{ // in English, in Danish
		"inactive": {"Danny Smith, DSmit1, 5 July 2025\nNever Smith, Never, never", "Danny Smith, DSmit1, 5. juli 2025\nNever Smith, Never, aldrig"},
		"warned":   {"Danny Smith, DSmit1, 30 June 2026", "Danny Smith, DSmit1, 30. juni 2026"},
		"archived": {"Danny Smith, DSmit1, 1 July 2026", "Danny Smith, DSmit1, 1. juli 2026"},
		"restored": {"Danny Smith, DSmit1, 3 July 2026", "Danny Smith, DSmit1, 3. juli 2026"},
		"locked":   {"Danny Smith, DSmit1, 4 July 2026", "Danny Smith, DSmit1, 4. juli 2026"},
		"purged": {
			"Overdue Smith, Overdue, 6 July 2026\nSooner Smith, Sooner, 7 July 2026\nLater Smith, Later, 26 July 2026",
			"Overdue Smith, Overdue, 6. juli 2026\nSooner Smith, Sooner, 7. juli 2026\nLater Smith, Later, 26. juli 2026",
		},
		"undeliverable": {"Lost Smith, Lost, lost@bash-street.example", "Lost Smith, Lost, lost@bash-street.example"},
		"months":        {"12", "12"},
	}
	// One more administrator, who reads Danish.
	person("09", "Birgit", func(u *directory.User) {
		u.Roles, u.LastSignInAt, u.More = s.users["bash-street"][0].Roles, monday, map[directory.UserField]string{directory.FieldLanguage: "da"}
	})
	if got := digests(t, d); got.Written != 2 || got.Mailed != 3 {
		t.Fatalf("%+v", got)
	}
	for _, m := range s.mails() {
		if m.Org == "another" {
			continue
		}
		if m.Template != directory.DigestMail || m.Category != directory.ServiceMail {
			t.Errorf("it is a mail %q of category %q", m.Template, m.Category)
		}
		for name, texts := range want {
			if text := texts[map[string]int{"en": 0, "da": 1}[m.Language]]; m.Data[name] != text {
				t.Errorf("%s in %s: %q, want %q", name, m.Language, m.Data[name], text)
			}
			if count, some := m.Data[name+"Count"]; some {
				t.Errorf("%s: all are named, and counted as %s", name, count)
			}
		}
	}
}

func TestADigestIsBounded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why          string
		people       int
		name         string
		endless      bool
		lines, count string
	}{
		{why: "as many as are named", people: 50, name: "D", lines: "50"},
		{why: "one more", people: 51, name: "D", lines: "50", count: "51"},
		{why: "where nobody counts to the end", people: 3, name: "D", endless: true, lines: "15", count: "15+"},
		{why: "names so long that they would burst the Commit", people: 50, name: strings.Repeat("D", 100), lines: "33", count: "50"},
	} {
		s, d := country("bash-street")
		danny := s.users["bash-street"][1]
		danny.GivenName, danny.FamilyName, danny.Username = tt.name, "S", "d"
		s.users["bash-street"] = s.users["bash-street"][:1]
		for range tt.people {
			s.users["bash-street"] = append(s.users["bash-street"], danny)
		}
		s.endless = tt.endless
		digests(t, d)
		data := s.mails()[0].Data
		lines := len(strings.Split(data["inactive"], "\n"))
		if fmt.Sprint(lines) != tt.lines || data["inactiveCount"] != tt.count || len(data["inactive"]) > 4000 {
			t.Errorf("%s: %d lines, %d bytes, counted as %q; want %s and %q", tt.why, lines, len(data["inactive"]), data["inactiveCount"], tt.lines, tt.count)
		}
	}
}

func TestOnlyOneOfManyRunsWrites(t *testing.T) {
	t.Parallel()
	s, d := country("a", "b", "c", "d", "e")
	var all directory.Digested
	var mu sync.Mutex
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			done, err := d.Digest(t.Context(), directory.DigestOptions{})
			mu.Lock()
			defer mu.Unlock()
			all.Written, all.Mailed = all.Written+done.Written, all.Mailed+done.Mailed
			if err != nil || done.More {
				t.Errorf("%+v, %v", done, err)
			}
		})
	}
	group.Wait()
	if all.Written != 5 || all.Mailed != 5 || len(s.mails()) != 5 {
		t.Errorf("%+v, %d mails", all, len(s.mails()))
	}
}

func TestDigestsEndInTimeAndGoOn(t *testing.T) {
	t.Parallel()
	s, d := country("a", "b", "c", "d", "e")
	var mu sync.Mutex
	reads := 0
	d.Clock = func() time.Time { // the real clock decides, not that by which a week is told
		mu.Lock()
		defer mu.Unlock()
		reads++
		return monday.Add(time.Duration(reads) * time.Second)
	}
	// It is read before each page of two and before each organisation: this is past a and b, and amid the second page.
	first, err := d.Digest(t.Context(), directory.DigestOptions{Deadline: monday.Add(6 * time.Second)})
	if want := (directory.Digested{Organisations: 3, Written: 3, Mailed: 3, More: true}); err != nil || first != want {
		t.Fatalf("%+v, %v, want %+v", first, err, want)
	}
	s.looked = nil
	rest := digests(t, d)
	if want := (directory.Digested{Organisations: 3, Written: 2, Mailed: 2}); rest != want {
		t.Errorf("%+v, want %+v", rest, want)
	}
	slices.Sort(s.looked)
	if want := []directory.Slug{"c", "d", "e"}; !slices.Equal(s.looked, want) {
		t.Errorf("the second run looked at %v, want %v", s.looked, want)
	}
	if s.ticket.Version != 0 {
		t.Errorf("%+v is left behind", s.ticket)
	}
	if again := digests(t, d); again.Organisations != 5 || again.Written != 0 {
		t.Errorf("a third run: %+v", again)
	}
}

func TestWhatIsWrongWithOneOrganisationCostsTheOthersNothing(t *testing.T) {
	t.Parallel()
	s, d := country("a", "b", "c", "d", "e")
	s.fails = map[directory.Slug]error{"b": errors.New("a record that cannot be read")}
	got, err := d.Digest(t.Context(), directory.DigestOptions{})
	if err == nil || !strings.Contains(err.Error(), "the digest of b") || got.Written != 4 {
		t.Errorf("%+v, %v", got, err)
	}
	s.fails = nil
	if got := digests(t, d); got.Written != 1 || got.Organisations != 5 {
		t.Errorf("once it is put right: %+v", got)
	}

	s, d = country("a", "b", "c", "d", "e")
	s.fails = map[directory.Slug]error{"b": directory.NewUnavailable("store", time.Second, nil)}
	if got, err := d.Digest(t.Context(), directory.DigestOptions{}); directory.KindOf(err) != directory.Unavailable || got.Organisations != 2 {
		t.Errorf("without a store: %+v, %v; want it to end at the first page", got, err)
	}
}

func TestThePolicyOnDigests(t *testing.T) {
	t.Parallel()
	if p := (directory.Policy{}).Filled(); *p.Digest != (directory.DigestPolicy{Enabled: true, InactiveMonths: 12}) {
		t.Errorf("where nothing was ever said it is %+v", *p.Digest)
	}
	off := directory.DigestPolicy{}
	if p := (directory.Policy{Digest: &off}).Filled(); *p.Digest != off {
		t.Errorf("turned off it became %+v", *p.Digest)
	}
	for months, right := range map[int]bool{-1: false, 0: true, 1: true, 120: true, 121: false} {
		p := (directory.Policy{Digest: &directory.DigestPolicy{Enabled: true, InactiveMonths: months}}).Filled()
		wrong := slices.ContainsFunc(p.Validate(nil), func(e directory.FieldError) bool { return e.Field == "digest.inactiveMonths" })
		if wrong == right {
			t.Errorf("%d months: refused %t", months, wrong)
		}
	}
}
