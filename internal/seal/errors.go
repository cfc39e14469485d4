package seal

import (
	"context"
	"fmt"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// Service is what errors call the thing that seals.
const Service = "key service"

// RetryAfter is a guess: quotas of KMS are per second, and the client has tried a few times already.
const RetryAfter = 2 * time.Second

// ErrUnreadable is what errors.Is finds when what was sealed cannot be opened, however often it is tried.
var ErrUnreadable = &directory.Error{Kind: directory.Internal, Code: "secret_unreadable"}

// Unreadable says why, for the log.
func Unreadable(format string, args ...any) *directory.Error {
	return &directory.Error{
		Kind: directory.Internal, Code: ErrUnreadable.Code, Err: fmt.Errorf("open a secret: "+format, args...),
		Detail: "A secret that the service keeps cannot be read. This is a fault of the service.",
	}
}

// Failed says that keys or settings are wrong, which only a change of those can mend.
func Failed(format string, args ...any) *directory.Error {
	return &directory.Error{
		Kind: directory.Internal, Code: "sealing_failed", Err: fmt.Errorf(format, args...),
		Detail: "The service cannot use its keys. This is a fault of the service.",
	}
}

// CheckTime fails with kind Unavailable when the context has ended.
func CheckTime(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return directory.NewUnavailable(Service, RetryAfter, err)
	}
	return nil
}
