package kms_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/seal"
	"github.com/caretaker/caretaker/internal/seal/kms"
	"github.com/caretaker/caretaker/internal/seal/sealtest"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }

const label = "label"

var secret = []byte("JBSWY3DPEHPK3PXP")

func open(tb testing.TB, api kms.API, c kms.Config) *kms.Sealer {
	tb.Helper()
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Now == nil {
		c.Now = newClock().Now
	}
	s, err := kms.New(api, c)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func sealed(tb testing.TB, by *kms.Sealer) []byte {
	tb.Helper()
	out, err := by.Seal(tb.Context(), label, secret)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func opens(tb testing.TB, by *kms.Sealer, what []byte) {
	tb.Helper()
	if got, err := by.Open(tb.Context(), label, what); err != nil || !bytes.Equal(got, secret) {
		tb.Errorf("got %q, %v, want the secret", got, err)
	}
}

func wantCalls(tb testing.TB, f *fake, generated, decrypted int) {
	tb.Helper()
	if g, d := f.calls(); g != generated || d != decrypted {
		tb.Errorf("KMS made %d data keys and decrypted %d, want %d and %d", g, d, generated, decrypted)
	}
}

func emulated(tb testing.TB) (client *awskms.Client, keyID string) {
	tb.Helper()
	client = awskms.NewFromConfig(emulatortest.AWS(tb, emulatortest.Moto(tb)))
	keyID, err := kms.CreateKey(tb.Context(), client)
	if err != nil {
		tb.Fatal(err)
	}
	return client, keyID
}

func TestEmulatorConforms(t *testing.T) {
	t.Parallel()
	sealtest.Run(t, func(t *testing.T) func() directory.Sealer {
		client, keyID := emulated(t)
		return func() directory.Sealer { return open(t, client, kms.Config{KeyID: keyID}) }
	})
}

// A cold process for every one sealed and opened: KMS is asked each time.
func TestShortLivedDataKeysConform(t *testing.T) {
	t.Parallel()
	sealtest.Run(t, func(t *testing.T) func() directory.Sealer {
		client, keyID := emulated(t)
		return func() directory.Sealer {
			return open(t, client, kms.Config{KeyID: keyID, MaxSeals: 1, MaxKeys: 1})
		}
	})
}

// counting passes calls on and counts them.
type counting struct {
	kms.API
	mu                   sync.Mutex
	generated, decrypted int
}

func (c *counting) GenerateDataKey(
	ctx context.Context, in *awskms.GenerateDataKeyInput, with ...option,
) (*awskms.GenerateDataKeyOutput, error) {
	c.mu.Lock()
	c.generated++
	c.mu.Unlock()
	return c.API.GenerateDataKey(ctx, in, with...)
}

func (c *counting) Decrypt(ctx context.Context, in *awskms.DecryptInput, with ...option) (*awskms.DecryptOutput, error) {
	c.mu.Lock()
	c.decrypted++
	c.mu.Unlock()
	return c.API.Decrypt(ctx, in, with...)
}

func TestAThousandSecretsCostOneCall(t *testing.T) {
	t.Parallel()
	client, keyID := emulated(t)
	warm := &counting{API: client}
	s := open(t, warm, kms.Config{KeyID: keyID})
	all := make([][]byte, 1000)
	for i := range all {
		all[i] = sealed(t, s)
		opens(t, s, all[i])
	}
	if warm.generated != 1 || warm.decrypted != 0 {
		t.Errorf("sealing and opening made %d data keys and decrypted %d, want 1 and none", warm.generated, warm.decrypted)
	}
	cold := &counting{API: client}
	s = open(t, cold, kms.Config{KeyID: keyID})
	for _, what := range all {
		opens(t, s, what)
	}
	if cold.generated != 0 || cold.decrypted != 1 {
		t.Errorf("opening in a new process made %d data keys and decrypted %d, want none and 1", cold.generated, cold.decrypted)
	}
}

// The emulator does check the context, so what was sealed for one service is closed to another that has the same key.
func TestDataKeysAreBoundToTheirContext(t *testing.T) {
	t.Parallel()
	client, keyID := emulated(t)
	what := sealed(t, open(t, client, kms.Config{KeyID: keyID}))
	opens(t, open(t, client, kms.Config{KeyID: keyID, Context: map[string]string{"service": "caretaker"}}), what)
	other := open(t, client, kms.Config{KeyID: keyID, Context: map[string]string{"service": "another"}})
	if got, err := other.Open(t.Context(), label, what); got != nil || !errors.Is(err, seal.ErrUnreadable) {
		t.Errorf("got %q, %v, want unreadable", got, err)
	}
}

func TestEveryCallNamesKeyAndContext(t *testing.T) {
	t.Parallel()
	var f fake // refuses another key
	bound := map[string]string{"service": "caretaker", "installation": "north"}
	given := maps.Clone(bound)
	first := f.sealer(t, kms.Config{Context: given})
	clear(given)
	opens(t, f.sealer(t, kms.Config{Context: bound}), sealed(t, first))
	if len(f.contexts) != 2 || !maps.Equal(f.contexts[0], bound) || !maps.Equal(f.contexts[1], bound) {
		t.Errorf("contexts %v, want %v twice", f.contexts, bound)
	}
}

func TestConfigOutOfBoundsIsRefused(t *testing.T) {
	t.Parallel()
	now := newClock().Now
	for _, c := range []struct {
		name   string
		config kms.Config
		taken  bool
	}{
		{"defaults", kms.Config{KeyID: "k", Random: rand.Reader, Now: now}, true},
		{"no key", kms.Config{Random: rand.Reader, Now: now}, false},
		{"no randomness", kms.Config{KeyID: "k", Now: now}, false},
		{"no clock", kms.Config{KeyID: "k", Random: rand.Reader}, false},
		{"negative seals", kms.Config{KeyID: "k", Random: rand.Reader, Now: now, MaxSeals: -1}, false},
		{"most seals", kms.Config{KeyID: "k", Random: rand.Reader, Now: now, MaxSeals: 1 << 30}, true},
		{"too many seals", kms.Config{KeyID: "k", Random: rand.Reader, Now: now, MaxSeals: 1<<30 + 1}, false},
		{"negative age", kms.Config{KeyID: "k", Random: rand.Reader, Now: now, MaxAge: -1}, false},
		{"negative keys", kms.Config{KeyID: "k", Random: rand.Reader, Now: now, MaxKeys: -1}, false},
	} {
		s, err := kms.New(&fake{}, c.config)
		if (err == nil) != c.taken || (s != nil) != c.taken {
			t.Errorf("%s: got %v, %v, want taken %v", c.name, s, err, c.taken)
		}
	}
}

func TestADataKeySealsSoOftenAndNoMore(t *testing.T) {
	t.Parallel()
	var f fake
	s := f.sealer(t, kms.Config{MaxSeals: 3})
	for i, want := range []int{1, 0, 0, 1, 0, 0, 1} {
		opens(t, s, sealed(t, s))
		if generated, _ := f.calls(); generated != want {
			t.Errorf("seal %d made %d data keys, want %d", i, generated, want)
		}
	}
}

func TestADataKeySealsSoLongAndNoLonger(t *testing.T) {
	t.Parallel()
	var f fake
	c := newClock()
	s := f.sealer(t, kms.Config{MaxAge: time.Hour, Now: c.Now})
	for i, want := range []int{1, 0, 1, 0} { // at 0:00:00, 0:59:59, 1:00:00 and 1:59:59
		sealed(t, s)
		if generated, _ := f.calls(); generated != want {
			t.Errorf("seal %d made %d data keys, want %d", i, generated, want)
		}
		c.pass([]time.Duration{time.Hour - time.Second, time.Second}[i%2])
	}
}

func TestADecryptedDataKeyIsKeptForATime(t *testing.T) {
	t.Parallel()
	var f fake
	c := newClock()
	what := sealed(t, f.sealer(t, kms.Config{}))
	s := f.sealer(t, kms.Config{MaxAge: time.Hour, Now: c.Now})
	f.calls()
	for i, want := range []int{1, 0, 1, 0} {
		opens(t, s, what)
		if _, decrypted := f.calls(); decrypted != want {
			t.Errorf("opening %d decrypted %d data keys, want %d", i, decrypted, want)
		}
		c.pass([]time.Duration{time.Hour - time.Second, time.Second}[i%2])
	}
}

func TestLeastRecentlyUsedDataKeyIsForgotten(t *testing.T) {
	t.Parallel()
	var f fake
	each := f.sealer(t, kms.Config{MaxSeals: 1})
	a, b, c := sealed(t, each), sealed(t, each), sealed(t, each)
	s := f.sealer(t, kms.Config{MaxKeys: 2})
	f.calls()
	for i, step := range []struct {
		what      []byte
		decrypted int
	}{{a, 1}, {b, 1}, {a, 0}, {c, 1}, {a, 0}, {c, 0}, {b, 1}, {c, 0}, {a, 1}} {
		opens(t, s, step.what)
		if _, decrypted := f.calls(); decrypted != step.decrypted {
			t.Errorf("step %d decrypted %d data keys, want %d", i, decrypted, step.decrypted)
		}
	}
}

func TestWhatWasJustSealedIsOpenedWithoutKMS(t *testing.T) {
	t.Parallel()
	var f fake
	s := f.sealer(t, kms.Config{})
	opens(t, s, sealed(t, s))
	wantCalls(t, &f, 1, 0)
}

func TestConcurrentCallersMakeOneCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var f fake
		release := make(chan struct{})
		f.before = func(context.Context, string) error { <-release; return nil }
		s := f.sealer(t, kms.Config{})
		all := make(chan []byte, 20)
		for range cap(all) {
			go func() { all <- sealed(t, s) }()
		}
		synctest.Wait() // all of them wait now
		close(release)
		what := make([][]byte, cap(all))
		for i := range what {
			what[i] = <-all
		}
		wantCalls(t, &f, 1, 0)

		release = make(chan struct{})
		cold := f.sealer(t, kms.Config{})
		done := make(chan bool, len(what))
		for _, one := range what {
			go func() { opens(t, cold, one); done <- true }()
		}
		synctest.Wait()
		close(release)
		for range what {
			<-done
		}
		wantCalls(t, &f, 0, 1)
	})
}

// Who has seen that a data key is missing, and comes to ask for it when another's call has just ended, takes that one's.
func TestCallersThatComeAMomentLateMakeNoCall(t *testing.T) {
	t.Parallel()
	for range 1000 { // each of them a chance to meet the moment
		var f fake
		s, cold := f.sealer(t, kms.Config{}), f.sealer(t, kms.Config{})
		what := make([][]byte, 16)
		together(len(what), func(i int) { what[i] = sealed(t, s) })
		together(len(what), func(i int) { opens(t, cold, what[i]) })
		if generated, decrypted := f.calls(); generated != 1 || decrypted != 1 {
			t.Fatalf("KMS made %d data keys and decrypted %d, want 1 and 1", generated, decrypted)
		}
	}
}

func together(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

func TestDataKeyUsedUpByOthersIsFollowedByAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var f fake
		release := make(chan struct{})
		f.before = func(context.Context, string) error { <-release; return nil }
		s := f.sealer(t, kms.Config{MaxSeals: 2})
		all := make(chan []byte, 5)
		for range cap(all) {
			go func() { all <- sealed(t, s) }()
		}
		synctest.Wait()
		close(release)
		for range cap(all) {
			opens(t, s, <-all)
		}
		wantCalls(t, &f, 3, 0)
	})
}

func TestWhoGivesUpDoesNotEndTheCallForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var f fake
		release := make(chan struct{})
		f.before = func(ctx context.Context, _ string) error {
			select {
			case <-release:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		s := f.sealer(t, kms.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() {
			_, err := s.Seal(ctx, label, secret)
			first <- err
		}()
		synctest.Wait()
		second := make(chan []byte, 1)
		go func() { second <- sealed(t, s) }()
		synctest.Wait()
		cancel()
		if err := <-first; directory.KindOf(err) != directory.Unavailable || !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up got %v, want kind unavailable because of context.Canceled", err)
		}
		close(release)
		opens(t, s, <-second)
		wantCalls(t, &f, 1, 0)
	})
}

func TestACallThatIsNeverAnsweredEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var f fake
		f.before = func(ctx context.Context, _ string) error { <-ctx.Done(); return ctx.Err() }
		began := time.Now()
		_, err := f.sealer(t, kms.Config{}).Seal(t.Context(), label, secret)
		if directory.KindOf(err) != directory.Unavailable || time.Since(began) != 10*time.Second {
			t.Errorf("got %v after %v, want kind unavailable after 10s", err, time.Since(began))
		}
	})
}

func TestNonceComesFromTheGivenSource(t *testing.T) {
	t.Parallel()
	var f fake
	s := f.sealer(t, kms.Config{Random: strings.NewReader("twelve bytes")})
	got := sealed(t, s)
	if nonce := got[len(got)-16-len(secret)-12:][:12]; string(nonce) != "twelve bytes" {
		t.Errorf("nonce %q", nonce)
	}
	if out, err := s.Seal(t.Context(), label, secret); out != nil || !errors.Is(err, io.EOF) {
		t.Errorf("sealed without randomness: %q, %v", out, err)
	}
}

// What was sealed once must open for ever, so these bytes never change. They are made up of the layout in seal's doc.go by
// another implementation of AES-GCM, with the fake's first data key.
func TestWhatWasSealedByTheFirstVersionOpens(t *testing.T) {
	t.Parallel()
	var f fake
	opens(t, f.sealer(t, kms.Config{}), unhex(t, firstVersionSealed))
}

func BenchmarkKMS(b *testing.B) {
	sealtest.Bench(b, (&fake{}).sealer(b, kms.Config{MaxSeals: 1 << 30}))
}

// BenchmarkKMSCold measures an opening that asks KMS: here the emulator.
func BenchmarkKMSCold(b *testing.B) {
	client, keyID := emulated(b)
	what := sealed(b, open(b, client, kms.Config{KeyID: keyID}))
	b.ReportAllocs()
	for b.Loop() {
		opens(b, open(b, client, kms.Config{KeyID: keyID}), what)
	}
}

func FuzzOpen(f *testing.F) {
	// Fixed randomness and the fake's fixed keys, because the fuzzing happens in several processes.
	s := (&fake{}).sealer(f, kms.Config{Random: strings.NewReader("twelve bytes")})
	head := unhex(f, firstVersionSealed)[:3+40]
	sealtest.Fuzz(f, s, head, []byte{seal.FormatKMS, 0xff, 0xff}, []byte{seal.FormatKMS, 0, 0}, []byte{seal.FormatKeyFile})
}
