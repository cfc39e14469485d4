package app

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/caretaker/caretaker/internal/directory"
)

// Digest writes the week's digests to administrators, as long as the context lets it.
func (a *App) Digest(ctx context.Context) (directory.Digested, error) {
	began := a.Directory.Clock()
	done, err := a.Directory.Digest(ctx, directory.DigestOptions{Deadline: lastMoment(ctx)})
	a.measure(ctx, "digests written", "digest", []metric{
		count("Organisations", done.Organisations), count("Written", done.Written), count("Mailed", done.Mailed),
		count("Quiet", done.Quiet), seconds("Duration", a.Directory.Clock().Sub(began)), count("Unfinished", oneIf(done.More)),
	})
	return done, err
}

// DigestReport says what came of the digests, for programs.
type DigestReport struct {
	Organisations int  `json:"organisations"`
	Written       int  `json:"written"`
	Mailed        int  `json:"mailed"`
	NothingToSay  int  `json:"nothingToSay"`
	More          bool `json:"more"`
}

// DigestReportOf is the report of what was done.
func DigestReportOf(d directory.Digested) DigestReport {
	return DigestReport{Organisations: d.Organisations, Written: d.Written, Mailed: d.Mailed, NothingToSay: d.Quiet, More: d.More}
}

// errDigestsLeft has Lambda call the function again, which then goes on: the next event is a week away.
var errDigestsLeft = errors.New("there was no time for all digests; the next try goes on")

// Digested handles an event of the schedule.
func (a *App) Digested(ctx context.Context, _ json.RawMessage) error {
	done, err := a.Digest(ctx)
	if err == nil && done.More {
		return errDigestsLeft
	}
	return err
}
