package simulation_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // London, wherever the test runs

	"github.com/oklog/ulid/v2"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
)

// began is when the ten years begin.
var began = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

const council directory.Slug = "council"

// world is an authority on the embedded store, in memory, without the network and without the cost of passwords.
type world struct {
	testing.TB
	ctx    context.Context
	random *rand.Rand // what happens to the authority; people have their own
	now    time.Time
	app    *app.App
	engine *bolt.Engine
	pool   *pool

	org      directory.Organisation
	admin    directory.User // who acts, and comes every day
	people   []*person
	byID     map[directory.UserID]*person
	due      map[int][]func() // what people and administrators have planned, by day
	letters  []directory.Mail // all that were in the outbox, as they were left
	silentTo int              // until this day no mail is sent: they wait
	sweeps   []sweepRun
	policies []policyFrom
}

// newWorld sets the authority up with its preset's policy.
func newWorld(tb testing.TB, seed uint64) *world {
	tb.Helper()
	w := &world{
		TB: tb, ctx: tb.Context(), random: rand.New(rand.NewPCG(seed, 0)), now: began, pool: &pool{has: map[directory.UserID]string{}},
		byID: map[directory.UserID]*person{}, due: map[int][]func(){},
	}
	clock := func() time.Time { return w.now }
	var err error
	if w.engine, err = bolt.Open(bolt.Memory, bolt.WithFeed(store.InOutbox), bolt.WithClock(clock)); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = w.engine.Close() })
	sealer, hasher := apptest.Secrets(tb)
	config := app.Config{
		BaseURL: "http://127.0.0.1", MailFrom: "no-reply@caretaker.example", Product: "Caretaker", Log: slog.New(slog.DiscardHandler),
	}
	parts := app.Parts{Engine: w.engine, Credentials: w.pool, Hasher: hasher, Sealer: sealer, Sender: post{}, Now: clock}
	if err := front.Proofs(config, &parts); err != nil {
		tb.Fatal(err)
	}
	w.app = app.New(config, parts)
	d := w.app.Directory
	d.NewID, d.Random = ids(clock, seed), rand.NewChaCha8([32]byte{byte(seed)})
	w.found()
	return w
}

// found sets up the platform and the authority.
func (w *world) found() {
	d := w.app.Directory
	platform, err := d.FoundPlatform(w.ctx, directory.NewOrganisation{
		Name: "Platform", Preset: "platform", FirstAdministrator: directory.NewPerson("Olive", "Operator", "olive@platform.example"),
	})
	if err != nil {
		w.Fatal(err)
	}
	made, err := d.CreateOrganisation(w.ctx, w.as(platform.Organisation, platform.User), directory.NewOrganisation{
		Slug: council, Name: "Council", Preset: "authority-analytics", FirstAdministrator: directory.NewPerson("Ada", "Admin", "ada@council.example"),
	}, directory.Once{})
	if err != nil {
		w.Fatal(err)
	}
	w.org, w.admin = made.Organisation, made.User
	w.policies = []policyFrom{{from: w.now, policy: w.org.Policy}}
	p := w.register(directory.Created{User: made.User, Password: made.Password})
	p.gap = func(*rand.Rand) int { return 20 }
	w.plan(1, func() { w.visit(p) })
}

// caller is the administrator who acts.
func (w *world) caller() directory.Caller { return w.as(w.org, w.admin) }

// as is somebody who acts, with the rights that they have.
func (w *world) as(o directory.Organisation, u directory.User) directory.Caller {
	c := directory.Caller{Organisation: o, User: u}
	c.Rights = directory.RightsOf(w.app.Directory.Catalogue(c), o, u)
	return c
}

// day is how many days have passed.
func (w *world) day() int { return int(w.now.Sub(began) / (24 * time.Hour)) }

// plan has something done so many days from now, one at the soonest.
func (w *world) plan(days int, do func()) {
	on := w.day() + max(1, days)
	w.due[on] = append(w.due[on], do)
}

// chance is true so many times of a thousand.
func chance(r *rand.Rand, perMille int) bool { return r.IntN(1000) < perMille }

// between is from low to high days.
func between(r *rand.Rand, low, high int) int { return low + r.IntN(high-low+1) }

// ids makes ids in time order that are the same every time.
func ids(now func() time.Time, seed uint64) func() string {
	var mu sync.Mutex
	var n uint64
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		var id ulid.ULID
		_ = id.SetTime(ulid.Timestamp(now())) // fails in the year 10889
		binary.BigEndian.PutUint16(id[6:8], uint16(seed))
		binary.BigEndian.PutUint64(id[8:], n)
		return strings.ToLower(id.String())
	}
}

// pool keeps passwords as they are.
type pool struct {
	mu  sync.Mutex
	has map[directory.UserID]string
}

func (p *pool) SetPassword(_ context.Context, id directory.UserID, password string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.has[id] = password
	return nil
}

func (p *pool) VerifyPassword(_ context.Context, id directory.UserID, password string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.has[id] != password {
		return directory.ErrWrongPassword
	}
	return nil
}

func (p *pool) SetDisabled(context.Context, directory.UserID, bool) error { return nil }

func (p *pool) DeletePassword(_ context.Context, id directory.UserID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.has, id)
	return nil
}

// post takes every mail.
type post struct{}

func (post) Send(context.Context, mail.Message) error { return nil }

// deliver carries what waits in the outbox, unless the mail system is down.
func (w *world) deliver() {
	if w.day() < w.silentTo {
		return
	}
	atOnce, cancel := context.WithCancel(w.ctx)
	cancel()
	for {
		changes, err := w.engine.Next(atOnce, 500)
		if err != nil {
			return // there is nothing more, and Next would wait
		}
		for _, c := range changes {
			m, wanted, err := store.MailOf(c)
			if err != nil {
				w.Fatal(err)
			}
			if !wanted {
				continue
			}
			if err := w.app.Delivery.Deliver(w.ctx, m); err != nil {
				w.Fatalf("deliver %+v: %v", m, err)
			}
			w.keep(m)
		}
		if err := w.engine.Done(w.ctx, changes[len(changes)-1].Sequence); err != nil {
			w.Fatal(err)
		}
	}
}

// keep remembers a letter as delivery left it.
func (w *world) keep(m directory.Mail) {
	if m.Template == directory.WelcomeMail || m.Template == directory.PasswordChangedMail {
		return // one for everybody, about nothing that happens by itself
	}
	left, err := w.app.Store.Mail(w.ctx, m.Org, m.User, m.ID)
	if directory.KindOf(err) == directory.NotFound { // with all else that was the account's
		left, err = m, nil
		left.Refused = "the account is gone"
	}
	if err != nil {
		w.Fatalf("read the letter %+v: %v", m, err)
	}
	w.letters = append(w.letters, left)
}

func (w *world) String() string { return fmt.Sprintf("day %d", w.day()) }
