package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// usernameTries bounds how often a username is made anew when it is taken.
const usernameTries = 20

// NewUser is a user to be added.
type NewUser struct {
	Details  map[UserField]string
	Username string     // where the policy has it chosen, and only there
	Roles    *[]RoleID  // nil: the organisation's default roles
	EndsAt   *time.Time // nil: access does not end by itself
}

// NewPerson is a new user of whom no more than this is known.
func NewPerson(given, family, email string) NewUser {
	return NewUser{Details: map[UserField]string{FieldGivenName: given, FieldFamilyName: family, FieldEmail: email}}
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
	var roles []RoleID
	for _, id := range q.Roles {
		roles = append(roles, c.Organisation.IDsOf(id)...)
	}
	q.Roles = roles
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
	if err := c.requireHands(UsersManage); err != nil {
		return Created{}, err
	}
	return once(ctx, d, c, "createUser", o, func(r *Receipt) (Created, error) {
		u, err := d.newUser(c, c.Organisation, n, c.giver())
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
	mails        []Mail // to those who are told, by meanwhile
	// meanwhile is done while the addition begins, and says who is told beside the new user; nil: nothing.
	meanwhile func() ([]Mail, error)
}

// addUser creates the user's credential and then, in one Commit, the user and what else belongs to it; kept turns the
// stored user into what the receipt, if there is one, gives as answer again.
func (d *Directory) addUser(ctx context.Context, c Caller, a addition, r *Receipt, kept func(User) any) (Created, error) {
	password, err := d.firstPassword(ctx, a.organisation)
	if err != nil {
		return Created{}, err
	}
	prepare := func() (err error) {
		if a.meanwhile != nil {
			a.mails, err = a.meanwhile()
		}
		return err
	}
	err = d.createCredential(ctx, a.user, password, prepare, func(i Intent) error {
		a.writes = append(a.writes, CloseIntent{i})
		return d.nameAndStore(ctx, c, &a, r, kept)
	})
	return Created{Organisation: a.organisation, User: a.user, Password: Shown(password)}, err
}

// newUser makes the user of what was typed, and says all that is wrong with it.
func (d *Directory) newUser(c Caller, o Organisation, n NewUser, by giver) (User, error) {
	u := User{
		Org: o.Slug, ID: UserID(d.NewID()), Status: Active, MustChangePassword: true, PasswordSetAt: d.Now(),
		CreatedAt: d.Now(), CreatedBy: c.User.ID, Wants: newcomerWants,
	}
	u, err := UserChange{Details: n.Details, EndsAt: n.EndsAt}.applyTo(u, o.Policy.Users, d)
	var wrong checks
	u.Username = d.clean(n.Username)
	o.Policy.Usernames.check(&wrong, u.Username)
	roles := o.Policy.Users.DefaultRoles
	if n.Roles != nil {
		roles = *n.Roles
	}
	if len(roles) == 0 && o.Policy.Users.RolesRequired {
		wrong.add("roles", rule.NoRole)
	}
	o.checkRoles(&wrong, roles)
	if err := joinFields(wrong, err); err != nil {
		return User{}, err
	}
	return o.giveRoles(u, roles, by)
}

// check demands a username exactly where the policy has it chosen.
func (p UsernamePolicy) check(c *checks, username string) {
	switch {
	case !p.Chosen && username != "":
		c.add("username", rule.UsernameMade)
	case p.Chosen && !chosenUsername.MatchString(username):
		c.add("username", rule.Username)
	}
}

// nameAndStore gives the user a username that nobody has or had; the store's claim decides, not a look beforehand.
func (d *Directory) nameAndStore(ctx context.Context, c Caller, a *addition, r *Receipt, kept func(User) any) error {
	if a.organisation.Policy.Usernames.Chosen {
		return d.storeNew(ctx, c, a, r, kept)
	}
	pattern, broken := ParsePattern(a.organisation.Policy.Usernames.Pattern)
	if broken != nil {
		return fmt.Errorf("the organisation's pattern of usernames %s", broken.Message)
	}
	var err error
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
	writes := append([]Write{a.organisation.Put(a.user)}, a.organisation.settle(User{}, &a.user)...)
	err := d.Store.Commit(ctx, Change{
		Entries: []Entry{entry}, Writes: append(writes, a.writes...),
		Mails: append([]Mail{d.welcome(c, a.organisation, a.user)}, a.mails...), Receipt: r,
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
