package federation

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// retryAfter is how long a provider that does not answer is given.
const retryAfter = 10 * time.Second

// fault is the cause of an error: what is wrong, in words for administrators and without anything secret.
type fault struct {
	what string
	err  error // may be nil
}

func (f *fault) Error() string {
	if f.err == nil {
		return "federation: " + f.what
	}
	return fmt.Sprintf("federation: %s: %v", f.what, f.err)
}

func (f *fault) Unwrap() error { return f.err }

func misconfigured(what string, err error) error {
	e := *directory.ErrProviderMisconfigured
	e.Err = &fault{what: what, err: err}
	return &e
}

func refused(what string, err error) error {
	e := *directory.ErrIdentityRefused
	e.Err = &fault{what: what, err: err}
	return &e
}

func unavailable(what string, err error) error {
	return directory.NewUnavailable("identity provider", retryAfter, &fault{what: what, err: err})
}

// explained puts what is wrong with a provider into the detail of the error.
func explained(err error) error {
	e, ok := errors.AsType[*directory.Error](err)
	f, known := errors.AsType[*fault](err)
	if !ok || !known || e.Code != directory.ErrProviderMisconfigured.Code {
		return err
	}
	told := *e
	told.Detail = "The identity provider cannot be used: " + f.what + "."
	return &told
}

// Reasons why a request is not made, or its answer not read.
var (
	errInsecure  = errors.New("it is not an https address")
	errAddress   = errors.New("the address is not a public one")
	errRedirect  = errors.New("it redirects to another place")
	errTooLarge  = errors.New("its answer is too large")
	errNoSuchKey = errors.New("no key of the provider has made the signature")
)

// failure translates the error of a request: what will not pass by itself is the configuration's fault. The address is
// left out of it, for a provider may have put anything into one that it redirects to.
func failure(ctx context.Context, what string, err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	for _, reason := range []error{errInsecure, errAddress, errRedirect, errTooLarge} {
		if errors.Is(err, reason) {
			return misconfigured(what+" cannot be used, because "+reason.Error(), nil)
		}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return misconfigured(what+" has a certificate that does not hold", err)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return misconfigured(what+" is at a host that does not exist", nil)
	}
	return unavailable(what+" does not answer", errors.Join(err, ctx.Err()))
}
