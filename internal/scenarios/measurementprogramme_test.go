package scenarios_test

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// The measurement programme of a local authority.
const county = "wessex"

var programmeAreas = []string{
	"schools", "schoolEditing", "eligiblePupils", "pupilData", "pupilGrid", "qualityIndicators", "qualityRecords",
	"qualityReports", "finalise", "extract", "purge", "users",
}

// council is a local authority with its schools.
type council struct {
	*organisation
	schools map[string]string // ids by name
}

// openProgramme is Wessex with four schools; Ada is the primary super user.
func openProgramme(t *testing.T, s *apptest.Stack) *council {
	t.Helper()
	table := "name,code\nCasterbridge Primary,100001\nMarlott Infants,100002\n\"Mellstock, St Michael's\",100003\nWeatherbury,\n"
	p := &council{organisation: openOrganisation(t, s, county, "Wessex County Council", "measurement-programme", object{"schools": table})}
	p.schools = p.schoolsAs(t, p.first)
	return p
}

// schoolsAs is the list of schools as somebody sees it.
func (p *council) schoolsAs(t *testing.T, who *person) map[string]string {
	t.Helper()
	var list struct{ Items []struct{ ID, Name string } }
	who.Call("GET", "/schools", nil).Want(200).Into(&list)
	ids := map[string]string{}
	for _, s := range list.Items {
		ids[s.Name] = s.ID
	}
	return ids
}

func TestTheSixUserRoles(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openProgramme(t, s)
		everySchool := object{"schools": []any{}, "all": true}
		tests := []struct {
			name  string
			roles []string
			open  []string // as the guide says, role by role
		}{
			{"Nobody", nil, nil},
			{"Monitor", []string{"monitor"}, []string{"schools", "qualityIndicators", "qualityReports"}},
			// "everything a Monitor can see, and … individual pupil records when viewing the data-quality indicators"
			{"Super", []string{"superMonitor"}, []string{"schools", "qualityIndicators", "qualityRecords", "qualityReports"}},
			// "Collectors do not have access to data-quality reports"
			{"Collector", []string{"collector"}, []string{"schools", "pupilData", "pupilGrid"}},
			// "the LA's school list only … add and remove schools … edit eligible pupil numbers"
			{"Setup", []string{"laSetup"}, []string{"schools", "schoolEditing", "eligiblePupils"}},
			{"Lead", []string{"ncmpLead", "superUser"}, []string{"finalise", "extract", "purge", "users"}},
			{"Admin", []string{"superUser"}, []string{"users"}},
			// "Users can be assigned one or more of these roles."
			{
				"Both",
				[]string{"collector", "monitor"},
				[]string{"schools", "pupilData", "pupilGrid", "qualityIndicators", "qualityReports"},
			},
		}
		for _, tt := range tests {
			u := p.join(t, tt.name, "User", nil)
			p.first.Call("PUT", "/users/"+u.id+"/schools", everySchool).Want(200)
			p.first.setRoles(u.id, tt.roles...).Want(200)
			u.wantOpen(t, programmeAreas, tt.open...) // at once, without signing in again
		}
		if items := p.first.Call("GET", "/roles", nil).Want(200).At("items").([]any); len(items) != 6 {
			t.Errorf("%d roles, want the guide's 6", len(items))
		}
	})
}

func TestWhoChangesTheSchoolList(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openProgramme(t, s)
		monitor := p.join(t, "Mona", "Monitor", object{"roles": []string{"monitor"}})
		collector := p.join(t, "Colin", "Collector", object{"roles": []string{"collector"}})
		setup := p.join(t, "Sue", "Setup", object{"roles": []string{"laSetup"}})

		// "Monitors can view the list of your LA's schools. However, they will not be able to add or delete schools."
		if got := p.schoolsAs(t, monitor); !maps.Equal(got, p.schools) || len(got) != 4 {
			t.Errorf("the monitor sees %v, the super user %v, want 4", got, p.schools)
		}
		school := "/schools/" + p.schools["Weatherbury"]
		for _, who := range []*person{monitor, collector, p.first} {
			who.Call("POST", "/schools", object{"name": "Knollsea"}).WantProblem(403, "missing_right")
			who.Call("PUT", school, object{"name": "Knollsea"}).WantProblem(403, "missing_right")
			who.Call("DELETE", school, nil).WantProblem(403, "missing_right")
		}
		collector.Call("GET", "/schools", nil).WantProblem(403, "missing_right") // those assigned are at /me/schools

		// "LA setup … will be able to add and remove schools from the list."
		setup.Call("POST", "/schools", object{"name": "Knollsea", "code": "100005"}).Want(201)
		setup.Call("DELETE", school, nil).Want(204)
		got := slices.Sorted(maps.Keys(p.schoolsAs(t, monitor)))
		if want := []string{"Casterbridge Primary", "Knollsea", "Marlott Infants", "Mellstock, St Michael's"}; !slices.Equal(got, want) {
			t.Errorf("the schools are now %v, want %v", got, want)
		}
		setup.Call("GET", "/users", nil).WantProblem(403, "missing_right")
	})
}

func TestATableOfSchoolsWithFaultsNamesTheRows(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(_ *testing.T, s *apptest.Stack) {
		found := func(table string) apptest.Answer {
			return s.Operator.Call("POST", "/operator/organisations", object{
				"slug": county, "name": "Wessex", "preset": "measurement-programme", "schools": table,
				"firstAdministrator": object{"givenName": "Ada", "familyName": "First", "email": "ada@wessex.example"},
			})
		}
		found("school;code\nCasterbridge;1\n").WantProblem(422, "invalid").WantField("body.schools")
		found("name,code\nCasterbridge,1\n,2\nMarlott,3\nCasterbridge,1\n").WantProblem(422, "invalid").
			WantField("body.schools[3].name").WantField("body.schools[5].name")
		found("name,code\nCasterbridge,1\n").Want(201) // nothing was left behind that is in the way
	})
}

func TestAssigningRolesToUsers(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openProgramme(t, s)
		// 2. "The new user's name will appear in the list of your LA's users with no roles assigned."
		tess := p.join(t, "Tess", "Newcomer", nil)
		p.first.wantList(t, p.organisation, "", "Ada First", "Tess Newcomer")
		if got := p.first.Call("GET", "/users/"+tess.id, nil).Want(200); len(texts(got.At("roles"))) != 0 {
			t.Errorf("a new user has roles: %s", got.Body)
		}
		tess.wantOpen(t, programmeAreas)
		tess.setRoles(tess.id, "superUser").WantProblem(403, "missing_right")

		// 3. "Tick the roles you want to assign to each user."
		got := p.first.setRoles(tess.id, "monitor", "laSetup").Want(200)
		if roles := texts(got.At("roles")); !slices.Equal(roles, []string{"laSetup", "monitor"}) {
			t.Errorf("the roles are %v", roles)
		}
		p.first.wantList(t, p.organisation, "role=monitor", "Tess Newcomer")
		p.first.setRoles(tess.id, "monitor").Want(200)
		p.first.wantList(t, p.organisation, "role=laSetup")
		p.first.setRoles(tess.id, "king").WantProblem(422, "invalid").WantField("body.roles")
		p.first.Call("PUT", "/users/"+tess.id+"/roles", object{"roles": []string{}}, "If-Match", `"1"`).WantProblem(412, "stale_version")

		// "assign roles and schools to users (including to themselves)"
		p.first.setRoles(p.first.id, "superUser", "collector", "laSetup").Want(200)
		p.first.wantOpen(t, programmeAreas, "schools", "schoolEditing", "eligiblePupils", "pupilData", "pupilGrid", "users")
		p.first.setSchools(p.first.id, p.schools["Weatherbury"]).Want(200)
		p.first.wantDecision(t, "me", "pupils.edit", p.schools["Weatherbury"], true, "Collector", "Weatherbury")
		p.first.wantDecision(t, "me", "pupils.edit", p.schools["Marlott Infants"], false, "Marlott Infants")
	})
}

func TestAssigningSchoolsToUsers(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openProgramme(t, s)
		// "When you first log in as primary LA super user, all schools will be allocated to you by default. For any
		// subsequent users … no schools will have yet been allocated."
		if own := p.first.Call("GET", "/me/schools", nil).Want(200); own.At("all") != true {
			t.Errorf("the primary super user has %s", own.Body)
		}
		colin := p.join(t, "Colin", "Collector", object{"roles": []string{"collector"}})
		second := p.join(t, "Sara", "Second", object{"roles": []string{"superUser"}})
		for _, who := range []*person{colin, second} {
			if own := who.Call("GET", "/me/schools", nil).Want(200); own.At("all") != false || len(own.At("schools").([]any)) != 0 {
				t.Errorf("%s begins with %s", who.username, own.Body)
			}
		}
		marlott, weatherbury := p.schools["Marlott Infants"], p.schools["Weatherbury"]
		colin.wantDecision(t, "me", "pupils.view", marlott, false, "Marlott Infants", "not assigned")

		// 4. "Tick the schools you want the user to have access to, then click save." 5. "… a message confirming."
		saved := p.first.setSchools(colin.id, marlott, weatherbury).Want(200)
		if list := saved.At("schools").([]any); saved.At("all") != false || len(list) != 2 {
			t.Errorf("saved was %s", saved.Body)
		}
		p.first.wantList(t, p.organisation, "school="+marlott, "Colin Collector", "Ada First")
		p.first.setSchools(colin.id, marlott, "no-such-school").WantProblem(422, "invalid").WantField("body.schools[1].id")
		p.first.setSchools(colin.id, marlott, marlott).WantProblem(422, "invalid").WantField("body.schools[1].id")
		colin.setSchools(colin.id, p.schools["Casterbridge Primary"]).WantProblem(403, "missing_right")

		// "Collectors … access the schools they have been assigned to." Other programs ask; the reason says through what.
		for _, right := range []string{"schools.open", "pupils.view", "pupils.edit", "pupils.upload", "measurements.add"} {
			p.first.wantDecision(t, colin.id, right, marlott, true, "Collector", "Marlott Infants")
			colin.wantDecision(t, "me", right, marlott, true, "Collector", "Marlott Infants")
			p.first.wantDecision(t, colin.id, right, p.schools["Casterbridge Primary"], false, "Casterbridge Primary", "not assigned")
			p.first.wantDecision(t, colin.id, right, "", true, "Collector")
		}
		p.first.wantDecision(t, colin.id, "quality.indicators", marlott, false, "no role")
		colin.Call("GET", "/users/"+second.id+"/decision?right=pupils.view", nil).WantProblem(403, "missing_right")
		p.first.Call("GET", "/users/"+colin.id+"/decision?right=pupils.view&school=no-such-school", nil).WantProblem(404, "not_found")

		// Unticked again, and closed: both end it at once.
		p.first.setSchools(colin.id, weatherbury).Want(200)
		colin.wantDecision(t, "me", "pupils.view", marlott, false, "not assigned")
		setup := p.join(t, "Sue", "Setup", object{"roles": []string{"laSetup"}})
		setup.Call("PUT", "/schools/"+weatherbury, object{"closed": true}).Want(200)
		colin.wantDecision(t, "me", "pupils.view", weatherbury, false, "Weatherbury is closed")
	})
}

func TestNCMPLead(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openProgramme(t, s)
		lena := p.join(t, "Lena", "Lead", nil)
		refused := func(a apptest.Answer, constraint string) {
			t.Helper()
			a.WantProblem(409, "role_constraint")
			if a.Text("role") != "ncmpLead" || a.Text("constraint") != constraint {
				t.Errorf("want the constraint %s of the lead: %s", constraint, a.Body)
			}
		}
		// "… only possible to assign the role of NCMP Lead to a user who also holds the role of Super User and has all
		// schools assigned."
		refused(p.first.Call("POST", "/users", p.newUser("Luke", "Lead", object{"roles": []string{"ncmpLead", "superUser"}})), "allSchools")
		refused(p.first.setRoles(lena.id, "ncmpLead"), "requires")
		refused(p.first.setRoles(lena.id, "ncmpLead", "superUser"), "allSchools")
		p.first.Call("PUT", "/users/"+lena.id+"/schools", object{"schools": []any{}, "all": true}).Want(200)
		refused(p.first.setRoles(lena.id, "ncmpLead"), "requires")
		p.first.setRoles(lena.id, "ncmpLead", "superUser", "collector").Want(200)
		refused(p.first.setRoles(lena.id, "ncmpLead", "collector"), "requires")

		// "Only one user within a local authority area can hold the role of NCMP lead."
		refused(p.first.setRoles(p.first.id, "ncmpLead", "superUser"), "atMostOne")

		// The list cannot shrink; one with every school is as good as all.
		var ids []string
		for _, name := range slices.Sorted(maps.Keys(p.schools)) {
			ids = append(ids, p.schools[name])
		}
		refused(p.first.setSchools(lena.id, ids[1:]...), "allSchools")
		refused(p.first.setSchools(lena.id), "allSchools")
		if own := lena.Call("GET", "/me/schools", nil).Want(200); own.At("all") != true {
			t.Errorf("the lead was left with %s", own.Body)
		}
		if saved := p.first.setSchools(lena.id, ids...).Want(200); saved.At("all") != true || len(saved.At("schools").([]any)) != 0 {
			t.Errorf("a list of all schools was saved as %s", saved.Body) // the list is empty with all
		}

		// A school added later is the lead's at once.
		setup := p.join(t, "Sue", "Setup", object{"roles": []string{"laSetup"}})
		later := setup.Call("POST", "/schools", object{"name": "Knollsea"}).Want(201).Text("id")
		lena.wantDecision(t, "me", "pupils.view", later, true, "Collector", "Knollsea")
		p.first.wantList(t, p.organisation, "school="+later, "Ada First", "Lena Lead")

		// When the lead steps down, the role can go to the next.
		p.first.setRoles(lena.id, "superUser").Want(200)
		p.first.setRoles(p.first.id, "ncmpLead", "superUser").Want(200)
		p.first.wantOpen(t, programmeAreas, "finalise", "extract", "purge", "users")
		lena.wantOpen(t, programmeAreas, "users")
	})
}

func TestSuperUser(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openProgramme(t, s)
		// "It is important that there is at least one super user for each LA."
		p.first.setRoles(p.first.id, "monitor").WantProblem(409, "last_administrator")
		p.first.Call("PATCH", "/users/"+p.first.id, object{"roles": []string{}}).WantProblem(409, "last_administrator")
		p.first.Call("DELETE", "/users/"+p.first.id, nil).WantProblem(409, "cannot_delete_self")
		p.first.Call("PUT", "/users/"+p.first.id+"/rights", object{"grant": []string{}, "deny": []string{"users.manage"}}).
			WantProblem(409, "role_constraint")
		p.first.wantOpen(t, programmeAreas, "users")

		// Handover: "access to the role of super user is given to an appropriate colleague. The new Super User will then
		// have access to remove their predecessor's account."
		p.first.setRoles(p.first.id, "superUser", "ncmpLead").Want(200)
		next := p.join(t, "Sue", "Successor", object{"roles": []string{"superUser"}})
		next.Call("DELETE", "/users/"+p.first.id, nil).Want(204)
		p.first.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		p.Browser(t).SignIn(county, p.first.username, p.first.password).WantProblem(401, "invalid_credentials")
		next.wantList(t, p.organisation, "", "Sue Successor")
		next.setRoles(next.id).WantProblem(409, "last_administrator") // who is now the last
		// The lead's place is free again.
		next.Call("PUT", "/users/"+next.id+"/schools", object{"schools": []any{}, "all": true}).Want(200)
		next.setRoles(next.id, "superUser", "ncmpLead").Want(200)
	})
}

// Two super users demote each other at the same instant: one of them stays.
func TestTwoSuperUsersCannotBothStepDown(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		p := openProgramme(t, s)
		second := p.join(t, "Sara", "Second", object{"roles": []string{"superUser"}})
		var first, other apptest.Answer
		var both sync.WaitGroup
		both.Go(func() { first = p.first.setRoles(second.id, "monitor") })
		both.Go(func() { other = second.setRoles(p.first.id, "monitor") })
		both.Wait()
		left, demoted, late := p.first, second, other
		if first.Status != 200 {
			left, demoted, late = second, p.first, first
		}
		// The other came too late, or was no super user any more by then.
		if code := late.Text("code"); (first.Status == 200) == (other.Status == 200) || code != "last_administrator" && code != "missing_right" {
			t.Fatalf("%d %s and %d %s", first.Status, first.Body, other.Status, other.Body)
		}
		left.wantOpen(t, programmeAreas, "users")
		demoted.Call("GET", "/users", nil).WantProblem(403, "missing_right")
		left.setRoles(left.id).WantProblem(409, "last_administrator")
	})
}
