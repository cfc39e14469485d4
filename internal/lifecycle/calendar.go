package lifecycle

import "time"

// AddMonths returns the day that lies so many calendar months after t, where t is on a wall clock in its location: the same
// day of the month or, where the month is too short, its last day. So a month after 31 January is 28 or 29 February, and
// two months after it 31 March. The time of day is the beginning of that day.
func AddMonths(t time.Time, months int) time.Time {
	year, month, day := t.Date()
	first := time.Date(year, month+time.Month(months), 1, 12, 0, 0, 0, t.Location())
	last := first.AddDate(0, 1, -1).Day()
	return dayOf(time.Date(first.Year(), first.Month(), min(day, last), 12, 0, 0, 0, t.Location()))
}

// MonthsBefore is AddMonths looked at from its end: the moment such that AddMonths has come for all that lies before it, and
// for nothing else. On 28 February the six months are over for all of August, for its last days have no counterpart.
func MonthsBefore(t time.Time, months int) time.Time {
	if tomorrow := addDays(t, 1); tomorrow.Day() == 1 {
		return AddMonths(tomorrow, -months)
	}
	return addDays(AddMonths(t, -months), 1)
}

// addDays returns the beginning of the day so many days after t.
func addDays(t time.Time, days int) time.Time {
	year, month, day := t.Date()
	return dayOf(time.Date(year, month, day+days, 12, 0, 0, 0, t.Location()))
}

// dayOf is the first moment of t's day. In places where clocks change at midnight that is not always 0:00: time.Date then
// gives a moment of the day before, or the later of two.
func dayOf(t time.Time) time.Time {
	year, month, day := t.Date()
	start := time.Date(year, month, day, 0, 0, 0, 0, t.Location())
	for start.Day() != day { // there is no midnight on this day
		start = start.Add(15 * time.Minute)
	}
	return start
}

func latest(times ...time.Time) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
