package cognito

import (
	"context"
	"fmt"

	"golang.org/x/time/rate"

	"github.com/caretaker/caretaker/internal/directory"
)

// Rates are requests per second, by Cognito's categories of request. The quotas are per account and Region, shared by
// all pools, all processes and interactive use.
type Rates struct {
	UserAuthentication float64 // VerifyPassword: one
	AccountRecovery    float64 // SetPassword: one, or two for a user new to the pool
	UserCreation       float64 // SetPassword: one for a user new to the pool
	UserUpdate         float64 // SetDisabled: two to disable, one to enable. DeletePassword: one
}

// DefaultBulkRates are half of the default quotas (120, 30, 50 and 25), which leaves the other half to people. They
// hold for one process: where several do bulk work at once, each should be given its share.
func DefaultBulkRates() Rates {
	return Rates{UserAuthentication: 60, AccountRecovery: 15, UserCreation: 25, UserUpdate: 12.5}
}

// Bulk returns the same pool for work that can wait, such as an import or a purge: each request is sent no sooner
// than the rates allow, counted over all that Bulk has returned for this pool. Requests of p itself do not wait and
// are not counted.
//
// A context that ends, or whose deadline is too near, while a request waits its turn gives kind Unavailable.
func (p *Pool) Bulk() *Pool {
	view := *p
	view.bulk = true
	return &view
}

type limits struct {
	userAuthentication, accountRecovery, userCreation, userUpdate *rate.Limiter
}

func newLimits(r Rates) *limits {
	usual := DefaultBulkRates()
	return &limits{
		userAuthentication: limiter(r.UserAuthentication, usual.UserAuthentication),
		accountRecovery:    limiter(r.AccountRecovery, usual.AccountRecovery),
		userCreation:       limiter(r.UserCreation, usual.UserCreation),
		userUpdate:         limiter(r.UserUpdate, usual.UserUpdate),
	}
}

// limiter lets no burst through: bulk work that starts should not take a second's quota at once.
func limiter(perSecond, usual float64) *rate.Limiter {
	if perSecond <= 0 {
		perSecond = usual
	}
	return rate.NewLimiter(rate.Limit(perSecond), 1)
}

func (p *Pool) wait(ctx context.Context, l *rate.Limiter) error {
	if !p.bulk {
		return nil
	}
	if err := l.Wait(ctx); err != nil {
		return directory.NewUnavailable(service, retryThrottled, fmt.Errorf("wait for a turn: %w", err))
	}
	return nil
}
