package ses

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/smithy-go"
)

// LeaveThrottles is an option of clients: what SES turns away because it is too much is not tried again by the SDK, whose
// tries are counted by nobody, but by whoever knows the rate.
func LeaveThrottles(o *sesv2.Options) { o.Retryer = leaver{o.Retryer} }

type leaver struct{ aws.Retryer }

// IsErrorRetryable says what the SDK may try again.
func (l leaver) IsErrorRetryable(err error) bool {
	refused, ok := errors.AsType[smithy.APIError](err)
	if ok && throttles(refused.ErrorCode()) {
		return false
	}
	return l.Retryer.IsErrorRetryable(err)
}

func throttles(code string) bool {
	return code == "TooManyRequestsException" || code == "ThrottlingException" || code == "LimitExceededException"
}
