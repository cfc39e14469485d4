package directory

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// OldPasswords are hashes of a user's passwords, the present one first, where the policy refuses earlier ones.
type OldPasswords struct {
	Org     Slug
	User    UserID
	Hashes  []string
	Version int64
}

// writes is nothing where no history is kept.
func (o *OldPasswords) writes() []Write {
	if o == nil {
		return nil
	}
	return []Write{PutOldPasswords{*o}}
}

// checkPassword says every rule that a new password breaks; same tells that it is known to be the present one. It
// returns the history with the new password in it, nil where none is kept.
func (d *Directory) checkPassword(ctx context.Context, o Organisation, u User, n NewPassword, same bool) (*OldPasswords, error) {
	var c checks
	p := o.Policy.Passwords
	password := d.Normal(n.Password) // one form for all keyboards, also where it is compared and its characters counted
	p.check(&c, password, d.Normal(n.Repeat))
	standard, err := d.isStandardCode(ctx, o, password)
	if err != nil {
		return nil, err
	}
	if standard {
		c.add("newPassword", rule.PasswordStandard)
	}
	if same {
		c.add("newPassword", rule.PasswordPresent)
	}
	if !p.AllowCommon && d.Common(password) {
		c.add("newPassword", rule.PasswordCommon)
	}
	if part := d.nameIn(password, o, u); part != "" && !p.AllowNames {
		c.add("newPassword", rule.PasswordName)
	}
	if p.History == 0 || c.err() != nil {
		return nil, c.err()
	}
	old, err := d.Store.OldPasswords(ctx, u.Org, u.ID)
	if err != nil {
		return nil, err
	}
	if used, err := d.usedBefore(ctx, old, password, p.History); err != nil {
		return nil, err
	} else if used {
		c.add("newPassword", rule.PasswordBefore)
		return nil, c.err()
	}
	hash, err := d.Hasher.Hash(ctx, password)
	if err != nil {
		return nil, err
	}
	old.Org, old.User = u.Org, u.ID
	old.Hashes = append([]string{hash}, old.Hashes...)
	old.Hashes = old.Hashes[:min(len(old.Hashes), p.History+1)]
	return &old, nil
}

func (d *Directory) usedBefore(ctx context.Context, old OldPasswords, password string, most int) (bool, error) {
	for _, hash := range old.Hashes[:min(len(old.Hashes), most+1)] {
		same, err := d.Hasher.Matches(ctx, hash, password)
		if same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// shortestName is how long a word must be to count: a password cannot help containing "Li" now and then.
const shortestName = 4

// nameIn finds the user's name or username, or a word of the organisation's name, in a password; "" if there is none.
func (d *Directory) nameIn(password string, o Organisation, u User) string {
	plain := func(s string) string { return strings.ToLower(d.Latin(d.Normal(s))) }
	words := append(words(plain(u.Name())), words(plain(o.Name))...)
	words = append(words, plain(u.Username), string(o.Slug))
	folded := plain(password)
	i := slices.IndexFunc(words, func(w string) bool { return len(w) >= shortestName && strings.Contains(folded, w) })
	if i < 0 {
		return ""
	}
	return words[i]
}

func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
