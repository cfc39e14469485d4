package directory

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Directory is the domain's services over their ports. Its fields are set once, before use; it may then be used from
// many goroutines.
type Directory struct {
	Store       Store
	Credentials Credentials
	Presets     Presets
	Sealer      Sealer
	Hasher      Hasher
	TOTP        TOTP
	Passkeys    Passkeys
	Providers   IdentityProviders
	// Common tells whether many people have this password, or it is known from breaches.
	Common func(password string) bool
	// Product is the service's name as users know it.
	Product string
	// Now is the time that everything is judged by; Clock is the machine's own, by which a sweep ends in time.
	Now, Clock func() time.Time
	// NewID makes ids of lower-case letters and digits that sort by time.
	NewID  func() string
	Random io.Reader
	// Normal gives the canonical form of typed text (Unicode NFC), Latin its transliteration to ASCII.
	Normal, Latin func(string) string
}

// Caller is who makes a request, as far as it has been proved.
type Caller struct {
	Organisation Organisation
	User         User
	Session      Session
	// Rights are those that can be used now; while the security code is not entered, those of administration are not.
	Rights []Right
	From   Origin
	// Known says who signed in before in the same browser; Remembered, that this has changed and the cookie with it.
	Known      Known
	Remembered bool
	withheld   []Right // until the security code is entered
	token      Token
	about      map[UserID]User
	failures   *Failures   // the caller's own, where they were read with the session
	agreement  *Agreement  // that is put before the caller next, and
	setup      *TOTPSecret // the secret of an app to be set up next, where they are known already
	unnoted    bool        // that the session is used now is still to be stored
}

// Arrival is a request as it comes in.
type Arrival struct {
	Token string // the text of the cookie
	From  Origin
	Known Known
	// About are the users that the request is about; Proving tells that something that can be guessed is to be proved. Both
	// say what is read together with the session.
	About   []UserID
	Proving bool
	// Ahead is what the request will ask the store for; nil for nothing.
	Ahead func(Bearer) []Need
	// Noted tells that the request is going to note by itself that the session was used, or to end it.
	Noted bool
}

// Authenticate finds out who makes a request, and with it reads what the request needs, all in one round trip. It fails
// with NotSignedIn when there is no such session or it has ended. A challenge may still be open: see Caller.Admitted. The
// caller is to be handed to Used.
func (d *Directory) Authenticate(ctx context.Context, r Arrival) (Caller, error) {
	token, err := ParseToken(r.Token)
	if err != nil {
		return Caller{}, err
	}
	q := PresenceQuery{
		Org: token.Org, Home: token.home(), User: token.User, Session: token.session(), About: r.About, Failures: r.Proving,
	}
	if r.Ahead != nil {
		q.Ahead = r.Ahead(Bearer{Org: q.Org, Home: q.Home, User: q.User, Session: q.Session})
	}
	p, err := d.Store.Presence(ctx, q)
	if err == nil && p.Session.Version > 0 && p.Session.Epoch != p.User.SessionEpoch {
		p, err = d.Store.Presence(ctx, q) // the first look may have fallen into a Commit that changes both
	}
	if err != nil {
		return Caller{}, err
	}
	now := d.Now()
	if !p.stands(token, now) {
		return Caller{}, errNotSignedIn
	}
	c := d.caller(p.Organisation, p.User, p.Session, r.From)
	c.token, c.about, c.Known = token, p.About, r.Known
	if r.Proving {
		c.failures = &p.Failures
	}
	if now.Sub(c.Session.LastUsedAt) >= touchAfter && c.Session.Challenge() == "" {
		c.Session.LastUsedAt, c.unnoted = now, !r.Noted
	}
	return c, nil
}

// stands tells whether the token opens the session that was found, and the session is still open.
func (p Presence) stands(t Token, now time.Time) bool {
	return p.Session.Version > 0 && p.User.Version > 0 && p.Organisation.Version > 0 &&
		t.opens(p.Session) && !p.Session.over(p.User, now) && p.User.Barrier(now) == NoBarrier &&
		p.Session.visits(t, p.Organisation, now)
}

func (d *Directory) caller(o Organisation, u User, s Session, from Origin) Caller {
	p, _ := d.Presets.Preset(o.Preset)
	c := Caller{Organisation: o, User: u, Session: s, From: from}
	rights := RightsOf(p.Rights, o, u)
	if s.Visit != nil {
		rights = supportRights(p.Rights)
	}
	c.Rights, c.withheld = o.split(p.Rights, rights, s, d.Now())
	return c
}

// touchWithin is how long a request waits at its end for the note that its session was used.
const touchWithin = time.Second

// Used notes that the caller's session was used, at most once a minute and while the request goes on: wait is called when the
// rest of it is done. Nothing depends on the note: without it the session is a little nearer to its end by idling, and the next
// request notes it; where somebody else wrote the session in between, it was noted by them, or the session is gone.
func (d *Directory) Used(ctx context.Context, c Caller) (wait func()) {
	var noting sync.WaitGroup
	if c.unnoted {
		noting.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, touchWithin)
			defer cancel()
			_ = d.Store.Touch(ctx, c.Session)
		})
	}
	return noting.Wait
}

// sessionNow reads the caller's session as it is now; NotSignedIn when it has ended in between.
func (d *Directory) sessionNow(ctx context.Context, c Caller) (Session, error) {
	p, err := d.Store.Presence(ctx, PresenceQuery{
		Org: c.token.Org, Home: c.token.home(), User: c.token.User, Session: c.token.session(),
	})
	if err != nil {
		return Session{}, err
	}
	if !p.stands(c.token, d.Now()) {
		return Session{}, errNotSignedIn
	}
	return p.Session, nil
}

// Admitted fails while a challenge is open.
func (c Caller) Admitted() error {
	open := c.Session.Challenge()
	if open == "" {
		return nil
	}
	return &Error{
		Kind: Denied, Code: "challenge_pending", Facts: map[string]any{"challenge": string(open)},
		Detail: "Something has to be done first before you can go on.",
	}
}

// Sees fails with NotFound unless the user, who was asked for with the session, belongs to the caller's organisation.
func (c Caller) Sees(id UserID) error {
	if c.about[id].Version == 0 {
		return ErrNotFound
	}
	return nil
}

// Require fails unless the caller is admitted and holds the right.
func (c Caller) Require(right Right) error {
	if err := c.Admitted(); err != nil {
		return err
	}
	if slices.Contains(c.Rights, right) {
		return nil
	}
	if slices.Contains(c.withheld, right) {
		return errElevationRequired
	}
	return &Error{
		Kind: Denied, Code: "missing_right", Facts: map[string]any{"right": string(right)},
		Detail: fmt.Sprintf("Your account does not have the right %q. An administrator of %s can help.", right, c.Organisation.Name),
	}
}

// requireOperator fails unless the caller runs the platform.
func (c Caller) requireOperator() error {
	if err := c.Require(OrganisationsManage); err != nil {
		return err
	}
	if c.Organisation.Slug != OperatorSlug {
		return &Error{
			Kind: Denied, Code: "missing_right", Facts: map[string]any{"right": string(OrganisationsManage)},
			Detail: "Only the platform's operators may do this.",
		}
	}
	return nil
}

// Areas shows every area of the caller's organisation, open or closed to the caller.
func (d *Directory) Areas(c Caller) []OpenArea {
	p, _ := d.Presets.Preset(c.Organisation.Preset)
	return AreasOf(p.Areas, c.Rights, c.Organisation.Language)
}

// entry begins a line of the audit trail about a subject.
func (d *Directory) entry(c Caller, action Action, subject User) Entry {
	actor := partyOf(c.User)
	if c.User.ID == "" {
		actor = System
	}
	e := Entry{
		ID: d.NewID(), Org: subject.Org, At: d.Now(), Action: action, Actor: actor, Subject: partyOf(subject), From: c.From,
	}
	if v := c.Visit(); v != nil { // whatever it is about, it was done there
		e.Org, e.Visit = v.Org, v.ID
	}
	return e
}

// letter begins a mail to a user.
func (d *Directory) letter(o Organisation, to User, t Template) Mail {
	return Mail{
		ID: d.NewID(), Org: o.Slug, OrganisationName: o.Name, User: to.ID, ToName: to.Name(), ToEmail: to.Email,
		Template: t, Category: AccountMail, Language: cmp.Or(to.More[FieldLanguage], o.Language), CreatedAt: d.Now(),
		Data: map[string]string{
			"givenName": to.GivenName, "username": to.Username, "organisationName": o.Name, "organisation": string(o.Slug),
		},
	}
}

// clean brings one typed line into canonical form.
func (d *Directory) clean(typed string) string { return CleanLine(d.Normal(typed)) }

// user returns a user of the caller's organisation, from what was read with the session if it is there.
func (d *Directory) user(ctx context.Context, c Caller, id UserID) (User, error) {
	if u, read := c.about[id]; read && u.Version > 0 {
		return u, nil
	}
	if _, asked := c.about[id]; asked || !id.Valid() {
		return User{}, ErrNotFound
	}
	return d.Store.User(ctx, c.Organisation.Slug, id)
}

// managed returns a user that the caller may change. Whoever has rights that the caller does not is out of reach: with a new
// password, or another address, those rights would be the caller's.
func (d *Directory) managed(ctx context.Context, c Caller, id UserID) (User, error) {
	if err := c.Require(UsersManage); err != nil {
		return User{}, err
	}
	u, err := d.user(ctx, c, id)
	if err != nil || id == c.User.ID {
		return u, err
	}
	right := c.giver().lacks(RightsOf(d.Catalogue(c), c.Organisation, u))
	if right == "" {
		return u, nil
	}
	return User{}, &Error{
		Kind: Denied, Code: "missing_right", Facts: map[string]any{"right": string(right)},
		Detail: u.Name() + " has the right " + string(right) + ", which you do not have. Please ask somebody who has it.",
	}
}

// again does something with a user and, while others change the user at the same moment, with the newest state.
func (d *Directory) again(ctx context.Context, u User, do func(User) error) error {
	err := do(u)
	for range 4 {
		if KindOf(err) != Stale {
			return err
		}
		if u, err = d.Store.User(ctx, u.Org, u.ID); err != nil {
			return err
		}
		err = do(u)
	}
	return err
}

// expect fails with Stale unless the version is the one the caller saw; nil expects nothing.
func expect(seen *int64, version int64) error {
	if seen != nil && *seen != version {
		return ErrStale
	}
	return nil
}

// FoldName is the form in which usernames are compared: nobody tells "DSmit1259" from "dsmit1259" on the telephone.
func FoldName(username string) string { return strings.ToLower(strings.TrimSpace(username)) }
