package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
	"github.com/caretaker/caretaker/internal/store/engine/enginetest"
)

// Every line about a request has API Gateway's id of it, which its access log has too and the caller sees, and Lambda's id of
// the run, which the platform's own lines have; also the line with the cause of a failure. What failed on our side is counted.
func TestWhatIsLoggedOfAFailedRequestIsFoundByItsIDAndCounted(t *testing.T) {
	t.Parallel()
	e, err := bolt.Open(host.InMemory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	p, log := logging(t, &enginetest.Faulty{Engine: e, OnGet: func([]engine.Key) error { return engine.ErrUnavailable }})
	session, err := p.Gateway(httpapi.Session())
	if err != nil {
		t.Fatal(err)
	}
	event := request(http.MethodPost, "/api/v1/session", `{"organisation":"bash-street","username":"danny","password":"Minnie7Minx"}`)
	event.RequestContext.RequestID = "gateway-id"
	run := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "run-id"})
	if answer, err := session(run, event); err != nil || answer.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("%d %s, %v", answer.StatusCode, answer.Body, err)
	}
	failed := 0.0
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	for _, text := range lines {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		if line["requestId"] != "gateway-id" || line["run"] != "run-id" {
			t.Errorf("nobody can tell what this belongs to: %s", text)
		}
		if n, counted := line["RequestsFailed"].(float64); counted && line["_aws"] != nil {
			failed += n
		}
	}
	if len(lines) != 2 || failed != 1 { // the cause, and the request
		t.Errorf("%v requests failed:\n%s", failed, log)
	}
}
