package app_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/lifecycle"
)

// authority is one by the preset of guide 002 with its administrator, who is signed in.
func (p *plant) authority(t *testing.T, slug directory.Slug) directory.Caller {
	t.Helper()
	made, err := p.Directory.CreateOrganisation(t.Context(), p.operator, directory.NewOrganisation{
		Slug: slug, Name: "Authority", Preset: "authority-analytics", FirstAdministrator: person("Ada", "First"),
	}, directory.Once{})
	if err != nil {
		t.Fatal(err)
	}
	return p.admit(t, slug, made.User.Username, string(made.Password))
}

// admit goes from an initial password to the inside where a long one is demanded.
func (p *plant) admit(t *testing.T, slug directory.Slug, username, initial string) directory.Caller {
	t.Helper()
	c, _, err := p.Directory.SignIn(t.Context(), directory.SignIn{Org: slug, Username: username, Password: initial})
	if err == nil && c.Session.Challenge() == directory.ChallengeNewPassword {
		c, _, err = p.Directory.MeetNewPassword(t.Context(), c, directory.NewPassword{Password: longer, Repeat: longer})
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// round is a handful of people to each of whom another thing is due.
type round struct {
	ada  directory.Caller
	name string // at the end of everybody's address
	pru  directory.User
}

// fallDue makes a round. Nobody signs in to make it: their records are put into the store as the years would have left them.
func (p *plant) fallDue(t *testing.T, ada directory.Caller, name string) round {
	t.Helper()
	r := round{ada: ada, name: name}
	p.idle(t, r, "wendy", 15, nil)
	p.idle(t, r, "archie", 18, func(u *directory.User) { u.Warnings, u.WarnedAt = 3, p.clock.Now().AddDate(0, 0, -20) })
	p.idle(t, r, "ed", 1, func(u *directory.User) { u.EndsAt = p.clock.Now().Add(-time.Hour) })
	r.pru = p.idle(t, r, "pru", 36, func(u *directory.User) {
		u.Status, u.ArchiveCause, u.StatusSince = directory.Archived, lifecycle.Inactivity, p.clock.Now().AddDate(0, -19, 0)
	})
	if err := p.pool.SetPassword(t.Context(), r.pru.ID, longer); err != nil {
		t.Fatal(err)
	}
	made, err := p.Directory.CreateUser(t.Context(), ada, directory.NewUser{
		Details: directory.NewPerson("lars", name, "lars@"+name+".example").Details, Roles: &[]directory.RoleID{"administrator"},
	}, directory.Once{})
	if err != nil {
		t.Fatal(err)
	}
	lars := made.User
	lars.LastSignInAt, lars.Warnings, lars.WarnedAt = p.clock.Now().AddDate(0, -17, -1), 2, p.clock.Now().AddDate(0, 0, -20)
	lars.CreatedAt = lars.LastSignInAt
	p.put(t, ada, lars)
	return r
}

// idle puts somebody into the store who signed in last so many months ago.
func (p *plant) idle(t *testing.T, r round, given string, months int, change func(*directory.User)) directory.User {
	t.Helper()
	seen := p.clock.Now().AddDate(0, -months, -1)
	u := directory.User{
		Org: r.ada.Organisation.Slug, ID: directory.UserID(p.Directory.NewID()), Username: given + "." + r.name, GivenName: given,
		FamilyName: r.name, Email: given + "@" + r.name + ".example", Status: directory.Active, CreatedAt: seen, LastSignInAt: seen,
	}
	if change != nil {
		change(&u)
	}
	p.put(t, r.ada, u)
	return u
}

func (p *plant) put(t *testing.T, c directory.Caller, u directory.User) {
	t.Helper()
	entry := directory.Entry{ID: p.Directory.NewID(), Org: u.Org, At: p.clock.Now(), Action: directory.UserChanged}
	err := p.Store.Commit(t.Context(), directory.Change{Entries: []directory.Entry{entry}, Writes: []directory.Write{c.Organisation.Put(u)}})
	if err != nil {
		t.Fatal(err)
	}
}

const adasAddress = "ada.first@users.example"

// wantSwept fails the test unless to each person of the round happened what was due, once, and each was told of it once.
func (p *plant) wantSwept(t *testing.T, r round) {
	t.Helper()
	p.wantStates(t, r)
	if _, kept := p.pool.kept[r.pru.ID]; kept {
		t.Error("the credential of who was deleted is there")
	}
	var got []string
	sent, err := p.inbox.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range sent {
		told := strings.HasPrefix(m.Subject, "An administrator's account") // each about each other, in all rounds
		if !told && strings.HasSuffix(m.To, "@"+r.name+".example") || told && m.To == adasAddress && strings.Contains(m.Text, "lars") && strings.Contains(m.Text, r.name) {
			got = append(got, strings.Split(m.To, "@")[0]+": "+strings.Join(strings.Fields(m.Subject)[:3], " "))
		}
	}
	slices.Sort(got)
	want := []string{
		"ada.first: An administrator's account", "archie: Your Caretaker account", "ed: Your Caretaker account",
		"lars: Last reminder: your", "wendy: Your Caretaker account",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the mails are %q, want %q", got, want)
	}
}

func (p *plant) wantStates(t *testing.T, r round) {
	t.Helper()
	var got []string
	for _, status := range []directory.Status{"", directory.Archived} {
		page, err := p.Store.Users(t.Context(), directory.UserQuery{Org: r.ada.Organisation.Slug, Match: r.name, Status: status, Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Users {
			got = append(got, fmt.Sprintf("%s %s%s, %d warnings", u.GivenName, u.Status, u.ArchiveCause, u.Warnings))
			if !u.DueAt.After(p.clock.Now()) {
				t.Errorf("something is due to %s still", u.GivenName)
			}
		}
	}
	slices.Sort(got)
	want := []string{
		"archie archivedinactivity, 3 warnings", "ed archivedendDate, 0 warnings", "lars active, 3 warnings", "wendy active, 1 warnings",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the people are %q, want %q", got, want)
	}
}

// sweeps runs as many sweeps at one instant.
func (p *plant) sweeps(ctx context.Context, t *testing.T, n int) (all directory.Swept) {
	t.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			done, err := p.Directory.Sweep(ctx, directory.SweepOptions{})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			all.Looked, all.Warned, all.Archived, all.Purged = all.Looked+done.Looked, all.Warned+done.Warned, all.Archived+done.Archived, all.Purged+done.Purged
		})
	}
	group.Wait()
	return all
}

// The sweep is killed at each of its writes in turn, before and after the write took effect; which account's that is, chance
// decides, since its parts run at once. Then it runs twice at once. Whatever was cut off, it ends the same, with the same mails.
func TestASweepKilledAtEveryWrite(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		ada := p.authority(t, "authority")
		writes := 0
		for p.killSweep(t, ada, writes, false) && p.killSweep(t, ada, writes, true) {
			writes++
		}
		if writes < 9 { // five accounts, and the deletion in five steps
			t.Errorf("only %d writes were interrupted", writes)
		}
	})
}

func (p *plant) killSweep(t *testing.T, ada directory.Caller, writes int, after bool) (died bool) {
	t.Helper()
	t.Run(fmt.Sprintf("write %d after=%t", writes, after), func(t *testing.T) {
		r := p.fallDue(t, ada, fmt.Sprintf("r%d-%t", writes, after))
		p.tidy(t)
		if err := p.inbox.Clear(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.machine.dieAt(writes, after)
		_, err := p.Directory.Sweep(t.Context(), directory.SweepOptions{})
		died = p.machine.restart()
		if !died && err != nil {
			t.Fatal(err)
		}
		p.sweeps(t.Context(), t, 2)
		p.tidy(t)
		p.wantSwept(t, r)
		if again, err := p.Directory.Sweep(t.Context(), directory.SweepOptions{}); err != nil || again != (directory.Swept{}) {
			t.Errorf("something is left: %+v, %v", again, err)
		}
	})
	return died
}

func TestSweepsAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		ada := p.authority(t, "authority")
		var rounds []round
		for i := range 8 {
			rounds = append(rounds, p.fallDue(t, ada, fmt.Sprintf("round%d", i)))
		}
		p.tidy(t)
		if err := p.inbox.Clear(t.Context()); err != nil {
			t.Fatal(err)
		}
		all := p.sweeps(t.Context(), t, 4)
		if all.Warned != 16 || all.Archived != 16 || all.Purged != 8 {
			t.Errorf("together they report %+v", all)
		}
		p.tidy(t)
		for _, r := range rounds {
			p.wantSwept(t, r)
		}
	})
}

// Nobody can sign in, be changed, or be restored at the moment of the sweep so that what either did is lost.
func TestASweepAmongPeople(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		ada := p.authority(t, "authority")
		r := round{ada: ada, name: "hurried"}
		var people []directory.User
		for i := range 6 {
			u := p.idle(t, r, fmt.Sprintf("u%d", i), 18, func(u *directory.User) { u.Warnings, u.WarnedAt = 3, p.clock.Now().AddDate(0, 0, -20) })
			if err := p.pool.SetPassword(t.Context(), u.ID, longer); err != nil {
				t.Fatal(err)
			}
			people = append(people, u)
		}
		var group sync.WaitGroup
		in := make([]error, len(people))
		for i, u := range people {
			group.Go(func() {
				_, _, in[i] = p.Directory.SignIn(t.Context(), directory.SignIn{Org: u.Org, Username: u.Username, Password: longer})
			})
		}
		group.Go(func() { p.sweeps(t.Context(), t, 2) })
		group.Wait()
		for i, u := range people {
			now, err := p.Store.User(t.Context(), u.Org, u.ID)
			if err != nil {
				t.Fatal(err)
			}
			archived := now.Status == directory.Archived
			if cmp.Or(directory.CodeOf(in[i]), "") == "archived" != archived || archived == (in[i] == nil) || in[i] == nil && now.Warnings != 0 {
				t.Errorf("the sign-in of %s came to %v, and the account is %s with %d warnings", u.Username, in[i], now.Status, now.Warnings)
			}
		}
	})
}
