package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/caretaker/caretaker/internal/app"
)

// follow delivers mails until the context ends.
func follow(ctx context.Context, l *app.Local) error {
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

// functions are the scheduled ones, to be run at will with POST /dev/run.
func functions(a *app.App) map[string]func(context.Context) (any, error) {
	return map[string]func(context.Context) (any, error){
		"tidy":      func(ctx context.Context) (any, error) { return tidy(ctx, a) },
		"sweep":     func(ctx context.Context) (any, error) { return sweep(ctx, a) },
		"reminders": func(ctx context.Context) (any, error) { return sweep(ctx, a) },
	}
}

// sweepReport is what a sweep did, in the API's form.
type sweepReport struct {
	Looked    int        `json:"looked"`
	Reminded  int        `json:"reminded"`
	Warned    int        `json:"warned"`
	Archived  int        `json:"archived"`
	Purged    int        `json:"purged"`
	Kept      int        `json:"kept"`
	Held      int        `json:"held"`
	Replanned int        `json:"replanned"`
	OldestDue *time.Time `json:"oldestDue,omitempty"`
	More      bool       `json:"more"`
}

func sweep(ctx context.Context, a *app.App) (sweepReport, error) {
	d, err := a.Sweep(ctx)
	report := sweepReport{
		Looked: d.Looked, Reminded: d.Reminded, Warned: d.Warned, Archived: d.Archived, Purged: d.Purged, Kept: d.Kept,
		Held: d.Held, Replanned: d.Replanned, More: d.More,
	}
	if !d.OldestDue.IsZero() {
		report.OldestDue = &d.OldestDue
	}
	return report, err
}

// tidyReport is what the function tidy did, in the API's form.
type tidyReport struct {
	Credentials struct {
		Looked      int `json:"looked"`
		Dropped     int `json:"dropped"`
		Interrupted int `json:"interrupted"`
	} `json:"credentials"`
	Mails struct {
		Late int `json:"late"`
		Sent int `json:"sent"`
	} `json:"mails"`
}

func tidy(ctx context.Context, a *app.App) (tidyReport, error) {
	done, err := a.Tidy(ctx)
	var report tidyReport
	c, m := done.Credentials, done.Mails
	report.Credentials.Looked, report.Credentials.Dropped, report.Credentials.Interrupted = c.Looked, c.Dropped, c.Interrupted
	report.Mails.Late, report.Mails.Sent = m.Late, m.Sent
	return report, err
}
