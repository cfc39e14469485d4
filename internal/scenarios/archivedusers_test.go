package scenarios_test

import (
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
)

// "Terminating a User Account" (N9): "preventing access but can be recovered without re-creating it".

func TestArchivedUsersAreListedOnTheirOwn(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openOrganisation(t, s, "melchester-list", "Melchester", "authority-analytics", nil)
		hans, sue := o.join(t, "Hans", "Hand", roles("adviser")), o.join(t, "Sue", "Suspended", roles("adviser"))
		o.first.take(sue.id, "suspend").Want(200)
		members := func(want float64) {
			t.Helper()
			if got := o.first.Call("GET", "/roles/adviser", nil).Want(200).At("members"); got != want {
				t.Errorf("the role has %v active holders, want %v", got, want)
			}
		}
		lists := func(all, archived float64) {
			t.Helper()
			for query, want := range map[string]float64{"": all, "status=archived": archived} {
				if a := o.first.Call("GET", "/users?"+query, nil).Want(200); a.At("total") != want {
					t.Errorf("%q counts %v, want %v", query, a.At("total"), want)
				}
			}
		}
		members(1)
		for range 2 {
			o.first.take(hans.id, "archive").Want(200)
			lists(2, 1)
			members(0)
			o.first.wantList(t, o, "", "Ada First", "Sue Suspended")
			o.first.wantList(t, o, "role=adviser", "Sue Suspended")
			for _, query := range []string{"q=hans", "q=" + hans.username, "status=active&q=hand", "inactiveMonths=1", "sort=lastSignInAt&q=hans@"} {
				o.first.wantList(t, o, query)
				if !strings.Contains(query, "status") && !strings.Contains(query, "inactive") {
					o.first.wantList(t, o, query+"&status=archived", "Hans Hand")
				}
			}
			o.first.take(hans.id, "archive").Want(200) // is so already
			lists(2, 1)
			o.first.take(hans.id, "restore").Want(200)
			lists(3, 0)
			members(1)
		}
		// From suspended to archived, and then deleted at once.
		o.first.take(sue.id, "archive").Want(200)
		lists(2, 1)
		o.first.take(sue.id, "reinstate").WantProblem(409, "wrong_status")
		o.first.Call("DELETE", "/users/"+sue.id, nil).Want(204)
		lists(2, 0)
		members(1)
	})
}

// What can be done to an archived account opens nothing; what would only look as if it did is refused.
func TestWhatCanBeDoneToAnArchivedUser(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "03-01")
		l.open(t, "melchester-locked")
		ada := l.first
		hans := l.join(t, "Hans", "Hand", roles("adviser"))
		l.setUpApp(t, hans)
		l.forget(t)
		ada.take(hans.id, "archive").Want(200)
		hans.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")
		one := "/users/" + hans.id
		for _, step := range []string{"suspend", "reinstate", "unlock", "password-reset"} {
			if a := ada.take(hans.id, step).WantProblem(409, "wrong_status"); a.Text("accountStatus") != "archived" {
				t.Errorf("%s: %s", step, a.Body)
			}
		}
		// Whoever comes back may do so under another name, with other roles, and without the lost telephone.
		ada.Call("PATCH", one, object{"familyName": "Handler", "endsAt": s.Clock.Now().Add(60 * day).UTC()}).Want(200)
		ada.setRoles(hans.id, "administrator").WantProblem(409, "role_constraint") // with an end date
		ada.setRoles(hans.id, "consultant").Want(200)
		ada.take(hans.id, "totp-reset").Want(200)
		l.forgets(t, object{"username": hans.username}).Want(202)
		l.Browser(t).SignIn(l.slug, hans.username, hans.password).WantProblem(403, "archived")
		hans.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")
		if a := ada.Call("GET", one, nil).Want(200); a.Text("status") != "archived" || a.Text("archiveCause") != "byHand" {
			t.Errorf("%s", a.Body)
		}
		l.note(t)
		if l.diary[0] != "0-03-01 hans: Your Caretaker account cannot be used at the moment" || len(l.diary) != 3 {
			t.Errorf("the mails are %q", l.diary) // no link among them
		}
		for _, m := range l.told(t, "hans", "has been archived") {
			if !strings.Contains(m.Text, "by an administrator") || !strings.Contains(m.Text, "30 March") {
				t.Errorf("the last day, and who did it, is not in\n%s", m.Text)
			}
		}
		l.noRegularMail(t, hans)
		ada.take(hans.id, "restore").Want(200)
		l.enter(t, hans)
		if a := ada.Call("GET", one, nil).Want(200); a.At("totp") != false || a.At("endsAt") == nil || a.At("roles").([]any)[0] != "consultant" {
			t.Errorf("%s", a.Body)
		}
	})
}

// noRegularMail: "archived users do not receive regular email communications, even if they opted in".
func (l *life) noRegularMail(t *testing.T, p *person) {
	t.Helper()
	before := len(l.Mails(t))
	for _, category := range []directory.MailCategory{directory.NewsMail, directory.ServiceMail} {
		m := directory.Mail{
			ID: l.Directory.NewID(), Org: directory.Slug(l.slug), OrganisationName: "Melchester", User: directory.UserID(p.id),
			ToEmail: "hans@" + l.slug + ".example", Template: directory.WelcomeMail, Category: category, Language: "en", CreatedAt: l.Clock.Now(),
			Data: map[string]string{"givenName": "Hans", "username": p.username, "unsubscribeToken": "t", "administrators": "Ada"},
		}
		entry := directory.Entry{ID: l.Directory.NewID(), Org: m.Org, At: l.Clock.Now(), Action: directory.UserChanged}
		if err := l.Store.Commit(t.Context(), directory.Change{Entries: []directory.Entry{entry}, Mails: []directory.Mail{m}}); err != nil {
			t.Fatal(err)
		}
	}
	if after := len(l.Mails(t)); after != before {
		t.Errorf("%d regular mails came to an archived user", after-before)
	}
}

// Where the policy never gives a username away again, that holds after the purge too.
func TestAUsernameThatIsNeverFreeAgain(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "01-15")
		l.open(t, "melchester-never")
		ada := l.first
		ada.set(object{"usernames": object{"reuse": "never"}}).Want(200)
		hans := l.join(t, "Hans", "Hand", roles("adviser"))
		ada.take(hans.id, "archive").Want(200)
		l.to(t, "0-02-15")
		l.adaDoes(t, func(ada *person) {
			ada.Call("GET", "/users/"+hans.id, nil).WantProblem(404, "not_found")
			l.chosenName(ada, hans.username).WantProblem(409, "username_taken")
		})
		l.Browser(t).SignIn(l.slug, hans.username, hans.password).WantProblem(401, "invalid_credentials")
	})
}
