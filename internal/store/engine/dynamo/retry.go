package dynamo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// Pauses double from the first to the longest, each cut at random so that those who collided do not meet again. All
// pauses of one call of the port together last patienceTotal at most, and tries that got no answer take their time off
// it; an HTTP API gives up after 30 s, and a person before that.
const (
	firstPause    = 25 * time.Millisecond
	longestPause  = 400 * time.Millisecond
	patienceTotal = 3 * time.Second

	// tries is more than the pauses allow, so that they alone decide.
	tries = 1000
)

// retryables is what the SDK tries again, and the collisions of single writes with transactions, which it does not
// know.
var retryables = append(retry.IsErrorRetryables{retry.RetryableErrorCode{Codes: map[string]struct{}{
	"TransactionConflictException":     {},
	"ReplicatedWriteConflictException": {},
}}}, retry.DefaultRetryables...)

// patience is what is left of the time that one call of the port goes on trying. It is the backoff of the SDK's
// standard retryer, and of the loops of this package, so that they share the time. It also watches: which tries went
// unanswered decides what a failed condition means. It is for one goroutine.
type patience struct {
	quota   retry.RateLimiter
	left    time.Duration
	began   time.Time // the present try
	tried   int
	retries int  // since the last takeRetries
	lost    bool // a try may have been done although it failed
}

// instant is for measuring how long something takes, as timers do; no time of it is kept.
func instant() time.Time { return time.Now() } //nolint:forbidigo // a stopwatch, which has to agree with the timers

func (e *Engine) patience() *patience {
	return &patience{quota: e.quota, left: e.total, began: instant()}
}

// options makes a call of the SDK use the patience. The quota is the engine's: when most calls fail it ends retrying
// altogether, as the SDK's default does.
func (p *patience) options(o *dynamodb.Options) {
	o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) {
		s.MaxAttempts, s.Backoff, s.RateLimiter, s.Retryables = tries, p, p.quota, retryables
	})
}

// BackoffDelay implements retry.BackoffDelayer: it is asked after each failed try that is worth another.
func (p *patience) BackoffDelay(_ int, err error) (time.Duration, error) {
	if !refused(err) {
		p.lost = true
		p.left -= instant().Sub(p.began)
	}
	pause, gaveUp := p.next(err)
	if gaveUp == nil {
		p.retries++
	}
	return pause, gaveUp
}

// next is the length of the next pause. It returns an error that wraps err when the patience is at its end.
func (p *patience) next(err error) (time.Duration, error) {
	if p.left <= 0 {
		return 0, fmt.Errorf("given up after %d tries: %w", p.tried+1, err)
	}
	ceiling := longestPause
	if p.tried < 5 {
		ceiling = min(firstPause<<p.tried, longestPause)
	}
	p.tried++
	pause := rand.N(ceiling) + time.Millisecond //nolint:gosec // it spreads callers; to guess it gains nothing
	p.left -= pause
	p.began = instant().Add(pause)
	return pause, nil
}

// pause waits before another try of a loop of this package. It returns an error when the patience or the context ends.
func (p *patience) pause(ctx context.Context, err error) error {
	pause, err := p.next(err)
	if err != nil {
		return err
	}
	return wait(ctx, pause)
}

// wait returns nil after d, or the context's error if it ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// takeRetries returns how many tries of the last call were not its last.
func (p *patience) takeRetries() int {
	n := p.retries
	p.retries = 0
	return n
}

// refused tells whether DynamoDB answered that it has not done what it was asked. All other failures leave that open.
func refused(err error) bool {
	var answer interface{ HTTPStatusCode() int }
	return errors.As(err, &answer) && answer.HTTPStatusCode()/100 == 4
}

// failure is the error of the port for an error of the SDK.
func failure(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case tooLarge(err):
		return &engine.LimitError{What: err.Error()}
	case refused(err) && retryables.IsErrorRetryable(err) != aws.TrueTernary:
		return fmt.Errorf("%s: %w", what, err) // no permission, no table, a mistake in here: trying again is no use
	}
	return unavailable(what, err)
}

// failure is the same for a write: after a try without an answer, a refusal says nothing about that try.
func (p *patience) failure(what string, err error) error {
	if err != nil && p.lost {
		return unavailable(what, err)
	}
	return failure(what, err)
}

func unavailable(what string, err error) error {
	return fmt.Errorf("%s: %w: %w", what, engine.ErrUnavailable, err)
}

// tooLarge tells of the one kind of validation that depends on what is stored: an add to a record that is as large as
// can be. Any other validation error is a mistake of this package and must not be blamed on the caller.
func tooLarge(err error) bool {
	var answer smithy.APIError
	return errors.As(err, &answer) && answer.ErrorCode() == "ValidationException" && aboutSize(answer.ErrorMessage())
}

func aboutSize(message string) bool { return strings.Contains(strings.ToLower(message), "size") }
