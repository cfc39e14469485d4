package scenarios_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail/inbox"
)

// A user who forgot the password gets an email to choose a new one; no administrator learns it (L9).

const (
	anotherPassword = "Walnut-lantern-42-river"
	linkSubject     = "Choose a new Caretaker password"
	chosenSubject   = "A new Caretaker password has been chosen"
)

var vales atomic.Int64

// openVale is a learning provider with mail addresses that no other test writes to, so that mails can be counted.
func openVale(t *testing.T, s *apptest.Stack) *organisation {
	t.Helper()
	return openOrganisation(t, s, fmt.Sprintf("vale-%d", vales.Add(1)), "Vale College", "learner-registration", nil)
}

// forgets asks for a mail, by username or email.
func (o *organisation) forgets(t *testing.T, who object) apptest.Answer {
	t.Helper()
	body := object{"organisation": o.slug}
	maps.Copy(body, who)
	return o.Browser(t).Call("POST", "/password-resets", body)
}

// choose uses a mailed link.
func (o *organisation) choose(t *testing.T, token, password string) apptest.Answer {
	t.Helper()
	return o.Browser(t).Call("POST", "/password-resets/confirm", choice(token, password))
}

func choice(token, password string) object {
	return object{"token": token, "newPassword": password, "repeatPassword": password}
}

// mailsTo waits until so many mails with this in the subject have come to an address, and returns them, the newest first.
// More of them fail the test.
func (o *organisation) mailsTo(t *testing.T, address, subject string, n int) []inbox.Received {
	t.Helper()
	var found []inbox.Received
	o.Await(t, func() bool {
		all, err := o.Inbox.List(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		found = slices.DeleteFunc(slices.Clone(all), func(m inbox.Received) bool { return !strings.Contains(m.Subject, subject) })
		return len(found) >= n
	}, func() string {
		return fmt.Sprintf("%d mails about %q came to %s, want %d", len(found), subject, address, n)
	})
	if len(found) > n {
		t.Fatalf("%d mails about %q came to %s, want %d", len(found), subject, address, n)
	}
	return found
}

var mailedLink = regexp.MustCompile(`(https?://\S+)/new-password\?token=(\S+)`)

// linkIn is the link in a mail: the page that it leads to, and the token.
func linkIn(t *testing.T, m inbox.Received) (page, token string) {
	t.Helper()
	found := mailedLink.FindStringSubmatch(m.Text)
	if found == nil {
		t.Fatalf("there is no link in\n%s", m.Text)
	}
	token, err := url.QueryUnescape(found[2])
	if err != nil {
		t.Fatal(err)
	}
	return found[1], token
}

// link asks for the n-th mail to a user and returns its token.
func (o *organisation) link(t *testing.T, p *person, address string, n int) string {
	t.Helper()
	o.forgets(t, object{"username": p.username}).Want(202)
	_, token := linkIn(t, o.mailsTo(t, address, linkSubject, n)[0])
	return token
}

// wantNoLink fails the test unless the link is refused, with the field.
func wantNoLink(t *testing.T, why string, a apptest.Answer) {
	t.Helper()
	if a.Status != 422 || a.Text("code") != "invalid_link" {
		t.Errorf("%s: got %d %s, want 422 invalid_link", why, a.Status, a.Body)
		return
	}
	a.WantField("body.token")
}

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		address := "bob@" + o.slug + ".example"

		o.forgets(t, object{"username": bob.username}).Want(202)
		m := o.mailsTo(t, address, linkSubject, 1)[0]
		page, token := linkIn(t, m)
		if page != s.URL+"/o/"+o.slug || !strings.Contains(m.Text, bob.username) || !strings.Contains(m.HTML, url.QueryEscape(token)) {
			t.Errorf("the mail says:\n%s\n%s", m.Text, m.HTML)
		}
		bob.Call("GET", "/me", nil).Want(200) // to ask changes nothing: whoever knows a name can ask
		s.SignsIn(t, o.slug, bob.username, bob.password)

		chooser := o.Browser(t)
		done := chooser.Call("POST", "/password-resets/confirm", choice(token, anotherPassword)).Want(204)
		if len(done.Header.Values("Set-Cookie")) != 0 || len(chooser.Cookies()) != 0 {
			t.Errorf("the link opens a session: %v", done.Header)
		}
		bob.Call("GET", "/me", nil).WantProblem(401, "not_signed_in") // whoever made the password be forgotten is out
		o.Browser(t).SignIn(o.slug, bob.username, bob.password).WantProblem(401, "invalid_credentials")
		in := o.Browser(t).SignIn(o.slug, bob.username, anotherPassword).Want(200)
		if in.Text("challenge.kind") == "newPassword" {
			t.Errorf("the password that was just chosen has to be replaced: %s", in.Body)
		}
		told := o.mailsTo(t, address, chosenSubject, 1)[0]
		if text := told.Text + told.HTML; strings.Contains(text, anotherPassword) || strings.Contains(text, token) || !strings.Contains(text, bob.username) {
			t.Errorf("the mail afterwards says:\n%s", told.Text)
		}
		wantNoLink(t, "a link works once", o.choose(t, token, "Walnut-lantern-43-river"))
		s.SignsIn(t, o.slug, bob.username, anotherPassword)

		// The administrator sees that it happened, and no more.
		var trail string
		o.Await(t, func() bool {
			trail = string(o.first.Call("GET", "/users/"+bob.id+"/audit", nil).Want(200).Body)
			return strings.Contains(trail, "passwordLink.asked") && strings.Contains(trail, "password.chosen")
		}, func() string { return "the audit trail says " + trail })
		if strings.Contains(trail, token) || strings.Contains(trail, anotherPassword) {
			t.Errorf("the audit trail says %s", trail)
		}
		if got := o.first.Call("GET", "/users/"+bob.id, nil).Want(200); got.At("mustChangePassword") != false {
			t.Errorf("%s", got.Body)
		}
	})
}

// By the answer nobody learns who has an account; the mails say what their readers can do.
func TestForgottenPasswordAnswersAreAlike(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		sam := o.join(t, "Sam", "Suspended", roles("LRBOnlineUser"))
		arthur := o.join(t, "Arthur", "Archived", roles("LRBOnlineUser"))
		erna := o.join(t, "Erna", "Ended", roles("LRBOnlineUser"))
		never := o.add("Nelly", "Never", roles("LRBOnlineUser"))
		o.first.Call("POST", "/users/"+sam.id+"/suspend", nil).Want(200)
		o.first.Call("POST", "/users/"+arthur.id+"/archive", nil).Want(200)
		o.first.Call("PATCH", "/users/"+erna.id, object{"endsAt": s.Clock.Now().Add(time.Hour)}).Want(200)
		elsewhere := openVale(t, s)
		fred := elsewhere.join(t, "Fred", "Federated", roles("LRBOnlineUser"))
		elsewhere.signInElsewhere(t)
		s.Clock.Advance(time.Hour)

		first := o.forgets(t, object{"username": bob.username}).Want(202)
		for why, answer := range map[string]apptest.Answer{
			"in another case, with spaces":     o.forgets(t, object{"username": " " + strings.ToUpper(bob.username) + " "}),
			"by email":                         o.forgets(t, object{"email": "bob@" + o.slug + ".example"}),
			"a user who never signed in":       o.forgets(t, object{"username": never.username}),
			"a name that nobody has":           o.forgets(t, object{"username": "BobNobody0000"}),
			"a name that nobody can have":      o.forgets(t, object{"username": "<b>\u202e#%"}),
			"a long one":                       o.forgets(t, object{"username": strings.Repeat("b", 200)}),
			"an address that nobody has":       o.forgets(t, object{"email": "stranger@" + o.slug + ".example"}),
			"no address at all":                o.forgets(t, object{"email": "stranger"}),
			"a name of another organisation":   o.forgets(t, object{"username": fred.username}),
			"an unknown organisation":          o.forgets(t, object{"organisation": "no-such-college", "username": bob.username}),
			"an unknown one, by email":         o.forgets(t, object{"organisation": "no-such-college", "email": "bob@" + o.slug + ".example"}),
			"no possible name of one":          o.forgets(t, object{"organisation": "../" + o.slug, "username": bob.username}),
			"a suspended user":                 o.forgets(t, object{"username": sam.username}),
			"an archived user":                 o.forgets(t, object{"email": "arthur@" + o.slug + ".example"}),
			"a user whose access has ended":    o.forgets(t, object{"username": erna.username}),
			"an organisation without password": elsewhere.forgets(t, object{"username": fred.username}),
		} {
			if answer.Status != first.Status || !bytes.Equal(answer.Body, first.Body) || !slices.Equal(headersOf(answer), headersOf(first)) {
				t.Errorf("%s: %d %q %v, else it is %d %q %v", why, answer.Status, answer.Body, headersOf(answer), first.Status, first.Body, headersOf(first))
			}
		}

		o.mailsTo(t, "bob@"+o.slug+".example", linkSubject, 3)
		linkIn(t, o.mailsTo(t, "nelly@"+o.slug+".example", linkSubject, 1)[0])
		for name, says := range map[string]string{"sam": "is suspended", "arthur": "is archived", "erna": "has expired"} {
			m := o.mailsTo(t, name+"@"+o.slug+".example", "cannot be used at the moment", 1)[0]
			if mailedLink.MatchString(m.Text) || !strings.Contains(m.Text, says) || !strings.Contains(m.Text, "Ada First") {
				t.Errorf("%s reads:\n%s", name, m.Text)
			}
			o.mailsTo(t, name+"@"+o.slug+".example", linkSubject, 0)
		}
		m := elsewhere.mailsTo(t, "fred@"+elsewhere.slug+".example", "has no password of its own", 1)[0]
		if mailedLink.MatchString(m.Text) || !strings.Contains(m.Text, "UNI-Login") || !strings.Contains(m.Text, s.URL+"/o/"+elsewhere.slug) {
			t.Errorf("who signs in elsewhere reads:\n%s", m.Text)
		}
		o.mailsTo(t, "stranger@"+o.slug+".example", "", 0) // whatever an outsider types in, nobody is written to there
		wantNothingUnsent(t, s)
	})
}

// headersOf lists the headers that do not tell the time.
func headersOf(a apptest.Answer) []string {
	var all []string
	for name, values := range a.Header {
		if name != "Date" {
			all = append(all, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(all)
	return all
}

// signInElsewhere makes everybody sign in with an identity provider. It is put into the store as it is, for one that is set
// up through the interface has to answer.
func (o *organisation) signInElsewhere(t *testing.T) {
	t.Helper()
	stored, err := o.Store.Organisation(t.Context(), directory.Slug(o.slug))
	if err != nil {
		t.Fatal(err)
	}
	stored.Provider = &directory.ProviderSetup{Label: "UNI-Login", Issuer: "https://login.example", ClientID: "vale", Claim: "sub", Match: directory.MatchUsername}
	stored.Policy.SignIn.Methods = []directory.Method{directory.ByFederated}
	o.commit(t, directory.PutOrganisation{Organisation: stored})
}

// commit puts something into the store that nobody did.
func (o *organisation) commit(t *testing.T, writes ...directory.Write) {
	t.Helper()
	entry := directory.Entry{ID: o.Directory.NewID(), Org: directory.Slug(o.slug), At: o.Directory.Now(), Action: directory.SettingsChanged}
	if err := o.Store.Commit(t.Context(), directory.Change{Entries: []directory.Entry{entry}, Writes: writes}); err != nil {
		t.Fatal(err)
	}
}

// wantNothingUnsent waits until no mail is on its way.
func wantNothingUnsent(t *testing.T, s *apptest.Stack) {
	t.Helper()
	var waiting []directory.Mail
	s.Await(t, func() bool {
		var err error
		if waiting, err = s.Store.Unsent(t.Context(), s.Clock.Now().Add(time.Hour), 100); err != nil {
			t.Fatal(err)
		}
		return len(waiting) == 0
	}, func() string { return fmt.Sprintf("mails wait to be sent: %+v", waiting) })
}

func TestForgottenPasswordWithoutAName(t *testing.T) {
	t.Parallel()
	s := apptest.Embedded(t)
	o := openVale(t, s)
	for _, who := range []object{nil, {"username": ""}, {"username": "  "}, {"username": "", "email": ""}} {
		o.forgets(t, who).WantProblem(422, "invalid").WantField("body.username")
	}
	o.Browser(t).Call("POST", "/password-resets", object{"username": "x"}).WantProblem(422, "invalid").WantField("body.organisation")
}

// What is asked for too often is answered alike and not mailed: nobody's mailbox is filled by others.
func TestForgottenPasswordTooOften(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.add("Bob", "Boldwood", roles("LRBOnlineUser"))
		dora := o.add("Dora", "Deputy", roles("LRBOnlineUser"))
		inTheHour := func(p *person, typed func(string) string) apptest.Answer {
			return o.forgets(t, object{"username": typed(p.username)}).Want(202)
		}
		same := func(s string) string { return s }

		// Three an hour for a name, however it is written.
		first := inTheHour(bob, same)
		inTheHour(bob, strings.ToUpper)
		inTheHour(bob, strings.ToLower)
		_, newest := linkIn(t, o.mailsTo(t, "bob@"+o.slug+".example", linkSubject, 3)[0])
		for range 5 {
			if surplus := inTheHour(bob, strings.ToUpper); !bytes.Equal(surplus.Body, first.Body) {
				t.Errorf("the surplus is answered %s, else it is %s", surplus.Body, first.Body)
			}
		}
		s.Clock.Advance(time.Hour - time.Second)
		inTheHour(bob, same)
		o.choose(t, newest, anotherPassword).Want(204) // the surplus does not take the link back that was mailed
		s.Clock.Advance(time.Second)
		inTheHour(bob, same)
		o.mailsTo(t, "bob@"+o.slug+".example", linkSubject, 4)

		// Fifty an hour for a network address, whatever the names; one was used above.
		for n := range 49 {
			o.forgets(t, object{"username": fmt.Sprintf("nobody%d", n)}).Want(202)
		}
		if surplus := inTheHour(dora, same); !bytes.Equal(surplus.Body, first.Body) {
			t.Errorf("the surplus is answered %s, else it is %s", surplus.Body, first.Body)
		}
		o.enter(t, o.first)
		var trail string
		o.Await(t, func() bool {
			trail = string(o.first.Call("GET", "/audit?action=passwordLink.asked&limit=1", nil).Want(200).Body)
			return strings.Contains(trail, "asked for too often")
		}, func() string { return "the audit trail says " + trail })
		s.Clock.Advance(time.Hour)
		inTheHour(dora, same)
		o.mailsTo(t, "dora@"+o.slug+".example", linkSubject, 1)
		wantNothingUnsent(t, s)
		o.mailsTo(t, "dora@"+o.slug+".example", linkSubject, 1)
	})
}

// Colleagues come from one network address, and may ask at the same instant.
func TestForgottenPasswordsOfColleaguesAtOneInstant(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		colleagues := []string{"Bob", "Dora", "Mia", "Sam", "Theo", "Una", "Vera", "Will"}
		var people []*person
		for _, name := range colleagues {
			people = append(people, o.add(name, "Colleague", roles("LRBOnlineUser")))
		}
		var group sync.WaitGroup
		for _, p := range people {
			group.Go(func() {
				if a := o.forgets(t, object{"username": p.username}); a.Status != 202 {
					t.Errorf("%s: %d %s", p.username, a.Status, a.Body)
				}
			})
		}
		group.Wait()
		for _, name := range colleagues {
			o.mailsTo(t, strings.ToLower(name)+"@"+o.slug+".example", linkSubject, 1)
		}
	})
}

func TestHowLongAMailedLinkIsGood(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.add("Bob", "Boldwood", roles("LRBOnlineUser"))
		address := "bob@" + o.slug + ".example"

		late := o.link(t, bob, address, 1)
		s.Clock.Advance(time.Hour)
		wantNoLink(t, "an hour later", o.choose(t, late, anotherPassword))

		early, newer := o.link(t, bob, address, 2), o.link(t, bob, address, 3)
		wantNoLink(t, "a newer mail went out", o.choose(t, early, anotherPassword))
		s.Clock.Advance(time.Hour - time.Second)
		for _, tt := range []struct{ why, password, repeat, field string }{
			{"too short", "short", "short", "body.newPassword"},
			{"common", "qwertyuiop", "qwertyuiop", "body.newPassword"},
			{"the name of its owner", "Boldwood-2026-x", "Boldwood-2026-x", "body.newPassword"},
			{"two different copies", anotherPassword, "Walnut-lantern-42-lake", "body.repeatPassword"},
		} {
			body := choice(newer, tt.password)
			body["repeatPassword"] = tt.repeat
			o.Browser(t).Call("POST", "/password-resets/confirm", body).WantProblem(422, "invalid").WantField(tt.field)
		}
		// None of this has used it up, nor changed anything.
		s.SignsIn(t, o.slug, bob.username, bob.password)
		o.choose(t, newer, anotherPassword).Want(204)
		s.SignsIn(t, o.slug, bob.username, anotherPassword)
	})
}

func TestAlteredLinksAreRefused(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		mia := o.join(t, "Mia", "Mixed", roles("LRBOnlineUser"))
		other := openVale(t, s)
		token := o.link(t, bob, "bob@"+o.slug+".example", 1)
		mias := o.link(t, mia, "mia@"+o.slug+".example", 1)
		parts, foreign := strings.Split(token, "."), strings.Split(mias, ".")
		if len(parts) != 3 || len(parts[2]) != 43 {
			t.Fatalf("the token is %q", token)
		}
		replaced := "A"
		if strings.HasPrefix(parts[2], "A") {
			replaced = "B"
		}
		for why, wrong := range map[string]string{
			"nothing":                             "",
			"no token":                            "x",
			"another secret":                      parts[0] + "." + parts[1] + "." + replaced + parts[2][1:],
			"no secret":                           parts[0] + "." + parts[1] + ".",
			"the secret alone":                    parts[2],
			"somebody else's secret":              parts[0] + "." + parts[1] + "." + foreign[2],
			"for somebody else":                   parts[0] + "." + foreign[1] + "." + parts[2],
			"in another organisation":             other.slug + "." + parts[1] + "." + parts[2],
			"in one that there is not":            "no-such-college." + parts[1] + "." + parts[2],
			"a support session's form":            parts[0] + "." + parts[0] + "." + parts[1] + "." + parts[2],
			"a session's token":                   bob.Cookie("caretaker").Value,
			"the token of the known browser":      bob.Cookie("caretaker-known").Value,
			"something after it":                  token + "x",
			"a space before it":                   " " + token,
			"longer than any, and not even a one": strings.Repeat("x", 200),
		} {
			wantNoLink(t, why, o.choose(t, wrong, anotherPassword))
		}
		bob.Call("GET", "/me", nil).Want(200)
		// The right one is still good, and leaves the other's alone.
		o.choose(t, token, anotherPassword).Want(204)
		mia.Call("GET", "/me", nil).Want(200)
		o.choose(t, mias, anotherPassword).Want(204)
	})
}

// A link is no way around what happened to the account since it was mailed.
func TestLinksOfUsersWithoutAccess(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why    string
		change func(t *testing.T, o *organisation, p *person)
	}{
		{"suspended", func(_ *testing.T, o *organisation, p *person) {
			o.first.Call("POST", "/users/"+p.id+"/suspend", nil).Want(200)
		}},
		{"archived", func(_ *testing.T, o *organisation, p *person) {
			o.first.Call("POST", "/users/"+p.id+"/archive", nil).Want(200)
		}},
		{"deleted", func(_ *testing.T, o *organisation, p *person) {
			o.first.Call("DELETE", "/users/"+p.id, nil).Want(204)
		}},
		{"access has ended", func(_ *testing.T, o *organisation, p *person) {
			o.first.Call("PATCH", "/users/"+p.id, object{"endsAt": o.Clock.Now().Add(time.Minute)}).Want(200)
			o.Clock.Advance(time.Minute)
		}},
		{"the organisation keeps no passwords any more", func(t *testing.T, o *organisation, _ *person) {
			t.Helper()
			o.signInElsewhere(t)
		}},
	}
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		for _, tt := range tests {
			o := openVale(t, s)
			bob := o.add("Bob", "Boldwood", roles("LRBOnlineUser"))
			token := o.link(t, bob, "bob@"+o.slug+".example", 1)
			tt.change(t, o, bob)
			wantNoLink(t, tt.why, o.choose(t, token, anotherPassword))
			o.mailsTo(t, "bob@"+o.slug+".example", chosenSubject, 0)
		}
	})
}

// A mail waits in the outbox for a moment, in which its user may have gone: then no link is made.
func TestLinkMailsOfUsersWhoLeftAreNotSent(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		sam := o.add("Sam", "Suspended", roles("LRBOnlineUser"))
		dan := o.add("Dan", "Deleted", roles("LRBOnlineUser"))
		o.first.Call("POST", "/users/"+sam.id+"/suspend", nil).Want(200)
		o.first.Call("DELETE", "/users/"+dan.id, nil).Want(204)
		for _, p := range []*person{sam, dan} {
			late := directory.Mail{
				ID: s.Directory.NewID(), Org: directory.Slug(o.slug), OrganisationName: "Vale College", User: directory.UserID(p.id),
				ToName: p.username, ToEmail: p.username + "@" + o.slug + ".example", Template: directory.PasswordLinkMail,
				Category: directory.AccountMail, Language: "en", CreatedAt: s.Clock.Now(),
				Data: map[string]string{"givenName": "Sam", "username": p.username, "minutes": "60"},
			}
			entry := directory.Entry{ID: s.Directory.NewID(), Org: late.Org, At: s.Clock.Now(), Action: directory.PasswordLinkAsked}
			if err := s.Store.Commit(t.Context(), directory.Change{Entries: []directory.Entry{entry}, Mails: []directory.Mail{late}}); err != nil {
				t.Fatal(err)
			}
			var now directory.Mail
			s.Await(t, func() (done bool) {
				var err error
				if now, err = s.Store.Mail(t.Context(), late.Org, late.User, late.ID); err != nil {
					t.Fatal(err)
				}
				return now.Refused != "" || !now.SentAt.IsZero()
			}, func() string { return fmt.Sprintf("the mail still waits: %+v", now) })
			if !now.SentAt.IsZero() {
				t.Errorf("a mail was sent: %+v", now)
			}
			o.mailsTo(t, late.ToEmail, "", 0)
		}
		wantNothingUnsent(t, s)
	})
}

func TestOneLinkUsedTwiceAtOneInstant(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.add("Bob", "Boldwood", roles("LRBOnlineUser"))
		token := o.link(t, bob, "bob@"+o.slug+".example", 1)
		answers := make([]apptest.Answer, 6)
		password := func(n int) string { return fmt.Sprintf("Walnut-lantern-%d-river", n) }
		var group sync.WaitGroup
		for n := range answers {
			group.Go(func() { answers[n] = o.choose(t, token, password(n)) })
		}
		group.Wait()
		winner := -1
		for n, a := range answers {
			if a.Status == 204 && winner < 0 {
				winner = n
				continue
			}
			wantNoLink(t, "another was first", a)
		}
		if winner < 0 {
			t.Fatal("nobody could use the link")
		}
		// The password is the winner's, whatever the others tried.
		s.SignsIn(t, o.slug, bob.username, password(winner))
		o.Browser(t).SignIn(o.slug, bob.username, password((winner+1)%len(answers))).WantProblem(401, "invalid_credentials")
		o.mailsTo(t, "bob@"+o.slug+".example", chosenSubject, 1)
	})
}

func TestALinkLiftsTheBarAndLeavesTheSecondFactor(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		stored, err := s.Store.User(t.Context(), directory.Slug(o.slug), directory.UserID(bob.id))
		if err != nil {
			t.Fatal(err)
		}
		stored.Factors.TOTP = true
		o.commit(t, directory.PutUser{User: stored})
		for range 5 {
			o.Browser(t).SignIn(o.slug, bob.username, "Wrong-lantern-42-river").WantProblem(401, "invalid_credentials")
		}
		o.Browser(t).SignIn(o.slug, bob.username, bob.password).WantProblem(423, "locked")

		token := o.link(t, bob, "bob@"+o.slug+".example", 1)
		o.Browser(t).SignIn(o.slug, bob.username, bob.password).WantProblem(423, "locked") // to ask alone lifts nothing
		o.choose(t, token, anotherPassword).Want(204)
		b := o.Browser(t)
		in := b.SignIn(o.slug, bob.username, anotherPassword).Want(200)
		if in.Text("challenge.kind") != "totp" {
			t.Errorf("the second factor is not asked for: %s", in.Body)
		}
		b.Call("GET", "/me", nil).WantProblem(403, "challenge_pending")
	})
}

// The link leads to the service, whatever the request says that it is called: else a stranger could have links mailed that
// lead to a page of the stranger's.
func TestMailedLinksLeadToTheServiceItself(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		bob := o.add("Bob", "Boldwood", roles("LRBOnlineUser"))
		body := fmt.Sprintf(`{"organisation": %q, "username": %q}`, o.slug, bob.username)
		for n, spoil := range []func(*http.Request){
			func(r *http.Request) { r.Host = "evil.example" },
			func(r *http.Request) {
				r.Header.Set("X-Forwarded-Host", "evil.example")
				r.Header.Set("X-Forwarded-Proto", "https")
				r.Header.Set("X-Forwarded-Prefix", "/evil")
				r.Header.Set("X-Original-Host", "evil.example")
			},
			func(r *http.Request) {
				r.Header.Set("Forwarded", "host=evil.example;proto=https")
				r.Header.Set("Referer", "https://evil.example/")
				r.Header.Set("X-Host", "evil.example")
			},
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/v1/password-resets", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			spoil(r)
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			said, err := io.ReadAll(answer.Body)
			if err := errors.Join(err, answer.Body.Close()); err != nil || answer.StatusCode != http.StatusAccepted {
				t.Fatalf("%d %s, %v", answer.StatusCode, said, err)
			}
			m := o.mailsTo(t, "bob@"+o.slug+".example", linkSubject, n+1)[0]
			if page, _ := linkIn(t, m); page != s.URL+"/o/"+o.slug || strings.Contains(m.Text+m.HTML, "evil") {
				t.Errorf("the mail says:\n%s", m.Text)
			}
		}
	})
}

// A school's office may have one address for several people: each gets a link of their own.
func TestSeveralUsersOfOneAddress(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openVale(t, s)
		office := "office@" + o.slug + ".example"
		with := func(email string) object { return object{"roles": []string{"LRBOnlineUser"}, "email": email} }
		people := map[string]*person{}
		for _, name := range []string{"Bob", "Dora"} {
			p := o.add(name, "Office", with(office))
			people[p.username] = p
		}
		o.add("Mia", "Lookalike", with("office@"+o.slug+".example.example"))
		o.add("Noa", "Lookalike", with("the.office@"+o.slug+".example"))
		o.forgets(t, object{"email": strings.ToUpper(office)}).Want(202)
		tokens := map[string]string{}
		for _, m := range o.mailsTo(t, office, linkSubject, 2) {
			_, token := linkIn(t, m)
			for username := range people {
				if strings.Contains(m.Text, username) {
					tokens[username] = token
				}
			}
		}
		if len(tokens) != 2 {
			t.Fatalf("mails came for %v", slices.Collect(maps.Keys(tokens)))
		}
		n := 0
		for username, p := range people {
			n++
			password := fmt.Sprintf("Walnut-lantern-%d-river", n)
			o.choose(t, tokens[username], password).Want(204)
			s.SignsIn(t, o.slug, p.username, password)
		}
		o.mailsTo(t, "office@"+o.slug+".example.example", linkSubject, 0)
		o.mailsTo(t, "the.office@"+o.slug+".example", linkSubject, 0)
	})
}

// Whoever has a copy of the store cannot make a link of what is there.
func TestMailedLinksAreNotInTheStore(t *testing.T) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		clock := apptest.NewClock()
		c := app.Config{BaseURL: "http://127.0.0.1:8080", MailFrom: "no-reply@caretaker.example", Product: "Caretaker", Log: slog.New(slog.DiscardHandler)}
		local, err := host.OpenEmbedded(c, folder, clock.Now, apptest.Cheap)
		if err != nil {
			t.Fatal(err)
		}
		token := mailLink(t, local, clock)
		if err := local.Close(); err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join(folder, "caretaker.db"))
		if err != nil {
			t.Fatal(err)
		}
		wantHashed(t, kept, token)
	})
	t.Run("aws", func(t *testing.T) {
		t.Parallel()
		s := apptest.AWS(t)
		o := openVale(t, s)
		bob := o.add("Bob", "Boldwood", roles("LRBOnlineUser"))
		token := o.link(t, bob, "bob@"+o.slug+".example", 1)
		wantNothingUnsent(t, s) // the mail is marked as sent
		wantHashed(t, allTables(t, s), token)
	})
}

// mailLink has a link mailed in an installation that holds nothing yet, and returns the token.
func mailLink(t *testing.T, local *host.Local, clock *apptest.Clock) string {
	t.Helper()
	made, err := local.Directory.FoundPlatform(t.Context(), directory.NewOrganisation{
		Name: "Caretaker platform", Preset: "platform", FirstAdministrator: directory.NewPerson("Olive", "Operator", "olive@platform.example"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := local.Directory.RequestLink(t.Context(), directory.LinkRequest{Org: directory.OperatorSlug, Username: made.User.Username}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	if _, err := local.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	mails, err := local.Inbox.List(t.Context(), "olive@platform.example")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(mails, func(m inbox.Received) bool { return strings.Contains(m.Subject, linkSubject) })
	if i < 0 {
		t.Fatalf("no link came: %+v", mails)
	}
	_, token := linkIn(t, mails[i])
	return token
}

// wantHashed fails the test unless the hash of a token's secret is there, and the secret in no form.
func wantHashed(t *testing.T, kept []byte, token string) {
	t.Helper()
	text := token[strings.LastIndex(token, ".")+1:]
	secret, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(secret) != 32 {
		t.Fatalf("the secret is %q: %v", text, err)
	}
	hash := sha256.Sum256(secret)
	if !bytes.Contains(kept, []byte(base64.StdEncoding.EncodeToString(hash[:]))) {
		t.Errorf("the hash is not among the %d bytes that were looked at, so these are not the store's", len(kept))
	}
	for form, of := range map[string][]byte{
		"as in the link": []byte(text), "in base64": []byte(base64.RawStdEncoding.EncodeToString(secret)),
		"as it is": secret, "in hexadecimal": fmt.Appendf(nil, "%x", secret),
	} {
		if bytes.Contains(kept, of) {
			t.Errorf("the store has the secret %s", form)
		}
	}
}

// allTables reads every item of every table that is where the installation's own is, whose name is known to nobody else.
func allTables(t *testing.T, s *apptest.Stack) []byte {
	t.Helper()
	client := dynamodb.NewFromConfig(emulatortest.AWS(t, s.DynamoDB()))
	var all bytes.Buffer
	tables := dynamodb.NewListTablesPaginator(client, &dynamodb.ListTablesInput{})
	for tables.HasMorePages() {
		page, err := tables.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range page.TableNames {
			if err := readTable(t.Context(), client, name, &all); err != nil {
				t.Fatal(err)
			}
		}
	}
	return all.Bytes()
}

func readTable(ctx context.Context, client *dynamodb.Client, name string, all *bytes.Buffer) error {
	items := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &name})
	for items.HasMorePages() {
		page, err := items.NextPage(ctx)
		if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
			return nil // it was being made, or dropped, by another test
		}
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			for _, value := range item {
				switch value := value.(type) {
				case *types.AttributeValueMemberS:
					all.WriteString(value.Value)
				case *types.AttributeValueMemberB:
					all.Write(value.Value)
				}
				all.WriteByte('\n')
			}
		}
	}
	return nil
}
