package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/deployment"
	"github.com/caretaker/caretaker/internal/directory"
)

// place names an installation.
type place struct{ stack, region, data string }

func (at *place) flags(flags *flag.FlagSet) {
	flags.StringVar(&at.stack, "stack", "", "the name of the deployment's CloudFormation stack, such as caretaker-staging")
	flags.StringVar(&at.region, "region", "", "the stack's region; left out: that of the AWS settings")
	flags.StringVar(&at.data, "data", "", "the folder of an embedded installation, such as .local")
}

// check fails unless one installation is named, and no folder is made by looking into it.
func (at *place) check() error {
	if (at.stack == "") == (at.data == "") {
		return errPlace
	}
	if at.data == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(at.data, host.StoreFile)); err != nil { //nolint:gosec // the engineer says where it is
		return fmt.Errorf("%s holds no embedded installation: %w", at.data, err)
	}
	return nil
}

var errOnce = errors.New("the platform is founded already. Its operators add others and reset passwords; if none of them can get in, " +
	"AGAIN=1 (-again) adds a further operator, and tells all of them")

var errSeen = errors.New("the one-time password would end in a log, as the output is no terminal: run it by hand, or name a file with PASSWORD_FILE (-to)")

// bootstrap founds the platform of a new installation, or lets an operator in where none can get in any more.
func (p program) bootstrap(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bootstrap", flag.ContinueOnError)
	var at place
	at.flags(flags)
	operator := flags.String("operator", "", "the operator, such as 'Olive Operator <olive@your.domain>'")
	again := flags.Bool("again", false, "add a further operator to a platform that is founded")
	to := flags.String("to", "", "a new file for username and one-time password, readable for you alone")
	if err := p.parse(flags, args, "operator"); err != nil {
		return err
	}
	if err := at.check(); err != nil {
		return err
	}
	reveal, done, err := p.secretly(*to)
	if err != nil {
		return err
	}
	a, by, err := p.open(ctx, at)
	if err != nil {
		return errors.Join(err, done())
	}
	made, err := enrol(ctx, a.App, *operator, by, *again)
	if err == nil {
		err = tellOperator(reveal, made)
	}
	return errors.Join(err, a.Close(), done())
}

func enrol(ctx context.Context, a *app.App, operator, by string, again bool) (directory.Created, error) {
	if again {
		made, err := a.AddOperator(ctx, operator, by)
		if errors.Is(err, directory.ErrNotFound) {
			err = errors.New("the platform is not founded yet: leave AGAIN (-again) out")
		}
		return made, err
	}
	founded, err := a.FoundPlatform(ctx, operator)
	if errors.Is(err, directory.ErrSlugTaken) {
		err = errOnce
	}
	return directory.Created{User: founded.User, Password: founded.Password}, err
}

// secretly is where a password may be written: a terminal, or a file that was not there before.
func (p program) secretly(file string) (reveal io.Writer, done func() error, err error) {
	if file == "" && !p.terminal {
		return nil, nil, errSeen
	}
	if file == "" {
		return p.stdout, func() error { return nil }, nil
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("make the file for the password: %w", err)
	}
	return f, func() error {
		about, err := f.Stat()
		err = errors.Join(err, f.Close())
		if err == nil && about.Size() == 0 { // nothing came of it, and the next try may use the name
			err = os.Remove(file)
		}
		return err
	}, nil
}

func tellOperator(out io.Writer, made directory.Created) error {
	_, err := fmt.Fprintf(out, "organisation %s\nusername     %s\npassword     %s\n\nThe password is shown this once, and has to be changed at the first sign-in.\n",
		directory.OperatorSlug, made.User.Username, string(made.Password))
	return err
}

// open wires the program; by says who the engineer is.
func (p program) open(ctx context.Context, at place) (w *host.Whole, by string, err error) {
	if at.data != "" {
		local, err := host.OpenEmbedded(p.config(app.Config{BaseURL: "http://127.0.0.1"}), at.data, time.Now, embedded.Recommended())
		if err != nil {
			return nil, "", err
		}
		return local.Whole(), "whoever has the folder " + filepath.Base(at.data), nil
	}
	account, err := p.account(ctx, at.region)
	if err != nil {
		return nil, "", err
	}
	found, err := deployment.Find(ctx, cloudformation.NewFromConfig(account), at.stack)
	if err != nil {
		return nil, "", err
	}
	me, err := sts.NewFromConfig(account).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, "", fmt.Errorf("ask who you are: %w", err)
	}
	w, err = host.OpenDeployed(p.config(app.Config{
		BaseURL: found.BaseURL, Table: found.Table, PoolID: found.PoolID, ClientID: found.ClientID, SealingKey: found.SealingKey,
	}), account)
	return w, aws.ToString(me.Arn), err
}

func (p program) config(c app.Config) app.Config {
	c.Product, c.Log = "Caretaker", slog.New(slog.NewTextHandler(p.stderr, nil))
	return c
}
