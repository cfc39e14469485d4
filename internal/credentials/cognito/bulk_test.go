package cognito_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/directory"
)

// slow has rates that tell the categories apart.
var slow = cognito.Rates{UserAuthentication: 20, AccountRecovery: 2, UserCreation: 10, UserUpdate: 4}

func TestBulkWorkKeepsToTheRateOfEachCategory(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		do    func(ctx context.Context, p directory.Credentials, id directory.UserID) error
		least time.Duration // 8 users; the first request of a category does not wait
	}{
		{"verify: one request, 20 a second", func(ctx context.Context, p directory.Credentials, id directory.UserID) error {
			if err := p.VerifyPassword(ctx, id, "Correct-horse-7"); !errors.Is(err, directory.ErrWrongPassword) {
				return fmt.Errorf("got %w, want ErrWrongPassword", err)
			}
			return nil
		}, 350 * time.Millisecond},
		{"set for new users: two requests, 2 a second", func(ctx context.Context, p directory.Credentials, id directory.UserID) error {
			return p.SetPassword(ctx, id, "Correct-horse-7")
		}, 7500 * time.Millisecond},
		{"disable nobody: one request, 4 a second", func(ctx context.Context, p directory.Credentials, id directory.UserID) error {
			return p.SetDisabled(ctx, id, true)
		}, 1750 * time.Millisecond},
		{"delete: one request, 4 a second", func(ctx context.Context, p directory.Credentials, id directory.UserID) error {
			return p.DeletePassword(ctx, id)
		}, 1750 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := cognito.New(newDocumented(), cognito.Config{PoolID: poolID, ClientID: clientID, Bulk: slow})
				start := time.Now()
				var wg sync.WaitGroup
				for i := range 8 {
					bulk := p.Bulk() // each has its own view, and all share the rates
					wg.Go(func() {
						if err := c.do(t.Context(), bulk, directory.UserID(fmt.Sprint(i))); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				if took := time.Since(start); took < c.least || took > c.least+200*time.Millisecond {
					t.Errorf("took %s, want %s and little more", took, c.least)
				}
			})
		})
	}
}

func TestDisablingCountsAsTwoRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := cognito.New(newDocumented(), cognito.Config{PoolID: poolID, ClientID: clientID, Bulk: slow})
		mustSet(t, p, "Correct-horse-7")
		start := time.Now()
		for range 2 {
			if err := p.Bulk().SetDisabled(t.Context(), "ann", true); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 750*time.Millisecond {
			t.Errorf("four requests at 4 a second took %s, want 750ms", took)
		}
	})
}

func TestInteractiveCallsDoNotWaitBehindBulkWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := cognito.New(newDocumented(), cognito.Config{PoolID: poolID, ClientID: clientID, Bulk: slow})
		mustSet(t, p, "Correct-horse-7")
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				if err := p.Bulk().SetPassword(t.Context(), directory.UserID(fmt.Sprint(i)), "Correct-horse-7"); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait() // all of them are in line
		start := time.Now()
		mustSet(t, p, "Another-password-1")
		if err := p.VerifyPassword(t.Context(), "ann", "Another-password-1"); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("waited %s", took)
		}
		wg.Wait()
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDocumented()
		bulk := cognito.New(d, cognito.Config{PoolID: poolID, ClientID: clientID, Bulk: cognito.Rates{UserUpdate: 1.0 / 60}}).Bulk()
		if err := bulk.DeletePassword(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
		d.called()

		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error)
		go func() { result <- bulk.DeletePassword(ctx, "ann") }()
		synctest.Wait()
		cancel()
		err := <-result
		if !errors.Is(err, context.Canceled) || directory.KindOf(err) != directory.Unavailable {
			t.Errorf("cancelled: got %v, want kind unavailable because of context.Canceled", err)
		}

		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := bulk.DeletePassword(soon, "ann"); directory.KindOf(err) != directory.Unavailable {
			t.Errorf("deadline too near: got %v, want kind unavailable", err)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("waited %s for a turn that could not come in time", waited)
		}
		if got := d.called(); got != "" {
			t.Errorf("called %q without a turn", got)
		}
	})
}

func TestDefaultBulkRatesLeaveHalfOfTheQuotas(t *testing.T) {
	t.Parallel()
	want := cognito.Rates{UserAuthentication: 120. / 2, AccountRecovery: 30. / 2, UserCreation: 50. / 2, UserUpdate: 25. / 2}
	if got := cognito.DefaultBulkRates(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
