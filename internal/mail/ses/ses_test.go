package ses_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/mail/inbox"
	"github.com/caretaker/caretaker/internal/mail/mailtest"
	"github.com/caretaker/caretaker/internal/mail/ses"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }

func TestSESConforms(t *testing.T) {
	t.Parallel()
	mailtest.Run(t, func(t *testing.T) (mail.Sender, func() []inbox.Received) {
		endpoint := emulatortest.SES(t)
		sender := ses.New(sesv2.NewFromConfig(emulatortest.AWS(t, endpoint)), ses.Config{ConfigurationSet: "caretaker"})
		return sender, func() []inbox.Received {
			all, err := inbox.Remote(endpoint, time.Time{}).List(t.Context(), "")
			if err != nil {
				t.Fatalf("read the emulator's store: %v", err)
			}
			return all
		}
	})
}

// recorder is a client that only notes what it is asked to send.
type recorder struct{ asked []*sesv2.SendEmailInput }

func (r *recorder) SendEmail(
	_ context.Context, in *sesv2.SendEmailInput, _ ...func(*sesv2.Options),
) (*sesv2.SendEmailOutput, error) {
	r.asked = append(r.asked, in)
	return &sesv2.SendEmailOutput{}, nil
}

func message() mail.Message {
	return mail.Message{
		ID:      "01J9",
		From:    mail.Address{Name: "Caretaker", Email: "no-reply@caretaker.example"},
		To:      mail.Address{Name: "Smith, Danny", Email: "d.smith@school.example"},
		ReplyTo: mail.Address{Name: "Zoë", Email: "zoe@rødovre.example"},
		Subject: "Velkommen til Ærø", Text: "text", HTML: "<p>html</p>",
		Headers: map[string]string{"X-Caretaker-Id": "01J9", "Auto-Submitted": "auto-generated"},
		Tags:    map[string]string{"template": "welcome", "organisation": "bash street/1", "category": ""},
	}
}

// The emulator keeps neither tags nor configuration set, so this shows the whole call.
func TestCallIsComplete(t *testing.T) {
	t.Parallel()
	var client recorder
	if err := ses.New(&client, ses.Config{ConfigurationSet: "caretaker-prod"}).Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	text := func(s string) *types.Content {
		return &types.Content{Data: aws.String(s), Charset: aws.String("UTF-8")}
	}
	want := []*sesv2.SendEmailInput{{
		FromEmailAddress:     aws.String(`"Caretaker" <no-reply@caretaker.example>`),
		Destination:          &types.Destination{ToAddresses: []string{`"Smith, Danny" <d.smith@school.example>`}},
		ReplyToAddresses:     []string{"=?utf-8?q?Zo=C3=AB?= <zoe@xn--rdovre-bya.example>"},
		ConfigurationSetName: aws.String("caretaker-prod"),
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: text("Velkommen til Ærø"),
			Body:    &types.Body{Text: text("text"), Html: text("<p>html</p>")},
			Headers: []types.MessageHeader{
				{Name: aws.String("Auto-Submitted"), Value: aws.String("auto-generated")},
				{Name: aws.String("X-Caretaker-Id"), Value: aws.String("01J9")},
			},
		}},
		EmailTags: []types.MessageTag{
			{Name: aws.String("organisation"), Value: aws.String("bash_street_1")}, // SES takes no space and no slash
			{Name: aws.String("template"), Value: aws.String("welcome")},           // and no empty value: no category
		},
	}}
	unexported := cmpopts.IgnoreUnexported(sesv2.SendEmailInput{}, types.Destination{}, types.EmailContent{},
		types.Message{}, types.Content{}, types.Body{}, types.MessageHeader{}, types.MessageTag{})
	if diff := cmp.Diff(want, client.asked, unexported); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestNothingIsSaidOfWhatIsNotConfigured(t *testing.T) {
	t.Parallel()
	var client recorder
	m := message()
	m.Tags, m.ReplyTo = nil, mail.Address{}
	if err := ses.New(&client, ses.Config{}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	in := client.asked[0]
	if in.ConfigurationSetName != nil || in.EmailTags != nil || in.ReplyToAddresses != nil {
		t.Errorf("configuration set %v, tags %v, reply to %v", in.ConfigurationSetName, in.EmailTags, in.ReplyToAddresses)
	}
}

func TestLongTagsAreCut(t *testing.T) {
	t.Parallel()
	var client recorder
	m := message()
	m.Tags = map[string]string{"organisation": strings.Repeat("å", 300)}
	if err := ses.New(&client, ses.Config{}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := *client.asked[0].EmailTags[0].Value; got != strings.Repeat("_", 256) {
		t.Errorf("tag of %d characters: %q", len(got), got)
	}
}

func TestAnImpossibleMessageIsNotEvenTried(t *testing.T) {
	t.Parallel()
	var client recorder
	m := message()
	m.To.Email = "d.smith@school.example\r\nBcc: all@school.example"
	if err := ses.New(&client, ses.Config{}).Send(t.Context(), m); err == nil || len(client.asked) != 0 {
		t.Errorf("error %v, %d calls", err, len(client.asked))
	}
}
