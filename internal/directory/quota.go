package directory

import "time"

// QuotaKey names what is counted, and of whom. Org is "" for what is counted across organisations.
type QuotaKey struct {
	Org  Slug
	What string // such as "looks"
	Who  string // a user's id, or a mark of a name or an address
}

// Quota counts how often something was done within a window of time.
type Quota struct {
	QuotaKey
	Since   time.Time // when the count began
	Until   time.Time // when it counts for nothing and can be dropped
	Count   int
	Version int64
}

// allowance is how often something may be done within a window.
type allowance struct {
	most   int
	window time.Duration
}

// use counts one more. It returns how long to wait when there is nothing left.
func (a allowance) use(q Quota, now time.Time) (used Quota, wait time.Duration) {
	if !now.Before(q.Since.Add(a.window)) {
		q.Since, q.Until, q.Count = now, now.Add(a.window), 0
	}
	if q.Count >= a.most {
		return q, q.Since.Add(a.window).Sub(now)
	}
	q.Count++
	return q, 0
}
