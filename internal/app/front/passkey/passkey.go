// Package passkey adds passkeys. It is apart because what checks them takes as much of a binary as all clients of AWS: only the
// functions in which people sign in with one, or add one, import it.
package passkey

import (
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/passkeys"
)

// Add fails when passkeys cannot be had under the base URL.
func Add(c app.Config, p *app.Parts) error {
	party, err := passkeys.ConfigFor(c.BaseURL, c.Product)
	if err != nil {
		return err
	}
	p.Passkeys, err = passkeys.New(party, p.Clock())
	return err
}
