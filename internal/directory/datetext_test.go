package directory

import (
	"testing"
	"time"
)

func TestDaysAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	london := time.FixedZone("BST", 3600)
	tests := []struct {
		why             string
		at              time.Time
		english, danish string
	}{
		{"no leading nought", time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC), "2 January 2026", "2. januar 2026"},
		{"", time.Date(2026, 2, 28, 10, 0, 0, 0, time.UTC), "28 February 2026", "28. februar 2026"},
		{"", time.Date(2026, 3, 31, 10, 0, 0, 0, time.UTC), "31 March 2026", "31. marts 2026"},
		{"", time.Date(2026, 4, 1, 10, 0, 0, 0, time.UTC), "1 April 2026", "1. april 2026"},
		{"", time.Date(2026, 5, 10, 10, 0, 0, 0, time.UTC), "10 May 2026", "10. maj 2026"},
		{"", time.Date(2026, 6, 11, 10, 0, 0, 0, time.UTC), "11 June 2026", "11. juni 2026"},
		{"", time.Date(2026, 7, 12, 10, 0, 0, 0, time.UTC), "12 July 2026", "12. juli 2026"},
		{"", time.Date(2026, 8, 13, 10, 0, 0, 0, time.UTC), "13 August 2026", "13. august 2026"},
		{"", time.Date(2026, 9, 14, 10, 0, 0, 0, time.UTC), "14 September 2026", "14. september 2026"},
		{"", time.Date(2026, 10, 15, 10, 0, 0, 0, time.UTC), "15 October 2026", "15. oktober 2026"},
		{"", time.Date(2026, 11, 16, 10, 0, 0, 0, time.UTC), "16 November 2026", "16. november 2026"},
		{"the last moment of a year", time.Date(2026, 12, 31, 23, 59, 59, 999, time.UTC), "31 December 2026", "31. december 2026"},
		{"a leap day", time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC), "29 February 2028", "29. februar 2028"},
		{"a midnight in London: the day is that of the zone", time.Date(2026, 7, 1, 0, 0, 0, 0, london), "1 July 2026", "1. juli 2026"},
	}
	for _, tt := range tests {
		if got := dayText(tt.at, "en"); got != tt.english {
			t.Errorf("%s %s: %q in English, want %q", tt.at, tt.why, got, tt.english)
		}
		if got := dayText(tt.at, "da"); got != tt.danish {
			t.Errorf("%s %s: %q in Danish, want %q", tt.at, tt.why, got, tt.danish)
		}
	}
	if got := dayText(tests[0].at, "cy"); got != tests[0].english {
		t.Errorf("in a language without words of its own: %q, want it in English, as the mail is", got)
	}
}

func TestMomentsAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 3, 10, 5, 59, 0, time.FixedZone("BST", 3600))
	for language, want := range map[string]string{
		"en": "3 May 2026, 09:05 UTC",
		"da": "3. maj 2026 kl. 09.05 UTC",
		"":   "3 May 2026, 09:05 UTC",
	} {
		if got := momentText(at, language); got != want {
			t.Errorf("%q: %q, want %q", language, got, want)
		}
		if got := momentText(time.Time{}, language); got != "" {
			t.Errorf("%q: no time is written as %q", language, got)
		}
	}
}
