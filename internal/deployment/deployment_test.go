package deployment_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/caretaker/caretaker/internal/deployment"
)

// account is one that answers as its fields say.
type account struct {
	unknown    error // there are no credentials
	state      types.StackStatus
	sandboxed  bool
	stopped    bool
	rate       float64
	identities map[string]bool // whether verified
}

func (a account) GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{Account: aws.String("123456789012"), Arn: aws.String("arn:aws:iam::123456789012:user/jo")}, a.unknown
}

func (a account) GetAccount(context.Context, *sesv2.GetAccountInput, ...func(*sesv2.Options)) (*sesv2.GetAccountOutput, error) {
	return &sesv2.GetAccountOutput{
		ProductionAccessEnabled: !a.sandboxed, SendingEnabled: !a.stopped, EnforcementStatus: aws.String("SHUTDOWN"),
		SendQuota: &sestypes.SendQuota{MaxSendRate: a.rate},
	}, nil
}

func (a account) GetEmailIdentity(
	_ context.Context, in *sesv2.GetEmailIdentityInput, _ ...func(*sesv2.Options),
) (*sesv2.GetEmailIdentityOutput, error) {
	verified, known := a.identities[*in.EmailIdentity]
	if !known {
		return nil, &sestypes.NotFoundException{}
	}
	return &sesv2.GetEmailIdentityOutput{VerifiedForSendingStatus: verified}, nil
}

func (a account) DescribeStacks(
	context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options),
) (*cloudformation.DescribeStacksOutput, error) {
	if a.state == "" {
		return &cloudformation.DescribeStacksOutput{}, nil
	}
	return &cloudformation.DescribeStacksOutput{Stacks: []types.Stack{{StackStatus: a.state}}}, nil
}

func (a account) look(t *testing.T, p deployment.Plan) (told string, ready bool) {
	t.Helper()
	found, ready := deployment.Preflight{Plan: p, Accounts: a, Mails: a, Stacks: a}.Run(t.Context())
	var out bytes.Buffer
	deployment.Tell(&out, found)
	return out.String(), ready
}

var (
	good = account{rate: 14, identities: map[string]bool{"school.uk": true}}
	// planned is a plan with nothing left to do.
	planned = deployment.Plan{Stage: "production", Stack: "caretaker-production", Region: "eu-west-2", Parameters: map[string]string{
		"Stage": "production", "DomainName": "users.school.uk", "MailFrom": "no-reply@school.uk", "MailIdentity": "school.uk",
		"MailRate": "10", "CertificateArn": "arn:aws:acm:eu-west-2:123456789012:certificate/1",
	}}
)

// with is the plan with other parameters.
func with(set map[string]string) deployment.Plan {
	p := planned
	p.Parameters = map[string]string{}
	for _, from := range []map[string]string{planned.Parameters, set} {
		maps.Copy(p.Parameters, from)
	}
	return p
}

func TestPreflightSaysWhatIsMissingAndWhatToDo(t *testing.T) {
	t.Parallel()
	staging := with(nil)
	staging.Stage = "staging"
	for _, c := range []struct {
		why   string
		is    func(*account)
		plan  deployment.Plan
		ready bool
		says  []string
	}{
		{"all is well", func(*account) {}, planned, true, []string{"account 123456789012, as arn:aws:iam", "will be new", "has verified school.uk"}},
		{"an update", func(a *account) { a.state = types.StackStatusUpdateComplete }, planned, true, []string{"UPDATE_COMPLETE and will be updated"}},
		{"a change set that nobody carried out", func(a *account) { a.state = types.StackStatusReviewInProgress }, planned, true, []string{"REVIEW_IN_PROGRESS"}},
		{"no credentials, so nothing else is asked", func(a *account) { a.unknown = errors.New("expired") }, planned, false, []string{"expired", "aws sso login"}},
		{
			"placeholders", func(*account) {}, with(map[string]string{"MailIdentity": "example.org", "MailFrom": "a@example.org"}), false,
			[]string{"MailFrom is still the placeholder a@example.org", "MailIdentity is still", "[production.deploy.parameters]"},
		},
		{"a sender of another domain", func(*account) {}, with(map[string]string{"MailFrom": "a@academy.uk"}), false, []string{"does not belong to MailIdentity school.uk"}},
		{"a sender of a domain below", func(*account) {}, with(map[string]string{"MailFromNews": "a@news.school.uk"}), true, nil},
		{"the identity is unknown", func(a *account) { a.identities = nil }, planned, false, []string{"create-email-identity --email-identity school.uk --region eu-west-2"}},
		{"the identity is not verified", func(a *account) { a.identities = map[string]bool{"school.uk": false} }, planned, false, []string{"not verified school.uk yet"}},
		{"sandbox in production", func(a *account) { a.sandboxed = true }, planned, false, []string{"sandbox", "Request production access"}},
		{"sandbox in staging", func(a *account) { a.sandboxed = true }, staging, true, []string{"look", "sandbox"}},
		{"sending is stopped", func(a *account) { a.stopped = true }, planned, false, []string{"SHUTDOWN", "Account health"}},
		{"more mails than SES takes", func(a *account) { a.rate = 10 }, planned, false, []string{"MailRate is 10", "set MailRate=8"}},
		{"the sandbox's rate", func(a *account) { a.rate = 1 }, with(map[string]string{"MailRate": "1"}), true, nil},
		{"no certificate", func(*account) {}, with(map[string]string{"CertificateArn": ""}), true, []string{"no CertificateArn", "ApiEndpoint"}},
		{"the first deployment failed", func(a *account) { a.state = types.StackStatusRollbackComplete }, planned, false, []string{"cannot be deployed over", "delete-stack"}},
		{"an update is stuck", func(a *account) { a.state = types.StackStatusUpdateRollbackFailed }, planned, false, []string{"continue-update-rollback"}},
		{"somebody deploys just now", func(a *account) { a.state = types.StackStatusUpdateInProgress }, planned, false, []string{"wait"}},
	} {
		a := good
		c.is(&a)
		told, ready := a.look(t, c.plan)
		if ready != c.ready {
			t.Errorf("%s: ready is %t:\n%s", c.why, ready, told)
		}
		for _, part := range c.says {
			if !strings.Contains(told, part) {
				t.Errorf("%s: %q is not said:\n%s", c.why, part, told)
			}
		}
	}
}

func TestPreflightLooksAtThePlanOfTheEdge(t *testing.T) {
	t.Parallel()
	front := func(region, certificate string) deployment.Plan {
		return deployment.Plan{Stack: "caretaker-production-edge", Region: region, Parameters: map[string]string{"CertificateArn": certificate}}
	}
	for _, c := range []struct {
		why   string
		front deployment.Plan
		ready bool
		says  string
	}{
		{"no plan", deployment.Plan{}, false, "[production-edge.deploy.parameters]"},
		{"another region", front("eu-west-2", "arn:aws:acm:us-east-1:1:certificate/1"), false, "AWS wants it in us-east-1"},
		{"no certificate", front("us-east-1", ""), false, "aws acm request-certificate"},
		{"a certificate of the API's region", front("us-east-1", "arn:aws:acm:eu-west-2:1:certificate/1"), false, "no certificate of us-east-1"},
		{"all is well", front("us-east-1", "arn:aws:acm:us-east-1:1:certificate/1"), true, "planned as caretaker-production-edge"},
	} {
		found, ready := deployment.Preflight{
			Plan: with(map[string]string{"Edge": "yes", "CertificateArn": ""}), Front: c.front, Accounts: good, Mails: good, Stacks: good,
		}.Run(t.Context())
		var out bytes.Buffer
		deployment.Tell(&out, found)
		if ready != c.ready || !strings.Contains(out.String(), c.says) || strings.Contains(out.String(), "ApiEndpoint") {
			t.Errorf("%s: ready is %t:\n%s", c.why, ready, out.String())
		}
	}
}

// What the repository holds is a form to fill in: nobody can deploy it by accident.
func TestTheRepositorysOwnPlansAreNotReady(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../samconfig.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range []string{"staging", "production"} {
		p, err := deployment.ReadPlan(text, stage)
		if err != nil {
			t.Fatal(err)
		}
		if want := "caretaker-" + stage; p.Stack != want || p.Region != "eu-west-2" || p.Parameters["Stage"] != stage {
			t.Errorf("%s is planned as %+v", stage, p)
		}
		for _, name := range []string{"DomainName", "MailFrom", "MailIdentity"} {
			if got := p.Placeholders(); !slices.Contains(got, name) {
				t.Errorf("%s has the placeholders %v, and not %s", stage, got, name)
			}
		}
		if told, ready := good.look(t, p); ready {
			t.Errorf("%s is ready:\n%s", stage, told)
		}
	}
}

func TestAPlanThatCannotBeReadIsSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[staging":                      "read samconfig.toml",
		"[local.build.parameters]\na=1": "STAGE is one of production",
		"[staging.deploy.parameters]":   "needs stack_name and region",
		"[staging.deploy.parameters]\nparameter_overrides=[\"x\"]": "no Name=value",
	} {
		_, err := deployment.ReadPlan([]byte(text+"\n[production.deploy.parameters]\n"), "staging")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// stack answers with its outputs, or as AWS does of one that is not there.
type stack map[string]string

func (s stack) DescribeStacks(
	_ context.Context, in *cloudformation.DescribeStacksInput, _ ...func(*cloudformation.Options),
) (*cloudformation.DescribeStacksOutput, error) {
	if s == nil {
		return nil, &smithy.GenericAPIError{Code: "ValidationError", Message: "Stack with id " + *in.StackName + " does not exist"}
	}
	found := types.Stack{StackStatus: types.StackStatusCreateComplete}
	for name, value := range s {
		found.Outputs = append(found.Outputs, types.Output{OutputKey: &name, OutputValue: &value})
	}
	return &cloudformation.DescribeStacksOutput{Stacks: []types.Stack{found}}, nil
}

func TestWhatAStackSaysOfItselfIsFound(t *testing.T) {
	t.Parallel()
	whole := stack{"BaseUrl": "a", "ApiEndpoint": "b", "TableName": "c", "UserPoolId": "d", "UserPoolClientId": "e", "SealingKeyArn": "f"}
	found, err := deployment.Find(t.Context(), whole, "caretaker")
	want := deployment.Outputs{BaseURL: "a", APIEndpoint: "b", Table: "c", PoolID: "d", ClientID: "e", SealingKey: "f"}
	if err != nil || found != want {
		t.Errorf("found %+v, %v", found, err)
	}
	if _, err := deployment.Find(t.Context(), stack{"BaseUrl": "a"}, "half"); err == nil || !strings.Contains(err.Error(), "UserPoolId") {
		t.Errorf("half a stack: %v", err)
	}
	if _, err := deployment.Find(t.Context(), stack(nil), "none"); !errors.Is(err, deployment.ErrNoStack) {
		t.Errorf("no stack: %v", err)
	}
	template, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, outputs, _ := strings.Cut(string(template), "\nOutputs:\n")
	for name := range whole {
		if !strings.Contains(outputs, "  "+name+":\n") {
			t.Errorf("the template has no output %s", name)
		}
	}
}
