package scenarios_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// public are the operations that anybody may call. A further one has to be meant to be.
var public = []string{
	"beginFederated", "beginPasskeySignIn", "choosePassword", "finishFederated", "getEntrance", "getUnsubscribe",
	"requestPasswordLink", "signIn", "signInByPasskey", "unsubscribe",
}

// forSupport are the changes that support staff may make in a school that has let them in. A further one has to be meant to
// be: it must give nobody a way to sign in, nor take one away.
var forSupport = []string{
	"archiveUser", "changeRole", "changeSchool", "changeSchoolGroup", "changeUser", "contact", "createRole", "createSchool",
	"createSchoolGroup", "deleteRole", "deleteSchool", "deleteSchoolGroup", "deleteUser", "endUserSessions", "publishAgreement",
	"putSettings", "reinstateUser", "restoreUser", "setEndDates", "setPrimaryContact", "setUserRights", "setUserRoles", "setUserSchools",
	"suspendUser", "unlockUser",
}

// intruder is somebody who must not get through, and what they must be told.
type intruder struct {
	who     string
	browser *apptest.Browser
	headers []string
	// refused tells the status and the code for an operation; 0 for one that is theirs to call.
	refused func(op httpapi.Operation) (int, string)
}

// Every operation is refused for: no session, an altered cookie, an open challenge, too weak a role, another organisation,
// support staff, and a page of another site. New operations are walked as soon as they are declared.
func TestEveryOperationIsRefusedToIntruders(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		walked := 0
		for _, i := range p.intruders(t) {
			for _, op := range httpapi.Operations() {
				status, code := i.refused(op)
				if status == 0 {
					continue
				}
				walked++
				answer := i.browser.Call(op.Method, pathOf(op, danny.id), bodyOf(op), i.headers...)
				if answer.Status != status || answer.Text("code") != code {
					t.Errorf("%s calls %s: got %d %s, want %d %s", i.who, op.ID, answer.Status, answer.Text("code"), status, code)
				}
				if code == "missing_right" && answer.Text("right") != string(op.Right) {
					t.Errorf("%s calls %s: told of the right %q, want %q", i.who, op.ID, answer.Text("right"), op.Right)
				}
			}
		}
		if walked < 100 {
			t.Errorf("only %d refusals were tried", walked)
		}
		p.SignsIn(t, school, danny.username, danny.password) // nothing was done on the way
	})
}

func (p *portal) intruders(t *testing.T) []intruder {
	t.Helper()
	protected := func(status int, code string) func(httpapi.Operation) (int, string) {
		return func(op httpapi.Operation) (int, string) {
			if op.Access == httpapi.Public {
				return 0, ""
			}
			return status, code
		}
	}
	challenged := p.add(t, "Cuthbert", "Cringe", "c.cringe@bash-street.example")
	waiting := p.Browser(t)
	waiting.SignIn(school, challenged.username, challenged.password).Want(200)
	weak := p.add(t, "Smiffy", "Smith", "smiffy@bash-street.example")
	username, initial := p.Found(t, nextDoor, "Blob Street School", "school-portal", "Walter", "Softy")
	return []intruder{
		{who: "nobody", browser: p.Browser(t), refused: protected(401, "not_signed_in")},
		{who: "someone with an altered cookie", browser: p.altered(t), refused: protected(401, "not_signed_in")},
		{who: "a user who must change the password first", browser: waiting, refused: func(op httpapi.Operation) (int, string) {
			if op.Access == httpapi.Public || op.Access == httpapi.SignedIn {
				return 0, ""
			}
			return 403, "challenge_pending"
		}},
		{who: "an ordinary user", browser: p.Enter(t, school, weak.username, weak.password, "Trumpet1Valve"), refused: tooWeak},
		{
			who: "another organisation's administrator", browser: p.Enter(t, nextDoor, username, initial, "Trumpet2Valve"),
			refused: fromNextDoor,
		},
		p.supporter(t),
		{
			who: "a page of another site", browser: p.jane, headers: []string{"Sec-Fetch-Site", "cross-site"},
			refused: func(op httpapi.Operation) (int, string) {
				if op.Method == http.MethodGet || op.Anywhere {
					return 0, ""
				}
				return 403, "cross_origin"
			},
		},
	}
}

// supporter is an operator whom the school has let in. What is about oneself, changes how somebody signs in, or is the
// platform's, is not for them.
func (p *portal) supporter(t *testing.T) intruder {
	t.Helper()
	p.jane.Call("PUT", "/support-access", map[string]any{"open": true}).Want(200)
	made := p.Operator.Call("GET", "/me", nil).Want(200)
	b := p.Browser(t)
	b.SignIn(string(directory.OperatorSlug), made.Text("username"), chosenPassword).Want(200)
	inside := b.Call("POST", "/operator/organisations/"+school+"/support-session", map[string]string{"reason": "Asked to look"}).Want(201)
	rights := texts(inside.At("rights"))
	return intruder{who: "support staff", browser: b, refused: func(op httpapi.Operation) (int, string) {
		switch {
		case op.Access == httpapi.Holder && !slices.Contains(rights, string(op.Right)):
			return 403, "missing_right"
		case op.Personal():
			return 403, "not_for_support"
		default:
			return 0, "" // that is what they are let in for
		}
	}}
}

// altered is a browser with Jane's cookie, one character of whose secret is another.
func (p *portal) altered(t *testing.T) *apptest.Browser {
	t.Helper()
	cookie := p.jane.Cookie("caretaker")
	other := "A"
	if strings.HasSuffix(cookie.Value, "A") {
		other = "E" // the last character of 32 bytes is one of those that leave two bits zero
	}
	b := p.Browser(t)
	b.SetCookie(cookie.Name, cookie.Value[:len(cookie.Value)-1]+other)
	return b
}

func tooWeak(op httpapi.Operation) (int, string) {
	if op.Access != httpapi.Holder {
		return 0, ""
	}
	return 403, "missing_right"
}

func fromNextDoor(op httpapi.Operation) (int, string) {
	switch {
	case op.About:
		return 404, "not_found"
	case op.Right == directory.OrganisationsManage:
		return 403, "missing_right"
	default:
		return 0, "" // it is about one's own organisation
	}
}

func pathOf(op httpapi.Operation, user string) string {
	if op.About {
		return strings.ReplaceAll(op.Path, "{id}", user)
	}
	return strings.NewReplacer("{id}", school, "{organisation}", nextDoor).Replace(op.Path)
}

// bodyOf is something no operation takes: all that is tried here is refused before the body is read.
func bodyOf(op httpapi.Operation) any {
	if op.Method == http.MethodGet || op.Method == http.MethodDelete {
		return nil
	}
	return `{"nonsense": `
}

func TestWhichOperationsArePublic(t *testing.T) {
	t.Parallel()
	var got []string
	for _, op := range httpapi.Operations() {
		if op.Access == httpapi.Public {
			got = append(got, op.ID)
		}
		if op.Access == httpapi.Holder && op.Right == "" {
			t.Errorf("%s needs a right but says not which", op.ID)
		}
		if strings.Contains(op.Path, "/users/{id}") && !op.About {
			t.Errorf("%s is about a user but does not say so", op.ID)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, public) {
		t.Errorf("public are %v, want %v", got, public)
	}
}

func TestWhatSupportStaffMayChange(t *testing.T) {
	t.Parallel()
	var got []string
	for _, op := range httpapi.Operations() {
		platform := op.Right == directory.OrganisationsManage || op.Right == directory.SupportEnter
		if op.Access == httpapi.Holder && op.Method != http.MethodGet && !op.Personal() && !platform {
			got = append(got, op.ID)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, forSupport) {
		t.Errorf("support staff may call %v, want %v", got, forSupport)
	}
}
