package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

const (
	// maxMatches is how many users a search may match to be sorted in memory; more are read in the order of an index.
	maxMatches = 1000
	// maxWalk is how many users, or entries, one page may read past in search of those that match a filter, which is one page
	// of the engine. A page can therefore hold fewer than asked for, even none, while there is a next one.
	maxWalk = 1000
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
	return s.sortable(orders[by].text(s, u)) + "\x1f" + string(u.ID)
}

// sortable cuts a text so that it fits into an index together with an id.
func (s *Store) sortable(text string) string {
	const room = engine.MaxSort - 64
	if len(text) > room {
		return strings.ToValidUTF8(text[:room], "")
	}
	return text
}

func (s *Store) positions(u directory.User) map[engine.Index]engine.Position {
	positions := map[engine.Index]engine.Position{}
	for by, o := range orders {
		positions[o.index] = engine.Position{Partition: listPartition(u.Org, u.Status), Sort: s.sortText(by, u)}
	}
	if !u.DueAt.IsZero() {
		positions[byDue] = engine.Position{Partition: duePartition(shardOf(string(u.ID), directory.DueParts)), Sort: Join(stamp(u.DueAt), string(u.ID))}
	}
	return positions
}

// Users lists users. Cost, in reads of records: without a filter, the page and one counter; with a search, the matches
// (up to maxMatches); with a filter, what lies between the matches, up to maxWalk a page. All that a page reads is read at once.
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
	l := list{Store: s, query: q}
	if q.School != "" {
		l.assigned = s.assignedTo(ctx, q.Org, q.School)
		defer func() { _ = l.assigned.wait() }()
	}
	if q.Match != "" {
		page, few, err := l.search(ctx, after)
		if few || err != nil {
			return page, err
		}
	}
	return l.walk(ctx, after)
}

// list is one reading of the users' list.
type list struct {
	*Store
	query    directory.UserQuery
	assigned *assigned // who has query.School on the list; nil where that does not matter
}

// filtered tells whether the list shows less than everybody in its partition.
func (l list) filtered() bool {
	q := l.query
	return q.Match != "" || !q.SeenBefore.IsZero() || q.Status != "" && q.Status != directory.Archived || q.Site != "" || q.School != "" || q.NeverIn || q.Undeliverable || len(q.Roles) > 0
}

// sparse tells whether those that the list shows may lie far apart. Most users are active, and those who did not sign in for
// long lie together in the order of last sign-ins.
func (l list) sparse() bool {
	q := l.query
	q.Status = ""
	if q.Sort == directory.SortLastSignIn {
		q.SeenBefore = time.Time{}
	}
	return l.filtered() && (list{query: q}.filtered() || l.query.Status != directory.Active)
}

// search reads everything that matches from the indexes of the searched texts; few is false when there is too much.
func (l list) search(ctx context.Context, after string) (page directory.UserPage, few bool, err error) {
	found := make([][]engine.Record, len(searched))
	group, ctx := errgroup.WithContext(ctx)
	for i, by := range searched {
		group.Go(func() (err error) {
			from, to := engine.Prefix(l.query.Match)
			found[i], err = l.some(ctx, engine.Query{
				Index: orders[by].index, Partition: listPartition(l.query.Org, l.query.Status), From: from, To: to, Limit: maxMatches + 1,
			})
			return err
		})
	}
	if err := errors.Join(group.Wait(), l.assigned.wait()); err != nil {
		return page, false, err
	}
	users, err := distinct(found)
	if err != nil || len(users) > maxMatches || slices.ContainsFunc(found, func(r []engine.Record) bool { return len(r) > maxMatches }) {
		return page, false, err
	}
	return l.cut(users, after), true, nil
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
func (l list) cut(found map[directory.UserID]directory.User, after string) directory.UserPage {
	q := l.query
	type placed struct {
		text string
		user directory.User
	}
	var all []placed
	for _, u := range found {
		if l.matches(u) {
			all = append(all, placed{l.sortText(q.Sort, u), u})
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

// matches tells whether a user belongs into the list.
func (l list) matches(u directory.User) bool {
	q := l.query
	if q.Status != "" && u.Status != q.Status || q.Site != "" && u.More[directory.FieldSite] != q.Site {
		return false
	}
	if !q.SeenBefore.IsZero() && !u.ActiveAt().Before(q.SeenBefore) {
		return false
	}
	if q.NeverIn && !u.LastSignInAt.IsZero() {
		return false
	}
	if q.Undeliverable && u.Undeliverable == nil {
		return false
	}
	if len(q.Roles) > 0 && !slices.ContainsFunc(q.Roles, func(r directory.RoleID) bool { return slices.Contains(u.Roles, r) }) {
		return false
	}
	if q.School != "" && !u.AllSchools && !l.assigned.has[u.ID] {
		return false
	}
	return q.Match == "" || slices.ContainsFunc(searched, func(by directory.UserSort) bool {
		return strings.HasPrefix(orders[by].text(l.Store, u), q.Match)
	})
}
