package scenarios_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// A learning provider that looks after the people who register learners for it.

const college = "casterbridge-college"

var registrationAreas = []string{
	"findLearners", "registerLearners", "updateLearners", "submitBatch", "jobs", "verify", "plans", "records", "users", "contact",
}

// openCollege is the provider with its initial super user, Ada.
func openCollege(t *testing.T, s *apptest.Stack) *organisation {
	t.Helper()
	return openOrganisation(t, s, college, "Casterbridge College", "learner-registration", nil)
}

func roles(names ...string) object { return object{"roles": names} }

func TestOperationalArrangements(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		// 2.2: "you might choose to assign a super user(s) for each site".
		north := o.join(t, "Nora", "North", object{"roles": []string{"LRBSuperUser"}, "site": "North Quay"})
		o.join(t, "Sam", "South", object{"roles": []string{"LRBSuperUser"}, "site": "Southgate"})
		bob := o.add("Bob", "Boldwood", object{"roles": []string{"LRBBatchUser"}, "site": "Southgate"})
		north.wantList(t, o, "site=Southgate", "Bob Boldwood", "Sam South")
		north.wantList(t, o, "site=North+Quay", "Nora North")
		north.wantList(t, o, "site=Southgate&role=LRBBatchUser", "Bob Boldwood")
		north.wantList(t, o, "site=Nowhere")

		// "Beware! … your Super users are NOT restricted … to only the users at your geographic site."
		north.Call("PATCH", "/users/"+bob.id, object{"site": "North Quay"}).Want(200)
		north.wantList(t, o, "site=North+Quay", "Bob Boldwood", "Nora North")
		north.setRoles(bob.id, "LRBOnlineUser").Want(200)
		north.Call("DELETE", "/users/"+bob.id, nil).Want(204)
		north.wantList(t, o, "site=North+Quay", "Nora North")
	})
}

func TestSuperUsers(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		// "You can create other Super users … it is recommended that you have at least two deputies."
		deputy := o.join(t, "Dora", "Deputy", roles("LRBSuperUser"))
		third := personOf(deputy.Call("POST", "/users", o.newUser("Theo", "Third", roles("LRBSuperUser"))).Want(201))
		o.first.wantList(t, o, "role=LRBSuperUser", "Dora Deputy", "Ada First", "Theo Third")

		// "This role purely deals with user administration and not learner management functionality."
		o.enter(t, third).wantOpen(t, registrationAreas, "users", "contact")
		deputy.wantDecision(t, "me", "users.manage", "", true, "LRBSuperUser")
		deputy.wantDecision(t, "me", "learners.find", "", false, "no role")

		// "… mix the LRBSuperUser role with one or more of the other roles" – one's own included.
		deputy.setRoles(deputy.id, "LRBSuperUser", "LRBOnlineUser", "LRBBatchUser").Want(200)
		deputy.wantOpen(t, registrationAreas,
			"findLearners", "registerLearners", "updateLearners", "submitBatch", "jobs", "users", "contact")
		deputy.wantDecision(t, "me", "learners.find", "", true, "LRBOnlineUser")
		deputy.setRoles(deputy.id, "LRBSuperUser").Want(200)
		deputy.wantOpen(t, registrationAreas, "users", "contact")

		// The eight roles are the same for every provider: whoever could change them could lift the entitlements.
		o.first.Call("POST", "/roles", object{"name": "Everything", "rights": []string{"records.view"}}).WantProblem(403, "missing_right")
		o.first.Call("PUT", "/roles/LearnerRecord", object{"name": "LearnerRecord", "rights": []string{}}).WantProblem(403, "missing_right")
		// Others ask the super users before they ask the help desk.
		bob := o.join(t, "Bob", "Boldwood", roles("LRBBatchUser"))
		bob.Call("POST", "/contact", object{"subject": "Hello", "message": "May I?"}).WantProblem(403, "missing_right")
	})
}

func TestWhatLevelOfPermissionIsRequired(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		// "You must assign at least one role when creating a user account."
		o.first.Call("POST", "/users", o.newUser("Una", "Unticked", nil)).WantProblem(422, "invalid").WantField("body.roles")
		o.first.Call("POST", "/users", o.newUser("Una", "Unticked", roles([]string{}...))).WantProblem(422, "invalid").WantField("body.roles")

		for role, open := range map[string][]string{
			"LRBOnlineUser":   {"findLearners", "registerLearners", "updateLearners"},
			"LRBBatchUser":    {"submitBatch", "jobs"},
			"LRBViewOnlyUser": {"findLearners"}, // "not … any power to register or update"
		} {
			u := o.join(t, "Una", role, roles(role))
			u.wantOpen(t, registrationAreas, open...)
			u.Call("GET", "/users", nil).WantProblem(403, "missing_right")
		}
		viewer := o.join(t, "Vera", "Viewer", roles("LRBViewOnlyUser"))
		viewer.wantDecision(t, "me", "learners.register", "", false, "no role")
		// "A user can be given multiple roles by choosing more than one role."
		mixed := o.add("Mia", "Mixed", roles("LRBViewOnlyUser", "LRBBatchUser"))
		o.enter(t, mixed).wantOpen(t, registrationAreas, "findLearners", "submitBatch", "jobs")
		// 8: "leave the Find user criteria blank and select all roles", or one of them.
		o.first.wantList(t, o, "role=LRBViewOnlyUser", "Una LRBViewOnlyUser", "Mia Mixed", "Vera Viewer")
		o.first.wantList(t, o, "",
			"Ada First", "Una LRBBatchUser", "Una LRBOnlineUser", "Una LRBViewOnlyUser", "Mia Mixed", "Vera Viewer")
	})
}

// 10.3 to 10.5: roles that are "only available to organisations" that have been accepted for them.
func TestSpecialCases(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		entitled := map[string]string{
			"AwardingBodyUser": "awardingBody", "LearnerPlanUser": "learnerPlan", "LearnerPlanViewOnly": "learnerPlan",
			"LearnerRecord": "learnerRecord",
		}
		opens := map[string][]string{
			"AwardingBodyUser": {"submitBatch", "jobs", "verify"}, "LearnerPlanUser": {"plans"}, "LearnerPlanViewOnly": {"plans"},
			"LearnerRecord": {"records"},
		}
		bob := o.join(t, "Bob", "Boldwood", roles("LRBBatchUser"))
		for role := range entitled {
			for _, a := range []apptest.Answer{
				o.first.Call("POST", "/users", o.newUser("Eve", "Early", roles(role))),
				o.first.setRoles(bob.id, "LRBBatchUser", role),
				o.first.Call("PATCH", "/users/"+o.first.id, roles("LRBSuperUser", role)),
			} {
				a.WantProblem(409, "role_constraint")
				if a.Text("constraint") != "entitlement" || a.Text("role") != role {
					t.Errorf("want the entitlement of %s named: %s", role, a.Body)
				}
			}
		}
		for _, role := range []string{"LearnerRecord", "LRBBatchUser"} { // said before anybody tries
			if got := o.first.Call("GET", "/roles/"+role, nil).Want(200).At("entitled"); got != (entitled[role] == "") {
				t.Errorf("entitled to %s: %v", role, got)
			}
		}
		// A right that only such a role has is no way round it.
		a := o.first.Call("PUT", "/users/"+bob.id+"/rights", object{"grant": []string{"records.view"}, "deny": []string{}})
		a.WantProblem(409, "role_constraint")
		if a.Text("role") != "LearnerRecord" {
			t.Errorf("%s", a.Body)
		}
		o.first.Call("PATCH", "/operator/organisations/"+college, object{"entitlements": []string{"learnerRecord"}}).
			WantProblem(403, "missing_right")

		var all []string
		for role, entitlement := range entitled {
			all = append(all, entitlement)
			s.Operator.Call("PATCH", "/operator/organisations/"+college, object{"entitlements": all}).Want(200)
			o.first.setRoles(bob.id, role).Want(200)
			bob.wantOpen(t, registrationAreas, opens[role]...)
			u := o.join(t, "Eve", "Entitled", roles(role))
			u.wantOpen(t, registrationAreas, opens[role]...)
		}
		o.first.setRoles(bob.id, "LearnerPlanViewOnly").Want(200)
		bob.wantDecision(t, "me", "plans.view", "", true, "LearnerPlanViewOnly")
		bob.wantDecision(t, "me", "plans.manage", "", false, "no role")
	})
}

func TestLostYourOnlySuperUserAccount(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		// Within the provider it cannot happen …
		o.first.Call("DELETE", "/users/"+o.first.id, nil).WantProblem(409, "cannot_delete_self")
		o.first.setRoles(o.first.id, "LRBOnlineUser").WantProblem(409, "last_administrator")
		// … and when the account holder has left, "the form must be approved by a senior manager".
		request := o.newUser("Nadia", "New", object{"approvedBy": object{"name": "", "position": ""}, "evidence": ""})
		path := "/operator/organisations/" + college + "/administrators"
		s.Operator.Call("POST", path, request).WantProblem(422, "invalid").
			WantField("body.approvedBy.name").WantField("body.approvedBy.position").WantField("body.evidence")
		request["approvedBy"], request["evidence"] = object{"name": "Paula Principal", "position": "Principal"}, "Form of 20 November"
		fresh := o.enter(t, personOf(s.Operator.Call("POST", path, request).Want(201)))
		fresh.wantOpen(t, registrationAreas, "users", "contact")
		fresh.Call("DELETE", "/users/"+o.first.id, nil).Want(204)
		fresh.wantList(t, o, "", "Nadia New")
	})
}

func TestWhatDetailsAreRecorded(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		details := object{
			"title": "Mrs", "telephone": "+44 1305 555 0100", "mobile": "07700 900123", "language": "en",
			"verification": "Checked by HR on 3 March", "staffId": "S-4711", "site": "North Quay",
		}
		body := o.newUser("Bathsheba", "Everdene", roles("LRBOnlineUser"))
		maps.Copy(body, details)
		a := o.first.Call("POST", "/users", body).Want(201)
		// "LRS automatically produces a user account name from the characters of your given name and family name."
		if name := a.Text("user.username"); !regexp.MustCompile(`^BatEverd\d{4}$`).MatchString(name) {
			t.Errorf("username %q", name)
		}
		path := "/users/" + a.Text("user.id")
		got := o.first.Call("GET", path, nil).Want(200)
		for field, value := range details {
			if got.Text(field) != value {
				t.Errorf("%s came back as %q, want %q", field, got.Text(field), value)
			}
		}
		for field, wrong := range map[string]string{
			"telephone": "ask at the desk", "mobile": "12", "language": "tlh", "title": strings.Repeat("x", 31),
			"staffId": strings.Repeat("7", 51), "verification": strings.Repeat("x", 201), "site": "North\u202eQuay",
			"username": "bathsheba", // made by the service
		} {
			body := o.newUser("Bathsheba", "Everdene", roles("LRBOnlineUser"))
			body[field] = wrong
			o.first.Call("POST", "/users", body).WantProblem(422, "invalid").WantField("body." + field)
			o.first.Call("PATCH", path, object{field: wrong}).WantProblem(422, "invalid").WantField("body." + field)
		}
		// They are optional: a detail can be taken away again.
		if changed := o.first.Call("PATCH", path, object{"mobile": ""}).Want(200); changed.At("mobile") != nil || changed.Text("title") != "Mrs" {
			t.Errorf("%s", changed.Body)
		}
	})
}

func TestAccountsThatNameNoPersonAreRefused(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		for _, name := range [][2]string{
			{"User", "One"},
			{"User 1", "User"},
			{"AdminDepartment", "College"},
			{"Guest", "Account"},
			{"guest", "Everdene"},
			{"Exams.Office", "Team"},
			{"TEST", "Person"},
		} {
			a := o.first.Call("POST", "/users", o.newUser(name[0], name[1], object{"roles": []string{"LRBOnlineUser"}, "email": "x@y.example"}))
			a.WantProblem(422, "invalid").WantField("body.givenName")
			if !strings.Contains(string(a.Body), "one person") {
				t.Errorf("%v is refused without saying why: %s", name, a.Body)
			}
		}
		// People may well be called so by family name.
		for _, name := range [][2]string{{"Anna", "Guest"}, {"Will", "Clerk"}, {"Ann-Marie", "User"}} {
			o.add(name[0], name[1], roles("LRBOnlineUser"))
		}
		anna := o.join(t, "Anna", "Guest", roles("LRBOnlineUser"))
		o.first.Call("PATCH", "/users/"+anna.id, object{"givenName": "Reception"}).WantProblem(422, "invalid").WantField("body.givenName")
		anna.Call("PATCH", "/me", object{"givenName": "Reception"}).WantProblem(422, "invalid").WantField("body.givenName")
	})
}

func TestUserResponsibilities(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.add("Bob", "Boldwood", roles("LRBSuperUser"))
		b := o.Browser(t)
		b.SignIn(college, bob.username, bob.password).Want(200)
		in := b.Call("POST", "/session/password", apptest.NewPassword(chosenPassword)).Want(200)
		// "Each time you log on, every user will be presented with the User Agreement text … and must be accepted
		// before access is given."
		for range 2 {
			if in.Text("challenge.kind") != "agreement" || in.Text("challenge.short") == "" || in.Text("challenge.long") == "" {
				t.Fatalf("%s", in.Body)
			}
			for _, path := range []string{"/users", "/me", "/areas"} {
				if a := b.Call("GET", path, nil).WantProblem(403, "challenge_pending"); a.Text("challenge") != "agreement" {
					t.Errorf("%s", a.Body)
				}
			}
			in = b.Call("POST", "/session/agreement", object{"version": 1, "accepted": true}).Want(200)
			if in.Text("status") != "active" {
				t.Fatalf("%s", in.Body)
			}
			b.Call("GET", "/users", nil).Want(200)
			// "… also available within the LRS help pages."
			if a := b.Call("GET", "/agreement", nil).Want(200); a.Text("long") == "" || a.At("version") != 1.0 {
				t.Errorf("%s", a.Body)
			}
			b.Call("DELETE", "/session", nil).Want(204)
			s.Clock.Advance(time.Minute)
			in = b.SignIn(college, bob.username, chosenPassword).Want(200)
		}
		// Whoever does not agree is signed out, and asked again.
		if out := b.Call("POST", "/session/agreement", object{"version": 1, "accepted": false}).Want(200); out.Text("status") != "ended" {
			t.Errorf("%s", out.Body)
		}
		b.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		if in = b.SignIn(college, bob.username, chosenPassword).Want(200); in.Text("challenge.kind") != "agreement" {
			t.Errorf("%s", in.Body)
		}
	})
}

func TestUpdatingUsers(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", object{"roles": []string{"LRBOnlineUser"}, "staffId": "S-1", "site": "Southgate"})
		// "Basic account details, name, contact numbers can be maintained by the user."
		own := object{
			"title": "Mr", "givenName": "William", "familyName": "Boldwood-Smith", "email": "w.boldwood@casterbridge.example",
			"telephone": "01305 555 0101", "mobile": "+44 7700 900124", "language": "en",
		}
		bob.Call("PATCH", "/me", own).Want(200)
		got := o.first.Call("GET", "/users/"+bob.id, nil).Want(200)
		for field, value := range own {
			if got.Text(field) != value {
				t.Errorf("%s is %q, want %q", field, got.Text(field), value)
			}
		}
		if got.Text("username") != bob.username {
			t.Errorf("the username became %q", got.Text("username"))
		}
		o.Mail(t, "bob@"+college+".example", "address") // the old address hears of the new one
		bob.Call("PATCH", "/me", object{"telephone": "none"}).WantProblem(422, "invalid").WantField("body.telephone")

		// What the provider vouches for, and what one may do, is not one's own to change.
		refused := object{"telephone": "01305 555 0199", "staffId": "S-2", "verification": "By myself", "site": "North Quay"}
		bob.Call("PATCH", "/me", refused).WantProblem(422, "invalid").
			WantField("body.staffId").WantField("body.verification").WantField("body.site")
		bob.Call("PATCH", "/me", roles("LRBSuperUser")).WantProblem(422, "invalid").WantField("body.roles")
		bob.setRoles(bob.id, "LRBSuperUser").WantProblem(403, "missing_right")
		bob.Call("PATCH", "/users/"+o.first.id, object{"title": "Ms"}).WantProblem(403, "missing_right")
		after := bob.Call("GET", "/me", nil).Want(200)
		if after.Text("telephone") != "01305 555 0101" || after.Text("staffId") != "S-1" || after.Text("site") != "Southgate" {
			t.Errorf("half of it was done: %s", after.Body)
		}

		// "Change in details … change in role": the super user can update all of it.
		o.first.Call("PATCH", "/users/"+bob.id, object{"staffId": "S-2", "verification": "Checked again"}).Want(200)
		changed := o.first.setRoles(bob.id, "LRBViewOnlyUser", "LRBBatchUser").Want(200)
		if got := texts(changed.At("roles")); !slices.Equal(got, []string{"LRBBatchUser", "LRBViewOnlyUser"}) {
			t.Errorf("roles %v", got)
		}
		bob.wantOpen(t, registrationAreas, "findLearners", "submitBatch", "jobs") // at once
	})
}
