// Package clock owns the time of a demonstration: the real one plus what somebody has advanced it by. It never goes
// back, not even over a restart. What time means to an account is not its business.
package clock

import (
	"errors"
	"sync"
	"time"

	"github.com/caretaker/caretaker/infra/local/statefile"
)

// Errors of Set and Advance.
var (
	ErrBack = errors.New("the clock never goes back")
	ErrFar  = errors.New("the clock goes as far as the year 2199")
)

// end bounds the clock. A time.Duration, which the distance to the real time is, ends at 292 years.
var end = time.Date(2200, time.January, 1, 0, 0, 0, 0, time.UTC)

// Clock may be used from many goroutines.
type Clock struct {
	file    string
	machine func() time.Time

	mu    sync.Mutex
	state state
}

// state is what the file holds.
type state struct {
	// Now is the latest time that was ever told when the file was written.
	Now time.Time `json:"now"`
	// Ahead is how far the clock is ahead of the real time.
	Ahead time.Duration `json:"aheadNanoseconds"`
}

// Open returns the clock as its file has it, showing the real time where there is no file; with the name "" nothing is
// kept.
func Open(file string, machine func() time.Time) (*Clock, error) {
	c := &Clock{file: file, machine: machine}
	return c, statefile.Load(file, &c.state)
}

// Now tells the time in UTC. When the machine's own clock is set back it stands still until that has caught up.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if now := c.machine().UTC().Round(0).Add(c.state.Ahead); now.After(c.state.Now) {
		c.state.Now = now
	}
	return c.state.Now
}

// Set moves the clock to a time. It fails with ErrBack, ErrFar, and when the file cannot be written.
func (c *Clock) Set(to time.Time) (time.Time, error) {
	return c.move(func(time.Time) time.Time { return to.UTC() })
}

// Advance moves the clock by a period. It fails as Set does.
func (c *Clock) Advance(p Period) (time.Time, error) {
	return c.move(p.after)
}

func (c *Clock) move(target func(time.Time) time.Time) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	to := target(now)
	switch {
	case to.Before(now):
		return now, ErrBack
	case !to.Before(end):
		return now, ErrFar
	}
	moved := state{Now: to, Ahead: c.state.Ahead + to.Sub(now)}
	if err := statefile.Save(c.file, moved); err != nil {
		return now, err
	}
	c.state = moved
	return to, nil
}

// Close writes down how late it is, so that the next Open goes on from there.
func (c *Clock) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now()
	return statefile.Save(c.file, c.state)
}
