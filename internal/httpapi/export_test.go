package httpapi

import "github.com/caretaker/caretaker/internal/directory"

// OptOutPage is the page as an organisation of that name has it.
func OptOutPage(name string, done bool) string {
	page, err := optOutPage(directory.OptOut{Organisation: directory.Organisation{Name: name}, Category: directory.NewsMail}, done, nil)
	if err != nil {
		return err.Error()
	}
	return string(page.Body)
}
