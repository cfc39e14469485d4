package main

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// deploy makes what a stack has, on emulators, and returns its server.
func deploy(t *testing.T, a *account, table string) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	if err := dynamo.CreateTable(t.Context(), dynamodb.NewFromConfig(emulatortest.AWS(t, emulatortest.DynamoDB(t))), table); err != nil {
		t.Fatal(err)
	}
	moto := emulatortest.AWS(t, emulatortest.Moto(t))
	pool, client, err := cognito.CreatePool(t.Context(), cognitoidentityprovider.NewFromConfig(moto))
	if err != nil {
		t.Fatal(err)
	}
	key, err := kms.NewFromConfig(moto).CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	a.outputs = map[string]string{
		"BaseUrl": "http://" + server.Listener.Addr().String(), "ApiEndpoint": "https://abc.execute-api.eu-west-2.amazonaws.com",
		"TableName": table, "UserPoolId": pool, "UserPoolClientId": client, "SealingKeyArn": *key.KeyMetadata.Arn,
	}
	return server
}

// serve has the program answer requests, as the functions of the deployment would.
func serve(t *testing.T, server *httptest.Server, a *app.App) *apptest.Stack {
	t.Helper()
	handler, err := a.HTTP(httpapi.Areas()...)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = handler
	server.Start()
	return &apptest.Stack{URL: server.URL}
}

var shown = regexp.MustCompile(`username {5}(\S+)\npassword {5}(\S+)\n`)

// operator is how somebody signs in.
type operator struct{ username, password string }

// newOperator is whom the command showed, once.
func newOperator(t *testing.T, said string) operator {
	t.Helper()
	all := shown.FindAllStringSubmatch(said, -1)
	if len(all) != 1 {
		t.Fatalf("%d operators are shown:\n%s", len(all), said)
	}
	return operator{all[0][1], all[0][2]}
}

// comesIn signs the operator in, who has to choose a password first and may then do what operators do.
func (o operator) comesIn(t *testing.T, s *apptest.Stack) {
	t.Helper()
	b := s.Browser(t)
	b.SignIn(string(directory.OperatorSlug), o.username, o.password).Want(200)
	b.Call("GET", "/operator/organisations", nil).WantProblem(403, "challenge_pending")
	b.Call("POST", "/session/password", apptest.NewPassword("Correct-horse-9-battery")).Want(200)
	b.Call("GET", "/operator/organisations", nil).Want(200)
}

const olive, oscar = "Olive Operator <olive@platform.example>", "Oscar Operator <oscar@platform.example>"

// The first operator comes in, a second founding is refused and changes nothing, and a lost password has a way back that
// cannot go unnoticed.
func TestADeploymentIsFoundedOnceAndCanBeRecovered(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	server := deploy(t, a, "founded")
	p, out := a.on(t)
	bootstrap := func(args ...string) error {
		out.Reset()
		return p.run(t.Context(), append([]string{"bootstrap", "-stack", "caretaker-staging", "-operator"}, args...))
	}
	if err := bootstrap(oscar, "-again"); err == nil || !strings.Contains(err.Error(), "not founded yet") {
		t.Errorf("a further operator before the first: %v", err)
	}
	if err := bootstrap(olive); err != nil {
		t.Fatal(err)
	}
	first := newOperator(t, out.String())
	i, _, err := p.open(t.Context(), place{stack: "caretaker-staging"})
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, server, i.App)
	first.comesIn(t, s)

	if err := bootstrap(oscar); !errors.Is(err, errOnce) || out.Len() > 0 {
		t.Errorf("a second founding: %v\n%s", err, out)
	}
	if err := bootstrap(oscar, "-again"); err != nil {
		t.Fatal(err)
	}
	second := newOperator(t, out.String())
	second.comesIn(t, s)
	waiting, err := i.Store.Unsent(t.Context(), time.Now().Add(time.Hour), 100)
	if err != nil {
		t.Fatal(err)
	}
	told := false
	for _, m := range waiting {
		told = told || m.ToEmail == "olive@platform.example" && m.Data["newAdministrator"] == "Oscar Operator" &&
			m.Data["approvedBy"] == "arn:aws:iam::123456789012:user/jo"
		for _, text := range m.Data {
			if strings.Contains(text, first.password) || strings.Contains(text, second.password) {
				t.Errorf("a mail holds a password: %v", m.Data)
			}
		}
	}
	if !told {
		t.Errorf("Olive is not told of Oscar: %+v", waiting)
	}
}

func TestAnEmbeddedInstallationIsFoundedInItsFolder(t *testing.T) {
	t.Parallel()
	p, out := newAccount(t).on(t)
	folder := t.TempDir()
	if err := p.run(t.Context(), []string{"bootstrap", "-data", folder, "-operator", olive}); err == nil {
		t.Error("a folder that holds nothing was founded")
	}
	l, err := host.OpenEmbedded(p.config(app.Config{BaseURL: "http://127.0.0.1"}), folder, time.Now, apptest.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.run(t.Context(), []string{"bootstrap", "-data", folder, "-operator", olive}); err != nil {
		t.Fatal(err)
	}
	if err := p.run(t.Context(), []string{"bootstrap", "-data", folder, "-operator", olive}); !errors.Is(err, errOnce) {
		t.Errorf("a second founding: %v", err)
	}
	server := httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	l, err = host.OpenEmbedded(p.config(app.Config{BaseURL: "http://" + server.Listener.Addr().String()}), folder, time.Now, apptest.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	newOperator(t, out.String()).comesIn(t, serve(t, server, l.App))
}

// What is written to a log stays there: without a terminal the password goes into a file of its own, or nothing is begun.
func TestThePasswordGoesToATerminalOrAFileOfItsOwn(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	deploy(t, a, "secretly")
	p, out := a.on(t)
	p.terminal = false
	args := []string{"bootstrap", "-stack", "caretaker-staging", "-operator", olive}
	if err := p.run(t.Context(), args); !errors.Is(err, errSeen) {
		t.Errorf("without a terminal: %v", err)
	}
	file := filepath.Join(t.TempDir(), "operator")
	if err := p.run(t.Context(), append(args, "-to", file, "-region", "eu-west-2")); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	who := newOperator(t, string(kept))
	if about, err := os.Stat(file); err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", about.Mode(), err)
	}
	if strings.Contains(out.String(), who.password) {
		t.Error("the password is on the screen too")
	}
	if err := p.run(t.Context(), append(args, "-to", file)); err == nil {
		t.Error("a file that was there is written over")
	}
	other := filepath.Join(t.TempDir(), "other")
	if err := p.run(t.Context(), append(args, "-to", other)); !errors.Is(err, errOnce) {
		t.Errorf("a second founding: %v", err)
	}
	if _, err := os.Stat(other); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty file is left behind: %v", err)
	}
}

func TestWhatTheCommandIsToldIsLookedAtFirst(t *testing.T) {
	t.Parallel()
	unreachable := func(context.Context, string) (aws.Config, error) {
		t.Error("the account was looked for")
		return aws.Config{}, nil
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "backup, bootstrap, cost, edge, outputs, preflight, restore, rotate-key, rotate-origin-secret, verify"},
		{[]string{"destroy"}, "say what to do: backup, bootstrap"},
		{[]string{"preflight"}, "-stage must be set"},
		{[]string{"preflight", "-stage", "staging", "now"}, `what is "now"`},
		{[]string{"preflight", "-stage", "local", "-samconfig", "../../samconfig.toml"}, "production, staging"},
		{[]string{"bootstrap", "-stack", "caretaker"}, "-operator must be set"},
		{[]string{"bootstrap", "-operator", olive}, errPlace.Error()},
		{[]string{"bootstrap", "-operator", olive, "-stack", "a", "-data", "b"}, errPlace.Error()},
	} {
		var out bytes.Buffer
		err := program{stdout: &out, stderr: &out, terminal: true, account: unreachable}.run(t.Context(), c.args)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v, want %q", c.args, err, c.says)
		}
	}
}
