package directory

import (
	"context"
	"encoding/json"
	"slices"
)

// MaxPasskeys bounds the passkeys of one user: a telephone, a computer, a key ring, and some more.
const MaxPasskeys = 10

func ownerOf(u User, f Factors) PasskeyOwner {
	return PasskeyOwner{ID: u.ID, Username: u.Username, Name: u.Name(), Passkeys: f.Passkeys}
}

// challengeIn reads the challenge out of options.
func challengeIn(options json.RawMessage) (string, error) {
	var o struct {
		Challenge string `json:"challenge"`
	}
	err := json.Unmarshal(options, &o)
	return o.Challenge, err
}

// askPasskey keeps what an answer is later checked against, under the challenge that it has to answer.
func (d *Directory) askPasskey(ctx context.Context, t Ticket, options json.RawMessage, state []byte) (json.RawMessage, error) {
	challenge, err := challengeIn(options)
	if err != nil {
		return nil, err
	}
	t.Kind, t.ID, t.Data, t.Until = TicketPasskey, ticketID(challenge), state, d.Now().Add(TicketLife)
	return options, d.Store.PutTicket(ctx, t)
}

// answered looks at the ticket of the challenge that a response answers.
func (d *Directory) answered(ctx context.Context, response []byte) (Ticket, PasskeyClaim, error) {
	claim, err := d.Passkeys.Claimed(response)
	if err != nil {
		return Ticket{}, claim, err
	}
	t, err := d.presented(ctx, TicketPasskey, ticketID(claim.Challenge), ErrPasskeyRefused)
	return t, claim, err
}

// BeginPasskey asks the caller's browser for a new passkey.
func (d *Directory) BeginPasskey(ctx context.Context, c Caller) (json.RawMessage, error) {
	if err := c.mayAddFactor(d.Now()); err != nil {
		return nil, err
	}
	f, _, err := d.Store.Proofs(ctx, c.User.Org, c.User.ID, c.User.Guard())
	if err != nil {
		return nil, err
	}
	if len(f.Passkeys) >= MaxPasskeys {
		return nil, &Error{Kind: Conflict, Code: "too_many_passkeys", Detail: "You have as many passkeys as there can be. Remove one that you no longer use."}
	}
	options, state, err := d.Passkeys.BeginRegistration(ownerOf(c.User, f))
	if err != nil {
		return nil, err
	}
	return d.askPasskey(ctx, Ticket{Org: c.User.Org, User: c.User.ID, Session: c.Session.ID}, options, state)
}

// AddPasskey takes a new passkey into use: as second factor, and to sign in with alone. It also meets the challenge
// totpSetup. Whoever has no recovery codes yet gets them. It fails with ErrPasskeyRefused and with Invalid.
func (d *Directory) AddPasskey(ctx context.Context, c Caller, name string, response []byte) (Caller, []string, error) {
	if err := c.mayAddFactor(d.Now()); err != nil {
		return c, nil, err
	}
	name = d.clean(name)
	var wrong checks
	wrong.text("name", name, MaxName, false)
	if err := wrong.err(); err != nil {
		return c, nil, err
	}
	t, _, err := d.answered(ctx, response)
	if err != nil {
		return c, nil, err
	}
	if t.Session != c.Session.ID {
		return c, nil, d.void(ctx, t, ErrPasskeyRefused)
	}
	made, err := d.Passkeys.FinishRegistration(ownerOf(c.User, Factors{}), t.Data, response)
	if err != nil {
		return c, nil, d.void(ctx, t, err)
	}
	made.Name, made.CreatedAt = name, d.Now()
	return d.addFactor(ctx, c, "passkey", SpendTicket{t, ErrPasskeyRefused}, func(f *Factors) error {
		if len(f.Passkeys) >= MaxPasskeys || f.passkey(made.ID) != nil {
			return ErrPasskeyRefused
		}
		f.Passkeys = append(slices.Clone(f.Passkeys), made)
		return nil
	})
}

func (f Factors) passkey(id string) *Passkey {
	i := slices.IndexFunc(f.Passkeys, func(p Passkey) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return &f.Passkeys[i]
}

// used returns the factors with a passkey as it is after its use; nil if the user has it no longer.
func (f Factors) used(p Passkey) *Factors {
	i := slices.IndexFunc(f.Passkeys, func(kept Passkey) bool { return kept.ID == p.ID })
	if i < 0 {
		return nil
	}
	f.Passkeys = slices.Clone(f.Passkeys)
	p.Name, p.CreatedAt = f.Passkeys[i].Name, f.Passkeys[i].CreatedAt
	f.Passkeys[i] = p
	return &f
}

// OwnPasskeys lists the caller's passkeys.
func (d *Directory) OwnPasskeys(ctx context.Context, c Caller) ([]Passkey, error) {
	if err := c.ownHands(); err != nil {
		return nil, err
	}
	f, _, err := d.Store.Proofs(ctx, c.User.Org, c.User.ID, c.User.Guard())
	return f.Passkeys, err
}

// RemovePasskey gives one of the caller's passkeys up. It fails with NotFound, and with second_factor_required.
func (d *Directory) RemovePasskey(ctx context.Context, c Caller, id string) error {
	_, err := d.removeFactor(ctx, c, "passkey", func(f *Factors) error {
		if f.passkey(id) == nil {
			return ErrNotFound
		}
		f.Passkeys = slices.DeleteFunc(slices.Clone(f.Passkeys), func(p Passkey) bool { return p.ID == id })
		return nil
	})
	return err
}

// BeginPasskeyProof asks for one of the caller's passkeys: for the challenges totp and passkey, or to confirm that it is
// still the same person.
func (d *Directory) BeginPasskeyProof(ctx context.Context, c Caller) (json.RawMessage, error) {
	if err := c.mayShowPasskey(); err != nil {
		return nil, err
	}
	f, _, err := d.Store.Proofs(ctx, c.User.Org, c.User.ID, c.User.Guard())
	if err != nil {
		return nil, err
	}
	if len(f.Passkeys) == 0 {
		return nil, ErrNotFound
	}
	options, state, err := d.Passkeys.BeginSignIn(ownerOf(c.User, f))
	if err != nil {
		return nil, err
	}
	return d.askPasskey(ctx, Ticket{Org: c.User.Org, User: c.User.ID, Session: c.Session.ID}, options, state)
}

// mayShowPasskey lets in whoever has a second factor to show, and whoever is in.
func (c Caller) mayShowPasskey() error {
	if open := c.Session.Challenge(); open == ChallengePasskey || open == ChallengeTOTP {
		return nil
	}
	return c.ownHands()
}

// ProveByPasskey takes a passkey as second factor of a sign-in, or as the confirmation that the caller is the same person.
func (d *Directory) ProveByPasskey(ctx context.Context, c Caller, response []byte) (Caller, error) {
	if err := c.mayShowPasskey(); err != nil {
		return c, err
	}
	t, _, err := d.answered(ctx, response)
	if err != nil {
		return c, err
	}
	if t.Session != c.Session.ID {
		return c, d.void(ctx, t, ErrPasskeyRefused)
	}
	a, err := d.attemptOf(ctx, c)
	if err != nil {
		return c, err
	}
	a.reload = d.refreshing(&c)
	a.spends = []Write{SpendTicket{t, ErrPasskeyRefused}}
	in := c
	err = d.conclude(ctx, a, func() error {
		used, err := d.shown(ctx, a, t, response)
		if err != nil {
			return d.void(ctx, t, err)
		}
		in = c
		in.User = a.user
		if c.Session.Challenge() == "" {
			return d.provedByFactor(ctx, a, &in, used, "passkey")
		}
		return d.passFactor(ctx, a, &in, used, false)
	})
	return in, err
}

// shown checks that the attempt's user has the passkey, and returns the factors with it used.
func (d *Directory) shown(ctx context.Context, a *attempt, t Ticket, response []byte) (Factors, error) {
	f, _, err := d.Store.Proofs(ctx, a.org.Slug, a.user.ID, a.guard)
	if err != nil {
		return f, err
	}
	p, err := d.Passkeys.FinishSignIn(ownerOf(a.user, f), t.Data, response)
	if err != nil {
		return f, err
	}
	p.LastUsedAt = d.Now()
	used := f.used(p)
	if used == nil {
		return f, ErrPasskeyRefused
	}
	return *used, nil
}

// BeginPasskeySignIn asks a browser in which nobody is signed in for a passkey. It fails with Conflict where the
// organisation does not offer that.
func (d *Directory) BeginPasskeySignIn(ctx context.Context, org Slug) (json.RawMessage, error) {
	if _, err := d.passkeyDoor(ctx, org); err != nil {
		return nil, err
	}
	options, state, err := d.Passkeys.BeginSignIn(PasskeyOwner{})
	if err != nil {
		return nil, err
	}
	return d.askPasskey(ctx, Ticket{Org: org}, options, state)
}

func (d *Directory) passkeyDoor(ctx context.Context, org Slug) (Organisation, error) {
	if !org.Valid() {
		return Organisation{}, ErrNotFound
	}
	o, err := d.Store.Organisation(ctx, org)
	if err == nil && !o.Policy.SignIn.offers(ByPasskey) {
		err = &Error{Kind: Conflict, Code: "method_not_offered", Detail: o.Name + " does not offer to sign in with a passkey."}
	}
	return o, err
}

// SignInByPasskey begins a session for whoever shows a passkey: it stands for password and second factor, since the device
// has checked who holds it. No number of wrong passwords keeps such a person out.
func (d *Directory) SignInByPasskey(ctx context.Context, in SignIn, response []byte) (Caller, Token, error) {
	if err := d.passkeyAhead(ctx, in.Org, response); err != nil {
		return Caller{}, Token{}, err
	}
	o, err := d.passkeyDoor(ctx, in.Org)
	if err != nil {
		return Caller{}, Token{}, err
	}
	c, token, err := d.enterByPasskey(ctx, o, in, response)
	return c, token, atDoor(o.Slug, err)
}

func (d *Directory) enterByPasskey(ctx context.Context, o Organisation, in SignIn, response []byte) (Caller, Token, error) {
	t, claim, err := d.answered(ctx, response)
	if err != nil {
		return Caller{}, Token{}, err
	}
	if t.Org != in.Org || t.Session != "" || !claim.User.Valid() {
		return Caller{}, Token{}, d.void(ctx, t, ErrPasskeyRefused)
	}
	u, err := d.Store.User(ctx, in.Org, claim.User)
	if KindOf(err) == NotFound {
		return Caller{}, Token{}, d.void(ctx, t, ErrPasskeyRefused)
	}
	if err != nil {
		return Caller{}, Token{}, err
	}
	a := &attempt{org: o, user: u, guard: u.Guard(), from: in.From, known: in.Known, former: in.Former, sure: true}
	a.spends = []Write{SpendTicket{t, ErrPasskeyRefused}}
	return d.openByPasskey(ctx, a, t, response)
}

// passkeyAhead reads what a sign-in by passkey will ask for: the response says of whom, and which challenge it answers.
func (d *Directory) passkeyAhead(ctx context.Context, org Slug, response []byte) error {
	claim, err := d.Passkeys.Claimed(response)
	if err != nil || !org.Valid() || !claim.User.Valid() {
		return nil //nolint:nilerr // what is wrong with it is said further on
	}
	return d.Store.Ahead(ctx,
		NeedOrganisation{org}, NeedTicket{TicketPasskey, ticketID(claim.Challenge)}, NeedUser{org, claim.User}, NeedProofs{org, claim.User})
}

func (d *Directory) openByPasskey(ctx context.Context, a *attempt, t Ticket, response []byte) (Caller, Token, error) {
	used, err := d.shown(ctx, a, t, response)
	if err != nil {
		return Caller{}, Token{}, d.void(ctx, t, err)
	}
	a.beside = []Write{PutFactors{used}}
	a.reload = func(ctx context.Context) error {
		used, err := d.shown(ctx, a, t, response)
		a.beside = []Write{PutFactors{used}}
		return err
	}
	return d.begin(ctx, a, ByPasskey, "")
}
