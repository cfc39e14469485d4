// Package cloud wires functions on AWS: it finds the account they run in, the table and the user pool, which all of them
// have. What only some have is in packages of its own, front and post: whatever a function imports is in its binary and
// runs when it starts.
package cloud

import (
	"log/slog"
	"os"
	"slices"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// needed is what every function needs.
var needed = []string{"TABLE", "USER_POOL_ID", "USER_POOL_CLIENT_ID", "BASE_URL", "SEALING_KEY"}

// Part is a part that is reached by an account.
type Part func(aws.Config) app.Add

// Database is the table.
func Database(account aws.Config, options ...dynamo.Option) app.Add {
	return func(c app.Config, p *app.Parts) error {
		p.Engine = dynamo.New(dynamodb.NewFromConfig(account), c.Table, options...)
		return nil
	}
}

// Pool keeps passwords.
func Pool(account aws.Config) app.Add {
	return func(c app.Config, p *app.Parts) error {
		p.Credentials = cognito.New(cognitoidentityprovider.NewFromConfig(account), cognito.Config{PoolID: c.PoolID, ClientID: c.ClientID})
		return nil
	}
}

// Open wires the program of a function: table, pool, and the parts it names. Beside the variables that every function has it
// needs those that are named.
func Open(also []string, parts ...Part) (*app.App, error) {
	c, err := app.ConfigFromEnv(os.Getenv, slices.Concat(needed, also)...)
	if err != nil {
		return nil, err
	}
	account, err := Account(os.Getenv, c.Log)
	if err != nil {
		return nil, err
	}
	return Wire(c, account, parts...)
}

// Wire wires the program in an account. Calls end in time.
func Wire(c app.Config, account aws.Config, parts ...Part) (*app.App, error) {
	p := app.Parts{}
	all := []app.Add{Database(Within(account, storeTry)), Pool(Within(account, poolTry))}
	for _, part := range parts {
		all = append(all, part(account))
	}
	if err := app.AddAll(c, &p, all...); err != nil {
		return nil, err
	}
	return app.New(c, p), nil
}

// Serve is the whole of a function behind no interface: it takes what it is invoked with, and does not return.
func Serve(handler func(*app.App) any) {
	a, err := Open(nil)
	if err != nil {
		Stop(err)
	}
	lambda.Start(handler(a))
}

// Stop ends a function that cannot start. Lambda shows what is written and tries again.
func Stop(err error) {
	slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("the function cannot start", slog.Any("error", err))
	os.Exit(1)
}
