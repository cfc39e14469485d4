package federation

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// Bounds on what a provider can cost.
const (
	connectWithin = 2 * time.Second
	requestWithin = 5 * time.Second // with redirects, and with reading the answer
	maxAnswer     = 512 << 10       // bytes, unpacked; metadata, keys and tokens are below 20 KiB with those in wide use
	maxHeader     = 32 << 10        // bytes
	maxRedirects  = 3
)

// web is all that this package speaks HTTP with.
type web struct {
	client        *http.Client
	allowLoopback bool
}

func newWeb(c Config) *web {
	w := &web{allowLoopback: c.AllowLoopback}
	dialer := &net.Dialer{Timeout: connectWithin, Resolver: c.Resolver, Control: guardDial(c.AllowLoopback)}
	w.client = &http.Client{
		Timeout: requestWithin, CheckRedirect: checkRedirect,
		Transport: &bounded{allowed: w.allows, next: &http.Transport{
			Proxy:       nil, // through a proxy of the environment the addresses would not be seen
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: maxHeader,
			TLSHandshakeTimeout: connectWithin, MaxIdleConns: 16, MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second,
		}},
	}
	return w
}

// allows tells whether an address may be a provider's, as far as it shows before the name is resolved.
func (w *web) allows(u *url.URL) bool {
	if u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && w.allowLoopback && isLoopback(u.Hostname())
}

// allowsText is allows for an address that a provider or an administrator has written.
func (w *web) allowsText(address string) bool {
	u, err := url.Parse(address)
	return err == nil && w.allows(u)
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || host == "localhost"
}

// checkRedirect follows a few redirects within one origin.
func checkRedirect(req *http.Request, via []*http.Request) error {
	if req.URL.Scheme != via[0].URL.Scheme || req.URL.Host != via[0].URL.Host || len(via) > maxRedirects {
		return errRedirect
	}
	return nil
}

// bounded is a transport that refuses addresses, and reads each answer to its end so that nobody above meets one that is
// too large, too slow or cut off.
type bounded struct {
	allowed func(*url.URL) bool
	next    http.RoundTripper
}

func (b *bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	if !b.allowed(req.URL) {
		return nil, refuse(req, errInsecure)
	}
	res, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if req.Method != http.MethodGet && res.StatusCode/100 == 3 {
		return nil, errRedirect // what was sent holds a code and a secret
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(text) > maxAnswer {
		return nil, errTooLarge
	}
	read := *res
	read.Body = io.NopCloser(bytes.NewReader(text))
	return &read, nil
}

// refuse closes the body, as a RoundTripper must.
func refuse(req *http.Request, reason error) error {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	return reason
}

// get reads a JSON document. What names it in errors; bearer may be "".
func (w *web) get(ctx context.Context, what, address, bearer string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return misconfigured(what+" is not at an address", nil)
	}
	req.Header.Set("Accept", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := w.client.Do(req)
	if err != nil {
		return failure(ctx, what, err)
	}
	defer res.Body.Close()
	if err := checkStatus(what, res.StatusCode); err != nil {
		return err
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return misconfigured(what+" is not the JSON document that it should be", err)
	}
	return nil
}

func checkStatus(what string, status int) error {
	switch {
	case status == http.StatusOK:
		return nil
	case mayPass(status):
		return unavailable(fmt.Sprintf("%s answers with status %d", what, status), nil)
	default:
		return misconfigured(fmt.Sprintf("%s answers with status %d", what, status), nil)
	}
}

// mayPass tells of a status that is worth another try.
func mayPass(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests
}
