package directory

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// Factors are a user's second factors. They are kept apart from the user, who is listed and shown.
type Factors struct {
	Org      Slug
	User     UserID
	TOTP     *TOTPFactor
	Recovery *RecoveryCodes
	Passkeys []Passkey
	Version  int64
}

// TOTPFactor is the shared secret of an authenticator app.
type TOTPFactor struct {
	Sealed   []byte
	LastStep int64 // of the last code that was taken: each is taken once (RFC 6238, 5.2)
	AddedAt  time.Time
}

// RecoveryCodes stand in for a second factor that is lost. The codes are hashed with a key that is sealed, so that the store
// alone is no help in guessing them.
type RecoveryCodes struct {
	Key    []byte // sealed
	Codes  [][]byte
	MadeAt time.Time
}

func (f Factors) summary() FactorSummary {
	s := FactorSummary{TOTP: f.TOTP != nil, Passkeys: len(f.Passkeys)}
	if f.Recovery != nil {
		s.RecoveryCodes = len(f.Recovery.Codes)
	}
	return s
}

const (
	recoveryCodes = 10
	// recoveryAlphabet leaves out what is misread: 16 characters of it have 80 bits.
	recoveryAlphabet = "abcdefghijkmnpqrstuvwxyz23456789"
	recoveryLength   = 16
)

var errWrongCode = &Error{
	Kind: Invalid, Code: "wrong_code", Detail: "This code is not right, or was used before.",
	Fields: []FieldError{{Field: "code", Broken: rule.CodeWrong.Broken()}},
}

func sealLabel(what string, org Slug, whose string) string {
	return what + "/" + string(org) + "/" + whose
}

// makeRecoveryCodes draws a new set; the codes are returned to be shown once.
func (d *Directory) makeRecoveryCodes(ctx context.Context, f *Factors) ([]string, error) {
	key := make([]byte, sha256.Size)
	if _, err := io.ReadFull(d.Random, key); err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	sealed, err := d.Sealer.Seal(ctx, sealLabel("recovery", f.Org, string(f.User)), key)
	if err != nil {
		return nil, err
	}
	made := &RecoveryCodes{Key: sealed, MadeAt: d.Now()}
	shown := make([]string, recoveryCodes)
	for i := range shown {
		code, err := pick(d.Random, recoveryAlphabet, recoveryLength)
		if err != nil {
			return nil, err
		}
		made.Codes = append(made.Codes, recoveryHash(key, code))
		shown[i] = strings.Join([]string{code[:4], code[4:8], code[8:12], code[12:]}, "-")
	}
	f.Recovery = made
	return shown, nil
}

func recoveryHash(key []byte, code string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(code))
	return m.Sum(nil)
}

// useCode checks a code against the factors and returns them with it used up: the next step of the app, or a recovery
// code less. It fails with wrong_code.
func (d *Directory) useCode(ctx context.Context, f Factors, typed string) (used Factors, recovered bool, err error) {
	code := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToLower(d.clean(typed)))
	if len(code) == recoveryLength {
		used, err = d.useRecoveryCode(ctx, f, code)
		return used, true, err
	}
	used, err = d.useTOTP(ctx, f, code)
	return used, false, err
}

func (d *Directory) useTOTP(ctx context.Context, f Factors, code string) (Factors, error) {
	if f.TOTP == nil {
		return f, errWrongCode
	}
	secret, err := d.Sealer.Open(ctx, sealLabel("totp", f.Org, string(f.User)), f.TOTP.Sealed)
	if err != nil {
		return f, err
	}
	step, right := d.TOTP.Step(string(secret), code, d.Now())
	if !right || step <= f.TOTP.LastStep {
		return f, errWrongCode
	}
	moved := *f.TOTP
	moved.LastStep = step
	f.TOTP = &moved
	return f, nil
}

func (d *Directory) useRecoveryCode(ctx context.Context, f Factors, code string) (Factors, error) {
	if f.Recovery == nil {
		return f, errWrongCode
	}
	key, err := d.Sealer.Open(ctx, sealLabel("recovery", f.Org, string(f.User)), f.Recovery.Key)
	if err != nil {
		return f, err
	}
	hash := recoveryHash(key, code)
	i := slices.IndexFunc(f.Recovery.Codes, func(kept []byte) bool { return hmac.Equal(kept, hash) })
	if i < 0 {
		return f, errWrongCode
	}
	left := *f.Recovery
	left.Codes = slices.Delete(slices.Clone(left.Codes), i, i+1)
	f.Recovery = &left
	return f, nil
}

// BeginTOTP shows a new shared secret to the caller, who has to confirm it with a code of it: for the challenge
// totpSetup, or to have a second factor of one's own accord. Until it is confirmed or ten minutes have passed, the same
// secret is shown again.
func (d *Directory) BeginTOTP(ctx context.Context, c Caller) (TOTPSecret, error) {
	if err := c.mayAddFactor(d.Now()); err != nil {
		return TOTPSecret{}, err
	}
	if c.User.Factors.TOTP {
		return TOTPSecret{}, &Error{Kind: Conflict, Code: "totp_exists", Detail: "You have an authenticator app already. Remove it first to set up another one."}
	}
	if c.setup != nil {
		return *c.setup, nil
	}
	kept, err := d.Store.Ticket(ctx, TicketTOTP, string(c.Session.ID))
	if err == nil && d.Now().Before(kept.Until) {
		secret, err := d.Sealer.Open(ctx, c.setupLabel(), kept.Data)
		if err != nil {
			return TOTPSecret{}, err
		}
		return d.TOTP.Describe(string(secret), d.issuer(c), c.User.Username)
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return TOTPSecret{}, err
	}
	s, t, err := d.newSetup(ctx, c)
	if err != nil {
		return TOTPSecret{}, err
	}
	t.Version = kept.Version
	return s, d.Store.PutTicket(ctx, t)
}

// newSetup draws a shared secret, and seals it into the ticket by which it is confirmed.
func (d *Directory) newSetup(ctx context.Context, c Caller) (TOTPSecret, Ticket, error) {
	s, err := d.TOTP.New(d.issuer(c), c.User.Username)
	if err != nil {
		return TOTPSecret{}, Ticket{}, err
	}
	sealed, err := d.Sealer.Seal(ctx, c.setupLabel(), []byte(s.Secret))
	return s, Ticket{
		Kind: TicketTOTP, ID: string(c.Session.ID), Org: c.User.Org, User: c.User.ID, Session: c.Session.ID, Data: sealed,
		Until: d.Now().Add(TicketLife),
	}, err
}

func (c Caller) setupLabel() string {
	return sealLabel("totp-setup", c.User.Org, string(c.Session.ID))
}

// issuer is what the app shows beside the username.
func (d *Directory) issuer(c Caller) string { return c.Organisation.Name + " (" + d.Product + ")" }

// mayAddFactor lets in whoever has just proved who they are, and whoever has to set a factor up.
func (c Caller) mayAddFactor(now time.Time) error {
	if c.Session.Challenge() == ChallengeTOTPSetup {
		return nil
	}
	return c.justProved(now)
}

// ConfirmTOTP takes the shown secret into use, once the caller types a code of it. Whoever has no recovery codes yet gets
// them, to be shown once. It also meets the challenge totpSetup. It fails with wrong_code, and with Conflict
// no_totp_setup when nothing is to be confirmed.
func (d *Directory) ConfirmTOTP(ctx context.Context, c Caller, code string) (Caller, []string, error) {
	if err := c.mayAddFactor(d.Now()); err != nil {
		return c, nil, err
	}
	secret, step, ticket, err := d.confirmed(ctx, c, code)
	if err != nil {
		return c, nil, err
	}
	sealed, err := d.Sealer.Seal(ctx, sealLabel("totp", c.User.Org, string(c.User.ID)), secret)
	if err != nil {
		return c, nil, err
	}
	return d.addFactor(ctx, c, "totp", SpendTicket{ticket, errNoSetup}, func(f *Factors) error {
		f.TOTP = &TOTPFactor{Sealed: sealed, LastStep: step, AddedAt: d.Now()}
		return nil
	})
}

var errNoSetup = &Error{Kind: Conflict, Code: "no_totp_setup", Detail: "The secret is no longer good. Please begin again with a new one."}

// confirmed checks a code against the secret that was shown.
func (d *Directory) confirmed(ctx context.Context, c Caller, code string) ([]byte, int64, Ticket, error) {
	t, err := d.Store.Ticket(ctx, TicketTOTP, string(c.Session.ID))
	if errors.Is(err, ErrNotFound) || err == nil && !d.Now().Before(t.Until) {
		return nil, 0, t, errNoSetup
	}
	if err != nil {
		return nil, 0, t, err
	}
	secret, err := d.Sealer.Open(ctx, c.setupLabel(), t.Data)
	if err != nil {
		return nil, 0, t, err
	}
	step, right := d.TOTP.Step(string(secret), code, d.Now())
	if !right {
		return nil, 0, t, errWrongCode
	}
	return secret, step, t, nil
}

// addFactor stores a further factor, with recovery codes where there are none yet, and takes the caller on if a factor
// was what was missing. The ticket that it hangs on is spent with it.
func (d *Directory) addFactor(
	ctx context.Context, c Caller, method string, ticket SpendTicket, add func(*Factors) error,
) (Caller, []string, error) {
	var codes []string
	session := c.Session
	err := d.again(ctx, c.User, func(u User) error {
		f, _, err := d.Store.Proofs(ctx, u.Org, u.ID, u.Guard())
		if err != nil {
			return err
		}
		f.Org, f.User, codes = u.Org, u.ID, nil
		if err := add(&f); err != nil {
			return err
		}
		if f.Recovery == nil || len(f.Recovery.Codes) == 0 {
			if codes, err = d.makeRecoveryCodes(ctx, &f); err != nil {
				return err
			}
		}
		u.Factors = f.summary()
		c.User, c.Session = u, session
		return d.storeAddition(ctx, &c, f, method, ticket)
	})
	return c, codes, err
}

func (d *Directory) storeAddition(ctx context.Context, c *Caller, f Factors, method string, ticket SpendTicket) error {
	entry := d.entry(*c, SecondFactorAdded, c.User)
	entry.Note = method
	told := d.aboutFactor(*c, SecondFactorAddedMail, method)
	change := Change{Writes: []Write{c.Organisation.Put(c.User)}}
	if c.Session.Challenge() == ChallengeTOTPSetup {
		c.Session.Challenges = c.Session.without(ChallengeTOTPSetup)
		var err error
		if change, err = d.advance(c); err != nil {
			return err
		}
		if c.Session.Challenge() != "" { // then the user is not among the writes yet
			change.Writes = append(change.Writes, c.Organisation.Put(c.User))
		}
	}
	change.Entries = append([]Entry{entry}, change.Entries...)
	change.Writes = append(change.Writes, PutFactors{f}, ticket)
	change.Mails = []Mail{told}
	err := d.takeOn(ctx, c, change)
	c.User.Version++
	return err
}

// RemoveTOTP gives the caller's authenticator app up. Where the policy demands a second factor, another one must be there.
func (d *Directory) RemoveTOTP(ctx context.Context, c Caller) (User, error) {
	return d.removeFactor(ctx, c, "totp", func(f *Factors) error {
		if f.TOTP == nil {
			return ErrNotFound
		}
		f.TOTP = nil
		return nil
	})
}

// removeFactor takes one of the caller's factors away; recovery codes go with the last one.
func (d *Directory) removeFactor(ctx context.Context, c Caller, method string, remove func(*Factors) error) (User, error) {
	if err := c.justProved(d.Now()); err != nil {
		return User{}, err
	}
	err := d.again(ctx, c.User, func(u User) error {
		f, _, err := d.Store.Proofs(ctx, u.Org, u.ID, u.Guard())
		if err != nil {
			return err
		}
		if err := remove(&f); err != nil {
			return err
		}
		if !f.summary().Any() {
			if c.Organisation.demandsSecondFactor(u, d.Now()) {
				return &Error{
					Kind: Conflict, Code: "second_factor_required",
					Detail: c.Organisation.Name + " demands a second factor of you. Add another one first.",
				}
			}
			f.Recovery = nil
		}
		u.Factors = f.summary()
		c.User = u
		return d.storeFactors(ctx, c, f, SecondFactorRemoved, method, d.aboutFactor(c, SecondFactorRemovedMail, method))
	})
	c.User.Version++
	return c.User, err
}

func (d *Directory) aboutFactor(c Caller, t Template, method string) Mail {
	m := d.letter(c.Organisation, c.User, t)
	m.Data["method"] = method
	return m
}

func (d *Directory) storeFactors(ctx context.Context, c Caller, f Factors, action Action, note string, mails ...Mail) error {
	entry := d.entry(c, action, c.User)
	entry.Note = note
	return d.Store.Commit(ctx, Change{
		Entries: []Entry{entry}, Writes: []Write{c.Organisation.Put(c.User), PutFactors{f}}, Mails: mails,
	})
}

// NewRecoveryCodes gives the caller a new set, to be shown once; those before no longer work. It fails with Conflict
// no_second_factor for whoever has none that they could stand in for.
func (d *Directory) NewRecoveryCodes(ctx context.Context, c Caller) ([]string, error) {
	if err := c.justProved(d.Now()); err != nil {
		return nil, err
	}
	if !c.User.Factors.Any() {
		return nil, &Error{Kind: Conflict, Code: "no_second_factor", Detail: "Recovery codes stand in for a second factor. Please set one up first."}
	}
	var codes []string
	err := d.again(ctx, c.User, func(u User) error {
		f, _, err := d.Store.Proofs(ctx, u.Org, u.ID, u.Guard())
		if err != nil {
			return err
		}
		if codes, err = d.makeRecoveryCodes(ctx, &f); err != nil {
			return err
		}
		u.Factors = f.summary()
		c.User = u
		return d.storeFactors(ctx, c, f, RecoveryCodesMade, "", d.letter(c.Organisation, u, RecoveryCodesMail))
	})
	return codes, err
}
