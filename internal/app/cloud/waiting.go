package cloud

import (
	"net"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// How long one try of a call may take, from the connection to the last byte: some twenty times what is usual. The SDK
// itself waits without end for an answer, and half a minute for a connection.
const (
	connectWithin = time.Second
	storeTry      = 2 * time.Second
	poolTry       = 3 * time.Second
	// KeyTry and MailTry are those of services that only some functions call. A mail that was taken after all would be sent twice.
	KeyTry  = 2 * time.Second
	MailTry = 10 * time.Second
)

// How often a call is tried, and the longest pause between two tries. The table has its own patience: see package dynamo.
const (
	tries        = 3
	longestPause = time.Second
)

// Within is the account for clients of a service that answers within the time. Tries are the SDK's standard ones: they
// stop when most calls fail, and a first try never waits.
func Within(account aws.Config, try time.Duration) aws.Config {
	account.HTTPClient = awshttp.NewBuildableClient().WithTimeout(try).WithDialerOptions(func(d *net.Dialer) {
		d.Timeout = connectWithin
	})
	account.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = tries, longestPause })
	}
	return account
}
