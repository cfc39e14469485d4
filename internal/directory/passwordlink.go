package directory

import (
	"context"
	"crypto/hmac"
	"net/netip"
	"strconv"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// PasswordLink is what a mailed link opens: once, for a short time, the choice of a new password. A user has one at most;
// a newer one takes the place of the one before.
type PasswordLink struct {
	Org        Slug
	User       UserID
	SecretHash []byte
	// Epoch and Email are the user's when it was made: once the password, or the address, is another, it opens nothing.
	Epoch   int64
	Email   string
	Until   time.Time
	Version int64
}

// stands tells whether nothing happened to the user since that takes the link back.
func (l PasswordLink) stands(u User) bool { return l.Epoch == u.SessionEpoch && l.Email == u.Email }

// linkLife is how long a mailed link is good for.
const linkLife = time.Hour

var errLink = &Error{
	Kind: Invalid, Code: "invalid_link", Detail: "This link was used before, is older than an hour, or something has changed since, such as the password. Please ask for another mail.",
	Fields: []FieldError{{Field: "token", Broken: rule.LinkUsed.Broken()}},
}

// How many mails can be asked for: for one name, and from one address. What is beyond is answered as everything is.
var (
	linksPerName    = allowance{most: 3, window: time.Hour}
	linksPerAddress = allowance{most: 50, window: time.Hour}
)

// LinkRequest is somebody who forgot the password. One of Username and Email is given.
type LinkRequest struct {
	Org             Slug
	Username, Email string
	From            Origin
}

// RequestLink has a link mailed to whoever has the name or the address, by which to choose a new password; whose password
// is kept elsewhere, or who has no access, is mailed what to do instead. The answer, and the time it takes, is the same
// when nobody has it, and when more is asked for than is mailed.
func (d *Directory) RequestLink(ctx context.Context, r LinkRequest) error {
	var wrong checks
	name := d.clean(r.Username)
	if email := CleanEmail(d.clean(r.Email)); name == "" {
		name = email
	}
	if name == "" || len(name) > MaxEmail {
		wrong.add("username", rule.NoUsername)
	}
	if err := wrong.err(); err != nil {
		return err
	}
	o, users, err := d.forgetful(ctx, r, name)
	if err != nil || o.Slug == "" {
		return err
	}
	// Others may ask at the same instant, such as colleagues behind one address. Each round one of them was counted, so
	// after these many there is nothing left to be mailed.
	for range linksPerAddress.most + 1 {
		if err = d.askLink(ctx, o, users, name, r.From); KindOf(err) != Stale {
			return err
		}
	}
	return nil
}

// askLink counts the request and writes the mails; Stale when something else was counted at the same instant.
func (d *Directory) askLink(ctx context.Context, o Organisation, users []User, name string, from Origin) error {
	quotas, granted, err := d.grantLink(ctx, o, name, from)
	if err != nil {
		return err
	}
	change := Change{Writes: quotas, Entries: []Entry{d.linkEntry(o, users, from, granted)}}
	if granted {
		change.Mails = d.linkMails(o, users)
	}
	if len(change.Mails) == 0 {
		// What was typed is not kept: people type passwords there.
		change.Writes = append(change.Writes, PutDecoy{d.letter(o, User{Org: o.Slug}, PasswordLinkMail)})
	}
	return d.Store.Commit(ctx, change)
}

// forgetful finds the organisation and who may be meant.
func (d *Directory) forgetful(ctx context.Context, r LinkRequest, name string) (Organisation, []User, error) {
	if !r.Org.Valid() {
		return Organisation{}, nil, nil
	}
	ofName, ofAddress := linkQuotas(r.Org, name, r.From)
	needs := []Need{NeedOrganisation{r.Org}, ofName, ofAddress}
	if r.Username != "" {
		needs = append(needs, NeedName{r.Org, FoldName(name)})
	}
	if err := d.Store.Ahead(ctx, needs...); err != nil {
		return Organisation{}, nil, err
	}
	if r.Username == "" {
		o, err := d.Store.Organisation(ctx, r.Org)
		if KindOf(err) == NotFound {
			return Organisation{}, nil, nil
		}
		if err != nil {
			return Organisation{}, nil, err
		}
		users, err := d.Store.UsersByEmail(ctx, r.Org, name)
		return o, users, err
	}
	a, err := d.knock(ctx, SignIn{Org: r.Org, Username: r.Username})
	if err != nil {
		return Organisation{}, nil, err
	}
	if a.user.ID == "" {
		return a.org, nil, nil
	}
	return a.org, []User{a.user}, nil
}

// grantLink counts the request, for the name and for the network address it comes from.
func (d *Directory) grantLink(ctx context.Context, o Organisation, name string, from Origin) ([]Write, bool, error) {
	keyOfName, keyOfAddress := linkQuotas(o.Slug, name, from)
	found, err := d.Store.Quotas(ctx, keyOfName, keyOfAddress)
	if err != nil {
		return nil, false, err
	}
	ofName, waitName := linksPerName.use(found[0], d.Now())
	ofAddress, waitAddress := linksPerAddress.use(found[1], d.Now())
	return []Write{PutQuota{ofName}, PutQuota{ofAddress}}, waitName == 0 && waitAddress == 0, nil
}

// linkQuotas are what is counted for a name, and for an address.
func linkQuotas(org Slug, name string, from Origin) (ofName, ofAddress QuotaKey) {
	return QuotaKey{Org: org, What: "link", Who: guardName(name)}, QuotaKey{What: "link-from", Who: ticketID(network(from.Address))}
}

// network is what counts as one place: an IPv4 address, or the half of an IPv6 address that a household has to itself.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Is4() || a.Is4In6() {
		return address
	}
	p, _ := a.Prefix(64) // 64 is in range for every IPv6 address
	return p.String()
}

func (d *Directory) linkEntry(o Organisation, users []User, from Origin, granted bool) Entry {
	e := Entry{ID: d.NewID(), Org: o.Slug, At: d.Now(), Action: PasswordLinkAsked, Actor: Party{Org: o.Slug}, From: from}
	switch {
	case !granted:
		e.Note = "not mailed: asked for too often"
	case len(users) == 0:
		e.Note = "not mailed: nobody has this name or address"
	}
	if len(users) > 0 {
		e.Subject = partyOf(users[0])
	}
	return e
}

// linkMails says to each of the users what they can do.
func (d *Directory) linkMails(o Organisation, users []User) []Mail {
	var mails []Mail
	for _, u := range users {
		switch b := u.Barrier(d.Now()); {
		case b != NoBarrier:
			m := d.letter(o, u, PasswordLinkBarredMail)
			m.Data["state"] = string(b)
			mails = append(mails, m)
		case !o.Policy.SignIn.offers(ByPassword):
			m := d.letter(o, u, PasswordLinkFederatedMail)
			m.Data["provider"] = o.Provider.label()
			mails = append(mails, m)
		default:
			mails = append(mails, d.linkLetter(o, u, PasswordLinkMail))
		}
	}
	return mails
}

// linkLetter is a mail with a link, which is made when the mail is sent: until then there is none that could be stolen.
func (d *Directory) linkLetter(o Organisation, u User, t Template) Mail {
	m := d.letter(o, u, t)
	m.Data["minutes"] = strconv.Itoa(int(linkLife.Minutes()))
	return m
}

// IssueLink makes the link for a mail that is about to be sent. The one before is void. It fails with NotFound when the
// user is gone or has no access any more, or signs in without a password by now: then there is nothing to be sent.
func (d *Directory) IssueLink(ctx context.Context, org Slug, user UserID) (Token, error) {
	o, u, old, err := d.Store.LinkAt(ctx, org, user)
	if err != nil {
		return Token{}, err
	}
	if u.Version == 0 || u.Barrier(d.Now()) != NoBarrier || !o.Policy.SignIn.offers(ByPassword) {
		return Token{}, ErrNotFound
	}
	token, err := newToken(org, user, d.Random)
	if err != nil {
		return Token{}, err
	}
	return token, d.Store.PutLink(ctx, PasswordLink{
		Org: org, User: user, SecretHash: token.hash(), Epoch: u.SessionEpoch, Email: u.Email, Until: d.Now().Add(linkLife),
		Version: old.Version,
	})
}

// ChooseByLink sets the password that was chosen through a mailed link: the link is used up, all sessions end, a bar is
// lifted, and a mail says that it happened. A second factor is asked for at the sign-in that follows. It fails with
// invalid_link, and with Invalid, naming every broken rule; that does not use the link up.
func (d *Directory) ChooseByLink(ctx context.Context, text string, n NewPassword, from Origin) error {
	token, err := ParseToken(text)
	if err != nil || token.Home != "" {
		return errLink
	}
	if err := d.Store.Ahead(ctx, NeedLink{token.Org, token.User}, NeedOldPasswords{token.Org, token.User}); err != nil {
		return err
	}
	o, u, l, err := d.Store.LinkAt(ctx, token.Org, token.User)
	if err != nil {
		return err
	}
	if o.Version == 0 || u.Version == 0 || l.Version == 0 || !hmac.Equal(token.hash(), l.SecretHash) || !l.stands(u) ||
		!d.Now().Before(l.Until) || u.Barrier(d.Now()) != NoBarrier || !o.Policy.SignIn.offers(ByPassword) {
		return errLink
	}
	old, err := d.checkPassword(ctx, o, u, n, false)
	if err != nil {
		return err
	}
	err = d.changeCredential(ctx, u, n.Password, &l, func(i Intent) error {
		return d.again(ctx, u, func(u User) error { return d.Store.Commit(ctx, d.chosen(o, u, i, from, old)) })
	})
	if KindOf(err) == Stale {
		return errLink
	}
	return err
}

func (d *Directory) chosen(o Organisation, u User, i Intent, from Origin, old *OldPasswords) Change {
	u.takesPassword(d.Now())
	entry := Entry{
		ID: d.NewID(), Org: o.Slug, At: d.Now(), Action: PasswordChosen, Actor: partyOf(u), Subject: partyOf(u), From: from,
	}
	return Change{
		Entries: []Entry{entry}, Mails: []Mail{d.letter(o, u, PasswordChosenMail)},
		Writes: append([]Write{o.Put(u), CloseIntent{i}, ForgetFailures{u.Org, u.Guard()}}, old.writes()...),
	}
}
