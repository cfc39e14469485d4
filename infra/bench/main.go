// Command bench measures what functions cost beside what their operations do: how large they are, how long they take to
// start, what memory they hold, and what the local runner's installation bears. It builds and starts the functions' own
// programs; it serves nothing itself but what they talk to. docs/benchmarks.md keeps what it printed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

const usage = `say what to measure:
  bench size FOLDER   how large the functions are that make built into FOLDER/<function>/bootstrap
  bench start         how long functions take to start, and what memory they hold
  bench load VEGETA   what the embedded stack bears, asked by that program
  bench table         make a table of what go test -bench prints`

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	switch {
	case len(args) == 2 && args[0] == "size":
		return sizes(args[1], out)
	case len(args) == 1 && args[0] == "start":
		return starts(ctx, out)
	case len(args) == 2 && args[0] == "load":
		return load(ctx, args[1], standard, out)
	case len(args) == 1 && args[0] == "table":
		return table(in, out)
	}
	return errors.New(usage)
}
