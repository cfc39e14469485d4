// Command sam-local gives functions under `sam local` something to talk to: emulators of DynamoDB, Cognito, KMS and SES
// with a table, a user pool, a key and an operator, and the file of variables that leads there. What stands behind its name is
// the command to run in between, such as that of `sam local start-api`; the emulators end with it. It serves nothing of the
// product itself; package local does.
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
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/caretaker/caretaker/infra/emulators"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/directory"
)

// envFile is where samconfig.toml has sam local look.
const envFile = ".local/sam-env.json"

//go:embed env.json
var template []byte

// variables are those of the functions, as sam local reads them.
type variables struct{ Parameters map[string]string }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	if err := run(ctx, envFile, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sam-local:", err)
		os.Exit(1)
	}
}

// run keeps the emulators up until the command ends, or the context where there is none.
func run(ctx context.Context, file string, command []string, stdout io.Writer) (err error) {
	var env variables
	if err := json.Unmarshal(template, &env); err != nil {
		return fmt.Errorf("read env.json: %w", err)
	}
	at, stop, err := start(ctx)
	defer func() { err = errors.Join(err, stop()) }()
	if err != nil {
		return err
	}
	local, err := host.OpenEmulated(ctx, app.Config{
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
	if err := env.write(file, at, local.Config()); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "The variables are in %s.\nOrganisation %s, username %s, password %s\n"+
		"Ctrl-C ends the emulators; their data go with them.\n",
		file, made.Organisation.Slug, made.User.Username, string(made.Password))
	if len(command) == 0 {
		<-ctx.Done()
		return nil
	}
	return attend(ctx, command, stdout)
}

// attend runs a command to its end. Ctrl-C in a terminal reaches it too, and it is left time to end by itself.
func attend(ctx context.Context, command []string, stdout io.Writer) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // whoever starts this says what to run
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, os.Stderr
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, 10*time.Second
	if err := cmd.Run(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("run %s: %w", command[0], err)
	}
	return nil
}

// start starts the emulators; stop ends those that did start, also after an error.
func start(ctx context.Context) (at host.Endpoints, stop func() error, err error) {
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
func (env variables) write(file string, at host.Endpoints, made app.Config) error {
	env.Parameters["TABLE"], env.Parameters["SEALING_KEY"] = made.Table, made.SealingKey
	env.Parameters["USER_POOL_ID"], env.Parameters["USER_POOL_CLIENT_ID"] = made.PoolID, made.ClientID
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
