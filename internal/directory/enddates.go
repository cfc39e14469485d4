package directory

import (
	"context"
	"errors"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

const (
	// MaxEndDates bounds how many users are given an end date in one request.
	MaxEndDates = 200
	// endDatesAtOnce is how many are given it side by side: each takes two round trips to the store.
	endDatesAtOnce = 8
)

// EndDates sets an end date for several users.
type EndDates struct {
	Users  []UserID
	EndsAt time.Time // zero: none any more
}

// EndDated says what came of it for one user; Err is nil where it was set.
type EndDated struct {
	ID   UserID
	User User
	Err  error
}

// named reads users of the caller's organisation; the zero User stands for those that there are not.
func (d *Directory) named(ctx context.Context, c Caller, ids []UserID) (map[UserID]User, error) {
	found, err := d.Store.UsersNamed(ctx, c.Organisation.Slug, ids)
	if err != nil {
		return nil, err
	}
	users := map[UserID]User{}
	for _, id := range ids {
		users[id] = User{}
	}
	for _, u := range found {
		users[u.ID] = u
	}
	return users, nil
}

// SetEndDates sets an end date for several users, each by itself: what cannot be set for one is told, and the others go on.
// It fails as a whole only with Invalid, for too many users, and when the store does not answer.
func (d *Directory) SetEndDates(ctx context.Context, c Caller, e EndDates) ([]EndDated, error) {
	if err := c.Require(UsersManage); err != nil {
		return nil, err
	}
	if len(e.Users) == 0 || len(e.Users) > MaxEndDates {
		var wrong checks
		wrong.add("users", rule.HowManyUsers, MaxEndDates)
		return nil, wrong.err()
	}
	var err error
	if c.about, err = d.named(ctx, c, e.Users); err != nil {
		return nil, err
	}
	outcome, failed := make([]EndDated, len(e.Users)), make([]error, len(e.Users))
	abreast(endDatesAtOnce, len(e.Users), func(i int) bool {
		u, err := d.ChangeUser(ctx, c, e.Users[i], UserChange{EndsAt: &e.EndsAt}, nil)
		if unknown(err) {
			failed[i] = err
		}
		outcome[i] = EndDated{ID: e.Users[i], User: u, Err: err}
		return failed[i] == nil
	})
	return outcome, errors.Join(failed...)
}
