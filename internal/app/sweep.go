package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// spareTime is what a scheduled function leaves of its time, to end what it is about and to report.
const spareTime = 20 * time.Second

// lastMoment is when a scheduled function begins nothing more; zero: there is no bound.
func lastMoment(ctx context.Context) time.Time {
	if deadline, bounded := ctx.Deadline(); bounded {
		return deadline.Add(-spareTime)
	}
	return time.Time{}
}

// Sweep does what is due to accounts by themselves, as long as the context lets it.
func (a *App) Sweep(ctx context.Context) (directory.Swept, error) { return a.sweep(ctx, false) }

// DrySweep tells what Sweep would do, and does none of it.
func (a *App) DrySweep(ctx context.Context) (directory.Swept, error) { return a.sweep(ctx, true) }

func (a *App) sweep(ctx context.Context, dry bool) (directory.Swept, error) {
	began := a.Directory.Clock()
	done, err := a.Directory.Sweep(ctx, directory.SweepOptions{Deadline: lastMoment(ctx), DryRun: dry, Abreast: a.abreast})
	if dry {
		a.config.Log.InfoContext(ctx, "would sweep", slog.Any("done", done))
		return done, err
	}
	a.reportSweep(ctx, done, a.Directory.Clock().Sub(began))
	return done, err
}

// reportSweep writes what a sweep did, as a line of the log that is the metrics too. How long the longest due waited tells
// whether sweeps keep up.
func (a *App) reportSweep(ctx context.Context, done directory.Swept, took time.Duration) {
	waited := time.Duration(0)
	if !done.OldestDue.IsZero() {
		waited = a.Directory.Now().Sub(done.OldestDue)
	}
	a.measure(ctx, "swept", "sweep", []metric{
		count("Due", done.Looked), count("Reminded", done.Reminded), count("Warned", done.Warned),
		count("Archived", done.Archived), count("Purged", done.Purged), count("Kept", done.Kept), count("Held", done.Held), count("Failed", done.Failed),
		count("Replanned", done.Replanned), seconds("OldestDueAge", waited), seconds("Duration", took),
		count("Unfinished", oneIf(done.More)),
	})
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// SweepEvent is what the function sweep is invoked with. The schedule's has no dryRun; a person may send one that has, to
// see what the next sweep will do.
type SweepEvent struct {
	DryRun bool `json:"dryRun"`
}

// Swept handles an event of the schedule, or of somebody who invokes the function, and answers what was done.
func (a *App) Swept(ctx context.Context, raw json.RawMessage) (SweepReport, error) {
	var event SweepEvent
	if err := json.Unmarshal(raw, &event); err != nil {
		return SweepReport{}, fmt.Errorf("read the event of a sweep: %w", err)
	}
	done, err := a.sweep(ctx, event.DryRun)
	return ReportOf(done), err
}

// SweepReport is what a sweep did, or would do, for programs.
type SweepReport struct {
	Looked    int        `json:"looked"`
	Reminded  int        `json:"reminded"`
	Warned    int        `json:"warned"`
	Archived  int        `json:"archived"`
	Purged    int        `json:"purged"`
	Kept      int        `json:"kept"`
	Held      int        `json:"held"`
	Failed    int        `json:"failed"`
	Replanned int        `json:"replanned"`
	OldestDue *time.Time `json:"oldestDue,omitempty"`
	More      bool       `json:"more"`
}

// ReportOf is the report of what was done.
func ReportOf(d directory.Swept) SweepReport {
	report := SweepReport{
		Looked: d.Looked, Reminded: d.Reminded, Warned: d.Warned, Archived: d.Archived, Purged: d.Purged, Kept: d.Kept,
		Held: d.Held, Failed: d.Failed, Replanned: d.Replanned, More: d.More,
	}
	if !d.OldestDue.IsZero() {
		report.OldestDue = &d.OldestDue
	}
	return report
}
