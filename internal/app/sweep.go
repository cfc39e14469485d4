package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/caretaker/caretaker/internal/directory"
)

// sweepSpare is what a sweep leaves of its time, to end what it is about and to report.
const sweepSpare = 20 * time.Second

// Sweep does what is due to accounts by themselves, as long as the context lets it.
func (a *App) Sweep(ctx context.Context) (directory.Swept, error) {
	var options directory.SweepOptions
	if deadline, bounded := ctx.Deadline(); bounded {
		options.Deadline = deadline.Add(-sweepSpare)
	}
	done, err := a.Directory.Sweep(ctx, options)
	a.config.Log.InfoContext(ctx, "swept", slog.Any("done", done))
	return done, err
}

// ServeSweep is the whole of the function sweep: it does what is due when the schedule asks for it, and does not return.
func ServeSweep() {
	a, err := functionApp(context.Background())
	if err != nil {
		stop(err)
	}
	lambda.Start(a.Swept)
}

// Swept handles an event of the schedule.
func (a *App) Swept(ctx context.Context, _ json.RawMessage) error {
	_, err := a.Sweep(ctx)
	return err
}

// functionApp wires the program for a function that needs no more than those behind the HTTP API.
func functionApp(ctx context.Context) (*App, error) {
	c, err := ConfigFromEnv(os.Getenv, httpNeeds...)
	if err != nil {
		return nil, err
	}
	account, err := openAccount(ctx)
	if err != nil {
		return nil, err
	}
	return onAWS(c, account)
}
