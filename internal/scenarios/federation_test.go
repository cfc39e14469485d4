package scenarios_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/infra/emulators/openid/openidtest"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// "Almindeligt login eller UNI-login": the school chooses passwords, a central identity, or both (rows S1 and S6).

// federated is an intranet whose staff can also sign in with a central identity.
type federated struct {
	*organisation
	provider *openidtest.Provider
}

func openFederated(t *testing.T, s *apptest.Stack) *federated {
	t.Helper()
	f := &federated{provider: openidtest.New(t, emulatortest.OpenID(t))}
	f.organisation = openOrganisation(t, s, "havnegade", "Havnegade Skole", "school-intranet", object{
		"firstAdministrator": object{"givenName": "Ada", "familyName": "First", "email": "ada@havnegade.example", "username": "af"},
	})
	f.provider.SetClient(t, openidtest.Client{ID: "caretaker", Secret: "s3cret-of-the-client", RedirectURIs: []string{s.URL + httpapi.CallbackPath}})
	f.setUp(t, nil)
	f.settings(t, func(policy object) { policy["signIn"].(object)["methods"] = []string{"password", "federated"} })
	return f
}

// setUp enters the provider, with something else than usual.
func (f *federated) setUp(t *testing.T, change object) {
	t.Helper()
	body := object{
		"label": "UNI-Login", "issuer": f.provider.Issuer, "clientId": "caretaker", "clientSecret": "s3cret-of-the-client",
		"claim": "preferred_username", "match": "username",
	}
	maps.Copy(body, change)
	f.first.Call("PUT", "/identity-provider", body).Want(200)
}

// settings changes the policy of an organisation by its first administrator.
func (o *organisation) settings(t *testing.T, change func(policy object)) apptest.Answer {
	t.Helper()
	var settings struct{ Policy object }
	o.first.Call("GET", "/settings", nil).Want(200).Into(&settings)
	change(settings.Policy)
	return o.first.Call("PUT", "/settings", object{"policy": settings.Policy})
}

// teacher adds Lise Madsen by her initials, with a central identity of the same name.
func (f *federated) teacher(t *testing.T) *person {
	t.Helper()
	f.provider.SetAccount(t, "sub-of-lm", map[string]any{
		"preferred_username": "lm", "email": "lm@havnegade.example", "email_verified": true,
	})
	return f.add("Lise", "Madsen", object{"username": "lm", "email": "lm@havnegade.example"})
}

// goThere takes a browser to the provider, where the account with the subject signs in, and back to our door.
func (f *federated) goThere(t *testing.T, b *apptest.Browser, sub string) apptest.Answer {
	t.Helper()
	left := b.Call("GET", "/session/federation/"+f.slug, nil).Want(http.StatusSeeOther)
	f.provider.NextSignIn(t, sub)
	back := f.provider.SignIn(t, left.Header.Get("Location"))
	return f.comeBack(b, back)
}

func (f *federated) comeBack(b *apptest.Browser, back *url.URL) apptest.Answer {
	return b.Call("GET", strings.TrimPrefix(back.RequestURI(), "/api/v1"), nil)
}

// wantRefused fails the test unless the browser is sent to the sign-in page with this problem, and is not signed in.
func (f *federated) wantRefused(t *testing.T, b *apptest.Browser, a apptest.Answer, code string) {
	t.Helper()
	if got := a.Want(http.StatusSeeOther).Header.Get("Location"); got != f.URL+"/o/"+f.slug+"?problem="+code {
		t.Errorf("sent to %q, want the sign-in page with %s", got, code)
	}
	b.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
}

func TestSigningInWithACentralIdentity(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		f := openFederated(t, s)
		f.teacher(t)
		entrance := f.Browser(t).Call("GET", "/organisations/havnegade/sign-in", nil).Want(200)
		if entrance.Text("federation.label") != "UNI-Login" || entrance.Text("federation.url") != "/api/v1/session/federation/havnegade" {
			t.Errorf("the sign-in page is told %s", entrance.Body)
		}
		b := f.Browser(t)
		in := f.goThere(t, b, "sub-of-lm").Want(http.StatusSeeOther)
		if in.Header.Get("Location") != f.URL+"/" {
			t.Errorf("sent to %q", in.Header.Get("Location"))
		}
		session := b.Call("GET", "/session", nil).Want(200)
		if session.Text("status") != "active" || session.Text("method") != "federated" || session.Text("user.username") != "lm" {
			t.Errorf("%s", session.Body) // the initial password, which lm never saw, is in nobody's way
		}
		if m := f.Mail(t, "lm@havnegade.example", "En ny måde at logge ind"); !strings.Contains(m.Text, "UNI-Login") {
			t.Error(m.Text)
		}
		// S6: "Adgangskoden kan altså ikke ændres i SkoleIntra."
		told := b.Call("PUT", "/me/password", object{"currentPassword": "x", "newPassword": "y", "repeatPassword": "y"}).
			WantProblem(409, "password_kept_elsewhere")
		if !strings.Contains(told.Text("detail"), "UNI-Login") {
			t.Errorf("not told where the password is: %s", told.Body)
		}
		if a := f.first.Call("GET", "/identity-provider", nil).Want(200); strings.Contains(string(a.Body), "s3cret") ||
			a.At("provider.clientSecretSet") != true {
			t.Errorf("%s", a.Body)
		}
	})
}

func TestASchoolChoosesHowOneSignsIn(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		f := openFederated(t, s)
		lise := f.teacher(t)
		f.Browser(t).SignIn(f.slug, lise.username, lise.password).Want(200) // either serves
		onlyCentral := func(policy object) { policy["signIn"].(object)["methods"] = []string{"federated"} }
		f.settings(t, onlyCentral).WantProblem(409, "try_federated_first") // or a slip in the setup would lock everybody out
		f.provider.SetAccount(t, "sub-of-af", map[string]any{"preferred_username": "AF"})
		f.first.Browser = f.Browser(t)
		f.goThere(t, f.first.Browser, "sub-of-af")
		f.settings(t, onlyCentral).Want(200)

		f.Browser(t).SignIn(f.slug, lise.username, lise.password).WantProblem(409, "password_kept_elsewhere")
		f.first.Call("POST", "/users/"+lise.id+"/password-reset", nil).WantProblem(409, "password_kept_elsewhere")
		f.Browser(t).Call("POST", "/password-resets", object{"organisation": f.slug, "username": "lm"}).Want(202)
		if m := f.Mail(t, "lm@havnegade.example", "ikke sin egen adgangskode"); strings.Contains(m.Text, "token=") || !strings.Contains(m.Text, "UNI-Login") {
			t.Errorf("the mail says: %s", m.Text)
		}
		f.first.Call("DELETE", "/identity-provider", nil).WantProblem(422, "invalid") // while it is the way in
		f.settings(t, func(policy object) { policy["signIn"].(object)["methods"] = []string{"password"} }).Want(200)
		f.Browser(t).Call("GET", "/session/federation/"+f.slug, nil).WantProblem(409, "method_not_offered")
		f.first.Call("DELETE", "/identity-provider", nil).Want(204)
	})
}

func TestWhomTheProviderNamesIsLookedAtClosely(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		f := openFederated(t, s)
		lise := f.teacher(t)
		stranger := f.Browser(t)
		f.provider.SetAccount(t, "unknown", map[string]any{"preferred_username": "xx"})
		f.wantRefused(t, stranger, f.goThere(t, stranger, "unknown"), "identity_refused")

		f.goThere(t, f.Browser(t), "sub-of-lm") // from now on lm is the person with this subject
		f.provider.SetAccount(t, "another-person", map[string]any{"preferred_username": "lm"})
		f.wantRefused(t, stranger, f.goThere(t, stranger, "another-person"), "identity_refused")
		f.first.Call("POST", "/users/"+lise.id+"/identity-reset", nil).Want(200)
		f.goThere(t, stranger, "another-person")
		stranger.Call("GET", "/session", nil).Want(200)

		f.first.Call("POST", "/users/"+lise.id+"/suspend", nil).Want(200)
		stranger.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		f.wantRefused(t, stranger, f.goThere(t, stranger, "another-person"), "suspended")
		f.first.Call("POST", "/users/"+lise.id+"/reinstate", nil).Want(200)

		// Only addresses of the school's own domain, as the provider has verified them.
		f.setUp(t, object{"domains": []string{"havnegade.example"}, "match": "email", "claim": "email", "clientSecret": nil})
		for name, row := range map[string]struct {
			claims map[string]any
			in     bool
		}{
			"verified":             {map[string]any{"email": "lm@havnegade.example", "email_verified": true}, true},
			"not verified":         {map[string]any{"email": "lm@havnegade.example", "email_verified": false}, false},
			"of another domain":    {map[string]any{"email": "lm@evil.example", "email_verified": true}, false},
			"nobody's address":     {map[string]any{"email": "zz@havnegade.example", "email_verified": true}, false},
			"without that claim":   {map[string]any{"preferred_username": "lm"}, false},
			"in another spelling":  {map[string]any{"email": "LM@HAVNEGADE.example", "email_verified": true}, true},
			"a domain in the name": {map[string]any{"email": "lm@havnegade.example@evil.example", "email_verified": true}, false},
		} {
			f.provider.SetAccount(t, "another-person", row.claims)
			b := f.Browser(t)
			f.goThere(t, b, "another-person")
			if in := b.Call("GET", "/session", nil).Status == 200; in != row.in {
				t.Errorf("an address %s gets in: %t", name, in)
			}
		}
	})
}

func TestASignInElsewhereKeepsTheSecondFactor(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		f := openFederated(t, s)
		lise := f.enter(t, f.teacher(t))
		secret := lise.Call("POST", "/me/totp", nil).Want(200).Text("secret")
		lise.Call("POST", "/me/totp/confirm", object{"code": codeAt(t, s, secret)}).Want(200)
		b := f.Browser(t)
		f.goThere(t, b, "sub-of-lm").Want(http.StatusSeeOther)
		if a := b.Call("GET", "/session", nil).Want(200); a.Text("challenge.kind") != "totp" {
			t.Errorf("the second factor is got round: %s", a.Body)
		}
		b.Call("GET", "/me", nil).WantProblem(403, "challenge_pending")
	})
}

func TestAProviderThatCannotBeUsedIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		f := openFederated(t, s)
		for name, body := range map[string]object{
			"no provider":     {"label": "X", "issuer": f.URL, "clientId": "c", "claim": "sub", "match": "username"},
			"another issuer":  {"label": "X", "issuer": f.provider.Issuer + "/more", "clientId": "c", "claim": "sub", "match": "username"},
			"a private place": {"label": "X", "issuer": "https://10.0.0.1", "clientId": "c", "claim": "sub", "match": "username"},
			"no address":      {"label": "X", "issuer": "login", "clientId": "c", "claim": "sub", "match": "username"},
		} {
			if a := f.first.Call("PUT", "/identity-provider", body); a.Status != 422 {
				t.Errorf("%s: %d %s", name, a.Status, a.Body)
			} else {
				a.WantField("body.issuer")
			}
		}
		f.provider.SetOutage(t, true)
		b := f.Browser(t)
		if a := b.Call("GET", "/session/federation/"+f.slug, nil); !slices.Contains([]int{303, 503}, a.Status) { // metadata may be known still
			t.Errorf("%d %s", a.Status, a.Body)
		}
		f.first.Call("GET", "/settings", nil).Want(200) // nothing was changed by all that
		if a := f.first.Call("GET", "/identity-provider", nil).Want(200); a.Text("provider.label") != "UNI-Login" {
			t.Errorf("%s", a.Body)
		}
	})
}
