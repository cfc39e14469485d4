//go:build linux

package runtime_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caretaker/caretaker/infra/emulators"
	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// deployment is the stack on emulators: functions under Lambda's runtime, and what stands before and behind them.
type deployment struct {
	// Stack is used by browsers through the gateway. Its Directory, Store and Inbox are there to prepare and to look.
	*apptest.Stack
	*stack
	gateway *gateway
	stream  *poller
	age     atomic.Int64 // how long ago what is prepared happens

	mu      sync.Mutex
	running map[string]*emulators.Lambda // by folder
	said    []string                     // by those that were replaced
}

// deploy makes a table, a pool and a key, and the way to the functions, which start when they are called.
func deploy(t *testing.T) *deployment {
	t.Helper()
	d := &deployment{running: map[string]*emulators.Lambda{}}
	all := loadTemplate(t)
	at := host.Endpoints{DynamoDB: emulatortest.DynamoDB(t), Moto: emulatortest.Moto(t), SES: emulatortest.SES(t)}
	local, err := host.OpenEmulated(t.Context(), app.Config{
		BaseURL: "https://users.staging.example.org", Product: "Caretaker", Log: slog.New(slog.DiscardHandler),
	}, at, func() time.Time { return time.Now().Add(-time.Duration(d.age.Load())) })
	if err != nil {
		t.Fatal(err)
	}
	made := local.Config()
	d.stack = newStack(t, all, map[string]string{
		"Table": made.Table, "UserPool": made.PoolID, "UserPoolClient": made.ClientID, "SealingKey.Arn": made.SealingKey,
		"ConfigurationSet": "caretaker-staging",
	})
	d.gateway = newGateway(t, d)
	d.gateway.stage = d.stageVariables(t)
	d.Stack = &apptest.Stack{Local: local, URL: "https://" + d.parameters["DomainName"], Transport: inProcess{d.gateway}}
	d.stream = newPoller(t, d, at.DynamoDB)
	t.Cleanup(func() { d.stop(t) })
	return d
}

// stop ends what runs, and lets go of what was opened to prepare.
func (d *deployment) stop(t *testing.T) {
	var ending sync.WaitGroup
	for _, l := range d.running {
		ending.Go(func() {
			if err := l.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
	ending.Wait()
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// function is a function of the stack that runs; it is started when it is called for the first time.
func (d *deployment) function(tb testing.TB, folder string) *emulators.Lambda {
	tb.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if l := d.running[folder]; l != nil {
		return l
	}
	d.running[folder] = startFunction(tb, d.described(tb, folder))
	return d.running[folder]
}

// described is a function as the template has it. All that is not of the template is where this AWS is, and who asks.
func (d *deployment) described(tb testing.TB, folder string) emulators.Function {
	tb.Helper()
	p, known := d.functions(tb)[folder]
	if !known {
		tb.Fatalf("the template has no function %s", folder)
	}
	env := d.environment(tb, p)
	maps.Copy(env, map[string]string{
		"AWS_REGION": emulatortest.Region, "AWS_DEFAULT_REGION": emulatortest.Region,
		"AWS_ACCESS_KEY_ID": "emulator", "AWS_SECRET_ACCESS_KEY": "emulator",
		"AWS_ENDPOINT_URL_DYNAMODB":                  emulatortest.DynamoDB(tb),
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": emulatortest.Moto(tb),
		"AWS_ENDPOINT_URL_KMS":                       emulatortest.Moto(tb),
		"AWS_ENDPOINT_URL_SESV2":                     emulatortest.SES(tb),
	})
	return emulators.Function{
		Name: logical(folder), Bootstrap: bootstrap(tb, logical(folder)), Environment: env,
		Timeout: time.Duration(p.Timeout) * time.Second, MemoryMB: p.MemorySize,
	}
}

func startFunction(tb testing.TB, f emulators.Function) *emulators.Lambda {
	tb.Helper()
	l, err := emulators.StartLambda(tb.Context(), f)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// replace ends a function's environment, as Lambda does with one that nobody needed for a while: the next call starts cold.
func (d *deployment) replace(tb testing.TB, folder string) {
	tb.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.running[folder]
	d.said = append(d.said, l.Stdout()...) // before it is killed: Lambda stops one that waits, and it says nothing of that
	if err := l.Stop(); err != nil {
		tb.Fatal(err)
	}
	delete(d.running, folder)
}

// logs are the lines that all functions have written.
func (d *deployment) logs() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := slices.Clone(d.said)
	for _, l := range d.running {
		lines = append(lines, l.Stdout()...)
	}
	return lines
}

// invoke hands a function an event and reads its answer into a value, unless that is nil.
func (d *deployment) invoke(tb testing.TB, folder string, event []byte, answer any) {
	tb.Helper()
	got, err := d.function(tb, folder).Invoke(tb.Context(), event)
	if err != nil {
		tb.Fatalf("%s: %v", folder, err)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(got, answer); err != nil {
		tb.Fatalf("%s: %v: %s", folder, err, got)
	}
}

// scheduled invokes a function as its schedule does.
func (d *deployment) scheduled(tb testing.TB, folder string, answer any) {
	tb.Helper()
	d.invoke(tb, folder, []byte(d.functions(tb)[folder].event(tb, "ScheduleV2").Properties.Input), answer)
}

// failed invokes a function that is to fail, and returns how.
func failed(tb testing.TB, l *emulators.Lambda, event []byte) *emulators.FunctionError {
	tb.Helper()
	answer, err := l.Invoke(tb.Context(), event)
	var failure *emulators.FunctionError
	if !errors.As(err, &failure) {
		tb.Fatalf("got %s, %v, want a failure of the function", answer, err)
	}
	return failure
}

// inProcess is the network where there is none.
type inProcess struct{ http.Handler }

// RoundTrip implements http.RoundTripper.
func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Result(), nil
}

// founders prepares what there is before the test: the platform with its operator, who is signed in at the gateway later. It
// returns the same installation without functions, in which things can be done that happened some time ago.
func (d *deployment) founders(t *testing.T, ago time.Duration) (before *apptest.Stack, operator, password string) {
	t.Helper()
	d.age.Store(int64(ago))
	made, err := d.Directory.FoundPlatform(t.Context(), directory.NewOrganisation{
		Name: "Platform", Preset: "platform",
		FirstAdministrator: directory.NewPerson("Olive", "Operator", "olive@platform.example"),
	})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := d.HTTP(httpapi.Areas()...)
	if err != nil {
		t.Fatal(err)
	}
	before = &apptest.Stack{Local: d.Local, URL: d.URL, Transport: inProcess{handler}}
	password = "Correct-horse-9-battery"
	before.Operator = before.Browser(t)
	before.Operator.SignIn(string(directory.OperatorSlug), made.User.Username, string(made.Password)).Want(200)
	before.Operator.Call("POST", "/session/password", apptest.NewPassword(password)).Want(200)
	return before, made.User.Username, password
}
