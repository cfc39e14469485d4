package app_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/app/front/passkey"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/credentials/credentialstest"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail/inbox"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
	"github.com/caretaker/caretaker/internal/store/engine/enginetest"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }

// machine is a process that dies at a chosen one of its writes, before or after that write took effect. What it tries
// afterwards has no effect either, until it is started again.
type machine struct {
	mu     sync.Mutex
	writes int // still to be survived; negative: it does not die
	after  bool
	dead   bool
}

var errDead = directory.NewUnavailable("machine", 0, errors.New("the process was killed"))

func (m *machine) write() (apply bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.dead:
		return false, errDead
	case m.writes < 0:
		return true, nil
	}
	m.writes--
	if m.writes >= 0 {
		return true, nil
	}
	m.dead = true
	return m.after, errDead
}

func (m *machine) isDead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dead
}

func (m *machine) dieAt(writes int, after bool) { m.set(writes, after) }

// restart brings the machine up again and tells whether it had died.
func (m *machine) restart() bool {
	dead := m.dead
	m.set(-1, false)
	return dead
}

func (m *machine) set(writes int, after bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes, m.after, m.dead = writes, after, false
}

// pool is the credentials as seen from a machine that can die; it knows what took effect.
type pool struct {
	directory.Credentials
	machine *machine
	mu      sync.Mutex
	kept    map[directory.UserID]string
}

func (p *pool) SetPassword(ctx context.Context, id directory.UserID, password string) error {
	apply, failure := p.machine.write()
	if apply {
		if err := p.Credentials.SetPassword(ctx, id, password); err != nil {
			return err
		}
		p.note(id, password)
	}
	return failure
}

func (p *pool) DeletePassword(ctx context.Context, id directory.UserID) error {
	apply, failure := p.machine.write()
	if apply {
		if err := p.Credentials.DeletePassword(ctx, id); err != nil {
			return err
		}
		p.note(id, "")
	}
	return failure
}

func (p *pool) note(id directory.UserID, password string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept[id] = password
	if password == "" {
		delete(p.kept, id)
	}
}

// plant is an installation whose process can die.
type plant struct {
	*app.App
	machine  *machine
	pool     *pool
	faulty   *enginetest.Faulty
	inbox    *inbox.Inbox
	clock    *apptest.Clock
	operator directory.Caller
	schools  int
}

func newPlant(t *testing.T, e engine.Engine, c directory.Credentials) *plant {
	t.Helper()
	p := &plant{machine: &machine{writes: -1}, clock: apptest.NewClock()}
	p.pool = &pool{Credentials: c, machine: p.machine, kept: map[directory.UserID]string{}}
	box, err := inbox.Open(inbox.Config{Now: p.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	p.inbox = box
	p.faulty = &enginetest.Faulty{Engine: e, OnCommit: func([]engine.Op) (bool, error) { return p.machine.write() }}
	sealer, hasher := apptest.Secrets(t)
	config := app.Config{
		BaseURL: "https://users.example", MailFrom: "no-reply@users.example", Product: "Caretaker", Log: slog.New(slog.DiscardHandler),
	}
	parts := app.Parts{Engine: p.faulty, Credentials: p.pool, Sealer: sealer, Hasher: hasher, Sender: box, Now: p.clock.Now}
	if err := app.AddAll(config, &parts, front.Proofs, passkey.Add); err != nil {
		t.Fatal(err)
	}
	p.App = app.New(config, parts)
	made, err := p.Directory.FoundPlatform(t.Context(), directory.NewOrganisation{
		Name: "Platform", Preset: "platform", FirstAdministrator: person("Olive", "Operator"),
	})
	if err != nil {
		t.Fatal(err)
	}
	p.operator = p.enter(t, made.Organisation.Slug, made.User.Username, string(made.Password))
	return p
}

func person(given, family string) directory.NewUser {
	return directory.NewPerson(given, family, strings.ToLower(given+"."+family+"@users.example"))
}

// small is an installation on bbolt.
func small(t *testing.T) (*plant, *bolt.Engine) {
	t.Helper()
	e, err := bolt.Open(host.InMemory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	c, err := embedded.New(&credentialstest.Hashes{}, embedded.Config{Params: apptest.Cheap, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return newPlant(t, e, c), e
}

const chosen = "Chosen1password"

// enter goes from an initial password to the inside.
func (p *plant) enter(t *testing.T, org directory.Slug, username, initial string) directory.Caller {
	t.Helper()
	d, ctx := p.Directory, t.Context()
	c, _, err := d.SignIn(ctx, directory.SignIn{Org: org, Username: username, Password: initial})
	if err == nil {
		_, _, err = d.MeetNewPassword(ctx, c, directory.NewPassword{Password: chosen, Repeat: chosen})
	}
	if err == nil {
		c, _, err = d.SignIn(ctx, directory.SignIn{Org: org, Username: username, Password: chosen})
	}
	if err == nil && c.Session.Challenge() == directory.ChallengeAgreement {
		c, err = d.MeetAgreement(ctx, c, 1, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// school is a new one with an administrator and a user, both signed in.
func (p *plant) school(t *testing.T) (admin, user directory.Caller) {
	t.Helper()
	p.schools++
	slug := directory.Slug(fmt.Sprintf("school-%d", p.schools))
	made, err := p.Directory.CreateOrganisation(t.Context(), p.operator, directory.NewOrganisation{
		Slug: slug, Name: "School", Preset: "school-portal", FirstAdministrator: person("Jane", "Admin"),
	}, directory.Once{})
	if err != nil {
		t.Fatal(err)
	}
	admin = p.enter(t, slug, made.User.Username, string(made.Password))
	danny, err := p.Directory.CreateUser(t.Context(), admin, person("Danny", "Smith"), directory.Once{})
	if err != nil {
		t.Fatal(err)
	}
	return admin, p.enter(t, slug, danny.User.Username, string(danny.Password))
}

// onBoth runs a test on both stacks' stores and credentials.
func onBoth(t *testing.T, test func(t *testing.T, p *plant)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		p, _ := small(t)
		test(t, p)
	})
	t.Run("aws", func(t *testing.T) {
		t.Parallel()
		tables := dynamodb.NewFromConfig(emulatortest.AWS(t, emulatortest.RotatingDynamoDB(t)))
		table := "crash-" + strings.ToLower(rand.Text())
		if err := dynamo.CreateTable(t.Context(), tables, table); err != nil {
			t.Fatal(err)
		}
		pools := cognitoidentityprovider.NewFromConfig(emulatortest.AWS(t, emulatortest.Moto(t)))
		id, client, err := cognito.CreatePool(t.Context(), pools)
		if err != nil {
			t.Fatal(err)
		}
		const patience = time.Minute // see dynamo.WithPatience
		p := newPlant(t, dynamo.New(tables, table, dynamo.WithPatience(patience)), cognito.New(pools, cognito.Config{PoolID: id, ClientID: client}))
		p.Delivery.MarkWithin = patience
		test(t, p)
	})
}

// operation is something whose process may be killed in the middle.
type operation struct {
	name  string
	run   func(ctx context.Context, d *directory.Directory, admin, user directory.Caller) error
	check func(t *testing.T, p *plant, o outcome)
	// repeatable tells that it can be asked for again whatever came of it.
	repeatable bool
}

// outcome is what is there once the service has put things right.
type outcome struct {
	acknowledged bool
	users        map[string]directory.User // of the school, by given name
	mails        map[string]int            // by the first words of the subject
}

func operations() []operation {
	return []operation{
		{"create", func(ctx context.Context, d *directory.Directory, admin, _ directory.Caller) error {
			_, err := d.CreateUser(ctx, admin, person("Minnie", "Minx"), directory.Once{Key: "k", Fingerprint: "f"})
			return err
		}, checkCreate, true},
		{"reset", func(ctx context.Context, d *directory.Directory, admin, user directory.Caller) error {
			_, err := d.ResetPassword(ctx, admin, user.User.ID)
			return err
		}, checkChange, true},
		{"change", func(ctx context.Context, d *directory.Directory, _, user directory.Caller) error {
			_, _, err := d.ChangeOwnPassword(ctx, user, chosen, directory.NewPassword{Password: another, Repeat: another})
			return err
		}, checkChange, false},
		{"delete", func(ctx context.Context, d *directory.Directory, admin, user directory.Caller) error {
			return d.DeleteUser(ctx, admin, user.User.ID, nil)
		}, checkDelete, false},
	}
}

const another = "Another1password"

func checkCreate(t *testing.T, _ *plant, o outcome) {
	t.Helper()
	_, stored := o.users["Minnie"]
	if o.acknowledged && !stored {
		t.Error("the user was acknowledged and is missing")
	}
	if sent := o.mails["Your Caretaker account"]; (sent == 1) != stored || sent > 1 {
		t.Errorf("stored %t, and %d mails with the username were sent", stored, sent)
	}
}

// checkChange is about a password: it changed, and the user was told; or it did not; or it was interrupted, and the user
// was told that, and must choose a new one.
func checkChange(t *testing.T, p *plant, o outcome) {
	t.Helper()
	danny := o.users["Danny"]
	told := o.mails["Your Caretaker password"]
	interrupted := o.mails["Your new Caretaker"]
	same := p.pool.kept[danny.ID] == chosen
	switch {
	case o.acknowledged && (same || told != 1 || interrupted != 0):
		t.Errorf("acknowledged, but: same password %t, mails %v", same, o.mails)
	case told+interrupted > 1:
		t.Errorf("mails %v", o.mails)
	case !same && told+interrupted != 1:
		t.Errorf("the password is another one and the user was not told: %v", o.mails)
	case interrupted == 1 && !danny.MustChangePassword:
		t.Error("interrupted, but no new password is asked for")
	}
}

func checkDelete(t *testing.T, p *plant, o outcome) {
	t.Helper()
	danny, stored := o.users["Danny"]
	if o.acknowledged && stored {
		t.Error("the deletion was acknowledged and the user is there")
	}
	if _, kept := p.pool.kept[danny.ID]; stored != kept {
		t.Errorf("stored %t, credential kept %t", stored, kept)
	}
}

// The process is killed at each of its writes in turn, before and after the write took effect. Afterwards, once Tidy has
// run, nothing acknowledged is missing, no account is without a credential, no credential without an account, and every
// mail that belongs to what was stored has been sent once.
func TestKilledAtEveryWrite(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, p *plant) {
				writes := 0
				for p.kill(t, op, writes, false) && p.kill(t, op, writes, true) {
					writes++
				}
				if writes < 3 {
					t.Errorf("only %d writes were interrupted", writes)
				}
			})
		})
	}
}

// kill runs an operation that dies at a write; false if it has no such write.
func (p *plant) kill(t *testing.T, op operation, writes int, after bool) (died bool) {
	t.Helper()
	t.Run(fmt.Sprintf("write %d after=%t", writes, after), func(t *testing.T) {
		admin, user := p.school(t)
		p.tidy(t)
		if err := p.inbox.Clear(t.Context()); err != nil {
			t.Fatal(err)
		}
		known := maps.Clone(p.pool.kept)
		p.machine.dieAt(writes, after)
		err := op.run(t.Context(), p.Directory, admin, user)
		died = p.machine.restart()
		if !died && err != nil {
			t.Fatal(err)
		}
		p.tidy(t)
		o := outcome{acknowledged: err == nil, users: p.users(t, admin.Organisation.Slug), mails: p.mails(t)}
		p.checkCredentials(t, o.users, known)
		op.check(t, p, o)
		if !op.repeatable {
			return
		}
		if err := op.run(t.Context(), p.Directory, admin, user); err != nil {
			t.Errorf("asked for again, it fails: %v", err)
		}
	})
	return died
}

// tidy lets time pass and the service put things right.
func (p *plant) tidy(t *testing.T) {
	t.Helper()
	for range 2 { // the second time for the mails that the first one wrote: there is no change feed here
		p.clock.Advance(20 * time.Minute)
		if _, err := p.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := p.Store.Intents(t.Context(), p.clock.Now(), 10); err != nil || len(left) > 0 {
		t.Errorf("intents are left: %v, %v", left, err)
	}
}

func (p *plant) users(t *testing.T, org directory.Slug) map[string]directory.User {
	t.Helper()
	page, err := p.Store.Users(t.Context(), directory.UserQuery{Org: org, Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	users := map[string]directory.User{}
	for _, u := range page.Users {
		users[u.GivenName] = u
	}
	return users
}

func (p *plant) mails(t *testing.T) map[string]int {
	t.Helper()
	sent, err := p.inbox.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, m := range sent {
		count[strings.Join(strings.Fields(m.Subject)[:3], " ")]++
	}
	return count
}

// checkCredentials proves that accounts and credentials are one to one.
func (p *plant) checkCredentials(t *testing.T, users map[string]directory.User, known map[directory.UserID]string) {
	t.Helper()
	has := map[directory.UserID]bool{}
	for _, u := range users {
		has[u.ID] = true
		if err := p.pool.VerifyPassword(t.Context(), u.ID, p.pool.kept[u.ID]); err != nil {
			t.Errorf("%s has no usable credential: %v", u.Username, err)
		}
	}
	for id := range p.pool.kept {
		if _, before := known[id]; !before && !has[id] {
			t.Errorf("the credential of %s belongs to nobody", id)
		}
	}
}
