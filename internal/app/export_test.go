package app

import "github.com/caretaker/caretaker/internal/mail"

// SendBy has letters sent by another sender, at the installation's rate.
func (a *App) SendBy(s mail.Sender) { a.Delivery.Sender = a.paced(s) }
