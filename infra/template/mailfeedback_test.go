package template_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/mail/feedback"
)

// bounce hands the function mailfeedback the event of sam local, which is about a mail that nobody sent, and that a mail
// came back which notify has sent.
func (d *deployment) bounce(t *testing.T) {
	t.Helper()
	ctx := context.WithValue(t.Context(), functionKey{}, "mailfeedback")
	if done, err := d.Heed(ctx, samEvent(t, "mailfeedback-bounce")); err != nil || done.Told != 1 || done.Unknown != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	mails, err := d.Inbox.List(t.Context(), "d.smith@bash-street.example")
	if err != nil {
		t.Fatal(err)
	}
	marked := 0
	for _, m := range mails { // other installations write there too
		event, err := m.Event(feedback.PermanentBounce, d.now())
		if err != nil {
			t.Fatal(err)
		}
		done, err := d.Heed(ctx, event)
		if err != nil {
			t.Fatal(err)
		}
		marked += done.Marked
	}
	if marked != 1 {
		t.Errorf("%d accounts are marked", marked)
	}
}

// What decides that an account is written to no more may come from SES alone: no service but EventBridge may invoke the
// function, for one rule only, and nobody can put events of the source aws.ses on EventBridge's bus but SES.
func TestFeedbackComesFromSESAndIsAboutTheStacksOwnMails(t *testing.T) {
	t.Parallel()
	all := load(t)
	function := all.functions(t)["mailfeedback"]
	if len(function.Events) != 1 || function.Events["Feedback"].Type != "EventBridgeRule" {
		t.Errorf("events come by %v", function.Events)
	}
	want := map[string]any{
		"source": []any{"aws.ses"}, "account": []any{ref("AWS::AccountId")},
		"detail-type": []any{"Email Bounced", "Email Complaint Received"},
		"detail":      map[string]any{"mail": map[string]any{"tags": map[string]any{"ses:configuration-set": []any{ref("ConfigurationSet")}}}},
	}
	if diff := cmp.Diff(want, function.Events["Feedback"].Properties.Pattern); diff != "" {
		t.Errorf("wanted -, pattern +\n%s", diff)
	}
	if !cmp.Equal(all.functions(t)["notify"].Environment.Variables["CONFIGURATION_SET"], ref("ConfigurationSet")) {
		t.Error("notify sends with another configuration set")
	}
}

func TestSESTellsOfWhatTheRuleWaitsFor(t *testing.T) {
	t.Parallel()
	bus := map[string]any{"!Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"}
	want := map[string]any{
		"ConfigurationSetName": ref("ConfigurationSet"),
		"EventDestination": map[string]any{
			"Name": "feedback", "Enabled": true, "MatchingEventTypes": []any{"bounce", "complaint"},
			"EventBridgeDestination": map[string]any{"EventBusArn": bus},
		},
	}
	if diff := cmp.Diff(want, load(t).properties(t, "MailFeedback")); diff != "" {
		t.Errorf("wanted -, template +\n%s", diff)
	}
}

// An address confirmed by an administrator is written to again, which SES's own list would prevent.
func TestSESKeepsNoListOfItsOwn(t *testing.T) {
	t.Parallel()
	got := load(t).properties(t, "ConfigurationSet")["SuppressionOptions"]
	if diff := cmp.Diff(map[string]any{"SuppressedReasons": []any{}}, got); diff != "" {
		t.Errorf("wanted -, template +\n%s", diff)
	}
}

// What is lost would let mails go on to an address that is gone: whether the rule cannot hand it over, or the function fails.
func TestFeedbackThatNobodyTakesIsKept(t *testing.T) {
	t.Parallel()
	all := load(t)
	function := all.functions(t)["mailfeedback"]
	queue := attribute("MailfeedbackDeadLetters.Arn")
	if !cmp.Equal(function.Events["Feedback"].Properties.DeadLetterConfig.Arn, queue) ||
		!cmp.Equal(function.EventInvokeConfig.DestinationConfig.OnFailure.Destination, queue) {
		t.Errorf("it goes to %v and %v", function.Events["Feedback"].Properties.DeadLetterConfig.Arn, function.EventInvokeConfig)
	}
	if !all.sendsTo(t, "mailfeedback", queue) {
		t.Error("the function may not send there")
	}
	var policy struct {
		Queues         []any
		PolicyDocument struct {
			Statement []struct {
				Effect, Action                 string
				Principal, Resource, Condition any
			}
		}
	}
	into(t, all.Resources["MailfeedbackDeadLettersPolicy"].Properties, &policy)
	rule := map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": attribute("MailfeedbackFunctionFeedback.Arn")}}
	s := policy.PolicyDocument.Statement
	if len(s) != 1 || s[0].Effect != "Allow" || s[0].Action != "sqs:SendMessage" || !cmp.Equal(s[0].Resource, queue) ||
		!cmp.Equal(s[0].Principal, any(map[string]any{"Service": "events.amazonaws.com"})) ||
		!cmp.Equal(s[0].Condition, any(rule)) || !slices.ContainsFunc(policy.Queues, func(q any) bool { return cmp.Equal(q, ref("MailfeedbackDeadLetters")) }) {
		t.Errorf("the rule's way there: %+v", policy)
	}
}

func TestFeedbackEventForSAMLocalIsWhatTheRulePasses(t *testing.T) {
	t.Parallel()
	var e struct {
		Source     string
		DetailType string `json:"detail-type"`
		Detail     struct {
			Mail struct{ Tags map[string][]string }
		}
	}
	raw := samEvent(t, "mailfeedback-bounce")
	into(t, raw, &e)
	if e.Source != "aws.ses" || e.DetailType != "Email Bounced" || len(e.Detail.Mail.Tags["ses:configuration-set"]) != 1 {
		t.Errorf("got %+v", e)
	}
	told, err := feedback.Read(raw)
	if err != nil || len(told) != 1 || told[0].Kind != feedback.PermanentBounce || told[0].User == "" || told[0].MailID == "" {
		t.Errorf("%+v, %v", told, err)
	}
}
