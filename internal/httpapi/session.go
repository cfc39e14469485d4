package httpapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// Session is the area of signing in and out.
func Session() Area {
	return Area{Name: "session", add: addSession}
}

func addSession(g *group) {
	register(g, Operation{
		ID: "signIn", Method: http.MethodPost, Path: "/session", Access: Public, Summary: "Sign in",
		Errors: []int{http.StatusUnauthorized, http.StatusConflict, http.StatusLocked},
	}, g.signIn)
	register(g, Operation{
		ID: "getSession", Method: http.MethodGet, Path: "/session", Access: SignedIn,
		Summary: "Who is signed in, what is open to them, and what is still to be done",
	}, g.getSession)
	register(g, Operation{
		ID: "signOut", Method: http.MethodDelete, Path: "/session", Access: SignedIn, Summary: "Sign out",
		KeepsSession: true,
		Status:       http.StatusNoContent,
	}, g.signOut)
	register(g, Operation{
		ID: "meetNewPassword", Method: http.MethodPost, Path: "/session/password", Access: SignedIn,
		Ahead:   ownPasswords,
		Summary: "Meet the challenge newPassword", Errors: []int{http.StatusConflict},
	}, g.meetNewPassword)
	register(g, Operation{
		ID: "meetAgreement", Method: http.MethodPost, Path: "/session/agreement", Access: SignedIn,
		Summary: "Meet the challenge agreement", Errors: []int{http.StatusConflict},
	}, g.meetAgreement)
	addProofs(g)
	addPasskeySignIn(g)
	addFederation(g)
	addEntrance(g)
	g.serveDocument()
}

type sessionAnswer struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      sessionBody
}

type sessionBody struct {
	Status            string                `json:"status" enum:"active,challenge,signInAgain,ended" doc:"active: signed in. challenge: something has to be done first. signInAgain, ended: the session is over"`
	Challenge         *challengeBody        `json:"challenge,omitempty"`
	User              *userBody             `json:"user,omitempty"`
	Organisation      *OrganisationShort    `json:"organisation,omitempty"`
	Rights            []directory.Right     `json:"rights" nullable:"false" doc:"Those that can be used now; empty while a challenge is open"`
	Areas             []areaBody            `json:"areas" nullable:"false" doc:"All areas; empty while a challenge is open"`
	OwnFields         []directory.UserField `json:"ownFields" nullable:"false" doc:"Which of one's own details one may change, as the settings say; empty while a challenge is open"`
	UserRules         *userRulesBody        `json:"userRules,omitempty" doc:"Only with the right users.manage: what the settings, which may be closed to the caller, say of accounts"`
	Method            directory.Method      `json:"method,omitempty" enum:"password,passkey,federated" doc:"How the user signed in"`
	Elevated          bool                  `json:"elevated" doc:"The security code opens the administration areas at present"`
	ElevationNeeded   bool                  `json:"elevationNeeded" doc:"There are rights that wait for the security code"`
	ElevatedUntil     *time.Time            `json:"elevatedUntil,omitempty"`
	Support           *supportBody          `json:"support,omitempty" doc:"Only in a support session: the caller is one of the platform's support staff. To be shown as a banner"`
	PasswordExpiresAt *time.Time            `json:"passwordExpiresAt,omitempty" doc:"When a new password has to be chosen, where passwords are good for a time only"`
	RecoveryCodes     []string              `json:"recoveryCodes,omitempty" doc:"A new second factor's recovery codes. They are shown here and never again"`
	IdleMinutes       int                   `json:"idleMinutes,omitempty" doc:"Minutes without use after which the session ends"`
	ExpiresAt         *time.Time            `json:"expiresAt,omitempty" doc:"When the session ends unless it is used again"`
}

type supportBody struct {
	Supporter string    `json:"supporter" doc:"Who it is"`
	Reason    string    `json:"reason"`
	Until     time.Time `json:"until" doc:"When the session ends at the latest"`
}

type challengeBody struct {
	Kind    directory.Challenge `json:"kind" enum:"totp,passkey,newPassword,totpSetup,agreement"`
	Rules   []passwordRule      `json:"rules,omitempty" doc:"With newPassword"`
	Methods []string            `json:"methods,omitempty" enum:"totp,passkey,recoveryCode" doc:"With totp and passkey: what serves"`
	*TOTPSecret
	*AgreementText
}

// AgreementText is the conditions of use as they are put before a user.
type AgreementText struct {
	Version int    `json:"version" doc:"With agreement"`
	Short   string `json:"short" doc:"With agreement: the conditions of use in brief"`
	Long    string `json:"long" doc:"With agreement: the conditions of use in full"`
}

// OrganisationShort is what everybody in an organisation may know of it.
type OrganisationShort struct {
	ID       directory.Slug `json:"id"`
	Slug     directory.Slug `json:"slug"`
	Name     string         `json:"name"`
	Language string         `json:"language"`
}

type areaBody struct {
	ID      directory.AreaID `json:"id"`
	Label   string           `json:"label" doc:"In the organisation's language"`
	Names   directory.Label  `json:"names" doc:"By language; English at least"`
	Enabled bool             `json:"enabled" doc:"False: to be shown, but closed to this user"`
}

type signInInput struct {
	Body struct {
		Organisation string `json:"organisation" doc:"The organisation's slug" example:"bash-street"`
		Username     string `json:"username" example:"DSmit1259"`
		Password     string `json:"password"`
	}
}

func (g *group) signIn(ctx context.Context, _ directory.Caller, in *signInInput) (*sessionAnswer, error) {
	b := in.Body
	c, token, err := g.directory.SignIn(ctx, directory.SignIn{
		Org: directory.CleanSlug(b.Organisation), Username: b.Username, Password: b.Password,
		Known: knownIn(ctx), Former: formerIn(ctx), From: originIn(ctx),
	})
	return g.signedIn(ctx, c, token, err)
}

// signedIn answers a try to sign in.
func (g *group) signedIn(ctx context.Context, c directory.Caller, token directory.Token, err error) (*sessionAnswer, error) {
	if err != nil {
		seenIn(ctx).signIn(directory.DoorOf(err), err)
		return nil, err
	}
	seenIn(ctx).signIn(c.Organisation.Slug, nil)
	return g.sessionOf(ctx, c, g.cookie(token))
}

func (g *group) getSession(ctx context.Context, c directory.Caller, _ *struct{}) (*sessionAnswer, error) {
	return g.sessionOf(ctx, c)
}

// sessionOf shows a session as its user may see it, and remembers the browser if that is new.
func (g *group) sessionOf(ctx context.Context, c directory.Caller, cookies ...http.Cookie) (*sessionAnswer, error) {
	if c.Remembered {
		cookies = append(cookies, g.knownCookie(c.Known))
	}
	answer := sessionAnswer{SetCookie: cookies, Body: g.showSession(c)}
	if open := c.Session.Challenge(); open != "" {
		challenge, err := g.challenge(ctx, c, open)
		if err != nil {
			return nil, err
		}
		answer.Body.Status, answer.Body.Challenge = "challenge", challenge
		answer.Body.Rights, answer.Body.Areas, answer.Body.OwnFields = []directory.Right{}, []areaBody{}, []directory.UserField{}
		answer.Body.UserRules = nil
	}
	return &answer, nil
}

func (g *group) showSession(c directory.Caller) sessionBody {
	now := g.directory.Now()
	ends, user := c.Session.ExpiresAt().UTC(), showUser(c, c.User)
	b := sessionBody{
		Status: "active", User: &user, Organisation: showShort(c.Organisation), Rights: c.Rights, Areas: g.areasOf(c),
		OwnFields: append([]directory.UserField{}, c.Organisation.Policy.Users.OwnFields...),
		Method:    c.Session.Method, Elevated: c.Elevated(now), ElevationNeeded: c.ElevationOpen(),
		IdleMinutes: int(c.Session.Idle.Minutes()), ExpiresAt: &ends,
	}
	if slices.Contains(c.Rights, directory.UsersManage) {
		b.UserRules = showUserRules(c.Organisation)
	}
	if b.Elevated {
		b.ElevatedUntil = moment(c.Session.ElevatedUntil)
	}
	if c.Session.Method == directory.ByPassword {
		b.PasswordExpiresAt = moment(c.Organisation.PasswordExpiry(c.User))
	}
	if v := c.Visit(); v != nil {
		b.Support = &supportBody{Supporter: v.Supporter.Name, Reason: v.Reason, Until: v.Until.UTC()}
		b.User.Roles, b.User.Admin = []directory.RoleID{}, false // those are the operator's, of another organisation
	}
	return b
}

// moment is nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (g *group) challenge(ctx context.Context, c directory.Caller, kind directory.Challenge) (*challengeBody, error) {
	body := challengeBody{Kind: kind}
	switch kind {
	case directory.ChallengeTOTP, directory.ChallengePasskey:
		body.Methods = factorMethods(c.User.Factors)
	case directory.ChallengeNewPassword:
		body.Rules = showRules(c.Organisation.Policy.Passwords)
	case directory.ChallengeTOTPSetup:
		s, err := g.directory.BeginTOTP(ctx, c)
		if err != nil {
			return nil, err
		}
		body.TOTPSecret = showTOTP(s)
	case directory.ChallengeAgreement:
		a, err := g.directory.Agreement(ctx, c, 0)
		if err != nil {
			return nil, err
		}
		body.AgreementText = &AgreementText{Version: a.Version, Short: a.Text.Short, Long: a.Text.Long}
	}
	return &body, nil
}

func (g *group) areasOf(c directory.Caller) []areaBody {
	shown := []areaBody{}
	for _, area := range g.directory.Areas(c) {
		shown = append(shown, areaBody{ID: area.ID, Label: area.Label, Names: area.Names, Enabled: area.Enabled})
	}
	return shown
}

func showShort(o directory.Organisation) *OrganisationShort {
	return &OrganisationShort{ID: o.Slug, Slug: o.Slug, Name: o.Name, Language: o.Language}
}

type signOutAnswer struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (g *group) signOut(ctx context.Context, c directory.Caller, _ *struct{}) (*signOutAnswer, error) {
	return &signOutAnswer{SetCookie: []http.Cookie{g.cookie(directory.Token{})}}, g.directory.SignOut(ctx, c)
}

type newPasswordInput struct {
	Body struct {
		NewPassword    string `json:"newPassword"`
		RepeatPassword string `json:"repeatPassword"`
	}
}

func (g *group) meetNewPassword(ctx context.Context, c directory.Caller, in *newPasswordInput) (*sessionAnswer, error) {
	after, token, err := g.directory.MeetNewPassword(ctx, c,
		directory.NewPassword{Password: in.Body.NewPassword, Repeat: in.Body.RepeatPassword})
	if err != nil {
		return nil, err
	}
	if token == (directory.Token{}) {
		return g.over("signInAgain"), nil
	}
	return g.sessionOf(ctx, after, g.cookie(token))
}

// over says that a session has come to its end, and takes the cookie back.
func (g *group) over(status string) *sessionAnswer {
	return &sessionAnswer{
		SetCookie: []http.Cookie{g.cookie(directory.Token{})},
		Body:      sessionBody{Status: status, Rights: []directory.Right{}, Areas: []areaBody{}, OwnFields: []directory.UserField{}},
	}
}

type agreementInput struct {
	Body struct {
		Version  int  `json:"version" doc:"The version that was read"`
		Accepted bool `json:"accepted" doc:"false ends the session"`
	}
}

func (g *group) meetAgreement(ctx context.Context, c directory.Caller, in *agreementInput) (*sessionAnswer, error) {
	after, err := g.directory.MeetAgreement(ctx, c, in.Body.Version, in.Body.Accepted)
	if err != nil {
		return nil, err
	}
	if !in.Body.Accepted {
		return g.over("ended"), nil
	}
	return g.sessionOf(ctx, after)
}
