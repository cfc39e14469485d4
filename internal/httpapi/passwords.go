package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

// Passwords is the area of resets and of one's own password.
func Passwords() Area {
	return Area{Name: "passwords", add: addPasswords}
}

func addPasswords(g *group) {
	register(g, Operation{
		ID: "changeMyPassword", Method: http.MethodPut, Path: "/me/password", Access: Admitted,
		Summary: "Change one's own password; sessions elsewhere end", Status: http.StatusNoContent,
	}, g.changeMyPassword)
	register(g, Operation{
		ID: "getPasswordRules", Method: http.MethodGet, Path: "/me/password-rules", Access: SignedIn,
		Summary: "The rules for passwords as data, to be ticked off while one types",
	}, g.getPasswordRules)
	register(g, Operation{
		ID: "resetPassword", Method: http.MethodPost, Path: "/users/{id}/password-reset", Access: Holder,
		Right: directory.UsersManage, About: true, Summary: "Give a user a temporary password, shown once",
		Errors: []int{http.StatusNotFound},
	}, g.resetPassword)
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
	}
}

func (g *group) getPasswordRules(_ context.Context, c directory.Caller, _ *struct{}) (*rulesAnswer, error) {
	p := c.Organisation.Policy.Passwords
	var answer rulesAnswer
	answer.Body.Rules = showRules(p)
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
	Body struct {
		User              userBody `json:"user"`
		TemporaryPassword string   `json:"temporaryPassword" doc:"To be handed over in person. It is shown here and never again"`
	}
}

func (g *group) resetPassword(ctx context.Context, c directory.Caller, in *UserInput) (*resetAnswer, error) {
	u, password, err := g.directory.ResetPassword(ctx, c, directory.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	var answer resetAnswer
	answer.Body.User, answer.Body.TemporaryPassword = showUser(c, u), string(password)
	return &answer, nil
}
