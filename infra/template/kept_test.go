package template_test

import (
	"context"
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

func TestTableIsTheOneThatTheEngineNeeds(t *testing.T) {
	t.Parallel()
	want := said(t, dynamo.Schema(""))
	want["StreamSpecification"] = map[string]any{"StreamViewType": string(dynamo.Schema("").StreamSpecification.StreamViewType)} // here it is enabled by being there
	want["TimeToLiveSpecification"] = map[string]any{"AttributeName": dynamo.TTLAttribute, "Enabled": true}
	compare(t, "Table", want, "DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "SSESpecification")
}

func TestUserPoolAndClientAreThoseThatTheAdapterNeeds(t *testing.T) {
	t.Parallel()
	var made settings
	if _, _, err := cognito.CreatePool(t.Context(), &made); err != nil {
		t.Fatal(err)
	}
	pool, client := said(t, made.pool), said(t, made.client)
	delete(pool, "PoolName")
	delete(client, "UserPoolId")
	compare(t, "UserPool", pool, "UserPoolName", "UserPoolTier", "DeletionProtection")
	compare(t, "UserPoolClient", client, "UserPoolId")
}

func TestSealingKeyIsTurnedAndLeftToTheAccount(t *testing.T) {
	t.Parallel()
	key := load(t).properties(t, "SealingKey")
	account := map[string]any{"AWS": map[string]any{"!Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
	want := map[string]any{
		"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "EnableKeyRotation": true,
		"KeyPolicy": map[string]any{"Version": "2012-10-17", "Statement": []any{
			map[string]any{"Effect": "Allow", "Principal": account, "Action": "kms:*", "Resource": "*"},
		}},
	}
	delete(key, "Description")
	delete(key, "PendingWindowInDays")
	if diff := cmp.Diff(want, key); diff != "" {
		t.Errorf("SealingKey: wanted -, template +\n%s", diff)
	}
}

// compare compares a resource with what the code wants of it. beside lists properties that are the template's own.
func compare(t *testing.T, id string, want map[string]any, beside ...string) {
	t.Helper()
	got := load(t).properties(t, id)
	for _, name := range beside {
		if got[name] == nil {
			t.Errorf("%s: %s is not there", id, name)
		}
		delete(got, name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: code -, template +\n%s", id, diff)
	}
}

// said is what a request to AWS says: nothing is left of what is nil, empty or 0, which the SDK does not send.
func said(tb testing.TB, request any) map[string]any {
	tb.Helper()
	var all map[string]any
	into(tb, request, &all)
	return lean(all).(map[string]any)
}

func lean(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, v := range value {
			value[name] = lean(v)
		}
		maps.DeleteFunc(value, func(_ string, v any) bool { return v == nil || v == "" || v == 0.0 })
	case []any:
		for i, v := range value {
			value[i] = lean(v)
		}
	}
	return value
}

// settings remembers what a pool is asked for.
type settings struct {
	pool   *idp.CreateUserPoolInput
	client *idp.CreateUserPoolClientInput
}

func (s *settings) CreateUserPool(
	_ context.Context, in *idp.CreateUserPoolInput, _ ...func(*idp.Options),
) (*idp.CreateUserPoolOutput, error) {
	s.pool = in
	return &idp.CreateUserPoolOutput{UserPool: &types.UserPoolType{Id: aws.String("eu-west-2_pool")}}, nil
}

func (s *settings) CreateUserPoolClient(
	_ context.Context, in *idp.CreateUserPoolClientInput, _ ...func(*idp.Options),
) (*idp.CreateUserPoolClientOutput, error) {
	s.client = in
	return &idp.CreateUserPoolClientOutput{UserPoolClient: &types.UserPoolClientType{}}, nil
}

func TestWhatIsKeptOutlivesTheStack(t *testing.T) {
	t.Parallel()
	all := load(t)
	kept := map[string]struct {
		property string
		safe     any
	}{
		"AWS::DynamoDB::Table":   {"DeletionProtectionEnabled", true},
		"AWS::Cognito::UserPool": {"DeletionProtection", "ACTIVE"},
		"AWS::KMS::Key":          {"PendingWindowInDays", 30.0}, // the longest time in which a deletion can be taken back
	}
	found := map[string]bool{}
	for id, r := range all.Resources {
		protection, ok := kept[r.Type]
		if !ok || id == "AlarmKey" { // nothing is kept under it: it seals what is on its way
			continue
		}
		found[r.Type] = true
		if r.DeletionPolicy != "Retain" || r.UpdateReplacePolicy != "Retain" {
			t.Errorf("%s goes with the stack or with a change that replaces it", id)
		}
		if got := all.properties(t, id)[protection.property]; got != protection.safe {
			t.Errorf("%s can be deleted by one call: %s is %v", id, protection.property, got)
		}
	}
	if len(found) != len(kept) {
		t.Errorf("of what is kept the template has only %v", found)
	}
}
