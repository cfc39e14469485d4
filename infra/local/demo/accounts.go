package demo

import (
	"sync"
	"time"

	"github.com/caretaker/caretaker/infra/local/statefile"
	"github.com/caretaker/caretaker/internal/directory"
)

// account is what has to be known of a person of the plan to sign in as one.
type account struct {
	ID       directory.UserID `json:"id"`
	Username string           `json:"username"`
	// Password is the initial one until Ready, and a newcomer's stays it.
	Password string `json:"password"`
	// SetAt is when the password was set; another time in the directory tells that it is no longer this one.
	SetAt time.Time `json:"setAt"`
	// Ready tells that nothing is left to be set up.
	Ready bool `json:"ready"`
}

// accounts keeps what is known of everybody in a file, so that a restart knows it. The usernames and initial passwords
// are random, and the directory shows a password only once.
type accounts struct {
	file string

	mu    sync.Mutex
	known map[string]account // by organisation and email
}

func openAccounts(file string) (*accounts, error) {
	a := &accounts{file: file, known: map[string]account{}}
	return a, statefile.Load(file, &a.known)
}

func keyOf(o organisation, p person) string { return string(o.Slug) + " " + p.Email }

func (a *accounts) get(o organisation, p person) (account, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	found, known := a.known[keyOf(o, p)]
	return found, known
}

func (a *accounts) put(o organisation, p person, one account) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known[keyOf(o, p)] = one
	return statefile.Save(a.file, a.known)
}

// forget is for accounts of a directory that is no longer there.
func (a *accounts) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.known)
}
