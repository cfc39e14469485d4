package directory

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// ProviderSetup is an organisation's OpenID provider, as its administrators set it up.
type ProviderSetup struct {
	Label    string // on the button, such as "UNI-Login"
	Issuer   string
	ClientID string
	Secret   []byte // the client's, sealed; nil for a public client
	Claim    string // names the user, such as "preferred_username"
	Match    MatchKind
	Domains  []string // of verified email addresses; empty: any, also none
}

// MatchKind says what the provider's claim is compared with.
type MatchKind string

// What the claim is compared with.
const (
	MatchUsername MatchKind = "username"
	MatchEmail    MatchKind = "email" // verified by the provider, and of one user only
)

// ProviderChange is a setup with the client's secret in the clear; nil keeps the one there is.
type ProviderChange struct {
	ProviderSetup
	ClientSecret *string
}

func (p *ProviderSetup) label() string {
	if p == nil {
		return ""
	}
	return p.Label
}

// keptElsewhere says that there is no password to be changed here.
func (o Organisation) keptElsewhere() *Error {
	return &Error{
		Kind: Conflict, Code: "password_kept_elsewhere",
		Detail: "You sign in through " + o.Provider.label() + ". The password is kept there and cannot be used or changed here.",
	}
}

var errMethodNotOffered = &Error{Kind: Conflict, Code: "method_not_offered", Detail: "This organisation does not offer to sign in this way."}

// SetProvider sets the organisation's OpenID provider up; nil takes it away. The provider is asked whether it can be used.
// It fails with Invalid, and with ErrProviderMisconfigured.
func (d *Directory) SetProvider(ctx context.Context, c Caller, ch *ProviderChange) (Organisation, error) {
	if err := c.requireHands(SettingsManage); err != nil {
		return Organisation{}, err
	}
	o := c.Organisation
	setup, err := d.checkProvider(ctx, o, ch)
	if err != nil {
		return Organisation{}, err
	}
	entry := d.entry(c, IdentityProviderChange, User{Org: o.Slug})
	entry.Before, entry.After = o.Provider.told(), setup.told()
	o.Provider = setup
	err = d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{PutOrganisation{o}}})
	o.Version++
	return o, err
}

func (p *ProviderSetup) told() map[string]string {
	if p == nil {
		return nil
	}
	return map[string]string{
		"label": p.Label, "issuer": p.Issuer, "clientId": p.ClientID, "claim": p.Claim, "match": string(p.Match),
		"domains": strings.Join(p.Domains, ", "),
	}
}

func (d *Directory) checkProvider(ctx context.Context, o Organisation, ch *ProviderChange) (*ProviderSetup, error) {
	var c checks
	if ch == nil {
		if o.Policy.SignIn.offers(ByFederated) {
			c.add("issuer", rule.ProviderInUse)
		}
		return nil, c.err()
	}
	p := ch.ProviderSetup
	p.Label, p.ClientID, p.Claim = d.clean(p.Label), d.clean(p.ClientID), d.clean(p.Claim)
	p.Domains = cleanDomains(p.Domains)
	c.text("label", p.Label, MaxName, false)
	c.text("issuer", p.Issuer, maxLogo, false)
	c.text("clientId", p.ClientID, MaxEmail, false)
	c.text("claim", p.Claim, MaxName, false)
	c.oneOf("match", string(p.Match), string(MatchUsername), string(MatchEmail))
	for i, domain := range p.Domains {
		if !validEmail("a@" + domain) {
			c.add(fmt.Sprintf("domains[%d]", i), rule.Domain)
		}
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return d.trySetup(ctx, o, p, ch.ClientSecret)
}

func cleanDomains(typed []string) []string {
	cleaned := []string{}
	for _, t := range typed {
		cleaned = append(cleaned, strings.ToLower(CleanLine(strings.TrimPrefix(t, "@"))))
	}
	slices.Sort(cleaned)
	return slices.Compact(cleaned)
}

// trySetup seals the secret and asks the provider whether it can be used.
func (d *Directory) trySetup(ctx context.Context, o Organisation, p ProviderSetup, secret *string) (*ProviderSetup, error) {
	asked := Provider{Issuer: p.Issuer, ClientID: p.ClientID, Claim: p.Claim}
	switch {
	case secret == nil && o.Provider != nil && o.Provider.Issuer == p.Issuer && o.Provider.ClientID == p.ClientID:
		p.Secret = o.Provider.Secret
		asked.ClientSecret = "kept" // what it is does not matter here, only that there is one
	case secret != nil && *secret != "":
		asked.ClientSecret = *secret
		var err error
		if p.Secret, err = d.Sealer.Seal(ctx, sealLabel("provider", o.Slug, p.Issuer), []byte(*secret)); err != nil {
			return nil, err
		}
	}
	err := d.Providers.Check(ctx, asked)
	if misconfigured, ok := errors.AsType[*Error](err); ok && errors.Is(err, ErrProviderMisconfigured) {
		var c checks
		c.add("issuer", rule.ProviderUnusable, misconfigured.Detail)
		return nil, errors.Join(c.err(), err)
	}
	return &p, err
}

// provider opens what the setup has sealed.
func (d *Directory) provider(ctx context.Context, o Organisation) (Provider, error) {
	if o.Provider == nil || !o.Policy.SignIn.offers(ByFederated) {
		return Provider{}, errMethodNotOffered
	}
	p := Provider{Issuer: o.Provider.Issuer, ClientID: o.Provider.ClientID, Claim: o.Provider.Claim}
	if len(o.Provider.Secret) == 0 {
		return p, nil
	}
	secret, err := d.Sealer.Open(ctx, sealLabel("provider", o.Slug, p.Issuer), o.Provider.Secret)
	p.ClientSecret = string(secret)
	return p, err
}

// Departure is a browser on its way to an identity provider. Binding is for a cookie of that browser: whoever comes back
// without it did not leave from there.
type Departure struct{ Address, Binding string }

// BeginFederated sends a browser to the organisation's identity provider. It fails with NotFound and with Conflict
// method_not_offered.
func (d *Directory) BeginFederated(ctx context.Context, org Slug) (Departure, error) {
	if !org.Valid() {
		return Departure{}, ErrNotFound
	}
	o, err := d.Store.Organisation(ctx, org)
	if err != nil {
		return Departure{}, err
	}
	p, err := d.provider(ctx, o)
	if err != nil {
		return Departure{}, err
	}
	var secrets [4]string
	for i := range secrets {
		if secrets[i], err = pick(d.Random, tokenAlphabet, 43); err != nil { // 43 characters: RFC 7636, 4.1
			return Departure{}, err
		}
	}
	f := Flow{State: secrets[0], Nonce: secrets[1], Verifier: secrets[2]}
	address, err := d.Providers.Begin(ctx, p, f)
	if err != nil {
		return Departure{}, err
	}
	data, err := json.Marshal(f)
	if err != nil {
		return Departure{}, fmt.Errorf("keep a sign-in under way: %w", err)
	}
	sealed, err := d.Sealer.Seal(ctx, sealLabel("flow", org, ticketID(f.State)), data)
	if err != nil {
		return Departure{}, err
	}
	return Departure{Address: address, Binding: secrets[3]}, d.Store.PutTicket(ctx, Ticket{
		Kind: TicketFederation, ID: ticketID(f.State), Org: org, Binding: []byte(ticketID(secrets[3])), Data: sealed,
		Until: d.Now().Add(TicketLife),
	})
}

const tokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// Return is a browser that comes back from an identity provider.
type Return struct {
	State, Code, Issuer string
	Binding             string // of the cookie
	Known               Known
	Former              string // see SignIn
	From                Origin
}

// FinishFederated begins a session for whom the identity provider vouches. The organisation is returned as far as it is
// known, also with an error. It fails with ErrIdentityRefused, also for a sign-in that was begun in another browser or
// finished before, and with Denied for whoever has no access.
func (d *Directory) FinishFederated(ctx context.Context, r Return) (Slug, Caller, Token, error) {
	t, err := d.presented(ctx, TicketFederation, ticketID(r.State), ErrIdentityRefused)
	if err != nil {
		return "", Caller{}, Token{}, err
	}
	var o Organisation
	err = both(
		func() error { return d.Store.SpendTicket(ctx, t) },
		func() (err error) { o, err = d.Store.Organisation(ctx, t.Org); return err },
	)
	if KindOf(err) == Stale {
		return "", Caller{}, Token{}, ErrIdentityRefused
	}
	if err != nil {
		return t.Org, Caller{}, Token{}, err
	}
	if !hmac.Equal([]byte(ticketID(r.Binding)), t.Binding) {
		return t.Org, Caller{}, Token{}, ErrIdentityRefused
	}
	identity, err := d.vouched(ctx, o, t, r)
	if err != nil {
		return t.Org, Caller{}, Token{}, err
	}
	c, token, err := d.enterFederated(ctx, o, identity, r)
	return t.Org, c, token, err
}

// vouched asks the provider who it is.
func (d *Directory) vouched(ctx context.Context, o Organisation, t Ticket, r Return) (Identity, error) {
	p, err := d.provider(ctx, o)
	if err != nil {
		return Identity{}, err
	}
	data, err := d.Sealer.Open(ctx, sealLabel("flow", t.Org, t.ID), t.Data)
	if err != nil {
		return Identity{}, err
	}
	var f Flow
	if err := json.Unmarshal(data, &f); err != nil {
		return Identity{}, fmt.Errorf("read a sign-in under way: %w", err)
	}
	f.Issuer = r.Issuer
	return d.Providers.Finish(ctx, p, f, r.Code)
}

func (d *Directory) enterFederated(ctx context.Context, o Organisation, i Identity, r Return) (Caller, Token, error) {
	u, err := d.identified(ctx, o, i)
	if err != nil {
		return Caller{}, Token{}, err
	}
	linked := LinkedIdentity{Issuer: o.Provider.Issuer, Subject: i.Subject}
	if u.ID == "" || u.Identity != nil && *u.Identity != linked {
		return Caller{}, Token{}, d.refuseIdentity(ctx, o, u, r.From)
	}
	a := &attempt{org: o, user: u, guard: u.Guard(), from: r.From, known: r.Known, former: r.Former, sure: true}
	if u.Identity == nil {
		if err := d.linkIdentity(ctx, a, linked); err != nil {
			return Caller{}, Token{}, err
		}
	}
	return d.begin(ctx, a, ByFederated, "")
}

// identified finds the user that the identity names; the zero User if there is none, or several.
func (d *Directory) identified(ctx context.Context, o Organisation, i Identity) (User, error) {
	if !o.Provider.inDomains(i) {
		return User{}, nil
	}
	if o.Provider.Match == MatchUsername {
		a, err := d.knock(ctx, SignIn{Org: o.Slug, Username: i.Name})
		if err != nil {
			return User{}, err
		}
		return a.user, nil
	}
	if !i.EmailVerified || !strings.EqualFold(i.Name, i.Email) {
		return User{}, nil
	}
	users, err := d.Store.UsersByEmail(ctx, o.Slug, CleanEmail(i.Email))
	if err != nil || len(users) != 1 {
		return User{}, err
	}
	return users[0], nil
}

// inDomains tells whether the identity is of one of the domains that the organisation lets in.
func (p *ProviderSetup) inDomains(i Identity) bool {
	if len(p.Domains) == 0 {
		return true
	}
	_, domain, _ := strings.Cut(i.Email, "@")
	return i.EmailVerified && slices.Contains(p.Domains, strings.ToLower(domain))
}

func (d *Directory) refuseIdentity(ctx context.Context, o Organisation, u User, from Origin) error {
	e := Entry{ID: d.NewID(), Org: o.Slug, At: d.Now(), Action: IdentityRefused, Actor: partyOf(u), Subject: partyOf(u), From: from}
	e.Note = "the identity provider knows this account as another person"
	if u.ID == "" {
		e.Note = "the identity provider named nobody who has an account here"
	}
	if err := d.Store.Commit(ctx, Change{Entries: []Entry{e}}); err != nil {
		return err
	}
	return ErrIdentityRefused
}

// linkIdentity notes whom the provider knows the user as. From then on nobody else comes in under the same name, even if the
// provider gives it to another person.
func (d *Directory) linkIdentity(ctx context.Context, a *attempt, linked LinkedIdentity) error {
	if a.user.Barrier(d.Now()) != NoBarrier {
		return nil // begin says so
	}
	return d.again(ctx, a.user, func(u User) error {
		u.Identity = &linked
		e := Entry{ID: d.NewID(), Org: u.Org, At: d.Now(), Action: IdentityLinked, Actor: partyOf(u), Subject: partyOf(u), From: a.from}
		told := d.letter(a.org, u, IdentityLinkedMail)
		told.Data["provider"] = a.org.Provider.label()
		err := d.Store.Commit(ctx, Change{Entries: []Entry{e}, Writes: []Write{a.org.Put(u)}, Mails: []Mail{told}})
		u.Version++
		a.user = u
		return err
	})
}

// Unlink forgets whom the identity provider knows a user as, so that the next person it names so is the user. It fails with
// NotFound.
func (d *Directory) Unlink(ctx context.Context, c Caller, id UserID) (User, error) {
	u, err := d.credentialsOf(ctx, c, id)
	if err != nil {
		return User{}, err
	}
	return d.changing(ctx, u, nil, func(u User) (User, error) {
		if u.Identity == nil {
			return u, nil
		}
		u.Identity = nil
		u.endSessions()
		err := d.Store.Commit(ctx, Change{Entries: []Entry{d.entry(c, IdentityUnlinked, u)}, Writes: []Write{c.Organisation.Put(u)}})
		u.Version++
		return u, err
	})
}
