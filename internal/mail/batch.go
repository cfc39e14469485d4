package mail

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/internal/directory"
)

// sideBySide is to how many people letters are sent at once. One takes some 150 ms of waiting at SES, so that eight are
// about 50 a second, more than most accounts may send.
const sideBySide = 8

// DeliverAll delivers letters: those to one person in the order given, those to different people side by side. The answer
// has an error for each letter, nil where it is done with. A failure that may pass (Passing) holds back what comes later
// for the same person; one that will not holds back nothing.
func (d *Delivery) DeliverAll(ctx context.Context, letters []directory.Mail) []error {
	d = d.forBatch()
	failed := make([]error, len(letters))
	var all errgroup.Group
	all.SetLimit(sideBySide)
	for _, places := range byAddressee(letters) {
		all.Go(func() error {
			d.deliverInOrder(ctx, letters, places, failed)
			return nil
		})
	}
	_ = all.Wait() // what failed is told by letter
	return failed
}

// deliverInOrder delivers the letters at these places, and notes at each what came of it.
func (d *Delivery) deliverInOrder(ctx context.Context, letters []directory.Mail, places []int, failed []error) {
	held := false
	for _, i := range places {
		switch {
		case held:
			failed[i] = errHeld
		case ctx.Err() != nil:
			failed[i] = directory.NewUnavailable("time to send in", 0, context.Cause(ctx))
		default:
			failed[i] = d.Deliver(ctx, letters[i])
		}
		held = Passing(failed[i])
	}
}

// errHeld says why a letter was not begun with.
var errHeld = directory.NewUnavailable("letter before this one", 0, nil)

// byAddressee gathers the places of each person's letters, in the order in which people come.
func byAddressee(letters []directory.Mail) [][]int {
	type addressee struct {
		org directory.Slug
		who string
	}
	group := map[addressee]int{}
	var groups [][]int
	for i, m := range letters {
		to := addressee{m.Org, string(m.User)}
		if m.User == "" {
			to.who = m.ToEmail // no user's id has an @
		}
		n, known := group[to]
		if !known {
			n = len(groups)
			group[to], groups = n, append(groups, nil)
		}
		groups[n] = append(groups[n], i)
	}
	return groups
}

// Passing tells whether a letter that failed this way may go out when it is tried again soon: the store or the mail service
// does not answer, is busy, or was asked at a bad moment. All else somebody has to mend first; until then, the letter waits
// without holding up others.
func Passing(err error) bool {
	if err == nil {
		return false
	}
	kinds := []directory.Kind{directory.Unavailable, directory.Busy, directory.Throttled, directory.Stale}
	return slices.Contains(kinds, directory.KindOf(err)) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
