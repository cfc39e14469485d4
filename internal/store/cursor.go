package store

import (
	"context"
	"encoding/base64"
	"encoding/json"

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
