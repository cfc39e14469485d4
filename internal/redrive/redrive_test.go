package redrive_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/mail/inbox"
	"github.com/caretaker/caretaker/internal/redrive"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }

// account is an AWS account with one stack: its queues are moto's, its functions are the test's, and the list of the stack's
// resources is made up.
type account struct {
	config    aws.Config
	queues    *sqs.Client
	urls      map[string]string // of queues, by their names in the template
	functions map[string]func(ctx context.Context, event []byte) (any, error)

	mu     sync.Mutex
	events []string // that functions were invoked with
}

func openAccount(t *testing.T, queues ...string) *account {
	t.Helper()
	a := &account{urls: map[string]string{}, functions: map[string]func(context.Context, []byte) (any, error){}}
	moto, err := url.Parse(emulatortest.Moto(t))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", httputil.NewSingleHostReverseProxy(moto))
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", a.invoke)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
			a.list(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	a.config = emulatortest.AWS(t, server.URL)
	a.queues = sqs.NewFromConfig(a.config)
	for _, name := range queues {
		made, err := a.queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{
			QueueName: aws.String(fmt.Sprintf("%s-%d", name, time.Now().UnixNano())),
		})
		if err != nil {
			t.Fatal(err)
		}
		a.urls[name] = *made.QueueUrl
	}
	return a
}

// list answers for CloudFormation, a resource a page.
func (a *account) list(w http.ResponseWriter, r *http.Request) {
	type member struct{ logical, physical string }
	all := []member{{"Table", "caretaker-table"}}
	for _, name := range slices.Sorted(maps.Keys(a.urls)) {
		all = append(all, member{name, a.urls[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(a.functions)) {
		all = append(all, member{name, "caretaker-" + name})
	}
	page := 0
	if token := r.FormValue("NextToken"); token != "" {
		_, _ = fmt.Sscan(token, &page)
	}
	if r.FormValue("Action") != "ListStackResources" || r.FormValue("StackName") != "caretaker" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack does not exist</Message></Error></ErrorResponse>`)
		return
	}
	next := ""
	if page+1 < len(all) {
		next = fmt.Sprintf("<NextToken>%d</NextToken>", page+1)
	}
	fmt.Fprintf(w, `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries><member>
		<LogicalResourceId>%s</LogicalResourceId><PhysicalResourceId>%s</PhysicalResourceId>
		</member></StackResourceSummaries>%s</ListStackResourcesResult></ListStackResourcesResponse>`, all[page].logical, all[page].physical, next)
}

// invoke answers for Lambda.
func (a *account) invoke(w http.ResponseWriter, r *http.Request) {
	var event bytes.Buffer
	_, _ = event.ReadFrom(r.Body)
	a.mu.Lock()
	a.events = append(a.events, event.String())
	a.mu.Unlock()
	answer, err := a.functions[strings.TrimPrefix(r.PathValue("name"), "caretaker-")](r.Context(), event.Bytes())
	if err != nil {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		answer = map[string]string{"errorMessage": err.Error(), "errorType": "errorString"}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// kill puts a message into a dead-letter queue.
func (a *account) kill(t *testing.T, queue, body string) {
	t.Helper()
	if _, err := a.queues.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(a.urls[queue]), MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
}

// wantHeld fails the test unless a queue shows so many messages.
func (a *account) wantHeld(t *testing.T, queue, want string) {
	t.Helper()
	got, err := a.queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(a.urls[queue]), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		t.Fatal(err)
	}
	hidden := got.Attributes[string(types.QueueAttributeNameApproximateNumberOfMessagesNotVisible)]
	if n := got.Attributes[string(types.QueueAttributeNameApproximateNumberOfMessages)]; n != want || hidden != "0" {
		t.Errorf("%s holds %s messages and hides %s, want %s and 0", queue, n, hidden, want)
	}
}

// redrive puts everything back, and returns what a person reads.
func (a *account) redrive(t *testing.T, dry bool) (string, error) {
	t.Helper()
	sources, err := redrive.Deployed(t.Context(), a.config, "caretaker")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = (&redrive.Drive{Sources: sources, DryRun: dry, Out: &out}).Run(t.Context())
	return out.String(), err
}

// wantSaid fails the test unless a person reads all of this.
func wantSaid(t *testing.T, out string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(out, p) {
			t.Errorf("%q is not said:\n%s", p, out)
		}
	}
}

// What Lambda sends of stream records that it gave up: where they were, and nothing of the letters.
const givenUp = `{"requestContext": {"requestId": "1", "functionArn": "arn:aws:lambda:eu-west-2:123456789012:function:notify",
	"condition": "RetryAttemptsExhausted", "approximateInvokeCount": 6}, "version": "1.0", "DDBStreamBatchInfo": {
	"shardId": "shardId-1", "startSequenceNumber": "100", "endSequenceNumber": "100", "batchSize": 1}}`

// program is the real one, with letters in its outbox that were written an hour ago.
func program(t *testing.T, letters ...directory.Mail) (*app.App, *inbox.Inbox) {
	t.Helper()
	e, err := bolt.Open(host.InMemory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	box, err := inbox.Open(inbox.Config{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	a := app.New(app.Config{
		BaseURL: "https://users.example", MailFrom: "no-reply@users.example", Product: "Caretaker", Log: slog.New(slog.DiscardHandler),
	}, app.Parts{Engine: e, Sender: box, Now: time.Now})
	for _, m := range letters {
		entry := directory.Entry{ID: m.ID, Org: m.Org, At: m.CreatedAt, Action: directory.UserCreated}
		if err := a.Store.Commit(t.Context(), directory.Change{Entries: []directory.Entry{entry}, Mails: []directory.Mail{m}}); err != nil {
			t.Fatal(err)
		}
	}
	return a, box
}

func letter(id string, age time.Duration) directory.Mail {
	return directory.Mail{
		ID: id, Org: "bash-street", OrganisationName: "Bash Street School", ToName: "Danny", ToEmail: "d.smith@bash-street.example",
		Template: directory.WelcomeMail, Category: directory.AccountMail, Language: "en", CreatedAt: time.Now().Add(-age),
		Data: map[string]string{"givenName": "Danny", "username": "DSmit1259", "administrators": "Jane Admin"},
	}
}

func notify(a *app.App) func(context.Context, []byte) (any, error) {
	return func(ctx context.Context, event []byte) (any, error) { return a.Notify(ctx, event) }
}

func received(t *testing.T, box *inbox.Inbox) int {
	t.Helper()
	mails, err := box.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return len(mails)
}

func TestLettersAreSentAndTheirMessagesDeleted(t *testing.T) {
	t.Parallel()
	const queue = "MailDeadLetters"
	program, box := program(t, letter("1", time.Hour), letter("2", time.Hour), letter("3", 50*time.Minute))
	a := openAccount(t, queue)
	a.functions["NotifyFunction"] = notify(program)
	for range 12 { // more than SQS hands out at a time
		a.kill(t, queue, givenUp)
	}
	box.Refuse(func(mail.Message) error {
		return directory.NewUnavailable("mail service", time.Hour, errors.New("sending is paused"))
	})
	out, err := a.redrive(t, false)
	if err == nil {
		t.Error("what is left is no failure")
	}
	wantSaid(t, out, "0 mails sent, 3 still wait", "sending is paused", "0 of 12 messages put back")
	a.wantHeld(t, queue, "12")
	box.Refuse(nil)

	invoked := len(a.events)
	out, err = a.redrive(t, true)
	if err != nil || received(t, box) != 0 || len(a.events) != invoked {
		t.Errorf("a dry run did something: %v, %d mails, events %v", err, received(t, box), a.events)
	}
	wantSaid(t, out, "would have the function send all unsent mails, for 12 messages")
	a.wantHeld(t, queue, "12")

	if out, err = a.redrive(t, false); err != nil || received(t, box) != 3 {
		t.Errorf("%v, %d of 3 mails: %s", err, received(t, box), out)
	}
	wantSaid(t, out, "3 mails sent, 0 still wait", "12 of 12 messages put back")
	a.wantHeld(t, queue, "0")
	if out, err = a.redrive(t, false); err != nil || received(t, box) != 3 {
		t.Errorf("once more: %v, %d mails: %s", err, received(t, box), out)
	}
	wantSaid(t, out, queue+": empty")
}

// A message stays as long as a letter may be among those that it stands for.
func TestAMessageStaysWhileAnOlderLetterWaits(t *testing.T) {
	t.Parallel()
	broken := func(age time.Duration) directory.Mail {
		m := letter("broken", age)
		m.Template = "farewell" // there is no such wording
		return m
	}
	for _, c := range []struct {
		why    string
		letter directory.Mail
		held   string
		says   string
	}{
		{"one that nobody can send", broken(time.Hour), "1", "farewell"},
		{"one that the stream may still be at", letter("young", time.Minute), "1", "it is the stream's business"},
		{"one that was written later is not among them", broken(-time.Minute), "0", "1 of 1 messages put back"},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			const queue = "MailDeadLetters"
			program, _ := program(t, letter("1", time.Hour), c.letter)
			a := openAccount(t, queue)
			a.functions["NotifyFunction"] = notify(program)
			a.kill(t, queue, givenUp)
			out, err := a.redrive(t, false)
			if (err != nil) != (c.held != "0") {
				t.Errorf("got %v", err)
			}
			wantSaid(t, out, "1 mails sent", c.says)
			a.wantHeld(t, queue, c.held)
		})
	}
}

// scripted is a function notify that answers one thing after the other.
func scripted(answers ...string) func(context.Context, []byte) (any, error) {
	return func(context.Context, []byte) (any, error) {
		if len(answers) == 0 {
			return nil, errors.New("one time too many")
		}
		next := answers[0]
		answers = answers[1:]
		return json.RawMessage(next), nil
	}
}

func TestMailsAreSentAsLongAsThatGetsOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why     string
		answers []string
		held    string
		says    string
	}{
		{"many of them, invocation after invocation", []string{
			`{"mails": {"late": 900, "sent": 900, "more": true, "oldestUnsent": "2026-01-01T00:00:00Z"}}`,
			`{"mails": {"late": 900, "sent": 900, "more": true, "oldestUnsent": "2026-01-01T00:00:00Z"}}`,
			`{"mails": {"late": 7, "sent": 7}}`,
		}, "0", "7 mails sent"},
		{"until nothing is taken", []string{
			`{"mails": {"late": 900, "sent": 800, "failed": 100, "more": true, "oldestUnsent": "2026-01-01T00:00:00Z", "why": "daily quota"}}`,
			`{"mails": {"late": 100, "sent": 0, "failed": 100, "more": true, "oldestUnsent": "2026-01-01T00:00:00Z", "why": "daily quota"}}`,
		}, "1", "daily quota"},
		{"but not while the tidying up does it", []string{`{"mails": {"elsewhere": true, "oldestUnsent": "2026-01-01T00:00:00Z"}}`}, "1", "within five minutes"},
		{"nor where that cannot be told from the answer", []string{`{"batchItemFailures": []}`}, "1", "does not say what it did"},
		{"nor where the function fails", nil, "1", "one time too many"},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			const queue = "MailDeadLetters"
			a := openAccount(t, queue)
			a.functions["NotifyFunction"] = scripted(c.answers...)
			a.kill(t, queue, givenUp)
			out, err := a.redrive(t, false)
			if (err != nil) != (c.held != "0") {
				t.Errorf("got %v", err)
			}
			wantSaid(t, out, c.says)
			a.wantHeld(t, queue, c.held)
			if c.answers != nil && len(a.events) != len(c.answers) {
				t.Errorf("invoked %d times, want %d", len(a.events), len(c.answers))
			}
		})
	}
}

// What Lambda sends of an event of a schedule at which the function failed.
func failed(event string) string {
	return `{"version": "1.0", "timestamp": "2026-11-21T08:00:00Z", "requestContext": {"requestId": "1", "condition": "RetriesExhausted",
		"approximateInvokeCount": 3}, "requestPayload": ` + event + `, "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
		"responsePayload": {"errorMessage": "the store does not answer"}}`
}

const sweepEvent = `{"source":"schedule","detail-type":"sweep"}`

func TestEventsAreHandedToTheirFunctionAgain(t *testing.T) {
	t.Parallel()
	a := openAccount(t, "SweepDeadLetters", "TidyDeadLetters")
	var broken error
	a.functions["NotifyFunction"] = scripted(`{"batchItemFailures": []}`)
	a.functions["SweepFunction"] = func(context.Context, []byte) (any, error) { return map[string]int{"looked": 1}, broken }
	a.kill(t, "SweepDeadLetters", failed(sweepEvent))
	a.kill(t, "SweepDeadLetters", failed(`{ "source": "schedule", "detail-type": "sweep" }`)) // a day later
	a.kill(t, "SweepDeadLetters", sweepEvent)                                                 // what the schedule could not hand over
	a.kill(t, "SweepDeadLetters", failed(`{"dryRun":true}`))
	a.kill(t, "SweepDeadLetters", "somebody's note")
	a.kill(t, "TidyDeadLetters", failed(`{"source":"schedule","detail-type":"tidy"}`))

	out, err := a.redrive(t, true)
	if err != nil || len(a.events) != 0 {
		t.Errorf("a dry run did something: %v, %v", err, a.events)
	}
	wantSaid(t, out, "for 3 messages", sweepEvent, "would invoke")
	a.wantHeld(t, "SweepDeadLetters", "5")

	broken = errors.New("the store does not answer")
	out, err = a.redrive(t, false)
	if err == nil {
		t.Error("what is left is no failure")
	}
	wantSaid(t, out, "the store does not answer", "SweepDeadLetters: 0 of 5", "TidyDeadLetters: 1 of 1")
	a.wantHeld(t, "SweepDeadLetters", "5")
	a.wantHeld(t, "TidyDeadLetters", "0")

	broken, a.events = nil, nil
	out, err = a.redrive(t, false)
	if err == nil || len(a.events) != 2 { // the same event once, and the other one
		t.Errorf("invoked with %v, %v", a.events, err)
	}
	wantSaid(t, out, "SweepDeadLetters: 4 of 5", "holds no event: somebody's note")
	a.wantHeld(t, "SweepDeadLetters", "1")
}

func TestADeploymentThatIsNotOne(t *testing.T) {
	t.Parallel()
	a := openAccount(t)
	for _, c := range []struct{ stack, queue, says string }{
		{"another", "", "does not exist"},
		{"caretaker", "", "no dead-letter queue"},
		{"caretaker", "DigestDeadLetters", "belongs to DigestFunction, which the stack does not have"},
	} {
		if c.queue != "" {
			a.urls[c.queue] = "https://queue.example"
		}
		if _, err := redrive.Deployed(t.Context(), a.config, c.stack); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s with %s: %v", c.stack, c.queue, err)
		}
	}
}
