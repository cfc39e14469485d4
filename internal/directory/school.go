package directory

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// SchoolID names a school within its organisation.
type SchoolID string

// GroupID names a school group within its organisation.
type GroupID string

// Bounds of what an organisation keeps about schools.
const (
	MaxSchools  = 10000
	MaxGroups   = 90 // a school that is deleted leaves all of them in one Commit
	maxCode     = 30
	maxRelation = 60
)

// School is one of those an organisation works with. A closed one is kept, and nothing can be done there any more.
type School struct {
	Org       Slug
	ID        SchoolID
	Name      string
	Code      string // of the school's register, such as a URN; "" if unknown
	Closed    bool
	CreatedAt time.Time
	Version   int64
}

// Valid tells whether the id has the form of one.
func (id SchoolID) Valid() bool { return validID(string(id)) }

// Assignment is a school on a user's list (My schools), with what the user is to it.
type Assignment struct {
	School   SchoolID
	Relation string // such as "School Improvement Partner"; for information
}

// Assignments are the schools on a user's list. Who has all schools needs no list: see User.AllSchools.
type Assignments struct {
	Org     Slug
	User    UserID
	Schools []Assignment
	Version int64
}

// Has tells whether the school is on the list.
func (a Assignments) Has(id SchoolID) bool {
	return slices.ContainsFunc(a.Schools, func(s Assignment) bool { return s.School == id })
}

// SchoolGroup is a set of schools under one name.
type SchoolGroup struct {
	Org     Slug
	ID      GroupID
	Name    string
	Schools []SchoolID
	Version int64
}

func (s School) check(c *checks) {
	c.text("name", s.Name, MaxOrgName, false)
	if s.Code != "" {
		c.text("code", s.Code, maxCode, false)
	}
}

// readSchools reads a table with the columns name and, if wanted, code, separated by commas. It says of every faulty row
// what is wrong with it, up to a hundred.
func (d *Directory) readSchools(table string) ([]School, error) {
	var wrong checks
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(table, "\uFEFF"))) // spreadsheets begin with one
	reader.FieldsPerRecord, reader.TrimLeadingSpace = -1, true
	header, err := reader.Read()
	if err != nil || len(header) == 0 || CleanLine(header[0]) != "name" || len(header) > 1 && CleanLine(header[1]) != "code" {
		wrong.add("schools", rule.SchoolTable)
		return nil, wrong.err()
	}
	var schools []School
	seen := map[string]bool{}
	for row := 2; len(wrong.found) < 100; row++ {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		at := fmt.Sprintf("schools[%d]", row)
		if err != nil {
			wrong.add(at, rule.SchoolQuotes)
			break
		}
		s := d.schoolOf(cells)
		var faults checks
		s.check(&faults)
		if key := s.Name + "\x00" + s.Code; seen[key] {
			faults.add("name", rule.Twice)
		} else {
			seen[key] = true
		}
		for _, f := range faults.found {
			wrong.addBroken(at+"."+f.Field, f.Broken)
		}
		schools = append(schools, s)
	}
	if len(schools) > MaxSchools {
		wrong.add("schools", rule.SchoolsTooMany, MaxSchools)
	}
	return schools, wrong.err()
}

func (d *Directory) schoolOf(cells []string) School {
	s := School{ID: SchoolID(d.NewID()), Name: d.clean(cells[0]), CreatedAt: d.Now()}
	if len(cells) > 1 {
		s.Code = d.clean(cells[1])
	}
	return s
}
