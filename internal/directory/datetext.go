package directory

import (
	"fmt"
	"time"
)

// danishMonths are written small.
var danishMonths = [...]string{
	"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december",
}

// dayText writes a day for people: "1 December 2026", "1. december 2026".
func dayText(t time.Time, language string) string {
	t = t.UTC()
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
	clock := t.UTC().Format("15:04") + " UTC"
	if language == "da" {
		return dayText(t, language) + " kl. " + t.UTC().Format("15.04") + " UTC"
	}
	return dayText(t, language) + ", " + clock
}
