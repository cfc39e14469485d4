package httpapi

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

func addOverview(g *group) {
	register(g, Operation{
		ID: "getOverview", Method: http.MethodGet, Path: "/overview", Access: Holder, Right: directory.UsersView,
		Ahead:   administrators,
		Summary: "How the organisation stands: when people signed in last, sign-ins by day, and what needs attention",
	}, g.getOverview)
}

type monthSeenBody struct {
	Month string `json:"month" example:"2026-12"`
	Users int    `json:"users"`
}

type daySignInsBody struct {
	Day      string `json:"day" example:"2026-12-31"`
	SignIns  int    `json:"signIns"`
	Failures int    `json:"failures" doc:"Wrong passwords and codes, and those who were kept out"`
	Partial  bool   `json:"partial,omitempty" doc:"There were more than were counted"`
}

type lockedBody struct {
	ID       directory.UserID `json:"id"`
	Username string           `json:"username"`
	Name     string           `json:"name"`
}

type attentionBody struct {
	Administrators        int          `json:"administrators" doc:"Who can act now"`
	AdministratorsAdvised int          `json:"administratorsAdvised" doc:"How many there should be, deputies included; 0 where the organisation cannot add any itself"`
	Undeliverable         int          `json:"undeliverable" doc:"Whose address is not written to"`
	Suspended             int          `json:"suspended"`
	ArchiveSoon           int          `json:"archiveSoon" doc:"Who will be archived within 30 days"`
	ArchiveIdle           int          `json:"archiveIdle" doc:"Who of them because of no sign-in; the others have an end date"`
	Locked                []lockedBody `json:"locked" nullable:"false" doc:"Who was locked out in the last 30 days and still is, at most 50"`
}

type overviewAnswer struct {
	Body struct {
		Active        int              `json:"active" doc:"Users who are active"`
		Months        []monthSeenBody  `json:"months" nullable:"false" doc:"Users by the month of their last sign-in, the oldest first, this month last"`
		Earlier       int              `json:"earlier" doc:"Users who signed in last before these months"`
		Never         int              `json:"never" doc:"Users who never signed in"`
		Days          []daySignInsBody `json:"days" nullable:"false" doc:"Sign-ins of the last 30 days, today's last"`
		Attention     attentionBody    `json:"attention"`
		Partial       bool             `json:"partial" doc:"There are more accounts than were looked at"`
		TimeZone      string           `json:"timeZone" doc:"Where the days begin" example:"Europe/London"`
		ArchiveMonths int              `json:"archiveMonths" doc:"After how many months without a sign-in an account is archived; 0: never"`
	}
}

func (g *group) getOverview(ctx context.Context, c directory.Caller, _ *struct{}) (*overviewAnswer, error) {
	v, err := g.directory.Overview(ctx, c)
	if err != nil {
		return nil, err
	}
	var answer overviewAnswer
	b := &answer.Body
	b.Active, b.Earlier, b.Never, b.Partial = v.Active, v.Earlier, v.Never, v.Partial
	b.TimeZone = c.Organisation.Policy.Lifecycle.TimeZone
	b.ArchiveMonths = c.Organisation.Policy.Lifecycle.ArchiveMonths
	for _, m := range v.LastSignIns {
		b.Months = append(b.Months, monthSeenBody(m))
	}
	for _, d := range v.Days {
		b.Days = append(b.Days, daySignInsBody{Day: d.Day, SignIns: d.SignIns, Failures: d.Failures, Partial: d.Partial})
	}
	b.Attention = attentionBody{
		Administrators: v.Administrators, AdministratorsAdvised: v.AdministratorsAdvised, Undeliverable: v.Undeliverable,
		Suspended: v.Suspended, ArchiveSoon: v.ArchiveSoon, ArchiveIdle: v.ArchiveIdle, Locked: []lockedBody{},
	}
	for _, u := range v.Locked {
		b.Attention.Locked = append(b.Attention.Locked, lockedBody{ID: u.ID, Username: u.Username, Name: u.Name()})
	}
	return &answer, nil
}
