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
	addAnnouncements(g)
	register(g, Operation{
		ID: "getSettings", Method: http.MethodGet, Path: "/settings", Access: Holder, Right: directory.SettingsManage,
		Summary: "Show the organisation's policy, whole",
	}, g.getSettings)
	register(g, Operation{
		ID: "putSettings", Method: http.MethodPut, Path: "/settings", Access: Holder, Right: directory.SettingsManage,
		Summary: "Set the organisation's policy, whole", Errors: []int{http.StatusPreconditionFailed},
	}, g.putSettings)
	addAgreement(g)
	register(g, Operation{
		ID: "contact", Method: http.MethodPost, Path: "/contact", Access: Holder, Right: directory.ContactSend,
		Once:    "contact",
		Summary: "Send a message to customer service", Status: http.StatusAccepted, Errors: []int{http.StatusConflict},
	}, g.contact)
}

type settingsAnswer struct {
	ETag string `header:"ETag"`
	Body struct {
		Policy  directory.Policy `json:"policy"`
		Version int64            `json:"version"`
	}
}

func (g *group) getSettings(_ context.Context, c directory.Caller, _ *struct{}) (*settingsAnswer, error) {
	return showSettings(c.Organisation), nil
}

func showSettings(o directory.Organisation) *settingsAnswer {
	answer := settingsAnswer{ETag: etag(o.Version)}
	answer.Body.Policy, answer.Body.Version = o.Policy, o.Version
	return &answer
}

type settingsInput struct {
	MatchHeader
	Body struct {
		Policy directory.Policy `json:"policy" doc:"As GET shows it, with what is to be changed"`
	}
}

func (g *group) putSettings(ctx context.Context, c directory.Caller, in *settingsInput) (*settingsAnswer, error) {
	seen, err := in.version()
	if err != nil {
		return nil, err
	}
	o, err := g.directory.ChangeSettings(ctx, c, in.Body.Policy, seen)
	if err != nil {
		return nil, err
	}
	return showSettings(o), nil
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
