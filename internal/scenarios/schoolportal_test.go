package scenarios_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

const (
	school   = "bash-street"
	nextDoor = "blob-street"
)

// portal is Bash Street School as the guide shows it: Jane Admin is signed in.
type portal struct {
	*apptest.Stack
	jane              *apptest.Browser
	janeID, janesName string
}

const janesPassword = "Harp$likes$maths1"

func openPortal(t *testing.T, s *apptest.Stack) *portal {
	t.Helper()
	username, initial := s.Found(t, school, "Bash Street School", "school-portal", "Jane", "Admin")
	p := &portal{Stack: s, janesName: username, jane: s.Enter(t, school, username, initial, janesPassword)}
	p.janeID = p.jane.Call("GET", "/me", nil).Want(200).Text("id")
	return p
}

type added struct{ id, username, password string }

// add adds Danny Smith, or somebody else, as the guide does.
func (p *portal) add(t *testing.T, given, family, email string) added {
	t.Helper()
	a := p.jane.Call("POST", "/users", map[string]string{"givenName": given, "familyName": family, "email": email}).Want(201)
	return added{id: a.Text("user.id"), username: a.Text("user.username"), password: a.Text("initialPassword")}
}

func TestOverview(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		b := p.Enter(t, school, danny.username, danny.password, "Minnie7Minx")

		// "The ordinary user has access to the interactive page … and to a page … to change their own password."
		wantAreas(t, b, "interactive", "password")
		// "Administrator users have the capabilities of ordinary users, but in addition they can …"
		wantAreas(t, p.jane, "contact", "interactive", "myStuff", "password", "upload", "users")
		b.Call("GET", "/users", nil).WantProblem(403, "missing_right")
		b.Call("POST", "/contact", map[string]string{"subject": "Hello", "message": "May I?"}).WantProblem(403, "missing_right")

		// "use the 'contact' area to send a direct email to" customer service
		p.jane.Call("POST", "/contact", map[string]string{"subject": "Another administrator", "message": "Please add one.\nThanks, Jane"}).Want(202)
		m := p.Mail(t, "customer.service@caretaker.example", "Another administrator")
		if !strings.Contains(m.Text, "Please add one.\nThanks, Jane") || !strings.Contains(m.Text, "Bash Street School") {
			t.Errorf("customer service reads:\n%s", m.Text)
		}

		// "Administrators can only add ordinary users to their school's secure area."
		p.jane.Call("POST", "/users", map[string]any{
			"givenName": "Second", "familyName": "Admin", "email": "s.admin@bash-street.example", "roles": []string{"administrator"},
		}).WantProblem(409, "role_constraint")
		p.jane.Call("PATCH", "/users/"+danny.id, map[string]any{"roles": []string{"administrator"}}).WantProblem(409, "role_constraint")
		p.jane.Call("PATCH", "/users/"+p.janeID, map[string]any{"roles": []string{"user"}}).WantProblem(409, "role_constraint")
		// "If it is necessary for a school to have an additional administrator contact" the operator.
		body := map[string]any{
			"givenName": "Second", "familyName": "Admin", "email": "s.admin@bash-street.example",
			"approvedBy": map[string]string{"name": "Harriet Head", "position": "Headteacher"}, "evidence": "Letter of 20 November",
		}
		p.Operator.Call("POST", "/operator/organisations/"+school+"/administrators", map[string]any{
			"givenName": "Second", "familyName": "Admin", "email": "s.admin@bash-street.example",
			"approvedBy": map[string]string{"name": "", "position": ""}, "evidence": "",
		}).WantProblem(422, "invalid").WantField("body.approvedBy.name").WantField("body.evidence")
		second := p.Operator.Call("POST", "/operator/organisations/"+school+"/administrators", body).Want(201)
		s2 := p.Enter(t, school, second.Text("user.username"), second.Text("initialPassword"), "Trumpet1Valve")
		wantAreas(t, s2, "contact", "interactive", "myStuff", "password", "upload", "users")
	})
}

func wantAreas(t *testing.T, b *apptest.Browser, open ...string) {
	t.Helper()
	var session struct {
		Areas []struct {
			ID, Label string
			Enabled   bool
		}
	}
	b.Call("GET", "/session", nil).Want(200).Into(&session)
	var got []string
	for _, a := range session.Areas {
		if a.Enabled {
			got = append(got, a.ID)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, open) || len(session.Areas) != 6 {
		t.Errorf("open areas %v of %d, want %v of 6", got, len(session.Areas), open)
	}
}

func TestAddingANewUser(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		a := p.jane.Call("POST", "/users", map[string]string{
			"givenName": " Danny ", "familyName": "Smith", "email": "d.smith@Bash-Street.example",
		}).Want(201)
		username, password := a.Text("user.username"), a.Text("initialPassword")
		if !regexp.MustCompile(`^DSmit\d{4}$`).MatchString(username) {
			t.Errorf("username %q", username)
		}
		if len(password) != 10 || a.Text("user.email") != "d.smith@bash-street.example" || a.Text("user.givenName") != "Danny" {
			t.Errorf("%s", a.Body)
		}

		// "New users receive an email … with their username", never the password.
		m := p.Mail(t, "d.smith@bash-street.example", "")
		if !strings.Contains(m.Text, username) || !strings.Contains(m.HTML, username) || !strings.Contains(m.Text, "Jane Admin") {
			t.Errorf("the mail says:\n%s", m.Text)
		}
		if strings.Contains(m.Text+m.HTML+m.Subject, password) {
			t.Error("the password was mailed")
		}
		// It is shown once: nothing that can be read afterwards holds it.
		for _, path := range []string{"/users", "/users/" + a.Text("user.id"), "/session", "/me"} {
			if got := p.jane.Call("GET", path, nil).Want(200); strings.Contains(string(got.Body), password) {
				t.Errorf("%s shows the password again", path)
			}
		}
		p.wantListed(t, "Jane Admin", "Danny Smith")
		p.wrongNewUsers(t)
		p.wantListed(t, "Jane Admin", "Danny Smith")
	})
}

// wantListed waits for the list, which may lag a moment behind on DynamoDB.
func (p *portal) wantListed(t *testing.T, names ...string) {
	t.Helper()
	var got []string
	p.Await(t, func() bool {
		var list struct {
			Items []struct{ GivenName, FamilyName string }
			Total int
		}
		p.jane.Call("GET", "/users", nil).Want(200).Into(&list)
		got = nil
		for _, u := range list.Items {
			got = append(got, u.GivenName+" "+u.FamilyName)
		}
		return list.Total == len(names) && slices.Equal(got, names)
	}, func() string { return fmt.Sprintf("the list shows %v, want %v", got, names) })
}

func (p *portal) wrongNewUsers(t *testing.T) {
	t.Helper()
	user := func(change func(u map[string]any)) map[string]any {
		u := map[string]any{"givenName": "Danny", "familyName": "Smith", "email": "d.smith@bash-street.example"}
		change(u)
		return u
	}
	tests := []struct {
		why    string
		body   any
		status int
		field  string
	}{
		{"no address", user(func(u map[string]any) { u["email"] = "" }), 422, "body.email"},
		{"an address without a domain", user(func(u map[string]any) { u["email"] = "d.smith" }), 422, "body.email"},
		{"two hundred letters", user(func(u map[string]any) { u["familyName"] = strings.Repeat("a", 200) }), 422, "body.familyName"},
		{"an emoji", user(func(u map[string]any) { u["givenName"] = "Danny 😀" }), 422, "body.givenName"},
		{"a text that turns its direction", user(func(u map[string]any) { u["givenName"] = "\u202eynnaD" }), 422, "body.givenName"},
		{"a missing field", user(func(u map[string]any) { delete(u, "givenName") }), 422, "body.givenName"},
		{"a wrong type", user(func(u map[string]any) { u["givenName"] = 7 }), 422, "body.givenName"},
		{"null", user(func(u map[string]any) { u["familyName"] = nil }), 422, "body.familyName"},
		{"an unknown field", user(func(u map[string]any) { u["administrator"] = true }), 422, "body.administrator"},
		{"an unknown role", user(func(u map[string]any) { u["roles"] = []string{"king"} }), 422, "body.roles"},
		{"malformed JSON", `{"givenName": "Danny"`, 400, ""},
		{"a list", `[]`, 422, "body"},
		{"nothing", ``, 400, ""},
		{"a huge body", `{"givenName": "` + strings.Repeat("a", 1<<20) + `"}`, 413, ""},
	}
	for _, tt := range tests {
		a := p.jane.Call("POST", "/users", tt.body)
		if a.Status != tt.status {
			t.Errorf("%s: got %d, want %d: %s", tt.why, a.Status, tt.status, a.Body)
			continue
		}
		if tt.field != "" {
			a.WantField(tt.field)
		}
	}
	// Every broken rule is said at once.
	p.jane.Call("POST", "/users", map[string]string{"givenName": "", "familyName": "<b>", "email": "x"}).
		WantProblem(422, "invalid").WantField("body.givenName").WantField("body.familyName").WantField("body.email")
}

func TestNamesOfAllKinds(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		for _, name := range [][2]string{
			{"Niamh", "O'Brien"},
			{"Zoë", "Ångström"},
			{"X", "Y"},
			{"Bo", "Li"},
			{"محمد", "علي"},
			{"芳", "王"},
			{strings.Repeat("é", 100), strings.Repeat("ß", 100)},
		} {
			a := p.add(t, name[0], name[1], "someone@bash-street.example")
			got := p.jane.Call("GET", "/users/"+a.id, nil).Want(200)
			if got.Text("givenName") != name[0] || got.Text("familyName") != name[1] {
				t.Errorf("%v came back as %s", name, got.Body)
			}
			p.SignsIn(t, school, a.username, a.password)
		}
		// The same person twice in one second: two accounts with usernames of their own.
		first, second := p.add(t, "Danny", "Smith", "d.smith@bash-street.example"), p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		if first.username == second.username || first.id == second.id {
			t.Errorf("%+v and %+v", first, second)
		}
	})
}

func TestWhatHappensWhenTheNewUserLogsIn(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		b := p.Browser(t)

		// 1. "On first login, the user is forced to change their password."
		first := b.SignIn(school, strings.ToLower(danny.username), danny.password).Want(200)
		if first.Text("status") != "challenge" || first.Text("challenge.kind") != "newPassword" || len(first.At("rights").([]any)) != 0 {
			t.Fatalf("%s", first.Body)
		}
		if rules := first.At("challenge.rules").([]any); len(rules) != 6 {
			t.Errorf("%d rules, want the guide's 6", len(rules))
		}
		if got := b.Call("GET", "/me", nil).WantProblem(403, "challenge_pending"); got.Text("challenge") != "newPassword" {
			t.Errorf("%s", got.Body)
		}
		b.Call("POST", "/session/agreement", map[string]any{"version": 1, "accepted": true}).WantProblem(403, "challenge_pending")
		b.Call("POST", "/session/password", map[string]string{"newPassword": "minnie", "repeatPassword": "minnie"}).
			WantProblem(422, "invalid").WantField("body.newPassword")
		b.Call("POST", "/session/password", apptest.NewPassword(danny.password)).WantProblem(422, "invalid").WantField("body.newPassword")

		// 2. "Then they are asked to authenticate themselves by logging in again."
		again := b.Call("POST", "/session/password", apptest.NewPassword("Minnie7Minx")).Want(200)
		if again.Text("status") != "signInAgain" || len(b.Cookies()) != 0 {
			t.Fatalf("%s, cookies %v", again.Body, b.Cookies())
		}
		b.SignIn(school, danny.username, danny.password).WantProblem(401, "invalid_credentials")

		// 3. "The Conditions of Use page … they must indicate their agreement."
		terms := b.SignIn(school, danny.username, "Minnie7Minx").Want(200)
		if terms.Text("challenge.kind") != "agreement" || terms.Text("challenge.short") == "" || terms.Text("challenge.long") == "" {
			t.Fatalf("%s", terms.Body)
		}
		b.Call("GET", "/users", nil).WantProblem(403, "challenge_pending")
		if a := b.Call("GET", "/agreement", nil).Want(200); a.Text("short") != terms.Text("challenge.short") {
			t.Error("the conditions cannot be read while they are to be accepted")
		}
		b.Call("POST", "/session/agreement", map[string]any{"version": 7, "accepted": true}).WantProblem(409, "agreement_changed")
		if out := b.Call("POST", "/session/agreement", map[string]any{"version": 1, "accepted": false}).Want(200); out.Text("status") != "ended" {
			t.Errorf("%s", out.Body)
		}
		b.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		b.SignIn(school, danny.username, "Minnie7Minx").Want(200)

		// 4. "Once they have done that, they will be guided to the secure area."
		in := b.Call("POST", "/session/agreement", map[string]any{"version": 1, "accepted": true}).Want(200)
		if in.Text("status") != "active" || in.At("challenge") != nil || in.Text("user.username") != danny.username {
			t.Fatalf("%s", in.Body)
		}
		b.Call("DELETE", "/session", nil).Want(204)
		b.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")

		// 5. "On subsequent logins, they will go straight there."
		if later := b.SignIn(school, danny.username, "Minnie7Minx").Want(200); later.Text("status") != "active" {
			t.Errorf("%s", later.Body)
		}
		if seen := p.jane.Call("GET", "/users/"+danny.id, nil).Want(200); seen.Text("lastSignInAt") != p.Clock.Now().UTC().Format(time.RFC3339) {
			t.Errorf("last sign-in %q at %s", seen.Text("lastSignInAt"), p.Clock.Now())
		}
	})
}

func TestDeletingAUser(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		b := p.Enter(t, school, danny.username, danny.password, "Minnie7Minx")
		p.wantListed(t, "Jane Admin", "Danny Smith")

		// "You can't delete your own account or that of any other administrator."
		second := p.Operator.Call("POST", "/operator/organisations/"+school+"/administrators", map[string]any{
			"givenName": "Zelda", "familyName": "Zadmin", "email": "z@bash-street.example",
			"approvedBy": map[string]string{"name": "Harriet Head", "position": "Headteacher"}, "evidence": "Letter",
		}).Want(201)
		p.jane.Call("DELETE", "/users/"+p.janeID, nil).WantProblem(409, "cannot_delete_self")
		p.jane.Call("DELETE", "/users/"+second.Text("user.id"), nil).WantProblem(409, "cannot_delete_administrator")
		for id, want := range map[string]bool{p.janeID: false, second.Text("user.id"): false, danny.id: true} {
			if got := p.jane.Call("GET", "/users/"+id, nil).Want(200); got.At("canDelete") != want {
				t.Errorf("canDelete is %v, want %t: %s", got.At("canDelete"), want, got.Body)
			}
		}

		p.jane.Call("DELETE", "/users/"+danny.id, nil).Want(204)
		p.wantListed(t, "Jane Admin", "Zelda Zadmin")
		p.jane.Call("GET", "/users/"+danny.id, nil).WantProblem(404, "not_found")
		p.jane.Call("DELETE", "/users/"+danny.id, nil).WantProblem(404, "not_found")
		b.Call("GET", "/session", nil).WantProblem(401, "not_signed_in") // at once, not when a token expires
		b.SignIn(school, danny.username, "Minnie7Minx").WantProblem(401, "invalid_credentials")
	})
}

func TestResettingAUsersPassword(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		b := p.Enter(t, school, danny.username, danny.password, "Minnie7Minx")

		a := p.jane.Call("POST", "/users/"+danny.id+"/password-reset", nil).Want(200)
		temporary := a.Text("temporaryPassword")
		if len(temporary) != 10 || a.At("user.mustChangePassword") != true {
			t.Fatalf("%s", a.Body)
		}
		// "An email informing the user of the reset password is sent to their email address."
		m := p.Mail(t, "d.smith@bash-street.example", "reset")
		if strings.Contains(m.Text+m.HTML, temporary) {
			t.Error("the temporary password was mailed")
		}
		b.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		b.SignIn(school, danny.username, "Minnie7Minx").WantProblem(401, "invalid_credentials")

		// "The next time the user logs in, they will be asked to change this password."
		if in := b.SignIn(school, danny.username, temporary).Want(200); in.Text("challenge.kind") != "newPassword" {
			t.Errorf("%s", in.Body)
		}
		b.Call("POST", "/session/password", apptest.NewPassword("Minnie8Minx")).Want(200)
		// The conditions of use were accepted once, so now it goes straight in.
		if in := b.SignIn(school, danny.username, "Minnie8Minx").Want(200); in.Text("status") != "active" {
			t.Errorf("%s", in.Body)
		}
	})
}

func TestUpdatingDetailsOfAUser(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		// "Success! User DSmit1259 has been updated to Daniel Smith with email …"
		a := p.jane.Call("PATCH", "/users/"+danny.id, map[string]string{"givenName": "Daniel"}, "If-Match", `"1"`).Want(200)
		if a.Text("givenName") != "Daniel" || a.Text("username") != danny.username || a.Header.Get("ETag") != `"2"` {
			t.Errorf("%s, %s", a.Body, a.Header.Get("ETag"))
		}
		// Two administrators edit one user: the second is told, and nothing is lost.
		p.jane.Call("PATCH", "/users/"+danny.id, map[string]string{"givenName": "Dan"}, "If-Match", `"1"`).WantProblem(412, "stale_version")
		p.jane.Call("PATCH", "/users/"+danny.id, map[string]string{"givenName": "Dan"}, "If-Match", "one").WantProblem(422, "invalid").WantField("header.If-Match")
		p.jane.Call("DELETE", "/users/"+danny.id, nil, "If-Match", `"1"`).WantProblem(412, "stale_version")
		p.jane.Call("PATCH", "/users/"+danny.id, map[string]string{"username": "DSmit0001"}).WantProblem(422, "invalid").WantField("body.username")
		p.wantListed(t, "Jane Admin", "Daniel Smith")

		// "To update the details for any user (including yourself) …"
		p.jane.Call("PATCH", "/users/"+p.janeID, map[string]string{"familyName": "Administrator"}).Want(200)
		// The old address hears of a new one, and a user who never signed in gets the username there.
		p.jane.Call("PATCH", "/users/"+danny.id, map[string]string{"email": "daniel@bash-street.example"}).Want(200)
		p.Mail(t, "d.smith@bash-street.example", "address")
		if m := p.Mail(t, "daniel@bash-street.example", ""); !strings.Contains(m.Text, danny.username) {
			t.Errorf("the mail says:\n%s", m.Text)
		}
	})
}

func TestUsersCanChangeTheirOwnPassword(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		b := p.Enter(t, school, danny.username, danny.password, "Minnie7Minx")
		elsewhere := p.Browser(t)
		elsewhere.SignIn(school, danny.username, "Minnie7Minx").Want(200)
		change := func(current, password, repeat string) apptest.Answer {
			return b.Call("PUT", "/me/password", map[string]string{
				"currentPassword": current, "newPassword": password, "repeatPassword": repeat,
			})
		}
		for rule, password := range map[string]string{
			"at least 8 characters":             "Min7Min",
			"at least one upper case letter":    "minnie7minx",
			"at least one lower case letter":    "MINNIE7MINX",
			"at least one digit":                "MinnieMinx",
			"punctuation only from $ % & * # ?": "Minnie7Minx!",
			"another one than the present":      "Minnie7Minx",
		} {
			if a := change("Minnie7Minx", password, password); a.Status != 422 {
				t.Errorf("%s: %q got %d: %s", rule, password, a.Status, a.Body)
			} else {
				a.WantField("body.newPassword")
			}
		}
		change("Minnie7Minx", "Minnie8Minx", "Minnie9Minx").WantProblem(422, "invalid").WantField("body.repeatPassword")
		change("Minnie6Minx", "Minnie8Minx", "Minnie8Minx").WantProblem(422, "wrong_password").WantField("body.currentPassword")

		change("Minnie7Minx", "Minnie8$%&*#?", "Minnie8$%&*#?").Want(204)
		// "They are sent an email informing them of the reset (but not the new password)."
		if m := p.Mail(t, "d.smith@bash-street.example", "changed"); strings.Contains(m.Text, "Minnie8") {
			t.Error("the password was mailed")
		}
		b.Call("GET", "/session", nil).Want(200)
		elsewhere.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		elsewhere.SignIn(school, danny.username, "Minnie7Minx").WantProblem(401, "invalid_credentials")
		p.SignsIn(t, school, danny.username, "Minnie8$%&*#?")
	})
}

func TestTheSchoolUserAgreement(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		b := p.Enter(t, school, danny.username, danny.password, "Minnie7Minx")
		b.Call("POST", "/agreement", map[string]string{"short": "Be good.", "long": "Be very good."}).WantProblem(403, "missing_right")
		p.jane.Call("POST", "/agreement", map[string]string{"short": "", "long": "Be very good."}).WantProblem(422, "invalid").WantField("body.short")
		if a := p.jane.Call("POST", "/agreement", map[string]string{"short": "Be good.", "long": "Be very good."}).Want(201); a.At("version") != 2.0 {
			t.Errorf("%s", a.Body)
		}
		b.Call("GET", "/me", nil).Want(200) // whoever is in stays in
		if next := b.SignIn(school, danny.username, "Minnie7Minx").Want(200); next.Text("challenge.short") != "Be good." {
			t.Errorf("the new version is not put before the user: %s", next.Body)
		}
		b.Call("POST", "/session/agreement", map[string]any{"version": 2, "accepted": true}).Want(200)
		if a := b.Call("GET", "/agreement", nil).Want(200); a.Text("long") != "Be very good." {
			t.Errorf("the conditions cannot be read again later: %s", a.Body)
		}
	})
}

func TestVersionsOfTheUserAgreement(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		b := p.Enter(t, school, danny.username, danny.password, "Minnie7Minx")
		first := b.Call("GET", "/agreement", nil).Want(200).Text("long")
		publish := func(text string, replaces int) apptest.Answer {
			return p.jane.Call("POST", "/agreement", map[string]any{"short": text, "long": text, "replaces": replaces})
		}
		publish("Be good.", 1).Want(201)
		publish("Be better.", 1).WantProblem(412, "stale_version") // somebody else has published meanwhile
		publish("Be better.", 2).Want(201)

		type version struct {
			Version     int
			PublishedBy struct{ Name string }
		}
		var page, rest struct {
			Items            []version
			NextCursor, When string
			Accounts         int
		}
		a := p.jane.Call("GET", "/agreement/versions?limit=2", nil).Want(200)
		a.Into(&page)
		if len(page.Items) != 2 || page.Items[0].Version != 3 || page.Items[0].PublishedBy.Name != "Jane Admin" || page.Items[1].Version != 2 ||
			page.When != "eachVersion" || page.Accounts != 2 {
			t.Fatalf("%s", a.Body)
		}
		a = p.jane.Call("GET", "/agreement/versions?limit=2&cursor="+page.NextCursor, nil).Want(200)
		a.Into(&rest)
		if len(rest.Items) != 1 || rest.Items[0].Version != 1 || rest.NextCursor != "" {
			t.Errorf("%s", a.Body)
		}
		for _, damaged := range []string{"0", "-1", "x", "1000000"} {
			p.jane.Call("GET", "/agreement/versions?cursor="+damaged, nil).WantProblem(422, "invalid_cursor").WantField("query.cursor")
		}
		b.Call("GET", "/agreement/versions", nil).WantProblem(403, "missing_right")

		// Whoever agreed to a version can read it again.
		if was := b.Call("GET", "/agreement?version=1", nil).Want(200); was.Text("long") != first {
			t.Errorf("%s", was.Body)
		}
		b.Call("GET", "/agreement?version=4", nil).WantProblem(404, "not_found")
		in := b.SignIn(school, danny.username, "Minnie7Minx").Want(200)
		if in.Text("challenge.kind") != "agreement" {
			t.Fatalf("%s", in.Body)
		}
		b.Call("GET", "/agreement?version=3", nil).Want(200)
		b.Call("GET", "/agreement?version=1", nil).WantProblem(403, "challenge_pending")
	})
}

func TestTheSchoolNextDoorSeesNothing(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openPortal(t, s)
		danny := p.add(t, "Danny", "Smith", "d.smith@bash-street.example")
		username, initial := s.Found(t, nextDoor, "Blob Street School", "school-portal", "Walter", "Softy")
		walter := s.Enter(t, nextDoor, username, initial, "Foo1Poodle")

		walter.Call("GET", "/users/"+danny.id, nil).WantProblem(404, "not_found")
		walter.Call("PATCH", "/users/"+danny.id, map[string]string{"givenName": "Softy"}).WantProblem(404, "not_found")
		walter.Call("DELETE", "/users/"+danny.id, nil).WantProblem(404, "not_found")
		walter.Call("POST", "/users/"+danny.id+"/password-reset", nil).WantProblem(404, "not_found")
		walter.Call("GET", "/operator/organisations", nil).WantProblem(403, "missing_right")
		var list struct{ Items []struct{ Username string } }
		walter.Call("GET", "/users?q=danny", nil).Want(200).Into(&list)
		if len(list.Items) != 0 {
			t.Errorf("the school next door finds %v", list.Items)
		}
		// The right password at the wrong school is a wrong one, as is any at a school that is not there.
		here := walter.SignIn(nextDoor, danny.username, danny.password).WantProblem(401, "invalid_credentials")
		nowhere := walter.SignIn("no-such-school", danny.username, danny.password).WantProblem(401, "invalid_credentials")
		nobody := walter.SignIn(school, "nobody", danny.password).WantProblem(401, "invalid_credentials")
		if string(here.Body) != string(nowhere.Body) || string(here.Body) != string(nobody.Body) {
			t.Errorf("the answers differ:\n%s\n%s\n%s", here.Body, nowhere.Body, nobody.Body)
		}
		p.SignsIn(t, school, danny.username, danny.password)
	})
}
