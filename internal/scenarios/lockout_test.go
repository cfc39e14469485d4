package scenarios_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// Wrong passwords, whose name is typed with them, and what strangers can do to somebody whose name they know.

const (
	intranetThreshold = 3 // for a quarter of an hour
	collegeThreshold  = 5 // until a super user acts
	aQuarter          = 15 * time.Minute
)

// guess types as many wrong passwords, each of which is looked at.
func (o *organisation) guess(b *apptest.Browser, username string, times int) {
	for i := range times {
		b.SignIn(o.slug, username, fmt.Sprintf("wrong guess %d", i)).WantProblem(401, "invalid_credentials")
	}
}

// wantBarred fails the test unless nothing is looked at for so many seconds; 0 is until an administrator acts.
func wantBarred(t *testing.T, a apptest.Answer, seconds int) {
	t.Helper()
	a.WantProblem(423, "locked")
	var problem struct{ RetryAfter int }
	a.Into(&problem)
	header := ""
	if seconds > 0 {
		header = fmt.Sprint(seconds)
	}
	if problem.RetryAfter != seconds || a.Header.Get("Retry-After") != header {
		t.Errorf("barred for %d seconds, Retry-After %q, want %d: %s", problem.RetryAfter, a.Header.Get("Retry-After"), seconds, a.Body)
	}
	wantNamed(t, a, "contacts", "Ada First")
}

// entry is a line of the audit trail.
type entry struct {
	ID, At, Action, Note, Address, Agent string
	Actor, Subject                       struct{ ID, Username, Name string }
	Before, After                        map[string]string
}

// trail reads entries of the audit trail, newest first.
func (p *person) trail(path string) []entry {
	var page struct{ Items []entry }
	p.Call("GET", path, nil).Want(200).Into(&page)
	return page.Items
}

// wantTrail waits until the trail at a path tells of these actions, newest first.
func (p *person) wantTrail(t *testing.T, o *organisation, path string, actions ...string) []entry {
	t.Helper()
	var got []entry
	var told []string
	o.Await(t, func() bool {
		got, told = p.trail(path), nil
		for _, e := range got {
			told = append(told, e.Action)
		}
		return slices.Equal(told, actions)
	}, func() string { return fmt.Sprintf("%s tells of %v, want %v", path, told, actions) })
	return got
}

// S2: "Hvis man 3 gange i træk forsøger at logge på intranettet med en ugyldig kode, spærres adgangen … man kan typisk
// forsøge igen efter et kvarter."
func TestThreeWrongPasswordsBarForAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		stranger := s.Browser(t)
		o.guess(stranger, "bk", intranetThreshold)
		// The right password is not looked at either, whoever types it, and trying makes it no longer.
		wantBarred(t, stranger.SignIn(o.slug, "bk", bk.password), 900)
		s.Clock.Advance(aQuarter - time.Second)
		wantBarred(t, stranger.SignIn(o.slug, "bk", bk.password), 1)
		wantBarred(t, stranger.SignIn(o.slug, "bk", "another guess"), 1)
		bk.Call("GET", "/me", nil).Want(200) // who is in stays in
		s.Clock.Advance(time.Second)
		stranger.SignIn(o.slug, "bk", bk.password).Want(200)

		// "In a row": the right one in between begins the count anew.
		o.guess(stranger, "bk", intranetThreshold-1)
		stranger.SignIn(o.slug, "BK", bk.password).Want(200)
		o.guess(stranger, "bk", intranetThreshold)
		wantBarred(t, stranger.SignIn(o.slug, "bk", bk.password), 900)

		// Others are not kept out, and nobody is written to: it ends by itself.
		o.enter(t, o.first)
		o.first.Call("POST", "/users/"+bk.id+"/password-reset", nil).Want(200)
		o.wantNoMail(t, "bo@nordbyskolen.example", "nulstillet", "låst")
	})
}

// wantNoMail waits for the mail that came after, and fails the test if there was another one before.
func (o *organisation) wantNoMail(t *testing.T, to, after, unwanted string) {
	t.Helper()
	sender := o.Mail(t, to, after).From
	all, err := o.Inbox.List(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m.From == sender && strings.Contains(m.Subject, unwanted) {
			t.Errorf("%s was written to: %s", to, m.Subject)
		}
	}
}

// L8, section 6.1: "… repeated tries to access then the LRS will 'lock' the account. … change the status to active … The
// account is now active again and the password will work."
func TestResettingAUserAccount(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		stranger := s.Browser(t)
		o.guess(stranger, bob.username, collegeThreshold)
		wantBarred(t, stranger.SignIn(college, bob.username, bob.password), 0)
		m := s.Mail(t, "bob@"+college+".example", "locked")
		if !strings.Contains(m.Text, bob.username) || !strings.Contains(m.Text, "administrator") {
			t.Errorf("the mail says:\n%s", m.Text)
		}
		s.Clock.Advance(30 * 24 * time.Hour) // it waits
		wantBarred(t, stranger.SignIn(college, bob.username, bob.password), 0)

		o.enter(t, o.first)
		una := o.join(t, "Una", "Online", roles("LRBOnlineUser"))
		locked := func() bool {
			var shown struct{ Locked bool }
			o.first.Call("GET", "/users/"+bob.id, nil).Want(200).Into(&shown)
			return shown.Locked
		}
		if !locked() {
			t.Error("the user's page does not say that the account is locked")
		}
		una.Call("POST", "/users/"+bob.id+"/unlock", nil).WantProblem(403, "missing_right")
		for range 2 { // what is so already is no error
			if u := o.first.Call("POST", "/users/"+bob.id+"/unlock", nil).Want(200); u.Text("status") != "active" {
				t.Errorf("%s", u.Body)
			}
		}
		if locked() {
			t.Error("the user's page says still that the account is locked")
		}
		s.Mail(t, "bob@"+college+".example", "unlocked")
		stranger.SignIn(college, bob.username, bob.password).Want(200) // the old one
		o.guess(stranger, bob.username, collegeThreshold-1)            // and the count begins anew
		stranger.SignIn(college, bob.username, bob.password).Want(200)

		o.first.wantTrail(t, o, "/users/"+bob.id+"/audit?action=user.unlocked", "user.unlocked", "user.unlocked")
		barred := o.first.wantTrail(t, o, "/users/"+bob.id+"/audit?action=signIn.barred", "signIn.barred")
		if barred[0].Subject.ID != bob.id || barred[0].Subject.Username != bob.username || barred[0].Address != "127.0.0.1" {
			t.Errorf("the trail says %+v", barred[0])
		}
		failed := o.first.trail("/users/" + bob.id + "/audit?action=signIn.failed")
		if len(failed) != 2*collegeThreshold-1 || failed[0].Note != "invalid_credentials" {
			t.Errorf("%d wrong passwords are in the trail, want %d: %+v", len(failed), 2*collegeThreshold-1, failed)
		}
	})
}

// Whoever sets a new password lifts the bar, for that proves more than a password did: an administrator's reset, and a link
// mailed to the user.
func TestANewPasswordLiftsTheBar(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		stranger := s.Browser(t)
		o.guess(stranger, bob.username, collegeThreshold)
		reset := o.first.Call("POST", "/users/"+bob.id+"/password-reset", nil).Want(200)
		stranger.SignIn(college, bob.username, reset.Text("temporaryPassword")).Want(200)

		o.guess(stranger, bob.username, collegeThreshold)
		wantBarred(t, stranger.SignIn(college, bob.username, reset.Text("temporaryPassword")), 0)
		o.chooseByMail(t, bob, "bob@"+college+".example", "Trumpet-valve-3-oiled")
		stranger.SignIn(college, bob.username, bob.password).Want(200)
	})
}

// chooseByMail has somebody who forgot the password choose another one by the link that is mailed.
func (o *organisation) chooseByMail(t *testing.T, p *person, address, password string) {
	t.Helper()
	o.forgets(t, object{"username": p.username}).Want(202)
	_, token := linkIn(t, o.Mail(t, address, linkSubject))
	o.choose(t, token, password).Want(204)
	p.password = password
}

// Nobody learns from the answers which names there are, and what people type by mistake is kept nowhere.
func TestNamesThatNobodyHasAreBarredAlike(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		o.add("Bo", "Kold", initials("bk"))
		gone := o.add("Carl", "Krogh", initials("ck"))
		o.first.Call("DELETE", "/users/"+gone.id, nil).Want(204)
		const typed = "Tr0ub4dor-and-3" // a password, in the wrong field
		stranger := s.Browser(t)
		answers := map[string]apptest.Answer{}
		for _, name := range []string{"bk", "ck", typed} {
			o.guess(stranger, name, intranetThreshold-1)
			// However it is written, it is one name.
			stranger.SignIn(o.slug, "  "+strings.ToUpper(name)+" ", "wrong").WantProblem(401, "invalid_credentials")
			answers[name] = stranger.SignIn(o.slug, name, "wrong")
			wantBarred(t, answers[name], 900)
		}
		for name, a := range answers {
			if string(a.Body) != string(answers["bk"].Body) {
				t.Errorf("%q is answered\n%s\nand bk\n%s", name, a.Body, answers["bk"].Body)
			}
		}
		s.Clock.Advance(aQuarter)
		o.guess(stranger, typed, 1) // it ends for them too

		failures := o.first.trail("/audit?action=signIn.failed")
		if len(failures) != 3*intranetThreshold+1 {
			t.Errorf("%d failures are in the trail, want %d", len(failures), 3*intranetThreshold+1)
		}
		if n := len(o.first.trail("/audit?action=signIn.barred")); n != 3 {
			t.Errorf("%d bars are in the trail, want 3", n)
		}
		if e := failures[0]; e.Note != "a username that nobody has" || e.Subject.ID != "" || e.Subject.Username != "" || e.Actor.Name != "" {
			t.Errorf("of nobody the trail says %+v", e)
		}
		whole := o.first.Call("GET", "/audit?limit=200", nil).Want(200)
		if strings.Contains(strings.ToLower(string(whole.Body)), strings.ToLower(typed)) {
			t.Error("the trail shows what was typed")
		}
		// An organisation that is not there has nobody to be barred.
		for range 10 {
			stranger.SignIn("no-such-school", "bk", "wrong").WantProblem(401, "invalid_credentials")
		}
	})
}

// A hundred guesses that arrive together get no more answers than the same guesses one after another.
func TestAHundredGuessesAtOneInstant(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		for name, most := range map[string]int{"bk": intranetThreshold, "nobody": intranetThreshold} {
			if n := o.guessAtOnce(t, name, "wrong"); n[401] > most || n[401] == 0 || n[200] != 0 {
				t.Errorf("%s: the hundred were answered %v, want at most %d times 401", name, n, most)
			}
			wantBarred(t, s.Browser(t).SignIn(o.slug, name, bk.password), 900)
		}
		// With the right one among them: it may come before the bar, and then the count begins anew, once.
		s.Clock.Advance(aQuarter)
		n := o.guessAtOnce(t, "bk", bk.password)
		most := intranetThreshold
		if n[200] == 1 {
			most += intranetThreshold - 1
		}
		if n[401] > most || n[200] > 1 {
			t.Errorf("with the right one among them the hundred were answered %v, want at most %d times 401", n, most)
		}
		wantBarred(t, s.Browser(t).SignIn(o.slug, "bk", bk.password), 900)
		if told := len(o.first.trail("/users/" + bk.id + "/audit?action=signIn.failed&limit=200")); told != n[401]+intranetThreshold {
			t.Errorf("the trail tells of %d failures, want %d", told, n[401]+intranetThreshold)
		}
	})
}

// guessAtOnce has a hundred browsers sign in together, one of them with this password, and counts the answers.
func (o *organisation) guessAtOnce(t *testing.T, username, password string) map[int]int {
	t.Helper()
	const all = 100
	browsers := make([]*apptest.Browser, all)
	for i := range browsers {
		browsers[i] = o.Browser(t)
	}
	answers := make([]apptest.Answer, all)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i, b := range browsers {
		typed := fmt.Sprintf("guess number %d", i)
		if i == all/2 {
			typed = password
		}
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			answers[i] = b.SignIn(o.slug, username, typed)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	counts := map[int]int{}
	for _, a := range answers {
		counts[a.Status]++
		if !slices.Contains([]int{200, 401, 423, 503}, a.Status) {
			t.Errorf("%d: %s", a.Status, a.Body)
		}
	}
	t.Logf("%s: %v", username, counts)
	return counts
}

func TestFailuresOlderThanADayAreForgotten(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		stranger := s.Browser(t)
		o.guess(stranger, bob.username, collegeThreshold-1)
		s.Clock.Advance(24 * time.Hour)
		o.guess(stranger, bob.username, collegeThreshold-1)
		s.Clock.Advance(24*time.Hour - time.Second)
		o.guess(stranger, bob.username, 1)
		wantBarred(t, stranger.SignIn(college, bob.username, bob.password), 0)
	})
}

// Whoever finds an unattended computer can guess no more often there than at the door.
func TestWrongPasswordsInsideCountToo(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		try := func() apptest.Answer {
			return bk.Call("PUT", "/me/password", object{
				"currentPassword": "wrong", "newPassword": "solskin over nordby", "repeatPassword": "solskin over nordby",
			})
		}
		o.guess(s.Browser(t), "bk", 1) // they are counted together
		for range intranetThreshold - 1 {
			try().WantProblem(422, "wrong_password")
		}
		try().WantProblem(401, "not_signed_in") // the bar ends the session
		wantBarred(t, bk.SignIn(o.slug, "bk", bk.password), 900)
	})
}

// Strangers who know a name can keep its owner out of strange browsers for as long as they like, and for a quarter of an
// hour out of those in which the owner signed in before.
func TestStrangersDoNotKeepAUserOutForLong(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		stranger := s.Browser(t)
		bob.Call("DELETE", "/session", nil).Want(204) // signing out leaves the browser known
		o.guess(stranger, bob.username, collegeThreshold)
		wantBarred(t, stranger.SignIn(college, bob.username, bob.password), 0)
		wantBarred(t, bob.SignIn(college, bob.username, bob.password), 900)
		s.Clock.Advance(aQuarter - time.Second)
		wantBarred(t, bob.SignIn(college, bob.username, bob.password), 1)
		s.Clock.Advance(time.Second)
		wantBarred(t, stranger.SignIn(college, bob.username, bob.password), 0)
		bob.SignIn(college, bob.username, bob.password).Want(200)
	})
}

func TestStrangersWhoGoOnForDays(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		stranger := s.Browser(t)
		for range 12 { // three days
			o.guess(stranger, "bk", intranetThreshold)
			wantBarred(t, stranger.SignIn(o.slug, "bk", bk.password), 900)
			s.Clock.Advance(6 * time.Hour)
		}
		o.guess(stranger, "bk", intranetThreshold)
		wantBarred(t, stranger.SignIn(o.slug, "bk", bk.password), 900)
		bk.SignIn(o.slug, "bk", bk.password).Want(200)
	})
}

func TestABrowsersOwnFailuresKeepItOut(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		office := bob.Browser
		home := o.enter(t, bob).Browser // a second computer of his
		o.guess(office, bob.username, collegeThreshold)
		s.Clock.Advance(30 * 24 * time.Hour)
		for _, b := range []*apptest.Browser{office, s.Browser(t)} {
			wantBarred(t, b.SignIn(college, bob.username, bob.password), 0)
		}
		home.SignIn(college, bob.username, bob.password).Want(200)

		// Also while strangers have locked the account and only those of his own still count.
		o.guess(s.Browser(t), bob.username, collegeThreshold)
		s.Clock.Advance(aQuarter)
		o.guess(home, bob.username, collegeThreshold)
		wantBarred(t, home.SignIn(college, bob.username, bob.password), 0)
		o.enter(t, o.first)
		o.first.wantTrail(t, o, "/users/"+bob.id+"/audit?action=signIn.barred", "signIn.barred", "signIn.barred", "signIn.barred")
		o.first.Call("POST", "/users/"+bob.id+"/unlock", nil).Want(200)
		home.SignIn(college, bob.username, bob.password).Want(200)
	})
}

// While strangers have locked the account, an unattended computer is guarded as it is otherwise: by its own failures.
func TestTheLastGuessInsideEndsTheSessionThoughStrangersLockedTheAccount(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		o.guess(s.Browser(t), bob.username, collegeThreshold)
		s.Clock.Advance(aQuarter)
		for range collegeThreshold {
			bob.Call("POST", "/session/confirm", object{"password": "wrong"}).WantProblem(422, "wrong_password")
		}
		bob.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")
	})
}

// The second cookie tells a user's browser from others and opens nothing.
func TestTheCookieOfAKnownBrowserOpensNothing(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		una := o.join(t, "Una", "Online", roles("LRBOnlineUser"))
		known, others := bob.Cookie("caretaker-known").Value, una.Cookie("caretaker-known").Value
		with := func(name, value string) *apptest.Browser {
			b := s.Browser(t)
			b.SetCookie(name, value)
			return b
		}
		with("caretaker-known", known).Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		with("caretaker", known).Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		session := bob.Cookie("caretaker").Value

		o.guess(s.Browser(t), bob.username, collegeThreshold)
		s.Clock.Advance(aQuarter)
		for why, value := range map[string]string{
			"none": "", "somebody else's": others, "a forged one": known[:len(known)-2] + "AA", "nonsense": "~.~",
			"a session's":                  session,
			"under another name":           strings.Replace(known, bob.id, una.id, 1),
			"somebody else's for his name": strings.Replace(others, una.id, bob.id, 1),
		} {
			a := with("caretaker-known", value).SignIn(college, bob.username, bob.password)
			if a.Status != 423 || a.At("retryAfter") != nil {
				t.Errorf("%s: %d %s", why, a.Status, a.Body)
			}
		}
		with("caretaker-known", known).SignIn(college, bob.username, "wrong").WantProblem(401, "invalid_credentials")
		with("caretaker-known", others+"~"+known).SignIn(college, bob.username, bob.password).Want(200)
	})
}

// No script reads the cookies, and the second one lasts as long as browsers keep any.
func TestTheCookiesOfASignIn(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openIntranet(t, s)
		bk := o.join(t, "Bo", "Kold", initials("bk"))
		set := s.Browser(t).SignIn(o.slug, "bk", bk.password).Want(200).Header.Values("Set-Cookie")
		wants := map[string][]string{
			"caretaker":       {"HttpOnly", "Path=/", "SameSite=Strict"}, // gone with the browser's window
			"caretaker-known": {"HttpOnly", "Path=/", "SameSite=", "Max-Age=34560000"},
		}
		if len(set) != len(wants) {
			t.Errorf("set are %q", set)
		}
		for _, text := range set {
			name, _, _ := strings.Cut(text, "=")
			for _, want := range wants[name] {
				if !strings.Contains(text, want) {
					t.Errorf("Set-Cookie: %s, want %s", text, want)
				}
			}
			if name == "caretaker" && strings.Contains(text, "Max-Age") {
				t.Errorf("the session outlives the window: %s", text)
			}
		}
		if again := bk.SignIn(o.slug, "bk", bk.password).Want(200); len(again.Header.Values("Set-Cookie")) != 1 {
			t.Errorf("a known browser is made known again: %q", again.Header.Values("Set-Cookie"))
		}
	})
}

// Browsers drop cookies after 400 days; then nobody can tell that this is one of the user's.
func TestABrowserIsKnownForFourHundredDays(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		bob := o.join(t, "Bob", "Boldwood", roles("LRBOnlineUser"))
		s.Clock.Advance(400*24*time.Hour - aQuarter - time.Second)
		o.guess(s.Browser(t), bob.username, collegeThreshold)
		s.Clock.Advance(aQuarter)
		o.guess(bob.Browser, bob.username, 1) // looked at, for it is one of his
		s.Clock.Advance(time.Second)
		wantBarred(t, bob.SignIn(college, bob.username, bob.password), 0)
	})
}

// The tablet in the staff room: five people are known in it, the one who was there longest ago makes room.
func TestUpToFivePeopleAreKnownInOneBrowser(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		tablet, stranger := s.Browser(t), s.Browser(t)
		var staff []*person
		for i := range 6 {
			p := o.join(t, "Pat", fmt.Sprintf("Person%c", 'A'+i), roles("LRBOnlineUser"))
			in := tablet.SignIn(college, p.username, p.password).Want(200)
			tablet.Call("POST", "/session/agreement", object{"version": in.At("challenge.version"), "accepted": true}).Want(200)
			tablet.Call("DELETE", "/session", nil).Want(204)
			staff = append(staff, p)
		}
		for _, p := range staff {
			o.guess(stranger, p.username, collegeThreshold)
		}
		s.Clock.Advance(aQuarter)
		wantBarred(t, tablet.SignIn(college, staff[0].username, staff[0].password), 0)
		for _, p := range staff[1:] {
			tablet.SignIn(college, p.username, p.password).Want(200)
		}
	})
}
