package lifecycle

import (
	"cmp"
	"fmt"
	"sync"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// Rules say when what happens. Those with nothing in them let every account be.
type Rules struct {
	// WarnMonths are the calendar months without a sign-in after which a warning is due, one each, ascending.
	WarnMonths []int `json:"warnMonths"`
	// ArchiveMonths is when the account is archived, in calendar months without a sign-in; 0 is never.
	ArchiveMonths int `json:"archiveMonths"`
	// WarningGapDays are the least days between two warnings, and between the last one and the archive, 1 to 90.
	WarningGapDays int `json:"warningGapDays"`
	// KeepDays is how long an account is kept that somebody archived, or whose end date came, 1 to 3650; 0 is for good.
	KeepDays int `json:"keepDays"`
	// PurgeMonths is how long one is kept that was archived for inactivity, in calendar months; 0 is for good.
	PurgeMonths int `json:"purgeMonths"`
	// GraceDays is how long after a restore or a reinstatement nothing happens, 0 to 90.
	GraceDays int `json:"graceDays"`
	// PurgeCap is how many accounts one sweep may delete in the organisation, 1 to 100000; what is beyond waits for the next.
	PurgeCap int `json:"purgeCap"`
	// TimeZone is where days begin, such as "Europe/London".
	TimeZone string `json:"timeZone"`
	// RedactTrail takes the person's names and details out of the audit trail when an account is deleted by itself; what was
	// done to whom, by number, and when stays.
	RedactTrail bool `json:"redactTrail"`
}

// Filled returns the policy with defaults where nothing was ever said: no account is archived by itself, and one that
// somebody archives is kept for half a year.
func (p Rules) Filled() Rules {
	if p.WarningGapDays == 0 { // which no policy has
		p.WarningGapDays, p.KeepDays, p.GraceDays, p.RedactTrail = 14, cmp.Or(p.KeepDays, 180), cmp.Or(p.GraceDays, 7), true
	}
	if p.WarnMonths == nil {
		p.WarnMonths = []int{}
	}
	p.PurgeCap = cmp.Or(p.PurgeCap, 200)
	p.TimeZone = cmp.Or(p.TimeZone, "Europe/London")
	return p
}

// Location is where days begin; UTC if the time zone is not known here.
func (p Rules) Location() *time.Location {
	if known, ok := locations.Load(p.TimeZone); ok {
		return known.(*time.Location)
	}
	in, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return time.UTC
	}
	locations.Store(p.TimeZone, in)
	return in
}

var locations sync.Map // of *time.Location by name, for reading one takes a file

// Most of the figures.
const (
	maxMonths   = 120
	maxWarnings = 6
)

// Fault is a figure of a policy that cannot be.
type Fault struct {
	Field string
	rule.Broken
}

// Validate returns every fault. An archive needs at least one warning: nobody loses an account unwarned.
func (p Rules) Validate() []Fault {
	var faults []Fault
	add := func(wrong bool, field string, r rule.Rule, values ...any) {
		if wrong {
			faults = append(faults, Fault{field, r.Broken(values...)})
		}
	}
	before := 0
	for i, m := range p.WarnMonths {
		add(m <= before || m > maxMonths, fmt.Sprintf("warnMonths[%d]", i), rule.WarnMonths, maxMonths)
		before = m
	}
	add(len(p.WarnMonths) > maxWarnings, "warnMonths", rule.TooMany, maxWarnings)
	add(p.ArchiveMonths < 0 || p.ArchiveMonths > maxMonths, "archiveMonths", rule.Between, 0, maxMonths)
	add(p.ArchiveMonths > 0 && (len(p.WarnMonths) == 0 || before >= p.ArchiveMonths), "archiveMonths",
		rule.ArchiveMonths)
	add(p.WarningGapDays < 1 || p.WarningGapDays > 90, "warningGapDays", rule.Between, 1, 90)
	add(p.KeepDays < 0 || p.KeepDays > 3650, "keepDays", rule.Between, 0, 3650)
	add(p.PurgeMonths < 0 || p.PurgeMonths > maxMonths, "purgeMonths", rule.Between, 0, maxMonths)
	add(p.PurgeCap < 1 || p.PurgeCap > 100_000, "purgeCap", rule.Between, 1, 100_000)
	_, err := time.LoadLocation(p.TimeZone)
	add(err != nil || p.TimeZone == "" || p.TimeZone == "Local", "timeZone", rule.TimeZone)
	add(p.GraceDays < 0 || p.GraceDays > 90, "graceDays", rule.Between, 0, 90)
	return faults
}
