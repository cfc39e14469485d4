package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
)

// defaultLimit bounds the memory of a long demonstration: about 50 MB of mails.
const defaultLimit = 10_000

// Config says how an Inbox keeps its mails.
type Config struct {
	// Now gives the time of sending. It is required.
	Now func() time.Time
	// Limit is how many mails are kept, 10,000 if it is 0; the oldest go first.
	Limit int
	// File keeps the mails over a restart, as lines of JSON; "" keeps them in memory alone.
	File string
}

// Inbox is a mail.Sender that keeps the mails. It is safe for concurrent use.
type Inbox struct {
	config Config

	mu     sync.Mutex
	sent   []Received // oldest first
	log    *journal   // nil without a file
	refuse func(mail.Message) error
}

var _ Box = (*Inbox)(nil)

// Open returns the inbox with the mails that its file has kept. It fails when the file cannot be read or written.
func Open(c Config) (*Inbox, error) {
	if c.Now == nil {
		return nil, errors.New("inbox: no clock")
	}
	if c.Limit == 0 {
		c.Limit = defaultLimit
	}
	b := &Inbox{config: c}
	if c.File == "" {
		return b, nil
	}
	var err error
	if b.sent, err = readJournal(c.File); err != nil {
		return nil, fmt.Errorf("inbox: %w", err)
	}
	b.bound()
	if b.log, err = startJournal(c.File, b.sent); err != nil {
		return nil, fmt.Errorf("inbox: %w", err)
	}
	return b, nil
}

// Send keeps the mail. Beside the errors of mail.Message.Check and those of the hook it fails with Unavailable when
// ctx is done or the file cannot be written.
func (b *Inbox) Send(ctx context.Context, m mail.Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse != nil {
		if err := b.refuse(m); err != nil {
			return err
		}
	}
	return b.keep(receive(m, b.config.Now()))
}

// keep is called with the lock held. A mail that could not be written to the file is not kept at all, because the
// caller will send it again.
func (b *Inbox) keep(r Received) error {
	if b.log != nil {
		if err := b.write(r); err != nil {
			return unavailable(err)
		}
	}
	b.sent = append(b.sent, r)
	b.bound()
	return nil
}

// write adds to the file, and first clears out what it holds of mails long forgotten.
func (b *Inbox) write(r Received) error {
	if b.log.lines >= 2*b.config.Limit {
		if err := b.rewrite(b.sent); err != nil {
			return err
		}
	}
	return b.log.append(r)
}

// bound drops the oldest mails beyond the limit.
func (b *Inbox) bound() {
	b.sent = slices.Delete(b.sent, 0, max(0, len(b.sent)-b.config.Limit))
}

// rewrite makes the file hold these mails and no others; the lock is held.
func (b *Inbox) rewrite(sent []Received) error {
	log, err := startJournal(b.config.File, sent)
	if err != nil {
		return err
	}
	old := b.log
	b.log = log
	return old.close()
}

// List never fails.
func (b *Inbox) List(_ context.Context, to string) ([]Received, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return newestFirst(b.sent, to), nil
}

// Clear forgets all mails, those in the file too. It fails with Unavailable when the file cannot be written.
func (b *Inbox) Clear(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.log != nil {
		if err := b.rewrite(nil); err != nil {
			return unavailable(err)
		}
	}
	b.sent = nil
	return nil
}

// Refuse makes Send fail, and keep nothing, whenever the hook returns an error; nil ends that. The hook runs while
// the inbox is locked and must not call it.
func (b *Inbox) Refuse(hook func(mail.Message) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = hook
}

// Close closes the file. The inbox must not be used afterwards.
func (b *Inbox) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.log == nil {
		return nil
	}
	return b.log.close()
}

func unavailable(err error) error { return directory.NewUnavailable("inbox", time.Second, err) }
