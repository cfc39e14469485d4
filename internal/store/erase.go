package store

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// eraseBatch lets a page of both partitions, and the intent, go in one Commit.
const eraseBatch = (engine.MaxOps - 1) / 2

// keptLists read what is kept under a user.
func keptLists(org directory.Slug, u directory.UserID) []engine.Query {
	return []engine.Query{
		{Partition: userPartition(org, u), Limit: eraseBatch}, {Partition: outboxPartition(org, u), Limit: eraseBatch},
	}
}

// eraseKept deletes with users what was found under them beforehand, as far as there is room, and returns those of whom that
// is all. What came since, and what there was no room for, is left for Erase.
func (b *batch) eraseKept(ctx context.Context, writes []directory.Write) (whole []directory.UserID) {
	a := aheadOf(ctx)
	for _, w := range writes {
		w, removed := w.(directory.RemoveUser)
		if !removed {
			continue
		}
		pages := a.takeList(directory.NeedKept{Org: w.User.Org, User: w.User.ID})
		if len(pages) > 0 && b.erase(pages) {
			whole = append(whole, w.User.ID)
		}
	}
	return whole
}

// erase deletes the records of pages that nothing else happens to; all is false where some are left.
func (b *batch) erase(pages []engine.Page) (all bool) {
	all = true
	for _, page := range pages {
		all = all && page.Next == ""
		for _, r := range page.Records {
			switch named := slices.ContainsFunc(b.ops, func(op engine.Op) bool { return op.Key() == r.Key }); {
			case named:
			case len(b.ops) == engine.MaxOps:
				return false
			default:
				b.add(engine.Delete(r.Key, engine.AnyVersion), nil)
			}
		}
	}
	return all
}

func (a *ahead) noteErased(users []directory.UserID) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.erased = append(a.erased, users...)
}

func (a *ahead) hasErased(u directory.UserID) bool {
	if a == nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Contains(a.erased, u)
}

// Erase deletes what is kept under a deleted user, and with the last of it the intent of the deletion. It may run again
// where it was interrupted. Cost: two queries at once and a Commit, for each 98 records; where all of it went with the user,
// the intent is closed at the same time as it is looked whether anything came in between, which is seldom.
func (s *Store) Erase(ctx context.Context, i directory.Intent) error {
	rest, closing := keptLists(i.Org, i.User), engine.Delete(intentKey(i), engine.AnyVersion)
	if aheadOf(ctx).hasErased(i.User) {
		return s.eraseLate(ctx, rest, closing)
	}
	return s.eraseAll(ctx, rest, closing)
}

// eraseAll deletes what the queries find, page by page, and does the closing ops with the last.
func (s *Store) eraseAll(ctx context.Context, rest []engine.Query, closing ...engine.Op) error {
	for {
		var b batch
		var err error
		if rest, err = s.eraseNext(ctx, &b, rest); err != nil {
			return err
		}
		for _, op := range closing {
			if len(rest) == 0 {
				b.add(op, nil)
			}
		}
		if err := s.commit(ctx, b); err != nil || len(rest) == 0 {
			return err
		}
	}
}

// eraseLate closes the intent, and deletes what was written in the moment before the user was gone.
func (s *Store) eraseLate(ctx context.Context, lists []engine.Query, closing engine.Op) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.eraseAll(ctx, lists) })
	group.Go(func() error { return s.commit(ctx, batch{ops: []engine.Op{closing}, means: []error{nil}}) })
	return group.Wait()
}

// eraseNext deletes a page of each query and returns the queries of those that follow.
func (s *Store) eraseNext(ctx context.Context, b *batch, from []engine.Query) (rest []engine.Query, err error) {
	pages := make([]engine.Page, len(from))
	group, ctx := errgroup.WithContext(ctx)
	for n, q := range from {
		group.Go(func() (err error) {
			pages[n], err = s.engine.Query(ctx, q)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, outward(err)
	}
	b.erase(pages)
	for n, page := range pages {
		if page.Next != "" {
			q := from[n]
			q.After = page.Next
			rest = append(rest, q)
		}
	}
	return rest, nil
}
