package clock

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/sosodev/duration"
)

// Period is a length of time as people say it: calendar months, days, and hours to seconds on top. How long it is
// depends on when it begins.
type Period struct {
	months, days int
	rest         time.Duration
}

// ErrNoPeriod is what ParsePeriod says of a text that is none.
var ErrNoPeriod = errors.New(`must be an ISO 8601 duration of whole years, months, weeks and days, such as "P15M", "P7D" or "PT36H"`)

// periodForm is ISO 8601's form with designators. The parser alone would read "P1T2H" as twelve hours.
var periodForm = regexp.MustCompile(`^P(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$`)

// maxPart bounds years, months, weeks, days and seconds each: more seconds than the clock has left, and in no unit so
// many that adding them up would overflow.
const maxPart = 200 * 366 * 24 * 3600

// ParsePeriod reads an ISO 8601 duration. It fails with ErrNoPeriod, and with ErrBack for a negative one.
func ParsePeriod(text string) (Period, error) {
	text, negative := strings.CutPrefix(text, "-")
	if !periodForm.MatchString(text) || strings.HasSuffix(text, "P") || strings.HasSuffix(text, "T") {
		return Period{}, ErrNoPeriod
	}
	if negative {
		return Period{}, ErrBack
	}
	d, err := duration.Parse(text)
	if err != nil {
		return Period{}, ErrNoPeriod
	}
	rest := duration.Duration{Seconds: d.Hours*3600 + d.Minutes*60 + d.Seconds}
	if max(d.Years, d.Months, d.Weeks, d.Days, rest.Seconds) > maxPart {
		return Period{}, ErrFar
	}
	return Period{
		months: 12*int(d.Years) + int(d.Months), days: 7*int(d.Weeks) + int(d.Days), rest: rest.ToTimeDuration(),
	}, nil
}

// after adds the period to t as XML Schema 1.1, part 2, E.3.3 does: months first, where a day that the month does not
// have becomes its last one (31 January and a month is 28 February), then days, then the rest.
func (p Period) after(t time.Time) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(p.months), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1+p.days).Add(p.rest)
}
