package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/mail/feedback"
)

// Heeded says what came of what the mail system told.
type Heeded struct {
	Told    int `json:"told"`    // events that were read
	Unknown int `json:"unknown"` // of these, those about no letter that this installation sent to a user at that address
	Marked  int `json:"marked"`  // accounts that were changed
}

// Heed takes what SES tells about mails after it took them: addresses that bounce for good, or complain, are not written to
// any more. An event is believed only about a letter that is in the outbox, was for the user that it names and went to the
// address that it names; so nobody who can make one up, but does not know the letter's id, can silence an account. What
// cannot be read is an error, which trying again does not mend; all that can be is done.
func (a *App) Heed(ctx context.Context, event json.RawMessage) (Heeded, error) {
	told, err := feedback.Read(event)
	done, failed := Heeded{Told: len(told)}, []error{err}
	for _, f := range told {
		failed = append(failed, a.heed(ctx, f, &done))
	}
	err = errors.Join(failed...)
	a.measure(ctx, "heeded", "mailfeedback", []metric{
		count("Told", done.Told), count("Unknown", done.Unknown), count("Marked", done.Marked),
	})
	return done, err
}

// failures are the kinds of feedback that go against an address.
var failures = map[feedback.Kind]directory.MailFailure{
	feedback.PermanentBounce: directory.Bounced,
	feedback.Complaint:       directory.Complained,
}

func (a *App) heed(ctx context.Context, f feedback.Feedback, done *Heeded) error {
	why, against := failures[f.Kind]
	if !against {
		return nil
	}
	m, err := a.letterOf(ctx, f)
	if errors.Is(err, directory.ErrNotFound) {
		done.Unknown++
		a.config.Log.WarnContext(ctx, "the mail system tells of a mail that nobody knows",
			slog.String("kind", string(f.Kind)), slog.String("organisation", f.Organisation), slog.String("mail", f.MailID))
		return nil
	}
	if err != nil {
		return err
	}
	changed, err := a.Directory.MailFailed(ctx, m, why, f.Detail)
	done.Marked += changed
	return err
}

// letterOf finds the letter that an event is about; NotFound also when it went elsewhere.
func (a *App) letterOf(ctx context.Context, f feedback.Feedback) (directory.Mail, error) {
	org, user := directory.Slug(f.Organisation), directory.UserID(f.User)
	if !org.Valid() || !user.Valid() || f.MailID == "" {
		return directory.Mail{}, directory.ErrNotFound
	}
	m, err := a.Store.Mail(ctx, org, user, f.MailID)
	if err != nil {
		return directory.Mail{}, err
	}
	to := mail.Readable(m.ToEmail) // as feedback has addresses
	if !slices.ContainsFunc(f.Addresses, func(a string) bool { return strings.EqualFold(a, to) }) {
		return directory.Mail{}, directory.ErrNotFound
	}
	return m, nil
}

// Told handles an event of SES.
func (a *App) Told(ctx context.Context, event json.RawMessage) error {
	_, err := a.Heed(ctx, event)
	return err
}
