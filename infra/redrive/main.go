// Command redrive puts back what the dead-letter queues of a deployment hold; docs/runbooks say when. It is wiring: package
// redrive does it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/caretaker/caretaker/internal/redrive"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "redrive:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("redrive", flag.ContinueOnError)
	flags.SetOutput(stderr)
	stack := flags.String("stack", "", "the name of the deployment's CloudFormation stack, such as caretaker-staging")
	dry := flags.Bool("dry-run", false, "only tell what is in the queues")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("what is %q", flags.Arg(0))
	}
	if *stack == "" {
		return fmt.Errorf("-stack must name the deployment's stack")
	}
	account, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("find the AWS account: %w", err)
	}
	sources, err := redrive.Deployed(ctx, account, *stack)
	if err != nil {
		return err
	}
	return (&redrive.Drive{Sources: sources, DryRun: *dry, Out: stdout}).Run(ctx)
}
