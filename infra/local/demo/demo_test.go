package demo_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/infra/local/demo"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
)

// cheap are the least params of argon2id: these tests are not about the cost of guessing.
var cheap = embedded.Params{MemoryKiB: 8, Passes: 1, Lanes: 1}

// install opens an installation that keeps nothing, at a time that the test moves.
func install(t *testing.T) (*host.Local, *time.Time) {
	t.Helper()
	now := time.Date(2026, time.September, 1, 8, 0, 0, 0, time.UTC)
	c := app.Config{Product: "Caretaker", BaseURL: "http://127.0.0.1", MailFrom: "no-reply@caretaker.example", Log: slog.New(slog.DiscardHandler)}
	local, err := host.OpenEmbedded(c, host.InMemory, func() time.Time { return now }, cheap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := local.Close(); err != nil {
			t.Error(err)
		}
	})
	return local, &now
}

func open(t *testing.T, d *directory.Directory, file string) *demo.Demo {
	t.Helper()
	people, err := demo.Open(d, file)
	if err != nil {
		t.Fatal(err)
	}
	return people
}

func seed(t *testing.T, d *directory.Directory, file string) *demo.Demo {
	t.Helper()
	people := open(t, d, file)
	if err := errors.Join(people.Seed(t.Context()), people.SeedLater(t.Context())); err != nil {
		t.Fatal(err)
	}
	return people
}

func list(t *testing.T, people *demo.Demo) []demo.Organisation {
	t.Helper()
	found, err := people.Organisations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// user finds somebody of the demonstration by name.
func user(t *testing.T, people *demo.Demo, name string) (directory.Slug, demo.User) {
	t.Helper()
	for _, o := range list(t, people) {
		for _, u := range o.Users {
			if u.Name == name {
				return o.Slug, u
			}
		}
	}
	t.Fatalf("%s is not there", name)
	return "", demo.User{}
}

func signIn(t *testing.T, d *directory.Directory, org directory.Slug, u demo.User) directory.Caller {
	t.Helper()
	c, _, err := d.SignIn(t.Context(), directory.SignIn{Org: org, Username: u.Username, Password: u.Password})
	if err != nil {
		t.Fatalf("sign in as %s of %s with %q: %v", u.Username, org, u.Password, err)
	}
	return c
}

func TestEverybodyIsThereAndSignsInAsTold(t *testing.T) {
	t.Parallel()
	local, _ := install(t)
	var got []string
	for _, o := range list(t, seed(t, local.Directory, "")) {
		for _, u := range o.Users {
			open := signIn(t, local.Directory, o.Slug, u).Session.Challenge()
			if straight := u.Note == "Goes straight in."; straight != (open == "") {
				t.Errorf("%s: %q, but the sign-in asks for %q", u.Name, u.Note, open)
			}
			if u.Username == "" || u.Password == "" {
				t.Errorf("%s has username %q, password %q", u.Name, u.Username, u.Password)
			}
			got = append(got, strings.Join([]string{string(o.Slug), o.Preset, string(u.Kind), u.Name, fmt.Sprint(u.Roles), string(open)}, " "))
		}
	}
	want := []string{
		"bash-street school-portal administrator Jane Admin [administrator] ",
		"bash-street school-portal user Tom Teacher [user] ",
		"bash-street school-portal user Nora Newcomer [user] newPassword",
		"northfield-college learner-registration administrator Sarah Whitfield [LRBSuperUser] agreement",
		"northfield-college learner-registration user Owen Price [LRBOnlineUser] agreement",
		"northfield-college learner-registration user Bharti Desai [LRBBatchUser LRBViewOnlyUser] agreement",
		"northfield-college learner-registration user Lewis Grant [LRBViewOnlyUser LearnerPlanUser LearnerRecord] agreement",
		"wessex authority-analytics administrator Helen Ashcombe [administrator] ",
		"wessex authority-analytics user Graham Tilley [adviser] ",
		"wessex authority-analytics user Anita Rao [adviser] ",
		"wessex authority-analytics user Victor Hale [virtualSchool] ",
		"barset authority-analytics administrator Eleanor Harding [administrator] ",
		"mercia measurement-programme administrator Patricia Lomax [superUser] ",
		"mercia measurement-programme user Edwin Marsh [ncmpLead superUser] ",
		"mercia measurement-programme user Colette Barnes [collector] ",
		"mercia measurement-programme user Marcus Hill [monitor] ",
		"mercia measurement-programme user Wendy Noble [] ",
		"havnegade-skole school-intranet administrator Kirsten Holm [administrator] ",
		"havnegade-skole school-intranet user Lars Bøgh Madsen [ordinaryTeachers] ",
		"havnegade-skole school-intranet user Mette Søndergaard [office] ",
		"havnegade-skole school-intranet user Anders Krogh [ordinaryTeachers timetablePlanners] ",
		"operator platform operator Olive Operator [operator] ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestASecondSeedingChangesNothing(t *testing.T) {
	t.Parallel()
	local, _ := install(t)
	file := filepath.Join(t.TempDir(), "demo.json")
	before := list(t, seed(t, local.Directory, file))
	stored := read(t, file)

	dead := &crash{dead: true, Store: local.Directory.Store, Credentials: local.Directory.Credentials}
	after := list(t, seed(t, dead.of(local.Directory), file)) // whatever it wrote would fail
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("-before +after\n%s", diff)
	}
	if got := read(t, file); got != stored {
		t.Errorf("the file is now\n%s", got)
	}
}

func TestTheFileIsForThisUserOnly(t *testing.T) {
	t.Parallel()
	local, _ := install(t)
	file := filepath.Join(t.TempDir(), "demo.json")
	seed(t, local.Directory, file)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestWhatPeopleDidSinceIsLeftAndTold(t *testing.T) {
	t.Parallel()
	local, now := install(t)
	d := local.Directory
	file := filepath.Join(t.TempDir(), "demo.json")
	people := seed(t, d, file)
	org, jane := user(t, people, "Jane Admin")
	_, tom := user(t, people, "Tom Teacher")
	_, nora := user(t, people, "Nora Newcomer")
	*now = now.Add(time.Hour)

	teacher := signIn(t, d, org, tom)
	if _, _, err := d.ChangeOwnPassword(t.Context(), teacher, tom.Password,
		directory.NewPassword{Password: "Another1One", Repeat: "Another1One"}); err != nil {
		t.Fatal(err)
	}
	admin := signIn(t, d, org, jane)
	newcomer := signIn(t, d, org, nora)
	if err := d.DeleteUser(t.Context(), admin, newcomer.User.ID, nil); err != nil {
		t.Fatal(err)
	}

	people = seed(t, d, file)
	if _, tom := user(t, people, "Tom Teacher"); tom.Password != "" || tom.Note != "The password was changed since." {
		t.Errorf("Tom Teacher: %+v", tom)
	}
	for _, o := range list(t, people) {
		if slices.ContainsFunc(o.Users, func(u demo.User) bool { return u.Name == "Nora Newcomer" }) {
			t.Error("Nora Newcomer is still, or again, there")
		}
	}
}

func TestAFileWithoutItsDataBeginsAnew(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "demo.json")
	first, _ := install(t)
	seed(t, first.Directory, file)
	second, _ := install(t)
	if got := list(t, open(t, second.Directory, file)); len(got) != 0 {
		t.Errorf("people of other data are told: %+v", got)
	}
	people := seed(t, second.Directory, file)
	org, jane := user(t, people, "Jane Admin")
	signIn(t, second.Directory, org, jane)
}

func TestDataWithoutTheirFileAreReported(t *testing.T) {
	t.Parallel()
	local, _ := install(t)
	seed(t, local.Directory, "")
	if err := open(t, local.Directory, "").Seed(t.Context()); !errors.Is(err, demo.ErrForeign) {
		t.Errorf("seed: %v, want ErrForeign", err)
	}
}

// crash is the end of the program at some write: the write of that number was kept or lost, and none comes after it.
type crash struct {
	directory.Store
	directory.Credentials
	kept bool

	mu   sync.Mutex
	left int // writes until the end
	dead bool
}

var errCrashed = directory.NewUnavailable("program", 0, nil)

func (c *crash) of(d *directory.Directory) *directory.Directory {
	ends := *d
	ends.Store, ends.Credentials = c, c
	return &ends
}

func (c *crash) write(do func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		return errCrashed
	}
	c.left--
	c.dead = c.left < 0
	if !c.dead {
		return do()
	}
	if c.kept {
		return errors.Join(errCrashed, do())
	}
	return errCrashed
}

func (c *crash) Commit(ctx context.Context, change directory.Change) error {
	return c.write(func() error { return c.Store.Commit(ctx, change) })
}

func (c *crash) Begin(ctx context.Context, i directory.Intent, on ...directory.Write) error {
	return c.write(func() error { return c.Store.Begin(ctx, i, on...) })
}

func (c *crash) Abandon(ctx context.Context, i directory.Intent, l *directory.PasswordLink) error {
	return c.write(func() error { return c.Store.Abandon(ctx, i, l) })
}

func (c *crash) SetPassword(ctx context.Context, id directory.UserID, password string) error {
	return c.write(func() error { return c.Credentials.SetPassword(ctx, id, password) })
}

func (c *crash) DeletePassword(ctx context.Context, id directory.UserID) error {
	return c.write(func() error { return c.Credentials.DeletePassword(ctx, id) })
}

// It tries every write of what Seed sets up; for SeedLater, which does the same some more times, see
// TestALaterCrashIsContinuedFrom.
func TestACrashAnywhereIsContinuedFrom(t *testing.T) {
	t.Parallel()
	for name, kept := range map[string]bool{"the last write was lost": false, "the last write was kept": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			foreign, writes := 0, 0
			for crashed := true; crashed; writes++ {
				var known bool
				if crashed, known = crashAndGoOn(t, writes, kept); !known {
					foreign++
				}
			}
			if writes < 20 {
				t.Errorf("all of it is %d writes: this cannot be", writes)
			}
			// The moment between the founding and the noting of the operator's password cannot be healed.
			want := map[bool]int{false: 0, true: 1}[kept]
			if foreign != want {
				t.Errorf("%d crashes left a platform whose operator is not known, want %d", foreign, want)
			}
		})
	}
}

// crashAndGoOn tells whether the seeding came as far as the crash, and whether it could be continued.
func crashAndGoOn(t *testing.T, writes int, kept bool) (crashed, known bool) {
	t.Helper()
	local, now := install(t)
	d, file := local.Directory, filepath.Join(t.TempDir(), "demo.json")
	ends := &crash{Store: d.Store, Credentials: d.Credentials, kept: kept, left: writes}
	crashed = open(t, ends.of(d), file).Seed(t.Context()) != nil

	people := open(t, d, file)
	if err := people.Seed(t.Context()); errors.Is(err, demo.ErrForeign) {
		return crashed, false
	} else if err != nil {
		t.Fatalf("after a crash at write %d: %v", writes, err)
	}
	*now = now.Add(time.Hour)
	if _, err := d.Heal(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	wantWhole(t, d, people)
	return crashed, true
}

// wantWhole fails unless everybody is there, once, and signs in as told.
func wantWhole(t *testing.T, d *directory.Directory, people *demo.Demo) {
	t.Helper()
	there, _, err := people.AtOnce(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	told := map[directory.Slug]int{}
	for _, o := range there {
		for _, u := range o.Users {
			told[o.Slug]++
			if c := signIn(t, d, o.Slug, u); u.Note == "Goes straight in." && c.Session.Challenge() != "" {
				t.Errorf("%s: %q, but the sign-in asks for %q", u.Name, u.Note, c.Session.Challenge())
			}
		}
	}
	if diff := cmp.Diff(map[directory.Slug]int{"bash-street": 3, "operator": 1}, told); diff != "" {
		t.Errorf("people: -want +got\n%s", diff)
	}
	page, err := d.Store.Users(t.Context(), directory.UserQuery{Org: "bash-street", Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	emails := map[string]int{}
	for _, u := range page.Users {
		emails[u.Email]++
	}
	for _, once := range []string{"t.teacher@bash-street.example", "n.newcomer@bash-street.example"} {
		if emails[once] != 1 {
			t.Errorf("%d accounts of %s", emails[once], once)
		}
	}
}
