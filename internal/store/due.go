package store

import (
	"context"
	"errors"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// Due lists users to whom something is due. Cost, in reads of records: those that are due.
func (s *Store) Due(
	ctx context.Context, at time.Time, part, limit int, cursor string,
) ([]directory.User, string, error) {
	page, err := s.engine.Query(ctx, engine.Query{
		Index: byDue, Partition: duePartition(part), To: Join(stamp(at), "~"), Limit: limit, After: cursor, // beyond every id
	})
	if err != nil {
		return nil, "", outward(err)
	}
	users, err := usersOf(page.Records)
	return users, page.Next, err
}

// Replanning lists organisations whose users wait to be planned anew.
func (s *Store) Replanning(ctx context.Context, limit int) ([]directory.Organisation, error) {
	records, err := s.some(ctx, engine.Query{Index: byDue, Partition: "replan", Limit: limit})
	if err != nil {
		return nil, err
	}
	organisations := make([]directory.Organisation, len(records))
	for i, r := range records {
		if organisations[i], err = decodeOrganisation(r); err != nil {
			return nil, err
		}
	}
	return organisations, nil
}

// Replan stores users with another DueAt, each by itself.
func (s *Store) Replan(ctx context.Context, users []directory.PutUser) error {
	for _, u := range users {
		var b batch
		s.putUser(&b, u.User)
		if err := s.commit(ctx, b); err != nil && !errors.Is(err, directory.ErrStale) {
			return err
		}
	}
	return nil
}

// PutReplanned stores how far an organisation's users were planned anew.
func (s *Store) PutReplanned(ctx context.Context, o directory.Organisation) error {
	var b batch
	s.putOrganisation(&b, o)
	return s.commit(ctx, b)
}
