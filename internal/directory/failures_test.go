package directory_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// strangers is where an attempt comes from that is from no browser in which the user signed in before.
const strangers directory.SessionID = ""

var (
	nineOClock = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	forAWhile  = directory.LockoutPolicy{Threshold: 3, Minutes: 15}
	untilActed = directory.LockoutPolicy{Threshold: 5}
)

// failing counts as many failures at one moment.
func failing(f directory.Failures, p directory.LockoutPolicy, from directory.SessionID, n int, at time.Time) directory.Failures {
	for range n {
		f = f.Failed(p, from, at)
	}
	return f
}

func TestFailuresBarAtTheThreshold(t *testing.T) {
	t.Parallel()
	for _, p := range []directory.LockoutPolicy{forAWhile, untilActed, {Threshold: 100, Minutes: 1440}} {
		f := failing(directory.Failures{}, p, strangers, p.Threshold-1, nineOClock)
		if b := f.Bar(p, strangers, nineOClock); b != nil {
			t.Errorf("%+v bars one too early: %+v", p, b)
		}
		b := f.Failed(p, strangers, nineOClock).Bar(p, strangers, nineOClock)
		if b == nil || b.Until.IsZero() != (p.Minutes == 0) {
			t.Errorf("%+v: the bar at the threshold is %+v", p, b)
		}
	}
}

func TestHowLongABarLasts(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	tests := []struct {
		policy directory.LockoutPolicy
		after  time.Duration
		barred bool
	}{
		{forAWhile, 15*time.Minute - time.Nanosecond, true},
		{forAWhile, 15 * time.Minute, false},
		{directory.LockoutPolicy{Threshold: 3, Minutes: 1440}, day - time.Nanosecond, true}, // as long as the record is kept
		{directory.LockoutPolicy{Threshold: 3, Minutes: 1440}, day, false},
		{untilActed, day, true},
		{untilActed, 1000 * day, true}, // an administrator may take holidays
	}
	for _, tt := range tests {
		f := failing(directory.Failures{}, tt.policy, strangers, tt.policy.Threshold, nineOClock)
		if b := f.Bar(tt.policy, strangers, nineOClock.Add(tt.after)); (b != nil) != tt.barred {
			t.Errorf("%+v after %s: the bar is %+v, want one: %t", tt.policy, tt.after, b, tt.barred)
		}
	}
}

func TestFailuresBelowTheThresholdFadeAfterADay(t *testing.T) {
	t.Parallel()
	for after, barred := range map[time.Duration]bool{24*time.Hour - time.Second: true, 24 * time.Hour: false} {
		for _, p := range []directory.LockoutPolicy{forAWhile, untilActed} {
			f := failing(directory.Failures{}, p, strangers, p.Threshold-1, nineOClock)
			later := nineOClock.Add(after)
			if b := f.Failed(p, strangers, later).Bar(p, strangers, later); (b != nil) != barred {
				t.Errorf("%+v: the last one %s after the others bars: %t, want %t", p, after, b != nil, barred)
			}
		}
	}
}

// Whoever stays out of a bar that ended begins anew: one more failure does not bring it back.
func TestAfterTheBarTheCountBeginsAnew(t *testing.T) {
	t.Parallel()
	f := failing(directory.Failures{}, forAWhile, strangers, 3, nineOClock)
	later := nineOClock.Add(15 * time.Minute)
	f = failing(f, forAWhile, strangers, 2, later)
	if b := f.Bar(forAWhile, strangers, later); b != nil {
		t.Errorf("two failures after a bar bar again: %+v", b)
	}
	if b := f.Failed(forAWhile, strangers, later).Bar(forAWhile, strangers, later); b == nil || !b.Until.Equal(later.Add(15*time.Minute)) {
		t.Errorf("three failures after a bar: %+v", b)
	}
}

// Strangers who never tire: whenever they may try they do, for three days. The user's own browser is kept out for a
// quarter of an hour at the most, the strangers get no more answers than the policy says.
func TestStrangersCannotKeepAKnownBrowserOut(t *testing.T) {
	t.Parallel()
	for _, p := range []directory.LockoutPolicy{forAWhile, untilActed, {Threshold: 4, Minutes: 1}, {Threshold: 10, Minutes: 1440}} {
		var f directory.Failures
		var out, answers int // minutes for which the own browser was kept out, and wrong passwords that were looked at
		const days = 3
		for minute := range days * 24 * 60 {
			now := nineOClock.Add(time.Duration(minute) * time.Minute)
			for f.Bar(p, strangers, now) == nil {
				f = f.Failed(p, strangers, now)
				answers++
			}
			if b := f.Bar(p, "own", now); b != nil {
				out++
				if b.Until.IsZero() || b.Until.After(nineOClock.Add(15*time.Minute)) {
					t.Fatalf("%+v: after %d minutes the own browser is kept out until %s", p, minute, b.Until)
				}
			}
		}
		if out == 0 || out > 15 {
			t.Errorf("%+v: the own browser was kept out for %d minutes, want some and at most 15", p, out)
		}
		most := p.Threshold
		if p.Minutes > 0 {
			most = p.Threshold * (days*24*60/p.Minutes + 1)
		}
		if answers > most {
			t.Errorf("%+v: strangers got %d answers, want at most %d", p, answers, most)
		}
	}
}

// A bar of strangers that is shorter than a quarter of an hour keeps the own browser out no longer than it lasts.
func TestAShortBarIsShortForAKnownBrowser(t *testing.T) {
	t.Parallel()
	p := directory.LockoutPolicy{Threshold: 3, Minutes: 5}
	f := failing(directory.Failures{}, p, strangers, 3, nineOClock)
	if b := f.Bar(p, "own", nineOClock); b == nil || !b.Until.Equal(nineOClock.Add(5*time.Minute)) {
		t.Errorf("got %+v", b)
	}
}

func TestABrowsersOwnFailuresBarIt(t *testing.T) {
	t.Parallel()
	for _, p := range []directory.LockoutPolicy{forAWhile, untilActed} {
		f := failing(directory.Failures{}, p, "own", p.Threshold, nineOClock)
		soon := nineOClock.Add(14 * time.Minute)
		for _, from := range []directory.SessionID{"own", "at home", strangers} {
			if f.Bar(p, from, soon) == nil {
				t.Errorf("%+v: %q is not barred", p, from)
			}
		}
		later := nineOClock.Add(15 * time.Minute)
		if barred := f.Bar(p, "own", later) != nil; barred != (p.Minutes == 0) {
			t.Errorf("%+v: the browser that failed is barred after a quarter of an hour: %t", p, barred)
		}
		if f.Bar(p, "at home", later) != nil {
			t.Errorf("%+v: the user's other browser is kept out for what this one did", p)
		}
	}
}

// While strangers have locked the account, a known browser has its own tries, and no more than those.
func TestAKnownBrowserHasItsOwnTriesBesideStrangers(t *testing.T) {
	t.Parallel()
	f := failing(directory.Failures{}, untilActed, strangers, 5, nineOClock)
	later := nineOClock.Add(time.Hour)
	f = failing(f, untilActed, "own", 4, later)
	if b := f.Bar(untilActed, "own", later); b != nil {
		t.Errorf("four failures of its own bar it: %+v", b)
	}
	f = f.Failed(untilActed, "own", later)
	if b := f.Bar(untilActed, "own", later); b == nil || !b.Until.IsZero() {
		t.Errorf("after five failures of its own: %+v", b)
	}
	if b := f.Bar(untilActed, "at home", later); b != nil {
		t.Errorf("the other browser: %+v", b)
	}
}

// Somebody who has many known browsers, or made them, does not grow the record without end.
func TestTheRecordOfFailuresStaysSmall(t *testing.T) {
	t.Parallel()
	var f directory.Failures
	for i := range 200 {
		f = f.Failed(untilActed, directory.SessionID(fmt.Sprintf("browser-%d", i)), nineOClock)
		if len(f.Own) > 20 {
			t.Fatalf("%d browsers are counted apart", len(f.Own))
		}
	}
	if f.Bar(untilActed, strangers, nineOClock) == nil {
		t.Error("two hundred failures bar nobody")
	}
	// And those that faded make room.
	f = f.Failed(forAWhile, "another", nineOClock.Add(25*time.Hour))
	if len(f.Own) != 1 {
		t.Errorf("after a day %d browsers are counted", len(f.Own))
	}
}

// What Failed returns is another record: one that was read is judged again when somebody else was quicker.
func TestCountingLeavesTheRecordThatWasReadAsItIs(t *testing.T) {
	t.Parallel()
	read := directory.Failures{}.Failed(forAWhile, "own", nineOClock)
	read.Failed(forAWhile, "own", nineOClock)
	read.Failed(forAWhile, "at home", nineOClock)
	if read.All.Count != 1 || len(read.Own) != 1 || read.Own["own"].Count != 1 {
		t.Errorf("the record became %+v", read)
	}
}

func TestATypedNameIsNotKept(t *testing.T) {
	t.Parallel()
	const typed = "Tr0ub4dor&3" // a password in the wrong field
	guard := directory.GuardName(typed)
	if strings.Contains(guard, typed) || strings.Contains(guard, strings.ToLower(typed)) {
		t.Errorf("the guard %q shows what was typed", guard)
	}
	if guard != directory.GuardName(" tr0ub4dor&3 ") {
		t.Error("another way of writing the name is counted apart")
	}
	if guard == directory.GuardName("tr0ub4dor&4") || strings.HasPrefix(guard, directory.User{ID: someone}.Guard()[:5]) {
		t.Errorf("the guard %q is that of another name", guard)
	}
}

func tokenOf(t *testing.T, user directory.UserID) directory.Token {
	t.Helper()
	token, err := directory.NewToken("bash-street", user, strings.NewReader(strings.Repeat(string(user[len(user)-1:]), 32)))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestUpToFivePeopleAreKnownInOneBrowser(t *testing.T) {
	t.Parallel()
	person := func(i int) directory.UserID { return directory.UserID(fmt.Sprintf("01kd00000000000000000000%02d", i)) }
	var k directory.Known
	for i := range 7 {
		k = k.With(tokenOf(t, person(i)))
	}
	k = k.With(tokenOf(t, person(3))) // again: no second place for one who has one
	k = directory.ParseKnown(k.Text())
	for i := range 7 {
		known := k.Of("bash-street", person(i)) != directory.Token{}
		if want := i >= 2; known != want {
			t.Errorf("person %d is known: %t, want %t", i, known, want)
		}
	}
	if k.Of("blob-street", person(3)) != (directory.Token{}) {
		t.Error("somebody is known in another organisation by the same id")
	}
	if len(k) != 5 || k[0].User != person(3) {
		t.Errorf("the cookie holds %v", k)
	}
}

// The cookie is somebody else's to write: whatever is no token is left out, and more than five are not read.
func TestTheCookieOfKnownUsersIsReadWithCare(t *testing.T) {
	t.Parallel()
	one := tokenOf(t, someone).Text()
	for text, want := range map[string]int{
		"": 0, "~~~": 0, "nonsense": 0, one: 1, one + "~" + one[:len(one)-1]: 1, "~" + one + "~": 1,
		strings.Replace(one, ".", ".operator.", 1):          0, // the form of a support session
		strings.Repeat(one+"~", 1000):                       5,
		strings.ToUpper(one):                                0,
		one + "~" + strings.Replace(one, "bash", "blob", 1): 2,
	} {
		if k := directory.ParseKnown(text); len(k) != want {
			t.Errorf("%.60q: %d are known, want %d", text, len(k), want)
		}
	}
}

func TestWhichBrowserIsKnown(t *testing.T) {
	t.Parallel()
	mine, forged := tokenOf(t, someone), tokenOf(t, someone[:25]+"7")
	kept := directory.BrowserOf(mine, nineOClock)
	tests := []struct {
		why   string
		token directory.Token
		kept  directory.Browser
		after time.Duration
		known bool
	}{
		{"the browser itself", mine, kept, time.Hour, true},
		{"no cookie", directory.Token{}, kept, time.Hour, false},
		{"a forged secret", forged, kept, time.Hour, false},
		{"none is kept", mine, directory.Browser{}, time.Hour, false},
		{"the last moment", mine, kept, directory.BrowserKept - time.Second, true},
		{"too long ago", mine, kept, directory.BrowserKept, false},
	}
	for _, tt := range tests {
		if id := tt.token.KnownBrowser(tt.kept, nineOClock.Add(tt.after)); (id != "") != tt.known {
			t.Errorf("%s: the browser is %q, want it known: %t", tt.why, id, tt.known)
		}
	}
}
