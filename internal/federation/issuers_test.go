package federation_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/federation"
)

func (f *fake) wantAsked(t *testing.T, path string, want int64) {
	t.Helper()
	if got := f.asked[path].Load(); got != want {
		t.Errorf("%s was asked for %d times, want %d", path, got, want)
	}
}

func TestAProviderIsAskedOnceInAWhile(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ps := f.federation()
	for range 3 {
		got, err := f.finish(t, ps)
		wantAnn(t, got, err)
	}
	f.wantAsked(t, discoveryPath, 1)
	f.wantAsked(t, keysPath, 1)

	f.clock.advance(federation.KnownFor - 1)
	got, err := f.finish(t, ps)
	wantAnn(t, got, err)
	f.wantAsked(t, discoveryPath, 1)

	f.clock.advance(1)
	got, err = f.finish(t, ps)
	wantAnn(t, got, err)
	f.wantAsked(t, discoveryPath, 2)
	f.wantAsked(t, keysPath, 2)
}

func TestCheckAsksAnewAndIsRemembered(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ps := f.federation()
	for range 2 {
		if err := ps.Check(t.Context(), f.provider()); err != nil {
			t.Fatal(err)
		}
	}
	f.wantAsked(t, discoveryPath, 2)
	if _, err := ps.Begin(t.Context(), f.provider(), flow); err != nil {
		t.Fatal(err)
	}
	f.wantAsked(t, discoveryPath, 2)
}

func TestWhatFailedIsNotRemembered(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.metadata = map[string]any{"issuer": "https://elsewhere.example"}
	ps := f.federation()
	for range 2 {
		_, err := ps.Begin(t.Context(), f.provider(), flow)
		wantError(t, err, directory.ErrProviderMisconfigured)
	}
	f.wantAsked(t, discoveryPath, 2)
	if got := ps.Known(); got != 0 {
		t.Errorf("%d issuers are remembered", got)
	}
}

func TestTheIssuerAskedLongestAgoGivesWay(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ps := f.federation()
	begin := func(i int) {
		t.Helper()
		p := f.provider()
		p.Issuer = fmt.Sprintf("%s/%d", f.server.URL, i)
		if _, err := ps.Begin(t.Context(), p, flow); err != nil {
			t.Fatal(err)
		}
		f.clock.advance(1)
	}
	for i := range federation.MaxKnown + 1 {
		begin(i)
	}
	if got := ps.Known(); got != federation.MaxKnown {
		t.Errorf("%d issuers are remembered, want %d", got, federation.MaxKnown)
	}
	begin(1)
	begin(federation.MaxKnown)
	f.wantAsked(t, discoveryPath, int64(federation.MaxKnown)+1) // both were known
	begin(0)
	f.wantAsked(t, discoveryPath, int64(federation.MaxKnown)+2) // the first was not
}

func TestUnknownKeysMakeUsAskOnceAMinute(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ps := f.federation()
	got, err := f.finish(t, ps)
	wantAnn(t, got, err)

	f.rotate(t)
	got, err = f.finish(t, ps)
	wantAnn(t, got, err)
	f.wantAsked(t, keysPath, 2)

	known := f.key.Load()
	f.rotate(t)
	for range 5 {
		_, err = f.finish(t, ps)
		wantError(t, err, directory.ErrIdentityRefused)
	}
	f.wantAsked(t, keysPath, 2)

	f.clock.advance(federation.KeysAgainAfter)
	got, err = f.finish(t, ps)
	wantAnn(t, got, err)
	f.wantAsked(t, keysPath, 3)

	f.key.Store(known) // withdrawn since
	_, err = f.finish(t, ps)
	wantError(t, err, directory.ErrIdentityRefused)
}

// Whoever signs badly in the name of a known key does not make us ask.
func TestABadSignatureByAKnownKeyIsNoReasonToAsk(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ps := f.federation()
	got, err := f.finish(t, ps)
	wantAnn(t, got, err)
	name := f.key.Load().KeyID
	f.rotate(t)
	f.key.Load().KeyID = name
	_, err = f.finish(t, ps)
	wantError(t, err, directory.ErrIdentityRefused)
	f.wantAsked(t, keysPath, 1)
}

func TestAKeyIsForItsAlgorithmAlone(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.replace[keysPath] = func(w http.ResponseWriter, _ *http.Request) {
		key := f.key.Load().Public()
		key.Algorithm = "ES384"
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}})
	}
	_, err := f.finish(t, f.federation())
	wantError(t, err, directory.ErrIdentityRefused)
}

// A provider that does not answer is not taken for a wrong signature.
func TestAnOutageOfTheKeysIsOne(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var down atomic.Bool
	f.replace[keysPath] = func(w http.ResponseWriter, _ *http.Request) {
		if down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		answer(w, f.says("", keysPath))
	}
	ps := f.federation()
	got, err := f.finish(t, ps)
	wantAnn(t, got, err)

	f.rotate(t)
	down.Store(true)
	for range 3 {
		_, err = f.finish(t, ps)
		wantError(t, err, errUnavailable)
	}
	f.wantAsked(t, keysPath, 2)

	down.Store(false)
	f.clock.advance(federation.KeysAgainAfter)
	got, err = f.finish(t, ps)
	wantAnn(t, got, err)
}

// Whoever comes while others look for new keys waits for these.
func TestManySignInsAfterARotation(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ps := f.federation()
	got, err := f.finish(t, ps)
	wantAnn(t, got, err)
	f.rotate(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			got, err := f.finish(t, ps)
			wantAnn(t, got, err)
		})
	}
	all.Wait()
	f.wantAsked(t, keysPath, 2)
}
