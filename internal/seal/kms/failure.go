package kms

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/seal"
)

// afterPeople is when to try again what waits for somebody to change something.
const afterPeople = 15 * time.Minute

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// failure turns an error of a call into the domain's, after the SDK has tried as often as is worth it:
//
//	no time left                                                    Unavailable
//	too many requests                                               Busy
//	no answer, or a fault on the other side                         Unavailable
//	a data key that was altered, or made with another key           Internal "secret_unreadable"
//	or context
//	a key that is disabled, or to be deleted, until somebody        Unavailable, for long
//	has put that right
//	missing permission, a key that is not there, and whatever       Internal "sealing_failed"
//	else KMS objects to
func failure(ctx context.Context, what string, err error) error {
	if is[*directory.Error](err) {
		return err
	}
	wrapped := fmt.Errorf("kms: %s: %w", what, err)
	switch {
	case ctx.Err() != nil:
		return directory.NewUnavailable(seal.Service, seal.RetryAfter, errors.Join(ctx.Err(), wrapped))
	case isThrottle(err):
		return directory.NewBusy(seal.Service, seal.RetryAfter, wrapped)
	case mayPass(err):
		return directory.NewUnavailable(seal.Service, seal.RetryAfter, wrapped)
	case is[*types.DisabledException](err), is[*types.KMSInvalidStateException](err):
		return directory.NewUnavailable(seal.Service, afterPeople, wrapped)
	case is[*types.InvalidCiphertextException](err), is[*types.IncorrectKeyException](err):
		return seal.Unreadable("its data key was altered, or made with another key or context: %w", wrapped)
	}
	return seal.Failed("%w", wrapped)
}

// isThrottle tells of a request that was turned away unread.
func isThrottle(err error) bool {
	return is[*types.LimitExceededException](err) ||
		retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == aws.TrueTernary
}

// mayPass is true for faults on the other side, for a network that fails, and for an answer that did not come within
// callWithin.
func mayPass(err error) bool {
	if is[*types.KMSInternalException](err) || is[*types.DependencyTimeoutException](err) ||
		is[*types.KeyUnavailableException](err) || is[*smithyhttp.RequestSendError](err) ||
		errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	return retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary
}
