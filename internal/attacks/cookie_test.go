package attacks_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/host"
)

// wantNobody fails the test if the cookie opens anything.
func wantNobody(t *testing.T, s *apptest.Stack, what, cookie string) {
	t.Helper()
	if a := ask(t, s, http.MethodGet, "/session", "", with(cookie)); a.status != http.StatusUnauthorized {
		t.Errorf("%s: got %d: %s", what, a.status, a.body)
	}
}

func wantSomebody(t *testing.T, s *apptest.Stack, what, cookie string) {
	t.Helper()
	if a := ask(t, s, http.MethodGet, "/session", "", with(cookie)); a.status != http.StatusOK {
		t.Errorf("%s: got %d: %s", what, a.status, a.body)
	}
}

// An attacker plants a cookie in the victim's browser, made up or their own, and waits until the victim has signed in.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		attacker, victim := o.join(t, "roger"), o.join(t, "minnie")
		newDevice(s, victim.id).register(t, victim)
		for what, planted := range map[string]string{
			"made up":          school + "." + victim.id + "." + strings.Repeat("A", 43),
			"the attacker's":   attacker.Cookie("caretaker").Value,
			"no cookie at all": "",
		} {
			b := s.Browser(t)
			b.SetCookie("caretaker", planted)
			b.SignIn(school, victim.username, victim.password).Want(200)
			if b.Cookie("caretaker").Value == planted {
				t.Errorf("%s: the planted cookie is now the victim's", what)
			}
			wantNobody(t, s, what, planted) // the session that was there before is over
		}
	})
}

// Each step that proves more than before begins a session of its own; the former one opens nothing any more.
func TestTheCookieChangesWithWhatIsProved(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		p := o.add(t, "minnie")
		p.Browser = s.Browser(t)
		var former []string
		step := func(what string, a apptest.Answer) {
			a.Want(a.Status / 100 * 100)
			cookie := p.Cookie("caretaker").Value
			for _, f := range former {
				if f == cookie {
					t.Errorf("%s: the cookie is one from before", what)
				}
				wantNobody(t, s, what, f)
			}
			former = append(former, cookie)
		}
		step("initial password", p.SignIn(school, p.username, p.password).Want(200))
		step("a password of one's own", p.Call("POST", "/session/password", apptest.NewPassword(rightPassword)).Want(200))
		p.Call("PUT", "/me/password", object{
			"currentPassword": rightPassword, "newPassword": "Velvet-comet-17", "repeatPassword": "Velvet-comet-17",
		}).Want(204)
		step("another password", p.Call("GET", "/session", nil).Want(200))
		step("signing in again", p.SignIn(school, p.username, "Velvet-comet-17").Want(200))
		d := newDevice(s, p.id)
		d.register(t, p)
		asked := p.Call("POST", "/passkey-sign-in/options", object{"organisation": school}).Want(200)
		step("a passkey", p.Call("POST", "/passkey-sign-in", object{"organisation": school, "credential": d.answer(t, asked)}).Want(200))
	})
}

func TestAlteredCookies(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openSchool(t, s)
		victim, other := o.join(t, "minnie"), o.join(t, "roger")
		abroad := openOrganisation(t, s, nextDoor, "school-intranet")
		value := victim.Cookie("caretaker").Value
		at := strings.LastIndex(value, ".")
		secret, names := value[at+1:], value[:at+1]
		for i := range value { // every single place
			wantNobody(t, s, "a letter less", value[:i]+value[i+1:])
			for _, c := range []string{"A", "b", "7", "-", "_", "."} {
				if value[i:i+1] != c {
					wantNobody(t, s, "another letter", value[:i]+c+value[i+1:])
				}
			}
		}
		visitor := o.support(t)
		support := visitor.Cookie("caretaker").Value
		for what, cookie := range map[string]string{
			"nothing":                        "",
			"dots":                           "...",
			"the names alone":                names,
			"without a secret":               strings.TrimSuffix(names, "."),
			"half of the secret":             names + secret[:21],
			"the secret alone":               secret,
			"the secret twice":               value + secret,
			"a part more":                    value + "." + secret,
			"a space before":                 " " + names + " " + secret,
			"padded":                         value + "=",
			"in capitals":                    strings.ToUpper(names) + secret,
			"another user's id":              school + "." + other.id + "." + secret,
			"nobody's id":                    school + ".00000000000000000000000000." + secret,
			"a path for an id":               school + ".../" + victim.id + "." + secret,
			"another organisation":           nextDoor + "." + victim.id + "." + secret,
			"another organisation's user":    nextDoor + "." + abroad.head.id + "." + secret,
			"as if of support":               school + "." + school + "." + victim.id + "." + secret,
			"as if of the operator's":        school + ".operator." + victim.id + "." + secret,
			"visiting next door":             nextDoor + "." + school + "." + victim.id + "." + secret,
			"support, elsewhere":             strings.Replace(support, school, nextDoor, 1),
			"support, as an ordinary user":   strings.Replace(support, school+".operator.", school+".", 1),
			"support, at home":               strings.Replace(support, school+".operator.", "operator.", 1),
			"support, with another's secret": support[:strings.LastIndex(support, ".")+1] + secret,
			"the mark of a known browser":    victim.Cookie("caretaker-known").Value,
			"ten kilobytes":                  value + strings.Repeat("A", 10<<10),
			"ten thousand parts":             strings.Repeat("a.", 10000),
		} {
			wantNobody(t, s, what, cookie)
		}
		if a := ask(t, s, http.MethodGet, "/session", "", with(strings.Repeat("A", 2<<20))); a.status != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("two megabytes: got %d", a.status)
		}
		// Nor is a session's cookie good for anything else.
		s.Browser(t).Call("POST", "/password-resets/confirm", chosenBy(value, "Velvet-comet-17")).WantProblem(422, "invalid_link")
		wantSomebody(t, s, "untouched", value)
		wantSomebody(t, s, "untouched, of support", support)
	})
}

// support has an operator visit the school.
func (o *organisation) support(t *testing.T) *apptest.Browser {
	t.Helper()
	o.head.Call("PUT", "/support-access", object{"open": true}).Want(200)
	name := o.Operator.Call("GET", "/me", nil).Want(200).Text("username")
	b := o.Browser(t)
	b.SignIn("operator", name, rightPassword).Want(200)
	b.Call("POST", "/operator/organisations/"+o.slug+"/support-session", object{"reason": "The school asked for help"}).Want(201)
	return b
}

// Over https cookies are bound to this host, hidden from scripts, and sent by pages of the service alone. The one that has to
// come back from an identity provider opens nothing.
func TestStealingCookies(t *testing.T) {
	t.Parallel()
	s := own(t, wanted{base: "https://users.example.org", folder: host.InMemory, hashes: apptest.Cheap, log: slog.DiscardHandler, bare: true})
	username, initial := founder(t, s)
	a := ask(t, s, http.MethodPost, "/session", text(t, object{
		"organisation": "operator", "username": username, "password": initial,
	}), nil)
	cookies := a.header.Values("Set-Cookie")
	if a.status != http.StatusOK || len(cookies) == 0 {
		t.Fatalf("%d %v: %s", a.status, cookies, a.body)
	}
	for _, c := range cookies {
		for _, want := range []string{"__Host-caretaker", "Path=/", "HttpOnly", "Secure", "SameSite=Strict"} {
			if !strings.Contains(c, want) {
				t.Errorf("%s is missing in %s", want, c)
			}
		}
		if strings.Contains(c, "Domain") || strings.Contains(c, "Max-Age") {
			t.Errorf("for other hosts too, or kept: %s", c)
		}
	}
	if a.header.Get("Strict-Transport-Security") == "" {
		t.Error("browsers may come by http again")
	}
}
