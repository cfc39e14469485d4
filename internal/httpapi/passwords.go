package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

// Passwords is the area of resets and of one's own password, and of what else a mail's link leads to.
func Passwords() Area {
	return Area{Name: "passwords", add: addPasswords}
}

func addPasswords(g *group) {
	addUnsubscribe(g)
	register(g, Operation{
		ID: "requestPasswordLink", Method: http.MethodPost, Path: "/password-resets", Access: Public,
		Summary: "Have a link mailed by which to choose a new password; the answer is the same whether there is such an account or not",
		Status:  http.StatusAccepted,
	}, g.requestPasswordLink)
	register(g, Operation{
		ID: "choosePassword", Method: http.MethodPost, Path: "/password-resets/confirm", Access: Public,
		Summary: "Choose a new password through a mailed link", Status: http.StatusNoContent,
	}, g.choosePassword)
	register(g, Operation{
		ID: "changeMyPassword", Method: http.MethodPut, Path: "/me/password", Access: Admitted, Proving: true,
		Ahead:   ownPasswords,
		Summary: "Change one's own password; sessions elsewhere end", Status: http.StatusNoContent,
	}, g.changeMyPassword)
	register(g, Operation{
		ID: "getPasswordRules", Method: http.MethodGet, Path: "/me/password-rules", Access: SignedIn,
		Summary: "The rules for passwords as data, to be ticked off while one types",
	}, g.getPasswordRules)
	register(g, Operation{
		ID: "resetPassword", Method: http.MethodPost, Path: "/users/{id}/password-reset", Access: Holder,
		Right: directory.UsersManage, About: true, Credential: true,
		Summary: "Give a user a temporary password, shown once, or have a link mailed (202), as the settings say",
		Errors:  []int{http.StatusNotFound, http.StatusConflict},
	}, g.resetPassword)
}

type linkInput struct {
	Body struct {
		Organisation string `json:"organisation" doc:"The organisation's slug"`
		Username     string `json:"username,omitempty" maxLength:"300"`
		Email        string `json:"email,omitempty" doc:"Instead of the username" maxLength:"300"`
	}
}

func (g *group) requestPasswordLink(ctx context.Context, _ directory.Caller, in *linkInput) (*struct{}, error) {
	b := in.Body
	return nil, g.directory.RequestLink(ctx, directory.LinkRequest{
		Org: directory.CleanSlug(b.Organisation), Username: b.Username, Email: b.Email, From: originIn(ctx),
	})
}

type choosePasswordInput struct {
	Body struct {
		Token          string `json:"token" doc:"Of the mailed link" maxLength:"200"`
		NewPassword    string `json:"newPassword"`
		RepeatPassword string `json:"repeatPassword"`
	}
}

func (g *group) choosePassword(ctx context.Context, _ directory.Caller, in *choosePasswordInput) (*struct{}, error) {
	b := in.Body
	return nil, g.directory.ChooseByLink(ctx, b.Token,
		directory.NewPassword{Password: b.NewPassword, Repeat: b.RepeatPassword}, originIn(ctx))
}

type passwordRule struct {
	ID      directory.RuleID `json:"id" enum:"length,upper,lower,digit,characters,repeat"`
	Label   string           `json:"label"`
	Pattern string           `json:"pattern,omitempty" doc:"An ECMAScript regular expression that the password must match; the rule repeat has none: it compares the two copies"`
}

func showRules(p directory.PasswordPolicy) []passwordRule {
	shown := []passwordRule{}
	for _, r := range p.Rules() {
		shown = append(shown, passwordRule(r))
	}
	return shown
}

type rulesAnswer struct {
	Body struct {
		Rules       []passwordRule `json:"rules" nullable:"false"`
		MinLength   int            `json:"minLength"`
		MaxLength   int            `json:"maxLength"`
		Punctuation string         `json:"punctuation" doc:"The only characters allowed beside A to Z, a to z and 0 to 9; empty allows any"`
		Refused     []string       `json:"refused" nullable:"false" enum:"common,names,history" doc:"What only the service can check: passwords that many have, that contain one's own or the organisation's name, or that one had before"`
	}
}

func (g *group) getPasswordRules(_ context.Context, c directory.Caller, _ *struct{}) (*rulesAnswer, error) {
	p := c.Organisation.Policy.Passwords
	var answer rulesAnswer
	answer.Body.Rules = showRules(p)
	answer.Body.Refused = p.Refused()
	answer.Body.MinLength, answer.Body.MaxLength, answer.Body.Punctuation = p.MinLength, p.MaxLength, p.Punctuation
	return &answer, nil
}

type changePasswordInput struct {
	Body struct {
		CurrentPassword string `json:"currentPassword"`
		NewPassword     string `json:"newPassword"`
		RepeatPassword  string `json:"repeatPassword"`
	}
}

// changePasswordAnswer carries the new session's cookie: the old one ended with all the others.
type changePasswordAnswer struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (g *group) changeMyPassword(ctx context.Context, c directory.Caller, in *changePasswordInput) (*changePasswordAnswer, error) {
	b := in.Body
	_, token, err := g.directory.ChangeOwnPassword(ctx, c, b.CurrentPassword,
		directory.NewPassword{Password: b.NewPassword, Repeat: b.RepeatPassword})
	if err != nil {
		return nil, err
	}
	return &changePasswordAnswer{SetCookie: []http.Cookie{g.cookie(token)}}, nil
}

type resetAnswer struct {
	Status int
	Body   struct {
		User              userBody `json:"user"`
		TemporaryPassword string   `json:"temporaryPassword,omitempty" doc:"To be handed over in person. It is shown here and never again; missing where a link is mailed instead"`
	}
}

func (g *group) resetPassword(ctx context.Context, c directory.Caller, in *UserInput) (*resetAnswer, error) {
	reset, err := g.directory.ResetPassword(ctx, c, directory.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	answer := resetAnswer{Status: http.StatusOK}
	if reset.Mailed {
		answer.Status = http.StatusAccepted
	}
	answer.Body.User, answer.Body.TemporaryPassword = showUser(c, reset.User), string(reset.Password)
	return &answer, nil
}
