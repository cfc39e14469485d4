package directory

import (
	"fmt"
	"time"
)

// danishMonths are written small.
var danishMonths = [...]string{
	"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december",
}

// dayText writes a day for people: "1 December 2026", "1. december 2026". The day is that of t's own zone: what begins at
// midnight in London in summer would be the day before in UTC.
func dayText(t time.Time, language string) string {
	if language == "da" {
		return fmt.Sprintf("%d. %s %d", t.Day(), danishMonths[t.Month()-1], t.Year())
	}
	return t.Format("2 January 2006")
}

// momentText writes a time for people; "" for none.
func momentText(t time.Time, language string) string {
	if t.IsZero() {
		return ""
	}
	t = t.UTC()
	if language == "da" {
		return dayText(t, language) + " kl. " + t.Format("15.04") + " UTC"
	}
	return dayText(t, language) + ", " + t.Format("15:04") + " UTC"
}

// neverText stands where a day would be.
func neverText(language string) string {
	if language == "da" {
		return "aldrig"
	}
	return "never"
}
