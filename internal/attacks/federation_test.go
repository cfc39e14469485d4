package attacks_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/infra/emulators/openid/openidtest"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/httpapi"
)

const clientSecret = "s3cret-between-school-and-provider"

// federate gives the organisation an OpenID provider beside passwords.
func (o *organisation) federate(t *testing.T) *openidtest.Provider {
	t.Helper()
	p := openidtest.New(t, emulatortest.OpenID(t))
	p.SetClient(t, openidtest.Client{ID: "caretaker", Secret: clientSecret, RedirectURIs: []string{o.URL + httpapi.CallbackPath}})
	o.head.Call("PUT", "/identity-provider", object{
		"label": "UNI-Login", "issuer": p.Issuer, "clientId": "caretaker", "clientSecret": clientSecret,
		"claim": "preferred_username", "match": "username",
	}).Want(200)
	o.change(t, "signIn", "methods", []string{"password", "federated"})
	return p
}

// leave sends a browser to the provider, where somebody signs in, and returns the address that it is sent back to.
func (o *organisation) leave(t *testing.T, provider *openidtest.Provider, b *apptest.Browser, username string) string {
	t.Helper()
	left := b.Call("GET", "/session/federation/"+o.slug, nil).Want(http.StatusSeeOther)
	provider.SetClock(t, o.Clock.Now())
	provider.SetAccount(t, "subject-"+username, map[string]any{"preferred_username": username})
	provider.NextSignIn(t, "subject-"+username)
	return strings.TrimPrefix(provider.SignIn(t, left.Header.Get("Location")).RequestURI(), "/api/v1")
}

// comeBack follows that address, and tells how it went: "" for in, or the problem that the sign-in page is told.
func (o *organisation) comeBack(t *testing.T, b *apptest.Browser, path string) string {
	t.Helper()
	to := b.Call("GET", path, nil).Want(http.StatusSeeOther).Header.Get("Location")
	if to == o.URL+"/" {
		return ""
	}
	for _, page := range []string{o.URL + "/?problem=", o.URL + "/o/" + o.slug + "?problem="} {
		if problem, found := strings.CutPrefix(to, page); found {
			return problem
		}
	}
	t.Errorf("sent to %q", to)
	return "nowhere"
}

// elsewhere is what an attacker adds to a link in the hope of being redirected to: parameters that other services take, and
// what proxies tell of the host.
func elsewhere(r *http.Request) {
	q := r.URL.Query()
	for _, name := range []string{
		"returnTo", "return_to", "return", "redirect", "redirect_uri", "redirectUri", "next", "url", "continue", "target",
		"RelayState", "post_login_redirect_uri", "callback", "iss",
	} {
		q.Set(name, "https://attacker.example/")
	}
	r.URL.RawQuery = q.Encode()
	r.Host = "attacker.example"
	for name, value := range map[string]string{
		"X-Forwarded-Host": "attacker.example", "X-Forwarded-Proto": "javascript", "X-Original-Host": "attacker.example",
		"Forwarded": "host=attacker.example", "X-Original-URL": "https://attacker.example/", "Referer": "https://attacker.example/",
	} {
		r.Header.Set(name, value)
	}
}

func TestOpenRedirect(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		provider := o.federate(t)
		away := ask(t, s, http.MethodGet, "/session/federation/"+school, "", elsewhere)
		to, err := url.Parse(away.header.Get("Location"))
		if err != nil || away.status != http.StatusSeeOther || !strings.HasPrefix(to.String(), provider.Issuer+"/") {
			t.Fatalf("sent to %q (%v), want the provider: %d %s", to, err, away.status, away.body)
		}
		if to.Query().Get("redirect_uri") != s.URL+httpapi.CallbackPath || strings.Contains(to.String(), "attacker") {
			t.Errorf("the provider is told to send people back to %q", to)
		}
		for _, slug := range []string{
			"%2f%2fattacker.example", "https:%2f%2fattacker.example", "..%2f..%2fattacker.example", "attacker.example",
			school + "%0d%0aLocation:%20https://attacker.example", school + "@attacker.example", "%5c%5cattacker.example",
		} {
			a := ask(t, s, http.MethodGet, "/session/federation/"+slug, "", elsewhere)
			if a.status != http.StatusNotFound || a.header.Get("Location") != "" {
				t.Errorf("%s: got %d, sent to %q", slug, a.status, a.header.Get("Location"))
			}
		}
		for _, query := range []string{
			"", "?state=junk&code=junk", "?state=https://attacker.example", "?state=%0d%0aLocation:%20https://attacker.example",
			"?error=access_denied&error_uri=https://attacker.example", "?state=//attacker.example&code=x&iss=https://attacker.example",
		} {
			a := ask(t, s, http.MethodGet, "/session/federation/callback"+query, "", elsewhere)
			if got := a.header.Get("Location"); a.status != http.StatusSeeOther || got != s.URL+"/?problem=identity_refused" {
				t.Errorf("%s: got %d, sent to %q", query, a.status, got)
			}
		}
		a := ask(t, s, http.MethodGet, "/session/federation/callback?state="+strings.Repeat("x", 3000), "", elsewhere)
		if a.status != http.StatusUnprocessableEntity || a.header.Get("Location") != "" {
			t.Errorf("a long state: got %d, sent to %q", a.status, a.header.Get("Location"))
		}
	})
}

// Also somebody who does get in is sent to the service, whatever is added to the way back.
func TestOpenRedirectOnTheWayIn(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		provider := o.federate(t)
		p, b := o.add(t, "minnie"), s.Browser(t)
		back := o.leave(t, provider, b, p.username)
		a := ask(t, s, http.MethodGet, back, "", func(r *http.Request) {
			q := r.URL.Query()
			elsewhere(r)
			all := r.URL.Query()
			all.Set("iss", q.Get("iss")) // what the provider says of itself is compared
			r.URL.RawQuery = all.Encode()
			r.Header.Set("Cookie", "caretaker-flow="+b.Cookie("caretaker-flow").Value)
		})
		if got := a.header.Get("Location"); got != s.URL+"/" {
			t.Errorf("sent to %q", got)
		}
	})
}

func TestReplayOfASignInElsewhere(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		provider := o.federate(t)
		o.add(t, "minnie")
		o.add(t, "mallory")

		b := s.Browser(t)
		back := o.leave(t, provider, b, "minnie")
		flow := b.Cookie("caretaker-flow").Value
		if problem := o.comeBack(t, b, back); problem != "" {
			t.Fatal(problem)
		}
		b.SetCookie("caretaker-flow", flow)
		if problem := o.comeBack(t, b, back); problem != "identity_refused" {
			t.Errorf("coming back twice: %q", problem)
		}

		// Somebody else has the address, from a log or over a shoulder, but not the browser.
		b = s.Browser(t)
		back = o.leave(t, provider, b, "minnie")
		if problem := o.comeBack(t, s.Browser(t), back); problem != "identity_refused" {
			t.Errorf("in another browser: %q", problem)
		}

		// The attacker's own way back is planted in the victim's browser, which is on its way too: the victim would work in
		// the attacker's account without noticing.
		victim := s.Browser(t)
		o.leave(t, provider, victim, "minnie")
		planted := o.leave(t, provider, s.Browser(t), "mallory")
		if problem := o.comeBack(t, victim, planted); problem != "identity_refused" {
			t.Errorf("the attacker's way back in the victim's browser: %q", problem)
		}
		victim.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")

		late := s.Browser(t)
		back = o.leave(t, provider, late, "minnie")
		flow = late.Cookie("caretaker-flow").Value
		s.Clock.Advance(10 * time.Minute)
		late.SetCookie("caretaker-flow", flow) // browsers forget it, attackers do not
		if problem := o.comeBack(t, late, back); problem != "identity_refused" {
			t.Errorf("ten minutes later: %q", problem)
		}
	})
}

func TestASignInElsewhereUsedManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		provider := o.federate(t)
		o.add(t, "minnie")
		b := s.Browser(t)
		back := o.leave(t, provider, b, "minnie")
		flow := b.Cookie("caretaker-flow").Value
		browsers := make([]*apptest.Browser, uses)
		atOnce(uses, func(i int) apptest.Answer {
			browsers[i] = s.Browser(t)
			browsers[i].SetCookie("caretaker-flow", flow)
			return browsers[i].Call("GET", back, nil)
		})
		in := 0
		for _, b := range browsers {
			if b.Call("GET", "/session", nil).Status == http.StatusOK {
				in++
			}
		}
		if in != 1 {
			t.Errorf("%d sessions, want one", in)
		}
	})
}

// The provider vouches for the password alone: whoever has a second factor here shows it. And once a school has given
// passwords up, none of the ways that lead to one is left.
func TestMixingTheWaysIn(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		provider := o.federate(t)
		p := o.join(t, "minnie")
		o.useApp(t, p)
		b := s.Browser(t)
		if problem := o.comeBack(t, b, o.leave(t, provider, b, p.username)); problem != "" {
			t.Fatal(problem)
		}
		if in := b.Call("GET", "/session", nil).Want(200); in.Text("challenge.kind") != "totp" {
			t.Errorf("without a second factor: %s", in.Body)
		}
		b.Call("POST", "/session/totp", object{"code": o.code(t, p)}).Want(200)
		b.Call("PUT", "/me/password", object{
			"currentPassword": p.password, "newPassword": "Velvet-comet-17", "repeatPassword": "Velvet-comet-17",
		}).WantProblem(409, "password_kept_elsewhere")
		b.Call("POST", "/session/password", apptest.NewPassword("Velvet-comet-17")).WantProblem(409, "no_such_challenge")

		link := o.newLink(t, p)
		o.head.Browser = s.Browser(t)
		if problem := o.comeBack(t, o.head.Browser, o.leave(t, provider, o.head.Browser, o.head.username)); problem != "" {
			t.Fatal(problem)
		}
		o.change(t, "signIn", "methods", []string{"federated"})
		s.Browser(t).SignIn(school, p.username, p.password).WantProblem(409, "password_kept_elsewhere")
		s.Browser(t).Call("POST", "/password-resets/confirm", chosenBy(link, "Velvet-comet-17")).WantProblem(422, "invalid_link")
		s.Browser(t).Call("POST", "/passkey-sign-in/options", object{"organisation": school}).WantProblem(409, "method_not_offered")
		o.head.Call("POST", "/users/"+p.id+"/password-reset", nil).WantProblem(409, "password_kept_elsewhere")
	})
}

// A link in a mail begins with the base URL, whatever the request that asked for the mail says of the host.
func TestPoisonedLinks(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		p := o.join(t, "minnie")
		a := ask(t, s, http.MethodPost, "/password-resets", text(t, linkByName(p)), elsewhere)
		if a.status != http.StatusAccepted {
			t.Fatalf("%d %s", a.status, a.body)
		}
		cookie := o.head.Cookie("caretaker").Value
		a = ask(t, s, http.MethodPost, "/users", text(t, object{
			"givenName": "Roger", "familyName": "Wright", "email": "roger@" + school + ".example", "username": "roger",
		}), func(r *http.Request) { elsewhere(r); with(cookie)(r) })
		if a.status != http.StatusCreated {
			t.Fatalf("%d %s", a.status, a.body)
		}
		for to, subject := range map[string]string{p.email: "Choose a new", "roger@" + school + ".example": "account"} {
			m := s.Mail(t, to, subject)
			if whole := m.Text + m.HTML; !strings.Contains(m.Text, s.URL+"/o/"+school) || strings.Contains(whole, "attacker") {
				t.Errorf("%s is mailed %s\n%s", to, m.Text, m.HTML)
			}
		}
	})
}
