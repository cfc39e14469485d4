package directory

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
)

// TicketKind says what a ticket is for.
type TicketKind string

// What tickets are for.
const (
	TicketFederation TicketKind = "federation" // a sign-in at an identity provider, under way
	TicketPasskey    TicketKind = "passkey"    // a challenge that a passkey has to answer
	TicketTOTP       TicketKind = "totp"       // a TOTP secret that was shown and not confirmed yet
	TicketDigest     TicketKind = "digest"     // how far a week's digests are written
	TicketOptOut     TicketKind = "optOut"     // a mail's link by which general mails are declined; lives longer, and is not used up
)

// TicketLife is how long a ticket is good for: as long as it takes to find one's telephone and install an app.
const TicketLife = 10 * time.Minute

// Ticket is something that is begun in one request and ended in another: short-lived, and used once.
type Ticket struct {
	Kind    TicketKind
	ID      string
	Org     Slug
	User    UserID    // "" before it is known who comes
	Session SessionID // "" for who is not signed in
	// Binding is the hash of what only the browser that began it has; nil where a session says so.
	Binding []byte
	Data    []byte
	Until   time.Time
	Version int64
}

// ticketID makes an id of something secret or random, so that the store does not hold it.
func ticketID(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// presented looks at a ticket, which what comes of it has to spend. It returns otherwise when there is none, or it is too old.
func (d *Directory) presented(ctx context.Context, kind TicketKind, id string, otherwise error) (Ticket, error) {
	t, err := d.Store.Ticket(ctx, kind, id)
	if errors.Is(err, ErrNotFound) || err == nil && !d.Now().Before(t.Until) {
		return Ticket{}, otherwise
	}
	return t, err
}

// void spends a ticket of which nothing came, so that there is one try for each, and returns why nothing did. If it cannot be
// spent now it ends by itself.
func (d *Directory) void(ctx context.Context, t Ticket, why error) error {
	if !unknown(why) {
		_ = d.Store.SpendTicket(ctx, t)
	}
	return why
}
