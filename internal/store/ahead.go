package store

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// ahead is what was read under a request's context before it was asked for. Each record answers one question, so that whoever
// looks again, because somebody else was first, sees what is stored by then; and a Commit of the request leaves nothing of
// it, for it might have changed that.
type ahead struct {
	mu      sync.Mutex
	records map[engine.Key]engine.Record
	lists   map[directory.Need][]engine.Page
	erased  []directory.UserID // those with whom all went that was found under them
}

type aheadKey struct{}

// WithAhead returns a context under which things can be read ahead. Without it they are read when they are asked for.
func WithAhead(ctx context.Context) context.Context {
	return context.WithValue(ctx, aheadKey{}, &ahead{})
}

// aheadOf is nil where nothing can be read ahead.
func aheadOf(ctx context.Context) *ahead {
	a, _ := ctx.Value(aheadKey{}).(*ahead)
	return a
}

// Ahead reads, at once, what a request will ask for.
func (s *Store) Ahead(ctx context.Context, needs ...directory.Need) error {
	if aheadOf(ctx) == nil {
		return nil
	}
	_, err := s.readWith(ctx, nil, needs)
	return err
}

// readWith reads records and, at the same time, what will be asked for.
func (s *Store) readWith(ctx context.Context, keys []engine.Key, needs []directory.Need) ([]engine.Record, error) {
	a := aheadOf(ctx)
	if a == nil {
		needs = nil
	}
	own, further := len(keys), keysOf(needs)
	group, groupCtx := errgroup.WithContext(ctx)
	for _, n := range needs {
		s.readList(groupCtx, group, a, n)
	}
	var records []engine.Record
	group.Go(func() (err error) {
		records, err = s.engine.Get(groupCtx, append(keys, further...)...)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, outward(err)
	}
	a.keep(further, records[own:])
	return records[:own], nil
}

// keysOf are the records that will be asked for.
func keysOf(needs []directory.Need) []engine.Key {
	var keys []engine.Key
	for _, n := range needs {
		switch n := n.(type) {
		case directory.NeedOrganisation:
			keys = append(keys, organisationKey(n.Org))
		case directory.NeedName:
			keys = append(keys, nameKey(n.Org, n.Username))
		case directory.NeedUser:
			keys = append(keys, userKey(n.Org, n.User))
		case directory.NeedProofs:
			keys = append(keys, factorsKey(n.Org, n.User), failuresKey(n.Org, directory.User{ID: n.User}.Guard()))
		case directory.NeedFailures:
			keys = append(keys, failuresKey(n.Org, n.Guard))
		case directory.NeedOldPasswords:
			keys = append(keys, oldPasswordsKey(n.Org, n.User))
		case directory.NeedLink:
			keys = append(keys, organisationKey(n.Org), userKey(n.Org, n.User), linkKey(n.Org, n.User))
		case directory.NeedTicket:
			keys = append(keys, ticketKey(n.Kind, n.ID))
		case directory.NeedAssignments:
			keys = append(keys, assignmentsKey(n.Org, n.User))
		case directory.QuotaKey:
			keys = append(keys, quotaKey(n))
		case directory.ReceiptID:
			keys = append(keys, receiptKey(n))
		case directory.NeedAdministrators, directory.NeedKept: // lists
		default:
			panic(fmt.Sprintf("the store cannot read a %T ahead", n))
		}
	}
	return keys
}

// readList begins to read a need that is a list.
func (s *Store) readList(ctx context.Context, group *errgroup.Group, a *ahead, n directory.Need) {
	var lists []engine.Query
	switch n := n.(type) {
	case directory.NeedAdministrators:
		lists = []engine.Query{administratorList(n.Org)}
	case directory.NeedKept:
		lists = keptLists(n.Org, n.User)
	}
	for _, q := range lists {
		group.Go(func() error {
			page, err := s.engine.Query(ctx, q)
			if err == nil {
				a.keepList(n, page)
			}
			return err
		})
	}
}

func (a *ahead) keep(keys []engine.Key, records []engine.Record) {
	if a == nil || len(keys) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.records == nil {
		a.records = map[engine.Key]engine.Record{}
	}
	for i, k := range keys {
		a.records[k] = records[i]
	}
}

func (a *ahead) keepList(n directory.Need, page engine.Page) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lists == nil {
		a.lists = map[directory.Need][]engine.Page{}
	}
	a.lists[n] = append(a.lists[n], page)
}

// take returns the records that were read ahead, which it gives away, and the keys of all others.
func (a *ahead) take(keys []engine.Key) (found map[engine.Key]engine.Record, rest []engine.Key) {
	if a == nil {
		return nil, keys
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	found = map[engine.Key]engine.Record{}
	for _, k := range keys {
		r, read := a.records[k]
		if !read {
			rest = append(rest, k)
			continue
		}
		found[k] = r
	}
	maps.DeleteFunc(a.records, func(k engine.Key, _ engine.Record) bool { _, taken := found[k]; return taken })
	return found, rest
}

// takeList returns the first pages of a list that was read ahead; none if it was not.
func (a *ahead) takeList(n directory.Need) []engine.Page {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	pages := a.lists[n]
	delete(a.lists, n)
	return pages
}

// forget drops what was read ahead.
func (a *ahead) forget() {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.records, a.lists = nil, nil
}
