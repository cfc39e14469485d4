package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
)

func TestVariablesLeadToATableAKeyAndAPoolWithAnOperator(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "made", "sam-env.json")
	ctx, stop := context.WithCancel(t.Context())
	printed, stdout := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, file, nil, stdout)
		_ = stdout.CloseWithError(err)
		ended <- err
	}()
	said := make([]byte, 1000)
	n, err := printed.Read(said)
	if err != nil {
		t.Fatal(err)
	}
	_, password, ok := strings.Cut(strings.SplitN(string(said[:n]), "\n", 3)[1], "password ")
	if !ok {
		t.Fatalf("no password is said: %s", said[:n])
	}
	env := readEnv(t, file)

	if _, err := dynamodb.NewFromConfig(emulatortest.AWS(t, reach(t, env["AWS_ENDPOINT_URL_DYNAMODB"]))).DescribeTable(
		t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(env["TABLE"])},
	); err != nil {
		t.Error(err)
	}
	if _, err := kms.NewFromConfig(emulatortest.AWS(t, reach(t, env["AWS_ENDPOINT_URL_KMS"]))).GenerateDataKey(
		t.Context(), &kms.GenerateDataKeyInput{KeyId: aws.String(env["SEALING_KEY"]), KeySpec: kmstypes.DataKeySpecAes256},
	); err != nil {
		t.Error(err)
	}
	pool := cognitoidentityprovider.NewFromConfig(emulatortest.AWS(t, reach(t, env["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"])))
	users, err := pool.ListUsers(t.Context(), &cognitoidentityprovider.ListUsersInput{UserPoolId: aws.String(env["USER_POOL_ID"])})
	if err != nil || len(users.Users) != 1 {
		t.Fatalf("the pool has not the operator alone: %+v, %v", users, err)
	}
	if _, err := pool.AdminInitiateAuth(t.Context(), &cognitoidentityprovider.AdminInitiateAuthInput{
		UserPoolId: aws.String(env["USER_POOL_ID"]), ClientId: aws.String(env["USER_POOL_CLIENT_ID"]),
		AuthFlow:       types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": *users.Users[0].Username, "PASSWORD": password},
	}); err != nil {
		t.Errorf("with the password that was said: %v", err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func readEnv(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var env struct{ Parameters map[string]string }
	if err := json.Unmarshal(text, &env); err != nil {
		t.Fatal(err)
	}
	return env.Parameters
}

// reach turns an endpoint as a container names it into the one that is reached from here.
func reach(t *testing.T, endpoint string) string {
	t.Helper()
	port, ok := strings.CutPrefix(endpoint, "http://host.docker.internal:")
	if !ok {
		t.Fatalf("%q is not this machine as a container sees it", endpoint)
	}
	return "http://127.0.0.1:" + port
}

// What is run in between finds the variables, and the emulators end with it.
func TestACommandRunsBesideTheEmulatorsAndEndsThem(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sam-env.json")
	var stdout strings.Builder
	if err := run(t.Context(), file, []string{"cat", file}, &stdout); err != nil {
		t.Fatal(err)
	}
	endpoint := reach(t, readEnv(t, file)["AWS_ENDPOINT_URL_DYNAMODB"])
	if !strings.Contains(stdout.String(), `"AWS_ENDPOINT_URL_DYNAMODB": "http://host.docker.internal:`) {
		t.Errorf("the command read\n%s", stdout.String())
	}
	tables := dynamodb.NewFromConfig(emulatortest.AWS(t, endpoint), func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
	if _, err := tables.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err == nil {
		t.Error("DynamoDB Local goes on after the command")
	}
}

func TestACommandThatFailsIsToldOf(t *testing.T) {
	t.Parallel()
	err := attend(t.Context(), []string{"false"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "run false") {
		t.Errorf("got %v", err)
	}
}
