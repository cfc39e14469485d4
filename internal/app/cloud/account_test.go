package cloud_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"github.com/caretaker/caretaker/internal/app/cloud"
)

// lambda is what Lambda sets, and an address for services that have none of their own.
func lambda(t *testing.T) (map[string]string, chan *http.Request) {
	t.Helper()
	asked := make(chan *http.Request, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		w.WriteHeader(http.StatusBadRequest)
	}))
	t.Cleanup(server.Close)
	return map[string]string{
		"AWS_REGION": "eu-west-2", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
		"AWS_ENDPOINT_URL": server.URL,
	}, asked
}

// The variables are those that the SDK's own search knows, by which sam local and tests lead functions to emulators.
func TestClientsSignWithTheFunctionsRightsAndGoWhereTheVariablesSay(t *testing.T) {
	t.Parallel()
	set, asked := lambda(t)
	for _, service := range []string{"", "DYNAMODB", "COGNITO_IDENTITY_PROVIDER", "KMS", "SESV2"} {
		if service != "" {
			set["AWS_ENDPOINT_URL_"+service] = set["AWS_ENDPOINT_URL"] + "/" + service
		}
	}
	account, err := cloud.Account(func(name string) string { return set[name] }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for service, ask := range map[string]func() error{
		"DYNAMODB": func() error {
			_, err := dynamodb.NewFromConfig(account).ListTables(t.Context(), &dynamodb.ListTablesInput{})
			return err
		},
		"COGNITO_IDENTITY_PROVIDER": func() error {
			_, err := cognitoidentityprovider.NewFromConfig(account).ListUserPools(t.Context(), &cognitoidentityprovider.ListUserPoolsInput{MaxResults: new(int32(1))})
			return err
		},
		"KMS": func() error {
			_, err := kms.NewFromConfig(account).ListKeys(t.Context(), &kms.ListKeysInput{})
			return err
		},
		"SESV2": func() error {
			_, err := sesv2.NewFromConfig(account).GetAccount(t.Context(), &sesv2.GetAccountInput{})
			return err
		},
	} {
		if err := ask(); err == nil {
			t.Errorf("%s: a refusal was taken for an answer", service)
		}
		r := <-asked
		signed := r.Header.Get("Authorization")
		if !strings.HasPrefix(r.URL.Path, "/"+service) || !strings.Contains(signed, "AKIDEXAMPLE/") || !strings.Contains(signed, "/eu-west-2/") {
			t.Errorf("%s was asked at %s, signed by %s", service, r.URL.Path, signed)
		}
		if r.Header.Get("X-Amz-Security-Token") != "token" {
			t.Errorf("%s got no session token", service)
		}
	}
}

func TestOneVariableLeadsAllClientsElsewhere(t *testing.T) {
	t.Parallel()
	set, asked := lambda(t)
	account, err := cloud.Account(func(name string) string { return set[name] }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kms.NewFromConfig(account).ListKeys(t.Context(), &kms.ListKeysInput{}); err == nil {
		t.Error("a refusal was taken for an answer")
	}
	if r := <-asked; r.URL.Path != "/" {
		t.Errorf("asked at %s", r.URL.Path)
	}
}

func TestWhatIsNoFunctionOfLambdaDoesNotStart(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		set, _ := lambda(t)
		delete(set, missing)
		if _, err := cloud.Account(func(name string) string { return set[name] }, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}
