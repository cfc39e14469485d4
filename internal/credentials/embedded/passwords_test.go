package embedded_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/caretaker/caretaker/internal/credentials/credentialstest"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
)

// cheap params keep the tests quick: 8 KiB, one pass.
var cheap = embedded.Params{MemoryKiB: 8, Passes: 1, Lanes: 1}

const ann directory.UserID = "ann"

func open(tb testing.TB, hashes embedded.Hashes, c embedded.Config) *embedded.Passwords {
	tb.Helper()
	if c.Params == (embedded.Params{}) {
		c.Params = cheap
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	p, err := embedded.New(hashes, c)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func set(tb testing.TB, p *embedded.Passwords, password string) {
	tb.Helper()
	if err := p.SetPassword(tb.Context(), ann, password); err != nil {
		tb.Fatal(err)
	}
}

func storedHash(tb testing.TB, hashes embedded.Hashes) string {
	tb.Helper()
	e, err := hashes.Hash(tb.Context(), ann)
	if err != nil {
		tb.Fatal(err)
	}
	return e.Hash
}

func TestConformance(t *testing.T) {
	t.Parallel()
	credentialstest.Run(t, func(t *testing.T) directory.Credentials {
		return open(t, &credentialstest.Hashes{}, embedded.Config{})
	})
}

func TestConfigOutOfBoundsIsRefused(t *testing.T) {
	t.Parallel()
	with := func(memory, passes uint32, lanes uint8) embedded.Config {
		return embedded.Config{Random: rand.Reader, Params: embedded.Params{MemoryKiB: memory, Passes: passes, Lanes: lanes}}
	}
	for _, c := range []struct {
		name   string
		config embedded.Config
		taken  bool
	}{
		{"defaults", embedded.Config{Random: rand.Reader}, true},
		{"no random source", embedded.Config{}, false},
		{"negative parallelism", embedded.Config{Random: rand.Reader, Parallel: -1}, false},
		{"least params", with(8, 1, 1), true},
		{"most params", with(1<<20, 16, 16), true},
		{"params half given", with(19456, 0, 0), false},
		{"too little memory for the lanes", with(31, 2, 4), false},
		{"too much memory", with(1<<20+1, 2, 1), false},
		{"too many passes", with(19456, 17, 1), false},
		{"too many lanes", with(19456, 2, 17), false},
	} {
		if _, err := embedded.New(&credentialstest.Hashes{}, c.config); (err == nil) != c.taken {
			t.Errorf("%s: taken is %v, want %v (%v)", c.name, err == nil, c.taken, err)
		}
	}
}

func TestRecommendedParamsMakeTheHashOfTheReferenceImplementation(t *testing.T) {
	t.Parallel()
	hashes := &credentialstest.Hashes{}
	// What libargon2, the reference implementation, makes of these inputs.
	const reference = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$K13EBUiG7JV+9ZxztmHFTdb7J0WQsnj2V8bZaqyPptE"
	c := embedded.Config{Params: embedded.Recommended(), Random: strings.NewReader("somesaltsomesalt")}
	set(t, open(t, hashes, c), "password")
	if got := storedHash(t, hashes); got != reference {
		t.Errorf("got  %s\nwant %s", got, reference)
	}
}

func TestSaltsDiffer(t *testing.T) {
	t.Parallel()
	hashes := &credentialstest.Hashes{}
	p := open(t, hashes, embedded.Config{})
	set(t, p, "Correct-horse-7")
	first := storedHash(t, hashes)
	set(t, p, "Correct-horse-7")
	if storedHash(t, hashes) == first {
		t.Error("the same password was hashed to the same text twice")
	}
}

func TestExhaustedRandomSourceStoresNothing(t *testing.T) {
	t.Parallel()
	hashes := &credentialstest.Hashes{}
	p := open(t, hashes, embedded.Config{Random: strings.NewReader("fifteen bytes..")})
	if err := p.SetPassword(t.Context(), ann, "Correct-horse-7"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	if got := storedHash(t, hashes); got != "" {
		t.Errorf("stored %s", got)
	}
}

// Equal work is what makes for equal time; the clock would only make the test unreliable.
func TestEveryVerificationDoesTheSameWork(t *testing.T) {
	t.Parallel()
	hashes := &counted{Hashes: &credentialstest.Hashes{}}
	p := open(t, hashes, embedded.Config{})
	set(t, p, "Correct-horse-7")
	if err := p.SetPassword(t.Context(), "barred", "Correct-horse-7"); err != nil {
		t.Fatal(err)
	}
	if err := p.SetDisabled(t.Context(), "barred", true); err != nil {
		t.Fatal(err)
	}
	var work []embedded.Params
	p.OnDerive(func(params embedded.Params) { work = append(work, params) })
	for _, c := range []struct {
		name     string
		id       directory.UserID
		password string
		right    bool
	}{
		{"right", ann, "Correct-horse-7", true},
		{"wrong", ann, "another", false},
		{"unknown user", "nobody", "Correct-horse-7", false},
		{"disabled, right", "barred", "Correct-horse-7", false},
		{"disabled, wrong", "barred", "another", false},
	} {
		work, hashes.reads, hashes.writes = nil, 0, 0
		err := p.VerifyPassword(t.Context(), c.id, c.password)
		if (err == nil) != c.right {
			t.Errorf("%s: %v", c.name, err)
		}
		if len(work) != 1 || work[0] != cheap || hashes.reads != 1 || hashes.writes != 0 {
			t.Errorf("%s: hashed with %v, %d reads, %d writes; want one hash with %v, one read, no write",
				c.name, work, hashes.reads, hashes.writes, cheap)
		}
	}
}

func TestDisablingAUserWithoutAPasswordStoresNothing(t *testing.T) {
	t.Parallel()
	hashes := &counted{Hashes: &credentialstest.Hashes{}}
	if err := open(t, hashes, embedded.Config{}).SetDisabled(t.Context(), ann, true); err != nil {
		t.Fatal(err)
	}
	if hashes.writes != 0 {
		t.Errorf("%d writes", hashes.writes)
	}
}

func TestHashIsRenewedAtTheNextSuccessAfterParamsChanged(t *testing.T) {
	t.Parallel()
	hashes := &credentialstest.Hashes{}
	set(t, open(t, hashes, embedded.Config{}), "Correct-horse-7")
	before := storedHash(t, hashes)
	dearer := open(t, hashes, embedded.Config{Params: embedded.Params{MemoryKiB: 16, Passes: 2, Lanes: 1}})

	if err := dearer.VerifyPassword(t.Context(), ann, "wrong"); !errors.Is(err, directory.ErrWrongPassword) {
		t.Fatal(err)
	}
	if storedHash(t, hashes) != before {
		t.Fatal("a wrong password renewed the hash")
	}
	verify(t, dearer, "Correct-horse-7")
	renewed := storedHash(t, hashes)
	if !strings.HasPrefix(renewed, "$argon2id$v=19$m=16,t=2,p=1$") {
		t.Fatalf("not renewed: %s", renewed)
	}
	verify(t, dearer, "Correct-horse-7")
	if storedHash(t, hashes) != renewed {
		t.Error("renewed twice")
	}
}

func TestHashMadeElsewhereIsTakenOverAndRenewed(t *testing.T) {
	t.Parallel()
	hashes := &credentialstest.Hashes{}
	// Made by libargon2, with a salt of 8 bytes and a hash of 24.
	const elsewhere = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$C2bJX5C8UDEyhA6t5ZLsAjU0L1Igblzs"
	if err := hashes.PutHash(t.Context(), ann, embedded.Entry{Hash: elsewhere}); err != nil {
		t.Fatal(err)
	}
	verify(t, open(t, hashes, embedded.Config{}), "password")
	d, err := embedded.Parse(storedHash(t, hashes))
	if err != nil || len(d.String()) <= len(elsewhere) {
		t.Errorf("not renewed to full length: %s (%v)", d, err)
	}
}

func TestRenewalNeverUndoesANewerChange(t *testing.T) {
	t.Parallel()
	hashes := &credentialstest.Hashes{}
	former := open(t, hashes, embedded.Config{})
	set(t, former, "Old-password-1")
	dearer := open(t, hashes, embedded.Config{Params: embedded.Params{MemoryKiB: 16, Passes: 1, Lanes: 1}})
	var once sync.Once
	dearer.OnDerive(func(params embedded.Params) {
		if params != cheap { // the renewal has begun: now someone changes the password and disables the user
			once.Do(func() {
				set(t, former, "New-password-2")
				if err := former.SetDisabled(t.Context(), ann, true); err != nil {
					t.Error(err)
				}
			})
		}
	})
	verify(t, dearer, "Old-password-1")
	if err := former.SetDisabled(t.Context(), ann, false); err != nil {
		t.Fatal(err)
	}
	verify(t, former, "New-password-2")
	if err := former.VerifyPassword(t.Context(), ann, "Old-password-1"); !errors.Is(err, directory.ErrWrongPassword) {
		t.Errorf("the old password is back: %v", err)
	}
}

func TestFailedRenewalDoesNotFailTheSignIn(t *testing.T) {
	t.Parallel()
	hashes := &counted{Hashes: &credentialstest.Hashes{}}
	set(t, open(t, hashes, embedded.Config{}), "Correct-horse-7")
	dearer := open(t, hashes, embedded.Config{Params: embedded.Params{MemoryKiB: 16, Passes: 1, Lanes: 1}})
	hashes.putErr = directory.NewUnavailable("store", 0, errors.New("down"))
	hashes.writes = 0
	verify(t, dearer, "Correct-horse-7")
	if hashes.writes != 1 {
		t.Errorf("%d attempts to renew, want one", hashes.writes)
	}
}

func TestStoreThatNeverHoldsStillIsUnavailable(t *testing.T) {
	t.Parallel()
	hashes := &counted{Hashes: &credentialstest.Hashes{}, putErr: &directory.Error{Kind: directory.Stale, Code: "stale"}}
	err := open(t, hashes, embedded.Config{}).SetPassword(t.Context(), ann, "Correct-horse-7")
	if directory.KindOf(err) != directory.Unavailable {
		t.Errorf("got %v, want kind unavailable", err)
	}
	if hashes.writes < 2 || hashes.writes > 20 {
		t.Errorf("tried %d times", hashes.writes)
	}
}

func TestStoreErrorsKeepTheirKind(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	hashes := &counted{Hashes: &credentialstest.Hashes{}, putErr: directory.NewUnavailable("store", 0, down)}
	err := open(t, hashes, embedded.Config{}).SetPassword(t.Context(), ann, "Correct-horse-7")
	if directory.KindOf(err) != directory.Unavailable || !errors.Is(err, down) || hashes.writes != 1 {
		t.Errorf("got %v after %d writes, want kind unavailable after one", err, hashes.writes)
	}
}

func TestCorruptHashIsAFaultNotAWrongPassword(t *testing.T) {
	t.Parallel()
	hashes := &credentialstest.Hashes{}
	if err := hashes.PutHash(t.Context(), ann, embedded.Entry{Hash: "secret-looking rubbish"}); err != nil {
		t.Fatal(err)
	}
	err := open(t, hashes, embedded.Config{}).VerifyPassword(t.Context(), ann, "Correct-horse-7")
	if err == nil || directory.KindOf(err) != directory.Internal || strings.Contains(err.Error(), "rubbish") {
		t.Errorf("got %v, want kind internal without the hash", err)
	}
}

func TestParallelHashesAreBoundedAndWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const parallel, callers = 2, 5
		p := open(t, &credentialstest.Hashes{}, embedded.Config{Parallel: parallel})
		var running atomic.Int64
		release := make(chan struct{})
		p.OnDerive(func(embedded.Params) {
			running.Add(1)
			<-release
			running.Add(-1)
		})
		results := make(chan error, callers+1)
		for range callers {
			go func() { results <- p.VerifyPassword(t.Context(), ann, "Correct-horse-7") }()
		}
		synctest.Wait()
		if n := running.Load(); n != parallel {
			t.Errorf("%d hashes at once, want %d", n, parallel)
		}

		ctx, cancel := context.WithCancel(t.Context())
		impatient := make(chan error)
		go func() { impatient <- p.SetPassword(ctx, ann, "Correct-horse-7") }()
		synctest.Wait()
		cancel()
		err := <-impatient
		if !errors.Is(err, context.Canceled) || directory.KindOf(err) != directory.Unavailable {
			t.Errorf("the caller that gave up got %v, want kind unavailable because of context.Canceled", err)
		}

		close(release)
		for range callers {
			if err := <-results; !errors.Is(err, directory.ErrWrongPassword) {
				t.Errorf("a caller that waited got %v", err)
			}
		}
	})
}

func TestPasswordIsNeverInAnErrorOrInTheStore(t *testing.T) {
	t.Parallel()
	const secret = "Correct-horse-7"
	hashes := &counted{Hashes: &credentialstest.Hashes{}}
	p := open(t, hashes, embedded.Config{})
	set(t, p, secret)
	if strings.Contains(storedHash(t, hashes), secret) {
		t.Error("stored readable")
	}
	hashes.putErr = errors.New("down")
	for _, err := range []error{
		p.SetPassword(t.Context(), ann, secret),
		p.SetPassword(t.Context(), ann, strings.Repeat(secret, 20)),
		p.SetPassword(t.Context(), ann, secret+"\xff"),
		p.SetPassword(t.Context(), "NOT-CANONICAL", secret),
	} {
		if err == nil || bytes.Contains([]byte(err.Error()), []byte(secret)) {
			t.Errorf("got %v, want an error without the password", err)
		}
	}
}

func verify(tb testing.TB, p *embedded.Passwords, password string) {
	tb.Helper()
	if err := p.VerifyPassword(tb.Context(), ann, password); err != nil {
		tb.Fatal(err)
	}
}

// counted counts calls and, if told to, fails every write. It is for one goroutine.
type counted struct {
	embedded.Hashes
	reads, writes int
	putErr        error
}

func (c *counted) Hash(ctx context.Context, id directory.UserID) (embedded.Entry, error) {
	c.reads++
	return c.Hashes.Hash(ctx, id)
}

func (c *counted) PutHash(ctx context.Context, id directory.UserID, e embedded.Entry) error {
	c.writes++
	if c.putErr != nil {
		return c.putErr
	}
	return c.Hashes.PutHash(ctx, id, e)
}

// BenchmarkVerifyPassword measures what one sign-in costs with the recommended params.
func BenchmarkVerifyPassword(b *testing.B) {
	p := open(b, &credentialstest.Hashes{}, embedded.Config{Params: embedded.Recommended()})
	set(b, p, "Correct-horse-7")
	b.ReportAllocs()
	for b.Loop() {
		verify(b, p, "Correct-horse-7")
	}
}
