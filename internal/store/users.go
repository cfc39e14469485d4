package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

const (
	// maxMatches is how many users a search may match to be sorted in memory; more are read in the order of an index.
	maxMatches = 1000
	// maxWalk is how many users one page may read past in search of those that match a filter. A page can therefore
	// hold fewer than asked for, even none, while there is a next one.
	maxWalk = 3000
)

// order is one way to sort users: the index that keeps it and the text it sorts by.
type order struct {
	index engine.Index
	text  func(s *Store, u directory.User) string
}

// Every text ends with the user's id, so that no two users share one and a text can serve as cursor.
var orders = map[directory.UserSort]order{
	directory.SortFamilyName: {byName, func(s *Store, u directory.User) string { return s.fold(u.FamilyName + " " + u.GivenName) }},
	directory.SortGivenName:  {byGiven, func(s *Store, u directory.User) string { return s.fold(u.GivenName + " " + u.FamilyName) }},
	directory.SortUsername:   {byUsername, func(_ *Store, u directory.User) string { return directory.FoldName(u.Username) }},
	directory.SortEmail:      {byEmail, func(_ *Store, u directory.User) string { return strings.ToLower(u.Email) }},
	directory.SortLastSignIn: {bySeen, lastSeen},
}

// searched lists the orders whose texts a search matches by prefix.
var searched = []directory.UserSort{
	directory.SortFamilyName, directory.SortGivenName, directory.SortUsername, directory.SortEmail,
}

func lastSeen(_ *Store, u directory.User) string {
	if u.LastSignInAt.IsZero() {
		return "-" // before any year
	}
	return stamp(u.LastSignInAt)
}

// sortText is what a user sorts by in an order. A text longer than an index takes is cut; the id still tells users apart.
func (s *Store) sortText(by directory.UserSort, u directory.User) string {
	const room = engine.MaxSort - 64
	text := orders[by].text(s, u)
	if len(text) > room {
		text = strings.ToValidUTF8(text[:room], "")
	}
	return text + "\x1f" + string(u.ID)
}

func (s *Store) positions(u directory.User) map[engine.Index]engine.Position {
	positions := map[engine.Index]engine.Position{}
	for by, o := range orders {
		positions[o.index] = engine.Position{Partition: Join("users", string(u.Org)), Sort: s.sortText(by, u)}
	}
	return positions
}

// Users lists users. Cost, in reads of records: without a filter, the page and one counter; with a search, the matches
// (up to maxMatches); with a filter, what lies between the matches, up to maxWalk a page.
func (s *Store) Users(ctx context.Context, q directory.UserQuery) (directory.UserPage, error) {
	if _, known := orders[q.Sort]; !known {
		q.Sort = directory.SortFamilyName
	}
	after, err := readCursor(q)
	if err != nil {
		return directory.UserPage{}, err
	}
	typed := strings.TrimSpace(q.Match)
	q.Match = s.fold(typed)
	if typed != "" && q.Match == "" { // a smiley, say: no name begins with it
		return directory.UserPage{Total: new(int)}, nil
	}
	if q.Match != "" {
		page, few, err := s.search(ctx, q, after)
		if few || err != nil {
			return page, err
		}
	}
	return s.walk(ctx, q, after)
}

// search reads everything that matches from the indexes of the searched texts; few is false when there is too much.
func (s *Store) search(ctx context.Context, q directory.UserQuery, after string) (page directory.UserPage, few bool, err error) {
	found := make([][]engine.Record, len(searched))
	group, ctx := errgroup.WithContext(ctx)
	for i, by := range searched {
		group.Go(func() (err error) {
			from, to := engine.Prefix(q.Match)
			found[i], err = s.some(ctx, engine.Query{
				Index: orders[by].index, Partition: Join("users", string(q.Org)), From: from, To: to, Limit: maxMatches + 1,
			})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return page, false, err
	}
	users, err := distinct(found)
	if err != nil || len(users) > maxMatches || slices.ContainsFunc(found, func(r []engine.Record) bool { return len(r) > maxMatches }) {
		return page, false, err
	}
	return s.cut(q, users, after), true, nil
}

func distinct(found [][]engine.Record) (map[directory.UserID]directory.User, error) {
	users := map[directory.UserID]directory.User{}
	for _, r := range slices.Concat(found...) {
		u, err := decodeUser(r)
		if err != nil {
			return nil, err
		}
		if u.Version >= users[u.ID].Version { // indexes may lag differently
			users[u.ID] = u
		}
	}
	return users, nil
}

// cut sorts what matches and takes the page after the cursor out of it.
func (s *Store) cut(q directory.UserQuery, found map[directory.UserID]directory.User, after string) directory.UserPage {
	type placed struct {
		text string
		user directory.User
	}
	var all []placed
	for _, u := range found {
		if s.matches(q, u) {
			all = append(all, placed{s.sortText(q.Sort, u), u})
		}
	}
	direction := 1
	if q.Descending {
		direction = -1
	}
	slices.SortFunc(all, func(a, b placed) int { return direction * cmp.Compare(a.text, b.text) })
	total := len(all)
	page := directory.UserPage{Total: &total}
	start := 0
	if after != "" {
		start, _ = slices.BinarySearchFunc(all, after, func(p placed, t string) int {
			if p.text == t {
				return -1 // the page begins after it
			}
			return direction * cmp.Compare(p.text, t)
		})
	}
	for _, p := range all[start:min(start+q.Limit, total)] {
		page.Users = append(page.Users, p.user)
	}
	if start+q.Limit < total {
		page.Next = writeCursor(q, all[start+q.Limit-1].text)
	}
	return page
}

func (s *Store) matches(q directory.UserQuery, u directory.User) bool {
	if q.Status != "" && u.Status != q.Status || q.Role != "" && !u.Holds(q.Role) {
		return false
	}
	return q.Match == "" || slices.ContainsFunc(searched, func(by directory.UserSort) bool {
		return strings.HasPrefix(orders[by].text(s, u), q.Match)
	})
}

// walk reads an index in its order and keeps what matches.
func (s *Store) walk(ctx context.Context, q directory.UserQuery, after string) (directory.UserPage, error) {
	filtered := q.Match != "" || q.Status != "" || q.Role != ""
	page := directory.UserPage{}
	group, groupCtx := errgroup.WithContext(ctx)
	if !filtered {
		group.Go(func() (err error) {
			page.Total, err = s.countUsers(groupCtx, q.Org)
			return err
		})
	}
	group.Go(func() (err error) {
		page.Users, page.Next, err = s.walkOn(groupCtx, q, after, filtered)
		return err
	})
	err := group.Wait()
	return page, err
}

// walkOn reads pages of an index until the page is full, the index ends, or maxWalk users were passed.
func (s *Store) walkOn(ctx context.Context, q directory.UserQuery, after string, filtered bool) ([]directory.User, string, error) {
	e := indexQuery(q, after, filtered)
	w := walker{store: s, query: q, last: after}
	for {
		records, err := s.engine.Query(ctx, e)
		if err != nil {
			return nil, "", outward(err)
		}
		for _, r := range records.Records {
			full, err := w.pass(r, e.Index)
			if err != nil {
				return nil, "", err
			}
			if full {
				return w.users, writeCursor(q, s.sortText(q.Sort, w.users[q.Limit-1])), nil
			}
		}
		if records.Next == "" {
			return w.users, "", nil
		}
		if w.passed >= maxWalk {
			return w.users, writeCursor(q, w.last), nil
		}
		e.After = records.Next
	}
}

func indexQuery(q directory.UserQuery, after string, filtered bool) engine.Query {
	e := engine.Query{
		Index: orders[q.Sort].index, Partition: Join("users", string(q.Org)), Backwards: q.Descending, Limit: q.Limit + 2,
	}
	if filtered {
		e.Limit = min(4*(q.Limit+2), engine.MaxLimit)
	}
	if q.Descending {
		e.To = after
	} else {
		e.From = after
	}
	return e
}

// walker gathers the users of one page.
type walker struct {
	store  *Store
	query  directory.UserQuery
	users  []directory.User
	last   string // sort text of the last one passed
	passed int
}

// pass takes a record into the page if it belongs there; full says that the page had no room for it.
func (w *walker) pass(r engine.Record, index engine.Index) (full bool, err error) {
	w.passed++
	before := w.last
	w.last = r.Index[index].Sort
	if w.last == before { // the cursor's own user, who was on the page before
		return false, nil
	}
	u, err := decodeUser(r)
	if err != nil || !w.store.matches(w.query, u) {
		return false, err
	}
	if len(w.users) == w.query.Limit {
		return true, nil
	}
	w.users = append(w.users, u)
	return false, nil
}

func (s *Store) countUsers(ctx context.Context, org directory.Slug) (*int, error) {
	records, err := s.get(ctx, userCountKey(org))
	if err != nil {
		return nil, err
	}
	n := int(records[0].Count)
	return &n, nil
}
