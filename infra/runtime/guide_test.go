//go:build linux

package runtime_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail/inbox"
)

const (
	school    = "bash-street"
	authority = "melchester"
	ofDanny   = "d.smith@bash-street.example"
	ofJane    = "j.admin@bash-street.example"
	ofAda     = "a.first@melchester.example"
)

// The guide of the school portal, in the order in which a data manager reads it, and what happens by itself around it.
func TestTheGuideIsPlayedOnFunctionsAsAWSRunsThem(t *testing.T) {
	t.Parallel()
	d := deploy(t)
	before, operator, password := d.founders(t, 15*31*24*time.Hour)
	before.Found(t, authority, "Melchester Council", "authority-analytics", "Ada", "First") // who never signs in
	d.age.Store(0)

	d.Operator = d.Browser(t)
	d.Operator.SignIn(string(directory.OperatorSlug), operator, password).Want(200)
	p := &portal{deployment: d}
	p.open(t)
	p.add(t)
	p.enter(t)
	p.reset(t)
	p.restartCold(t)
	p.changeOwnPassword(t)
	p.update(t)
	p.bounce(t)
	p.archive(t)
	p.remove(t)

	d.sweepWarns(t)
	d.digestWrites(t)
	d.oneClickDeclines(t)
	d.tidies(t)
	d.wantForms(t)
	d.wantRoom(t)
	d.wantLogsForMachines(t, 45, append(p.secrets, password, p.janesName, p.name, operator)...)
	d.takeKeptEvents(t)
}

// portal is Bash Street School: Jane Admin is signed in, Danny Smith is added.
type portal struct {
	*deployment
	jane, danny         *apptest.Browser
	janesName, id, name string
	secrets             []string
}

const (
	janesPassword = "Harp$likes$maths1"
	first, second = "Minnie7Minx", "Minnie8Minx"
	third         = "Minnie9Minx"
)

func (p *portal) open(t *testing.T) {
	t.Helper()
	username, initial := p.Found(t, school, "Bash Street School", "school-portal", "Jane", "Admin")
	p.janesName, p.jane = username, p.Enter(t, school, username, initial, janesPassword)
	p.secrets = append(p.secrets, initial, janesPassword, ofJane)
}

// add has Jane add Danny, who is mailed the username and not the password.
func (p *portal) add(t *testing.T) {
	t.Helper()
	a := p.jane.Call("POST", "/users", map[string]string{"givenName": "Danny", "familyName": "Smith", "email": ofDanny}).Want(201)
	p.id, p.name = a.Text("user.id"), a.Text("user.username")
	initial := a.Text("initialPassword")
	p.secrets = append(p.secrets, initial, ofDanny, "Danny", "Smith")
	welcome := p.mail(t, ofDanny, "account")
	if !strings.Contains(welcome.Text, p.name) || strings.Contains(welcome.Text+welcome.HTML+welcome.Subject, initial) {
		t.Errorf("the mail says\n%s", welcome.Text)
	}
	if list := p.jane.Call("GET", "/users?q=smith", nil).Want(200); list.At("total") != 1.0 || !strings.Contains(string(list.Body), p.id) {
		t.Errorf("the list: %s", list.Body)
	}
}

// enter takes Danny through the first sign-in; what is Jane's stays hers.
func (p *portal) enter(t *testing.T) {
	t.Helper()
	p.danny = p.Enter(t, school, p.name, p.secrets[3], first)
	p.danny.Call("GET", "/users", nil).WantProblem(403, "missing_right")
	if me := p.danny.Call("GET", "/me", nil).Want(200); me.Text("username") != p.name {
		t.Errorf("%s", me.Body)
	}
	if c := p.danny.Cookie("__Host-caretaker"); c.Value == "" {
		t.Error("the session is not bound to the host")
	}
	for _, c := range append(p.danny.Cookies(), p.jane.Cookies()...) {
		p.secrets = append(p.secrets, c.Value)
	}
}

// reset has Jane reset Danny's password: every session ends at once, and a mail says so.
func (p *portal) reset(t *testing.T) {
	t.Helper()
	temporary := p.jane.Call("POST", "/users/"+p.id+"/password-reset", nil).Want(200).Text("temporaryPassword")
	p.danny.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
	p.danny.SignIn(school, p.name, first).WantProblem(401, "invalid_credentials")
	if m := p.mail(t, ofDanny, "reset"); strings.Contains(m.Text+m.HTML, temporary) {
		t.Error("the temporary password was mailed")
	}
	p.danny = p.Enter(t, school, p.name, temporary, second)
	p.secrets = append(p.secrets, first, second, third, temporary)
}

// restartCold replaces environments under people who are signed in: nothing that a session needs is in one of them.
func (p *portal) restartCold(t *testing.T) {
	t.Helper()
	for range 2 {
		p.replace(t, "users")
		p.replace(t, "session")
		p.danny.Call("GET", "/me", nil).Want(200)
		p.jane.Call("GET", "/session", nil).Want(200)
	}
}

func (p *portal) changeOwnPassword(t *testing.T) {
	t.Helper()
	p.danny.Call("PUT", "/me/password", map[string]string{
		"currentPassword": second, "newPassword": third, "repeatPassword": third,
	}).Want(204)
	if m := p.mail(t, ofDanny, "changed"); strings.Contains(m.Text+m.HTML, third) {
		t.Error("the password was mailed")
	}
	p.SignsIn(t, school, p.name, third)
}

func (p *portal) update(t *testing.T) {
	t.Helper()
	a := p.jane.Call("PATCH", "/users/"+p.id, map[string]string{"givenName": "Daniel"}).Want(200)
	if etag := a.Header.Get("ETag"); a.Text("givenName") != "Daniel" || etag == "" {
		t.Errorf("%s, version %q", a.Body, etag)
	}
	p.jane.Call("POST", "/contact", map[string]string{"subject": "Another administrator", "message": "Please add one."}).Want(202)
	p.mail(t, "customer.service@caretaker.example", "Another administrator")
}

// bounce tells mailfeedback that the mail to Danny came back, in the event that SES would send; the rule of the template lets
// it through, and no one else's.
func (p *portal) bounce(t *testing.T) {
	t.Helper()
	event := p.bounceOf(t, p.mail(t, ofDanny, "account"))
	pattern := p.resolve(t, p.functions(t)["mailfeedback"].event(t, "EventBridgeRule").Properties.Pattern)
	if !matches(t, pattern, event) {
		t.Fatalf("the rule %v does not let through %v", pattern, event)
	}
	text, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	p.invoke(t, "mailfeedback", text, nil)
	if seen := p.jane.Call("GET", "/users/"+p.id, nil).Want(200); seen.Text("undeliverable.reason") != "bounce" {
		t.Errorf("Jane sees nothing of it: %s", seen.Body)
	}
	event["source"] = "aws.sns"
	if matches(t, pattern, event) {
		t.Error("the rule lets through what is not of SES")
	}
}

// bounceOf is the event that is kept for sam local, about another mail.
func (d *deployment) bounceOf(t *testing.T, m inbox.Received) map[string]any {
	t.Helper()
	org, user, _ := strings.Cut(m.Headers["X-Caretaker-For"], "/")
	text := string(keptEvent(t, "mailfeedback-bounce"))
	for kept, now := range map[string]string{
		"d.smith@bash-street.example": m.To, "01jd5q8x3c1f8s2dxv5j7p9qyb": m.ID, "01jd5q8x2v7m3k9rwt4h6n0pza": user,
		`"bash-street"`: `"` + org + `"`, `"local"`: `"` + d.resources["ConfigurationSet"] + `"`,
	} {
		if !strings.Contains(text, kept) {
			t.Fatalf("the kept event has no %s", kept)
		}
		text = strings.ReplaceAll(text, kept, now)
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(text), &event); err != nil {
		t.Fatal(err)
	}
	return event
}

func (p *portal) archive(t *testing.T) {
	t.Helper()
	p.jane.Call("POST", "/users/"+p.id+"/archive", nil).Want(200)
	p.danny.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
	p.danny.SignIn(school, p.name, third).WantProblem(403, "archived")
	p.jane.Call("POST", "/users/"+p.id+"/restore", nil).Want(200)
	p.SignsIn(t, school, p.name, third)
}

func (p *portal) remove(t *testing.T) {
	t.Helper()
	p.jane.Call("DELETE", "/users/"+p.id, nil).Want(204)
	p.jane.Call("GET", "/users/"+p.id, nil).WantProblem(404, "not_found")
	p.danny.SignIn(school, p.name, third).WantProblem(401, "invalid_credentials")
	p.stream.drain(t)
}

// sweepWarns has the nightly schedule warn Ada, whose account nobody has used for fifteen months.
func (d *deployment) sweepWarns(t *testing.T) {
	t.Helper()
	var would, done app.SweepReport
	d.invoke(t, "sweep", []byte(`{"dryRun":true}`), &would)
	d.scheduled(t, "sweep", &done)
	if done.Warned != 1 || would.Warned != done.Warned || done.Failed != 0 || done.More {
		t.Errorf("the sweep did %+v, and would have done %+v", done, would)
	}
	if m := d.mail(t, ofAda, "will be archived"); !strings.Contains(m.Text, "Melchester") {
		t.Errorf("the warning says\n%s", m.Text)
	}
}

const digestSubject = "The week's accounts"

func (d *deployment) digestWrites(t *testing.T) {
	t.Helper()
	d.scheduled(t, "digest", nil)
	if m := d.mail(t, ofAda, digestSubject); !strings.Contains(m.Text, "Ada") {
		t.Errorf("the digest says\n%s", m.Text)
	}
	came := d.stream.drain(t)
	d.scheduled(t, "digest", nil)
	if d.stream.drain(t) != came || came != 0 { // Lambda may hand over an event twice
		t.Error("the week's digest is written twice")
	}
}

var optOut = regexp.MustCompile(`/unsubscribe\?token=[^\s>]+`)

// oneClickDeclines has the operator write news to everybody, and follows the header of the mail as mailbox providers do (RFC 8058): they send a form, of which API Gateway
// makes base64.
func (d *deployment) oneClickDeclines(t *testing.T) {
	t.Helper()
	d.Operator.Call("POST", "/operator/announcements", map[string]string{
		"category": "news", "subject": "What is new in May", "body": "Much is new.",
	}).Want(202)
	link := optOut.FindString(d.mail(t, ofJane, "What is new").Headers["List-Unsubscribe"])
	if link == "" {
		t.Fatal("the news have no opt-out")
	}
	provider := d.Browser(t)
	page := provider.Call("GET", link, nil).Want(200)
	if kind := page.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
		t.Errorf("the page is %s", kind)
	}
	done := provider.Call("POST", link, "List-Unsubscribe=One-Click", "Content-Type", "application/x-www-form-urlencoded").Want(200)
	if !d.gateway.last.IsBase64Encoded {
		t.Error("the form came to the function as it is")
	}
	if !strings.Contains(string(done.Body), "You will receive no more news.") {
		t.Errorf("the page says\n%s", done.Body)
	}
}

func (d *deployment) tidies(t *testing.T) {
	t.Helper()
	d.scheduled(t, "notify", nil)
	var asked app.Notified
	d.invoke(t, "notify", []byte(`{"detail-type":"redeliver"}`), &asked)
	if asked.Mails == nil || asked.Mails.OldestUnsent != nil {
		t.Errorf("mails wait: %+v", asked.Mails)
	}
}

// mail hands notify what is in the stream, and returns the newest mail to an address with this in its subject.
func (d *deployment) mail(t *testing.T, to, subject string) inbox.Received {
	t.Helper()
	d.stream.drain(t)
	mails, err := d.Inbox.List(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	var subjects []string
	for _, m := range mails {
		if strings.Contains(m.Subject, subject) && m.From == d.parameters["MailFrom"] {
			return m
		}
		subjects = append(subjects, m.Subject)
	}
	t.Fatalf("no mail about %q came to %s, but %q", subject, to, subjects)
	return inbox.Received{}
}

// keptEvent reads an event that is kept for sam local.
func keptEvent(tb testing.TB, name string) []byte {
	tb.Helper()
	text, err := os.ReadFile(root + "/infra/sam-local/events/" + name + ".json")
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// wantLogsForMachines fails the test unless all that functions wrote is JSON with a time, a level and a message, at least so
// many lines of it, and none of the secrets is in any.
func (d *deployment) wantLogsForMachines(t *testing.T, least int, secrets ...string) {
	t.Helper()
	lines := functionLines(d.logs())
	for _, line := range lines {
		var entry struct{ Time, Level, Msg string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Time == "" || entry.Level == "" || entry.Msg == "" {
			t.Errorf("not an entry of a log: %s", line)
		}
		for _, s := range secrets {
			if s == "" || strings.Contains(line, s) {
				t.Errorf("the log tells %q: %s", s, line)
			}
		}
		if entry.Level == "ERROR" {
			t.Errorf("nothing went wrong, but: %s", line)
		}
	}
	if len(lines) < least {
		t.Errorf("%d lines, want at least %d", len(lines), least)
	}
	t.Log(fmt.Sprint(len(lines)), "lines of logs")
}

var platform = regexp.MustCompile(`^(START|END|REPORT) RequestId: `)

// functionLines are the lines that are not the platform's.
func functionLines(lines []string) []string {
	var own []string
	for _, line := range lines {
		if line != "" && !platform.MatchString(line) {
			own = append(own, line)
		}
	}
	return own
}
