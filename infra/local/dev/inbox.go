package dev

import (
	"context"

	"github.com/caretaker/caretaker/internal/mail/inbox"
)

type mailsInput struct {
	To string `query:"to" doc:"Only the mails to this address"`
}

// mailsAnswer has the form of all lists of the product's interface, but is whole: a test that counts mails wants them all.
type mailsAnswer struct {
	Body struct {
		Items []inbox.Received `json:"items" nullable:"false"`
		Total int              `json:"total"`
	}
}

func (s *server) listMails(ctx context.Context, in *mailsInput) (*mailsAnswer, error) {
	mails, err := s.Inbox.List(ctx, in.To)
	if err != nil {
		return nil, s.failed(ctx, "list the mails", err)
	}
	var answer mailsAnswer
	answer.Body.Items, answer.Body.Total = mails, len(mails)
	return &answer, nil
}

func (s *server) clearMails(ctx context.Context, _ *struct{}) (*struct{}, error) {
	if err := s.Inbox.Clear(ctx); err != nil {
		return nil, s.failed(ctx, "clear the inbox", err)
	}
	return nil, nil //nolint:nilnil // no content
}
