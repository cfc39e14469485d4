package scenarios_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// A local authority that analyses the attainment in its schools.

const borough = "melchester"

var analyticsAreas = []string{
	"reports", "pupilReports", "cinCla", "data", "schools", "users", "directory", "types", "contact",
}

// openAuthority is Melchester with three schools and Ada, its administrator.
func openAuthority(t *testing.T, s *apptest.Stack) *council {
	t.Helper()
	a := &council{organisation: openOrganisation(t, s, borough, "Melchester Borough Council", "authority-analytics", object{
		"schools": "name,code\nAbbey Infants,100001\nBridge Primary,100002\nCloister School,100003\n",
	})}
	a.schools = a.schoolsAs(t, a.first)
	return a
}

func TestOnlyWhoManagesUsersCanEditThem(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.add("Ivor", "Target", roles("consultant"))
		noRights := object{"grant": []string{}, "deny": []string{}}
		// "Only staff with the Can Add, Delete and Manage Users permission can create, edit and terminate the account of
		// another user within the organisation."
		for _, kind := range []string{"seniorOfficer", "dataOfficer", "adviser", "virtualSchool", "governorSupport", "consultant"} {
			u := o.join(t, "Olga", kind, roles(kind))
			for _, a := range []apptest.Answer{
				u.Call("POST", "/users", o.newUser("Ned", "New", nil)),
				u.Call("PATCH", "/users/"+ivor.id, object{"title": "Dr"}),
				u.setRoles(ivor.id, "adviser"),
				u.Call("PUT", "/users/"+ivor.id+"/rights", noRights),
				u.setSchools(ivor.id),
				u.Call("POST", "/users/"+ivor.id+"/password-reset", nil),
				u.Call("DELETE", "/users/"+ivor.id, nil),
			} {
				a.WantProblem(403, "missing_right")
				if a.Text("right") != "users.manage" {
					t.Errorf("%s %s: want users.manage named: %s", kind, a.Asked, a.Body)
				}
			}
		}
		if got := o.first.Call("GET", "/users/"+ivor.id, nil).Want(200); got.At("version") != 1.0 {
			t.Errorf("something was changed after all: %s", got.Body)
		}
		// Who has it is not always an administrator. Such a one gives no more than they have.
		leaders := o.first.Call("POST", "/roles", object{
			"name": "Team leader", "rights": []string{"users.view", "users.manage", "reports.view"},
		}).Want(201).Text("id")
		leader := o.join(t, "Lea", "Leader", roles(leaders))
		ned := personOf(leader.Call("POST", "/users", o.newUser("Ned", "New", nil)).Want(201))
		leader.Call("PATCH", "/users/"+ned.id, object{"title": "Dr", "telephone": "+44 1722 555 010"}).Want(200)
		leader.Call("PUT", "/users/"+ned.id+"/rights", object{"grant": []string{"reports.view"}, "deny": []string{}}).Want(200)
		for _, a := range []apptest.Answer{
			leader.setRoles(ned.id, "dataOfficer"),
			leader.setRoles(leader.id, "administrator"),
			leader.Call("PUT", "/users/"+ned.id+"/rights", object{"grant": []string{"data.load"}, "deny": []string{}}),
			leader.Call("POST", "/users", o.newUser("Nat", "New", roles("administrator"))),
		} {
			a.WantProblem(409, "role_constraint")
			if a.Text("constraint") != "grantedBy" {
				t.Errorf("%s", a.Body)
			}
		}
		leader.Call("DELETE", "/users/"+ned.id, nil).Want(204)

		// "You can only edit and create users within your own LA."
		next := openOrganisation(t, s, "barchester", "Barchester", "authority-analytics", nil)
		next.first.Call("PATCH", "/users/"+ivor.id, object{"title": "Dr"}).WantProblem(404, "not_found")
		next.first.setRoles(ivor.id).WantProblem(404, "not_found")
		next.first.Call("PUT", "/users/"+ivor.id+"/rights", noRights).WantProblem(404, "not_found")
		next.first.setSchools(ivor.id).WantProblem(404, "not_found")
		next.first.Call("DELETE", "/users/"+ivor.id, nil).WantProblem(404, "not_found")
		next.first.Call("GET", "/schools/"+o.schools["Abbey Infants"], nil).WantProblem(404, "not_found")
	})
}

func TestDetailsOfAUser(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		u := o.join(t, "Ivy", "Adviser", object{"roles": []string{"adviser"}, "title": "Ms", "mobile": "+44 7700 900125"})
		// "… some of which can be edited … and some are automatically assigned"
		changed := o.first.Call("PATCH", "/users/"+u.id, object{"email": "ivy.adviser@melchester.example", "telephone": "01722 555 0100"}).Want(200)
		if changed.Text("title") != "Ms" || changed.Text("telephone") != "01722 555 0100" || changed.Text("username") != u.username {
			t.Errorf("%s", changed.Body)
		}
		o.first.Call("PATCH", "/users/"+u.id, object{"username": "ivy"}).WantProblem(422, "invalid").WantField("body.username")
		o.first.Call("PATCH", "/users/"+u.id, object{"site": "North"}).WantProblem(422, "invalid").WantField("body.site") // not kept here
		// One's own page: what concerns reaching the person.
		u.Call("PATCH", "/me", object{"mobile": "", "title": "Dr", "telephone": "01722 555 0101"}).Want(200)
		u.Call("PATCH", "/me", object{"familyName": "Other", "email": "x@melchester.example"}).WantProblem(422, "invalid").
			WantField("body.familyName").WantField("body.email")
		if me := u.Call("GET", "/me", nil).Want(200); me.At("mobile") != nil || me.Text("title") != "Dr" || me.Text("familyName") != "Adviser" {
			t.Errorf("%s", me.Body)
		}
	})
}

func TestTheSchoolsTab(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		carl := o.join(t, "Carl", "Consultant", roles("consultant"))
		ivy := o.join(t, "Ivy", "Adviser", roles("adviser"))
		abbey, bridge := o.schools["Abbey Infants"], o.schools["Bridge Primary"]
		tab := "/users/" + carl.id + "/schools"
		// "select and add any school in the Local Authority to the user's profile … For each school added, you can also
		// record the role that the user performs in relation to that school."
		o.first.Call("PUT", tab, object{"schools": []object{
			{"id": abbey, "relation": "School Improvement Partner"}, {"id": bridge, "relation": "Consultant"},
		}}).Want(200)
		type mine struct {
			All          bool
			DefaultGroup string
			Schools      []struct{ ID, Name, Relation string }
		}
		var own mine
		carl.Call("GET", "/me/schools", nil).Want(200).Into(&own) // "My Schools"
		if own.All || len(own.Schools) != 2 || own.Schools[0].Name != "Abbey Infants" ||
			own.Schools[0].Relation != "School Improvement Partner" || own.Schools[1].Relation != "Consultant" {
			t.Errorf("my schools are %+v", own)
		}
		ivy.Call("GET", tab, nil).Want(200) // whoever may see users sees it, and only managers change it
		ivy.setSchools(carl.id, bridge).WantProblem(403, "missing_right")
		carl.Call("GET", tab, nil).WantProblem(403, "missing_right")

		o.first.setSchools(ivy.id, bridge).Want(200)
		o.first.wantList(t, o.organisation, "school="+bridge, "Ivy Adviser", "Carl Consultant")
		o.first.wantList(t, o.organisation, "school="+abbey, "Carl Consultant")
		o.first.wantList(t, o.organisation, "school="+bridge+"&role=adviser", "Ivy Adviser")

		// "By clicking the 'Remove' link … you can remove existing schools."
		o.first.setSchools(carl.id, bridge).Want(200)
		o.first.wantList(t, o.organisation, "school="+abbey)
		o.first.Call("PUT", tab, object{"schools": []object{{"id": bridge, "relation": strings.Repeat("x", 300)}}}).
			WantProblem(422, "invalid").WantField("body.schools[0].relation")

		// "The 'Default School Group' option allows you to set a default for the user."
		group := o.first.Call("POST", "/school-groups", object{"name": "By the river", "schools": []string{abbey, bridge}}).Want(201).Text("id")
		o.first.Call("POST", "/school-groups", object{"name": "", "schools": []string{"no-such-school"}}).WantProblem(422, "invalid").
			WantField("body.name").WantField("body.schools[0]")
		carl.Call("POST", "/school-groups", object{"name": "Mine", "schools": []string{}}).WantProblem(403, "missing_right")
		set := func(group string) apptest.Answer {
			return o.first.Call("PUT", tab, object{"schools": []object{{"id": bridge}}, "defaultGroup": group})
		}
		set(group).Want(200)
		o.first.setSchools(carl.id, abbey, bridge).Want(200) // which leaves the group as it is
		if got := carl.Call("GET", "/me/schools", nil).Want(200); got.Text("defaultGroup") != group {
			t.Errorf("%s", got.Body)
		}
		if got := carl.Call("GET", "/school-groups/"+group, nil).Want(200); !slices.Equal(texts(got.At("schools")), []string{abbey, bridge}) {
			t.Errorf("%s", got.Body)
		}
		set("no-such-group").WantProblem(422, "invalid").WantField("body.defaultGroup")
		set(abbey).WantProblem(422, "invalid").WantField("body.defaultGroup") // well-formed, but a school
		if got := set("").Want(200); got.Text("defaultGroup") != "" {
			t.Errorf("%s", got.Body)
		}
	})
}

func TestPrivileges(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivy := o.join(t, "Ivy", "Adviser", nil)
		wantRights(t, ivy)
		tick := func(approvedBy string, grant, deny []string) apptest.Answer {
			return o.first.Call("PUT", "/users/"+ivy.id+"/rights", object{"grant": grant, "deny": deny, "approvedBy": approvedBy})
		}
		none := []string{}
		// "By picking a role for the user the privileges … are automatically populated …"
		o.first.setRoles(ivy.id, "adviser").Want(200)
		wantRights(t, ivy, "contact.send", "directory.view", "reports.view", "schools.view", "users.view")
		o.first.wantDecision(t, ivy.id, "reports.view", "", true, "School improvement adviser")
		// "… but they can be amended by ticking and unticking specific permissions."
		tick("", []string{"data.load"}, []string{"users.view", "directory.view"}).Want(200)
		wantRights(t, ivy, "contact.send", "data.load", "reports.view", "schools.view")
		ivy.wantOpen(t, analyticsAreas, "reports", "data", "schools", "contact")
		ivy.Call("GET", "/users", nil).WantProblem(403, "missing_right")
		o.first.wantDecision(t, ivy.id, "data.load", "", true, "beside the roles")
		o.first.wantDecision(t, ivy.id, "users.view", "", false, "Open the list of users", "denied")
		o.first.wantDecision(t, ivy.id, "settings.manage", "", false, "no role")
		o.first.wantDecision(t, ivy.id, "no.such", "", false, "no right")
		// Unticked stays unticked whatever the type of user.
		o.first.setRoles(ivy.id, "dataOfficer").Want(200)
		ivy.Call("GET", "/users", nil).WantProblem(403, "missing_right")
		// The right to manage users comes with a type, so that somebody is always left who has it.
		tick("", []string{"users.manage"}, none).WantProblem(409, "role_constraint")
		tick("", none, []string{"users.manage"}).WantProblem(409, "role_constraint")

		// "The addition of CLA permissions should be agreed with the Virtual Head."
		for _, right := range []string{"reports.pupilLevel", "reports.cinCla"} {
			o.first.wantDecision(t, "me", right, "", false, "no role") // which an administrator need not have to give it
			tick("", []string{right}, none).WantProblem(422, "invalid").WantField("body.approvedBy")
			tick("  ", []string{right}, none).WantProblem(422, "invalid").WantField("body.approvedBy")
		}
		tick("Vera Virtual-Head", []string{"reports.cinCla"}, none).Want(200)
		o.first.wantDecision(t, ivy.id, "reports.cinCla", "", true, "Vera Virtual-Head agreed")
		ivy.wantDecision(t, "me", "reports.cinCla", "", true, "Vera Virtual-Head agreed")
		// What was agreed stays agreed, and by whom; a further one needs somebody to agree to it.
		tick("", []string{"reports.cinCla", "reports.pupilLevel"}, none).WantProblem(422, "invalid").WantField("body.approvedBy")
		tick("Harold Head", []string{"reports.cinCla", "reports.pupilLevel"}, none).Want(200)
		var granted struct {
			Granted []struct{ Right, ApprovedBy string }
		}
		o.first.Call("GET", "/users/"+ivy.id, nil).Want(200).Into(&granted)
		if g := granted.Granted; len(g) != 2 || g[0].ApprovedBy != "Vera Virtual-Head" || g[1].ApprovedBy != "Harold Head" {
			t.Errorf("%+v", g)
		}
		ivy.wantOpen(t, analyticsAreas, "reports", "pupilReports", "cinCla", "data", "schools", "users", "directory", "contact")
		// "… if a user no longer supports those functions": taken away, and agreed anew before it comes back.
		tick("", []string{"reports.pupilLevel"}, none).Want(200)
		ivy.wantDecision(t, "me", "reports.cinCla", "", false)
		tick("", []string{"reports.cinCla", "reports.pupilLevel"}, none).WantProblem(422, "invalid").WantField("body.approvedBy")
		// Ticked privileges alone, without a type, will do.
		o.first.setRoles(ivy.id).Want(200)
		wantRights(t, ivy, "reports.pupilLevel")
	})
}

func TestTypesOfUser(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivy := o.join(t, "Ivy", "Adviser", roles("adviser"))
		otto := o.join(t, "Otto", "Other", roles("adviser", "consultant"))
		adviser := o.first.Call("GET", "/roles/adviser", nil).Want(200)
		if adviser.At("members") != 2.0 {
			t.Errorf("%s", adviser.Body)
		}
		// A type is live: whoever is signed in has its new privileges at the next request.
		body := object{"name": "Adviser", "rights": []string{"reports.view", "data.load"}, "constraints": adviser.At("constraints")}
		changed := o.first.Call("PUT", "/roles/adviser", body, "If-Match", adviser.Header.Get("ETag")).Want(200)
		if changed.Text("name") != "Adviser" || changed.At("members") != 2.0 {
			t.Errorf("%s", changed.Body)
		}
		wantRights(t, ivy, "data.load", "reports.view")
		wantRights(t, otto, "data.load", "reports.view", "schools.view")
		ivy.wantOpen(t, analyticsAreas, "reports", "data")
		ivy.wantDecision(t, "me", "data.load", "", true, "the role Adviser")
		o.first.Call("PUT", "/roles/adviser", body, "If-Match", adviser.Header.Get("ETag")).WantProblem(412, "stale_version")

		// Deleted with members: it is asked where they go.
		o.first.Call("DELETE", "/roles/adviser", nil).WantProblem(409, "role_has_members")
		o.first.Call("DELETE", "/roles/adviser?moveTo=king", nil).WantProblem(422, "invalid").WantField("query.moveTo")
		o.first.Call("DELETE", "/roles/adviser?moveTo=administrator", nil).WantProblem(409, "role_constraint")
		ivy.Call("DELETE", "/roles/adviser?moveTo=consultant", nil).WantProblem(403, "missing_right")
		o.first.Call("DELETE", "/roles/adviser?moveTo=consultant", nil).Want(204)
		wantRights(t, ivy, "reports.view", "schools.view")
		for _, u := range []*person{ivy, otto} {
			if got := o.first.Call("GET", "/users/"+u.id, nil).Want(200); !slices.Equal(texts(got.At("roles")), []string{"consultant"}) {
				t.Errorf("%s", got.Body)
			}
		}
		o.first.wantList(t, o.organisation, "role=consultant", "Ivy Adviser", "Otto Other")
		o.first.Call("GET", "/roles/adviser", nil).WantProblem(404, "not_found")
		o.first.setRoles(ivy.id, "adviser").WantProblem(422, "invalid").WantField("body.roles")
		o.first.Call("DELETE", "/roles/governorSupport", nil).Want(204) // which nobody has
	})
}
