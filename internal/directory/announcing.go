package directory

import (
	"context"
	"time"
)

const (
	// announceBatch is how many mails are written at a time: a Commit has at most 100 parts, one of which is the announcement.
	announceBatch = 90
	// announceLooks bounds how many pages of users are read for them, where few want the mail or organisations are small.
	announceLooks = 20
	// recipientLooks bounds those that are read to say how many will get it.
	recipientLooks = 200
	recipientPage  = 200
)

// Announce writes the next mails of an announcement as it was read, with how far that got, in one Commit. The announcement's
// own change then asks for those that follow. Where somebody else was there first it does nothing, so it may be called any
// number of times, and a crash neither loses a mail nor writes one twice.
func (d *Directory) Announce(ctx context.Context, a Announcement) error {
	var mails []Mail
	for range announceLooks {
		room := announceBatch - len(mails)
		if a.Done || room == 0 {
			break
		}
		o, users, err := d.turn(ctx, &a, room)
		if err != nil {
			return err
		}
		for _, u := range users {
			mails = append(mails, d.announcementLetter(o, u, a))
		}
	}
	a.Written, a.WrittenAt = a.Written+len(mails), d.Now()
	err := d.Store.PutAnnounced(ctx, a, mails)
	if KindOf(err) == Stale {
		return nil
	}
	return err
}

// turn reads the next accounts, at most limit, returns those of them that the announcement goes to, and moves its place on.
// They are read by username, which never changes: nobody moves past that place, or back, while the mails are written.
func (d *Directory) turn(ctx context.Context, a *Announcement, limit int) (Organisation, []User, error) {
	o, err := d.turnOf(ctx, *a)
	if KindOf(err) == NotFound { // closed since
		if a.Org != "" {
			a.At, a.Done = AnnouncedPlace{}, true
			return Organisation{}, nil, nil
		}
		a.At = AnnouncedPlace{Past: a.At.Within}
		return d.turn(ctx, a, limit)
	}
	if err != nil || o.Slug == "" {
		a.Done, a.At = err == nil, AnnouncedPlace{}
		return o, nil, err
	}
	page, err := d.Store.Users(ctx, UserQuery{Org: o.Slug, Sort: SortUsername, Limit: limit, Cursor: a.At.Cursor})
	if err != nil {
		return o, nil, err
	}
	a.Looked += len(page.Users)
	switch {
	case page.Next != "":
		a.At = AnnouncedPlace{Within: o.Slug, Cursor: page.Next}
	case a.Org == "":
		a.At = AnnouncedPlace{Past: o.Slug}
	default:
		a.At, a.Done = AnnouncedPlace{}, true
	}
	var users []User
	for _, u := range page.Users {
		if a.goesTo(u, d.Now()) {
			users = append(users, u)
		}
	}
	return o, users, nil
}

// turnOf is the organisation whose turn it is; the zero Organisation when all have had theirs.
func (d *Directory) turnOf(ctx context.Context, a Announcement) (Organisation, error) {
	switch {
	case a.Org != "":
		return d.Store.Organisation(ctx, a.Org)
	case a.At.Within != "":
		return d.Store.Organisation(ctx, a.At.Within)
	}
	page, err := d.Store.Organisations(ctx, 1, string(a.At.Past))
	if err != nil || len(page.Organisations) == 0 {
		return Organisation{}, err
	}
	return page.Organisations[0], nil
}

// goesTo tells whether a user gets the announcement: whoever has access, was there when it was sent, and did not decline.
func (a Announcement) goesTo(u User, now time.Time) bool {
	return u.Barrier(now) == NoBarrier && !u.CreatedAt.After(a.CreatedAt) &&
		u.refuses(Mail{Category: a.Category, ToEmail: u.Email}, now) == ""
}

func (d *Directory) announcementLetter(o Organisation, u User, a Announcement) Mail {
	m := d.letter(o, u, AnnouncementMail)
	m.Category, m.Announcement, m.Data = a.Category, &a.AnnouncementKey, nil
	return m
}

// Announced is the text of an announcement for a mail that is about to be sent; NotFound when its time is over.
func (d *Directory) Announced(ctx context.Context, k AnnouncementKey) (map[string]string, error) {
	a, err := d.Store.Announcement(ctx, k)
	return map[string]string{"fromName": a.From, "subject": a.Subject, "message": a.Message}, err
}

// stuckAfter is how long an announcement got no further that counts as forgotten: far longer than the change feed takes.
const stuckAfter = 15 * time.Minute

// ResumeAnnouncements writes the next mails of announcements that the change feed has left behind, at most limit of them,
// and returns how many there were.
func (d *Directory) ResumeAnnouncements(ctx context.Context, limit int) (int, error) {
	stuck, err := d.Store.Announcing(ctx, d.Now().Add(-stuckAfter), limit)
	for i, a := range stuck {
		if err := d.Announce(ctx, a); err != nil {
			return i, err
		}
	}
	return len(stuck), err
}

// Recipients is how many would get an announcement; where Exact is not set, at least so many.
type Recipients struct {
	Count int
	Exact bool
}

// CountRecipients tells how many an announcement to the caller's organisation would reach now, and sends nothing.
func (d *Directory) CountRecipients(ctx context.Context, c Caller, n NewAnnouncement) (Recipients, error) {
	a, err := d.newAnnouncement(c, n)
	if err != nil {
		return Recipients{}, err
	}
	return d.countRecipients(ctx, a)
}

// CountAllRecipients does so for an announcement to all organisations. Operators only.
func (d *Directory) CountAllRecipients(ctx context.Context, c Caller, n NewAnnouncement) (Recipients, error) {
	a, err := d.newAnnouncementToAll(c, n)
	if err != nil {
		return Recipients{}, err
	}
	return d.countRecipients(ctx, a)
}

func (d *Directory) countRecipients(ctx context.Context, a Announcement) (Recipients, error) {
	var r Recipients
	for range recipientLooks {
		_, users, err := d.turn(ctx, &a, recipientPage)
		if err != nil {
			return Recipients{}, err
		}
		r.Count += len(users)
		if a.Done {
			r.Exact = true
			break
		}
	}
	return r, nil
}
