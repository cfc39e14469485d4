package directory

import "context"

// ContactMessage is what a user writes to customer service.
type ContactMessage struct{ Subject, Message string }

// Sent says that a message is on its way.
type Sent struct{ ID string }

// Contact mails a message to customer service, to be answered to the caller's own address.
func (d *Directory) Contact(ctx context.Context, c Caller, m ContactMessage, o Once) (Sent, error) {
	if err := c.requireHands(ContactSend); err != nil {
		return Sent{}, err
	}
	m = ContactMessage{Subject: d.clean(m.Subject), Message: d.cleanText(m.Message)}
	var wrong checks
	wrong.text("subject", m.Subject, MaxSubject, false)
	wrong.text("message", m.Message, MaxMessage, true)
	if err := wrong.err(); err != nil {
		return Sent{}, err
	}
	if c.Organisation.Policy.Contact.CustomerService == "" {
		return Sent{}, &Error{Kind: Conflict, Code: "no_customer_service", Detail: "No address of customer service is set."}
	}
	return once(ctx, d, c, "contact", o, func(r *Receipt) (Sent, error) { return d.send(ctx, c, m, r) })
}

func (d *Directory) send(ctx context.Context, c Caller, m ContactMessage, r *Receipt) (Sent, error) {
	letter := d.letter(c.Organisation, User{Org: c.User.Org, Email: c.Organisation.Policy.Contact.CustomerService}, ContactMail)
	letter.ToName, letter.ReplyTo = "", c.User.Email
	letter.Data = map[string]string{
		"subject": m.Subject, "message": m.Message, "organisationName": c.Organisation.Name,
		"fromName": c.User.Name(), "fromEmail": c.User.Email, "fromUsername": c.User.Username,
	}
	sent := Sent{ID: letter.ID}
	if err := r.keep(sent); err != nil {
		return Sent{}, err
	}
	entry := d.entry(c, ContactSent, c.User)
	entry.Note = m.Subject
	return sent, d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Mails: []Mail{letter}, Receipt: r})
}
