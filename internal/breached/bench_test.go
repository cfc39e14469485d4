package breached_test

import (
	_ "embed"
	"testing"

	"github.com/caretaker/caretaker/internal/breached"
)

//go:embed passwords.filter
var builtIn []byte

func BenchmarkKnown(b *testing.B) {
	for _, c := range []struct {
		name, password string
		known          bool
	}{
		{"listed", "qwertyuiop", true},
		{"disguised", "P@ssw0rd2026!", true},
		{"not listed, nothing to see through", "Walter1Softy", false},
		{"not listed, long", "Correct-horse-9-battery", false},
		{"not listed, all disguises", "Tr0ub4dour1(2026)", false},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if breached.Known(c.password) != c.known {
					b.Fatalf("%q: known is %v", c.password, !c.known)
				}
			}
		})
	}
}

// BenchmarkOpen is what the first question costs on top of its answer.
func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := breached.Open(builtIn); err != nil {
			b.Fatal(err)
		}
	}
}
