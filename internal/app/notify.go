package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// notifySpare is what notify leaves of its time, to mark what was sent and to answer.
const notifySpare = 20 * time.Second

// RedeliverEvent is the detail-type of an event that asks for what Tidy does to mails, and for a report of it.
const RedeliverEvent = "redeliver"

// Notified is what the function notify answers.
type Notified struct {
	// BatchItemFailures has the record of the stream at which Lambda begins again; it is empty if all is done.
	BatchItemFailures []events.DynamoDBBatchItemFailure `json:"batchItemFailures"`
	// Mails is the answer to a RedeliverEvent.
	Mails *MailReport `json:"mails,omitempty"`
}

// MailReport says how the outbox is after a redelivery.
type MailReport struct {
	mail.Redelivered
	// OldestUnsent is when the oldest letter was written that still waits; nil if none does.
	OldestUnsent *time.Time `json:"oldestUnsent,omitempty"`
	// Why is what failed, "" if nothing did.
	Why string `json:"why,omitempty"`
}

// Notify handles an event of the table's stream, of the schedule, or of whoever asks for a redelivery. Of a batch it names
// the record to begin again at; a schedule that failed fails as a whole.
func (a *App) Notify(ctx context.Context, event json.RawMessage) (Notified, error) {
	var e struct {
		events.DynamoDBEvent
		Type string `json:"detail-type"`
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return Notified{}, fmt.Errorf("read the event: %w", err)
	}
	ctx, cancel := sparing(ctx, notifySpare)
	defer cancel()
	switch {
	case e.Records != nil:
		return Notified{BatchItemFailures: a.deliverRecords(ctx, e.Records)}, nil
	case e.Type == RedeliverEvent:
		report, err := a.redeliver(ctx)
		return Notified{Mails: &report}, err
	default:
		return Notified{}, a.tidy(ctx)
	}
}

// sparing ends a context some time before its deadline.
func sparing(ctx context.Context, spare time.Duration) (context.Context, context.CancelFunc) {
	if deadline, bounded := ctx.Deadline(); bounded {
		return context.WithDeadline(ctx, deadline.Add(-spare))
	}
	return context.WithCancel(ctx)
}

func (a *App) tidy(ctx context.Context) error {
	began := a.Directory.Clock()
	done, err := a.Tidy(ctx)
	a.reportTidy(context.WithoutCancel(ctx), done, a.Directory.Clock().Sub(began))
	return err
}

// redeliver sends what was left behind. That some letters still wait is no failure of it: the report says so.
func (a *App) redeliver(ctx context.Context) (MailReport, error) {
	done, failed := a.Delivery.Redeliver(ctx, redeliverPage)
	report := MailReport{Redelivered: done}
	if failed != nil {
		report.Why = failed.Error()
	}
	oldest, err := a.Store.Waiting(context.WithoutCancel(ctx), a.Directory.Now().Add(time.Minute), "", 1)
	if err != nil {
		return report, err
	}
	switch {
	case len(oldest.Mails) > 0:
		report.OldestUnsent = &oldest.Mails[0].CreatedAt
	case len(oldest.Unreadable) > 0: // how old it is cannot be read either
		report.OldestUnsent = &time.Time{}
	}
	return report, nil
}

// deliverRecords delivers the letters of a batch and returns the one to begin again at. Lambda begins again at the first of
// those it is told of and repeats all behind it; what was sent is marked, so that repeating it does nothing. What cannot be
// sent until somebody has mended something is not named: it would hold up all others, and the tidying up comes back to it.
func (a *App) deliverRecords(ctx context.Context, records []events.DynamoDBEventRecord) []events.DynamoDBBatchItemFailure {
	changes := a.changes(ctx, records)
	for i, err := range a.obey(ctx, changes) {
		if mail.Passing(err) {
			return []events.DynamoDBBatchItemFailure{{ItemIdentifier: changes[i].Sequence}}
		}
	}
	return []events.DynamoDBBatchItemFailure{}
}

// changes reads the records of the stream, as far as they can be read.
func (a *App) changes(ctx context.Context, records []events.DynamoDBEventRecord) []engine.Change {
	changes := make([]engine.Change, 0, len(records))
	for _, r := range records {
		change, err := dynamo.Decode(r)
		if err != nil {
			a.config.Log.ErrorContext(ctx, "a record of the stream cannot be read", slog.Any("error", err))
			continue
		}
		changes = append(changes, change)
	}
	return changes
}

// obey does what changes ask for: it carries letters, and writes the next letters of announcements. The answer has an error
// for each change, nil where it is done with; they are written down here.
func (a *App) obey(ctx context.Context, changes []engine.Change) []error {
	failed := make([]error, len(changes))
	letters, places := a.lettersOf(ctx, changes)
	for n, err := range a.Delivery.DeliverAll(ctx, letters) {
		if failed[places[n]] = err; err != nil {
			a.undelivered(ctx, letters[n], err)
		}
	}
	for i, c := range changes {
		if !store.InAnnouncements(c.Key) {
			continue
		}
		if failed[i] = a.announce(ctx, c); failed[i] != nil {
			a.config.Log.ErrorContext(ctx, "an announcement goes no further and is left to the tidying up",
				slog.String("announcement", c.Key.Sort), slog.Any("error", failed[i]))
		}
	}
	return failed
}

func (a *App) announce(ctx context.Context, c engine.Change) error {
	n, unfinished, err := store.AnnouncementOf(c)
	if err != nil || !unfinished {
		return err
	}
	return a.Directory.Announce(ctx, n)
}

// lettersOf reads the letters that changes of the outbox ask to be sent, and the place of each among the changes.
func (a *App) lettersOf(ctx context.Context, changes []engine.Change) (letters []directory.Mail, places []int) {
	for i, c := range changes {
		m, wanted, err := store.MailOf(c)
		if err != nil {
			a.config.Log.ErrorContext(ctx, "a letter cannot be read and is left to the tidying up", slog.Any("error", err))
		}
		if wanted {
			letters, places = append(letters, m), append(places, i)
		}
	}
	return letters, places
}

// undelivered writes down that a letter was not delivered: a failure that does not pass by itself is somebody's business.
func (a *App) undelivered(ctx context.Context, m directory.Mail, err error) {
	level := slog.LevelError
	if mail.Passing(err) {
		level = slog.LevelWarn
	}
	a.config.Log.Log(ctx, level, "a letter was not delivered", slog.String("letter", m.ID), slog.String("organisation", string(m.Org)),
		slog.String("user", string(m.User)), slog.String("template", string(m.Template)), slog.Any("error", err))
}
