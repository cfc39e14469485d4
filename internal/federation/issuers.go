package federation

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Bounds on what is remembered of providers.
const (
	// knownFor is how long metadata and keys are believed without asking again; so long a key that the provider has
	// withdrawn is accepted. Its new keys are found at once.
	knownFor = 15 * time.Minute
	// maxKnown is how many issuers are remembered; the one asked longest ago gives way. One takes about 20 KiB.
	maxKnown = 200
	// maxIssuer is the longest issuer, in bytes.
	maxIssuer = 1024
)

// issuer is what is known of a provider.
type issuer struct {
	metadata
	keys  *keySet
	asked time.Time
}

// issuers remembers providers.
type issuers struct {
	web    *web
	now    func() time.Time
	flight singleflight.Group

	mu    sync.Mutex
	known map[string]*issuer
}

func newIssuers(w *web, now func() time.Time) *issuers {
	return &issuers{web: w, now: now, known: map[string]*issuer{}}
}

// get returns what is known of a provider, and asks it if need be.
func (is *issuers) get(ctx context.Context, address string) (*issuer, error) {
	is.mu.Lock()
	known := is.known[address]
	is.mu.Unlock()
	if known != nil && is.now().Sub(known.asked) < knownFor {
		return known, nil
	}
	return is.fetch(ctx, address)
}

// fetch asks the provider. Whoever wants the same at that moment waits for the same answer; it does not depend on the
// patience of whoever came first.
func (is *issuers) fetch(ctx context.Context, address string) (*issuer, error) {
	asking := is.flight.DoChan(address, func() (any, error) {
		return is.ask(context.WithoutCancel(ctx), address)
	})
	select {
	case answer := <-asking:
		if answer.Err != nil {
			return nil, answer.Err
		}
		return answer.Val.(*issuer), nil
	case <-ctx.Done():
		return nil, unavailable("its metadata took too long", ctx.Err())
	}
}

func (is *issuers) ask(ctx context.Context, address string) (*issuer, error) {
	if !is.valid(address) {
		return nil, misconfigured("the issuer is not an https address", nil)
	}
	fresh := &issuer{asked: is.now()}
	at := strings.TrimSuffix(address, "/") + "/.well-known/openid-configuration"
	if err := is.web.get(ctx, "its discovery document", at, "", &fresh.metadata); err != nil {
		return nil, err
	}
	if err := fresh.check(address, is.web.allowsText); err != nil {
		return nil, err
	}
	fresh.keys = &keySet{web: is.web, now: is.now, address: fresh.Keys}
	if err := fresh.keys.load(ctx); err != nil {
		return nil, err
	}
	is.remember(address, fresh)
	return fresh, nil
}

// valid tells whether a text is an issuer (OpenID Connect Discovery 1.0, 3): no query and no fragment.
func (is *issuers) valid(address string) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= maxIssuer && is.web.allows(u) && !strings.ContainsAny(address, "?#")
}

func (is *issuers) remember(address string, fresh *issuer) {
	is.mu.Lock()
	defer is.mu.Unlock()
	delete(is.known, address)
	if len(is.known) >= maxKnown {
		delete(is.known, is.oldest())
	}
	is.known[address] = fresh
}

func (is *issuers) oldest() string {
	var oldest string
	for address, known := range is.known {
		if oldest == "" || known.asked.Before(is.known[oldest].asked) {
			oldest = address
		}
	}
	return oldest
}
