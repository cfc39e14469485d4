package app

import (
	"context"
	"fmt"
	"net/mail"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/caretaker/caretaker/internal/backup"
	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// Whole is an installation with the way to all of its records, for the commands of engineers.
type Whole struct {
	*App
	Porter engine.Porter
	// Passwords lists who has one in a pool; nil where they are in the store.
	Passwords func(context.Context) (map[directory.UserID]bool, error)
	Close     func() error
}

// OpenDeployed wires the program to the table, pool and key of a deployment, with whatever account the caller has. It sends no
// mail; the deployment's own functions do.
func OpenDeployed(c Config, account aws.Config) (*Whole, error) {
	a, err := onAWS(c, account)
	if err != nil {
		return nil, err
	}
	pool := cognitoidentityprovider.NewFromConfig(account)
	return &Whole{
		App: a, Porter: dynamo.NewPorter(dynamodb.NewFromConfig(account), c.Table), Close: func() error { return nil },
		Passwords: func(ctx context.Context) (map[directory.UserID]bool, error) {
			return cognito.Users(ctx, pool, c.PoolID)
		},
	}, nil
}

// Whole is the same of an embedded installation.
func (l *Local) Whole() *Whole { return &Whole{App: l.App, Porter: l.file, Close: l.Close} }

// Verify reads all records and passwords, and looks whether everything fits.
func (w *Whole) Verify(ctx context.Context) (backup.Verdict, error) {
	return backup.Verify(ctx, w.Porter, w.Store.Inspect(), w.Passwords)
}

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
