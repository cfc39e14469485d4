package directory_test

import (
	"errors"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
)

// Whoever looks after an organisation is told of an administrator whom an operator added, or nobody is added: also where there is
// no primary contact either, which by itself is no fault.
func TestAnAdministratorIsNotAddedBehindTheBackOfTheOthers(t *testing.T) {
	t.Parallel()
	damaged := errors.New("damaged record")
	o := directory.Organisation{Slug: "vale"}
	for why, fails := range map[string]error{"all can be read": nil, "the list cannot": damaged} {
		d := &directory.Directory{Store: &organisations{fails: map[directory.Slug]error{o.Slug: fails}}}
		if _, err := d.AboutNewAdministrator(t.Context(), o, directory.User{}, "The Head"); !errors.Is(err, fails) {
			t.Errorf("%s: %v", why, err)
		}
	}
}
