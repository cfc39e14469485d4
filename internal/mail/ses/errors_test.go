package ses_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/mail/ses"
)

// answering is a real client whose SES gives always the same answer, so that the SDK's reading of it is tested too.
func answering(t *testing.T, status int, code, text string) *sesv2.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Errortype", code)
		w.WriteHeader(status)
		if _, err := w.Write([]byte(`{"message":"` + text + `"}`)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return client(t, server.URL)
}

func client(t *testing.T, endpoint string) *sesv2.Client {
	t.Helper()
	return sesv2.NewFromConfig(emulatortest.AWS(t, endpoint), func(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} })
}

func TestErrorsSayWhetherToTryAgain(t *testing.T) {
	t.Parallel()
	const (
		refused       = "mail_refused"
		misconfigured = "mail_misconfigured"
		unavailable   = "unavailable"
		busy          = "busy" // the same to people, but the mail service asks to slow down
	)
	for _, c := range []struct {
		status     int
		code, text string
		want       string
		after      time.Duration
	}{
		{400, "MessageRejected", "Email contains a virus.", refused, 0},
		{400, "BadRequestException", "Illegal address", refused, 0},
		{400, "BadRequestException", "Missing final '@domain'", refused, 0},
		{400, "BadRequestException", "Domain contains illegal character", refused, 0},
		{400, "BadRequestException", "Local address contains control or whitespace", refused, 0},
		{400, "BadRequestException", "Address length is more than 320 bytes long", refused, 0},

		{429, "TooManyRequestsException", "Maximum sending rate exceeded.", busy, 5 * time.Second},
		{429, "TooManyRequestsException", "Daily message quota exceeded.", unavailable, time.Hour},
		{400, "ThrottlingException", "Rate exceeded", busy, 5 * time.Second},
		{400, "LimitExceededException", "Daily message quota exceeded.", unavailable, time.Hour},
		{400, "SendingPausedException", "Sending paused for this account.", unavailable, 15 * time.Minute},
		{500, "InternalFailure", "", unavailable, 30 * time.Second},
		{503, "ServiceUnavailableException", "", unavailable, 30 * time.Second},
		{502, "", "not from SES at all", unavailable, 30 * time.Second},

		// These are nobody's mistake who receives mail: the mail waits until somebody has set things right.
		{
			400, "MessageRejected",
			"Email address is not verified. The following identities failed the check in region EU-WEST-2: no-reply@c.example",
			misconfigured, 15 * time.Minute,
		},
		{400, "MailFromDomainNotVerifiedException", "", misconfigured, 15 * time.Minute},
		{400, "AccountSuspendedException", "", misconfigured, 15 * time.Minute},
		{404, "NotFoundException", "Configuration set <caretaker> does not exist.", misconfigured, 15 * time.Minute},
		{403, "AccessDeniedException", "not authorized to perform ses:SendEmail", misconfigured, 15 * time.Minute},
		{400, "BadRequestException", "Invalid tag name", misconfigured, 15 * time.Minute},
		{418, "SomethingNewException", "", misconfigured, 15 * time.Minute},
	} {
		t.Run(c.code+" "+c.text, func(t *testing.T) {
			t.Parallel()
			err := ses.New(answering(t, c.status, c.code, c.text), ses.Config{}).Send(t.Context(), message())
			wantError(t, err, c.want, c.after)
		})
	}
}

func wantError(t *testing.T, err error, code string, after time.Duration) {
	t.Helper()
	kind := directory.Unavailable
	switch code {
	case mail.ErrRefused.Code:
		kind = directory.Invalid
	case "busy":
		kind, code = directory.Busy, "unavailable"
	}
	got, ok := errors.AsType[*directory.Error](err)
	if !ok || got.Kind != kind || got.Code != code || got.RetryAfter != after {
		t.Fatalf("got %#v, want %s %s after %v", err, kind, code, after)
	}
	if got.Err == nil {
		t.Error("the cause is not there for the log")
	}
}

// The SDK tries again what SES was too busy for, which nobody counts; with the option it does not, and all else as before.
func TestThrottlesAreLeftToWhoeverKnowsTheRate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		code   string
		asked  int64
	}{
		{429, "TooManyRequestsException", 1},
		{400, "ThrottlingException", 1},
		{500, "InternalFailure", 3},
		{400, "MessageRejected", 1},
	} {
		t.Run(c.code, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				w.Header().Set("X-Amzn-Errortype", c.code)
				w.WriteHeader(c.status)
			}))
			t.Cleanup(server.Close)
			soon := func(o *sesv2.Options) {
				o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond })
			}
			patient := sesv2.NewFromConfig(emulatortest.AWS(t, server.URL), soon, ses.LeaveThrottles)
			if err := ses.New(patient, ses.Config{}).Send(t.Context(), message()); err == nil || asked.Load() != c.asked {
				t.Errorf("asked %d times, want %d: %v", asked.Load(), c.asked, err)
			}
		})
	}
}

// In its sandbox SES says whose address is not verified, and the error is logged.
func TestErrorsNameNobodyButTheSender(t *testing.T) {
	t.Parallel()
	m := message()
	text := "Email address is not verified. The following identities failed the check in region EU-WEST-2: Danny <" + m.To.Email + ">, " + m.From.Email
	err := ses.New(answering(t, 400, "MessageRejected", text), ses.Config{}).Send(t.Context(), m)
	wantError(t, err, "mail_misconfigured", 15*time.Minute)
	if says := err.Error(); strings.Contains(says, m.To.Email) || !strings.Contains(says, m.From.Email) || !strings.Contains(says, "not verified") {
		t.Errorf("it says %q", says)
	}
}

func TestNoAnswerIsAReasonToTryAgain(t *testing.T) {
	t.Parallel()
	nobody := ses.New(client(t, "http://127.0.0.1:0"), ses.Config{})
	wantError(t, nobody.Send(t.Context(), message()), "unavailable", 30*time.Second)
}

func TestATimeoutIsAReasonToTryAgain(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil { // only then does the server notice that the client left
			t.Error(err)
		}
		close(asked)
		<-r.Context().Done() // an SES that never answers
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-asked
		cancel(context.DeadlineExceeded)
	}()
	err := ses.New(client(t, server.URL), ses.Config{}).Send(ctx, message())
	wantError(t, err, "unavailable", 30*time.Second)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the cause is %v, want the context's", err)
	}
}
