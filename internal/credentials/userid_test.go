package credentials_test

import (
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/credentials"
	"github.com/caretaker/caretaker/internal/directory"
)

func TestCheckUserIDTakesCanonicalIDsOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		id    directory.UserID
		taken bool
	}{
		{"01k5h8q2v3m4n5p6q7r8s9t0wx", true},
		{"usr_01k5-x.y", true},
		{"0", true},
		{directory.UserID(strings.Repeat("a", 128)), true},
		{directory.UserID(strings.Repeat("a", 129)), false}, // longer than a pool takes
		{"", false},
		{"01K5H8Q2V3M4N5P6Q7R8S9T0WX", false}, // a case-insensitive pool would take it for the lower-case user
		{"aB", false},
		{"ann@example.com", false}, // may be read as an alias
		{"+4512345678", false},
		{"a b", false},
		{"a\x00", false},
		{"å", false}, // has two encodings
		{"ß", false}, // folds to "ss" under some rules
	} {
		err := credentials.CheckUserID(c.id)
		if (err == nil) != c.taken {
			t.Errorf("%q: taken is %v, want %v", c.id, err == nil, c.taken)
		}
		if err != nil && directory.CodeOf(err) != "invalid_user_id" {
			t.Errorf("%q: code %q", c.id, directory.CodeOf(err))
		}
	}
}
