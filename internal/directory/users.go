package directory

import (
	"context"
	"errors"
	"slices"
)

// usernameTries bounds how often a username is made anew when it is taken.
const usernameTries = 20

// NewUser is a user to be added.
type NewUser struct {
	GivenName, FamilyName, Email string
	Roles                        *[]RoleID // nil: the organisation's default roles
}

// Created is a new user of an organisation with the initial password, to be handed over in person. On a repeated answer
// the password is "".
type Created struct {
	Organisation Organisation `json:"-"`
	User         User
	Password     Shown `json:"-"`
}

// Users lists users of the caller's organisation.
func (d *Directory) Users(ctx context.Context, c Caller, q UserQuery) (UserPage, error) {
	if err := c.Require(UsersView); err != nil {
		return UserPage{}, err
	}
	q.Org = c.Organisation.Slug
	return d.Store.Users(ctx, q)
}

// User returns one user of the caller's organisation; NotFound.
func (d *Directory) User(ctx context.Context, c Caller, id UserID) (User, error) {
	if err := c.Require(UsersView); err != nil {
		return User{}, err
	}
	return d.user(ctx, c, id)
}

// CreateUser adds a user with a made-up username and a generated password. The user is mailed the username. It fails
// with Invalid, naming every wrong field, and with Conflict role_constraint for a role that is not the caller's to give.
func (d *Directory) CreateUser(ctx context.Context, c Caller, n NewUser, o Once) (Created, error) {
	if err := c.Require(UsersManage); err != nil {
		return Created{}, err
	}
	return once(ctx, d, c, "createUser", o, func(r *Receipt) (Created, error) {
		u, err := d.newUser(c, c.Organisation, n, GrantedByManagers)
		if err != nil {
			return Created{}, err
		}
		a := addition{organisation: c.Organisation, user: u, action: UserCreated}
		return d.addUser(ctx, c, a, r, func(u User) any { return Created{User: u} })
	})
}

// addition is a user to be stored with whatever belongs into the same Commit.
type addition struct {
	organisation Organisation
	user         User
	action       Action
	note         string // for the audit trail
	writes       []Write
}

// addUser creates the user's credential and then, in one Commit, the user and what else belongs to it; kept turns the
// stored user into what the receipt, if there is one, gives as answer again.
func (d *Directory) addUser(ctx context.Context, c Caller, a addition, r *Receipt, kept func(User) any) (Created, error) {
	password, err := a.organisation.Policy.Passwords.Generate(d.Random)
	if err != nil {
		return Created{}, err
	}
	err = d.createCredential(ctx, a.user, password, func(i Intent) error {
		a.writes = append(a.writes, CloseIntent{i})
		return d.nameAndStore(ctx, c, &a, r, kept)
	})
	return Created{Organisation: a.organisation, User: a.user, Password: Shown(password)}, err
}

func (d *Directory) newUser(c Caller, o Organisation, n NewUser, by Granter) (User, error) {
	roles := o.Policy.Users.DefaultRoles
	if n.Roles != nil {
		roles = *n.Roles
	}
	u, err := UserChange{GivenName: &n.GivenName, FamilyName: &n.FamilyName, Email: &n.Email}.applyTo(User{
		Org: o.Slug, ID: UserID(d.NewID()), Status: Active, MustChangePassword: true, PasswordSetAt: d.Now(),
		CreatedAt: d.Now(), CreatedBy: c.User.ID,
	}, d.clean)
	if err != nil {
		return User{}, err
	}
	err = o.giveRoles(&u, roles, by)
	return u, err
}

// nameAndStore gives the user a username that nobody has or had; the store's claim decides, not a look beforehand.
func (d *Directory) nameAndStore(ctx context.Context, c Caller, a *addition, r *Receipt, kept func(User) any) error {
	pattern, err := ParsePattern(a.organisation.Policy.Usernames.Pattern)
	if err != nil {
		return err
	}
	for range usernameTries {
		if a.user.Username, err = pattern.Make(a.user.GivenName, a.user.FamilyName, d.Latin, d.Random); err != nil {
			return err
		}
		if err = d.storeNew(ctx, c, a, r, kept); !errors.Is(err, ErrUsernameTaken) {
			return err
		}
	}
	return &Error{
		Kind: Conflict, Code: "usernames_exhausted", Err: err,
		Detail: "No free username was found for this name. Please ask the operator to lengthen the pattern.",
	}
}

func (d *Directory) storeNew(ctx context.Context, c Caller, a *addition, r *Receipt, kept func(User) any) error {
	stored := a.user
	stored.Version++
	if err := r.keep(kept(stored)); err != nil {
		return err
	}
	entry := d.entry(c, a.action, a.user)
	entry.difference(User{}, a.user)
	entry.Note = a.note
	err := d.Store.Commit(ctx, Change{
		Entries: []Entry{entry}, Writes: append([]Write{PutUser{a.user}}, a.writes...),
		Mails: []Mail{d.welcome(c, a.organisation, a.user)}, Receipt: r,
	})
	if err == nil {
		a.user = stored
	}
	return err
}

// welcome mails the username to a new user. The password is handed over in person by whoever added the user.
func (d *Directory) welcome(c Caller, o Organisation, u User) Mail {
	m := d.letter(o, u, WelcomeMail)
	m.Data["administrators"] = c.User.Name()
	if c.User.ID == "" {
		m.Data["administrators"] = System.Name
	}
	return m
}

// giveRoles sets the user's roles. Every role that is given or taken away must be the giver's to give.
func (o Organisation) giveRoles(u *User, roles []RoleID, by Granter) error {
	var c checks
	wanted := slices.Clone(roles)
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	for _, id := range wanted {
		if _, ok := o.Role(id); !ok {
			c.add("roles", "names the role \""+string(id)+"\", which there is not")
		}
	}
	if err := c.err(); err != nil {
		return err
	}
	for _, r := range o.Roles {
		if u.Holds(r.ID) != slices.Contains(wanted, r.ID) && r.GrantedBy == GrantedByOperator && by != GrantedByOperator {
			return &Error{
				Kind: Conflict, Code: "role_constraint", Facts: map[string]any{"role": string(r.ID), "constraint": "grantedBy"},
				Detail: "Only the platform operator can give or take away the role " + r.Name + ". Please contact customer service.",
			}
		}
	}
	u.Roles = wanted
	return nil
}

// ChangeUser changes details of a user of the caller's organisation, the caller included; the username stays. seen is
// the version the change was made from, nil for any. It fails with Stale, NotFound and Invalid.
func (d *Directory) ChangeUser(ctx context.Context, c Caller, id UserID, ch UserChange, seen *int64) (User, error) {
	if err := c.Require(UsersManage); err != nil {
		return User{}, err
	}
	u, err := d.user(ctx, c, id)
	if err != nil {
		return User{}, err
	}
	return d.changeDetails(ctx, c, u, ch, seen)
}

// ChangeSelf changes the caller's own details, as far as the policy leaves them to the user.
func (d *Directory) ChangeSelf(ctx context.Context, c Caller, ch UserChange, seen *int64) (User, error) {
	if err := c.Admitted(); err != nil {
		return User{}, err
	}
	var wrong checks
	for _, f := range ch.fields() {
		if !slices.Contains(c.Organisation.Policy.Users.OwnFields, f) {
			wrong.add(string(f), "is kept by the administrators of "+c.Organisation.Name+"; please ask one of them")
		}
	}
	if err := wrong.err(); err != nil {
		return User{}, err
	}
	return d.changeDetails(ctx, c, c.User, ch, seen)
}

// changeDetails applies the change to the user as stored. Without a version seen, it is applied to whatever is there.
func (d *Directory) changeDetails(ctx context.Context, c Caller, u User, ch UserChange, seen *int64) (User, error) {
	var changed User
	apply := func(u User) (err error) {
		if err := expect(seen, u.Version); err != nil {
			return err
		}
		changed, err = d.storeDetails(ctx, c, u, ch)
		return err
	}
	if seen != nil {
		return changed, apply(u)
	}
	return changed, d.again(ctx, u, apply)
}

func (d *Directory) storeDetails(ctx context.Context, c Caller, was User, ch UserChange) (User, error) {
	u, err := ch.applyTo(was, d.clean)
	if err != nil {
		return User{}, err
	}
	if ch.Roles != nil {
		if err := c.Organisation.giveRoles(&u, *ch.Roles, GrantedByManagers); err != nil {
			return User{}, err
		}
	}
	entry := d.entry(c, UserChanged, u)
	entry.difference(was, u)
	if len(entry.After) == 0 {
		return was, nil // nothing is different, so nothing is written
	}
	change := Change{Entries: []Entry{entry}, Writes: []Write{PutUser{u}}}
	if u.Email != was.Email {
		change.Mails = d.aboutNewEmail(c, was, u)
	}
	err = d.Store.Commit(ctx, change)
	u.Version++
	return u, err
}

// aboutNewEmail tells the old address of the change, so that nobody's account is taken over unseen. Someone who never
// signed in may never have had the username, for the old address may have been a slip: it is mailed to the new one.
func (d *Directory) aboutNewEmail(c Caller, was, u User) []Mail {
	told := d.letter(c.Organisation, was, EmailChangedMail)
	told.Data["newEmail"] = maskEmail(u.Email)
	if u.LastSignInAt.IsZero() {
		return []Mail{told, d.welcome(c, c.Organisation, u)}
	}
	return []Mail{told}
}

// DeleteUser deletes a user at once. It fails with Conflict for oneself (cannot_delete_self) and for an administrator
// (cannot_delete_administrator), and with NotFound and Stale.
func (d *Directory) DeleteUser(ctx context.Context, c Caller, id UserID, seen *int64) error {
	if err := c.Require(UsersManage); err != nil {
		return err
	}
	u, err := d.user(ctx, c, id)
	if err != nil {
		return err
	}
	remove := func(u User) error { return d.removeUser(ctx, c, u, seen) }
	if seen != nil {
		return remove(u)
	}
	return d.again(ctx, u, remove)
}

func (d *Directory) removeUser(ctx context.Context, c Caller, u User, seen *int64) error {
	if err := errors.Join(c.mayDelete(u), expect(seen, u.Version)); err != nil {
		return err
	}
	i := d.intent(DeleteCredential, u)
	entry := d.entry(c, UserDeleted, u)
	entry.difference(u, User{})
	keep := c.Organisation.Policy.Usernames.Reuse == ReuseNever
	if err := d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{RemoveUser{u, keep}, OpenIntent{i}}}); err != nil {
		return err
	}
	// The user is gone whatever happens now. If the credential cannot be dropped at once, Heal does it later.
	_ = d.dropCredential(ctx, i)
	return nil
}

func (c Caller) mayDelete(u User) error {
	switch {
	case u.ID == c.User.ID:
		return &Error{Kind: Conflict, Code: "cannot_delete_self", Detail: "You cannot delete your own account."}
	case c.Organisation.IsAdministrator(u):
		return &Error{
			Kind: Conflict, Code: "cannot_delete_administrator",
			Detail: "The account of an administrator cannot be deleted here. Please contact customer service.",
		}
	}
	return nil
}

// CanDelete tells whether the caller could delete the user.
func (c Caller) CanDelete(u User) bool { return c.mayDelete(u) == nil }
