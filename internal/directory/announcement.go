package directory

import (
	"context"
	"strings"
	"time"
)

// AnnouncementKey names an announcement. Org is whose users it goes to; "" is for those of all organisations.
type AnnouncementKey struct {
	Org Slug
	ID  string // in time order
}

// Announcement is what a person writes to many. Its mails are written by and by, so many at a time as go into one Commit
// with how far that got.
type Announcement struct {
	AnnouncementKey
	Category         MailCategory
	Subject, Message string
	From             string // who writes, as readers are told
	By               UserID
	CreatedAt        time.Time
	// Accounts is how many there were to be looked at when it was sent; 0 where that is not known.
	Accounts int
	// Looked is how many accounts were looked at so far, Written how many mails were written.
	Looked, Written int
	// At is where the writing goes on; WrittenAt is when it got there.
	At        AnnouncedPlace
	WrittenAt time.Time
	Done      bool
	Version   int64
}

// AnnouncedPlace is where the writing of an announcement goes on: in the organisation Within, after the user that the cursor
// says; or, where Within is "", with the first organisation behind Past.
type AnnouncedPlace struct {
	Within, Past Slug
	Cursor       string
}

// AnnouncementPage is a page of announcements.
type AnnouncementPage struct {
	Announcements []Announcement
	Next          string
}

// AnnouncementKept is how long an announcement is kept: as long as the opt-outs of its mails can be used.
const AnnouncementKept = optOutLife

// NewAnnouncement is one to be sent.
type NewAnnouncement struct {
	Category         MailCategory
	Subject, Message string
}

// announcementsADay is how many an organisation may send: a mistake, or a stolen session, is not to use up the good name of
// the sender that all organisations share.
var announcementsADay = allowance{most: 20, window: 24 * time.Hour}

// AnnouncementQuota names what an organisation, or with "" the platform, sent.
func AnnouncementQuota(org Slug) QuotaKey { return QuotaKey{Org: org, What: "announcements"} }

// SendAnnouncement writes to the users of the caller's organisation. It fails with Invalid, and with Throttled.
func (d *Directory) SendAnnouncement(ctx context.Context, c Caller, n NewAnnouncement, o Once) (Announcement, error) {
	a, err := d.newAnnouncement(c, n)
	if err != nil {
		return Announcement{}, err
	}
	return once(ctx, d, c, "announcement", o, func(r *Receipt) (Announcement, error) { return d.announce(ctx, c, a, r) })
}

// newAnnouncement is one to the caller's own organisation.
func (d *Directory) newAnnouncement(c Caller, n NewAnnouncement) (Announcement, error) {
	if err := c.requireHands(AnnouncementsSend); err != nil {
		return Announcement{}, err
	}
	a := Announcement{AnnouncementKey: AnnouncementKey{Org: c.Organisation.Slug}, From: c.User.Name()}
	return d.fill(c, a, n, ServiceMail, NewsMail)
}

// SendToAll writes to the users of all organisations, in the name of the platform. Operators only.
func (d *Directory) SendToAll(ctx context.Context, c Caller, n NewAnnouncement, o Once) (Announcement, error) {
	a, err := d.newAnnouncementToAll(c, n)
	if err != nil {
		return Announcement{}, err
	}
	return once(ctx, d, c, "announcementToAll", o, func(r *Receipt) (Announcement, error) { return d.announce(ctx, c, a, r) })
}

func (d *Directory) newAnnouncementToAll(c Caller, n NewAnnouncement) (Announcement, error) {
	if err := c.requireOperator(); err != nil {
		return Announcement{}, err
	}
	return d.fill(c, Announcement{From: c.Organisation.Name}, n, ServiceMail, NewsMail, NewsletterMail)
}

// fill checks what was typed, and fills an announcement with it.
func (d *Directory) fill(c Caller, a Announcement, n NewAnnouncement, allowed ...MailCategory) (Announcement, error) {
	a.Category, a.By, a.CreatedAt = n.Category, c.User.ID, d.Now()
	a.Subject, a.Message = d.clean(n.Subject), d.cleanText(n.Message)
	var wrong checks
	names := make([]string, len(allowed))
	for i, category := range allowed {
		names[i] = string(category)
	}
	wrong.oneOf("category", string(a.Category), names...)
	wrong.text("subject", a.Subject, MaxSubject, false)
	wrong.text("body", a.Message, MaxMessage, true)
	return a, wrong.err()
}

// cleanText brings typed lines into canonical form.
func (d *Directory) cleanText(typed string) string {
	return d.Normal(strings.TrimSpace(strings.ReplaceAll(typed, "\r\n", "\n")))
}

// announce stores an announcement, counted; another one at the same instant makes it count anew.
func (d *Directory) announce(ctx context.Context, c Caller, a Announcement, r *Receipt) (Announcement, error) {
	a.ID, a.WrittenAt = d.NewID(), a.CreatedAt
	var err error
	if a.Accounts, err = d.accounts(ctx, a.Org); err != nil {
		return Announcement{}, err
	}
	if err := r.keep(a); err != nil {
		return Announcement{}, err
	}
	for range announcementsADay.most + 1 {
		if err = d.storeAnnouncement(ctx, c, a, r); KindOf(err) != Stale {
			break
		}
	}
	a.Version++
	return a, err
}

func (d *Directory) storeAnnouncement(ctx context.Context, c Caller, a Announcement, r *Receipt) error {
	found, err := d.Store.Quotas(ctx, AnnouncementQuota(a.Org))
	if err != nil {
		return err
	}
	used, wait := announcementsADay.use(found[0], d.Now())
	if wait > 0 {
		return &Error{
			Kind: Throttled, Code: "too_many_requests", RetryAfter: wait,
			Detail: "Too many announcements were sent within a day. Please wait before you send another one.",
		}
	}
	entry := d.entry(c, AnnouncementSent, User{Org: c.Organisation.Slug})
	entry.After = map[string]string{"announcement": a.ID, "category": string(a.Category), "subject": a.Subject}
	if a.Org == "" {
		entry.Note = "to the users of all organisations"
	}
	return d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{PutAnnouncement{a}, PutQuota{used}}, Receipt: r})
}

// accounts is how many accounts an organisation has that are not archived; 0 for all organisations, where nobody counts them.
func (d *Directory) accounts(ctx context.Context, org Slug) (int, error) {
	if org == "" {
		return 0, nil
	}
	page, err := d.Store.Users(ctx, UserQuery{Org: org, Sort: SortUsername, Limit: 1})
	if err != nil || page.Total == nil {
		return 0, err
	}
	return *page.Total, nil
}

// Announcement reads one of the caller's organisation; NotFound.
func (d *Directory) Announcement(ctx context.Context, c Caller, id string) (Announcement, error) {
	if err := c.Require(AnnouncementsSend); err != nil {
		return Announcement{}, err
	}
	return d.announcement(ctx, AnnouncementKey{Org: c.Organisation.Slug, ID: id})
}

// AnnouncementToAll reads one to all organisations. Operators only.
func (d *Directory) AnnouncementToAll(ctx context.Context, c Caller, id string) (Announcement, error) {
	if err := c.requireOperator(); err != nil {
		return Announcement{}, err
	}
	return d.announcement(ctx, AnnouncementKey{ID: id})
}

func (d *Directory) announcement(ctx context.Context, k AnnouncementKey) (Announcement, error) {
	if !UserID(k.ID).Valid() { // ids are of one form
		return Announcement{}, ErrNotFound
	}
	return d.Store.Announcement(ctx, k)
}

// Announcements lists those of the caller's organisation, newest first.
func (d *Directory) Announcements(ctx context.Context, c Caller, limit int, cursor string) (AnnouncementPage, error) {
	if err := c.Require(AnnouncementsSend); err != nil {
		return AnnouncementPage{}, err
	}
	return d.Store.Announcements(ctx, c.Organisation.Slug, limit, cursor)
}

// AnnouncementsToAll lists those to all organisations, newest first. Operators only.
func (d *Directory) AnnouncementsToAll(ctx context.Context, c Caller, limit int, cursor string) (AnnouncementPage, error) {
	if err := c.requireOperator(); err != nil {
		return AnnouncementPage{}, err
	}
	return d.Store.Announcements(ctx, "", limit, cursor)
}
