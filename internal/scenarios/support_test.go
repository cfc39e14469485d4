package scenarios_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// Support staff of the platform (S15), at a Danish school: "Her kan man give tilladelse til, at UNI-C Support får adgang til
// skolens intranet med administratorrettigheder … uden at supporterne skal have oplyst en navngiven brugers adgangskode."

const platform = "operator"

// openToSupport is the school, a teacher, and Oskar, one of the platform's operators.
func openToSupport(t *testing.T, s *apptest.Stack) (o *organisation, bo, oskar *person) {
	t.Helper()
	o = openIntranet(t, s)
	bo, oskar = o.join(t, "Bo", "Kold", initials("bk")), o.operator(t, "Oskar", "Support")
	return o, bo, oskar
}

// operator adds one of the platform's operators, who signs in.
func (o *organisation) operator(t *testing.T, given, family string) *person {
	t.Helper()
	made := o.Operator.Call("POST", "/operator/organisations/operator/administrators", object{
		"givenName": given, "familyName": family, "email": strings.ToLower(given) + "@platform.example",
		"approvedBy": object{"name": "Olive Operator", "position": "Head of support"}, "evidence": "Contract",
	}).Want(201)
	return o.enterPlatform(t, personOf(made))
}

// enterPlatform sits an operator down at a computer.
func (o *organisation) enterPlatform(t *testing.T, p *person) *person {
	t.Helper()
	return (&organisation{Stack: o.Stack, slug: platform}).enter(t, p)
}

// letIn opens the school to support for a time; 0 closes it.
func (p *person) letIn(o *organisation, d time.Duration) apptest.Answer {
	if d == 0 {
		return p.Call("PUT", "/support-access", object{"open": false})
	}
	return p.Call("PUT", "/support-access", object{"open": true, "until": o.Clock.Now().UTC().Add(d)})
}

// visit has an operator enter an organisation.
func (p *person) visit(slug string) apptest.Answer {
	return p.Call("POST", "/operator/organisations/"+slug+"/support-session", object{"reason": "Ticket 4711"})
}

// visited is a line of the log that the school reads.
type visited struct{ ID, Supporter, Reason, StartedAt, Until, EndedAt string }

func (p *person) visits() []visited {
	var log struct{ Items []visited }
	p.Call("GET", "/support-access/log", nil).Want(200).Into(&log)
	return log.Items
}

// S15: "Skolen kan til hver en tid åbne eller lukke for adgang."
func TestTheSchoolLetsSupportIn(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bo, oskar := openToSupport(t, s)
		carl := o.join(t, "Carl", "Krogh", object{"username": "ck", "roles": []string{"administrator"}})
		if a := carl.Call("GET", "/support-access", nil).Want(200); a.At("open") != false || a.At("until") != nil {
			t.Errorf("nobody has let support in: %s", a.Body)
		}
		if log := carl.visits(); len(log) != 0 {
			t.Errorf("nobody was there, but the log says %+v", log)
		}
		oskar.visit(intranetSchool).WantProblem(409, "support_closed")
		for _, wrong := range []time.Duration{-time.Hour, -time.Second, 31*24*time.Hour + time.Second} {
			o.first.letIn(o, wrong).WantProblem(422, "invalid").WantField("body.until")
		}
		o.first.Call("PUT", "/support-access", object{"open": true, "until": "tomorrow"}).WantProblem(422, "invalid").WantField("body.until")
		bo.letIn(o, time.Hour).WantProblem(403, "missing_right")
		oskar.visit(intranetSchool).WantProblem(409, "support_closed")

		day := o.first.Call("PUT", "/support-access", object{"open": true}).Want(200)
		if want := s.Clock.Now().UTC().Add(24 * time.Hour).Format(time.RFC3339); day.At("open") != true || day.Text("until") != want {
			t.Errorf("open without a time is %s, want until %s", day.Body, want)
		}
		o.first.letIn(o, 31*24*time.Hour).Want(200)
		o.first.letIn(o, time.Hour).Want(200)
		if m := s.Mail(t, "carl@nordbyskolen.example", "åbnet for supportadgang"); !strings.Contains(m.Text, "Ada First") {
			t.Errorf("Carl reads:\n%s", m.Text)
		}
		for _, wrong := range []string{"", " ", strings.Repeat("x", 5000)} {
			oskar.Call("POST", "/operator/organisations/"+intranetSchool+"/support-session", object{"reason": wrong}).
				WantProblem(422, "invalid").WantField("body.reason")
		}
		oskar.visit(intranetSchool).Want(201)
		for _, address := range []string{"ada@nordbyskolen.example", "carl@nordbyskolen.example"} {
			m := s.Mail(t, address, "supportmedarbejder er gået ind")
			if !strings.Contains(m.Text, "Oskar Support") || !strings.Contains(m.Text, "Ticket 4711") {
				t.Errorf("%s reads:\n%s", address, m.Text)
			}
		}
		o.first.letIn(o, 0).Want(200)
		s.Mail(t, "carl@nordbyskolen.example", "Supportadgangen")
		if a := carl.Call("GET", "/support-access", nil).Want(200); a.At("open") != false {
			t.Errorf("%s", a.Body)
		}
		carl.wantTrail(t, o, "/audit?action=support.",
			"support.closed", "support.entered", "support.opened", "support.opened", "support.opened")
	})
}

// S15: "… med administratorrettigheder uden om den sædvanlige adgangsstyring", but not past what is somebody's own.
func TestWhatSupportCanDo(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bo, oskar := openToSupport(t, s)
		o.first.guardBy("havnen-42-syd").Want(204) // which support is not told
		o.first.letIn(o, time.Hour).Want(200)
		before := oskar.Cookie("caretaker").Value
		in := oskar.visit(intranetSchool).Want(201)
		if oskar.Cookie("caretaker").Value == before {
			t.Error("the session at the school has the cookie of the operator's own")
		}
		for _, in := range []apptest.Answer{in, oskar.Call("GET", "/session", nil).Want(200)} {
			until := s.Clock.Now().UTC().Add(time.Hour).Format(time.RFC3339)
			if in.Text("support.supporter") != "Oskar Support" || in.Text("support.reason") != "Ticket 4711" || in.Text("support.until") != until {
				t.Errorf("the banner says %v", in.At("support"))
			}
			if in.Text("status") != "active" || in.Text("organisation.slug") != intranetSchool || in.Text("user.id") != oskar.id {
				t.Errorf("%s", in.Body)
			}
			if roles, _ := in.At("user.roles").([]any); len(roles) != 0 || in.At("user.admin") != false {
				t.Errorf("support staff have roles of the school: %v", in.At("user"))
			}
			if got := texts(in.At("rights")); !slices.Contains(got, "users.manage") || slices.Contains(got, "organisations.manage") {
				t.Errorf("support has the rights %v", got)
			}
		}
		if own := o.first.Call("GET", "/session", nil).Want(200); own.At("support") != nil {
			t.Errorf("Ada is shown the banner: %s", own.Body)
		}
		oskar.wantList(t, o, "", "Ada First", "Bo Kold")
		oskar.Call("GET", "/settings", nil).Want(200)
		oskar.Call("GET", "/audit", nil).Want(200)
		oskar.Call("GET", "/support-access/log", nil).Want(200)
		oskar.set(object{"sessions": object{"idleMinutes": 25}}).Want(200)
		oskar.Call("PATCH", "/users/"+bo.id, object{"title": "Lærer"}).Want(200)
		oskar.Call("POST", "/users/"+bo.id+"/suspend", nil).Want(200)
		bo.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")
		oskar.Call("POST", "/users/"+bo.id+"/reinstate", nil).Want(200)
	})
}

// S15: Whatever would let support in again later, or is somebody's own, is refused, however new it is.
func TestWhatSupportCannotDo(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bo, oskar := openToSupport(t, s)
		o.first.letIn(o, time.Hour).Want(200)
		oskar.visit(intranetSchool).Want(201)
		walked := 0
		for _, op := range httpapi.Operations() {
			if !op.Personal() {
				continue
			}
			walked++
			a := oskar.Call(op.Method, pathOf(op, bo.id), bodyOf(op))
			if a.Status != 403 || a.Text("code") != "not_for_support" {
				t.Errorf("support calls %s: got %d %s, want 403 not_for_support", op.ID, a.Status, a.Text("code"))
			}
		}
		if walked < 30 {
			t.Errorf("only %d operations were tried", walked)
		}
		// What is not told by its address.
		oskar.Call("PATCH", "/users/"+bo.id, object{"email": "oskar@platform.example"}).WantProblem(403, "not_for_support")
		oskar.Call("PATCH", "/users/"+bo.id, object{"email": " bo@Nordbyskolen.EXAMPLE ", "title": "Lærer"}).Want(200) // the same one
		oskar.set(object{"signIn": object{"secondFactor": "everybody"}}).WantProblem(403, "not_for_support")
		oskar.set(object{"passwords": object{"minLength": 9}}).WantProblem(403, "not_for_support")
		for _, a := range []apptest.Answer{
			oskar.Call("POST", "/session/confirm", object{"password": oskar.password}),
			oskar.Call("POST", "/session/elevate", object{"securityCode": "123456"}),
			oskar.Call("DELETE", "/session/elevate", nil),
			oskar.Call("POST", "/session/passkey/options", nil),
			oskar.Call("POST", "/session/passkey", object{"credential": object{}}),
		} {
			a.WantProblem(403, "not_for_support")
		}
		// The platform is outside, and so is every other organisation.
		next := openOrganisation(t, s, "soenderby", "Sønderbyskolen", "school-intranet", object{"firstAdministrator": object{
			"givenName": "Ada", "familyName": "Other", "email": "ada@soenderby.example", "username": "ao",
		}})
		next.first.letIn(next, time.Hour).Want(200)
		oskar.visit("soenderby").WantProblem(403, "missing_right")
		oskar.Call("GET", "/operator/organisations", nil).WantProblem(403, "missing_right")
		for _, id := range []string{next.first.id, oskar.id} {
			oskar.Call("GET", "/users/"+id, nil).WantProblem(404, "not_found")
			oskar.Call("POST", "/users/"+id+"/suspend", nil).WantProblem(404, "not_found")
		}
		oskar.wantList(t, o, "", "Ada First", "Bo Kold")
		s.SignsIn(t, intranetSchool, "bk", bo.password) // nothing was done on the way
	})
}

// S15: The cookie says where it is good; nothing that is written over it makes it good elsewhere.
func TestTheCookieOfASupportSessionIsGoodForOneOrganisation(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, _, oskar := openToSupport(t, s)
		next := openOrganisation(t, s, "soenderby", "Sønderbyskolen", "school-intranet", object{"firstAdministrator": object{
			"givenName": "Ada", "familyName": "Other", "email": "ada@soenderby.example", "username": "ao",
		}})
		o.first.letIn(o, time.Hour).Want(200)
		next.first.letIn(next, time.Hour).Want(200)
		own := oskar.Cookie("caretaker").Value
		oskar.visit(intranetSchool).Want(201)
		there := oskar.Cookie("caretaker").Value
		for _, altered := range []string{
			strings.Replace(there, intranetSchool, "soenderby", 1),
			strings.Replace(there, intranetSchool+".", "", 1),                 // as if it were the operator's own
			strings.Replace(there, intranetSchool+".operator", "operator", 1), // the same
			strings.Replace(there, ".operator", "", 1),                        // as if Oskar were the school's
			strings.Replace(there, ".operator", ".soenderby", 1),
			strings.Replace(there, intranetSchool, platform, 1),
			intranetSchool + "." + own, // the operator's own, as if a support session had begun
		} {
			b := s.Browser(t)
			b.SetCookie("caretaker", altered)
			b.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		}
		b := s.Browser(t)
		b.SetCookie("caretaker", there)
		b.Call("GET", "/session", nil).Want(200)
	})
}

// S15: "I log over supportadgang kan skolen følge med i, hvem der har benyttet serviceadgangen."
func TestTheSchoolReadsWhatSupportDid(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bo, oskar := openToSupport(t, s)
		o.first.letIn(o, time.Hour).Want(200)
		begun := s.Clock.Now().UTC()
		oskar.visit(intranetSchool).Want(201)
		oskar.Call("POST", "/users/"+bo.id+"/suspend", nil).Want(200)
		s.Clock.Advance(time.Minute)
		oskar.Call("DELETE", "/session", nil).Want(204)
		o.first.Call("POST", "/users/"+bo.id+"/reinstate", nil).Want(200)

		log := o.first.visits()
		if len(log) != 1 {
			t.Fatalf("one visit is %+v", log)
		}
		want := visited{
			ID: log[0].ID, Supporter: "Oskar Support", Reason: "Ticket 4711", StartedAt: begun.Format(time.RFC3339),
			Until: begun.Add(time.Hour).Format(time.RFC3339), EndedAt: begun.Add(time.Minute).Format(time.RFC3339),
		}
		if log[0] != want || log[0].ID == "" {
			t.Errorf("the log says %+v, want %+v", log[0], want)
		}
		// Each thing that was done says who did it, of which organisation, and in which visit.
		for _, path := range []string{"/audit", "/users/" + bo.id + "/audit"} {
			var trail struct {
				Items []struct {
					Action, Support, Note string
					Actor, Subject        struct{ ID, Organisation, Username, Name string }
				}
			}
			var done []string
			s.Await(t, func() bool {
				o.first.Call("GET", path, nil).Want(200).Into(&trail)
				done = nil
				for _, e := range trail.Items {
					if e.Support != "" {
						done = append(done, e.Action)
					}
				}
				return slices.Contains(done, "user.suspended")
			}, func() string { return fmt.Sprintf("%s tells of %v by support", path, done) })
			for _, e := range trail.Items {
				bySupport := e.Actor.ID == oskar.id && e.Actor.Organisation == platform && e.Actor.Name == "Oskar Support"
				if (e.Support == log[0].ID) != bySupport || e.Support != "" && !bySupport {
					t.Errorf("%s: %s by %+v in %q", path, e.Action, e.Actor, e.Support)
				}
				if e.Action == "support.entered" && e.Note != "Ticket 4711" {
					t.Errorf("the reason is %q", e.Note)
				}
				if e.Action == "user.suspended" && (e.Subject.ID != bo.id || e.Subject.Organisation != intranetSchool) {
					t.Errorf("%s: suspended was %+v", path, e.Subject)
				}
			}
			if path == "/audit" && !slices.Equal(done, []string{"support.left", "user.suspended", "support.entered"}) {
				t.Errorf("support did %v", done)
			}
		}
		bo = o.enter(t, bo)
		bo.Call("GET", "/support-access/log", nil).WantProblem(403, "missing_right")
		bo.Call("GET", "/support-access", nil).WantProblem(403, "missing_right")
	})
}

// S15: "Skolen kan til hver en tid åbne eller lukke": each way in which a support session ends is the end of it.
func TestHowASupportSessionEnds(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, _, oskar := openToSupport(t, s)
		for _, tt := range []struct {
			how   string
			end   func()
			noted bool // in the log, as somebody's doing
			undo  func()
		}{
			{how: "the school closes", end: func() { o.first.letIn(o, 0).Want(200) }, noted: true},
			{how: "the school sets another time", end: func() { o.first.letIn(o, time.Hour).Want(200) }, noted: true},
			{how: "support leaves", end: func() { oskar.Call("DELETE", "/session", nil).Want(204) }, noted: true},
			{
				how: "the operator is suspended", end: func() { s.Operator.Call("POST", "/users/"+oskar.id+"/suspend", nil).Want(200) },
				undo: func() { s.Operator.Call("POST", "/users/"+oskar.id+"/reinstate", nil).Want(200) },
			},
			{how: "the operator's sessions are ended", end: func() { s.Operator.Call("DELETE", "/users/"+oskar.id+"/sessions", nil).Want(204) }},
			{how: "its time is over", end: func() { s.Clock.Advance(10 * time.Minute) }},
		} {
			o.first.letIn(o, 10*time.Minute).Want(200)
			o.enterPlatform(t, oskar)
			oskar.visit(intranetSchool).Want(201)
			cookie := oskar.Cookie("caretaker").Value
			oskar.Call("GET", "/users", nil).Want(200)
			tt.end()
			wantOver := func() {
				t.Helper()
				b := s.Browser(t)
				b.SetCookie("caretaker", cookie)
				if a := b.Call("GET", "/users", nil); a.Status != 401 {
					t.Errorf("after %s: got %d: %s", tt.how, a.Status, a.Body)
				}
			}
			wantOver()
			if last := o.first.visits()[0]; (last.EndedAt != "") != tt.noted {
				t.Errorf("after %s the log says %+v", tt.how, last)
			}
			if tt.undo != nil {
				tt.undo()
				wantOver()
			}
			o.first.letIn(o, time.Hour).Want(200) // opened again, the old session stays closed
			wantOver()
		}
	})
}

// S15: Support staff are those whom the platform lets, and nobody goes in at home.
func TestWhoMayEnterForSupport(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o, bo, oskar := openToSupport(t, s)
		o.first.letIn(o, time.Hour).Want(200)
		for _, p := range []*person{o.first, bo} {
			p.visit(intranetSchool).WantProblem(403, "missing_right")
		}
		oskar.visit(platform).WantProblem(404, "not_found")
		oskar.visit("nowhere").WantProblem(404, "not_found")
		path := "/users/" + oskar.id + "/rights"
		s.Operator.Call("PUT", path, object{"grant": []string{}, "deny": []string{"support.enter"}}).Want(200)
		if a := oskar.visit(intranetSchool).WantProblem(403, "missing_right"); a.Text("right") != "support.enter" {
			t.Errorf("%s", a.Body)
		}
		oskar.Call("GET", "/operator/organisations", nil).Want(200) // all else goes on
		s.Operator.Call("PUT", path, object{"grant": []string{}, "deny": []string{}}).Want(200)
		oskar.visit(intranetSchool).Want(201)
		// It took the place of the session that Oskar had in that browser, and is not among the operator's own: there is one
		// elsewhere.
		elsewhere := o.enterPlatform(t, &person{username: oskar.username, password: oskar.password})
		var own struct{ Items []struct{ ID string } }
		elsewhere.Call("GET", "/me/sessions", nil).Want(200).Into(&own)
		if len(own.Items) != 1 {
			t.Errorf("Oskar, who signed in again elsewhere, has the sessions %+v", own.Items)
		}
	})
}
