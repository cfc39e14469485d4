package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

// Organisation is the area of an organisation's own affairs.
func Organisation() Area {
	return Area{Name: "organisation", add: addOrganisation}
}

func addOrganisation(g *group) {
	addPrimaryContact(g)
	addRoles(g)
	addSchools(g)
	addSchoolGroups(g)
	addCodes(g)
	addAudit(g)
	addForecast(g)
	addOverview(g)
	addAnnouncements(g)
	addAgreement(g)
	addSettings(g)
	register(g, Operation{
		ID: "contact", Method: http.MethodPost, Path: "/contact", Access: Holder, Right: directory.ContactSend,
		Once:    "contact",
		Summary: "Send a message to customer service", Status: http.StatusAccepted, Errors: []int{http.StatusConflict},
	}, g.contact)
}

type contactInput struct {
	OnceHeader
	Body struct {
		Subject string `json:"subject"`
		Message string `json:"message"`
	}
}

type contactAnswer struct {
	Body struct {
		ID string `json:"id" doc:"Names the message towards customer service"`
	}
}

func (g *group) contact(ctx context.Context, c directory.Caller, in *contactInput) (*contactAnswer, error) {
	sent, err := g.directory.Contact(ctx, c,
		directory.ContactMessage{Subject: in.Body.Subject, Message: in.Body.Message}, in.once())
	if err != nil {
		return nil, err
	}
	var answer contactAnswer
	answer.Body.ID = sent.ID
	return &answer, nil
}
