package directory

import "context"

// Communications are the general mails that a user wants. They are under the user's own control: administrators see them
// and cannot change them.
type Communications struct {
	News       bool // tutorials and news about the service
	Newsletter bool
	Digest     bool // the weekly mail to administrators, for whoever is one
}

// newcomerWants is what a new user gets until they say otherwise: news and the digest carry an opt-out, the newsletter is asked for.
var newcomerWants = Communications{News: true, Digest: true}

// CommunicationsChange is which general mails a user wants from now on. Digest is nil where nothing was said of it.
type CommunicationsChange struct {
	News, Newsletter bool
	Digest           *bool
}

func (ch CommunicationsChange) applyTo(w Communications) Communications {
	w.News, w.Newsletter = ch.News, ch.Newsletter
	if ch.Digest != nil {
		w.Digest = *ch.Digest
	}
	return w
}

// includes tells whether general mails of this category are wanted.
func (c Communications) includes(general MailCategory) bool {
	return general == NewsMail && c.News || general == NewsletterMail && c.Newsletter
}

// without is what is wanted once general mails of this category are not.
func (c Communications) without(general MailCategory) Communications {
	switch general {
	case NewsMail:
		c.News = false
	case NewsletterMail:
		c.Newsletter = false
	default:
	}
	return c
}

// ChangeCommunications sets which general mails the caller gets.
func (d *Directory) ChangeCommunications(ctx context.Context, c Caller, ch CommunicationsChange) (Communications, error) {
	if err := c.ownHands(); err != nil {
		return Communications{}, err
	}
	var wants Communications
	err := d.again(ctx, c.User, func(was User) error {
		u := was
		u.Wants = ch.applyTo(was.Wants)
		wants = u.Wants
		_, err := d.storeChange(ctx, c, was, u)
		return err
	})
	return wants, err
}
