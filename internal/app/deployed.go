package app

import (
	"context"
	"fmt"
	"net/mail"
	"strings"

	"github.com/caretaker/caretaker/internal/directory"
)

// FoundPlatform sets the platform up, as `Name <address>` of its first operator says. It fails with directory.ErrSlugTaken
// when that was done before.
func (a *App) FoundPlatform(ctx context.Context, operator string) (directory.Founded, error) {
	person, err := personOf(operator)
	if err != nil {
		return directory.Founded{}, err
	}
	return a.Directory.FoundPlatform(ctx, directory.NewOrganisation{
		Name: a.config.Product + " platform", Preset: "platform", FirstAdministrator: person,
	})
}

// AddOperator adds a further operator to a platform whose operators cannot get in any more; by says who did it.
func (a *App) AddOperator(ctx context.Context, operator, by string) (directory.Created, error) {
	person, err := personOf(operator)
	if err != nil {
		return directory.Created{}, err
	}
	return a.Directory.AddOperator(ctx, person, by)
}

// personOf reads `Name <address>`; the last word of the name is the family's.
func personOf(text string) (directory.NewUser, error) {
	a, err := mail.ParseAddress(text)
	if err != nil {
		return directory.NewUser{}, fmt.Errorf("the operator %q must be as in 'Olive Operator <olive@your.domain>': %w", text, err)
	}
	at := strings.LastIndexByte(a.Name, ' ')
	if at < 0 {
		return directory.NewUser{}, fmt.Errorf("the operator %q needs a given and a family name, as in 'Olive Operator <olive@your.domain>'", text)
	}
	return directory.NewPerson(a.Name[:at], a.Name[at+1:], a.Address), nil
}
