package simulation_test

import "time"

// date is a day of the authority's calendar, counted; 0 is none.
type date int

var london = func() *time.Location {
	in, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return in
}()

// dateOf is the day on which a moment falls in London.
func dateOf(t time.Time) date {
	if t.IsZero() {
		return 0
	}
	y, m, d := t.In(london).Date()
	return dateFrom(y, int(m), d)
}

// dateFrom counts days in the Gregorian calendar (Fliegel and Van Flandern's way, from 1 March of the year 0).
func dateFrom(y, m, d int) date {
	if m < 3 {
		y, m = y-1, m+12
	}
	return date(365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d)
}

// parts is the opposite of dateFrom, by trying.
func (d date) parts() (year, month, day int) {
	year = int(d) / 366
	for dateFrom(year+1, 1, 1) <= d {
		year++
	}
	month = 12
	for dateFrom(year, month, 1) > d {
		month--
	}
	return year, month, int(d-dateFrom(year, month, 1)) + 1
}

// months is the same day so many months on, or the last one of a month that is shorter.
func (d date) months(n int) date {
	y, m, day := d.parts()
	m += n
	for m > 12 {
		y, m = y+1, m-12
	}
	last := []int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[m-1]
	if m == 2 && (y%4 == 0 && y%100 != 0 || y%400 == 0) {
		last = 29
	}
	return dateFrom(y, m, min(day, last))
}

// begins is the first moment of the day, in London, where clocks never change at midnight.
func (d date) begins() time.Time {
	y, m, day := d.parts()
	return time.Date(y, time.Month(m), day, 0, 0, 0, 0, london)
}
