package feedback_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail/feedback"
)

// sample is an event as SES publishes it, of the folder testdata.
func sample(tb testing.TB, name string) []byte {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// bySNS is the event of Lambda that brings messages from a topic.
func bySNS(tb testing.TB, messages ...string) []byte {
	tb.Helper()
	var e events.SNSEvent
	for _, m := range messages {
		e.Records = append(e.Records, events.SNSEventRecord{
			EventVersion: "1.0", EventSource: "aws:sns",
			EventSubscriptionArn: "arn:aws:sns:eu-west-2:111122223333:caretaker-feedback:5f1c",
			SNS: events.SNSEntity{
				Type: "Notification", MessageID: "95df01b4-ee98-5cb9-9903-4c221d41eb5e", Message: m,
				TopicArn: "arn:aws:sns:eu-west-2:111122223333:caretaker-feedback", Subject: "Amazon SES Email Event Notification",
				Timestamp: time.Date(2026, 11, 24, 8, 15, 4, 0, time.UTC), MessageAttributes: map[string]any{},
			},
		})
	}
	return encoded(tb, e)
}

// byEventBridge is the event of Lambda that a rule passes on.
func byEventBridge(tb testing.TB, source, detailType string, detail []byte) []byte {
	tb.Helper()
	return encoded(tb, events.EventBridgeEvent{
		Version: "0", ID: "6a7e8feb-b491-4cf7-a9f1-bf3703467718", DetailType: detailType, Source: source,
		AccountID: "111122223333", Time: time.Date(2026, 11, 24, 8, 15, 4, 0, time.UTC), Region: "eu-west-2",
		Resources: []string{"arn:aws:ses:eu-west-2:111122223333:configuration-set/caretaker-prod"}, Detail: detail,
	})
}

func encoded(tb testing.TB, v any) []byte {
	tb.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

var (
	danny  = []string{"d.smith@bash-street.example"}
	posted = time.Date(2026, 11, 24, 8, 15, 1, 482e6, time.UTC)
)

// about is what all samples say, but for what the test changes.
func about(kind feedback.Kind, detail string, at time.Time) feedback.Feedback {
	return feedback.Feedback{
		MailID: "01kda7z3v6x4k9m2t8r5w1q0yb", Organisation: "bash-street", User: "01kd5q8x2v7m3k9rwt4h6n0pza", Addresses: danny,
		Kind: kind, Detail: detail, At: at,
	}
}

// cases names each sample, the name that EventBridge has for it, and what is read.
func cases() map[string]struct {
	detailType string
	want       feedback.Feedback
} {
	second := func(s, ms int) time.Time { return time.Date(2026, 11, 24, 8, 15, s, ms*1e6, time.UTC) }
	complained := time.Date(2026, 11, 25, 7, 1, 2, 669e6, time.UTC)
	several := about(feedback.PermanentBounce, "NoEmail: 5.1.2", second(3, 0))
	several.Addresses = []string{"d.smith@bash-street.example", "Minnie.Minx@rødovre.example", "mm@bash-street.example"}
	truncated := about(feedback.PermanentBounce, "General", posted) // without headers, which SES leaves out beyond 10 KB
	failed := about(feedback.Other, "welcome", posted)
	delayed := about(feedback.Other, "TransientCommunicationFailure: 4.4.1",
		time.Date(2026, 11, 24, 8, 25, 40, 95e6, time.UTC))
	return map[string]struct {
		detailType string
		want       feedback.Feedback
	}{
		"bounce-permanent":  {"Email Bounced", about(feedback.PermanentBounce, "General: 5.1.1", second(3, 911))},
		"bounce-suppressed": {"Email Bounced", about(feedback.PermanentBounce, "OnAccountSuppressionList: 5.1.1", second(2, 0))},
		"bounce-transient": {"Email Bounced", about(feedback.TransientBounce, "MailboxFull: 4.2.2",
			time.Date(2026, 11, 24, 20, 15, 3, 900e6, time.UTC))},
		"bounce-undetermined":  {"Email Bounced", about(feedback.TransientBounce, "Undetermined", second(3, 911))},
		"bounce-several":       {"Email Bounced", several},
		"bounce-truncated":     {"Email Bounced", truncated},
		"complaint":            {"Email Complaint Received", about(feedback.Complaint, "abuse", complained)},
		"complaint-suppressed": {"Email Complaint Received", about(feedback.Complaint, "OnAccountSuppressionList", complained)},
		"complaint-not-spam":   {"Email Complaint Received", about(feedback.Other, "not-spam", complained)},
		"delivery":             {"Email Delivered", about(feedback.Other, "", second(2, 614))},
		"reject":               {"Email Rejected", about(feedback.Other, "Bad content", posted)},
		"rendering-failure":    {"Email Rendering Failed", failed},
		"delivery-delay":       {"Email Delivery Delayed", delayed},
	}
}

func TestEverySampleIsReadTheSameByBothWays(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) != len(cases()) {
		t.Errorf("%d samples, %d cases, %v", len(files), len(cases()), err)
	}
	for name, c := range cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := sample(t, name)
			wantRead(t, bySNS(t, string(raw)), c.want)
			wantRead(t, byEventBridge(t, "aws.ses", c.detailType, raw), c.want)
			wantRead(t, byEventBridge(t, "aws.ses", c.detailType, changed(t, raw, func(e map[string]any) { delete(e, "eventType") })), c.want)
		})
	}
}

func wantRead(t *testing.T, raw []byte, want ...feedback.Feedback) {
	t.Helper()
	got, err := feedback.Read(raw)
	if err != nil {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// changed is the sample with something else in it.
func changed(tb testing.TB, raw []byte, change func(map[string]any)) []byte {
	tb.Helper()
	var e map[string]any
	if err := json.Unmarshal(raw, &e); err != nil {
		tb.Fatal(err)
	}
	change(e)
	return encoded(tb, e)
}

func TestWhatMayBeMissingOrNew(t *testing.T) {
	t.Parallel()
	part := func(e map[string]any, name string) map[string]any { return e[name].(map[string]any) }
	tag := func(e map[string]any, name, value string) { part(part(e, "mail"), "tags")[name] = []any{value} }
	for why, c := range map[string]struct {
		change func(map[string]any)
		want   func(*feedback.Feedback)
	}{
		"fields that nobody knew of": {
			func(e map[string]any) {
				e["weather"], part(e, "bounce")["bounceMood"] = []int{1}, map[string]any{"a": 1}
			},
			func(*feedback.Feedback) {},
		},
		"a tag that is none of ours": {
			func(e map[string]any) { tag(e, "mail", "a b") }, func(f *feedback.Feedback) { f.MailID = "" },
		},
		"a tag that is too long": {
			func(e map[string]any) { tag(e, "user", strings.Repeat("1", 201)) }, func(f *feedback.Feedback) { f.User = "" },
		},
		"no tags": {
			func(e map[string]any) { delete(part(e, "mail"), "tags") },
			func(f *feedback.Feedback) { f.MailID, f.Organisation, f.User = "", "", "" },
		},
		"a tag without values": {
			func(e map[string]any) { part(part(e, "mail"), "tags")["organisation"] = []any{} },
			func(f *feedback.Feedback) { f.Organisation = "" },
		},
		"a server without words": {
			func(e map[string]any) {
				part(e, "bounce")["bouncedRecipients"] = []any{map[string]any{"emailAddress": danny[0], "diagnosticCode": "smtp; 550 no such user"}}
			},
			func(f *feedback.Feedback) { f.Detail = "General" },
		},
		"a code in the server's words alone": {
			func(e map[string]any) {
				part(e, "bounce")["bouncedRecipients"] = []any{map[string]any{
					"emailAddress": danny[0], "diagnosticCode": "smtp; 550-5.1.10 <d.smith@bash-street.example> Danny Smith has left",
				}}
			},
			func(f *feedback.Feedback) { f.Detail = "General: 5.1.10" },
		},
		"truncated as text, as it is documented": {
			func(e map[string]any) { part(e, "mail")["headersTruncated"] = "true" }, func(*feedback.Feedback) {},
		},
		"no recipients": {func(e map[string]any) { delete(part(e, "bounce"), "bouncedRecipients") }, func(f *feedback.Feedback) { f.Detail = "General" }},
		"no recipients, of several": {
			func(e map[string]any) {
				part(e, "mail")["destination"] = []string{"a@b.example", "c@d.example"}
				delete(part(e, "bounce"), "bouncedRecipients")
			},
			func(f *feedback.Feedback) { f.Addresses, f.Detail = nil, "General" },
		},
		"an address that is none": {
			func(e map[string]any) {
				part(e, "bounce")["bouncedRecipients"] = []any{map[string]any{"emailAddress": "d@e.example\r\nBcc: x@y.example"}}
				part(e, "mail")["destination"] = nil
			},
			func(f *feedback.Feedback) { f.Addresses, f.Detail = nil, "General" },
		},
		"a bounce of a new type": {
			func(e map[string]any) { part(e, "bounce")["bounceType"] = "Strange" },
			func(f *feedback.Feedback) { f.Kind = feedback.TransientBounce },
		},
		"no times": {
			func(e map[string]any) { delete(part(e, "bounce"), "timestamp"); delete(part(e, "mail"), "timestamp") },
			func(f *feedback.Feedback) { f.At = time.Time{} },
		},
		"the type without the documentation's space": {
			func(e map[string]any) {
				e["eventType"], e["failure"] = "RenderingFailure", map[string]any{"templateName": "welcome"}
			},
			func(f *feedback.Feedback) { f.Kind, f.Detail, f.At = feedback.Other, "welcome", posted },
		},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			want := cases()["bounce-permanent"].want
			c.want(&want)
			wantRead(t, bySNS(t, string(changed(t, sample(t, "bounce-permanent"), c.change))), want)
		})
	}
}

func TestAddressesAreBareAndReadable(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string][]string{
		"d@x.example":                        {"d@x.example"},
		"Danny <d@x.example>":                {"d@x.example"},
		"<d@x.example>":                      {"d@x.example"},
		`"Smith, Danny" <d@x.example>`:       {"d@x.example"},
		"Smith, Danny <d@x.example>":         {"d@x.example"},
		"=?utf-8?q?Zo=C3=AB?= <z@x.example>": {"z@x.example"},
		"Bo <b@xn--rdovre-bya.example>":      {"b@rødovre.example"},
		"Bo <b@rødovre.example>":             {"b@rødovre.example"},
		"D@X.Example":                        {"D@x.example"}, // letter case before the @ is the server's affair
		"a@x.example, b@x.example":           nil,
		"Danny <d@x.example":                 {"d@x.example"},
		"Danny d@x.example>":                 nil,
		"d@[IPv6:2001:db8::1]":               nil,
		"rfc822;d@x.example":                 nil,
		"d":                                  nil,
		"<>":                                 nil,
	} {
		raw := changed(t, sample(t, "complaint"), func(e map[string]any) {
			e["complaint"].(map[string]any)["complainedRecipients"] = []any{map[string]any{"emailAddress": typed}}
			e["mail"].(map[string]any)["destination"] = nil
		})
		got, err := feedback.Read(bySNS(t, string(raw)))
		if err != nil || len(got) != 1 {
			t.Fatalf("%q: %v, %v", typed, got, err)
		}
		if diff := cmp.Diff(want, got[0].Addresses); diff != "" {
			t.Errorf("%q: -want +got\n%s", typed, diff)
		}
	}
}

func TestDetailIsOneShortPrintableLine(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"":                               "",
		" \r\n":                          "",
		"550 no\r\n such\tuser":          "550 no such user",
		"550 \x1b[31mred\x00\u202edne":   "550 [31mreddne",
		"550 postkassen er fuld på Ærø":  "550 postkassen er fuld på Ærø",
		strings.Repeat("Æ", 101):         strings.Repeat("Æ", 100),
		"x" + strings.Repeat("Æ", 100):   "x" + strings.Repeat("Æ", 99), // a letter is not cut in two
		strings.Repeat("x", 199) + " yy": strings.Repeat("x", 199),
	} {
		raw := changed(t, sample(t, "reject"), func(e map[string]any) {
			e["reject"].(map[string]any)["reason"] = said
		})
		if got, err := feedback.Read(bySNS(t, string(raw))); err != nil || len(got) != 1 || got[0].Detail != want {
			t.Errorf("%q: %+v, %v; want %q", said, got, err, want)
		}
	}
}

// What a complaint is called comes from the mail system of whoever complained, and can be anything.
func TestAComplaintIsCalledByOneWord(t *testing.T) {
	t.Parallel()
	for called, want := range map[string]string{
		"abuse": "abuse", "auth-failure": "auth-failure", "": "", "Danny Smith <d.smith@bash-street.example>": "",
		strings.Repeat("a", 41): "",
	} {
		raw := changed(t, sample(t, "complaint"), func(e map[string]any) {
			e["complaint"].(map[string]any)["complaintFeedbackType"] = called
		})
		if got, err := feedback.Read(bySNS(t, string(raw))); err != nil || len(got) != 1 || got[0].Detail != want {
			t.Errorf("%q: %+v, %v; want %q", called, got, err, want)
		}
	}
}

func TestOthersAreRefusedByName(t *testing.T) {
	t.Parallel()
	typed := func(name string) []byte {
		return changed(t, sample(t, "delivery"), func(e map[string]any) { e["eventType"] = name })
	}
	untyped := changed(t, sample(t, "delivery"), func(e map[string]any) { delete(e, "eventType") })
	for why, c := range map[string]struct {
		raw  []byte
		says string
	}{
		"sent":                        {bySNS(t, string(typed("Send"))), `an event of type "Send"`},
		"opened, by EventBridge":      {byEventBridge(t, "aws.ses", "Email Opened", typed("Open")), `an event of type "Open"`},
		"without a type":              {bySNS(t, string(untyped)), `an event of type ""`},
		"a type of EventBridge alone": {byEventBridge(t, "aws.ses", "Sending Status Disabled", []byte(`{}`)), `type "Sending Status Disabled"`},
		"a type in another form":      {bySNS(t, string(typed("bounce"))), `type "bounce"`},
		"a long type":                 {bySNS(t, string(typed(strings.Repeat("a\n", 5000)))), `type "a a a `},
		"of another service": {
			byEventBridge(t, "aws.s3", "Object Created", []byte(`{"mail": 5}`)), `an event "Object Created" of "aws.s3", not of aws.ses`,
		},
		"of a schedule":      {byEventBridge(t, "aws.events", "Scheduled Event", []byte(`{}`)), `"Scheduled Event" of "aws.events"`},
		"of a bucket":        {[]byte(`{"Records":[{"eventSource":"aws:s3","s3":{}}]}`), `a record of "aws:s3", not of aws:sns`},
		"of nobody":          {[]byte(`{"hello":"world"}`), `{\"hello\":\"world\"}`},
		"no records":         {[]byte(`{"Records":[]}`), `neither of SNS nor of EventBridge`},
		"null":               {[]byte(`null`), `neither of SNS nor of EventBridge`},
		"nothing":            {nil, `event ""`},
		"text":               {[]byte(`hello`), `event "hello"`},
		"a list":             {[]byte(`[1]`), `event "[1]"`},
		"a message of text":  {bySNS(t, "Hello, this is a test."), `message "Hello, this is a test."`},
		"a message in parts": {bySNS(t, string(sample(t, "bounce-several")[:99])), `message "{ \"eventType\": \"Bounce\"`},
		"a detail of text":   {byEventBridge(t, "aws.ses", "Email Bounced", []byte(`"x"`)), `message "\"x\""`},
		"no detail":          {[]byte(`{"source":"aws.ses","detail-type":"Email Bounced"}`), `message ""`},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			got, err := feedback.Read(c.raw)
			if !errors.Is(err, feedback.ErrUnknown) || directory.KindOf(err) != directory.Invalid || len(got) != 0 {
				t.Fatalf("%v, %v", got, err)
			}
			if !strings.Contains(err.Error(), c.says) || len(err.Error()) > 300 || strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Errorf("it says %q, want %q in it, short and on one line", err, c.says)
			}
		})
	}
}

// One record that cannot be read does not keep the others from being read.
func TestRecordsAreReadEachByItself(t *testing.T) {
	t.Parallel()
	got, err := feedback.Read(bySNS(t, string(sample(t, "complaint")), "rubbish", string(sample(t, "delivery")), `{"eventType":"Click"}`))
	want := []feedback.Feedback{cases()["complaint"].want, cases()["delivery"].want}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if !errors.Is(err, feedback.ErrUnknown) || !strings.Contains(err.Error(), "rubbish") || !strings.Contains(err.Error(), "Click") {
		t.Errorf("it says %v", err)
	}
}

// SES greets a topic when it is first told of it; that is no fault and would wake somebody at each new installation.
func TestTheGreetingOfANewTopicIsNoFault(t *testing.T) {
	t.Parallel()
	got, err := feedback.Read(bySNS(t, "Successfully validated SNS topic for Amazon SES event publishing."))
	if err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	elsewhere := `{"Records":[{"EventSource":"aws:sqs","Sns":{"Message":"Successfully validated SNS topic for Amazon SES event publishing."}}]}`
	if _, err := feedback.Read([]byte(elsewhere)); !errors.Is(err, feedback.ErrUnknown) {
		t.Errorf("not of SNS: %v", err)
	}
}

// Whatever comes, nothing panics, and what is read is fit to be stored and shown.
func FuzzRead(f *testing.F) {
	for name, c := range cases() {
		f.Add(bySNS(f, string(sample(f, name))))
		f.Add(byEventBridge(f, "aws.ses", c.detailType, sample(f, name)))
	}
	f.Add([]byte(`{"Records":[{"EventSource":"aws:sns","Sns":{"Message":"{\"eventType\":\"Bounce\",\"mail\":null}"}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := feedback.Read(raw)
		if err != nil && !errors.Is(err, feedback.ErrUnknown) {
			t.Errorf("%v", err)
		}
		for _, one := range got {
			wantFit(t, one)
		}
	})
}

// FuzzReadMessage is FuzzRead past the envelope, which chance seldom gets through.
func FuzzReadMessage(f *testing.F) {
	for name := range cases() {
		f.Add(string(sample(f, name)))
	}
	f.Fuzz(func(t *testing.T, message string) {
		got, err := feedback.Read(bySNS(t, message))
		if len(got) > 1 || err != nil && !errors.Is(err, feedback.ErrUnknown) {
			t.Errorf("%v, %v", got, err)
		}
		for _, one := range got {
			wantFit(t, one)
		}
	})
}

func wantFit(t *testing.T, f feedback.Feedback) {
	t.Helper()
	switch f.Kind {
	case feedback.PermanentBounce, feedback.TransientBounce, feedback.Complaint, feedback.Other:
	default:
		t.Errorf("kind %q", f.Kind)
	}
	if len(f.Detail) > 200 || strings.ContainsFunc(f.Detail, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("detail %q", f.Detail)
	}
	for _, tag := range []string{f.MailID, f.Organisation, f.User} {
		if len(tag) > 200 || strings.ContainsFunc(tag, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("tag %q", tag)
		}
	}
	for _, a := range f.Addresses {
		if strings.Count(a, "@") != 1 || strings.ContainsAny(a, "<>, \r\n\"") {
			t.Errorf("address %q", a)
		}
	}
	if f.At.Location() != time.UTC {
		t.Errorf("time %v", f.At)
	}
}
