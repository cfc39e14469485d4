package mail_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
)

// to is a letter to somebody who is no user, known by address.
func to(who, id string) directory.Mail {
	m := waiting(id)
	m.ToEmail = who + "@bash-street.example"
	return m
}

var busy = directory.NewBusy("mail service", time.Second, errors.New("rate exceeded"))

// idsSent lists the letters that arrived, in their order.
func idsSent(mails []mail.Message) []string {
	ids := make([]string, len(mails))
	for i, m := range mails {
		ids[i] = m.ID
	}
	return ids
}

// recorder takes every message but those that it has an error for.
type recorder struct {
	took    chan mail.Message
	refuses func(m mail.Message) error
}

func (r *recorder) Send(_ context.Context, m mail.Message) error {
	if err := r.refuses(m); err != nil {
		return err
	}
	r.took <- m
	return nil
}

func (r *recorder) all() (mails []mail.Message) {
	close(r.took)
	for m := range r.took {
		mails = append(mails, m)
	}
	return mails
}

func TestABatchHoldsBackOnlyWhatMustNotOvertake(t *testing.T) {
	t.Parallel()
	letters := []directory.Mail{to("danny", "d1"), to("minnie", "m1"), to("danny", "d2"), to("minnie", "m2"), to("danny", "d3")}
	tests := []struct {
		why  string
		d2   error
		sent []string
		fail []string
	}{
		{"a service that is busy: what comes later for the same person waits, others do not", busy, []string{"d1", "m1", "m2"}, []string{"d2", "d3"}},
		{"an address that is refused for good: it is done with", mail.Refused(errors.New("no such mailbox")), []string{"d1", "d3", "m1", "m2"}, nil},
		{
			"a fault of the service: it waits for whoever mends it, and nobody waits for it",
			&directory.Error{Kind: directory.Internal, Code: "mail_invalid"},
			[]string{"d1", "d3", "m1", "m2"},
			[]string{"d2"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			d, _, _ := delivery(t, letters...)
			r := &recorder{took: make(chan mail.Message, len(letters)), refuses: func(m mail.Message) error {
				if m.ID == "d2" {
					return tt.d2
				}
				return nil
			}}
			d.Sender = r
			var failed []string
			for i, err := range d.DeliverAll(t.Context(), letters) {
				if err != nil {
					failed = append(failed, letters[i].ID)
				}
			}
			sent := idsSent(r.all())
			if danny := slices.DeleteFunc(slices.Clone(sent), func(id string) bool { return id[0] != 'd' }); !slices.IsSorted(danny) {
				t.Errorf("Danny's came as %v", danny)
			}
			slices.Sort(sent)
			if !slices.Equal(sent, tt.sent) || !slices.Equal(failed, tt.fail) {
				t.Errorf("sent %v and failed %v, want %v and %v", sent, failed, tt.sent, tt.fail)
			}
		})
	}
}

// slow takes a second for each message, and knows how many it had in hand at once.
type slow struct {
	mu        sync.Mutex
	now, most int
}

func (s *slow) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now += n
	s.most = max(s.most, s.now)
}

func (s *slow) Send(ctx context.Context, _ mail.Message) error {
	s.count(1)
	defer s.count(-1)
	select {
	case <-time.After(time.Second):
		return nil
	case <-ctx.Done():
		return directory.NewUnavailable("mail service", 0, ctx.Err())
	}
}

// A hundred people are not written to one after the other, and not all at once either.
func TestABatchIsSentSideBySideWithinBounds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var letters []directory.Mail
		for n := range 100 {
			letters = append(letters, to(fmt.Sprintf("person%d", n), fmt.Sprintf("%03d", n)))
		}
		d, _, _ := delivery(t, letters...)
		s := &slow{}
		d.Sender = s
		began := time.Now()
		for _, err := range d.DeliverAll(t.Context(), letters) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); s.most != 8 || took != 13*time.Second {
			t.Errorf("%d at once, %s", s.most, took)
		}
	})
}

// When the time is up, what was begun ends and what was sent is marked; the rest is not begun.
func TestABatchEndsWithItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		letters := []directory.Mail{to("danny", "1"), to("danny", "2"), to("danny", "3"), to("danny", "4")}
		d, o, _ := delivery(t, letters...)
		d.Sender = &slow{}
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		failed := d.DeliverAll(ctx, letters)
		if failed[0] != nil || failed[1] != nil || !mail.Passing(failed[2]) || !mail.Passing(failed[3]) {
			t.Errorf("%v", failed)
		}
		if o.mails["2"].SentAt.IsZero() || !o.mails["3"].SentAt.IsZero() {
			t.Errorf("marked: %+v", o.mails)
		}
	})
}

// endsAfter ends a context as soon as a message was taken, as a function's time may end at any moment.
type endsAfter struct{ end context.CancelFunc }

func (e endsAfter) Send(context.Context, mail.Message) error {
	e.end()
	return nil
}

func TestWhatWasSentIsMarkedAlsoWhenTheTimeIsUp(t *testing.T) {
	t.Parallel()
	d, o, _ := delivery(t, waiting("one"))
	ctx, cancel := context.WithCancel(t.Context())
	d.Sender = endsAfter{cancel}
	if err := d.Deliver(ctx, waiting("one")); err != nil || o.mails["one"].SentAt.IsZero() {
		t.Errorf("%v, marked %v", err, o.mails["one"].SentAt)
	}
}

func TestPassingIsWhatTryingAgainMayMend(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{busy, true},
		{directory.NewUnavailable("store", 0, nil), true},
		{fmt.Errorf("make a link: %w", directory.ErrStale), true}, // another was made at the same moment
		{context.Canceled, true},
		{fmt.Errorf("send: %w", context.DeadlineExceeded), true},
		{mail.ErrRefused, false},
		{errors.New("a fault"), false},
	} {
		if got := mail.Passing(tt.err); got != tt.want {
			t.Errorf("%v: %t", tt.err, got)
		}
	}
}

// turns is a line in which a place can be taken by others.
type turns struct {
	taken    bool
	err      error
	released int
}

func (l *turns) Reserve(_ context.Context, _ string, _ time.Duration, now, _ time.Time) (time.Time, bool, error) {
	return now, !l.taken && l.err == nil, l.err
}

func (l *turns) Release(context.Context, string, time.Time, time.Time) error {
	l.released++
	return nil
}

func TestRedeliverGoesThroughAllPagesInOrder(t *testing.T) {
	t.Parallel()
	var letters []directory.Mail
	for n := range 25 {
		letters = append(letters, to("danny", fmt.Sprintf("%03d", n)))
	}
	letters[7].Template = "farewell" // there is no such wording
	d, o, box := delivery(t, letters...)
	o.unreadable = []string{"broken"}
	line := &turns{}
	d.Turns = line
	r, err := d.Redeliver(t.Context(), 10)
	if err == nil || !strings.Contains(err.Error(), "letter 007") || !strings.Contains(err.Error(), "broken cannot be read") {
		t.Errorf("got %v, want an error that names the letters that wait", err)
	}
	if want := (mail.Redelivered{Late: 28, Sent: 24, Failed: 4}); r != want { // the unreadable one is on each of three pages
		t.Errorf("got %+v, want %+v", r, want)
	}
	if line.released != 1 {
		t.Errorf("the turn was given back %d times", line.released)
	}
	mails, err := box.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var came, want []string
	for _, m := range slices.Backward(mails) { // newest first
		came = append(came, m.ID)
	}
	for _, m := range letters {
		if m.ID != "007" {
			want = append(want, m.ID)
		}
	}
	if !slices.Equal(came, want) {
		t.Errorf("came as %v", came)
	}
}

func TestRedeliverStopsWhereNothingIsTaken(t *testing.T) {
	t.Parallel()
	var letters []directory.Mail
	for n := range 40 {
		letters = append(letters, to(fmt.Sprintf("person%d", n), fmt.Sprintf("%03d", n)))
	}
	d, o, box := delivery(t, letters...)
	box.Refuse(func(mail.Message) error { return busy })
	r, err := d.Redeliver(t.Context(), 10)
	if err == nil || r.Late != 10 || r.Failed != 10 || !r.More || o.pages != 1 {
		t.Errorf("%+v, %v, %d pages: want the first page, and the rest left to the next time", r, err, o.pages)
	}
	box.Refuse(nil)
	if r, err := d.Redeliver(t.Context(), 10); err != nil || r.Sent != 40 || r.More {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestRedeliverIsDoneByOneAtATime(t *testing.T) {
	t.Parallel()
	d, o, box := delivery(t, waiting("one"))
	line := &turns{taken: true}
	d.Turns = line
	if r, err := d.Redeliver(t.Context(), 10); err != nil || r != (mail.Redelivered{Elsewhere: true}) || sent(t, box) != 0 {
		t.Errorf("%+v, %v, %d mails", r, err, sent(t, box))
	}
	line.err = directory.NewUnavailable("store", 0, nil)
	if r, err := d.Redeliver(t.Context(), 10); err == nil || r.Elsewhere || line.released != 0 {
		t.Errorf("%+v, %v, given back %d times", r, err, line.released)
	}
	if m := o.mails["one"]; !m.SentAt.IsZero() {
		t.Error("it is marked as sent")
	}
}
