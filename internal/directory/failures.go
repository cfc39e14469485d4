package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"time"
)

// Failures counts wrong passwords and codes in a row for a name, whether somebody has it or not. It is read before a
// password is looked at, and every outcome is stored on the condition that nobody else changed the count in between: so a
// hundred guesses at one instant get no more answers than the policy allows.
type Failures struct {
	Org  Slug
	Name string // see User.Guard and guardName
	// All counts the failures of everybody, Own again those that came from a browser in which the user had signed in
	// before, by the browser's id.
	All Tally
	Own map[SessionID]Tally
	// FirstBarredAt is when the first bar of the row began; it stays until a success.
	FirstBarredAt time.Time
	// Expires is when the record counts for nothing and can be dropped.
	Expires time.Time
	Version int64
}

// Tally is a number of failures in a row.
type Tally struct {
	Count            int
	LastAt, BarredAt time.Time // BarredAt is zero while the count is below the threshold
}

const (
	// failuresFade is how long after the last one failures below the threshold are forgotten.
	failuresFade = 24 * time.Hour
	// strangersBarHolds is how long, at most, a bar that others brought about keeps the user out of a browser in which the
	// user signed in before. Beyond it strangers can keep nobody out, however long they go on.
	strangersBarHolds = 15 * time.Minute
	// barKept is how long a bar is kept that waits for an administrator.
	barKept = 3 * 365 * 24 * time.Hour
	// maxOwn bounds the browsers that are counted apart.
	maxOwn = 20
)

// Guard is what a user's failures are counted under.
func (u User) Guard() string { return "user-" + string(u.ID) }

// guardName is what failures are counted under for a name that nobody has. What people type there is now and then a
// password, so it is not kept.
func guardName(typed string) string {
	sum := sha256.Sum256([]byte(FoldName(typed)))
	return "name-" + hex.EncodeToString(sum[:16])
}

// over tells whether the tally counts for nothing any more.
func (t Tally) over(p LockoutPolicy, now time.Time) bool {
	if t.BarredAt.IsZero() {
		return !now.Before(t.LastAt.Add(failuresFade))
	}
	return p.Minutes > 0 && !now.Before(t.BarredAt.Add(p.length()))
}

func (p LockoutPolicy) length() time.Duration { return time.Duration(p.Minutes) * time.Minute }

func (t Tally) failed(p LockoutPolicy, now time.Time) Tally {
	if t.over(p, now) {
		t = Tally{}
	}
	t.Count, t.LastAt = t.Count+1, now
	if t.Count >= p.Threshold {
		t.BarredAt = now
	}
	return t
}

// failed counts one more failure, from a known browser or from anywhere ("").
func (f Failures) failed(p LockoutPolicy, from SessionID, now time.Time) Failures {
	f = f.at(now)
	f.All = f.All.failed(p, now)
	switch barred := !f.All.BarredAt.IsZero(); {
	case barred && p.Minutes == 0:
		f.Expires = now.Add(barKept)
	case barred: // FirstBarredAt has to outlive a bar of a whole day
		f.Expires = now.Add(p.length() + failuresFade)
	default:
		f.Expires = now.Add(failuresFade)
	}
	if f.FirstBarredAt.IsZero() {
		f.FirstBarredAt = f.All.BarredAt
	}
	if from == "" {
		return f
	}
	own := maps.Clone(f.Own)
	maps.DeleteFunc(own, func(_ SessionID, t Tally) bool { return t.over(p, now) })
	if own == nil || len(own) >= maxOwn {
		own = map[SessionID]Tally{}
	}
	own[from] = f.Own[from].failed(p, now)
	f.Own = own
	return f
}

// Bar is why somebody cannot try, and until when; a zero Until waits for an administrator.
type Bar struct{ Until time.Time }

// bar tells what keeps a password from being looked at now; nil if nothing does. Whoever comes from a known browser is
// kept out by the failures of that browser, and by those of others for a short time only.
func (f Failures) bar(p LockoutPolicy, from SessionID, now time.Time) *Bar {
	f = f.at(now)
	if own := f.Own[from]; from != "" && own.bars(p, now) {
		return own.bar(p)
	}
	if !f.All.bars(p, now) {
		return nil
	}
	if holds := f.FirstBarredAt.Add(strangersBarHolds); from != "" {
		if !now.Before(holds) {
			return nil
		}
		if b := f.All.bar(p); !b.Until.IsZero() && b.Until.Before(holds) {
			return b
		}
		return &Bar{Until: holds}
	}
	return f.All.bar(p)
}

func (t Tally) bars(p LockoutPolicy, now time.Time) bool {
	return !t.BarredAt.IsZero() && !t.over(p, now)
}

func (t Tally) bar(p LockoutPolicy) *Bar {
	if p.Minutes == 0 {
		return &Bar{}
	}
	return &Bar{Until: t.BarredAt.Add(p.length())}
}

// at is what the record says at a time: nothing, once it has expired.
func (f Failures) at(now time.Time) Failures {
	if now.Before(f.Expires) {
		return f
	}
	return Failures{Org: f.Org, Name: f.Name, Version: f.Version}
}

// err is what somebody is told who cannot try now.
func (b Bar) err(helpers []Contact, now time.Time) error {
	e := &Error{
		Kind: Locked, Code: "locked", Facts: map[string]any{"contacts": helpers},
		Detail: "There were too many wrong attempts. An administrator has to unlock the account; please ask the people named here.",
	}
	if !b.Until.IsZero() {
		e.RetryAfter = b.Until.Sub(now)
		e.Detail = "There were too many wrong attempts. Please try again later, or ask the people named here."
	}
	return e
}
