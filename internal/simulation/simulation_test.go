package simulation_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// setting reads a number from the environment; without it, the other one.
func setting(tb testing.TB, name string, otherwise int) int {
	tb.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return n
}

// Ten years of an authority whose people come when they like, with sweeps that do not always run as they should: nobody is
// archived unwarned, purged early or mailed against their will, and nothing that is due is forgotten. SIMULATE_USERS and
// SIMULATE_SEED choose another size and other people.
func TestTenYears(t *testing.T) {
	t.Parallel()
	size := 1000
	if raceDetector {
		size = 60
	}
	size, seed := setting(t, "SIMULATE_USERS", size), setting(t, "SIMULATE_SEED", 1)
	t.Logf("%d users, seed %d", size, seed)
	w := newWorld(t, uint64(seed))
	w.live(size, 10)
	m := w.judge()
	m.count()
	for _, kind := range slices.Sorted(maps.Keys(m.counts)) {
		t.Logf("%6d %s", m.counts[kind], kind)
	}
	t.Logf("%d people, %d sweeps, digest %s", len(w.people), len(w.sweeps), m.digest())
	for _, f := range m.faults {
		t.Error(f)
	}
	if size < 1000 {
		return // not everything happens among few
	}
	for _, kind := range []string{
		signedIn, suspended, reinstated, putAway, restored, deleted, endSet, newsSet, warned, archived, ended, purged,
		"letter announcement", "letter announcement not sent: the user declined news", "letter announcement not sent: the account is archived",
		"letter inactivity-warning not sent: the user has come since",
	} {
		if m.counts[kind] == 0 {
			t.Errorf("in ten years nobody: %s", kind)
		}
	}
}

// The same seed gives the same years, so that a fault can be found again.
func TestTheSameSeedGivesTheSameYears(t *testing.T) {
	t.Parallel()
	var digests [2]string
	for i := range digests {
		w := newWorld(t, 7)
		w.live(40, 4)
		digests[i] = w.judge().digest()
	}
	if digests[0] != digests[1] {
		t.Errorf("once %s, once %s", digests[0], digests[1])
	}
}

// live lets years pass in an authority that begins with so many users.
func (w *world) live(size, years int) {
	w.now = began.Add(9 * time.Hour)
	for range size {
		w.now = w.now.Add(time.Millisecond)
		w.join()
	}
	w.deliver()
	for day := 1; day < years*365+years/4; day++ {
		w.pass(began.AddDate(0, 0, day), size)
	}
	w.now = w.now.Add(24 * time.Hour)
	w.heal()
}

// pass lets a day pass: a night, what was planned, the work of the office, the mails.
func (w *world) pass(midnight time.Time, size int) {
	w.now = midnight.Add(2*time.Hour + time.Duration(w.random.IntN(3600))*time.Second)
	w.night()
	w.now = midnight.Add(4 * time.Hour)
	w.heal()
	w.deliver()
	w.now = midnight.Add(9 * time.Hour)
	w.policy()
	planned := w.due[w.day()]
	delete(w.due, w.day())
	for _, do := range planned {
		w.now = w.now.Add(time.Second)
		do()
	}
	w.office(size)
	if w.day()%90 == 50 {
		w.silentTo = w.day() + 7
	}
	w.now = midnight.Add(22 * time.Hour)
	w.deliver()
}

// heal puts right what killed sweeps left, as the schedule does.
func (w *world) heal() {
	if _, err := w.app.Directory.Heal(w.ctx, 200); err != nil {
		w.Fatalf("%v: heal: %v", w, err)
	}
}

// policy changes what the authority wants, three times.
func (w *world) policy() {
	switch w.day() {
	case 1200: // sooner, and with one warning less
		w.govern(func(p *directory.Policy) {
			l := &p.Lifecycle
			l.WarnMonths, l.ArchiveMonths, l.WarningGapDays, l.PurgeMonths, l.KeepDays, l.PurgeCap = []int{11, 12}, 13, 21, 12, 60, 3
		})
	case 1800: // nobody is archived any more
		w.govern(func(p *directory.Policy) { p.Lifecycle.ArchiveMonths, p.Lifecycle.WarnMonths = 0, []int{} })
	case 2000: // as it was in the beginning
		w.govern(func(p *directory.Policy) { p.Lifecycle = w.policies[0].policy.Lifecycle })
	}
}

// count compares how many there are by the model with what the product says.
func (m *model) count() {
	want := map[string]int{}
	for _, p := range m.people {
		u, err := m.app.Store.User(m.ctx, council, p.id)
		l := m.lives[p.id]
		if (err != nil) != (l.status == "gone") || err == nil && string(u.Status) != l.status {
			m.fault(p, m.now, "is %q, %v, and ought to be %q", u.Status, err, l.status)
		}
		if err != nil {
			continue
		}
		list := "users"
		if u.Status == directory.Archived {
			list = "archived"
		}
		want[list]++
		if u.Status == directory.Active {
			for _, r := range u.Roles {
				want["role "+string(r)]++
			}
		}
	}
	got := map[string]int{}
	for name, status := range map[string]directory.Status{"users": "", "archived": directory.Archived} {
		page, err := m.app.Store.Users(m.ctx, directory.UserQuery{Org: council, Status: status, Limit: 1})
		if err != nil {
			m.Fatal(err)
		}
		got[name] = *page.Total
	}
	roles := []directory.RoleID{}
	for _, r := range m.org.Roles {
		roles = append(roles, r.ID)
	}
	holders, err := m.app.Store.Holders(m.ctx, council, roles)
	if err != nil {
		m.Fatal(err)
	}
	for r, n := range holders {
		got["role "+string(r)] = int(n)
	}
	if !maps.Equal(got, want) {
		m.faults = append(m.faults, fmt.Sprintf("the product counts %v, and there are %v", got, want))
	}
}

// digest stands for all that happened.
func (m *model) digest() string {
	h := sha256.New()
	for _, p := range m.people {
		events := m.events[p.id]
		slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
		for _, e := range events {
			fmt.Fprintln(h, p.family, e.at.UnixMilli(), e.kind, e.number, e.letter.Template)
		}
		for _, f := range p.facts {
			fmt.Fprintln(h, p.family, f.at.UnixMilli(), f.kind)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
