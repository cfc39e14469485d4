package mail

import (
	"context"
	"sync"

	"github.com/caretaker/caretaker/internal/directory"
)

// shared remembers for one batch what its letters have in common: most are of one sweep or one announcement, and would each
// have whom to ask, or the text, read again.
type shared struct {
	Announcements
	Helpers
	mu    sync.Mutex // held while something is read, so that those who send side by side read it once
	texts map[directory.AnnouncementKey]map[string]string
	lines map[directory.Slug]string
}

// forBatch is the delivery with a memory that ends with the batch.
func (d *Delivery) forBatch() *Delivery {
	s := &shared{
		Announcements: d.Announcements, Helpers: d.Helpers,
		texts: map[directory.AnnouncementKey]map[string]string{}, lines: map[directory.Slug]string{},
	}
	batch := *d
	if d.Announcements != nil {
		batch.Announcements = s
	}
	if d.Helpers != nil {
		batch.Helpers = s
	}
	return &batch
}

// Announced implements Announcements.
func (s *shared) Announced(ctx context.Context, k directory.AnnouncementKey) (map[string]string, error) {
	return once(&s.mu, s.texts, k, func() (map[string]string, error) { return s.Announcements.Announced(ctx, k) })
}

// HelpersLine implements Helpers.
func (s *shared) HelpersLine(ctx context.Context, org directory.Slug) (string, error) {
	return once(&s.mu, s.lines, org, func() (string, error) { return s.Helpers.HelpersLine(ctx, org) })
}

// once reads what is not known yet; a failure is not remembered.
func once[K comparable, V any](mu *sync.Mutex, known map[K]V, key K, read func() (V, error)) (V, error) {
	mu.Lock()
	defer mu.Unlock()
	if v, ok := known[key]; ok {
		return v, nil
	}
	v, err := read()
	if err == nil {
		known[key] = v
	}
	return v, err
}
