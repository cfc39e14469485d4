package clock_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/infra/local/clock"
)

// machine is the machine's own clock.
type machine struct{ now time.Time }

func (m *machine) Now() time.Time { return m.now }

func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func open(t *testing.T, file string, m *machine) *clock.Clock {
	t.Helper()
	c, err := clock.Open(file, m.Now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func advance(t *testing.T, c *clock.Clock, period string) {
	t.Helper()
	p, err := clock.ParsePeriod(period)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Advance(p); err != nil {
		t.Fatal(err)
	}
}

func TestItShowsTheRealTimeUntilItIsMoved(t *testing.T) {
	t.Parallel()
	m := &machine{now: at(t, "2026-09-01T09:00:00+01:00")}
	c := open(t, "", m)
	if got := c.Now(); got != at(t, "2026-09-01T08:00:00Z") {
		t.Errorf("shows %v, want the real time, in UTC", got)
	}
	advance(t, c, "PT1H")
	m.now = m.now.Add(time.Minute)
	if got := c.Now(); got != at(t, "2026-09-01T09:01:00Z") {
		t.Errorf("shows %v, want an hour ahead of the real time", got)
	}
}

func TestAPeriodIsACalendarsNotAStopwatchs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, period, want string }{
		{"2026-09-01T08:00:00Z", "P15M", "2027-12-01T08:00:00Z"},
		{"2026-01-31T08:00:00Z", "P1M", "2026-02-28T08:00:00Z"},   // the last day, not 3 March
		{"2028-02-29T08:00:00Z", "P1Y", "2029-02-28T08:00:00Z"},   // no leap year
		{"2026-01-31T08:00:00Z", "P1M1D", "2026-03-01T08:00:00Z"}, // months first
		{"2026-10-31T08:00:00Z", "P4M", "2027-02-28T08:00:00Z"},   // over the end of the year
		{"2026-03-28T12:00:00Z", "P1D", "2026-03-29T12:00:00Z"},   // in UTC no day has 23 hours
		{"2026-09-01T08:00:00Z", "P1Y2M3W4D", "2027-11-26T08:00:00Z"},
		{"2026-09-01T08:00:00Z", "PT36H", "2026-09-02T20:00:00Z"},
		{"2026-09-01T08:00:00Z", "P1DT1H1M1.5S", "2026-09-02T09:01:01.5Z"},
		{"2026-09-01T08:00:00Z", "PT0S", "2026-09-01T08:00:00Z"},
	} {
		m := &machine{now: at(t, c.from)}
		travelling := open(t, "", m)
		advance(t, travelling, c.period)
		if got := travelling.Now(); got != at(t, c.want) {
			t.Errorf("%s and %s is %v, want %s", c.from, c.period, got, c.want)
		}
	}
}

func TestWhatIsNoPeriodIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"":                                     clock.ErrNoPeriod,
		"P":                                    clock.ErrNoPeriod,
		"PT":                                   clock.ErrNoPeriod,
		"P1DT":                                 clock.ErrNoPeriod,
		"15 months":                            clock.ErrNoPeriod,
		"15M":                                  clock.ErrNoPeriod,
		"P1.5M":                                clock.ErrNoPeriod, // half a month is no number of days
		"P1T2H":                                clock.ErrNoPeriod, // neither twelve hours nor a day and two hours
		"P1M1Y":                                clock.ErrNoPeriod, // out of order
		"P1H":                                  clock.ErrNoPeriod, // hours come after the T
		"P１D":                                  clock.ErrNoPeriod, // a digit, but no ASCII one
		"-P1D":                                 clock.ErrBack,
		"-tomorrow":                            clock.ErrNoPeriod,
		"P99999999999999999999Y":               clock.ErrFar,
		"PT1756800H105408000M6324480000S":      clock.ErrFar, // each part is within bounds, their sum overflows
		"P9999999999999999999999999999999999D": clock.ErrFar,
	} {
		if _, err := clock.ParsePeriod(text); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

func TestItNeverGoesBack(t *testing.T) {
	t.Parallel()
	m := &machine{now: at(t, "2026-09-01T08:00:00Z")}
	c := open(t, "", m)
	if got, err := c.Set(at(t, "2026-08-31T08:00:00Z")); !errors.Is(err, clock.ErrBack) || got != m.now {
		t.Errorf("set to yesterday: %v, %v", got, err)
	}
	if got, err := c.Set(at(t, "2027-01-01T00:00:00Z")); err != nil || got != at(t, "2027-01-01T00:00:00Z") {
		t.Errorf("set to New Year: %v, %v", got, err)
	}
	m.now = m.now.Add(-time.Hour) // someone sets the machine's clock back
	if got := c.Now(); got != at(t, "2027-01-01T00:00:00Z") {
		t.Errorf("shows %v once the machine was set back, want it to stand still", got)
	}
	m.now = m.now.Add(2 * time.Hour)
	if got := c.Now(); got != at(t, "2027-01-01T01:00:00Z") {
		t.Errorf("shows %v, want it to go on", got)
	}
}

func TestItEndsBeforeTimesOverflow(t *testing.T) {
	t.Parallel()
	c := open(t, "", &machine{now: at(t, "2026-09-01T08:00:00Z")})
	if _, err := c.Set(at(t, "2200-01-01T00:00:00Z")); !errors.Is(err, clock.ErrFar) {
		t.Errorf("set to 2200: %v", err)
	}
	for _, period := range []string{"P200Y", "P6000000000Y6000000000M6000000000W6000000000D"} {
		p, err := clock.ParsePeriod(period)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Advance(p); !errors.Is(err, clock.ErrFar) {
			t.Errorf("advanced by %s: %v", period, err)
		}
	}
}

func TestItGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "clock.json")
	m := &machine{now: at(t, "2026-09-01T08:00:00Z")}
	first := open(t, file, m)
	advance(t, first, "P1Y")

	m.now = m.now.Add(time.Hour)
	if got := open(t, file, m).Now(); got != at(t, "2027-09-01T09:00:00Z") {
		t.Errorf("after a crash it shows %v, want a year ahead of the real time", got)
	}
	first.Now()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	m.now = m.now.Add(-30 * time.Minute)
	if got := open(t, file, m).Now(); got != at(t, "2027-09-01T09:00:00Z") {
		t.Errorf("with the machine set back in between it shows %v, want no earlier than it ever showed", got)
	}
}

func TestItDoesNotMoveWhenThatCannotBeKept(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join(t.TempDir(), "no such folder", "clock.json"), &machine{now: at(t, "2026-09-01T08:00:00Z")})
	if _, err := c.Set(at(t, "2027-09-01T08:00:00Z")); err == nil {
		t.Error("moved, and would go back at the next restart")
	}
	if got := c.Now(); got != at(t, "2026-09-01T08:00:00Z") {
		t.Errorf("shows %v", got)
	}
}

func TestADamagedFileIsReported(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "clock.json")
	if err := os.WriteFile(file, []byte("half past ten"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := clock.Open(file, time.Now); err == nil {
		t.Error("opened a file that is no clock's")
	}
}

func TestManyMayReadAndMoveItAtOnce(t *testing.T) {
	t.Parallel()
	m := &machine{now: at(t, "2026-09-01T08:00:00Z")}
	c := open(t, "", m)
	hour, err := clock.ParsePeriod("PT1H")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			before := c.Now()
			after, err := c.Advance(hour)
			if err != nil || after.Before(before.Add(time.Hour)) {
				t.Errorf("from %v to %v, %v", before, after, err)
			}
		})
	}
	all.Wait()
	if got := c.Now(); got != at(t, "2026-09-02T04:00:00Z") {
		t.Errorf("20 hours later it shows %v", got)
	}
}
