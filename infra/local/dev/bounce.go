package dev

import (
	"context"
	"net/http"

	"github.com/caretaker/caretaker/internal/mail/feedback"
)

type bounceInput struct {
	Body struct {
		To   string `json:"to" doc:"The address; what happens is about the newest mail to it"`
		Kind string `json:"kind" enum:"bounce,complaint" doc:"It will never arrive, or somebody there calls it spam"`
	}
}

// bounce plays what SES would tell about the newest mail to an address.
func (s *server) bounce(ctx context.Context, in *bounceInput) (*runAnswer, error) {
	kind := feedback.PermanentBounce
	if in.Body.Kind == "complaint" {
		kind = feedback.Complaint
	}
	mails, err := s.Inbox.List(ctx, in.Body.To)
	if err != nil {
		return nil, s.failed(ctx, "list the mails", err)
	}
	if in.Body.To == "" || len(mails) == 0 {
		return nil, problem(http.StatusNotFound, "not_found", "No mail was sent to this address.")
	}
	event, err := mails[0].Event(kind, s.Clock.Now())
	if err != nil {
		return nil, s.failed(ctx, "make up an event", err)
	}
	report, err := s.Feedback(ctx, event)
	if err != nil {
		return nil, s.failed(ctx, "take the event", err)
	}
	return &runAnswer{Body: report}, nil
}
