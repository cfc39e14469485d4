package host

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/cloud"
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/app/front/passkey"
	"github.com/caretaker/caretaker/internal/backup"
	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// Whole is an installation with the way to all of its records, for the commands of engineers.
type Whole struct {
	*app.App
	Porter engine.Porter
	// Passwords lists who has one in a pool; nil where they are in the store.
	Passwords func(context.Context) (map[directory.UserID]bool, error)
	Close     func() error
}

// OpenDeployed wires the program to the table, pool and key of a deployment, with whatever account the caller has. It sends no
// mail; the deployment's own functions do.
func OpenDeployed(c app.Config, account aws.Config) (*Whole, error) {
	a, err := cloud.Wire(c, account, front.Parts(passkey.Add)...)
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
