package sealtest

import (
	"bytes"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
)

// Fuzz opens arbitrary bytes: nothing but what the sealer itself has sealed may open, and nothing may bring it down.
// The sealer must seal the same text the same way in every process. heads are beginnings that are worth trying.
func Fuzz(f *testing.F, sealer directory.Sealer, heads ...[]byte) {
	genuine, err := sealer.Seal(f.Context(), label, secret)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(label, genuine)
	f.Add("", genuine)
	f.Add(label, genuine[:len(genuine)-1])
	f.Add(label, []byte{})
	for _, head := range heads {
		f.Add(label, head)
		f.Add(label, append(bytes.Clone(head), make([]byte, 64)...))
	}
	f.Fuzz(func(t *testing.T, as string, sealed []byte) {
		got, err := sealer.Open(t.Context(), as, sealed)
		if as == label && bytes.Equal(sealed, genuine) {
			if err != nil || !bytes.Equal(got, secret) {
				t.Errorf("what was sealed was not opened: %q, %v", got, err)
			}
			return
		}
		if err == nil || got != nil || directory.KindOf(err) != directory.Internal {
			t.Errorf("got %q, %v, want nothing and kind internal", got, err)
		}
	})
}
