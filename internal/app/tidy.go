package app

import (
	"context"
	"errors"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
)

// Tidied says what Tidy did.
type Tidied struct {
	Credentials   directory.Healed
	Announcements int // that were left behind, and go on
	Mails         mail.Redelivered
	Erased        int // organisations that were closed long enough ago, and are gone altogether now
}

const (
	// healLimit bounds the credentials one Tidy looks at; the next one goes on.
	healLimit = 200
	// resumeLimit bounds the announcements that one Tidy has go on: each with one Commit, whose change asks for the next.
	resumeLimit = 50
	// redeliverPage is how many mails of each part of the outbox are read at a time; they go on until there are no more, or
	// no more time.
	redeliverPage = 50
)

// Tidy puts right what crashes left behind: interrupted credential changes, and announcements and mails that the change
// feed lost. It may run at any time, also twice at once. Mails that still cannot be sent are an error, for somebody may
// have to look.
func (a *App) Tidy(ctx context.Context) (done Tidied, err error) {
	if done.Credentials, err = a.Directory.Heal(ctx, healLimit); err != nil {
		return done, err
	}
	if done.Announcements, err = a.Directory.ResumeAnnouncements(ctx, resumeLimit); err != nil {
		return done, err
	}
	// What is erased has waited for days; mails must not wait for it, nor it for mails that cannot be sent.
	var failed error
	done.Mails, failed = a.Delivery.Redeliver(ctx, redeliverPage)
	done.Erased, err = a.Directory.EraseClosed(ctx, lastMoment(ctx))
	return done, errors.Join(failed, err)
}

// reportTidy writes what was put right, as a line of the log that is the metrics too. Mails that wait are nothing to worry
// about where they are sent in the end, and all the more where they are not.
func (a *App) reportTidy(ctx context.Context, done Tidied, took time.Duration) {
	a.measure(ctx, "tidied", "notify", []metric{
		count("CredentialsInterrupted", done.Credentials.Interrupted), count("CredentialsDropped", done.Credentials.Dropped),
		count("AnnouncementsLate", done.Announcements), count("OrganisationsErased", done.Erased), count("MailsLate", done.Mails.Late), count("MailsRedelivered", done.Mails.Sent), count("MailsStuck", done.Mails.Failed),
		seconds("Duration", took), count("Unfinished", oneIf(done.Mails.More)),
	})
}
