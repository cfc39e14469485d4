package directory

import (
	"context"
	"slices"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// SecurityCode is what administrators enter for the administration areas (it is the same for all of them).
type SecurityCode struct {
	Hash string // "" while there is none
	// Number grows with every change: what was opened with an earlier code is closed.
	Number    int64
	ChangedAt time.Time
}

// Bounds of a security code, in characters.
const (
	minSecurityCode = 6
	maxSecurityCode = 64
)

var errElevationRequired = &Error{
	Kind: Denied, Code: "elevation_required", Detail: "Please enter the security code for the administration areas first.",
}

// Elevated tells whether the security code was entered and still counts.
func (c Caller) Elevated(now time.Time) bool { return c.Organisation.elevated(c.Session, now) }

// ElevationOpen tells whether entering the security code would open anything to the caller.
func (c Caller) ElevationOpen() bool { return len(c.withheld) > 0 }

func (o Organisation) elevated(s Session, now time.Time) bool {
	return o.SecurityCode.Hash != "" && s.Elevation == o.SecurityCode.Number && now.Before(s.ElevatedUntil)
}

// split tells the rights that can be used now from those that wait for the security code.
func (o Organisation) split(catalogue []RightInfo, rights []Right, s Session, now time.Time) (open, withheld []Right) {
	if o.SecurityCode.Hash == "" || o.elevated(s, now) || s.Visit != nil {
		return rights, nil
	}
	open = []Right{}
	for _, r := range rights {
		if info := findRight(catalogue, r); info != nil && info.IsAdministrative() {
			withheld = append(withheld, r)
		} else {
			open = append(open, r)
		}
	}
	return open, withheld
}

// Elevate opens the administration areas for a time to whoever enters the security code. It fails with
// wrong_security_code, with Locked after too many of them, and with Conflict no_security_code where there is none.
func (d *Directory) Elevate(ctx context.Context, c Caller, code string) (Caller, error) {
	if err := c.ownHands(); err != nil {
		return c, err
	}
	if c.Organisation.SecurityCode.Hash == "" {
		return c, &Error{Kind: Conflict, Code: "no_security_code", Detail: c.Organisation.Name + " has no security code; nothing has to be entered."}
	}
	a, err := d.elevation(ctx, c)
	if err != nil {
		return c, err
	}
	if b := a.bar(d.Now()); b != nil {
		return c, d.barred(ctx, a.org, b)
	}
	right, err := d.Hasher.Matches(ctx, c.Organisation.SecurityCode.Hash, d.Normal(code))
	if err != nil {
		return c, err
	}
	if !right {
		return c, d.fail(ctx, a, errWrongSecurityCode, nil)
	}
	a.reload = d.refreshing(&c)
	err = d.conclude(ctx, a, func() error {
		c.Session.ElevatedUntil = d.Now().Add(time.Duration(c.Organisation.Policy.Sessions.ElevationMinutes) * time.Minute)
		c.Session.Elevation = c.Organisation.SecurityCode.Number
		return d.Store.Commit(ctx, Change{
			Entries: []Entry{d.entry(c, ElevationOpened, c.User)},
			Writes:  []Write{PutSession{c.Session}, SpendFailures{a.failures}},
		})
	})
	if err != nil {
		return c, err
	}
	after := d.caller(c.Organisation, c.User, c.Session, c.From)
	after.Session.Version++
	after.token, after.about, after.Known = c.token, c.about, c.Known
	return after, nil
}

var errWrongSecurityCode = &Error{
	Kind: Invalid, Code: "wrong_security_code", Detail: "The security code is not right.",
	Fields: []FieldError{{Field: "securityCode", Broken: rule.SecurityCodeWrong.Broken()}},
}

// ElevationGuard is what failures at the security code are counted under.
func ElevationGuard(u UserID) string { return "elevation-" + string(u) }

// elevation is an attempt at the security code, counted for the user and apart from passwords.
func (d *Directory) elevation(ctx context.Context, c Caller) (*attempt, error) {
	a := &attempt{
		org: c.Organisation, user: c.User, guard: ElevationGuard(c.User.ID), from: c.From, failing: ElevationFailed,
	}
	if a.org.Policy.SignIn.Lockout.Minutes == 0 {
		a.org.Policy.SignIn.Lockout.Minutes = 15 // nobody may be there to unlock it
	}
	var err error
	a.failures, err = d.Store.Failures(ctx, a.org.Slug, a.guard)
	return a, err
}

// Lower closes the administration areas again.
func (d *Directory) Lower(ctx context.Context, c Caller) error {
	if err := c.ownHands(); err != nil {
		return err
	}
	c.Session.ElevatedUntil = time.Time{}
	return d.Store.Touch(ctx, c.Session)
}

// ChangeSecurityCode sets the code anew; what was opened with the earlier one closes, but for the caller. The other
// administrators are told that it changed, never what it is. "" takes the code away. It fails with Invalid.
func (d *Directory) ChangeSecurityCode(ctx context.Context, c Caller, code string) error {
	if err := c.requireHands(SettingsManage); err != nil {
		return err
	}
	o := c.Organisation
	hash, err := d.hashCode(ctx, o, code)
	if err != nil {
		return err
	}
	o.SecurityCode = SecurityCode{Hash: hash, Number: o.SecurityCode.Number + 1, ChangedAt: d.Now()}
	mails, err := d.toAdministrators(ctx, c, SecurityCodeChangedMail, func(m *Mail) { m.Data["changedBy"] = c.User.Name() })
	if err != nil {
		return err
	}
	entry := d.entry(c, SecurityCodeChanged, User{Org: o.Slug})
	if hash == "" {
		entry.Note = "taken away"
	} else {
		c.Session.Elevation = o.SecurityCode.Number
		c.Session.ElevatedUntil = d.Now().Add(time.Duration(o.Policy.Sessions.ElevationMinutes) * time.Minute)
	}
	return d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{PutOrganisation{o}, PutSession{c.Session}}, Mails: mails})
}

func (d *Directory) hashCode(ctx context.Context, o Organisation, typed string) (string, error) {
	code := d.Normal(typed)
	if code == "" {
		return "", nil
	}
	var wrong checks
	wrong.text("securityCode", code, maxSecurityCode, false)
	if len([]rune(code)) < minSecurityCode {
		wrong.add("securityCode", rule.PasswordShort, minSecurityCode)
	}
	if d.Common(code) {
		wrong.add("securityCode", rule.SecurityCodeCommon)
	}
	if err := wrong.err(); err != nil {
		return "", err
	}
	if o.SecurityCode.Hash != "" {
		same, err := d.Hasher.Matches(ctx, o.SecurityCode.Hash, code)
		if err != nil {
			return "", err
		}
		if same {
			wrong.add("securityCode", rule.SecurityCodeSame)
		}
	}
	if err := wrong.err(); err != nil {
		return "", err
	}
	return d.Hasher.Hash(ctx, code)
}

// toAdministrators addresses a mail to every active administrator of the caller's organisation but the caller.
func (d *Directory) toAdministrators(ctx context.Context, c Caller, t Template, fill func(*Mail)) ([]Mail, error) {
	all, err := d.Store.Administrators(ctx, c.Organisation.Slug)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(u User) bool { return u.ID == c.User.ID || u.Barrier(d.Now()) != NoBarrier })
	return d.letters(c.Organisation, all, t, fill), nil
}

func (d *Directory) letters(o Organisation, to []User, t Template, fill func(*Mail)) []Mail {
	mails := make([]Mail, len(to))
	for i, u := range to {
		mails[i] = d.letter(o, u, t)
		fill(&mails[i])
	}
	return mails
}
