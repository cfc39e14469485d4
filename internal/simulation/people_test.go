package simulation_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// person is somebody with an account.
type person struct {
	id       directory.UserID
	username string
	family   string // nobody else has it
	email    string
	random   *rand.Rand
	gap      func(*rand.Rand) int // days until the next visit; 0 or less: there is none
	initial  string               // the password that was handed over, until another one is chosen
	known    directory.Known
	facts    []fact
	gone     bool // the account is deleted, as far as the person found out
}

// fact is something that somebody did, as the model is told it.
type fact struct {
	at   time.Time
	kind string
	ends time.Time
	on   bool
}

// What somebody did.
const (
	created    = "created"
	signedIn   = "signed in"
	suspended  = "suspended"
	reinstated = "reinstated"
	putAway    = "archived by hand"
	restored   = "restored"
	deleted    = "deleted by hand"
	endSet     = "end date set"
	newsSet    = "news"
)

func (p *person) did(w *world, kind string) { p.facts = append(p.facts, fact{at: w.now, kind: kind}) }

// habits are how often people come, and in what share of a thousand. Who comes daily is seen at the door every few
// months here: nothing that a sweep looks at is different in between.
var habits = []struct {
	share int
	gap   func(p *person) func(*rand.Rand) int
}{
	{150, every(45, 90)},   // daily
	{250, every(110, 150)}, // termly
	{150, every(340, 430)}, // once a year
	{100, every(20, 800)},  // as it happens
	{80, around(15, 16, 17, 18)},
	{70, around(18, 18, 36)},
	{120, until(every(30, 90), 1, 30)}, // who leaves one day
	{80, until(every(1, 400), 1, 3)},   // who tries it and forgets it
}

// every is a visit after so many days.
func every(low, high int) func(*person) func(*rand.Rand) int {
	return func(*person) func(*rand.Rand) int { return func(r *rand.Rand) int { return between(r, low, high) } }
}

// around is a visit within days of one of the stages: just before, on the day, and just after.
func around(months ...int) func(*person) func(*rand.Rand) int {
	return func(*person) func(*rand.Rand) int {
		return func(r *rand.Rand) int { return months[r.IntN(len(months))]*305/10 + between(r, -4, 4) }
	}
}

// until is the habit for so many visits, and then none.
func until(habit func(*person) func(*rand.Rand) int, low, high int) func(*person) func(*rand.Rand) int {
	return func(p *person) func(*rand.Rand) int {
		left, gap := between(p.random, low, high), habit(p)
		return func(r *rand.Rand) int {
			left--
			if left < 0 {
				return 0
			}
			return gap(r)
		}
	}
}

// habit draws one; the rest of the thousand never come.
func (p *person) habit() func(*rand.Rand) int {
	drawn := p.random.IntN(1000)
	for _, h := range habits {
		if drawn -= h.share; drawn < 0 {
			return h.gap(p)
		}
	}
	return func(*rand.Rand) int { return 0 }
}

// register takes an account into the books.
func (w *world) register(made directory.Created) *person {
	u := made.User
	p := &person{
		id: u.ID, initial: string(made.Password), username: u.Username, family: u.FamilyName, email: u.Email,
		random: rand.New(rand.NewPCG(w.random.Uint64(), w.random.Uint64())),
	}
	p.did(w, created)
	w.people = append(w.people, p)
	w.byID[u.ID] = p
	return p
}

var types = []directory.RoleID{"seniorOfficer", "dataOfficer", "adviser", "virtualSchool", "governorSupport", "consultant"}

// join adds a user, who will come by a habit.
func (w *world) join() {
	n := len(w.people)
	roles := []directory.RoleID{types[w.random.IntN(len(types))]}
	if chance(w.random, 10) {
		roles = append(roles, "administrator")
	}
	newcomer := directory.NewPerson("Pat", fmt.Sprintf("Zyx%05dqj", n), fmt.Sprintf("zyx%05d@council.example", n))
	newcomer.Roles = &roles
	made, err := w.app.Directory.CreateUser(w.ctx, w.caller(), newcomer, directory.Once{})
	if err != nil {
		w.Fatalf("%v: add somebody: %v", w, err)
	}
	p := w.register(made)
	p.gap = p.habit()
	if first := p.gap(p.random); first > 0 {
		w.plan(min(first, between(p.random, 1, 400)), func() { w.visit(p) })
	}
}

// visit is somebody at the door, who comes again by their habit.
func (w *world) visit(p *person) {
	if p.gone {
		return
	}
	if next := p.gap(p.random); next > 0 {
		w.plan(next, func() { w.visit(p) })
	}
	err := w.signIn(p)
	if err == nil {
		p.did(w, signedIn)
		if chance(p.random, 30) {
			w.chooseNews(p)
		}
		return
	}
	switch directory.CodeOf(err) {
	case "archived", "expired":
		if chance(p.random, 500) { // they ask for the account
			w.plan(between(p.random, 1, 20), func() { w.restore(p) })
			w.plan(between(p.random, 21, 40), func() { w.visit(p) })
		}
	case "suspended":
	case "invalid_credentials":
		p.gone = true
	default:
		w.Fatalf("%v: %s cannot sign in: %v", w, p.id, err)
	}
}

// password is the person's own: usernames of the purged are given to others.
func (p *person) password() string {
	if p.initial != "" {
		return p.initial
	}
	return "Correct-horse-" + string(p.id[13:])
}

// signIn goes through the door, and chooses a password of one's own the first time.
func (w *world) signIn(p *person) error {
	d := w.app.Directory
	c, _, err := d.SignIn(w.ctx, directory.SignIn{Org: council, Username: p.username, Password: p.password(), Known: p.known})
	if err != nil {
		return err
	}
	switch c.Session.Challenge() {
	case "":
	case directory.ChallengeNewPassword:
		p.initial = ""
		if c, _, err = d.MeetNewPassword(w.ctx, c, directory.NewPassword{Password: p.password(), Repeat: p.password()}); err != nil {
			return err
		}
	default:
		return errors.New("another challenge: " + string(c.Session.Challenge()))
	}
	p.known = c.Known
	return nil
}

// chooseNews has somebody who is in say yes or no to news.
func (w *world) chooseNews(p *person) {
	u, err := w.app.Store.User(w.ctx, council, p.id)
	if err != nil {
		w.Fatal(err)
	}
	wants := directory.CommunicationsChange{News: !u.Wants.News}
	if _, err := w.app.Directory.ChangeCommunications(w.ctx, directory.Caller{Organisation: w.org, User: u}, wants); err != nil {
		w.Fatal(err)
	}
	p.facts = append(p.facts, fact{at: w.now, kind: newsSet, on: wants.News})
}
