package keyfile_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/seal"
	"github.com/caretaker/caretaker/internal/seal/keyfile"
	"github.com/caretaker/caretaker/internal/seal/sealtest"
)

const label = "label"

var secret = []byte("JBSWY3DPEHPK3PXP")

func open(tb testing.TB, path string) *keyfile.Sealer {
	tb.Helper()
	s, err := keyfile.Open(keyfile.Config{Path: path, Random: rand.Reader})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func sealed(tb testing.TB, by *keyfile.Sealer) []byte {
	tb.Helper()
	out, err := by.Seal(tb.Context(), label, secret)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func opens(tb testing.TB, by *keyfile.Sealer, what []byte) {
	tb.Helper()
	if got, err := by.Open(tb.Context(), label, what); err != nil || !bytes.Equal(got, secret) {
		tb.Errorf("got %q, %v, want the secret", got, err)
	}
}

func TestFileConforms(t *testing.T) {
	t.Parallel()
	sealtest.Run(t, func(t *testing.T) func() directory.Sealer {
		path := filepath.Join(t.TempDir(), "keys")
		return func() directory.Sealer { return open(t, path) }
	})
}

func TestFileOfSeveralKeysConforms(t *testing.T) {
	t.Parallel()
	sealtest.Run(t, func(t *testing.T) func() directory.Sealer {
		path := filepath.Join(t.TempDir(), "keys")
		for range 3 {
			addKey(t, open(t, path))
		}
		return func() directory.Sealer { return open(t, path) }
	})
}

func TestMemoryConforms(t *testing.T) {
	t.Parallel()
	sealtest.Run(t, func(t *testing.T) func() directory.Sealer {
		s := open(t, keyfile.Memory)
		return func() directory.Sealer { return s }
	})
}

func TestWhatIsSealedHasTheDocumentedLayout(t *testing.T) {
	t.Parallel()
	s := open(t, keyfile.Memory)
	first, second := sealed(t, s), sealed(t, s)
	if want := 1 + 8 + 12 + len(secret) + 16; len(first) != want {
		t.Errorf("%d bytes, want %d", len(first), want)
	}
	if first[0] != seal.FormatKeyFile || !bytes.Equal(first[:9], second[:9]) {
		t.Errorf("heads % x and % x, want the same, beginning with 1", first[:9], second[:9])
	}
}

// What was sealed once must open for ever, so these bytes never change.
func TestWhatWasSealedByTheFirstVersionOpens(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	write(t, path, firstVersionFile, 0o600)
	opens(t, open(t, path), unhex(t, firstVersionSealed))
}

func TestNonceComesFromTheGivenSource(t *testing.T) {
	t.Parallel()
	random := strings.NewReader(strings.Repeat("k", 32) + "twelve bytes")
	s, err := keyfile.Open(keyfile.Config{Path: keyfile.Memory, Random: random})
	if err != nil {
		t.Fatal(err)
	}
	if got := sealed(t, s); !bytes.Equal(got[9:21], []byte("twelve bytes")) {
		t.Errorf("nonce %q", got[9:21])
	}
	if out, err := s.Seal(t.Context(), label, secret); !errors.Is(err, io.EOF) || out != nil {
		t.Errorf("sealed without randomness: %q, %v", out, err)
	}
}

func TestWithoutRandomnessThereAreNoKeys(t *testing.T) {
	t.Parallel()
	for name, random := range map[string]io.Reader{"no source": nil, "too few bytes": strings.NewReader("short")} {
		path := filepath.Join(t.TempDir(), "keys")
		if s, err := keyfile.Open(keyfile.Config{Path: path, Random: random}); err == nil || s != nil {
			t.Errorf("%s: got %v, %v", name, s, err)
		}
		if exists(t, path) {
			t.Errorf("%s: a file was made", name)
		}
	}
}

func BenchmarkKeyFile(b *testing.B) { sealtest.Bench(b, open(b, filepath.Join(b.TempDir(), "keys"))) }

func FuzzOpen(f *testing.F) {
	path := filepath.Join(f.TempDir(), "keys")
	write(f, path, firstVersionFile, 0o600)
	// Fixed keys and randomness, because the fuzzing happens in several processes.
	s, err := keyfile.Open(keyfile.Config{Path: path, Random: strings.NewReader("twelve bytes")})
	if err != nil {
		f.Fatal(err)
	}
	head := unhex(f, firstVersionSealed)[:9]
	sealtest.Fuzz(f, s, head, []byte{seal.FormatKMS, 0, 1, 'x'})
}
