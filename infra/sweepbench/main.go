// Command sweepbench measures whether a sweep costs what is due and not what is stored: the same accounts are due in a store
// of few users and in one of very many, on the embedded stack, in files, synced as the product does. It owns the made-up
// people and the loading of them; the sweep is the product's own. It fails when an account takes longer, or more reads, in
// the larger store.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	s := standard
	flag.IntVar(&s.organisations, "organisations", s.organisations, "organisations in each store")
	flag.IntVar(&s.due, "due", s.due, "accounts in each organisation to which something is due")
	flag.IntVar(&s.large, "users", s.large, "users of each organisation in the larger store; in the smaller one all are due")
	flag.IntVar(&s.turns, "turns", s.turns, "days over which what is due is spread, with a sweep of each store on each")
	flag.Float64Var(&s.limit, "limit", s.limit, "how much longer an account may take in the larger store")
	flag.Parse()
	err := run(ctx, s, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sweepbench:", err)
		os.Exit(1)
	}
}

// setup says what is compared.
type setup struct {
	organisations, due, large, turns int
	limit                            float64
}

// standard is 10,000 due accounts among 10,000 and among 1,000,000 users.
var standard = setup{organisations: 200, due: 50, large: 5000, turns: 10, limit: 1.3}

// run compares the two stores in a temporary folder of its own.
func run(ctx context.Context, s setup, out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "sweepbench-")
	if err != nil {
		return fmt.Errorf("make a folder for the stores: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	small, large, err := compare(ctx, s, folder, out)
	if err != nil {
		return err
	}
	table(out, small, large)
	return verdict(s, small, large)
}

// verdict tells what is not as it has to be.
func verdict(s setup, small, large result) error {
	var faults []error
	if small.cost != large.cost {
		faults = append(faults, fmt.Errorf("the cost at the store differs: %+v among few users, %+v among many", small.cost, large.cost))
	}
	if ratio := large.perAccount() / small.perAccount(); ratio > s.limit {
		faults = append(faults, fmt.Errorf("an account takes %.2f times as long among many users; %.2f is allowed", ratio, s.limit))
	}
	return errors.Join(faults...)
}

func table(out io.Writer, small, large result) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "users\tdue\tround trips/due\trecords read/due\tcommits/due\tµs/due\tratio\tfile\tloaded in\t")
	for _, r := range []result{small, large} {
		each := func(n int) float64 { return float64(n) / float64(r.due) }
		fmt.Fprintf(w, "%d\t%d\t%.3f\t%.3f\t%.3f\t%.0f\t%.2f\t%d MB\t%.1f s\t\n", r.users, r.due, each(r.cost.Calls), each(r.cost.Records),
			each(r.cost.Commits), r.perAccount(), r.perAccount()/small.perAccount(), r.megabytes, r.loading.Seconds())
	}
	_ = w.Flush() // a terminal that is gone needs no table
}
