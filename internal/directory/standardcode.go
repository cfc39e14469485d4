package directory

import (
	"context"
	"crypto/hmac"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// ChangeStandardCode sets the code that a reset, and a new user, begins with, where the policy says so; "" takes it away, so
// that passwords are generated again. It has to keep the organisation's own rules, and is kept sealed. It fails with
// Invalid.
func (d *Directory) ChangeStandardCode(ctx context.Context, c Caller, code string) error {
	if err := c.requireHands(SettingsManage); err != nil {
		return err
	}
	o := c.Organisation
	entry := d.entry(c, StandardCodeChanged, User{Org: o.Slug})
	if code == "" {
		o.StandardCode, entry.Note = nil, "taken away"
		return d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{PutOrganisation{o}}})
	}
	if err := d.checkStandardCode(o, code); err != nil {
		return err
	}
	sealed, err := d.Sealer.Seal(ctx, sealLabel("standardCode", o.Slug, ""), []byte(d.Normal(code)))
	if err != nil {
		return err
	}
	o.StandardCode = sealed
	return d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{PutOrganisation{o}}})
}

func (d *Directory) checkStandardCode(o Organisation, code string) error {
	var rules, c checks
	code = d.Normal(code)
	o.Policy.Passwords.check(&rules, code, code)
	if !o.Policy.Passwords.AllowCommon && d.Common(code) {
		rules.add("newPassword", rule.PasswordCommon)
	}
	if !o.Policy.Passwords.AllowNames && d.nameIn(code, o, User{}) != "" {
		rules.add("newPassword", rule.CodeName)
	}
	for _, f := range rules.found {
		c.addBroken("standardCode", f.Broken)
	}
	return c.err()
}

// isStandardCode tells whether a password is the organisation's standard code: whoever chose it would have replaced nothing.
func (d *Directory) isStandardCode(ctx context.Context, o Organisation, password string) (bool, error) {
	if len(o.StandardCode) == 0 {
		return false, nil
	}
	code, err := d.Sealer.Open(ctx, sealLabel("standardCode", o.Slug, ""), o.StandardCode)
	return err == nil && hmac.Equal(code, []byte(password)), err
}
