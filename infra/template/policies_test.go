package template_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/seal/kms"
)

// wildcards lists what is allowed by a "*", by the resources of the template whose policies say it, each with what makes it
// needed. Of a managed policy, which is AWS's, nobody knows what it says.
var wildcards = []struct{ who, grant, why string }{
	{`^NotifyRole$`, "dynamodb:ListStreams ${Table.Arn}/stream/*", "asked of the table, before a stream is known"},
	{`Role$`, "xray:PutTraceSegments *", "X-Ray has no resources to name"},
	{`Role$`, "xray:PutTelemetryRecords *", "X-Ray has no resources to name"},
	{`^RolloutRole$`, "cloudwatch:DescribeAlarms *", "several are asked for at once, which only this allows; it reads"},
	{`^(Sealing|Alarm)Key$`, "kms:* *", "a key's own policy: the key, for the account's policies to give on; without it nobody could administer it"},
	{`^AlarmKey$`, "kms:Decrypt *", "a key's own policy: the key"},
	{`^AlarmKey$`, "kms:GenerateDataKey *", "a key's own policy: the key"},
	{
		`^BackupRole$`, "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
		"what a backup takes is AWS Backup's business, and changes with it",
	},
}

type statement struct {
	Effect           string
	Action, Resource any
	Condition        any
}

// resources are those of a statement, one or several.
func (s statement) resources() []any {
	if several, ok := s.Resource.([]any); ok {
		return several
	}
	return []any{s.Resource}
}

// statements are those of a function's role.
func (t template) statements(tb testing.TB, folder string) []statement {
	tb.Helper()
	var role struct {
		ManagedPolicyArns []any
		Policies          []struct {
			PolicyDocument struct{ Statement []statement }
		}
	}
	into(tb, t.Resources[logical(folder, "Role")].Properties, &role)
	if len(role.Policies) != 1 || len(role.ManagedPolicyArns) != 0 {
		tb.Fatalf("%s has %d policies and %d managed ones, not the one that is looked at here",
			folder, len(role.Policies), len(role.ManagedPolicyArns))
	}
	return role.Policies[0].PolicyDocument.Statement
}

// All policies are looked at, of roles, keys, queues and topics, also those that SAM makes.
func TestPoliciesNameActionsAndResources(t *testing.T) {
	t.Parallel()
	explained := map[string]bool{}
	for id, r := range loadTransformed(t).Resources {
		var properties any
		into(t, r.Properties, &properties)
		for _, grant := range starred(t, properties) {
			known := false
			for _, w := range wildcards {
				if w.grant == grant && regexp.MustCompile(w.who).MatchString(id) {
					known = true
					explained[w.who+w.grant] = true
				}
			}
			if !known {
				t.Errorf("nobody says why %s is allowed %s", id, grant)
			}
		}
	}
	for _, w := range wildcards {
		if !explained[w.who+w.grant] || w.why == "" {
			t.Errorf("%s is explained and not there", w.grant)
		}
	}
}

// starred lists what statements in a value allow by a "*", each as an action and a resource, and managed policies.
func starred(tb testing.TB, value any) (found []string) {
	tb.Helper()
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			found = append(found, starred(tb, v)...)
		}
	case map[string]any:
		if value["Effect"] != nil && value["Resource"] != nil {
			var s statement
			into(tb, value, &s)
			if s.Effect != "Allow" {
				tb.Errorf("effect %q", s.Effect)
			}
			return s.starred()
		}
		for name, v := range value {
			if name == "ManagedPolicyArns" {
				found = append(found, texts(v)...)
			}
			found = append(found, starred(tb, v)...)
		}
	}
	return found
}

// starred lists what a statement allows by a "*", each as an action and a resource.
func (s statement) starred() []string {
	var found []string
	for _, action := range list(s.Action) {
		for _, resource := range texts(s.Resource) {
			if grant := action + " " + resource; strings.Contains(grant, "*") {
				found = append(found, grant)
			}
		}
	}
	return found
}

func TestPoliciesKnowOnlyRequestsToThePoolThatTheAdapterMakes(t *testing.T) {
	t.Parallel()
	requests := reflect.TypeFor[cognito.API]()
	all := load(t)
	for folder := range all.functions(t) {
		for grant := range all.grants(t, folder) {
			action, _, _ := strings.Cut(grant, " ")
			request, ofPool := strings.CutPrefix(action, "cognito-idp:")
			if _, known := requests.MethodByName(request); ofPool && !known {
				t.Errorf("%s is allowed %s", folder, grant)
			}
		}
	}
}

// TestTheKeyIsUsedInItsContextOnly has the policies tell what package kms binds data keys to: of the account's other uses of
// the key, if there ever are, they open nothing.
func TestTheKeyIsUsedInItsContextOnly(t *testing.T) {
	t.Parallel()
	var asked contexts
	sealer, err := kms.New(&asked, kms.Config{KeyID: "key", Random: rand.Reader, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sealer.Seal(t.Context(), "label", []byte("secret")); err == nil || len(asked) == 0 {
		t.Fatalf("sealed without a key: %v, %v", asked, err)
	}
	bound := map[string]any{}
	for name, value := range asked {
		bound["kms:EncryptionContext:"+name] = value
	}
	want := map[string]any{"StringEquals": bound}
	all := load(t)
	users := 0
	for folder := range all.functions(t) {
		for _, s := range all.statements(t, folder) {
			if !slices.ContainsFunc(list(s.Action), func(a string) bool { return strings.HasPrefix(a, "kms:") }) {
				continue
			}
			users++
			if diff := cmp.Diff(want, s.Condition); diff != "" {
				t.Errorf("%s: context -, condition +\n%s", folder, diff)
			}
		}
	}
	if users == 0 {
		t.Error("nobody uses the key")
	}
}

// contexts is a KMS that gives no key, and remembers the context that one was asked for in.
type contexts map[string]string

func (c *contexts) GenerateDataKey(
	_ context.Context, in *awskms.GenerateDataKeyInput, _ ...func(*awskms.Options),
) (*awskms.GenerateDataKeyOutput, error) {
	*c = in.EncryptionContext
	return nil, errors.New("there is no key")
}

func (c *contexts) Decrypt(context.Context, *awskms.DecryptInput, ...func(*awskms.Options)) (*awskms.DecryptOutput, error) {
	return nil, errors.New("there is no key")
}

// byLambda begins actions that Lambda itself does with a function's role: it writes logs and traces, reads the stream, and sends
// what failed to a queue.
var byLambda = []string{
	"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords", "sqs:SendMessage",
	"dynamodb:ListStreams", "dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords",
}

// grants are what a function's role allows its program: an action and a resource each.
func (t template) grants(tb testing.TB, folder string) map[string]bool {
	tb.Helper()
	granted := map[string]bool{}
	for _, s := range t.statements(tb, folder) {
		for _, action := range list(s.Action) {
			for _, r := range s.resources() {
				if !slices.Contains(byLambda, action) {
					granted[action+" "+resourceName(tb, r)] = true
				}
			}
		}
	}
	return granted
}

// resourceName writes a resource of a policy as the calls note it.
func resourceName(tb testing.TB, resource any) string {
	tb.Helper()
	names := map[string]string{
		"Table.Arn": "table", "UserPool.Arn": "pool", "SealingKey.Arn": "key",
		"arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailIdentity}":              "mail",
		"arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/${ConfigurationSet}": "mail",
	}
	text := texts(resource)[0]
	if index, ok := strings.CutPrefix(text, "${Table.Arn}/index/"); ok {
		return "table/" + index
	}
	if names[text] == "" {
		tb.Fatalf("no call is of the resource %s", text)
	}
	return names[text]
}

// TestFunctionsAreAllowedWhatTheyDoAndNothingElse runs the deployment in small: the template's routes lead to handlers of
// one area each, on emulators, and what these ask of AWS is noted by function.
func TestFunctionsAreAllowedWhatTheyDoAndNothingElse(t *testing.T) {
	t.Parallel()
	all := load(t)
	d := deploy(t, all)
	d.use(t)
	for folder := range all.functions(t) {
		if diff := cmp.Diff(all.grants(t, folder), d.calls.of(folder)); diff != "" {
			t.Errorf("%s: allowed -, done +\n%s", folder, diff)
		}
	}
	for route := range all.routes(t) {
		if !d.used[route] {
			t.Errorf("nobody used %s, so that what it needs is not known", route)
		}
	}
}

// What checkov asks for and the template leaves out is explained, line by line.
func TestEveryCheckThatIsLeftOutIsExplained(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("checkov.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, list, found := strings.Cut(string(text), "skip-check:\n")
	if !found {
		t.Fatal("the list is not there")
	}
	above := ""
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "- ") && !strings.HasPrefix(above, "# ") {
			t.Errorf("nobody says why %s is left out", line)
		}
		above = line
	}
}

// SQS's own encryption, which checkov does not know of.
func TestEveryQueueIsEncrypted(t *testing.T) {
	t.Parallel()
	all := load(t)
	for id, r := range all.Resources {
		if r.Type == "AWS::SQS::Queue" && all.properties(t, id)["SqsManagedSseEnabled"] != true {
			t.Errorf("%s is not encrypted", id)
		}
	}
}
