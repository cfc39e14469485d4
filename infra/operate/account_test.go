package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }

// account is as much of an AWS account as no emulator here has: who one is, leave to send, and one stack with its outputs.
// It answers in the form of the services' own protocols.
type account struct {
	*httptest.Server
	outputs map[string]string // of the stack "caretaker-staging"; nil: there is none
	sandbox bool
}

func newAccount(t *testing.T) *account {
	t.Helper()
	a := &account{}
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	return a
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	switch {
	case r.Form.Get("Action") == "GetCallerIdentity":
		fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/jo</Arn>`+
			`<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	case r.Form.Get("Action") == "DescribeStacks":
		a.describe(w, r.Form.Get("StackName"))
	case r.URL.Path == "/v2/email/account":
		fmt.Fprintf(w, `{"ProductionAccessEnabled":%t,"SendingEnabled":true,"SendQuota":{"MaxSendRate":14}}`, !a.sandbox)
	case strings.HasPrefix(r.URL.Path, "/v2/email/identities/"):
		fmt.Fprint(w, `{"VerifiedForSendingStatus":true}`)
	default:
		http.Error(w, "not asked for", http.StatusNotImplemented)
	}
}

func (a *account) describe(w http.ResponseWriter, stack string) {
	if a.outputs == nil || stack != "caretaker-staging" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id %s does not exist</Message></Error></ErrorResponse>`, stack)
		return
	}
	fmt.Fprint(w, `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>caretaker-staging</StackName>`+
		`<StackStatus>CREATE_COMPLETE</StackStatus><Outputs>`)
	for name, value := range a.outputs {
		fmt.Fprintf(w, `<member><OutputKey>%s</OutputKey><OutputValue>%s</OutputValue></member>`, name, value)
	}
	fmt.Fprint(w, `</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`)
}

// endpoints says where each service is, by the SDK's own names for them.
type endpoints map[string]string

// GetServiceBaseEndpoint is how the SDK asks.
func (e endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) { //nolint:unparam // the SDK's form
	at, known := e[service]
	return at, known, nil
}

// on is a program in this account, whose data are in emulators.
func (a *account) on(t *testing.T) (program, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	at := emulatortest.AWS(t, a.URL)
	at.ConfigSources = []any{endpoints{
		"DynamoDB": emulatortest.DynamoDB(t), "Cognito Identity Provider": emulatortest.Moto(t), "KMS": emulatortest.Moto(t),
	}}
	return program{stdout: &out, stderr: &out, terminal: true, account: func(_ context.Context, region string) (aws.Config, error) {
		c := at.Copy()
		if region != "" {
			c.Region = region
		}
		return c, nil
	}}, &out
}
