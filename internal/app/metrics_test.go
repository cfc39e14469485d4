package app_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"slices"
	"testing"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
)

// logging is a program that is wired to a store alone, and its log.
func logging(t *testing.T, e engine.Engine) (*app.App, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	p := app.New(app.Config{
		BaseURL: "https://users.example", MailFrom: "no-reply@users.example", Product: "Caretaker", Log: slog.New(slog.NewJSONHandler(&log, nil)),
	}, app.Parts{Engine: e, Now: apptest.NewClock().Now})
	return p, &log
}

// What a sweep reports is a line of the log from which CloudWatch makes metrics: whatever the member _aws names is a figure
// of the line, and there is one for whether sweeps keep up.
func TestASweepReportsFigures(t *testing.T) {
	t.Parallel()
	e, err := bolt.Open(host.InMemory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	p, log := logging(t, e)
	if _, err := p.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	var line map[string]json.RawMessage
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, log.Bytes())
	}
	var about struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	}
	if err := json.Unmarshal(line["_aws"], &about); err != nil || about.Timestamp == 0 || len(about.CloudWatchMetrics) != 1 {
		t.Fatalf("%v: %s", err, line["_aws"])
	}
	var names []string
	for _, m := range about.CloudWatchMetrics[0].Metrics {
		names = append(names, m.Name)
		var figure float64
		if err := json.Unmarshal(line[m.Name], &figure); err != nil {
			t.Errorf("%s is %s: %v", m.Name, line[m.Name], err)
		}
	}
	for _, d := range about.CloudWatchMetrics[0].Dimensions[0] {
		if line[d] == nil {
			t.Errorf("the dimension %s is missing", d)
		}
	}
	for _, wanted := range []string{"Warned", "Archived", "Purged", "OldestDueAge", "Duration"} {
		if !slices.Contains(names, wanted) {
			t.Errorf("%s is no metric: %v", wanted, names)
		}
	}
}
