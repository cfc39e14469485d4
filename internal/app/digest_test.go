package app_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// A run that has no time for all fails, so that Lambda calls the function again; the next event is a week away.
func TestDigestsThatAreNotAllWrittenFail(t *testing.T) {
	t.Parallel()
	p, _ := small(t)
	p.school(t)
	p.clock.Advance(13 * 31 * 24 * time.Hour)
	for _, c := range []struct {
		left    time.Duration
		written int
	}{
		{19 * time.Second, 0}, // not enough to begin anything
		{15 * time.Minute, 2}, // the school's, and that of the platform
	} {
		ctx, cancel := context.WithTimeout(t.Context(), c.left)
		err := p.Digested(ctx, json.RawMessage(`{"source": "schedule", "detail-type": "digest"}`))
		cancel()
		if (err == nil) != (c.written > 0) {
			t.Errorf("with %v left: %v", c.left, err)
		}
		mails, err := p.Store.Unsent(t.Context(), p.clock.Now().Add(time.Minute), 100)
		if err != nil {
			t.Fatal(err)
		}
		written := map[directory.Slug]bool{}
		for _, m := range mails {
			if m.Template == directory.DigestMail {
				written[m.Org] = true
			}
		}
		if len(written) != c.written {
			t.Errorf("with %v left digests were written for %v, want %d", c.left, written, c.written)
		}
	}
}
