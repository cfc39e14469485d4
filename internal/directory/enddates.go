package directory

import (
	"context"
	"time"
)

// MaxEndDates bounds how many users are given an end date in one request.
const MaxEndDates = 200

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

// SetEndDates sets an end date for several users, each by itself: what cannot be set for one is told, and the others go on.
// It fails as a whole only with Invalid, for too many users, and when the store does not answer.
func (d *Directory) SetEndDates(ctx context.Context, c Caller, e EndDates) ([]EndDated, error) {
	if err := c.Require(UsersManage); err != nil {
		return nil, err
	}
	if len(e.Users) == 0 || len(e.Users) > MaxEndDates {
		var wrong checks
		wrong.add("users", "must name 1 to 200 users")
		return nil, wrong.err()
	}
	outcome := make([]EndDated, len(e.Users))
	for i, id := range e.Users {
		u, err := d.ChangeUser(ctx, c, id, UserChange{EndsAt: &e.EndsAt}, nil)
		if k := KindOf(err); err != nil && (k == Unavailable || k == Internal) {
			return nil, err
		}
		outcome[i] = EndDated{ID: id, User: u, Err: err}
	}
	return outcome, nil
}
