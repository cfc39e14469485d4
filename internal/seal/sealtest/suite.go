// Package sealtest owns what every implementation of directory.Sealer must do (Run), that no bytes bring it down (Fuzz),
// and what one costs (Bench). It is for tests only and knows nothing of how an adapter works.
package sealtest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/seal"
)

const label = "totp secret of 01k5h8q2v3m4n5p6q7r8s9t0wx"

var secret = []byte("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")

// overhead is the most bytes that sealing may add, for the store pays by size.
const overhead = 300

// Run checks an implementation of the port. install makes an installation with keys of its own; what it returns opens
// that installation, each time as a new process would.
func Run(t *testing.T, install func(t *testing.T) (open func() directory.Sealer)) {
	for _, c := range []struct {
		name string
		run  func(s subject)
	}{
		{"what was sealed is opened", comesBack},
		{"what was sealed does not show it and is not long", hidden},
		{"the same sealed twice differs", nonces},
		{"the same installation opened again opens it", reopened},
		{"what another installation sealed is not opened", foreign},
		{"only the same label opens it", labels},
		{"what was altered anywhere is not opened", altered},
		{"what was cut off or lengthened is not opened", lengths},
		{"lengths out of bounds are refused", bounds},
		{"nobody's slice is kept or changed", slicesAreApart},
		{"a context that has ended stops everything", contextEnded},
		{"many at once do not disturb each other", parallel},
		{"errors do not quote the secret", quiet},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			open := install(t)
			c.run(subject{t, open(), open, install})
		})
	}
}

// subject is the implementation under test, with methods that say what is expected of it.
type subject struct {
	*testing.T
	sealer  directory.Sealer
	open    func() directory.Sealer
	install func(t *testing.T) (open func() directory.Sealer)
}

func (s subject) seal(label string, plain []byte) []byte {
	s.Helper()
	sealed, err := s.sealer.Seal(s.Context(), label, plain)
	if err != nil {
		s.Fatalf("Seal(%q, %d bytes): %v", label, len(plain), err)
	}
	return sealed
}

func (s subject) opens(by directory.Sealer, label string, sealed, want []byte) {
	s.Helper()
	got, err := by.Open(s.Context(), label, sealed)
	if err != nil || !bytes.Equal(got, want) {
		s.Errorf("Open(%q, %d bytes): got %q, %v, want %q", label, len(sealed), got, err, want)
	}
}

func (s subject) refuses(by directory.Sealer, what, label string, sealed []byte) {
	s.Helper()
	got, err := by.Open(s.Context(), label, sealed)
	if err == nil || got != nil || directory.KindOf(err) != directory.Internal {
		s.Errorf("Open of %s: got %q, %v, want nothing and kind internal", what, got, err)
	}
}

func comesBack(s subject) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for _, plain := range [][]byte{secret, {0}, every, bytes.Repeat([]byte{0xff}, seal.MaxPlain)} {
		sealed := s.seal(label, plain)
		s.opens(s.sealer, label, sealed, plain)
		s.opens(s.sealer, label, sealed, plain) // opening does not use it up
	}
	s.opens(s.sealer, "", s.seal("", secret), secret)
	long := strings.Repeat("ü", 1000)
	s.opens(s.sealer, long, s.seal(long, secret), secret)
}

func hidden(s subject) {
	sealed := s.seal(label, secret)
	if bytes.Contains(sealed, secret) || bytes.Contains(sealed, secret[:8]) {
		s.Errorf("the secret is readable in %q", sealed)
	}
	if n := len(sealed) - len(secret); n > overhead {
		s.Errorf("sealing added %d bytes, want %d at most", n, overhead)
	}
}

func nonces(s subject) {
	first, second := s.seal(label, secret), s.seal(label, secret)
	if bytes.Equal(first, second) {
		s.Error("the same text twice, so a nonce was used twice")
	}
	s.opens(s.sealer, label, first, secret)
	s.opens(s.sealer, label, second, secret)
}

func reopened(s subject) {
	before := s.seal(label, secret)
	again := s.open()
	s.opens(again, label, before, secret)
	after, err := again.Seal(s.Context(), label, secret)
	if err != nil {
		s.Fatal(err)
	}
	s.opens(s.sealer, label, after, secret)
}

func foreign(s subject) {
	other := s.install(s.T)()
	s.refuses(other, "what another installation sealed", label, s.seal(label, secret))
	s.opens(s.sealer, label, s.seal(label, secret), secret)
}

func labels(s subject) {
	sealed := s.seal(label, secret)
	for _, other := range []string{"", label + " ", label[1:], label[:len(label)-1], strings.ToUpper(label), "\x00" + label} {
		s.refuses(s.sealer, fmt.Sprintf("what has another label than %q", other), other, sealed)
	}
	s.opens(s.sealer, label, sealed, secret)
}

func altered(s subject) {
	sealed := s.seal(label, secret)
	for i := range sealed {
		other := bytes.Clone(sealed)
		other[i] ^= 1 << (i % 8)
		s.refuses(s.sealer, fmt.Sprintf("what has another byte %d", i), label, other)
	}
}

func lengths(s subject) {
	sealed := s.seal(label, secret)
	for n := range sealed {
		s.refuses(s.sealer, fmt.Sprintf("its first %d bytes", n), label, sealed[:n])
	}
	s.refuses(s.sealer, "nothing", label, nil)
	s.refuses(s.sealer, "more than was sealed", label, append(bytes.Clone(sealed), 0))
	s.refuses(s.sealer, "it twice", label, slices.Concat(sealed, sealed))
	s.refuses(s.sealer, "it without its beginning", label, sealed[1:])
}

func bounds(s subject) {
	for _, n := range []int{0, seal.MaxPlain + 1} {
		got, err := s.sealer.Seal(s.Context(), label, make([]byte, n))
		if err == nil || got != nil || directory.KindOf(err) != directory.Internal {
			s.Errorf("Seal of %d bytes: got %q, %v, want nothing and kind internal", n, got, err)
		}
	}
}

func slicesAreApart(s subject) {
	plain := bytes.Clone(secret)
	sealed := s.seal(label, plain)
	kept := bytes.Clone(sealed)
	clear(plain) // the caller wipes it
	got, err := s.sealer.Open(s.Context(), label, sealed)
	if err != nil {
		s.Fatal(err)
	}
	clear(got)
	if !bytes.Equal(sealed, kept) {
		s.Error("Open changed what it was given")
	}
	s.opens(s.sealer, label, sealed, secret)
	second := s.seal(label, secret)
	clear(sealed)
	s.opens(s.sealer, label, second, secret)
}

func contextEnded(s subject) {
	sealed := s.seal(label, secret)
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	if got, err := s.sealer.Seal(ctx, label, secret); got != nil || directory.KindOf(err) != directory.Unavailable {
		s.Errorf("Seal: got %q, %v, want kind unavailable", got, err)
	}
	if got, err := s.sealer.Open(ctx, label, sealed); got != nil || directory.KindOf(err) != directory.Unavailable {
		s.Errorf("Open: got %q, %v, want kind unavailable", got, err)
	}
	s.opens(s.sealer, label, sealed, secret)
}

func parallel(s subject) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				plain := fmt.Appendf(nil, "secret %d of %d", j, i)
				own := fmt.Sprintf("label %d of %d", j, i)
				sealed, err := s.sealer.Seal(s.Context(), own, plain)
				if err != nil {
					s.Errorf("Seal: %v", err)
					return
				}
				s.opens(s.sealer, own, sealed, plain)
			}
		})
	}
	wg.Wait()
}

func quiet(s subject) {
	sealed := s.seal(label, secret)
	sealed[len(sealed)-1] ^= 1
	_, err := s.sealer.Open(s.Context(), label, sealed)
	if err == nil || strings.Contains(err.Error(), string(secret)) {
		s.Errorf("got %v", err)
	}
	_, err = s.sealer.Seal(s.Context(), label, bytes.Repeat(secret, 1000))
	if err == nil || strings.Contains(err.Error(), string(secret)) {
		s.Errorf("got %v", err)
	}
}
