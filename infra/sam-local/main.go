// Command sam-local gives functions under `sam local` something to talk to: emulators of DynamoDB, Cognito, KMS and SES
// with a table, a user pool, a key and an operator, and the file of variables that leads there. It serves nothing of the product
// itself; package local does.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/caretaker/caretaker/infra/emulators"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/directory"
)

// envFile is where samconfig.toml has sam local look.
const envFile = ".local/sam-env.json"

// region is the one that samconfig.toml gives to sam local; a pool is found in its own region only.
const region = "eu-west-2"

//go:embed env.json
var template []byte

// variables are those of the functions, as sam local reads them.
type variables struct{ Parameters map[string]string }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	if err := run(ctx, envFile, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sam-local:", err)
		os.Exit(1)
	}
}

// run keeps the emulators up until the context ends.
func run(ctx context.Context, file string, stdout io.Writer) (err error) {
	var env variables
	if err := json.Unmarshal(template, &env); err != nil {
		return fmt.Errorf("read env.json: %w", err)
	}
	at, stop, err := start(ctx)
	defer func() { err = errors.Join(err, stop()) }()
	if err != nil {
		return err
	}
	local, err := app.OpenEmulated(ctx, app.Config{
		BaseURL: env.Parameters["BASE_URL"], Product: env.Parameters["PRODUCT"], Log: slog.New(slog.DiscardHandler),
	}, at, time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, local.Close()) }()
	made, err := local.Directory.FoundPlatform(ctx, directory.NewOrganisation{
		Name: "Platform", Preset: "platform",
		FirstAdministrator: directory.NewPerson("Olive", "Operator", "olive@platform.example"),
	})
	if err != nil {
		return err
	}
	if err := env.write(ctx, file, at); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "The variables are in %s.\nOrganisation %s, username %s, password %s\n"+
		"Ctrl-C ends the emulators; their data go with them.\n",
		file, made.Organisation.Slug, made.User.Username, string(made.Password))
	<-ctx.Done()
	return nil
}

// start starts the emulators; stop ends those that did start, also after an error.
func start(ctx context.Context) (at app.Endpoints, stop func() error, err error) {
	var started []*emulators.Server
	stop = func() error {
		var errs []error
		for _, s := range started {
			errs = append(errs, s.Stop())
		}
		return errors.Join(errs...)
	}
	for name, endpoint := range map[emulators.Name]*string{
		emulators.DynamoDB: &at.DynamoDB, emulators.Moto: &at.Moto, emulators.SES: &at.SES,
	} {
		server, err := emulators.Start(ctx, name)
		if err != nil {
			return at, stop, err
		}
		started = append(started, server)
		*endpoint = server.Endpoint
	}
	return at, stop, nil
}

// write fills in what is known only now.
func (env variables) write(ctx context.Context, file string, at app.Endpoints) error {
	if err := find(ctx, at, env.Parameters); err != nil {
		return err
	}
	for name, endpoint := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB":                  at.DynamoDB,
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": at.Moto,
		"AWS_ENDPOINT_URL_KMS":                       at.Moto,
		"AWS_ENDPOINT_URL_SESV2":                     at.SES,
	} {
		// What a container calls this machine.
		env.Parameters[name] = strings.Replace(endpoint, "127.0.0.1", "host.docker.internal", 1)
	}
	text, err := json.MarshalIndent(env, "", "  ")
	if err != nil {
		return fmt.Errorf("write the variables: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("make the folder of the variables: %w", err)
	}
	return os.WriteFile(file, append(text, '\n'), 0o600)
}

// find asks the emulators what was made in them: one table, one pool, one client, one key.
func find(ctx context.Context, at app.Endpoints, env map[string]string) error {
	tables, err := dynamodb.NewFromConfig(emulator(at.DynamoDB)).ListTables(ctx, &dynamodb.ListTablesInput{})
	if err != nil {
		return fmt.Errorf("find the table: %w", err)
	}
	cognito := cognitoidentityprovider.NewFromConfig(emulator(at.Moto))
	pools, err := cognito.ListUserPools(ctx, &cognitoidentityprovider.ListUserPoolsInput{MaxResults: aws.Int32(1)})
	if err != nil {
		return fmt.Errorf("find the user pool: %w", err)
	}
	pool := pools.UserPools[0].Id
	clients, err := cognito.ListUserPoolClients(ctx, &cognitoidentityprovider.ListUserPoolClientsInput{UserPoolId: pool})
	if err != nil {
		return fmt.Errorf("find the app client: %w", err)
	}
	keys, err := kms.NewFromConfig(emulator(at.Moto)).ListKeys(ctx, &kms.ListKeysInput{})
	if err != nil {
		return fmt.Errorf("find the key: %w", err)
	}
	env["TABLE"], env["SEALING_KEY"] = tables.TableNames[0], *keys.Keys[0].KeyArn
	env["USER_POOL_ID"], env["USER_POOL_CLIENT_ID"] = *pool, *clients.UserPoolClients[0].ClientId
	return nil
}

func emulator(endpoint string) aws.Config {
	return aws.Config{
		Region: region, Credentials: credentials.NewStaticCredentialsProvider("emulator", "emulator", ""), BaseEndpoint: &endpoint,
	}
}
