package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/lifecycle"
)

// Users is the area of the accounts of an organisation, one's own included.
func Users() Area {
	return Area{Name: "users", add: addUsers}
}

func addUsers(g *group) {
	addCommunications(g)
	addUserSchools(g)
	addLookup(g)
	addAccess(g)
	addOwn(g)
	addEndDates(g)
	register(g, Operation{
		ID: "listUsers", Method: http.MethodGet, Path: "/users", Access: Holder, Right: directory.UsersView,
		Summary: "List users", Errors: []int{http.StatusUnprocessableEntity},
	}, g.listUsers)
	register(g, Operation{
		ID: "createUser", Method: http.MethodPost, Path: "/users", Access: Holder, Right: directory.UsersManage, Credential: true,
		Once:    "createUser",
		Summary: "Add a user; the initial password is shown once", Status: http.StatusCreated, Errors: []int{http.StatusConflict},
	}, g.createUser)
	register(g, Operation{
		ID: "getUser", Method: http.MethodGet, Path: "/users/{id}", Access: Holder, Right: directory.UsersView, About: true,
		Summary: "Show a user", Errors: []int{http.StatusNotFound},
	}, g.getUser)
	register(g, Operation{
		ID: "changeUser", Method: http.MethodPatch, Path: "/users/{id}", Access: Holder, Right: directory.UsersManage, About: true,
		Summary: "Change a user's details", Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, g.changeUser)
	register(g, Operation{
		ID: "deleteUser", Method: http.MethodDelete, Path: "/users/{id}", Access: Holder, Right: directory.UsersManage, About: true,
		Ahead:   keptAbout,
		Summary: "Delete a user at once", Status: http.StatusNoContent,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity},
	}, g.deleteUser)
	register(g, Operation{
		ID: "setUserRoles", Method: http.MethodPut, Path: "/users/{id}/roles", Access: Holder, Right: directory.UsersManage, About: true,
		Summary: "Set a user's roles", Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, g.setUserRoles)
	register(g, Operation{
		ID: "setUserRights", Method: http.MethodPut, Path: "/users/{id}/rights", Access: Holder, Right: directory.UsersManage, About: true,
		Summary: "Set the rights that a user has, or is denied, beside the roles",
		Errors:  []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed},
	}, g.setUserRights)
	register(g, Operation{
		ID: "decide", Method: http.MethodGet, Path: "/users/{id}/decision", Access: Holder, Right: directory.UsersView, About: true,
		Summary: "Whether a user may do something, and why", Errors: []int{http.StatusNotFound},
	}, g.decide)
	register(g, Operation{
		ID: "decideMe", Method: http.MethodGet, Path: "/me/decision", Access: Admitted,
		Summary: "Whether one may do something oneself, and why",
	}, g.decideMe)
	register(g, Operation{
		ID: "getMe", Method: http.MethodGet, Path: "/me", Access: Admitted, Summary: "Show one's own details",
	}, g.getMe)
	register(g, Operation{
		ID: "changeMe", Method: http.MethodPatch, Path: "/me", Access: Admitted,
		Summary: "Change one's own details, as far as the policy leaves them to oneself", Errors: []int{http.StatusPreconditionFailed},
	}, g.changeMe)
}

type userBody struct {
	ID                 directory.UserID   `json:"id"`
	Username           string             `json:"username"`
	GivenName          string             `json:"givenName"`
	FamilyName         string             `json:"familyName"`
	Email              string             `json:"email"`
	Undeliverable      *undeliverableBody `json:"undeliverable,omitempty" doc:"Set while the address is not written to; ended by another address, or by an administrator who sets it to false"`
	Title              string             `json:"title,omitempty"`
	Telephone          string             `json:"telephone,omitempty"`
	Mobile             string             `json:"mobile,omitempty"`
	Language           string             `json:"language,omitempty"`
	StaffID            string             `json:"staffId,omitempty"`
	Verification       string             `json:"verification,omitempty"`
	Site               string             `json:"site,omitempty"`
	Status             directory.Status   `json:"status" enum:"active,suspended,archived"`
	ArchiveCause       lifecycle.Cause    `json:"archiveCause,omitempty" enum:"byHand,inactivity,endDate" doc:"Why an archived account is"`
	Warnings           int                `json:"warnings,omitempty" doc:"How many warnings of inactivity were given since the last activity"`
	DueAt              *time.Time         `json:"dueAt,omitempty" doc:"When something next happens to the account by itself"`
	DueStep            lifecycle.Kind     `json:"dueStep,omitempty" enum:"warn,archive,purge,remindOfPassword" doc:"What happens then"`
	StatusSince        *time.Time         `json:"statusSince,omitempty" doc:"When the status began; missing for one the account has from the start"`
	EndsAt             *time.Time         `json:"endsAt,omitempty" doc:"When access ends by itself"`
	IdleMinutes        int                `json:"idleMinutes,omitempty" doc:"The user's own limit of minutes without use"`
	TOTP               bool               `json:"totp" doc:"Has an authenticator app"`
	Passkeys           int                `json:"passkeys" doc:"How many passkeys the user has"`
	RecoveryCodes      int                `json:"recoveryCodes" doc:"How many recovery codes are left"`
	TOTPExemption      *exemptionBody     `json:"totpExemption,omitempty"`
	IdentityLinked     bool               `json:"identityLinked" doc:"Has signed in with the identity provider"`
	Roles              []directory.RoleID `json:"roles" nullable:"false"`
	Granted            []grantBody        `json:"granted,omitempty" doc:"Rights given beside the roles"`
	Denied             []directory.Right  `json:"denied,omitempty" doc:"Rights denied whatever the roles say"`
	Communications     communicationsBody `json:"communications" doc:"Which general mails the user wants; under the user's own control"`
	Admin              bool               `json:"admin" doc:"Looks after the organisation"`
	CanDelete          bool               `json:"canDelete" doc:"Whether the caller could delete this user"`
	Locked             bool               `json:"locked,omitempty" doc:"Kept out after too many wrong passwords or codes. Only said of a user that is asked for alone"`
	MustChangePassword bool               `json:"mustChangePassword" doc:"The password is an initial or temporary one"`
	LastSignInAt       *time.Time         `json:"lastSignInAt,omitempty"`
	CreatedAt          time.Time          `json:"createdAt"`
	Version            int64              `json:"version"`
}

// showUser shows a user of the caller's organisation.
func showUser(c directory.Caller, u directory.User) userBody {
	return showUserOf(c.Organisation, u, c.CanDelete(u))
}

func showUserOf(o directory.Organisation, u directory.User, canDelete bool) userBody {
	b := userBody{
		ID: u.ID, Username: u.Username, GivenName: u.GivenName, FamilyName: u.FamilyName, Email: u.Email, Status: u.Status,
		Title: u.More[directory.FieldTitle], Telephone: u.More[directory.FieldTelephone], Mobile: u.More[directory.FieldMobile],
		Language: u.More[directory.FieldLanguage], StaffID: u.More[directory.FieldStaffID],
		Verification: u.More[directory.FieldVerification], Site: u.More[directory.FieldSite], Denied: u.Denied,
		Roles: o.RolesOf(u), Admin: o.IsAdministrator(u), CanDelete: canDelete,
		MustChangePassword: u.MustChangePassword, CreatedAt: u.CreatedAt.UTC(), Version: u.Version,
	}
	b.Communications = communicationsBody(u.Wants)
	b.ArchiveCause, b.Warnings, b.DueAt = u.ArchiveCause, u.Warnings, moment(o.DueAt(u))
	b.DueStep = o.DueStep(u)
	b.StatusSince, b.EndsAt, b.IdleMinutes = moment(u.StatusSince), moment(u.EndsAt), u.IdleMinutes
	b.TOTP, b.Passkeys, b.RecoveryCodes = u.Factors.TOTP, u.Factors.Passkeys, u.Factors.RecoveryCodes
	b.IdentityLinked = u.Identity != nil
	if e := u.Exemption; e != nil {
		b.TOTPExemption = &exemptionBody{Reason: e.Reason, Until: e.Until.UTC()}
	}
	if a := u.Undeliverable; a != nil {
		b.Undeliverable = &undeliverableBody{Since: a.Since.UTC(), Reason: a.Reason, Detail: a.Detail}
	}
	for _, g := range u.Granted {
		b.Granted = append(b.Granted, grantBody(g))
	}
	b.LastSignInAt = moment(u.LastSignInAt)
	return b
}

type undeliverableBody struct {
	Since  time.Time             `json:"since"`
	Reason directory.MailFailure `json:"reason" enum:"bounce,complaint" doc:"Mails to it will never arrive, or somebody there called one spam"`
	Detail string                `json:"detail,omitempty" doc:"What the mail system calls it" example:"General: 5.1.1"`
}

type exemptionBody struct {
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
}

type grantBody struct {
	Right      directory.Right `json:"right"`
	ApprovedBy string          `json:"approvedBy,omitempty" doc:"Who agreed"`
}

type userAnswer struct {
	ETag string `header:"ETag"`
	Body userBody
}

func userAnswerOf(c directory.Caller, u directory.User) *userAnswer {
	return &userAnswer{ETag: etag(u.Version), Body: showUser(c, u)}
}

type listUsersInput struct {
	Query  string `query:"q" doc:"Beginning of a given name, family name, username or email address" maxLength:"100"`
	Status string `query:"status" enum:"active,suspended,archived"`
	Role   string `query:"role" maxLength:"100"`
	Site   string `query:"site" maxLength:"100"`
	School string `query:"school" maxLength:"100"`
	Months int    `query:"inactiveMonths" minimum:"1" maximum:"120" doc:"Not signed in for so many calendar months or more; whoever never signed in counts from the creation"`
	Never  bool   `query:"neverSignedIn" doc:"Only users who never signed in"`
	Lost   bool   `query:"undeliverable" doc:"Only users whose address is not written to"`
	Sort   string `query:"sort" enum:"familyName,givenName,username,email,lastSignInAt" default:"familyName"`
	Order  string `query:"order" enum:"asc,desc" default:"asc"`
	Page
}

// Page is which part of a list is asked for.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor string `query:"cursor" maxLength:"1000" doc:"nextCursor of the page before"`
}

type listUsersAnswer struct {
	Body struct {
		Items      []userBody `json:"items" nullable:"false"`
		NextCursor string     `json:"nextCursor,omitempty" doc:"Missing at the end of the list. A page may have fewer items than the limit, even none, before"`
		Total      *int       `json:"total,omitempty" doc:"How many there are in all, where that is known without reading them all"`
	}
}

func (g *group) listUsers(ctx context.Context, c directory.Caller, in *listUsersInput) (*listUsersAnswer, error) {
	found, err := g.directory.Users(ctx, c, directory.UserQuery{
		Match: in.Query, Status: directory.Status(in.Status), Roles: oneRole(in.Role), Site: in.Site,
		School: directory.SchoolID(in.School), SeenBefore: g.inactive(c, in.Months), NeverIn: in.Never, Undeliverable: in.Lost,
		Sort: directory.UserSort(in.Sort), Descending: in.Order == "desc", Limit: in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	var answer listUsersAnswer
	answer.Body.Items = []userBody{}
	for _, u := range found.Users {
		answer.Body.Items = append(answer.Body.Items, showUser(c, u))
	}
	answer.Body.NextCursor, answer.Body.Total = found.Next, found.Total
	return &answer, nil
}

// inactive is since when nobody may have been active who is listed; zero for 0 months.
func (g *group) inactive(c directory.Caller, months int) time.Time {
	if months == 0 {
		return time.Time{}
	}
	return c.Organisation.MonthsAgo(g.directory.Now(), months)
}

// oneRole is the filter by a role; none for "".
func oneRole(id string) []directory.RoleID {
	if id == "" {
		return nil
	}
	return []directory.RoleID{directory.RoleID(id)}
}

type createUserInput struct {
	OnceHeader
	Body newUserBody
}

type createdAnswer struct {
	ETag string `header:"ETag"`
	Body Created
}

// Created is a new user with the initial password.
type Created struct {
	User            userBody `json:"user"`
	InitialPassword *string  `json:"initialPassword" nullable:"true" doc:"To be handed over in person. It is shown here and never again; null when an answer is repeated for an Idempotency-Key"`
}

func (g *group) createUser(ctx context.Context, c directory.Caller, in *createUserInput) (*createdAnswer, error) {
	made, err := g.directory.CreateUser(ctx, c, in.Body.user(), in.once())
	if err != nil {
		return nil, err
	}
	return &createdAnswer{
		ETag: etag(made.User.Version), Body: Created{User: showUser(c, made.User), InitialPassword: shown(made.Password)},
	}, nil
}

// shown is null for a secret that was shown before.
func shown(s directory.Shown) *string {
	if s == "" {
		return nil
	}
	text := string(s)
	return &text
}

// UserInput names the user an operation is about.
type UserInput struct {
	ID string `path:"id" doc:"The user's id"`
}

func (g *group) getUser(ctx context.Context, c directory.Caller, in *UserInput) (*userAnswer, error) {
	u, err := g.directory.User(ctx, c, directory.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	locked, err := g.directory.LockedOut(ctx, c, u)
	if err != nil {
		return nil, err
	}
	a := userAnswerOf(c, u)
	a.Body.Locked = locked
	return a, nil
}

type changeUserInput struct {
	UserInput
	MatchHeader
	Body userChangeBody
}

func (g *group) changeUser(ctx context.Context, c directory.Caller, in *changeUserInput) (*userAnswer, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	change := in.Body.change()
	change.Roles = roleIDs(in.Body.Roles)
	change.EndsAt, change.IdleMinutes, change.Undeliverable = in.Body.EndsAt.time(), in.Body.IdleMinutes, in.Body.Undeliverable
	u, err := g.directory.ChangeUser(ctx, c, directory.UserID(in.ID), change, seen)
	if err != nil {
		return nil, err
	}
	return userAnswerOf(c, u), nil
}

type deleteUserInput struct {
	UserInput
	MatchHeader
}

func (g *group) deleteUser(ctx context.Context, c directory.Caller, in *deleteUserInput) (*struct{}, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	return nil, g.directory.DeleteUser(ctx, c, directory.UserID(in.ID), seen)
}

func (g *group) getMe(_ context.Context, c directory.Caller, _ *struct{}) (*userAnswer, error) {
	return userAnswerOf(c, c.User), nil
}

type changeMeInput struct {
	MatchHeader
	Body OwnDetails
}

func (g *group) changeMe(ctx context.Context, c directory.Caller, in *changeMeInput) (*userAnswer, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	u, err := g.directory.ChangeSelf(ctx, c, in.Body.change(), seen)
	if err != nil {
		return nil, err
	}
	return userAnswerOf(c, u), nil
}
