package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/directory"
)

// follow delivers mails until the context ends.
func follow(ctx context.Context, l *host.Local) error {
	_ = l.Follow(ctx, l.Feed) // tells only why the context ended
	return nil
}

// tidyEvery is how often what crashes left behind is put right.
const tidyEvery = 10 * time.Minute

// keepTidy does so at the start, and again and again until the context ends.
func keepTidy(ctx context.Context, a *app.App, log *slog.Logger) error {
	again := time.NewTicker(tidyEvery)
	defer again.Stop()
	for {
		if _, err := a.Tidy(ctx); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "could not tidy up", slog.Any("error", err))
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// sweepEvery is how often what is due to accounts is done while nobody looks; it costs next to nothing when nothing is.
const sweepEvery = time.Hour

// keepSwept does what the schedules of a deployment do, again and again until the context ends: sweeps, and on Mondays the
// digests, which are written once a week however often they are asked for.
func keepSwept(ctx context.Context, a *app.App, log *slog.Logger) error {
	again := time.NewTicker(sweepEvery)
	defer again.Stop()
	for {
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil
		}
		if _, err := a.Sweep(ctx); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "could not sweep", slog.Any("error", err))
		}
		if a.Directory.Now().Weekday() != time.Monday {
			continue
		}
		if _, err := a.Digest(ctx); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "could not write the digests", slog.Any("error", err))
		}
	}
}

// functions are the scheduled ones, to be run at will with POST /dev/run, and a backup into the folder of the data.
func functions(l *host.Local, s settings) map[string]func(context.Context) (any, error) {
	a := l.App
	return map[string]func(context.Context) (any, error){
		"backup": func(context.Context) (any, error) {
			to := filepath.Join(s.data, "backups", time.Now().UTC().Format("20060102T150405Z"))
			return map[string]string{"folder": to}, l.BackUp(to)
		},
		"tidy":      func(ctx context.Context) (any, error) { return tidy(ctx, a) },
		"sweep":     swept(a.Sweep),
		"reminders": swept(a.Sweep),
		"dry-sweep": swept(a.DrySweep),
		"digest": func(ctx context.Context) (any, error) {
			done, err := a.Digest(ctx)
			return app.DigestReportOf(done), err
		},
	}
}

func swept(sweep func(context.Context) (directory.Swept, error)) func(context.Context) (any, error) {
	return func(ctx context.Context) (any, error) {
		done, err := sweep(ctx)
		return app.ReportOf(done), err
	}
}

// tidyReport is what the function tidy did, in the API's form.
type tidyReport struct {
	Credentials struct {
		Looked      int `json:"looked"`
		Dropped     int `json:"dropped"`
		Interrupted int `json:"interrupted"`
	} `json:"credentials"`
	Announcements int `json:"announcements"` // that were left behind and go on
	Mails         struct {
		Late int `json:"late"`
		Sent int `json:"sent"`
	} `json:"mails"`
}

func tidy(ctx context.Context, a *app.App) (tidyReport, error) {
	done, err := a.Tidy(ctx)
	var report tidyReport
	c, m := done.Credentials, done.Mails
	report.Credentials.Looked, report.Credentials.Dropped, report.Credentials.Interrupted = c.Looked, c.Dropped, c.Interrupted
	report.Announcements = done.Announcements
	report.Mails.Late, report.Mails.Sent = m.Late, m.Sent
	return report, err
}
