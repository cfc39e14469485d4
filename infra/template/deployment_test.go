package template_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/smithy-go/middleware"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/mail/ses"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// deployment is the template in small: a server whose routes are the template's, each function with its own area only.
type deployment struct {
	*apptest.Stack
	calls  *calls
	used   map[string]bool // routes; requests come one after the other
	pool   *cognitoidentityprovider.Client
	poolID string
	later  *atomic.Int64 // how far the clock is ahead
}

func deploy(t *testing.T, all template) *deployment {
	t.Helper()
	d := &deployment{calls: &calls{by: map[string]map[string]bool{}}, used: map[string]bool{}, later: &atomic.Int64{}}
	a := d.program(t)
	mux := http.NewServeMux()
	for folder := range all.functions(t) {
		d.route(t, mux, a, folder, all)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	d.Stack = &apptest.Stack{Local: &app.Local{App: a}, URL: server.URL}
	return d
}

// program wires the program to emulators as it is wired to AWS, with clients that note what they are asked.
func (d *deployment) program(t *testing.T) *app.App {
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
		BaseURL: "http://127.0.0.1", MailFrom: "no-reply@template.example", Product: "Caretaker", Log: slog.New(slog.DiscardHandler),
	}
	return app.New(c, app.Parts{
		Engine:      dynamo.New(table, name),
		Credentials: cognito.New(d.pool, cognito.Config{PoolID: poolID, ClientID: clientID}),
		Sender:      ses.New(sesv2.NewFromConfig(client(emulatortest.SES(t))), ses.Config{}),
		Now:         func() time.Time { return time.Now().Add(time.Duration(d.later.Load())) },
	})
}

type functionKey struct{}

// route adds the routes of a function, which serves its own area and knows no other.
func (d *deployment) route(t *testing.T, mux *http.ServeMux, a *app.App, folder string, all template) {
	t.Helper()
	for _, area := range httpapi.Areas() {
		if area.Name != folder {
			continue
		}
		serve, err := a.HTTP(area)
		if err != nil {
			t.Fatal(err)
		}
		for route, event := range all.routes(t) {
			if strings.HasPrefix(event, folder+" ") {
				mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) {
					d.used[route] = true
					serve.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), functionKey{}, folder)))
				})
			}
		}
	}
}

// calls notes what each function asks of AWS.
type calls struct {
	mu sync.Mutex
	by map[string]map[string]bool
	// meanwhile, if set, happens once: while the function passwords sets a password.
	meanwhile func()
}

func (c *calls) of(folder string) map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.by[folder])
}

// note makes a client note its calls. Those without a function are the test's own.
func (c *calls) note(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("NoteCalls", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		if folder, ok := ctx.Value(functionKey{}).(string); ok {
			c.add(folder, needs(in.Parameters))
			c.interfere(folder, in.Parameters)
		}
		return next.HandleInitialize(ctx, in)
	}), middleware.Before)
}

func (c *calls) add(folder string, needed []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by[folder] == nil {
		c.by[folder] = map[string]bool{}
	}
	for _, n := range needed {
		c.by[folder][n] = true
	}
}

func (c *calls) interfere(folder string, request any) {
	_, sets := request.(*cognitoidentityprovider.AdminSetUserPasswordInput)
	if happen := c.meanwhile; sets && folder == "passwords" && happen != nil {
		c.meanwhile = nil
		happen()
	}
}

// needs lists the actions, and the resource of each, that IAM wants to see allowed for a request.
func needs(request any) []string {
	switch in := request.(type) {
	case *dynamodb.QueryInput:
		if in.IndexName != nil {
			return []string{"dynamodb:Query table/" + *in.IndexName}
		}
	case *dynamodb.TransactWriteItemsInput: // a transaction needs what its parts need
		var needed []string
		for _, item := range in.TransactItems {
			for action, there := range map[string]bool{
				"PutItem": item.Put != nil, "UpdateItem": item.Update != nil, "DeleteItem": item.Delete != nil,
				"ConditionCheckItem": item.ConditionCheck != nil,
			} {
				if there {
					needed = append(needed, "dynamodb:"+action+" table")
				}
			}
		}
		return needed
	}
	typ := reflect.TypeOf(request).Elem()
	service := map[string][2]string{
		"dynamodb": {"dynamodb", "table"}, "cognitoidentityprovider": {"cognito-idp", "pool"}, "sesv2": {"ses", "mail"},
	}[typ.PkgPath()[strings.LastIndex(typ.PkgPath(), "/")+1:]]
	return []string{fmt.Sprintf("%s:%s %s", service[0], strings.TrimSuffix(typ.Name(), "Input"), service[1])}
}

// use does everything that the interface has, and lets happen what needs calls that are rarely made.
func (d *deployment) use(t *testing.T) {
	t.Helper()
	d.foundPlatform(t)
	username, initial := d.Found(t, "bash-street", "Bash Street School", "school-portal", "Danny", "Smith")
	d.operate(t)
	admin := d.Enter(t, "bash-street", username, initial, "Secret1of2danny")
	d.administer(t, admin)
	d.organise(t, admin)
	d.regroup(t)
	admin.Call("GET", "/me/password-rules", nil).Want(200)
	admin.Call("PUT", "/me/password", map[string]string{
		"currentPassword": "Secret1of2danny", "newPassword": "Secret3of4danny", "repeatPassword": "Secret3of4danny",
	}).Want(204)
	admin.SignIn("bash-street", username, "not-the-password").Want(401)
	admin.Call("GET", "/session", nil).Want(200)
	admin.Call("DELETE", "/session", nil).Want(204)
	d.readDocument(t)
	d.notify(t)
}

// foundPlatform sets the platform up and signs its operator in.
func (d *deployment) foundPlatform(t *testing.T) {
	t.Helper()
	made, err := d.Directory.FoundPlatform(t.Context(), directory.NewOrganisation{
		Name: "Platform", Preset: "platform",
		FirstAdministrator: directory.NewPerson("Olive", "Operator", "olive@platform.example"),
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Operator = d.Browser(t)
	d.Operator.SignIn(string(directory.OperatorSlug), made.User.Username, string(made.Password)).Want(200)
	d.Operator.Call("POST", "/session/password", apptest.NewPassword("Correct-horse-9-battery")).Want(200)
}

type body = map[string]any

func (d *deployment) operate(t *testing.T) {
	t.Helper()
	const all, one = "/operator/organisations", "/operator/organisations/bash-street"
	toots := body{"givenName": "Toots", "familyName": "Bean", "email": "t.bean@bash-street.example"}
	// Refused only after the administrator's password was set, which is then taken back.
	taken := body{"slug": "bash-street", "name": "Another", "preset": "school-portal", "firstAdministrator": toots}
	d.Operator.Call("POST", all, taken).WantProblem(409, "slug_taken")
	d.Operator.Call("GET", all, nil).Want(200)
	d.Operator.Call("GET", one, nil).Want(200)
	d.Operator.Call("PATCH", one, body{"name": "Bash Street Primary School"}).Want(200)
	toots["approvedBy"], toots["evidence"] = body{"name": "Head Teacher", "position": "Head"}, "a letter"
	d.Operator.Call("POST", one+"/administrators", toots).Want(201)
	d.Operator.Call("PATCH", "/me", body{"givenName": "Olivia"}).Want(200)
}

func (d *deployment) administer(t *testing.T, admin *apptest.Browser) {
	t.Helper()
	made := admin.Call("POST", "/users", body{
		"givenName": "Roger", "familyName": "Dodger", "email": "r.dodger@bash-street.example",
	}, "Idempotency-Key", "once").Want(201)
	one := "/users/" + made.Text("user.id")
	for _, sort := range []string{"familyName", "givenName", "username", "email", "lastSignInAt"} {
		admin.Call("GET", "/users?sort="+sort, nil).Want(200)
	}
	admin.Call("GET", "/users?q=dodger", nil).Want(200)
	admin.Call("GET", one, nil).Want(200)
	admin.Call("PATCH", one, body{"familyName": "Dodgers"}).Want(200)
	admin.Call("GET", "/me", nil).Want(200)

	d.calls.meanwhile = func() { d.rewrite(t, directory.UserID(made.Text("user.id"))) }
	admin.Call("POST", one+"/password-reset", nil).Want(200) // with the user as changed meanwhile
	if _, err := d.pool.AdminDeleteUser(t.Context(), &cognitoidentityprovider.AdminDeleteUserInput{
		UserPoolId: &d.poolID, Username: aws.String(made.Text("user.id")),
	}); err != nil {
		t.Fatal(err)
	}
	admin.Call("POST", one+"/password-reset", nil).Want(200) // makes good what the pool has lost
	admin.Call("DELETE", one, nil).Want(204)
}

// rewrite stores a user as somebody else would who is a moment quicker than the request under way.
func (d *deployment) rewrite(t *testing.T, id directory.UserID) {
	t.Helper()
	u, err := d.Store.User(t.Context(), "bash-street", id)
	if err == nil {
		err = d.Store.Commit(t.Context(), directory.Change{
			Entries: []directory.Entry{{ID: "meanwhile", Org: u.Org}}, Writes: []directory.Write{directory.PutUser{User: u}},
		})
	}
	if err != nil {
		t.Error(err)
	}
}

func (d *deployment) organise(t *testing.T, admin *apptest.Browser) {
	t.Helper()
	contact := admin.Call("GET", "/primary-contact", nil).Want(200)
	admin.Call("PUT", "/primary-contact", body{"user": contact.At("user")}).Want(200)
	admin.Call("GET", "/me/communications", nil).Want(200)
	admin.Call("PUT", "/me/communications", body{"news": false, "newsletter": true}).Want(200)
	settings := admin.Call("GET", "/settings", nil).Want(200)
	settings.At("policy").(body)["sessions"].(body)["idleMinutes"] = 20
	admin.Call("PUT", "/settings", body{"policy": settings.At("policy")}).Want(200)
	admin.Call("GET", "/agreement", nil).Want(200)
	admin.Call("POST", "/agreement", body{"short": "Be kind.", "long": "Be kind to one another."}).Want(201)
	admin.Call("POST", "/contact", body{"subject": "A question", "message": "How many users may we have?"}).Want(202)
}

// regroup works with roles, in an organisation whose administrators may.
func (d *deployment) regroup(t *testing.T) {
	t.Helper()
	a := d.Operator.Call("POST", "/operator/organisations", body{
		"slug": "county", "name": "County", "preset": "authority-analytics",
		"schools": "name,code\nSt Mary's,100123\n", "firstAdministrator": body{"givenName": "Minnie", "familyName": "Minx", "email": "m.minx@county.example"},
	}).Want(201)
	admin := d.Enter(t, "county", a.Text("user.username"), a.Text("initialPassword"), "Secret1of2minnie")
	var roles struct{ Items []struct{ ID string } }
	admin.Call("GET", "/roles", nil).Want(200).Into(&roles)
	admin.Call("GET", "/roles/"+roles.Items[0].ID, nil).Want(200)
	admin.Call("GET", "/rights", nil).Want(200)
	admin.Call("GET", "/areas", nil).Want(200)
	made := admin.Call("POST", "/roles", body{"name": "Visitors", "rights": []string{}}).Want(201)
	one := "/roles/" + made.Text("id")
	user := admin.Call("POST", "/users", body{"givenName": "Walter", "familyName": "Softy", "email": "w@county.example"}).Want(201)
	path := "/users/" + user.Text("user.id")
	admin.Call("PUT", path+"/roles", body{"roles": []string{made.Text("id")}}).Want(200)
	admin.Call("PUT", path+"/rights", body{"grant": []string{"users.view"}, "deny": []string{}}).Want(200)
	admin.Call("GET", path+"/decision?right=users.view", nil).Want(200)
	admin.Call("GET", "/me/decision?right=users.manage", nil).Want(200)
	admin.Call("PUT", one, body{"name": "Guests", "rights": []string{"users.view"}}).Want(200)
	admin.Call("PUT", path+"/roles", body{"roles": []string{}}).Want(200)
	admin.Call("DELETE", one, nil).Want(204)
	d.assign(t, admin, path)
}

// assign works with schools.
func (d *deployment) assign(t *testing.T, admin *apptest.Browser, user string) {
	t.Helper()
	admin.Call("GET", "/schools", nil).Want(200)
	made := admin.Call("POST", "/schools", body{"name": "Quarry Bank"}).Want(201)
	id := made.Text("id")
	admin.Call("GET", "/schools/"+id, nil).Want(200)
	admin.Call("PUT", "/schools/"+id, body{"name": "Quarry Bank School"}).Want(200)
	group := admin.Call("POST", "/school-groups", body{"name": "Quarries", "schools": []string{id}}).Want(201).Text("id")
	admin.Call("GET", "/school-groups", nil).Want(200)
	admin.Call("GET", "/school-groups/"+group, nil).Want(200)
	admin.Call("PUT", "/school-groups/"+group, body{"name": "Quarries", "schools": []string{}}).Want(200)
	admin.Call("PUT", user+"/schools", body{"schools": []body{{"id": id, "relation": "Consultant"}}, "defaultGroup": group}).Want(200)
	admin.Call("GET", user+"/schools", nil).Want(200)
	admin.Call("GET", "/me/schools", nil).Want(200)
	admin.Call("GET", "/directory/county/users", nil).Want(200)
	admin.Call("GET", user+"/decision?right=users.view&school="+id, nil).Want(200)
	admin.Call("GET", "/users?school="+id, nil).Want(200)
	admin.Call("DELETE", "/school-groups/"+group, nil).Want(204)
	admin.Call("DELETE", "/schools/"+id, nil).Want(204)
}

func (d *deployment) readDocument(t *testing.T) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+pathOf(documentRoute), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the document: %s", answer.Status)
	}
}

// notify hands the function notify the events of sam local, at a time when there is something to put right.
func (d *deployment) notify(t *testing.T) {
	t.Helper()
	for _, interrupted := range []directory.IntentKind{directory.CreateCredential, directory.ChangeCredential} {
		i := directory.Intent{ID: string(interrupted), Kind: interrupted, Org: "bash-street", User: nobody, At: time.Now()}
		if interrupted == directory.ChangeCredential {
			i.User = d.someUser(t)
		}
		if err := d.Store.Begin(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	d.later.Store(int64(20 * time.Minute))
	ctx := context.WithValue(t.Context(), functionKey{}, "notify")
	for _, name := range []string{"notify-stream", "notify-schedule"} {
		answer, err := d.Notify(ctx, samEvent(t, name))
		if err != nil || len(answer.BatchItemFailures) > 0 {
			t.Fatalf("%s: %v, %v", name, answer, err)
		}
	}
}

// nobody is the id of a user who was never stored.
const nobody directory.UserID = "01jd5q8x2v7m3k9rwt4h6n0pza"

func (d *deployment) someUser(t *testing.T) directory.UserID {
	t.Helper()
	found, err := d.Store.Users(t.Context(), directory.UserQuery{Org: "bash-street", Sort: directory.SortFamilyName, Limit: 1})
	if err != nil || len(found.Users) == 0 {
		t.Fatal(found, err)
	}
	return found.Users[0].ID
}
