package store

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

func bookPartition(o directory.Slug, book string) string { return Join("schools", string(o), book) }

func schoolKey(o directory.Slug, book string, id directory.SchoolID) engine.Key {
	return engine.Key{Partition: bookPartition(o, book), Sort: Join("school", string(id))}
}

func groupKey(o directory.Slug, book string, id directory.GroupID) engine.Key {
	return engine.Key{Partition: bookPartition(o, book), Sort: Join("group", string(id))}
}

func assignmentsKey(o directory.Slug, u directory.UserID) engine.Key {
	return engine.Key{Partition: userPartition(o, u), Sort: "schools"}
}

func assignedPartition(o directory.Slug) string { return Join("assigned", string(o)) }

// schoolText is what a school sorts by, with its id so that no two share one.
func (s *Store) schoolText(school directory.School) string {
	return s.sortable(s.fold(school.Name)) + "\x1f" + string(school.ID)
}

func (s *Store) putSchool(b *batch, w directory.PutSchool) {
	school := w.School
	r := engine.Record{
		Key: schoolKey(school.Org, w.Book, school.ID), Version: school.Version,
		Index: map[engine.Index]engine.Position{byName: {Partition: bookPartition(school.Org, w.Book), Sort: s.schoolText(school)}},
	}
	school.Version = 0
	b.put(r, school, directory.ErrStale)
}

// putAssignments lists a user with a list of schools among those who have one, for the filter by school.
func (b *batch) putAssignments(a directory.Assignments) {
	r := engine.Record{Key: assignmentsKey(a.Org, a.User), Version: a.Version}
	if len(a.Schools) > 0 {
		r.Index = map[engine.Index]engine.Position{byName: {Partition: assignedPartition(a.Org), Sort: string(a.User)}}
	}
	a.Version = 0
	b.put(r, a, directory.ErrStale)
}

func (b *batch) putGroup(w directory.PutSchoolGroup) {
	g := w.Group
	r := engine.Record{Key: groupKey(g.Org, w.Book, g.ID), Version: g.Version}
	g.Version = 0
	b.put(r, g, directory.ErrStale)
}

func decodeSchool(r engine.Record) (directory.School, error) {
	var school directory.School
	err := decode(r, &school)
	school.Version = r.Version
	return school, err
}

// maxAssigned bounds how many lists the filter of users by school reads.
const maxAssigned = 20000

// fillBatch is how many schools of a new book are stored in a Commit, fillAtOnce how many of these go side by side.
const (
	fillBatch  = engine.MaxOps
	fillAtOnce = 10
)

// FillBook stores new schools in a book that no organisation has yet.
func (s *Store) FillBook(ctx context.Context, book string, schools []directory.School) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(fillAtOnce)
	for part := range slices.Chunk(schools, fillBatch) {
		group.Go(func() error {
			var b batch
			for _, school := range part {
				s.putSchool(&b, directory.PutSchool{Book: book, School: school})
			}
			return s.commit(ctx, b)
		})
	}
	return group.Wait()
}

// Schools lists schools by name. The cursor is the sort text of the last one.
func (s *Store) Schools(ctx context.Context, q directory.SchoolQuery) (directory.SchoolPage, error) {
	e := engine.Query{Index: byName, Partition: bookPartition(q.Org, q.Book), Limit: q.Limit + 2}
	if match := s.fold(q.Match); match != "" {
		e.From, e.To = engine.Prefix(match)
	}
	after, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || len(after) > engine.MaxSort {
		return directory.SchoolPage{}, errCursor
	}
	if len(after) > 0 {
		e.From = max(e.From, string(after))
	}
	records, err := s.some(ctx, e)
	if err != nil {
		return directory.SchoolPage{}, err
	}
	return s.schoolPage(records, string(after), q.Limit)
}

func (s *Store) schoolPage(records []engine.Record, after string, limit int) (directory.SchoolPage, error) {
	var page directory.SchoolPage
	for _, r := range records {
		if r.Index[byName].Sort == after {
			continue // the last of the page before
		}
		school, err := decodeSchool(r)
		if err != nil {
			return directory.SchoolPage{}, err
		}
		if len(page.Schools) == limit {
			page.Next = base64.RawURLEncoding.EncodeToString([]byte(s.schoolText(page.Schools[limit-1])))
			break
		}
		page.Schools = append(page.Schools, school)
	}
	return page, nil
}

// AllSchools reads every school of the organisation.
func (s *Store) AllSchools(ctx context.Context, o directory.Organisation) ([]directory.School, error) {
	from, to := engine.Prefix(Join("school", ""))
	records, err := s.some(ctx, engine.Query{
		Partition: bookPartition(o.Slug, o.SchoolBook), From: from, To: to, Limit: directory.MaxSchools,
	})
	if err != nil {
		return nil, err
	}
	return schoolsOf(records)
}

// maxNamed is how many schools are read one by one, each for a read unit; of more, all are read, of which a unit holds some 20.
const maxNamed = 25

// SchoolsNamed reads those of the named schools that there are.
func (s *Store) SchoolsNamed(ctx context.Context, o directory.Organisation, ids []directory.SchoolID) ([]directory.School, error) {
	if len(ids) > maxNamed {
		return s.AllSchools(ctx, o)
	}
	var keys []engine.Key
	for _, id := range ids {
		if id.Valid() {
			keys = append(keys, schoolKey(o.Slug, o.SchoolBook, id))
		}
	}
	records, err := s.get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	return schoolsOf(records)
}

// schoolsOf decodes the records that are there.
func schoolsOf(records []engine.Record) ([]directory.School, error) {
	var schools []directory.School
	for _, r := range records {
		if !r.Exists() {
			continue
		}
		school, err := decodeSchool(r)
		if err != nil {
			return nil, err
		}
		schools = append(schools, school)
	}
	return schools, nil
}

// School reads one school.
func (s *Store) School(ctx context.Context, o directory.Organisation, id directory.SchoolID) (directory.School, error) {
	var school directory.School
	version, err := s.one(ctx, schoolKey(o.Slug, o.SchoolBook, id), &school)
	school.Version = version
	return school, err
}

// Assignments reads a user's list of schools.
func (s *Store) Assignments(ctx context.Context, org directory.Slug, user directory.UserID) (directory.Assignments, error) {
	records, err := s.get(ctx, assignmentsKey(org, user))
	if err != nil || !records[0].Exists() {
		return directory.Assignments{Org: org, User: user}, err
	}
	return decodeAssignments(records[0])
}

func decodeAssignments(r engine.Record) (directory.Assignments, error) {
	var a directory.Assignments
	err := decode(r, &a)
	a.Version = r.Version
	return a, err
}

// Posting reads a school and a user's list in one Get.
func (s *Store) Posting(
	ctx context.Context, o directory.Organisation, user directory.UserID, school directory.SchoolID,
) (directory.School, directory.Assignments, error) {
	records, err := s.get(ctx, schoolKey(o.Slug, o.SchoolBook, school), assignmentsKey(o.Slug, user))
	if err != nil || !records[0].Exists() {
		return directory.School{}, directory.Assignments{}, err
	}
	found, err := decodeSchool(records[0])
	if err != nil || !records[1].Exists() {
		return found, directory.Assignments{}, err
	}
	list, err := decodeAssignments(records[1])
	return found, list, err
}

// SchoolGroups lists the school groups.
func (s *Store) SchoolGroups(ctx context.Context, o directory.Organisation) ([]directory.SchoolGroup, error) {
	from, to := engine.Prefix(Join("group", ""))
	records, err := s.some(ctx, engine.Query{
		Partition: bookPartition(o.Slug, o.SchoolBook), From: from, To: to, Limit: directory.MaxGroups,
	})
	if err != nil {
		return nil, err
	}
	groups := make([]directory.SchoolGroup, len(records))
	for i, r := range records {
		if err := decode(r, &groups[i]); err != nil {
			return nil, err
		}
		groups[i].Version = r.Version
	}
	slices.SortFunc(groups, func(a, b directory.SchoolGroup) int { return strings.Compare(s.fold(a.Name), s.fold(b.Name)) })
	return groups, nil
}

// SchoolGroup reads one school group.
func (s *Store) SchoolGroup(ctx context.Context, o directory.Organisation, id directory.GroupID) (directory.SchoolGroup, error) {
	var g directory.SchoolGroup
	version, err := s.one(ctx, groupKey(o.Slug, o.SchoolBook, id), &g)
	g.Version = version
	return g, err
}

// assigned is who has a school on the list, while it is being read.
type assigned struct {
	has     map[directory.UserID]bool
	reading errgroup.Group
}

// wait waits until it is known.
func (a *assigned) wait() error {
	if a == nil {
		return nil
	}
	return a.reading.Wait()
}

// assignedTo begins to read who has a school on the list.
func (s *Store) assignedTo(ctx context.Context, org directory.Slug, school directory.SchoolID) *assigned {
	a := &assigned{}
	a.reading.Go(func() (err error) {
		a.has, err = s.haveSchool(ctx, org, school)
		return err
	})
	return a
}

func (s *Store) haveSchool(ctx context.Context, org directory.Slug, school directory.SchoolID) (map[directory.UserID]bool, error) {
	records, err := s.some(ctx, engine.Query{Index: byName, Partition: assignedPartition(org), Limit: maxAssigned})
	if err != nil {
		return nil, err
	}
	has := map[directory.UserID]bool{}
	for _, r := range records {
		a, err := decodeAssignments(r)
		if err != nil {
			return nil, err
		}
		if a.Has(school) {
			has[a.User] = true
		}
	}
	return has, nil
}
