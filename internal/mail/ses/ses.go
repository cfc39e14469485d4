package ses

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"github.com/caretaker/caretaker/internal/mail"
)

// API is what is used of *sesv2.Client.
type API interface {
	SendEmail(context.Context, *sesv2.SendEmailInput, ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error)
}

// Config says how mails leave SES.
type Config struct {
	// ConfigurationSet publishes bounces and complaints; "" leaves the choice to the sending identity.
	ConfigurationSet string
}

// Sender is a mail.Sender. It is safe for concurrent use.
type Sender struct {
	client API
	config Config
}

// New returns a sender through the client.
func New(client API, c Config) *Sender { return &Sender{client: client, config: c} }

// Send hands the message to SES, one recipient a call, because SES counts and reports by recipient. Beside the errors
// of mail.Message.Check it fails as the table in errors.go says.
func (s *Sender) Send(ctx context.Context, m mail.Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	if _, err := s.client.SendEmail(ctx, s.input(m)); err != nil {
		return translate(discreet{err, m.From.Email})
	}
	return nil
}

func (s *Sender) input(m mail.Message) *sesv2.SendEmailInput {
	in := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(m.From.String()),
		Destination:      &types.Destination{ToAddresses: []string{m.To.String()}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: utf8(m.Subject),
			Body:    &types.Body{Text: utf8(m.Text), Html: utf8(m.HTML)},
			Headers: headers(m.Headers),
		}},
		EmailTags: tags(m.Tags),
	}
	if !m.ReplyTo.IsZero() {
		in.ReplyToAddresses = []string{m.ReplyTo.String()}
	}
	if s.config.ConfigurationSet != "" {
		in.ConfigurationSetName = aws.String(s.config.ConfigurationSet)
	}
	return in
}

func utf8(s string) *types.Content {
	return &types.Content{Data: aws.String(s), Charset: aws.String("UTF-8")}
}

func headers(of map[string]string) []types.MessageHeader {
	list := make([]types.MessageHeader, 0, len(of))
	for _, name := range slices.Sorted(maps.Keys(of)) {
		list = append(list, types.MessageHeader{Name: aws.String(name), Value: aws.String(of[name])})
	}
	return list
}

func tags(of map[string]string) []types.MessageTag {
	var list []types.MessageTag
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if of[name] != "" {
			list = append(list, types.MessageTag{Name: aws.String(tag(name)), Value: aws.String(tag(of[name]))})
		}
	}
	return list
}

// maxTag is the length of a tag that SES accepts.
const maxTag = 256

// tag writes "_" for what SES does not take in a tag: all but ASCII letters, digits, "_" and "-".
func tag(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-':
			return r
		}
		return '_'
	}, s)
	return s[:min(len(s), maxTag)]
}
