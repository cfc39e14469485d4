package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// request is what API Gateway's HTTP API hands to a function (payload format 2.0).
func request(method, path, body string, cookies ...string) events.APIGatewayV2HTTPRequest {
	return events.APIGatewayV2HTTPRequest{
		Version: "2.0", RawPath: path, Cookies: cookies, Body: body,
		Headers: map[string]string{"content-type": "application/json", "user-agent": "school browser"},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			DomainName: "users.example", Stage: "$default",
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: method, Path: path, SourceIP: "192.0.2.7"},
		},
	}
}

func TestAFunctionServesItsAreaToAPIGateway(t *testing.T) {
	t.Parallel()
	p, _ := small(t)
	_, danny := p.school(t)
	session, err := p.Gateway(httpapi.Session())
	if err != nil {
		t.Fatal(err)
	}
	signIn := func(password string) events.APIGatewayV2HTTPResponse {
		body := fmt.Sprintf(`{"organisation":%q,"username":%q,"password":%q}`, danny.Organisation.Slug, danny.User.Username, password)
		answer, err := session(t.Context(), request(http.MethodPost, "/api/v1/session", body))
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	if wrong := signIn("Wrong1password"); wrong.StatusCode != http.StatusUnauthorized || !strings.Contains(wrong.Body, "invalid_credentials") {
		t.Errorf("got %d %s", wrong.StatusCode, wrong.Body)
	}
	in := signIn(chosen)
	if in.StatusCode != http.StatusOK || len(in.Cookies) != 2 {
		t.Fatalf("got %d %s, cookies %q", in.StatusCode, in.Body, in.Cookies)
	}
	cookie, attributes, _ := strings.Cut(in.Cookies[0], ";")
	if !strings.HasPrefix(cookie, "__Host-caretaker=") || !strings.Contains(attributes, "Secure") ||
		!strings.HasPrefix(in.Cookies[1], "__Host-caretaker-known=") {
		t.Errorf("over https the cookie must be bound to it: %s", in.Cookies[0])
	}
	users, err := p.Gateway(httpapi.Users())
	if err != nil {
		t.Fatal(err)
	}
	me, err := users(t.Context(), request(http.MethodGet, "/api/v1/me", "", cookie))
	if err != nil || me.StatusCode != http.StatusOK || !strings.Contains(me.Body, danny.User.Username) {
		t.Errorf("got %d %s, %v", me.StatusCode, me.Body, err)
	}
	if other, err := users(t.Context(), request(http.MethodGet, "/api/v1/session", "", cookie)); err != nil || other.StatusCode != http.StatusNotFound {
		t.Errorf("the function users serves the area session: %d, %v", other.StatusCode, err)
	}
}

// Where something stands in front, the function is asked under another host than the browser. Old browsers say where a page is from
// and nothing else.
func TestPagesOfTheServiceAreItsOwnUnderAnotherHostToo(t *testing.T) {
	t.Parallel()
	p, _ := small(t)
	session, err := p.Gateway(httpapi.Session())
	if err != nil {
		t.Fatal(err)
	}
	for origin, want := range map[string]string{
		"https://users.example": "invalid_credentials", "http://users.example": "cross_origin", "https://users.example:8443": "cross_origin",
		"https://attacker.example": "cross_origin", "null": "cross_origin",
	} {
		r := request(http.MethodPost, "/api/v1/session", `{"organisation":"nobody","username":"nobody","password":"Wrong1password"}`)
		r.RequestContext.DomainName, r.Headers["host"] = "abc.execute-api.example", "abc.execute-api.example"
		r.Headers["origin"] = origin
		if a, err := session(t.Context(), r); err != nil || !strings.Contains(a.Body, want) {
			t.Errorf("from %s: %s, %v, want %s", origin, a.Body, err, want)
		}
	}
}

// streamRecord is a new item of the table as its stream tells of it.
func streamRecord(t *testing.T, sequence string, r engine.Record) events.DynamoDBEventRecord {
	t.Helper()
	keys := map[string]events.DynamoDBAttributeValue{
		"pk": events.NewStringAttribute(r.Key.Partition), "sk": events.NewStringAttribute(r.Key.Sort),
	}
	image := map[string]events.DynamoDBAttributeValue{
		"pk": keys["pk"], "sk": keys["sk"], "v": events.NewNumberAttribute(fmt.Sprint(r.Version)), "b": events.NewBinaryAttribute(r.Body),
	}
	for index, at := range r.Index {
		image[string(index)+"p"], image[string(index)+"s"] = events.NewStringAttribute(at.Partition), events.NewStringAttribute(at.Sort)
	}
	return events.DynamoDBEventRecord{
		EventName: "INSERT", Change: events.DynamoDBStreamRecord{Keys: keys, NewImage: image, SequenceNumber: sequence},
	}
}

// outboxRecords are the mails in the store, as records.
func outboxRecords(t *testing.T, e engine.Engine) []engine.Record {
	t.Helper()
	var records []engine.Record
	for shard := range 4 {
		page, err := e.Query(t.Context(), engine.Query{Index: engine.Index6, Partition: fmt.Sprintf("unsent#%d", shard), Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, page.Records...)
	}
	return records
}

func TestNotifyNamesTheRecordsThatMustComeAgain(t *testing.T) {
	t.Parallel()
	p, e := small(t)
	p.school(t)
	var event events.DynamoDBEvent
	for i, r := range outboxRecords(t, e) {
		event.Records = append(event.Records, streamRecord(t, fmt.Sprint(100+i), r))
	}
	if len(event.Records) < 3 {
		t.Fatalf("only %d mails", len(event.Records))
	}
	var once atomic.Bool
	p.inbox.Refuse(func(m mail.Message) error {
		if m.ID == event.Records[0].Change.Keys["sk"].String() && once.CompareAndSwap(false, true) {
			return directory.NewUnavailable("mail service", 0, errors.New("no answer"))
		}
		return nil
	})
	notify := func() app.Notified {
		text, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := p.Notify(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	if first := notify(); len(first.BatchItemFailures) != 1 || first.BatchItemFailures[0].ItemIdentifier != "100" {
		t.Errorf("failed: %v, want the sequence number of the first", first.BatchItemFailures)
	}
	if second := notify(); len(second.BatchItemFailures) != 0 {
		t.Errorf("failed again: %v", second.BatchItemFailures)
	}
	if sent, err := p.inbox.List(t.Context(), ""); err != nil || len(sent) != len(event.Records) {
		t.Errorf("%d mails sent for %d letters, %v", len(sent), len(event.Records), err)
	}
	event.Records[0].Change.NewImage["b"] = events.NewBinaryAttribute([]byte("not a letter"))
	if broken := notify(); len(broken.BatchItemFailures) != 0 {
		t.Errorf("a broken record: %v, want it to hold up nothing, for no repetition mends it", broken.BatchItemFailures)
	}
}

func TestTheScheduleTidiesUp(t *testing.T) {
	t.Parallel()
	p, e := small(t)
	p.school(t)
	waiting := len(outboxRecords(t, e))
	p.clock.Advance(20 * 60e9)
	answer, err := p.Notify(t.Context(), json.RawMessage(`{"tidy": true}`))
	if err != nil || len(answer.BatchItemFailures) != 0 {
		t.Fatal(answer, err)
	}
	if sent, err := p.inbox.List(t.Context(), ""); err != nil || len(sent) != waiting || waiting == 0 {
		t.Errorf("%d of %d mails sent, %v", len(sent), waiting, err)
	}
	if _, err := p.Notify(t.Context(), json.RawMessage(`"tidy"`)); err == nil {
		t.Error("something that is no event was taken for one")
	}
}

func TestTheScheduleSweepsAsLongAsThereIsTime(t *testing.T) {
	t.Parallel()
	p, _ := small(t)
	admin, _ := p.school(t)
	policy := admin.Organisation.Policy
	policy.Passwords.MaxAgeDays = 30
	if _, err := p.Directory.ChangeSettings(t.Context(), admin, policy, nil); err != nil {
		t.Fatal(err)
	}
	if done, err := p.Swept(t.Context(), json.RawMessage(`{"dryRun": true}`)); err != nil || !done.More || done.Replanned != 0 {
		t.Fatalf("a dry run plans nothing anew, and says that there is more: %+v, %v", done, err)
	}
	p.clock.Advance(17 * 24 * time.Hour) // less than 14 days are left
	for _, c := range []struct {
		left     time.Duration
		reminded int
	}{
		{19 * time.Second, 0}, // not enough to begin anything
		{15 * time.Minute, 2},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), c.left)
		done, err := p.Swept(ctx, json.RawMessage(`{"source": "schedule", "detail-type": "sweep"}`))
		cancel()
		if err != nil || done.Reminded != c.reminded {
			t.Fatalf("%+v, %v", done, err)
		}
		mails, err := p.Store.Unsent(t.Context(), p.clock.Now().Add(time.Minute), 100)
		if err != nil {
			t.Fatal(err)
		}
		mails = slices.DeleteFunc(mails, func(m directory.Mail) bool { return m.Template != directory.PasswordExpiryMail })
		if len(mails) != c.reminded {
			t.Errorf("with %v left %d people were reminded, want %d", c.left, len(mails), c.reminded)
		}
	}
}

func TestConfigurationSaysAllThatIsMissing(t *testing.T) {
	t.Parallel()
	set := map[string]string{"TABLE": "users", "TRUSTED_ORIGINS": "https://a.example,https://b.example"}
	_, err := app.ConfigFromEnv(func(name string) string { return set[name] }, "TABLE", "BASE_URL", "MAIL_FROM")
	if err == nil || !strings.Contains(err.Error(), "BASE_URL, MAIL_FROM") || strings.Contains(err.Error(), "TABLE,") {
		t.Errorf("got %v", err)
	}
	c, err := app.ConfigFromEnv(func(name string) string { return set[name] }, "TABLE")
	if err != nil || len(c.TrustedOrigins) != 2 || c.Product != "Caretaker" {
		t.Errorf("got %+v, %v", c, err)
	}
	for rate, ok := range map[string]bool{"14": true, "1": true, "0": false, "-1": false, "1.5": false, "fast": false} {
		set["MAIL_RATE"] = rate
		if c, err := app.ConfigFromEnv(func(name string) string { return set[name] }); (err == nil) != ok || ok && fmt.Sprint(c.MailRate) != rate {
			t.Errorf("MAIL_RATE=%s: got %d, %v", rate, c.MailRate, err)
		}
	}
}
