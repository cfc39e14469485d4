package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

func addPrimaryContact(g *group) {
	const path = "/primary-contact"
	register(g, Operation{
		ID: "getPrimaryContact", Method: http.MethodGet, Path: path, Access: Admitted,
		Summary: "Whom the platform writes to about the organisation", Errors: []int{http.StatusNotFound},
	}, g.getPrimaryContact)
	register(g, Operation{
		ID: "setPrimaryContact", Method: http.MethodPut, Path: path, Access: Holder, Right: directory.SettingsManage,
		Summary: "Name another user of the organisation for it", Errors: []int{http.StatusPreconditionFailed},
	}, g.setPrimaryContact)
}

type primaryContactAnswer struct {
	Body struct {
		User      directory.UserID `json:"user" doc:"The user's id"`
		Name      string           `json:"name"`
		Email     string           `json:"email"`
		Telephone string           `json:"telephone,omitempty"`
	}
}

func showPrimaryContact(u directory.User) *primaryContactAnswer {
	var answer primaryContactAnswer
	b := &answer.Body
	b.User, b.Name, b.Email, b.Telephone = u.ID, u.Name(), u.Email, u.More[directory.FieldTelephone]
	return &answer
}

func (g *group) getPrimaryContact(ctx context.Context, c directory.Caller, _ *struct{}) (*primaryContactAnswer, error) {
	u, err := g.directory.PrimaryContact(ctx, c)
	if err != nil {
		return nil, err
	}
	return showPrimaryContact(u), nil
}

type primaryContactInput struct {
	Body struct {
		User directory.UserID `json:"user" doc:"The user's id"`
	}
}

func (g *group) setPrimaryContact(ctx context.Context, c directory.Caller, in *primaryContactInput) (*primaryContactAnswer, error) {
	u, err := g.directory.ChangePrimaryContact(ctx, c, in.Body.User)
	if err != nil {
		return nil, err
	}
	return showPrimaryContact(u), nil
}
