package backup

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// Verdict is what a verification found.
type Verdict struct {
	Summary
	store.Report
	// Without are users who have no password, and Beyond passwords that no user has.
	Without, Beyond []directory.UserID
}

// Sound tells whether nothing is wrong. A password that no user has opens nothing, and is no fault.
func (v Verdict) Sound() bool { return len(v.Wrong) == 0 && len(v.Without) == 0 }

// Verify reads a whole store and looks whether it is sound in itself. passwords lists who has one in a pool; nil where they are
// in the store.
func Verify(
	ctx context.Context, from engine.Porter, i *store.Inspection, passwords func(context.Context) (map[directory.UserID]bool, error),
) (Verdict, error) {
	var tally Tally
	for r, err := range from.Records(ctx) {
		if err != nil {
			return Verdict{}, err
		}
		if _, err := tally.Add(r); err != nil {
			return Verdict{}, err
		}
		i.Look(r)
	}
	v := Verdict{Summary: tally.Summary(), Report: i.End()}
	has := i.Passwords()
	if passwords != nil {
		var err error
		if has, err = passwords(ctx); err != nil {
			return v, err
		}
	}
	users := map[directory.UserID]bool{}
	for _, id := range v.Users {
		users[id] = true
		if !has[id] {
			v.Without = append(v.Without, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(has)) {
		if !users[id] {
			v.Beyond = append(v.Beyond, id)
		}
	}
	return v, nil
}

// Tell writes a verdict for people.
func (v Verdict) Tell(out io.Writer) {
	fmt.Fprintf(out, "%v\n", v.Summary)
	for _, name := range slices.Sorted(maps.Keys(v.Kinds)) {
		fmt.Fprintf(out, "  %8d  %s\n", v.Kinds[name], name)
	}
	for _, what := range v.Wrong {
		fmt.Fprintf(out, "wrong: %s\n", what)
	}
	if v.More > 0 {
		fmt.Fprintf(out, "wrong: and %d more\n", v.More)
	}
	tellUsers(out, "users without a password, who need a reset", v.Without)
	tellUsers(out, "passwords that no user has, which open nothing", v.Beyond)
	if v.Sound() {
		fmt.Fprintf(out, "sound: %d users, every counter, list, username and password fits\n", len(v.Users))
	}
}

func tellUsers(out io.Writer, what string, ids []directory.UserID) {
	if len(ids) > 0 {
		fmt.Fprintf(out, "%d %s: %v\n", len(ids), what, ids[:min(len(ids), 20)])
	}
}
