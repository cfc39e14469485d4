// Command operate does what an engineer does to an installation from outside: look before a deployment, found the platform,
// back up and restore, rotate keys, work out what it costs. docs/operating.md says when. It is wiring; internal packages do
// the work.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := program{stdout: os.Stdout, stderr: os.Stderr, terminal: isTerminal(os.Stdout), account: signedIn}
	err := p.run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "operate:", err)
		os.Exit(1)
	}
}

// program is one run of the command.
type program struct {
	stdout, stderr io.Writer
	terminal       bool // whether stdout is one, which forgets, and not a log, which does not
	account        func(ctx context.Context, region string) (aws.Config, error)
}

// signedIn is the account that the engineer's own settings name.
func signedIn(ctx context.Context, region string) (aws.Config, error) {
	account, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return aws.Config{}, fmt.Errorf("find the AWS account: %w", err)
	}
	return account, nil
}

func isTerminal(f *os.File) bool {
	about, err := f.Stat()
	return err == nil && about.Mode()&os.ModeCharDevice != 0
}

func (p program) run(ctx context.Context, args []string) error {
	commands := map[string]func(context.Context, []string) error{
		"preflight": p.preflight, "outputs": p.outputs, "edge": p.edge, "rotate-origin-secret": p.rotateOriginSecret, "bootstrap": p.bootstrap,
		"backup": p.backUp, "restore": p.restore, "verify": p.verify, "rotate-key": p.rotateKey, "cost": p.cost,
	}
	if len(args) == 0 || commands[args[0]] == nil {
		return fmt.Errorf("say what to do: %s", strings.Join(slices.Sorted(maps.Keys(commands)), ", "))
	}
	return commands[args[0]](ctx, args[1:])
}

// parse reads a command's flags, of which those named have to be set.
func (p program) parse(flags *flag.FlagSet, args []string, needed ...string) error {
	flags.SetOutput(p.stderr)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("what is %q", flags.Arg(0))
	}
	for _, name := range needed {
		if flags.Lookup(name).Value.String() == "" {
			return fmt.Errorf("-%s must be set: %s", name, flags.Lookup(name).Usage)
		}
	}
	return nil
}

// errPlace says that a command was told of no installation, or of two.
var errPlace = errors.New("say which installation: -stack for a deployment, or -data for a folder of the embedded one")
