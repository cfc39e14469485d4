package httpapi

import "github.com/caretaker/caretaker/internal/directory"

// OptionalDetails are those that an organisation may keep of its users; its policy says which.
type OptionalDetails struct {
	Title        *string `json:"title,omitempty" example:"Mrs"`
	Telephone    *string `json:"telephone,omitempty" example:"+44 20 7946 0000"`
	Mobile       *string `json:"mobile,omitempty"`
	Language     *string `json:"language,omitempty" doc:"Preferred language" example:"en"`
	StaffID      *string `json:"staffId,omitempty"`
	Verification *string `json:"verification,omitempty" doc:"What proves that the person was checked"`
	Site         *string `json:"site,omitempty"`
}

// fill puts the details that were sent into the map.
func (o OptionalDetails) fill(details map[directory.UserField]string) map[directory.UserField]string {
	for field, value := range map[directory.UserField]*string{
		directory.FieldTitle: o.Title, directory.FieldTelephone: o.Telephone, directory.FieldMobile: o.Mobile,
		directory.FieldLanguage: o.Language, directory.FieldStaffID: o.StaffID, directory.FieldVerification: o.Verification,
		directory.FieldSite: o.Site,
	} {
		if value != nil {
			details[field] = *value
		}
	}
	return details
}

type newUserBody struct {
	GivenName  string `json:"givenName" example:"Danny"`
	FamilyName string `json:"familyName" example:"Smith"`
	Email      string `json:"email" example:"d.smith@bash-street.example"`
	Username   string `json:"username,omitempty" doc:"Only where the organisation has usernames chosen"`
	OptionalDetails
	Roles  *[]string `json:"roles,omitempty" doc:"Left out: the organisation's default roles"`
	EndsAt *EndDate  `json:"endsAt,omitempty"`
}

func (b newUserBody) user() directory.NewUser {
	n := directory.NewPerson(b.GivenName, b.FamilyName, b.Email)
	n.Details = b.fill(n.Details)
	n.Username, n.Roles, n.EndsAt = b.Username, roleIDs(b.Roles), b.EndsAt.time()
	return n
}

func roleIDs(names *[]string) *[]directory.RoleID {
	if names == nil {
		return nil
	}
	ids := make([]directory.RoleID, len(*names))
	for i, n := range *names {
		ids[i] = directory.RoleID(n)
	}
	return &ids
}

// OwnDetails are what can be changed of a user; what is left out stays as it is, and an optional detail is taken away
// by "".
type OwnDetails struct {
	GivenName  *string `json:"givenName,omitempty"`
	FamilyName *string `json:"familyName,omitempty"`
	Email      *string `json:"email,omitempty"`
	OptionalDetails
}

func (b OwnDetails) change() directory.UserChange {
	details := b.fill(map[directory.UserField]string{})
	for field, value := range map[directory.UserField]*string{
		directory.FieldGivenName: b.GivenName, directory.FieldFamilyName: b.FamilyName, directory.FieldEmail: b.Email,
	} {
		if value != nil {
			details[field] = *value
		}
	}
	return directory.UserChange{Details: details}
}

type userChangeBody struct {
	OwnDetails
	Roles       *[]string `json:"roles,omitempty"`
	EndsAt      *EndDate  `json:"endsAt,omitempty"`
	IdleMinutes *int      `json:"idleMinutes,omitempty" doc:"Minutes without use after which the user's sessions end, 5 to 720; 0 is as the settings say"`
	// Undeliverable is no part of OwnDetails: one cannot tell from inside whether one's mails arrive.
	Undeliverable *bool `json:"undeliverable,omitempty" doc:"false: mails to the present address arrive after all; nothing else can be set"`
}

// userRulesBody is what whoever manages users must know of the settings, to ask for the right things and to say what an
// action will do.
type userRulesBody struct {
	Fields         []directory.UserField `json:"fields" nullable:"false" doc:"The optional details that the organisation keeps"`
	Required       []directory.UserField `json:"required" nullable:"false" doc:"Those of them that must be filled in"`
	DefaultRoles   []directory.RoleID    `json:"defaultRoles" nullable:"false"`
	RolesRequired  bool                  `json:"rolesRequired" doc:"Every new user needs at least one role"`
	UsernameChosen bool                  `json:"usernameChosen" doc:"Whoever adds a user chooses the username"`
	UsernameReuse  directory.Reuse       `json:"usernameReuse" enum:"never,afterDelete" doc:"When a username becomes free again"`
	Reset          directory.ResetKind   `json:"reset" enum:"temporary,standardCode,email" doc:"What a reset of a password does now"`
	KeepDays       int                   `json:"keepDays" doc:"Days until an account that somebody archived is deleted; 0 is never"`
	GraceDays      int                   `json:"graceDays" doc:"Days after a restore or a reinstatement on which nothing happens to an account by itself"`

	SecondFactor directory.SecondFactorDemand `json:"secondFactor" enum:"nobody,administrators,everybody" doc:"Who must have a second factor"`
}

func showUserRules(o directory.Organisation) *userRulesBody {
	p := o.Policy
	return &userRulesBody{
		Fields: append([]directory.UserField{}, p.Users.Fields...), Required: append([]directory.UserField{}, p.Users.Required...),
		DefaultRoles: append([]directory.RoleID{}, p.Users.DefaultRoles...), RolesRequired: p.Users.RolesRequired,
		UsernameChosen: p.Usernames.Chosen, UsernameReuse: p.Usernames.Reuse, Reset: o.ResetKind(), KeepDays: p.Lifecycle.KeepDays,
		GraceDays: p.Lifecycle.GraceDays, SecondFactor: p.SignIn.SecondFactor,
	}
}
