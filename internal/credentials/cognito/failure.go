package cognito

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/directory/rule"
)

const service = "sign-in service"

// When to try again. Quotas are per second, and the client has already tried a few times with growing pauses; a bar
// lasts one second at first and doubles, and Cognito does not say how long it still is.
const (
	retryThrottled = 2 * time.Second
	retryBarred    = 30 * time.Second
)

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// meansWrong tells an answer about the password or the user from one about anything else.
func meansWrong(err error) bool {
	if refusal, ok := errors.AsType[*types.NotAuthorizedException](err); ok {
		return !isBar(refusal) && !isClientSecret(refusal)
	}
	return is[*types.UserNotFoundException](err) || is[*types.UserNotConfirmedException](err) ||
		is[*types.PasswordResetRequiredException](err)
}

// Cognito has no error code of its own for a barred user or for an app client that has a secret after all; only the
// message differs from that for a wrong password. Were the wording to change, they would pass for one.
func isBar(refusal *types.NotAuthorizedException) bool {
	return strings.Contains(strings.ToLower(refusal.ErrorMessage()), "attempts exceeded")
}

func isClientSecret(refusal *types.NotAuthorizedException) bool {
	message := strings.ToLower(refusal.ErrorMessage())
	return strings.Contains(message, "secret_hash") || strings.Contains(message, "secret hash")
}

// failure turns an error of a call into the domain's: Busy for a throttle, Unavailable for what else may pass, Invalid for a password that the
// pool refuses, and otherwise Internal.
func failure(ctx context.Context, what string, err error) error {
	if err == nil || is[*directory.Error](err) {
		return err
	}
	wrapped := fmt.Errorf("cognito: %s: %w", what, err)
	switch {
	case ctx.Err() != nil:
		return directory.NewUnavailable(service, retryThrottled, errors.Join(ctx.Err(), wrapped))
	case isBarred(err):
		return directory.NewBusy(service, retryBarred, wrapped)
	case isThrottle(err):
		return directory.NewBusy(service, retryThrottled, wrapped)
	case mayPass(err):
		return directory.NewUnavailable(service, retryThrottled, wrapped)
	case is[*types.InvalidPasswordException](err) || is[*types.PasswordHistoryPolicyViolationException](err):
		return refusedPassword(wrapped)
	}
	return wrapped
}

func isBarred(err error) bool {
	refusal, ok := errors.AsType[*types.NotAuthorizedException](err)
	return ok && isBar(refusal) || is[*types.TooManyFailedAttemptsException](err)
}

// isThrottle tells of a request that was turned away unread.
func isThrottle(err error) bool {
	return is[*types.TooManyRequestsException](err) || is[*types.LimitExceededException](err) ||
		retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == aws.TrueTernary
}

// mayPass is true for faults on the other side, a network that fails, and for a user deleted by someone
// else between two of our calls.
func mayPass(err error) bool {
	if is[*types.InternalErrorException](err) || is[*smithyhttp.RequestSendError](err) ||
		is[*types.UserNotFoundException](err) {
		return true
	}
	return retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary
}

func refusedPassword(err error) error {
	return &directory.Error{
		Kind: directory.Invalid, Code: "password_refused", Err: err,
		Detail: "The sign-in service refuses this password although it keeps the rules shown here. Please choose " +
			"another one and tell the operator that the user pool's password policy is stricter than the product's.",
		Fields: []directory.FieldError{{Field: "password", Broken: rule.PasswordRefused.Broken()}},
	}
}
