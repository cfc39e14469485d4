package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

func addCommunications(g *group) {
	const path = "/me/communications"
	register(g, Operation{
		ID: "getCommunications", Method: http.MethodGet, Path: path, Access: Admitted, Summary: "Which general mails one wants",
	}, g.getCommunications)
	register(g, Operation{
		ID: "setCommunications", Method: http.MethodPut, Path: path, Access: Admitted,
		Summary: "Say which general mails one wants; those about the account and the service always come",
	}, g.setCommunications)
}

type communicationsBody struct {
	News       bool `json:"news" doc:"Tutorials and news about the service"`
	Newsletter bool `json:"newsletter"`
	Digest     bool `json:"digest" doc:"The weekly mail to administrators, for whoever is one"`
}

type communicationsChange struct {
	News       bool  `json:"news" doc:"Tutorials and news about the service"`
	Newsletter bool  `json:"newsletter"`
	Digest     *bool `json:"digest,omitempty" doc:"The weekly mail to administrators; it stays as it is where nothing is said"`
}

type communicationsAnswer struct{ Body communicationsBody }

func (g *group) getCommunications(_ context.Context, c directory.Caller, _ *struct{}) (*communicationsAnswer, error) {
	return &communicationsAnswer{Body: communicationsBody(c.User.Wants)}, nil
}

func (g *group) setCommunications(ctx context.Context, c directory.Caller, in *struct{ Body communicationsChange }) (*communicationsAnswer, error) {
	wants, err := g.directory.ChangeCommunications(ctx, c, directory.CommunicationsChange(in.Body))
	if err != nil {
		return nil, err
	}
	return &communicationsAnswer{Body: communicationsBody(wants)}, nil
}
