// Command local is the whole of Caretaker in one process on this machine: the product's interface, its store and mails,
// the schedule, and what only a demonstration has (inbox, clock, people to sign in as). It wires these together and
// holds none of it; nothing of it is part of a function that runs on AWS.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/infra/local/clock"
	"github.com/caretaker/caretaker/infra/local/demo"
	"github.com/caretaker/caretaker/infra/local/dev"
	"github.com/caretaker/caretaker/infra/local/pages"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/console"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	if err := run(ctx, os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "caretaker:", err)
		os.Exit(1)
	}
}

// run serves until the context ends.
func run(ctx context.Context, getenv func(string) string, stdout io.Writer) (err error) {
	started := time.Now()
	s, err := settingsFrom(getenv)
	if err != nil {
		return err
	}
	// The port first: whoever has it may have the data too, and the port is the clearer thing to say.
	listener, err := listen(ctx, s.port)
	if err != nil {
		return err
	}
	defer listener.Close()

	log := slog.New(slog.NewTextHandler(stdout, nil))
	config := app.Config{
		BaseURL: "http://" + listener.Addr().String(), MailFrom: "no-reply@caretaker.example", Product: "Caretaker", Log: log,
	}
	travelling, err := clock.Open(s.file("clock.json"), time.Now)
	if err != nil {
		return err
	}
	installed, err := openStack(ctx, s, config, travelling.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, travelling.Close(), installed.Close()) }()

	people, err := demo.Open(installed.Directory, s.file("demo.json"))
	if err != nil {
		return err
	}
	handler, err := handlerOf(config, s, installed.Local, travelling, people)
	if err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return follow(ctx, installed.Local) })
	all.Go(func() error { return keepTidy(ctx, installed.App, log) })
	all.Go(func() error { return keepSwept(ctx, installed.App, log) })
	all.Go(func() error {
		operator, err := seed(ctx, s, installed.App, people)
		if err != nil {
			return unlessStopped(ctx, err)
		}
		if err := greet(ctx, stdout, s, config.BaseURL, people, operator, time.Since(started)); err != nil {
			return unlessStopped(ctx, err)
		}
		all.Go(func() error { return seedLater(ctx, people, log) })
		return serve(ctx, listener, newServer(handler, log))
	})
	return all.Wait()
}

// unlessStopped is the error, unless it comes of having been asked to stop.
func unlessStopped(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}

// handlerOf answers whatever is asked of the installation.
func handlerOf(c app.Config, s settings, l *host.Local, now *clock.Clock, people *demo.Demo) (http.Handler, error) {
	api, err := l.HTTP(httpapi.Areas()...)
	if err != nil {
		return nil, err
	}
	shown, err := pages.New(pages.Config{BaseURL: c.BaseURL, Inbox: l.Inbox, Now: now.Now, Demo: people, Log: c.Log})
	if err != nil {
		return nil, err
	}
	web, err := console.New(console.Files(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return route(api, dev.New(dev.Config{
		Inbox: l.Inbox, Clock: now, Demo: people, Functions: functions(l, s), Log: c.Log,
		Feedback: func(ctx context.Context, event json.RawMessage) (any, error) { return l.Heed(ctx, event) },
	}), shown, web), nil
}

// seed sets up the demonstration or, where there is to be none, the platform alone; then it returns the first operator, once.
func seed(ctx context.Context, s settings, a *app.App, people *demo.Demo) (*directory.Founded, error) {
	if !s.demo {
		return found(ctx, a, s.operator)
	}
	err := people.Seed(ctx)
	if err == nil || s.data == host.InMemory {
		return nil, err
	}
	return nil, fmt.Errorf("%w\nDEMO=0 leaves the data in %s as they are; another DATA folder, or none there, begins anew", err, s.data)
}

func found(ctx context.Context, a *app.App, operator string) (*directory.Founded, error) {
	made, err := a.FoundPlatform(ctx, operator)
	if errors.Is(err, directory.ErrSlugTaken) {
		return nil, nil //nolint:nilnil // nobody is new
	}
	if err != nil {
		return nil, fmt.Errorf("found the platform (OPERATOR says for whom): %w", err)
	}
	return &made, nil
}

// seedLater sets up what Seed left, while requests are served. A failure is told by GET /dev/demo; what is there works.
func seedLater(ctx context.Context, people *demo.Demo, log *slog.Logger) error {
	err := unlessStopped(ctx, people.SeedLater(ctx))
	if err != nil {
		log.ErrorContext(ctx, "not all of the demonstration is there", slog.Any("error", err))
	}
	return nil
}
