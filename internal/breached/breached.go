package breached

import (
	_ "embed"
	"sync"
)

// passwords is the filter that `go run ./infra/breached` builds. The program's file holds it as it is, and only what
// is looked at is read from there.
//
//go:embed passwords.filter
var passwords []byte

// BuiltIn is the filter that is built into the program. It is opened when it is first asked for, so that a cold start
// that no password is chosen in does not pay for it.
var BuiltIn = sync.OnceValue(func() *Filter {
	f, err := Open(passwords)
	if err != nil {
		panic(err) // the program was built from a damaged file; a test reads the same one
	}
	return f
})

// Known tells whether the password is common or breached, by itself or in a simple disguise; the package comment has
// the rule. It is wrong about a few that are neither: one look-up in 16,384 is, and a password takes 2 to 24 of them.
// Of random passwords of twelve letters one in 8,500 is refused for nothing, of eight letters and four signs one in
// 1,700. Whoever that happens to chooses another.
func Known(password string) bool { return BuiltIn().Known(password) }
