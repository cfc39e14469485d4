package faults_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// way is how a call fails.
type way string

const (
	lost   way = "lost"   // nothing was done, and the caller is told that nobody knows
	kept   way = "kept"   // it was done all the same
	busy   way = "busy"   // the pool says that it did nothing
	outage way = "outage" // lost, and so is all that follows
)

// injector numbers the calls of a request to what is behind, and has one of them fail.
type injector struct {
	mu     sync.Mutex
	at     int // which call, from 1; 0: none
	how    way
	only   string // which calls; "": all
	seen   int
	struck string // what the call was that failed; "": none yet
}

func (i *injector) arm(at int, how way) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.at, i.how, i.seen, i.struck = at, how, 0, ""
}

func (i *injector) disarm() (struck string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	struck, i.at, i.struck, i.only = i.struck, 0, "", ""
	return struck
}

// away has all calls of a kind fail.
func (i *injector) away(what string) {
	i.arm(1, outage)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.only = what
}

// call tells whether a call is done, and how it fails; "" if it does not.
func (i *injector) call(what string) (done bool, failing way) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.at == 0 || i.only != "" && i.only != what {
		return true, ""
	}
	i.seen++
	if i.seen == i.at || i.how == outage && i.seen > i.at {
		if i.struck == "" {
			i.struck = what
		}
		return i.how == kept, i.how
	}
	return true, ""
}

var errInjected = errors.New("injected fault")

// store is the error of a call to the store.
func (i *injector) store(what string) (done bool, err error) {
	done, failing := i.call(what)
	if failing == "" {
		return true, nil
	}
	return done, fmt.Errorf("%w: %w", errInjected, engine.ErrUnavailable)
}

// service is the error of a call to anything else.
func (i *injector) service(what string) (done bool, err error) {
	done, failing := i.call(what)
	switch failing {
	case "":
		return true, nil
	case busy:
		return done, directory.NewBusy(what, 1, errInjected)
	default:
		return done, directory.NewUnavailable(what, 1, errInjected)
	}
}

// pool keeps passwords in the clear.
type pool struct {
	*injector
	mu   sync.Mutex
	kept map[directory.UserID]string
	sets int // how many passwords were to be set
}

func (p *pool) do(work func()) error {
	done, err := p.service("sign-in service")
	if done {
		p.mu.Lock()
		defer p.mu.Unlock()
		work()
	}
	return err
}

func (p *pool) SetPassword(_ context.Context, id directory.UserID, password string) error {
	p.mu.Lock()
	p.sets++
	p.mu.Unlock()
	return p.do(func() { p.kept[id] = password })
}

func (p *pool) VerifyPassword(_ context.Context, id directory.UserID, password string) error {
	right := false
	if err := p.do(func() { right = p.kept[id] == password && password != "" }); err != nil {
		return err
	}
	if !right {
		return directory.ErrWrongPassword
	}
	return nil
}

func (p *pool) SetDisabled(context.Context, directory.UserID, bool) error { return p.do(func() {}) }

func (p *pool) DeletePassword(_ context.Context, id directory.UserID) error {
	return p.do(func() { delete(p.kept, id) })
}

// sealer seals as the one behind it does.
type sealer struct {
	*injector
	directory.Sealer
}

func (s sealer) Seal(ctx context.Context, label string, plain []byte) ([]byte, error) {
	if _, err := s.service("keys"); err != nil {
		return nil, err
	}
	return s.Sealer.Seal(ctx, label, plain)
}

func (s sealer) Open(ctx context.Context, label string, sealed []byte) ([]byte, error) {
	if _, err := s.service("keys"); err != nil {
		return nil, err
	}
	return s.Sealer.Open(ctx, label, sealed)
}

// providers is an identity provider that vouches for one person.
type providers struct {
	*injector
	vouches directory.Identity
	state   string // of the last sign-in begun
}

func (p *providers) Begin(_ context.Context, _ directory.Provider, f directory.Flow) (string, error) {
	_, err := p.service("identity provider")
	p.state = f.State
	return "https://login.example/authorise?state=" + f.State, err
}

func (p *providers) Finish(context.Context, directory.Provider, directory.Flow, string) (directory.Identity, error) {
	_, err := p.service("identity provider")
	return p.vouches, err
}

func (p *providers) Check(context.Context, directory.Provider) error {
	_, err := p.service("identity provider")
	return err
}
