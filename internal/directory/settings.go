package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// ChangeSettings sets the policy of the caller's organisation. It fails with Invalid, naming every setting that is out of
// bounds, and with Stale.
func (d *Directory) ChangeSettings(ctx context.Context, c Caller, p Policy, seen *int64) (Organisation, error) {
	if err := c.maySet(p, seen); err != nil {
		return Organisation{}, err
	}
	o := c.Organisation
	entry := d.entry(c, SettingsChanged, User{Org: o.Slug})
	if err := entry.settings(o.Policy, p); err != nil {
		return Organisation{}, err
	}
	if len(entry.After) == 0 {
		return o, nil // nothing is different, so nothing is written
	}
	if o.Policy.Passwords.MaxAgeDays != p.Passwords.MaxAgeDays || !slices.Equal(o.Policy.SignIn.Methods, p.SignIn.Methods) ||
		!reflect.DeepEqual(o.Policy.Lifecycle, p.Lifecycle) {
		o.Replan, o.Replanned = true, ""
	}
	o.Policy = p
	err := d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{PutOrganisation{o}}})
	o.Version++
	return o, err
}

// maySet tells why the policy of the caller's organisation cannot be set so; nil if it can.
func (c Caller) maySet(p Policy, seen *int64) error {
	if err := c.Require(SettingsManage); err != nil {
		return err
	}
	o := c.Organisation
	if err := expect(seen, o.Version); err != nil {
		return err
	}
	wrong := checks{found: p.Validate(o.Roles)}
	if p.SignIn.offers(ByFederated) && o.Provider == nil {
		wrong.add("signIn.methods", rule.FederatedTooSoon)
	}
	if p.Agreement.When != AgreementNever && o.AgreementVersion == 0 {
		wrong.add("agreement.when", rule.AgreementTooSoon)
	}
	if err := prefixFields("policy.", wrong.err()); err != nil {
		return err
	}
	return c.mayGovern(o.Policy, p)
}

// mayGovern keeps support staff from changing how people sign in, and whoever came by password from closing that way behind
// themselves before they know that the other one works.
func (c Caller) mayGovern(was, p Policy) error {
	if !reflect.DeepEqual(was.SignIn, p.SignIn) || !reflect.DeepEqual(was.Passwords, p.Passwords) {
		if err := c.ownHands(); err != nil {
			return err
		}
	}
	if was.SignIn.offers(ByPassword) && !p.SignIn.offers(ByPassword) && c.Session.Method != ByFederated {
		return &Error{
			Kind: Conflict, Code: "try_federated_first",
			Detail: "Please sign in once through the identity provider yourself before you take passwords away.",
		}
	}
	return nil
}

// settings fills Before and After with the settings in which two policies differ.
func (e *Entry) settings(before, after Policy) error {
	a, err := flat(before)
	if err != nil {
		return err
	}
	b, err := flat(after)
	if err != nil {
		return err
	}
	e.Before, e.After = map[string]string{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if a[name] != b[name] {
			e.Before[name], e.After[name] = a[name], b[name]
		}
	}
	return nil
}

// flat is a policy as names and values, such as sessions.idleMinutes and 30.
func flat(p Policy) (map[string]string, error) {
	text, err := json.Marshal(p)
	var groups map[string]map[string]json.RawMessage
	if err == nil {
		err = json.Unmarshal(text, &groups)
	}
	if err != nil {
		return nil, fmt.Errorf("take a policy apart: %w", err)
	}
	settings := map[string]string{}
	for group, members := range groups {
		for name, value := range members {
			settings[group+"."+name] = string(value)
		}
	}
	return settings, nil
}
