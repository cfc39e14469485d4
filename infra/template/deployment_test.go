package template_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/infra/template/samfile"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/app/front/passkey"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/console"
	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/mail/inbox"
	"github.com/caretaker/caretaker/internal/mail/ses"
	"github.com/caretaker/caretaker/internal/seal/kms"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// deployment is the template in small: a server whose routes are the template's, each function with its own area only.
type deployment struct {
	*apptest.Stack
	calls  *calls
	used   map[string]bool // routes; requests come one after the other
	pool   *cognitoidentityprovider.Client
	poolID string
	later  atomic.Int64 // how far the clock is ahead
	asked  atomic.Int64 // requests so far
}

func deploy(t *testing.T, all template) *deployment {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	d := &deployment{calls: &calls{by: map[string]map[string]bool{}}, used: map[string]bool{}}
	whole, plain := d.program(t, server.URL)
	for folder := range all.functions(t) {
		d.route(t, mux, map[bool]*app.App{true: whole, false: plain}[checksPasskeys(t, folder)], folder, all)
	}
	d.Stack = &apptest.Stack{Local: &host.Local{App: whole, Inbox: inbox.Remote(emulatortest.SES(t), time.Now())}, URL: server.URL}
	return d
}

// now is the time of the deployment.
func (d *deployment) now() time.Time { return time.Now().Add(time.Duration(d.later.Load())) }

// checksPasskeys tells whether a function has what that takes.
func checksPasskeys(t *testing.T, folder string) bool {
	t.Helper()
	text, err := os.ReadFile("../../functions/" + folder + "/main.go")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(text), "passkey.Add")
}

// program wires the program to emulators as it is wired to AWS, with clients that note what they are asked: once with passkeys
// and once, as most functions are, without.
func (d *deployment) program(t *testing.T, address string) (whole, plain *app.App) {
	t.Helper()
	client := func(endpoint string) aws.Config {
		c := emulatortest.AWS(t, endpoint)
		c.APIOptions = append(c.APIOptions, d.calls.note)
		return c
	}
	table, name := dynamodb.NewFromConfig(client(emulatortest.DynamoDB(t))), "template-"+rand.Text()
	d.pool = cognitoidentityprovider.NewFromConfig(client(emulatortest.Moto(t)))
	if err := dynamo.CreateTable(t.Context(), table, name); err != nil {
		t.Fatal(err)
	}
	poolID, clientID, err := cognito.CreatePool(t.Context(), d.pool)
	if err != nil {
		t.Fatal(err)
	}
	d.poolID = poolID
	c := app.Config{
		BaseURL: address, MailFrom: "no-reply@template.example", MailRate: 1000, Product: "Caretaker", Log: slog.New(slog.DiscardHandler),
		AllowLoopback: true, // where the identity provider is
	}
	_, hasher := apptest.Secrets(t)
	p := app.Parts{
		Engine:      dynamo.New(table, name),
		Credentials: cognito.New(d.pool, cognito.Config{PoolID: poolID, ClientID: clientID}),
		Sealer:      d.sealer(t, awskms.NewFromConfig(client(emulatortest.Moto(t)))), Hasher: hasher,
		Sender: ses.New(sesv2.NewFromConfig(client(emulatortest.SES(t))), ses.Config{}),
		Now:    d.now,
	}
	if err := front.Proofs(c, &p); err != nil {
		t.Fatal(err)
	}
	plain = app.New(c, p)
	if err := passkey.Add(c, &p); err != nil {
		t.Fatal(err)
	}
	return app.New(c, p), plain
}

// sealer finds every request an hour after the one before, so that data keys are kept from none to the next: each function
// then asks KMS for all that it may.
func (d *deployment) sealer(t *testing.T, client *awskms.Client) directory.Sealer {
	t.Helper()
	key, err := kms.CreateKey(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	hours := func() time.Time { return time.Unix(0, 0).Add(time.Duration(d.asked.Load()) * time.Hour) }
	sealer, err := kms.New(client, kms.Config{KeyID: key, Random: rand.Reader, Now: hours, MaxAge: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return sealer
}

type functionKey struct{}

// route adds the routes of a function, which serves its own area and knows no other.
func (d *deployment) route(t *testing.T, mux *http.ServeMux, a *app.App, folder string, all template) {
	t.Helper()
	for route, serves := range all.routes(t) {
		if serves != folder {
			continue
		}
		serve := handler(t, a, folder)
		mux.HandleFunc(samfile.Pattern(route), func(w http.ResponseWriter, r *http.Request) {
			d.used[route] = true
			d.asked.Add(1)
			serve.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), functionKey{}, folder)))
		})
	}
}

// handler is what a function behind the API runs.
func handler(t *testing.T, a *app.App, folder string) http.Handler {
	t.Helper()
	if folder == consoleFolder {
		files, err := console.New(console.Files(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	i := slices.IndexFunc(httpapi.Areas(), func(area httpapi.Area) bool { return area.Name == folder })
	if i < 0 {
		t.Fatalf("routes lead to %s, which serves no area", folder)
	}
	serve, err := a.HTTP(httpapi.Areas()[i])
	if err != nil {
		t.Fatal(err)
	}
	return serve
}
