package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/directory/rule"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// cursor says where the next page of a users' list starts: after the user with this sort text. It holds the order it
// belongs to, so that it cannot be used with another one.
type cursor struct {
	Sort  directory.UserSort `json:"s"`
	Down  bool               `json:"d,omitempty"`
	After string             `json:"a"`
}

func writeCursor(q directory.UserQuery, after string) string {
	text, err := json.Marshal(cursor{Sort: q.Sort, Down: q.Descending, After: after})
	if err != nil { // texts and booleans always encode
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// readCursor fails with Invalid for a text that is not a cursor of this list.
func readCursor(q directory.UserQuery) (string, error) {
	if q.Cursor == "" {
		return "", nil
	}
	var c cursor
	text, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil || c.Sort != q.Sort || c.Down != q.Descending || c.After == "" || len(c.After) > engine.MaxSort {
		return "", errCursor
	}
	return c.After, nil
}

var errCursor = &directory.Error{
	Kind: directory.Invalid, Code: "invalid_cursor", Detail: "The list has to be read from its beginning again.",
	Fields: []directory.FieldError{{Field: "cursor", Broken: rule.Cursor.Broken()}},
}

// Organisations lists all organisations by slug.
func (s *Store) Organisations(ctx context.Context, limit int, cursor string) (directory.OrganisationPage, error) {
	if cursor != "" && !directory.Slug(cursor).Valid() {
		return directory.OrganisationPage{}, errCursor
	}
	records, err := s.some(ctx, engine.Query{Index: byName, Partition: "organisations", From: cursor, Limit: limit + 2})
	if err != nil {
		return directory.OrganisationPage{}, err
	}
	var page directory.OrganisationPage
	for _, r := range records {
		o, err := decodeOrganisation(r)
		if err != nil {
			return directory.OrganisationPage{}, err
		}
		if string(o.Slug) == cursor {
			continue // it was the last of the page before
		}
		if len(page.Organisations) == limit {
			page.Next = string(page.Organisations[limit-1].Slug)
			break
		}
		page.Organisations = append(page.Organisations, o)
	}
	return page, nil
}

// sortName is what an organisation sorts by among others of its kind.
func (s *Store) sortName(o directory.Organisation) string {
	return s.sortable(s.fold(o.Name)) + "\x1f" + string(o.Slug)
}

// OpenOrganisations lists those of a preset that let each other look at their users, by name. It reads the page, and one more.
func (s *Store) OpenOrganisations(ctx context.Context, q directory.OpenQuery) (directory.OrganisationPage, error) {
	match := s.sortable(s.fold(q.Match))
	from, to := engine.Prefix(match)
	if q.Cursor != "" {
		after, err := base64.RawURLEncoding.DecodeString(q.Cursor)
		if err != nil || len(after) > engine.MaxSort || !utf8.Valid(after) || !strings.HasPrefix(string(after), match) {
			return directory.OrganisationPage{}, errCursor
		}
		from = string(after) + "\x00"
	}
	query := engine.Query{Index: byGiven, Partition: openPartition(q.Preset), From: from, To: to, Limit: q.Limit + 1}
	records, err := s.some(ctx, query)
	if err != nil {
		return directory.OrganisationPage{}, err
	}
	var page directory.OrganisationPage
	for i, r := range records {
		if i == q.Limit {
			last := page.Organisations[i-1]
			page.Next = base64.RawURLEncoding.EncodeToString([]byte(s.sortName(last)))
			break
		}
		o, err := decodeOrganisation(r)
		if err != nil {
			return directory.OrganisationPage{}, err
		}
		page.Organisations = append(page.Organisations, o)
	}
	return page, nil
}
