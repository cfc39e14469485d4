package store

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// split undoes Join, which proves that nothing is lost in it.
func split(joined string) []string {
	unescaper := strings.NewReplacer("%25", "%", "%23", "#")
	parts := strings.Split(joined, string(separator))
	for i, p := range parts {
		parts[i] = unescaper.Replace(p)
	}
	return parts
}

func FuzzJoin(f *testing.F) {
	f.Add("a", "bc", "ab", "c")
	f.Add("#", "", "", "#")
	f.Add("%23", "#", "#", "%23")
	f.Add("a#b", "c", "a", "b#c")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		one, other := Join(a, b), Join(c, d)
		if got := split(one); !slices.Equal(got, []string{a, b}) {
			t.Errorf("%q %q came back as %q", a, b, got)
		}
		if same := a == c && b == d; (one == other) != same {
			t.Errorf("%q %q and %q %q make %q and %q", a, b, c, d, one, other)
		}
	})
}

func TestOnlyTheOutboxIsFollowed(t *testing.T) {
	t.Parallel()
	if !InOutbox(mailKey("bash-street", "01kd0000000000000000000000", "x")) {
		t.Error("a mail is not followed")
	}
	if InOutbox(userKey("outbox", "01kd0000000000000000000000")) || InOutbox(organisationKey("outbox")) {
		t.Error("an organisation called outbox is followed")
	}
}

func TestStampsSortByTime(t *testing.T) {
	t.Parallel()
	summer := time.Date(2026, 7, 1, 12, 0, 0, 0, time.FixedZone("BST", 3600))
	texts := []string{
		stamp(summer), stamp(summer.Add(time.Millisecond)), stamp(summer.Add(20 * time.Minute).UTC()), stamp(summer.AddDate(1, 0, 0)),
	}
	if !slices.IsSorted(texts) || strings.Contains(texts[0], "+") {
		t.Errorf("%q", texts)
	}
}
