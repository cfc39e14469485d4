package scenarios_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// Whom to ask, what the sign-in page shows, what the audit trail tells, and the user agreement.

// contactsAt lists the people named at a field of an answer.
func contactsAt(a apptest.Answer, field string) []string {
	var named []string
	list, _ := a.At(field).([]any)
	for _, item := range list {
		contact, _ := item.(object)
		name, _ := contact["name"].(string)
		named = append(named, name)
	}
	return named
}

// wantNamed fails the test unless these people are named as those to ask, in this order.
func wantNamed(t *testing.T, a apptest.Answer, field string, names ...string) {
	t.Helper()
	if got := contactsAt(a, field); !slices.Equal(got, names) {
		t.Errorf("%s names %v, want %v: %s", a.Asked, got, names, a.Body)
	}
}

// L19, section 2.3: "You must also provide to your users the contact details of your super users in the event of problems."
func TestWhomToAsk(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		dora := o.join(t, "Dora", "Deputy", object{"roles": []string{"LRBSuperUser"}, "telephone": "01305 555 0102"})
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		page := func() apptest.Answer {
			return s.Browser(t).Call("GET", "/organisations/"+college+"/sign-in", nil).Want(200)
		}
		wantNamed(t, page(), "contacts", "Ada First", "Dora Deputy")
		if list := page().At("contacts").([]any); !mapsTo(list[1], object{
			"name": "Dora Deputy", "email": "dora@" + college + ".example", "telephone": "01305 555 0102",
		}) {
			t.Errorf("Dora is shown as %v", list[1])
		}
		if got := page().Text("customerService"); got != "customer.service@caretaker.example" {
			t.Errorf("after them comes %q", got)
		}
		wantNamed(t, bob.Call("GET", "/contacts", nil).Want(200), "items", "Ada First", "Dora Deputy")
		// "… also when access is refused."
		o.first.take(bob.id, "suspend").Want(200)
		wantNamed(t, bob.SignIn(college, bob.username, bob.password).WantProblem(403, "suspended"), "contacts", "Ada First", "Dora Deputy")

		// Whoever cannot help is not named; who can is, at once.
		o.first.take(dora.id, "suspend").Want(200)
		wantNamed(t, page(), "contacts", "Ada First")
		o.first.take(dora.id, "reinstate").Want(200)
		o.first.take(dora.id, "archive").Want(200)
		wantNamed(t, page(), "contacts", "Ada First")
		o.first.take(dora.id, "restore").Want(200)
		o.first.Call("PATCH", "/users/"+dora.id, object{"familyName": "Abbot", "givenName": "Aaron"}).Want(200)
		wantNamed(t, page(), "contacts", "Aaron Abbot", "Ada First") // as they are called now
		o.first.setRoles(dora.id, "LRBOnlineUser").Want(200)
		wantNamed(t, page(), "contacts", "Ada First")
		o.first.take(bob.id, "reinstate").Want(200)
		o.first.setRoles(bob.id, "LRBSuperUser").Want(200)
		wantNamed(t, page(), "contacts", "Ada First", "Bob Boldwood")
		o.first.Call("DELETE", "/users/"+bob.id, nil).Want(204)
		wantNamed(t, page(), "contacts", "Ada First")

		s.Browser(t).Call("GET", "/organisations/no-such-college/sign-in", nil).WantProblem(404, "not_found")
		s.Browser(t).Call("GET", "/organisations/No%20Slug/sign-in", nil).WantProblem(404, "not_found")
	})
}

// mapsTo tells whether an object of an answer has these members and no others.
func mapsTo(got any, want object) bool {
	members, _ := got.(object)
	if len(members) != len(want) {
		return false
	}
	for name, value := range want {
		if members[name] != value {
			return false
		}
	}
	return true
}

// "Whatever your approach …": the people who help need not be the administrators.
func TestWhoHelpsIsTheOrganisationsToSay(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		desk := object{"name": "Help desk, North Quay", "email": "desk@casterbridge.example", "telephone": "01305 555 0100"}
		for field, wrong := range map[string][]object{
			"[0].name":      {{"name": ""}},
			"[1].email":     {desk, {"name": "Second", "email": "nowhere"}},
			"[0].telephone": {{"name": "Third", "telephone": "ask"}},
			"":              make([]object, 11),
		} {
			for i := range wrong {
				if wrong[i] == nil {
					wrong[i] = desk
				}
			}
			o.first.set(object{"contact": object{"people": wrong}}).WantProblem(422, "invalid").WantField("body.policy.contact.people" + field)
		}
		o.first.set(object{"contact": object{"people": []object{desk, {"name": "Caretaker's lodge"}}}}).Want(200)
		page := func() apptest.Answer {
			return s.Browser(t).Call("GET", "/organisations/"+college+"/sign-in", nil).Want(200)
		}
		named := []string{"Help desk, North Quay", "Caretaker's lodge"}
		wantNamed(t, page(), "contacts", named...)
		if list := page().At("contacts").([]any); !mapsTo(list[0], desk) || !mapsTo(list[1], object{"name": "Caretaker's lodge"}) {
			t.Errorf("shown are %v", list)
		}
		wantNamed(t, bob.Call("GET", "/contacts", nil).Want(200), "items", named...)
		o.first.take(bob.id, "suspend").Want(200)
		stranger := s.Browser(t)
		wantNamed(t, stranger.SignIn(college, bob.username, bob.password).WantProblem(403, "suspended"), "contacts", named...)
		o.guess(stranger, bob.username, collegeThreshold)
		wantNamed(t, stranger.SignIn(college, bob.username, "wrong").WantProblem(423, "locked"), "contacts", named...)
		o.first.set(object{"contact": object{"people": []object{}}}).Want(200)
		wantNamed(t, page(), "contacts", "Ada First")
	})
}

// Where names are not for everybody, whoever has not shown who they are is told of customer service alone.
func TestPeopleWhoAreNotNamedToEverybody(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		o.first.set(object{"contact": object{"hidden": true}}).Want(200)
		stranger := s.Browser(t)
		page := stranger.Call("GET", "/organisations/"+college+"/sign-in", nil).Want(200)
		wantNamed(t, page, "contacts", "Casterbridge College")
		if list := page.At("contacts").([]any); !mapsTo(list[0], object{
			"name": "Casterbridge College", "email": "customer.service@caretaker.example",
		}) {
			t.Errorf("shown is %v", list)
		}
		for _, name := range []string{bob.username, "nobody"} { // which anybody can bring about
			o.guess(stranger, name, collegeThreshold)
			barred := stranger.SignIn(college, name, "wrong").WantProblem(423, "locked")
			if strings.Contains(string(barred.Body), "Ada") || strings.Contains(string(barred.Body), "ada@") {
				t.Errorf("a stranger is told of Ada: %s", barred.Body)
			}
			wantNamed(t, barred, "contacts", "Casterbridge College")
		}
		wantNamed(t, bob.Call("GET", "/contacts", nil).Want(200), "items", "Ada First") // inside they are named
		o.first.Call("POST", "/users/"+bob.id+"/unlock", nil).Want(200)
		o.first.take(bob.id, "suspend").Want(200)
		wantNamed(t, stranger.SignIn(college, bob.username, bob.password).WantProblem(403, "suspended"), "contacts", "Ada First")

		o.first.set(object{"contact": object{"customerService": ""}}).Want(200)
		wantNamed(t, stranger.Call("GET", "/organisations/"+college+"/sign-in", nil).Want(200), "contacts")
	})
}

// S17: "Samme sted kan administrator ændre baggrunden i login-feltet."
func TestTheLookOfTheSignInPage(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		page := func() apptest.Answer {
			return s.Browser(t).Call("GET", "/organisations/"+intranetSchool+"/sign-in", nil).Want(200)
		}
		plain := page()
		if look, _ := plain.At("look").(object); plain.Text("name") != "Nordbyskolen" || plain.Text("language") != "da" || len(look) != 0 ||
			!slices.Equal(texts(plain.At("methods")), []string{"password", "passkey"}) || plain.At("federation") != nil {
			t.Errorf("%s", plain.Body)
		}
		look := object{
			"colour": "#0b5cad", "background": "#f3f5f7", "logo": "https://nordbyskolen.example/logo.png",
			"text": "Velkommen til Nordbyskolen.\nGæster henvender sig på kontoret.",
		}
		if a := o.first.set(object{"look": look}).Want(200); !mapsTo(a.At("policy.look"), look) {
			t.Errorf("%s", a.Body)
		}
		if a := page(); !mapsTo(a.At("look"), look) {
			t.Errorf("%s", a.Body)
		}
		for field, values := range map[string][]string{
			"colour":     {"blue", "#0b5ca", "0b5cad", "#0b5cadff", "#0b5cag", "red;background:url(x)", "#0b5cad\n"},
			"background": {"white", "var(--x)"},
			"logo": {
				"http://nordbyskolen.example/logo.png", "//nordbyskolen.example/logo.png", "logo.png", "javascript:alert(1)",
				"data:image/png;base64,AAAA", "https://", "https://user:secret@nordbyskolen.example/logo.png",
				"https://nordbyskolen.example/" + strings.Repeat("x", 500),
			},
			"text": {strings.Repeat("x", 501), "turned \u202e round", "bell \a"},
		} {
			for _, value := range values {
				a := o.first.set(object{"look": object{field: value}})
				if a.Status != 422 {
					t.Errorf("%s may be %q: %d", field, value, a.Status)
					continue
				}
				a.WantProblem(422, "invalid").WantField("body.policy.look." + field)
			}
		}
		// Every field that is wrong is named at once, and nothing of it is kept.
		o.first.set(object{"look": object{"colour": "blue", "background": "white", "logo": "x", "text": "\a"}}).WantProblem(422, "invalid").
			WantField("body.policy.look.colour").WantField("body.policy.look.background").
			WantField("body.policy.look.logo").WantField("body.policy.look.text")
		if a := page(); !mapsTo(a.At("look"), look) {
			t.Errorf("%s", a.Body)
		}
		o.first.wantTrail(t, o, "/audit?action=settings.changed", "settings.changed")
		o.first.set(object{"look": object{"colour": "", "background": "", "logo": "", "text": ""}}).Want(200)
		if got, _ := page().At("look").(object); len(got) != 0 {
			t.Errorf("%s", page().Body)
		}
	})
}

// L13: an audit of what users do, of which the guide says that "MIAP cannot give" it.
func TestTheTrailOfSignIns(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		una := o.join(t, "Una", "Online", roles("LRBOnlineUser"))
		s.Clock.Advance(time.Hour)
		morning := s.Clock.Now()
		bob.SignIn(college, bob.username, "wrong").Want(401)
		bob.Call("POST", "/session", object{"organisation": college, "username": bob.username, "password": bob.password},
			"User-Agent", "Bob's browser").Want(200)
		bob.Call("POST", "/session/agreement", object{"version": 1, "accepted": true}).Want(200)
		s.Clock.Advance(time.Hour)
		noon := s.Clock.Now()
		bob.Call("DELETE", "/session", nil).WantProblem(401, "not_signed_in") // idle for too long
		o.enter(t, bob)
		bob.Call("DELETE", "/session", nil).Want(204)
		o.enter(t, bob)
		o.enter(t, o.first)
		o.first.Call("PATCH", "/users/"+bob.id, object{"title": "Mr"}).Want(200)

		between := func(from, to time.Time) string {
			return url.Values{"from": {from.UTC().Format(time.RFC3339)}, "to": {to.UTC().Format(time.RFC3339)}}.Encode()
		}
		about := "/users/" + bob.id + "/audit?"
		in := []string{"signIn.succeeded", "agreement.accepted", "signIn.challenged"}
		atNine := append(slices.Clone(in), "signIn.failed")
		atNoon := append(append(append([]string{"user.changed"}, in...), "session.ended"), in...)
		got := o.first.wantTrail(t, o, about+between(morning, noon.Add(-time.Second)), atNine...)
		if e := got[0]; e.Subject.ID != bob.id || e.Subject.Name != "Bob Boldwood" || e.Actor.ID != bob.id || e.Address != "127.0.0.1" ||
			e.Note != "password" || e.At != morning.UTC().Format(time.RFC3339) || got[2].Agent != "Bob's browser" {
			t.Errorf("the trail says %+v", got)
		}
		o.first.wantTrail(t, o, about+between(noon, noon), atNoon...)
		o.first.wantTrail(t, o, about+between(noon.Add(time.Second), noon.Add(time.Hour)))
		o.first.wantTrail(t, o, about+between(noon, morning)) // the wrong way round: nothing
		o.first.wantTrail(t, o, about+"actor="+o.first.id, "user.changed", "user.created")
		o.first.wantTrail(t, o, about+"action=signIn.failed", "signIn.failed")
		o.first.wantTrail(t, o, about+"action=signIn")
		o.first.wantTrail(t, o, about+"action=signIn.&"+between(morning, noon.Add(-time.Second)), "signIn.succeeded", "signIn.challenged", "signIn.failed")

		// The organisation's whole trail, by the same filters.
		o.first.wantTrail(t, o, "/audit?action=signIn.failed", "signIn.failed")
		o.first.wantTrail(t, o, "/audit?subject="+bob.id+"&action=user.", "user.changed", "user.created")
		o.first.wantTrail(t, o, "/audit?subject="+bob.id+"&"+between(noon, noon), atNoon...)
		o.first.wantTrail(t, o, "/audit?actor="+una.id+"&action=agreement.", "agreement.accepted")
		o.first.wantTrail(t, o, "/audit?subject=nobody")

		// One's own, and no one else's.
		bob.wantTrail(t, o, "/me/audit?"+between(noon, noon), atNoon...)
		bob.Call("GET", "/audit", nil).WantProblem(403, "missing_right")
		if a := bob.Call("GET", "/users/"+una.id+"/audit", nil).WantProblem(403, "missing_right"); a.Text("right") != "audit.view" {
			t.Errorf("%s", a.Body)
		}
		bob.Call("GET", "/me/audit?subject="+una.id, nil) // whatever is asked for
		for _, e := range bob.trail("/me/audit?limit=200&subject=" + una.id) {
			if e.Subject.ID != bob.id {
				t.Errorf("Bob reads of %+v", e)
			}
		}
		// It outlives the account.
		o.first.Call("DELETE", "/users/"+bob.id, nil).Want(204)
		o.first.Call("GET", "/users/"+bob.id+"/audit", nil).WantProblem(404, "not_found")
		last := o.first.wantTrail(t, o, "/audit?action=user.&limit=1&subject="+bob.id, "user.deleted")
		if last[0].Subject.Username != bob.username || last[0].Before["email"] == "" {
			t.Errorf("of the deletion the trail says %+v", last[0])
		}
	})
}

// A page at a time, whatever the filter, each entry comes once, newest first.
func TestPagesOfTheTrail(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		for i := range 12 {
			s.Clock.Advance(time.Second)
			s.Browser(t).SignIn(o.slug, fmt.Sprintf("nobody%d", i/2), "wrong").Want(401)
			if i%3 == 0 {
				o.enter(t, bk)
			}
		}
		whole := map[string]int{
			"/audit?": 0, "/audit?action=signIn.": 16, "/audit?action=signIn.failed": 12, "/audit?actor=" + bk.id: 0,
			"/audit?subject=" + bk.id: 0, "/users/" + bk.id + "/audit?action=signIn.succeeded": 5,
		}
		for path, least := range whole {
			all := o.first.trail(path + "&limit=200")
			if len(all) < max(least, 4) {
				t.Errorf("%s has %d entries only", path, len(all))
			}
			if !slices.IsSortedFunc(all, func(a, b entry) int { return strings.Compare(b.ID, a.ID) }) {
				t.Errorf("%s is not newest first", path)
			}
			for _, limit := range []int{1, 3, len(all), len(all) + 1} {
				if got := o.first.pages(t, path, limit); !slices.EqualFunc(got, all, func(a, b entry) bool { return a.ID == b.ID }) {
					t.Errorf("%s in pages of %d has %d entries, want %d", path, limit, len(got), len(all))
				}
			}
		}
		for _, damaged := range []string{"x", "01kd", strings.Repeat("0", 26) + "1", strings.Repeat("Z", 26), "%00", "01kd0000000000000000000u00"} {
			for _, path := range []string{"/audit?", "/users/" + bk.id + "/audit?", "/me/audit?"} {
				o.first.Call("GET", path+"cursor="+damaged, nil).WantProblem(422, "invalid_cursor").WantField("query.cursor")
			}
		}
		for _, wrong := range []string{"limit=0", "limit=201", "from=yesterday", "to=1"} {
			o.first.Call("GET", "/audit?"+wrong, nil).WantProblem(422, "invalid")
		}
	})
}

// pages reads a trail page by page to its end.
func (p *person) pages(t *testing.T, path string, limit int) []entry {
	t.Helper()
	var all []entry
	cursor := ""
	for range 200 {
		var page struct {
			Items      []entry
			NextCursor string
		}
		p.Call("GET", fmt.Sprintf("%s&limit=%d&cursor=%s", path, limit, url.QueryEscape(cursor)), nil).Want(200).Into(&page)
		if len(page.Items) > limit {
			t.Fatalf("%s: a page of %d has %d", path, limit, len(page.Items))
		}
		all = append(all, page.Items...)
		if cursor = page.NextCursor; cursor == "" {
			return all
		}
	}
	t.Fatalf("%s: no end in sight", path)
	return nil
}

// L6: how often the agreement is put before a user is the organisation's to say.
func TestHowOftenTheAgreementIsPut(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		asked := func(why string, want bool) {
			t.Helper()
			in := bob.SignIn(college, bob.username, bob.password).Want(200)
			if got := in.Text("challenge.kind") == "agreement"; got != want {
				t.Errorf("%s: asked %t, want %t: %s", why, got, want, in.Body)
			}
			if in.Text("challenge.kind") == "agreement" {
				bob.Call("POST", "/session/agreement", object{"version": in.At("challenge.version"), "accepted": true}).Want(200)
			}
			s.Clock.Advance(time.Second)
		}
		publish := func(text string) {
			o.first.Call("POST", "/agreement", object{"short": text, "long": text}).Want(201)
		}
		asked("each sign-in", true)
		asked("each sign-in", true)
		o.first.set(object{"agreement": object{"when": "once"}}).Want(200)
		asked("once, and accepted before", false)
		publish("Second version")
		asked("once, with a new version", false)
		o.first.set(object{"agreement": object{"when": "eachVersion"}}).Want(200)
		asked("each version, and this one is new", true)
		asked("each version, and this one was accepted", false)
		publish("Third version")
		asked("each version, and the next one is new", true)
		o.first.set(object{"agreement": object{"when": "never"}}).Want(200)
		publish("Fourth version")
		asked("never", false)
		o.first.set(object{"agreement": object{"when": "now and then"}}).WantProblem(422, "invalid").WantField("body.policy.agreement.when")

		// The history says which version, and when, the newest version first.
		for who, path := range map[*person]string{bob: "/me/agreements", o.first: "/users/" + bob.id + "/agreements"} {
			var list struct {
				Items []struct {
					Version    int
					AcceptedAt time.Time
				}
			}
			who.Call("GET", path, nil).Want(200).Into(&list)
			var versions []int
			for i, a := range list.Items {
				versions = append(versions, a.Version)
				if i > 0 && a.AcceptedAt.After(list.Items[i-1].AcceptedAt) {
					t.Errorf("%s is not newest first: %v", path, list.Items)
				}
			}
			if !slices.Equal(versions, []int{3, 2, 1, 1, 1}) {
				t.Errorf("%s tells of %v", path, list.Items)
			}
		}
		bob.Call("GET", "/users/"+o.first.id+"/agreements", nil).WantProblem(403, "missing_right")
	})
}

func TestRefusingTheAgreement(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		b := s.Browser(t)
		b.SignIn(college, bob.username, bob.password).Want(200)
		cookie := b.Cookie("caretaker")
		b.Call("GET", "/me/agreements", nil).WantProblem(403, "challenge_pending")
		out := b.Call("POST", "/session/agreement", object{"version": 1, "accepted": false}).Want(200)
		if out.Text("status") != "ended" || out.At("user") != nil || len(b.Cookies()) != 0 {
			t.Errorf("%s, cookies %v", out.Body, b.Cookies())
		}
		b.SetCookie(cookie.Name, cookie.Value)
		b.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		b.Call("POST", "/session/agreement", object{"version": 1, "accepted": true}).WantProblem(401, "not_signed_in")
		bob.Call("GET", "/me", nil).Want(200) // the other session is not touched
		o.first.wantTrail(t, o, "/users/"+bob.id+"/audit?action=agreement.", "agreement.refused", "agreement.accepted")
		if list := bob.Call("GET", "/me/agreements", nil).Want(200).At("items").([]any); len(list) != 1 {
			t.Errorf("%v is kept as accepted", list)
		}
		// Somebody who refused has not signed in there: the browser is a stranger's.
		o.guess(s.Browser(t), bob.username, collegeThreshold)
		wantBarred(t, b.SignIn(college, bob.username, bob.password), 0)
	})
}

// An organisation without conditions of use has nothing to put before its users.
func TestNoAgreementCanBeDemandedBeforeOneIsPublished(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		for _, when := range []string{"once", "eachVersion", "eachSignIn"} {
			o.first.set(object{"agreement": object{"when": when}}).WantProblem(422, "invalid").WantField("body.policy.agreement.when")
		}
		o.first.Call("GET", "/agreement", nil).WantProblem(404, "not_found")
		if in := s.Browser(t).SignIn(o.slug, "af", o.first.password).Want(200); in.Text("status") != "active" {
			t.Errorf("%s", in.Body)
		}
	})
}
