package attacks_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// What the attacks share: a school with people in it, their second factors, and a way to ask that no browser would go.

type object = map[string]any

const (
	school   = "bash-street"
	nextDoor = "blob-street"
	// rightPassword is everybody's once they are in; wrongPassword is nobody's.
	rightPassword = "Correct-horse-9-battery"
	wrongPassword = "Wrong-horse-9-battery"
)

// organisation is one that the operator has set up; its first administrator is signed in.
type organisation struct {
	*apptest.Stack
	slug   string
	chosen bool // usernames are chosen by the head
	head   *person
}

// person is somebody with an account. The browser is there once they are in.
type person struct {
	*apptest.Browser
	id, username, email, password string
	totp                          string   // the secret of the authenticator app, if there is one
	recovery                      []string // the recovery codes that were shown
}

func openOrganisation(t *testing.T, s *apptest.Stack, slug, preset string) *organisation {
	t.Helper()
	head := object{"givenName": "Harriet", "familyName": "Head", "email": "head@" + slug + ".example"}
	chosen := preset == "school-intranet"
	if chosen {
		head["username"] = "hh"
	}
	a := s.Operator.Call("POST", "/operator/organisations", object{
		"slug": slug, "name": "Caxton Place", "preset": preset, "language": "en", "firstAdministrator": head,
	}).Want(201)
	o := &organisation{Stack: s, slug: slug, chosen: chosen, head: personOf(a)}
	o.enter(t, o.head)
	return o
}

// openSchool is Bash Street School on the intranet, whose preset has everything: three wrong passwords bar a name.
func openSchool(t *testing.T, s *apptest.Stack) *organisation {
	t.Helper()
	return openOrganisation(t, s, school, "school-intranet")
}

func personOf(a apptest.Answer) *person {
	return &person{
		id: a.Text("user.id"), username: a.Text("user.username"), email: a.Text("user.email"), password: a.Text("initialPassword"),
	}
}

// add has the head add somebody, who has not signed in yet.
func (o *organisation) add(t *testing.T, name string) *person {
	t.Helper()
	body := object{"givenName": name, "familyName": "Wright", "email": name + "@" + o.slug + ".example"}
	if o.chosen {
		body["username"] = name
	}
	return personOf(o.head.Call("POST", "/users", body).Want(201))
}

// join is add for somebody who then signs in.
func (o *organisation) join(t *testing.T, name string) *person {
	t.Helper()
	p := o.add(t, name)
	o.enter(t, p)
	return p
}

// enter takes somebody from the password to the inside.
func (o *organisation) enter(t *testing.T, p *person) {
	t.Helper()
	p.Browser = o.Browser(t)
	in := p.SignIn(o.slug, p.username, p.password).Want(200)
	if in.Text("challenge.kind") == "newPassword" {
		p.password = rightPassword
		in = p.Call("POST", "/session/password", apptest.NewPassword(p.password)).Want(200)
	}
	if in.Text("challenge.kind") == "agreement" {
		in = p.Call("POST", "/session/agreement", object{"version": in.At("challenge.version"), "accepted": true}).Want(200)
	}
	if in.Text("status") != "active" {
		t.Fatalf("%s did not get in: %s", p.username, in.Body)
	}
}

// change has the head set settings, such as signIn.secondFactor.
func (o *organisation) change(t *testing.T, group, setting string, value any) {
	t.Helper()
	var settings struct {
		Policy map[string]object `json:"policy"`
	}
	o.head.Call("GET", "/settings", nil).Want(200).Into(&settings)
	settings.Policy[group][setting] = value
	o.head.Call("PUT", "/settings", settings).Want(200)
}

// threshold is how many wrong attempts in a row bar a name.
func (o *organisation) threshold(t *testing.T) int {
	t.Helper()
	n, _ := o.head.Call("GET", "/settings", nil).Want(200).At("policy.signIn.lockout.threshold").(float64)
	if n < 3 {
		t.Fatalf("the threshold is %v", n)
	}
	return int(n)
}

// useApp gives somebody who is in an authenticator app.
func (o *organisation) useApp(t *testing.T, p *person) {
	t.Helper()
	p.totp = p.Call("POST", "/me/totp", nil).Want(200).Text("secret")
	var made struct{ RecoveryCodes []string }
	p.Call("POST", "/me/totp/confirm", object{"code": o.code(t, p)}).Want(200).Into(&made)
	if p.recovery = made.RecoveryCodes; len(p.recovery) != 10 {
		t.Fatalf("recovery codes %v", p.recovery)
	}
}

// code waits until the app shows another code than before, and reads it.
func (o *organisation) code(t *testing.T, p *person) string {
	t.Helper()
	o.Clock.Advance(30 * time.Second)
	code, err := totp.GenerateCode(p.totp, o.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// otherCode is one that the app does not show now, nor just before or after.
func (o *organisation) otherCode(t *testing.T, p *person) string {
	t.Helper()
	shown := map[string]bool{}
	for _, d := range []time.Duration{-30 * time.Second, 0, 30 * time.Second} {
		code, err := totp.GenerateCode(p.totp, o.Clock.Now().Add(d))
		if err != nil {
			t.Fatal(err)
		}
		shown[code] = true
	}
	for _, code := range []string{"000000", "111111", "222222", "333333"} {
		if !shown[code] {
			return code
		}
	}
	t.Fatal("all codes are right")
	return ""
}

// half sits somebody down at another computer and has them show the password; the second factor is still to come.
func (o *organisation) half(t *testing.T, p *person) *apptest.Browser {
	t.Helper()
	b := o.Browser(t)
	if in := b.SignIn(o.slug, p.username, p.password).Want(200); in.Text("challenge.kind") != "totp" {
		t.Fatalf("no second factor is asked for: %s", in.Body)
	}
	return b
}

// newLink has somebody ask for a link, and returns the secret in it.
func (o *organisation) newLink(t *testing.T, p *person) string {
	t.Helper()
	before := len(o.links(t, p))
	o.Browser(t).Call("POST", "/password-resets", linkByName(p)).Want(202)
	var now []string
	o.Await(t, func() bool { now = o.links(t, p); return len(now) > before }, func() string { return "no link was mailed" })
	return now[0]
}

// links are the secrets in the links that this installation mailed to somebody, the newest first.
func (o *organisation) links(t *testing.T, p *person) (secrets []string) {
	t.Helper()
	mails, err := o.Inbox.List(t.Context(), p.email)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mails {
		if _, rest, found := strings.Cut(m.Text, o.URL+"/o/"+o.slug+"/new-password?token="); found {
			secrets = append(secrets, strings.Fields(rest)[0])
		}
	}
	return secrets
}

func chosenBy(token, password string) object {
	return object{"token": token, "newPassword": password, "repeatPassword": password}
}

// device is a telephone with a passkey on it.
type device struct {
	page virtualwebauthn.RelyingParty
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
}

// newDevice is one on which pages of the service are open under the name localhost: an address has no passkeys.
func newDevice(s *apptest.Stack, user string) *device {
	d := &device{
		page: virtualwebauthn.RelyingParty{
			ID: "localhost", Name: "Caretaker", Origin: strings.Replace(s.URL, "127.0.0.1", "localhost", 1),
		},
		Authenticator: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(user)}),
	}
	d.key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	for len(d.key.Key.AttestationData()) != 77 { // it leaves leading zeros out, which one key in 128 has
		d.key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	}
	return d
}

// register gives somebody who is in a passkey on the device.
func (d *device) register(t *testing.T, p *person) {
	t.Helper()
	asked, err := virtualwebauthn.ParseAttestationOptions(options(t, p.Call("POST", "/me/passkeys/options", nil).Want(200)))
	if err != nil {
		t.Fatal(err)
	}
	made := virtualwebauthn.CreateAttestationResponse(d.page, d.Authenticator, d.key, *asked)
	p.Call("POST", "/me/passkeys", object{"name": "Telephone", "credential": json.RawMessage(made)}).Want(201)
}

// answer is what the device says to options.
func (d *device) answer(t *testing.T, asked apptest.Answer) json.RawMessage {
	t.Helper()
	o, err := virtualwebauthn.ParseAssertionOptions(options(t, asked))
	if err != nil {
		t.Fatal(err)
	}
	return json.RawMessage(virtualwebauthn.CreateAssertionResponse(d.page, d.Authenticator, d.key, *o))
}

func options(t *testing.T, a apptest.Answer) string {
	t.Helper()
	var asked struct{ Options json.RawMessage }
	a.Into(&asked)
	return string(asked.Options)
}

// How many attempts come at one instant: guesses, of which each one more is one too many, and second uses of what is good
// for one.
const (
	guesses = 100
	uses    = 25
)

// atOnce makes attempts at one instant and counts the answers by their code; what is let in counts as "in".
func atOnce(n int, attempt func(i int) apptest.Answer) map[string]int {
	var mu sync.Mutex
	counted := map[string]int{}
	start := make(chan struct{})
	var attempts sync.WaitGroup
	for i := range n {
		attempts.Go(func() {
			<-start
			a := attempt(i)
			code := "in"
			if a.Status >= http.StatusBadRequest {
				code = a.Text("code")
			}
			mu.Lock()
			defer mu.Unlock()
			counted[code]++
		})
	}
	close(start)
	attempts.Wait()
	return counted
}

// got is an answer to what was asked without a browser.
type got struct {
	status int
	header http.Header
	body   string
}

// ask sends one request as it is: no cookies are kept and no redirect is followed.
func ask(t *testing.T, s *apptest.Stack, method, path, body string, change func(*http.Request)) got {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if change != nil {
		change(r)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got{status: response.StatusCode, header: response.Header, body: string(read)}
}

// text writes a body down.
func text(t *testing.T, value any) string {
	t.Helper()
	written, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}

// with sends a session's cookie along.
func with(cookie string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Cookie", "caretaker="+cookie) }
}
