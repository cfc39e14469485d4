package app

import (
	"math/rand/v2"
	"time"

	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/mail/pace"
)

// paced sends at the rate of the installation, which all its processes share. The pace is that of the real clock, whatever
// time it is for the domain.
func (a *App) paced(by mail.Sender) mail.Sender {
	return pace.New(by, a.Store, pace.Config{
		PerSecond: a.config.MailRate, Now: time.Now,
		Jitter: rand.N[time.Duration],
	})
}
