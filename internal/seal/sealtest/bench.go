package sealtest

import (
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
)

// Bench measures sealing and opening a secret of 32 bytes with a sealer that is in use already.
func Bench(b *testing.B, sealer directory.Sealer) {
	sealed, err := sealer.Seal(b.Context(), label, secret)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Seal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := sealer.Seal(b.Context(), label, secret); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Open", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := sealer.Open(b.Context(), label, sealed); err != nil {
				b.Fatal(err)
			}
		}
	})
}
