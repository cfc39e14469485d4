package scenarios_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// A Danish school that gives its staff rights on the intranet.

const intranetSchool = "nordbyskolen"

// openIntranet is the school with its administrator, Ada, whose initials are af. It works in Danish.
func openIntranet(t *testing.T, s *apptest.Stack) *organisation {
	t.Helper()
	return openOrganisation(t, s, intranetSchool, "Nordbyskolen", "school-intranet", object{"firstAdministrator": object{
		"givenName": "Ada", "familyName": "First", "email": "ada@nordbyskolen.example", "username": "af",
	}})
}

func initials(username string) object { return object{"username": username} }

// intranetRights is the guide's whole list, in its order, between what everybody has and what the administrators need for
// their own. Import and export are two rights here.
var intranetRights = [][2]string{
	{"intranet.read", "Læse på intranettet"},
	{"password.own", "Skifte sin egen adgangskode"},
	{"reservations.book", "Booke lokaler og udstyr"},
	{"calendar.edit", "Redigere aktivitetskalenderen"},
	{"notices.edit", "Skrive på opslagstavlen"},
	{"news.edit", "Redigere nyheder"},
	{"staff.edit", "Redigere kollegers oplysninger"},
	{"pupils.edit", "Redigere elevkartoteket"},
	{"documents.edit", "Tilføje, ændre og slette dokumenter"},
	{"timetables.edit", "Redigere skemaer for klasser, lærere og lokaler"},
	{"meetingDays.edit", "Redigere aftaler om mødedage"},
	{"courses.edit", "Redigere resurselærere og interne kurser"},
	{"library.edit", "Passe skolebibliotekets kalender og databaser"},
	{"materials.edit", "Redigere undervisningsmaterialer"},
	{"mailingLists.use", "Bruge de indbyggede postlister"},
	{"afterSchool.use", "Bruge værktøjerne til SFO"},
	{"equipment.edit", "Redigere kartoteket over edb-udstyr"},
	{"collaboration.use", "Bruge samarbejdsværktøjerne"},
	{"board.edit", "Redigere skolebestyrelsens medlemmer"},
	{"forums.manage", "Styre debatforummet"},
	{"bulk.edit", "Oprette og slette mange ad gangen"},
	{"baseTimetable.edit", "Rette grundskemaet manuelt"},
	{"data.import", "Importere data"},
	{"data.export", "Eksportere data"},
	{"office.use", "Bruge menuen Fra kontoret"},
	{"substitutions.edit", "Redigere vikarskemaer"},
	{"bookables.edit", "Bestemme hvad der kan bookes"},
	{"yardDuty.edit", "Redigere gårdvagter"},
	{"timetables.manage", "Åbne skemamenuen"},
	{"pupilIntranet.manage", "Administrere ElevIntra"},
	{"website.manage", "Administrere Skoleporten"},
	{"parentIntranet.manage", "Administrere ForældreIntra"},
	{"infoScreen.manage", "Administrere Infokiosken"},
	{"users.view", "Se skolens brugere"},
	{"users.manage", "Oprette, ændre og slette brugere"},
	{"roles.manage", "Redigere sikkerhedsgrupper"},
	{"audit.view", "Læse revisionssporet"},
	{"announcements.send", "Skrive til alle brugere"},
	{"settings.manage", "Se og ændre skolens indstillinger"},
	{"contact.send", "Skrive til kundeservice"},
}

func TestPasswordsToTheIntranet(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		// "The username is the employee's initials in the staff register."
		boerge := o.newUser("Børge", "Kold", object{"email": "bk@nordbyskolen.example"})
		o.first.Call("POST", "/users", boerge).WantProblem(422, "invalid").WantField("body.username")
		for _, wrong := range []string{"", "b", "b k", "-bk", "<b>", "b@k", "bk\u202e", "bå"} { // they can be typed anywhere
			boerge["username"] = wrong
			o.first.Call("POST", "/users", boerge).WantProblem(422, "invalid").WantField("body.username")
		}
		boerge["username"] = "BK"
		made := o.first.Call("POST", "/users", boerge).Want(201)
		if made.Text("user.username") != "BK" {
			t.Errorf("the chosen username became %q", made.Text("user.username"))
		}
		for _, taken := range []string{"BK", "bk", " Bk ", "af"} { // however it is written
			o.first.Call("POST", "/users", o.newUser("Birgit", "Krogh", initials(taken))).WantProblem(409, "username_taken")
		}
		o.first.wantList(t, o, "", "Ada First", "Børge Kold") // nothing is left of those refused
		bk := o.enter(t, personOf(made))
		bk.wantDecision(t, "me", "password.own", "", true, "Almindelige lærere")
		s.SignsIn(t, intranetSchool, "bk", bk.password)

		// One's own password: "first … the present code and then the new one … must be repeated".
		bk.Call("PUT", "/me/password", object{"currentPassword": bk.password, "newPassword": "solskin over nordby", "repeatPassword": "solskin"}).
			WantProblem(422, "invalid").WantField("body.repeatPassword")
		bk.Call("PUT", "/me/password", object{
			"currentPassword": bk.password, "newPassword": "solskin over nordby", "repeatPassword": "solskin over nordby",
		}).Want(204)
		s.SignsIn(t, intranetSchool, "bk", "solskin over nordby")

		// Initials are few: those of somebody who has left go to the next.
		o.first.Call("DELETE", "/users/"+bk.id, nil).Want(204)
		next := o.join(t, "Birgit", "Krogh", initials("bk"))
		if next.id == bk.id {
			t.Error("the next one got the account of the one who left")
		}
		o.Browser(t).SignIn(intranetSchool, "bk", "solskin over nordby").WantProblem(401, "invalid_credentials")
	})
}

func TestAdministrators(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		// "The administrator has access to everything on the intranet."
		var areas struct{ Items []struct{ ID string } }
		o.first.Call("GET", "/areas", nil).Want(200).Into(&areas)
		var all []string
		for _, a := range areas.Items {
			all = append(all, a.ID)
		}
		o.first.wantOpen(t, all, all...)
		for _, right := range intranetRights {
			o.first.wantDecision(t, "me", right[0], "", true, "Administrator")
		}

		// "The administrator right … is given to one or more users … by a present administrator."
		bk, ck := o.join(t, "Bo", "Kold", initials("bk")), o.join(t, "Carl", "Krogh", initials("ck"))
		bk.setRoles(ck.id, "administrator").WantProblem(403, "missing_right")
		o.first.setRoles(bk.id, "administrator").Want(200)
		bk.wantOpen(t, all, all...)                             // at once
		bk.setRoles(ck.id, "administrator", "office").Want(200) // who can give it in turn
		o.first.wantList(t, o, "role=administrator", "Ada First", "Bo Kold", "Carl Krogh")
		// It is taken away again, but somebody must have it.
		ck.setRoles(o.first.id, "ordinaryTeachers").Want(200)
		o.first.Call("GET", "/users", nil).WantProblem(403, "missing_right")
		ck.setRoles(bk.id, "ordinaryTeachers").Want(200)
		ck.setRoles(ck.id, "ordinaryTeachers").WantProblem(409, "last_administrator")
		ck.Call("DELETE", "/roles/administrator?moveTo=office", nil).WantProblem(409, "last_administrator")
		administrators := ck.Call("GET", "/roles/administrator", nil).Want(200)
		ck.Call("PUT", "/roles/administrator", object{
			"name": "Administrator", "rights": []string{"intranet.read"}, "constraints": administrators.At("constraints"),
		}).WantProblem(409, "last_administrator")
		ck.Call("GET", "/users", nil).Want(200)
	})
}

func TestTheUsersRightsOnTheIntranet(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		// The guide's explanation of the rights, in the school's language.
		var rights struct{ Items []struct{ ID, Label string } }
		o.first.Call("GET", "/rights", nil).Want(200).Into(&rights)
		var got [][2]string
		for _, r := range rights.Items {
			got = append(got, [2]string{r.ID, r.Label})
		}
		if !slices.Equal(got, intranetRights) {
			t.Errorf("the rights are\n%v\nwant\n%v", got, intranetRights)
		}

		// "When new users are created … they automatically get the rights … of the group 'Almindelige lærere'."
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		if me := bk.Call("GET", "/me", nil).Want(200); !slices.Equal(texts(me.At("roles")), []string{"ordinaryTeachers"}) {
			t.Errorf("a new user is in %s", me.Body)
		}
		wantRights(t, bk, "calendar.edit", "collaboration.use", "documents.edit", "intranet.read", "notices.edit", "password.own", "reservations.book")
		// Another group is "a shortcut" to other rights.
		o.first.setRoles(bk.id, "librarians").Want(200)
		wantRights(t, bk, "calendar.edit", "collaboration.use", "courses.edit", "documents.edit", "intranet.read", "library.edit",
			"materials.edit", "notices.edit", "password.own", "reservations.book")

		// "Alternatively each employee's rights can be edited individually, by ticking the rights in question."
		o.first.setRoles(bk.id, "afterSchoolStaff").Want(200)
		tick := func(grant, deny []string) apptest.Answer {
			return o.first.Call("PUT", "/users/"+bk.id+"/rights", object{"grant": grant, "deny": deny})
		}
		tick([]string{"substitutions.edit"}, []string{"notices.edit"}).Want(200)
		wantRights(t, bk, "afterSchool.use", "calendar.edit", "intranet.read", "password.own", "reservations.book", "substitutions.edit")
		o.first.wantDecision(t, bk.id, "substitutions.edit", "", true, "beside the roles")
		o.first.wantDecision(t, bk.id, "notices.edit", "", false, "Skrive på opslagstavlen", "denied")
		o.first.wantDecision(t, bk.id, "office.use", "", false, "Bruge menuen Fra kontoret") // "requires a special right"
		tick([]string{"no.such"}, []string{}).WantProblem(422, "invalid").WantField("body.grant")
		tick([]string{"news.edit"}, []string{"news.edit"}).WantProblem(422, "invalid").WantField("body.deny")
		bk.Call("PUT", "/users/"+bk.id+"/rights", object{"grant": []string{"news.edit"}, "deny": []string{}}).WantProblem(403, "missing_right")
		tick([]string{}, []string{}).Want(200)
		wantRights(t, bk, "afterSchool.use", "calendar.edit", "intranet.read", "notices.edit", "password.own", "reservations.book")

		// Whoever can change timetables or plan substitutes has yard duty open too.
		for _, right := range []string{"timetables.edit", "substitutions.edit", "yardDuty.edit"} {
			tick([]string{right}, []string{}).Want(200)
			if !bk.isOpen(t, "yardDuty") {
				t.Errorf("%s does not open yard duty", right)
			}
		}
		tick([]string{"office.use"}, []string{}).Want(200)
		if bk.isOpen(t, "yardDuty") || bk.isOpen(t, "substitutions") || !bk.isOpen(t, "office") {
			t.Error("the office's menu opens more than itself")
		}
	})
}

// wantRights fails the test unless somebody has exactly these rights, in the order of the alphabet.
func wantRights(t *testing.T, p *person, rights ...string) {
	t.Helper()
	got := texts(p.Call("GET", "/session", nil).Want(200).At("rights"))
	slices.Sort(got)
	if !slices.Equal(got, rights) {
		t.Errorf("%s has the rights %v, want %v", p.username, got, rights)
	}
}

func (p *person) isOpen(t *testing.T, area string) bool {
	t.Helper()
	var areas struct {
		Items []struct {
			ID      string
			Enabled bool
		}
	}
	p.Call("GET", "/areas", nil).Want(200).Into(&areas)
	for _, a := range areas.Items {
		if a.ID == area {
			return a.Enabled
		}
	}
	t.Fatalf("there is no area %s", area)
	return false
}

// What a group opens and what is special about its rights can be known before it is saved.
func TestRightsAndAreasSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		administrative := map[any]any{}
		for _, r := range o.first.Call("GET", "/rights", nil).Want(200).At("items").([]any) {
			administrative[r.(map[string]any)["id"]] = r.(map[string]any)["administrative"]
		}
		if administrative["users.view"] != true || administrative["roles.manage"] != true || administrative["news.edit"] != false {
			t.Errorf("administrative: %v", administrative)
		}
		for _, a := range o.first.Call("GET", "/areas", nil).Want(200).At("items").([]any) {
			area := a.(map[string]any)
			if area["id"] == "forums" && !reflect.DeepEqual(area["rights"], []any{"intranet.read", "forums.manage"}) {
				t.Errorf("%v", area)
			}
		}
	})
}

// Whoever reads a language that is not the school's reads what rights, areas and groups are called in it.
func TestRightsAndAreasHaveANameInEveryLanguage(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		for path, want := range map[string]map[string]any{
			"/rights": {"news.edit": map[string]any{"en": "Write and change news", "da": "Redigere nyheder"}},
			"/areas":  {"office": map[string]any{"en": "From the office", "da": "Fra kontoret"}},
		} {
			for id, names := range want {
				if got := named(o.first.Call("GET", path, nil).Want(200).At("items"), id); !reflect.DeepEqual(got["names"], names) {
					t.Errorf("%s: %v", path, got)
				}
			}
		}
		office := named(o.first.Call("GET", "/session", nil).Want(200).At("areas"), "office")
		if office["label"] != "Fra kontoret" || !reflect.DeepEqual(office["names"], map[string]any{"en": "From the office", "da": "Fra kontoret"}) {
			t.Errorf("the session: %v", office)
		}
	})
}

func named(items any, id string) map[string]any {
	for _, i := range items.([]any) {
		if item := i.(map[string]any); item["id"] == id {
			return item
		}
	}
	return nil
}

// Teachers may not see users and roles, but they may know what they themselves may do, and why.
func TestEverybodyMayKnowOnesOwnRights(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		o.first.Call("PUT", "/users/"+bk.id+"/rights", object{"grant": []string{"news.edit"}, "deny": []string{"calendar.edit"}}).Want(200)
		teachers := []any{map[string]any{
			"id": "ordinaryTeachers", "name": "Almindelige lærere", "names": map[string]any{"en": "Ordinary teachers", "da": "Almindelige lærere"},
		}}
		for id, want := range map[string]map[string]any{
			"notices.edit":  {"held": true, "granted": false, "denied": false, "roles": teachers},
			"news.edit":     {"held": true, "granted": true, "denied": false, "roles": []any{}},
			"calendar.edit": {"held": false, "granted": false, "denied": true, "roles": teachers},
			"users.view":    {"held": false, "granted": false, "denied": false, "roles": []any{}},
		} {
			if got := named(bk.Call("GET", "/rights", nil).Want(200).At("items"), id); !reflect.DeepEqual(got["own"], want) {
				t.Errorf("%s: %v, want %v", id, got["own"], want)
			}
		}
	})
}

func TestSecurityGroups(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk, ck := o.join(t, "Bo", "Kold", initials("bk")), o.join(t, "Carl", "Krogh", initials("ck"))
		o.first.setRoles(ck.id, "computerAdvisers").Want(200)
		group := o.first.Call("GET", "/roles/ordinaryTeachers", nil).Want(200)
		if group.Text("name") != "Almindelige lærere" || group.At("members") != 1.0 {
			t.Errorf("%s", group.Body)
		}
		change := func(rights ...string) apptest.Answer {
			return o.first.Call("PUT", "/roles/ordinaryTeachers", object{
				"name": "Almindelige lærere", "rights": rights, "constraints": group.At("constraints"),
			})
		}
		before := bk.Call("GET", "/me", nil).Want(200)
		// "A change of a security group's rights automatically changes the rights of existing users" in it: also of those
		// who are signed in, at their next request, and of nobody else.
		bk.wantDecision(t, "me", "news.edit", "", false, "Redigere nyheder")
		change("intranet.read", "news.edit").Want(200)
		wantRights(t, bk, "intranet.read", "news.edit")
		bk.wantDecision(t, "me", "news.edit", "", true, "Almindelige lærere")
		if after := bk.Call("GET", "/me", nil).Want(200); after.At("version") != before.At("version") {
			t.Error("the member's own record was changed with the group")
		}
		wantRights(t, ck, "bookables.edit", "calendar.edit", "collaboration.use", "documents.edit", "equipment.edit", "forums.manage",
			"infoScreen.manage", "intranet.read", "news.edit", "notices.edit", "parentIntranet.manage", "password.own",
			"pupilIntranet.manage", "reservations.book", "website.manage")
		wantRights(t, o.join(t, "Dorte", "Lund", initials("dl")), "intranet.read", "news.edit") // new ones have it too

		change("intranet.read", "no.such").WantProblem(422, "invalid").WantField("body.rights[1]")
		o.first.Call("PUT", "/roles/ordinaryTeachers", object{
			"name": "", "rights": []string{}, "constraints": group.At("constraints"),
		}).WantProblem(422, "invalid").WantField("body.name")
		bk.Call("PUT", "/roles/ordinaryTeachers", object{"name": "Lærere", "rights": []string{"users.manage"}}).WantProblem(403, "missing_right")
		// New users are put into it, so it stays.
		o.first.Call("DELETE", "/roles/ordinaryTeachers?moveTo=office", nil).WantProblem(409, "role_in_use")

		// Groups of the school's own.
		own := o.first.Call("POST", "/roles", object{"name": "Gårdvagter", "rights": []string{"intranet.read", "yardDuty.edit"}}).Want(201)
		o.first.Call("POST", "/roles", object{"name": "Gårdvagter", "rights": []string{}}).WantProblem(422, "invalid").WantField("body.name")
		if names := own.At("names").(map[string]any); names["en"] != "Gårdvagter" { // called the same as long as nothing else is said
			t.Errorf("names %v", names)
		}
		named := object{
			"name": "Gårdvagter", "names": object{"en": "Yard duty"}, "rights": []string{"intranet.read", "yardDuty.edit"},
			"constraints": own.At("constraints"),
		}
		renamed := o.first.Call("PUT", "/roles/"+own.Text("id"), named).Want(200)
		if names := renamed.At("names").(map[string]any); names["en"] != "Yard duty" || names["da"] != "Gårdvagter" || renamed.Text("name") != "Gårdvagter" {
			t.Errorf("%s", renamed.Body)
		}
		named["names"] = object{"xx": "Yard duty"}
		o.first.Call("PUT", "/roles/"+own.Text("id"), named).WantProblem(422, "invalid").WantField("body.names")
		o.first.setRoles(bk.id, "ordinaryTeachers", own.Text("id")).Want(200)
		wantRights(t, bk, "intranet.read", "news.edit", "yardDuty.edit")
	})
}
