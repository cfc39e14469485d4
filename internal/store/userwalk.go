package store

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// walk reads an index in its order and keeps what matches.
func (l list) walk(ctx context.Context, after string) (directory.UserPage, error) {
	page := directory.UserPage{}
	group, groupCtx := errgroup.WithContext(ctx)
	if !l.filtered() {
		group.Go(func() (err error) {
			page.Total, err = l.countUsers(groupCtx)
			return err
		})
	}
	group.Go(func() (err error) {
		page.Users, page.Next, err = l.walkOn(groupCtx, after)
		return err
	})
	err := group.Wait()
	return page, err
}

// walkOn reads a page of an index, and takes out of it what fits into the page and matches.
func (l list) walkOn(ctx context.Context, after string) ([]directory.User, string, error) {
	q, e := l.query, l.indexQuery(after)
	w := walker{list: l, last: after}
	for {
		records, err := l.engine.Query(ctx, e)
		if err := errors.Join(outward(err), l.assigned.wait()); err != nil {
			return nil, "", err
		}
		for _, r := range records.Records {
			full, err := w.pass(r, e.Index)
			if err != nil {
				return nil, "", err
			}
			if full {
				return w.users, writeCursor(q, l.sortText(q.Sort, w.users[q.Limit-1])), nil
			}
		}
		if records.Next == "" {
			return w.users, "", nil
		}
		if w.last != after {
			return w.users, writeCursor(q, w.last), nil
		}
		e.After = records.Next
	}
}

func (l list) indexQuery(after string) engine.Query {
	q := l.query
	e := engine.Query{
		Index: orders[q.Sort].index, Partition: listPartition(q.Org, q.Status), Backwards: q.Descending, Limit: q.Limit + 2,
	}
	switch {
	case l.sparse():
		e.Limit = maxWalk
	case l.filtered():
		e.Limit = min(4*(q.Limit+2), maxWalk)
	}
	if q.Sort == directory.SortLastSignIn && !q.SeenBefore.IsZero() {
		e.To = stamp(q.SeenBefore) // whoever signed in after that is not even read
	}
	switch {
	case !q.Descending:
		e.From = after
	case after != "":
		e.To = after
	}
	return e
}

// walker gathers the users of one page.
type walker struct {
	list
	users []directory.User
	last  string // sort text of the last one passed
}

// pass takes a record into the page if it belongs there; full says that the page had no room for it.
func (w *walker) pass(r engine.Record, index engine.Index) (full bool, err error) {
	before := w.last
	w.last = r.Index[index].Sort
	if w.last == before { // the cursor's own user, who was on the page before
		return false, nil
	}
	u, err := decodeUser(r)
	if err != nil || !w.matches(u) {
		return false, err
	}
	if len(w.users) == w.query.Limit {
		return true, nil
	}
	w.users = append(w.users, u)
	return false, nil
}

func (l list) countUsers(ctx context.Context) (*int, error) {
	records, err := l.get(ctx, userCountKey(l.query.Org, l.query.Status))
	if err != nil {
		return nil, err
	}
	n := int(records[0].Count)
	return &n, nil
}
