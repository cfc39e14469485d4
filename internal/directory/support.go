package directory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// SupportAccess says whether the platform's support staff may enter an organisation. The organisation opens and closes it.
type SupportAccess struct {
	Until time.Time // open until then; zero: closed
	By    UserID    // who opened it
	// Number grows with every change: sessions that began under an earlier one are over.
	Number int64
}

func (a SupportAccess) open(at time.Time) bool { return at.Before(a.Until) }

// maxSupport bounds how far ahead support access may be opened.
const maxSupport = 31 * 24 * time.Hour

// VisitID names a support session.
type VisitID string

// Visit is one support session: an operator in an organisation that let support in.
type Visit struct {
	ID        VisitID // in time order
	Org       Slug
	Supporter Party
	Reason    string
	Number    int64 // of the SupportAccess that it began under
	StartedAt time.Time
	Until     time.Time
	EndedAt   time.Time // zero: not by anybody's doing
	Version   int64
}

// VisitPage is a page of support sessions.
type VisitPage struct {
	Visits []Visit
	Next   string
}

// Visit is the caller's support session; nil outside of one.
func (c Caller) Visit() *Visit { return c.Session.Visit }

// visits tells whether the token is for the organisation that the session is in, and support is still let in there.
func (s Session) visits(t Token, o Organisation, now time.Time) bool {
	if s.Visit == nil {
		return t.Home == ""
	}
	return t.Home == s.Org && s.Visit.Org == t.Org && o.Support.open(now) && s.Visit.Number == o.Support.Number
}

// supportRights are what a support session can use: all that a catalogue has, but the platform's own. What changes
// credentials is refused beside that, see ownHands.
func supportRights(catalogue []RightInfo) []Right {
	rights := []Right{}
	for _, r := range catalogue {
		if r.ID != OrganisationsManage && r.ID != SupportEnter {
			rights = append(rights, r.ID)
		}
	}
	return rights
}

var errNotForSupport = &Error{
	Kind: Denied, Code: "not_for_support", Detail: "Support staff cannot do this: it changes how somebody signs in, or is about oneself.",
}

// ownHands fails for support staff, who change nobody's credentials and have nothing of their own in an organisation, and
// while a challenge is open.
func (c Caller) ownHands() error {
	if err := c.Admitted(); err != nil {
		return err
	}
	if c.Visit() != nil {
		return errNotForSupport
	}
	return nil
}

// requireHands is Require for what changes credentials.
func (c Caller) requireHands(right Right) error {
	if err := c.Require(right); err != nil {
		return err
	}
	return c.ownHands()
}

// MayChangeCredentials fails for support staff; the HTTP interface asks before it reads a body.
func (c Caller) MayChangeCredentials() error { return c.ownHands() }

// credentialsOf is managed for what changes a user's credentials.
func (d *Directory) credentialsOf(ctx context.Context, c Caller, id UserID) (User, error) {
	if err := c.requireHands(UsersManage); err != nil {
		return User{}, err
	}
	return d.managed(ctx, c, id)
}

// ChangeSupportAccess opens the organisation to the platform's support staff until a time, or closes it (the zero time),
// which ends their sessions at once. Administrators are told. It fails with Invalid for a time that is not within the next
// month.
func (d *Directory) ChangeSupportAccess(ctx context.Context, c Caller, until time.Time) (Organisation, error) {
	if err := c.requireHands(SettingsManage); err != nil {
		return Organisation{}, err
	}
	now := d.Now()
	if !until.IsZero() && (!until.After(now) || until.After(now.Add(maxSupport))) {
		var wrong checks
		wrong.add("until", rule.WithinMonth, int(maxSupport/(24*time.Hour)))
		return Organisation{}, wrong.err()
	}
	o := c.Organisation
	action, told := SupportOpened, SupportOpenedMail
	if until.IsZero() {
		action, told = SupportClosed, SupportClosedMail
	}
	o.Support = SupportAccess{Until: until.UTC().Truncate(time.Second), By: c.User.ID, Number: o.Support.Number + 1}
	if until.IsZero() {
		o.Support.Until = time.Time{}
	}
	var writes []Write
	var mails []Mail
	err := both(
		func() (err error) { writes, err = d.endVisits(ctx, o, now); return err },
		func() (err error) {
			mails, err = d.toAdministrators(ctx, c, told, func(m *Mail) {
				m.Data["administrators"], m.Data["until"] = c.User.Name(), momentText(until, m.Language)
			})
			return err
		},
	)
	if err != nil {
		return Organisation{}, err
	}
	entry := d.entry(c, action, User{Org: o.Slug})
	entry.Note = momentText(until, "en")
	err = d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: append(writes, PutOrganisation{o}), Mails: mails})
	o.Version++
	return o, err
}

// endVisits notes that the visits under way end now.
func (d *Directory) endVisits(ctx context.Context, o Organisation, now time.Time) ([]Write, error) {
	page, err := d.Store.Visits(ctx, o.Slug, 50, "")
	if err != nil {
		return nil, err
	}
	var writes []Write
	for _, v := range page.Visits {
		if v.EndedAt.IsZero() && now.Before(v.Until) {
			v.EndedAt = now
			writes = append(writes, PutVisit{v})
		}
	}
	return writes, nil
}

// Visits lists who of the platform's support staff was in the organisation, when and why, newest first.
func (d *Directory) Visits(ctx context.Context, c Caller, limit int, cursor string) (VisitPage, error) {
	if err := c.Require(SettingsManage); err != nil {
		return VisitPage{}, err
	}
	return d.Store.Visits(ctx, c.Organisation.Slug, limit, cursor)
}

// EnterSupport begins a support session of an operator in an organisation that lets support in, for a stated reason. The
// administrators are told. It fails with NotFound, Invalid, and Conflict support_closed.
func (d *Directory) EnterSupport(ctx context.Context, c Caller, org Slug, reason string) (Caller, Token, error) {
	if err := c.requireOn(OperatorSlug, SupportEnter); err != nil {
		return Caller{}, Token{}, err
	}
	reason = d.clean(reason)
	var wrong checks
	wrong.text("reason", reason, MaxSubject, false)
	if err := wrong.err(); err != nil {
		return Caller{}, Token{}, err
	}
	if !org.Valid() || org == OperatorSlug {
		return Caller{}, Token{}, ErrNotFound
	}
	o, err := d.Store.Organisation(ctx, org)
	if err != nil {
		return Caller{}, Token{}, err
	}
	if !o.Support.open(d.Now()) {
		return Caller{}, Token{}, &Error{
			Kind: Conflict, Code: "support_closed", Detail: o.Name + " does not let support in at present. Please ask an administrator there to open it.",
		}
	}
	return d.visit(ctx, c, o, reason)
}

func (d *Directory) visit(ctx context.Context, c Caller, o Organisation, reason string) (Caller, Token, error) {
	token, err := newToken(o.Slug, c.User.ID, d.Random)
	if err != nil {
		return Caller{}, Token{}, err
	}
	token.Home = c.User.Org
	s := d.newSession(c.Organisation, c.User, token, c.Session.Method)
	s.Challenges, s.From = nil, c.From
	if o.Support.Until.Before(s.EndsAt) {
		s.EndsAt = o.Support.Until
	}
	v := Visit{
		ID: VisitID(d.NewID()), Org: o.Slug, Supporter: partyOf(c.User), Reason: reason, Number: o.Support.Number,
		StartedAt: d.Now(), Until: s.EndsAt,
	}
	s.Visit = &v
	in := d.caller(o, c.User, s, c.From)
	in.token = token
	mails, err := d.toAdministrators(ctx, in, SupportEnteredMail, func(m *Mail) {
		m.Data["supporter"], m.Data["reason"] = c.User.Name(), reason
	})
	if err != nil {
		return Caller{}, Token{}, err
	}
	entry := d.entry(in, SupportEntered, User{Org: o.Slug})
	entry.Note = reason
	err = d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{PutSession{s}, PutVisit{v}, EndSession{c.Session}}, Mails: mails})
	in.Session.Version++
	return in, token, err
}

// leave ends a support session by the one who began it.
func (d *Directory) leave(ctx context.Context, c Caller) error {
	page, err := d.Store.Visits(ctx, c.Organisation.Slug, 50, "")
	if err != nil {
		return err
	}
	writes := []Write{EndSession{c.Session}}
	i := slices.IndexFunc(page.Visits, func(v Visit) bool { return v.ID == c.Visit().ID })
	if i >= 0 && page.Visits[i].EndedAt.IsZero() {
		v := page.Visits[i]
		v.EndedAt = d.Now()
		writes = append(writes, PutVisit{v})
	}
	return d.Store.Commit(ctx, Change{Entries: []Entry{d.entry(c, SupportLeft, User{Org: c.Organisation.Slug})}, Writes: writes})
}

// requireOn fails unless the caller holds the right as a user of one organisation.
func (c Caller) requireOn(org Slug, right Right) error {
	if err := c.Require(right); err != nil {
		return err
	}
	if c.Organisation.Slug == org {
		return nil
	}
	return &Error{
		Kind: Denied, Code: "missing_right", Facts: map[string]any{"right": string(right)},
		Detail: fmt.Sprintf("Only users of the organisation %q may do this.", org),
	}
}
