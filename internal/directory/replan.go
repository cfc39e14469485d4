package directory

import (
	"context"
	"strings"
)

// archivedMark begins the cursor once the archived users' turn has come.
const archivedMark = "archived:"

// replan works out anew what is due to the users of organisations whose policy changed.
func (s *sweep) replan(ctx context.Context) error {
	waiting, err := s.Store.Replanning(ctx, sweepBatch)
	if err != nil {
		return err
	}
	if s.options.DryRun {
		s.count(func(done *Swept) { done.More = len(waiting) > 0 })
		return nil
	}
	for _, o := range waiting {
		if err := s.replanOne(ctx, o.Slug); err != nil {
			return err
		}
	}
	return nil
}

func (s *sweep) replanOne(ctx context.Context, org Slug) error {
	o, err := s.Store.Organisation(ctx, org)
	for err == nil && o.Replan && s.inTime() {
		var next string
		if next, err = s.replanPage(ctx, o); err != nil {
			return err
		}
		o.Replanned, o.Replan = next, next != ""
		if err = s.Store.PutReplanned(ctx, o); KindOf(err) == Stale {
			return nil // the settings changed again; the next sweep begins anew
		}
		o.Version++
	}
	return err
}

// replanPage plans a page of users anew and returns where the next one begins; "" at the end of the archived ones, who come
// after all others.
func (s *sweep) replanPage(ctx context.Context, o Organisation) (next string, err error) {
	q := UserQuery{Org: o.Slug, Sort: SortUsername, Limit: replanBatch, Cursor: o.Replanned}
	if rest, archived := strings.CutPrefix(o.Replanned, archivedMark); archived {
		q.Status, q.Cursor = Archived, rest
	}
	page, err := s.Store.Users(ctx, q)
	if err != nil {
		return "", err
	}
	var changed []PutUser
	for _, u := range page.Users {
		planned := o.Put(o.reminded(u, s.Now()))
		if !planned.User.DueAt.Equal(u.DueAt) || planned.User.ExpiryMails != u.ExpiryMails {
			changed = append(changed, planned)
		}
	}
	s.count(func(done *Swept) { done.Replanned += len(changed) })
	next = page.Next
	switch {
	case q.Status != Archived && next == "", q.Status == Archived && next != "":
		next = archivedMark + next
	}
	return next, s.Store.Replan(ctx, changed)
}
