package embedded_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/caretaker/caretaker/internal/credentials/credentialstest"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
)

func hasher(tb testing.TB, c embedded.Config) embedded.Hasher {
	tb.Helper()
	return open(tb, nil, c).Hasher()
}

func hashOf(tb testing.TB, h embedded.Hasher, secret string) string {
	tb.Helper()
	hash, err := h.Hash(tb.Context(), secret)
	if err != nil {
		tb.Fatal(err)
	}
	return hash
}

func TestSecretsMatchTheirOwnHash(t *testing.T) {
	t.Parallel()
	h := hasher(t, embedded.Config{})
	for _, c := range []struct {
		name, hashed, given string
		want                bool
	}{
		{"the same", "my first pet", "my first pet", true},
		{"another", "my first pet", "my second pet", false},
		{"shorter", "my first pet", "my first pe", false},
		{"longer", "my first pet", "my first pets", false},
		{"letter case", "Rex", "rex", false},
		{"a space after it", "Rex", "Rex ", false},
		{"nothing for something", "Rex", "", false},
		{"nothing for nothing", "", "", true},
		{"both Unicode forms", "Zo\u00eb", "Zoe\u0308", true},
		{"long", strings.Repeat("ü", 5000), strings.Repeat("ü", 5000), true},
		{"long, another at the end", strings.Repeat("ü", 5000), strings.Repeat("ü", 4999) + "u", false},
		{"not UTF-8", "\xff\x00", "\xff\x00", true},
		{"not UTF-8, another", "\xff\x00", "\xfe\x00", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := h.Matches(t.Context(), hashOf(t, h, c.hashed), c.given)
			if err != nil || got != c.want {
				t.Errorf("got %v, %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestHashOfASecretHasASaltOfItsOwnAndHidesIt(t *testing.T) {
	t.Parallel()
	h := hasher(t, embedded.Config{})
	first, second := hashOf(t, h, "my first pet"), hashOf(t, h, "my first pet")
	if first == second {
		t.Error("the same secret was hashed to the same text twice")
	}
	if !strings.HasPrefix(first, "$argon2id$v=19$m=8,t=1,p=1$") || strings.Contains(first, "pet") {
		t.Errorf("got %s", first)
	}
}

func TestHashBringsItsParams(t *testing.T) {
	t.Parallel()
	former := hashOf(t, hasher(t, embedded.Config{Params: embedded.Params{MemoryKiB: 32, Passes: 3, Lanes: 2}}), "my first pet")
	if !strings.HasPrefix(former, "$argon2id$v=19$m=32,t=3,p=2$") {
		t.Fatalf("got %s", former)
	}
	h := hasher(t, embedded.Config{})
	for secret, want := range map[string]bool{"my first pet": true, "my second pet": false} {
		if got, err := h.Matches(t.Context(), former, secret); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", secret, got, err, want)
		}
	}
	// Made by libargon2, with a salt of 8 bytes and a hash of 24.
	const elsewhere = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$C2bJX5C8UDEyhA6t5ZLsAjU0L1Igblzs"
	if got, err := h.Matches(t.Context(), elsewhere, "password"); err != nil || !got {
		t.Errorf("made elsewhere: got %v, %v", got, err)
	}
}

func TestDamagedHashIsAnError(t *testing.T) {
	t.Parallel()
	h := hasher(t, embedded.Config{})
	hash := hashOf(t, h, "my first pet")
	for name, damaged := range map[string]string{
		"empty":                        "",
		"cut off":                      hash[:len(hash)-2], // 41 characters, which no number of bytes makes in base64
		"no hash at all":               "my first pet",
		"lengthened":                   hash + "$",
		"params that would take hours": strings.Replace(hash, "t=1", "t=4000000000", 1),
	} {
		got, err := h.Matches(t.Context(), damaged, "my first pet")
		if got || err == nil || directory.KindOf(err) != directory.Internal || strings.Contains(err.Error(), hash[30:50]) {
			t.Errorf("%s: got %v, %v, want kind internal without the hash", name, got, err)
		}
	}
}

func TestWithoutRandomnessNothingIsHashed(t *testing.T) {
	t.Parallel()
	h := hasher(t, embedded.Config{Random: strings.NewReader("fifteen bytes..")})
	hash, err := h.Hash(t.Context(), "my first pet")
	if hash != "" || !errors.Is(err, io.ErrUnexpectedEOF) || directory.KindOf(err) != directory.Internal {
		t.Errorf("got %q, %v, want kind internal", hash, err)
	}
}

func TestHasherOfItsOwnRefusesAConfigOutOfBounds(t *testing.T) {
	t.Parallel()
	if _, err := embedded.NewHasher(embedded.Config{}); err == nil {
		t.Error("taken without a source of randomness")
	}
	h, err := embedded.NewHasher(embedded.Config{Random: rand.Reader, Params: cheap})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := h.Matches(t.Context(), hashOf(t, h, "my first pet"), "my first pet"); err != nil || !got {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestSecretsAndPasswordsWaitInOneLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const parallel = 2
		p := open(t, &credentialstest.Hashes{}, embedded.Config{Parallel: parallel})
		h := p.Hasher()
		hash := hashOf(t, h, "my first pet")
		var running atomic.Int64
		release := make(chan struct{})
		p.OnDerive(func(embedded.Params) {
			running.Add(1)
			<-release
			running.Add(-1)
		})
		results := make(chan error)
		for range 2 {
			go func() { results <- p.SetPassword(t.Context(), ann, "Correct-horse-7") }()
			go func() { _, err := h.Hash(t.Context(), "my first pet"); results <- err }()
			go func() { _, err := h.Matches(t.Context(), hash, "my first pet"); results <- err }()
		}
		synctest.Wait()
		if n := running.Load(); n != parallel {
			t.Errorf("%d hashes at once, want %d", n, parallel)
		}
		ctx, cancel := context.WithCancel(t.Context())
		impatient := make(chan error, 2)
		go func() { _, err := h.Hash(ctx, "my first pet"); impatient <- err }()
		go func() { _, err := h.Matches(ctx, hash, "my first pet"); impatient <- err }()
		synctest.Wait()
		cancel()
		for range cap(impatient) {
			if err := <-impatient; !errors.Is(err, context.Canceled) || directory.KindOf(err) != directory.Unavailable {
				t.Errorf("who gave up got %v, want kind unavailable because of context.Canceled", err)
			}
		}
		close(release)
		for range 6 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
	})
}
