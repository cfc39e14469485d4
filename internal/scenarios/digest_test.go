package scenarios_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail/feedback"
	"github.com/caretaker/caretaker/internal/mail/inbox"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// "The Admin Digest email – received by users with system administration permissions on a weekly basis – includes a section
// highlighting users who have not accessed the system for some time" (guide of automatic archiving; N11).

const digestSubject = "The week's accounts"

func openDigestAuthority(t *testing.T, s *apptest.Stack, slug string) *organisation {
	t.Helper()
	return openOrganisation(t, s, slug, "Council of "+slug, "authority-analytics", nil)
}

// toMonday moves the clock to the Monday morning that follows so many months from now.
func toMonday(s *apptest.Stack, months int) {
	now := s.Clock.Now().UTC()
	at := time.Date(now.Year(), now.Month()+time.Month(months), now.Day()+1, 7, 0, 0, 0, time.UTC)
	for at.Weekday() != time.Monday {
		at = at.AddDate(0, 0, 1)
	}
	s.Clock.Advance(at.Sub(now))
}

func inLondon(t *testing.T, s *apptest.Stack) time.Time {
	t.Helper()
	in, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return s.Clock.Now().In(in)
}

func today(t *testing.T, s *apptest.Stack) string {
	t.Helper()
	return inLondon(t, s).Format("2 January 2006")
}

// digest runs the function and fails the test unless so many digests were written, to so many people.
func digest(t *testing.T, s *apptest.Stack, written, mailed int) directory.Digested {
	t.Helper()
	done, err := s.Digest(t.Context())
	if err != nil || done.Written != written || done.Mailed != mailed || done.More {
		t.Errorf("%+v, %v, want %d digests to %d people", done, err, written, mailed)
	}
	return done
}

var (
	sectionHeading = regexp.MustCompile(`^(\S.*): (\d+\+?)$`)
	isolates       = strings.NewReplacer("\u2068", "", "\u2069", "")
)

// sections are the lists of a digest, by heading, with the count before the lines.
func sections(m inbox.Received) map[string][]string {
	found, heading := map[string][]string{}, ""
	for line := range strings.Lines(isolates.Replace(m.Text)) {
		line = strings.TrimRight(line, "\n")
		if h := sectionHeading.FindStringSubmatch(line); h != nil {
			heading = h[1]
			found[heading] = []string{h[2]}
		} else if text, listed := strings.CutPrefix(line, "  "); listed {
			found[heading] = append(found[heading], text)
		}
	}
	return found
}

func wantSections(t *testing.T, m inbox.Received, want map[string][]string) {
	t.Helper()
	got := sections(m)
	for heading, lines := range want {
		if !slices.Equal(got[heading], lines) {
			t.Errorf("%q has %q, want %q", heading, got[heading], lines)
		}
		delete(got, heading)
	}
	if len(got) > 0 {
		t.Errorf("there is more: %q in\n%s", got, m.Text)
	}
}

// turnOff has the operator's own people and others get no digest, who would be written to otherwise.
func turnOff(t *testing.T, s *apptest.Stack) {
	t.Helper()
	o, err := s.Store.Organisation(t.Context(), directory.OperatorSlug)
	if err != nil {
		t.Fatal(err)
	}
	o.Policy.Digest = &directory.DigestPolicy{}
	(&organisation{Stack: s, slug: string(o.Slug)}).commit(t, directory.PutOrganisation{Organisation: o})
}

func TestTheAdminDigest(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		turnOff(t, s)
		o, elsewhere := openDigestAuthority(t, s, "digestshire"), openDigestAuthority(t, s, "elsewhere")
		joined := today(t, s)
		danny := o.join(t, "Danny", "Smith", roles("adviser"))
		elsewhere.join(t, "Otto", "Other", roles("adviser"))
		nelly := o.add("Nelly", "Never", roles("adviser"))

		// Fifteen months later Danny and Nelly are warned; Ada and whoever is new are there.
		toMonday(s, 15)
		o.enter(t, o.first)
		elsewhere.enter(t, elsewhere.first)
		o.add("Bo", "Second", roles("administrator"))
		ken, rita, lou := o.add("Ken", "Kept", roles("adviser")), o.add("Rita", "Restored", roles("adviser")), o.add("Lou", "Locked", roles("adviser"))
		smiffy := o.add("Smiffy", "Lost", roles("adviser"))
		o.tell(t, s.Mail(t, "smiffy@"+o.slug+".example", ""), feedback.PermanentBounce)
		if _, err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Clock.Advance(time.Minute)
		o.first.Call("POST", "/users/"+ken.id+"/archive", nil).Want(200)
		o.first.Call("POST", "/users/"+rita.id+"/archive", nil).Want(200)
		s.Clock.Advance(time.Minute)
		o.first.Call("POST", "/users/"+rita.id+"/restore", nil).Want(200)
		for range 10 {
			o.Browser(t).SignIn(o.slug, lou.username, "not the password").WantProblem(401, "invalid_credentials")
		}
		event := today(t, s)
		purge := inLondon(t, s).AddDate(0, 0, 30).Format("2 January 2006")
		s.Clock.Advance(3 * day)

		// The lists may lag a moment behind.
		first := o.enter(t, o.first)
		first.wantList(t, o, "inactiveMonths=12&sort=lastSignInAt", "Nelly Never", "Danny Smith")
		first.wantList(t, o, "inactiveMonths=12&neverSignedIn=true", "Nelly Never")
		digest(t, s, 2, 3)
		line := func(p *person, name, day string) string { return name + ", " + p.username + ", " + day }
		want := map[string][]string{
			"Not signed in for 12 months or more": {"2", line(nelly, "Nelly Never", "never"), line(danny, "Danny Smith", joined)},
			"Warned that their account will be archived": {
				"2", line(danny, "Danny Smith", event), line(nelly, "Nelly Never", event),
			},
			"Archived":                   {"2", line(rita, "Rita Restored", event), line(ken, "Ken Kept", event)},
			"Cannot be reached by email": {"1", line(smiffy, "Smiffy Lost", "smiffy@"+o.slug+".example")},
			"Restored":                   {"1", line(rita, "Rita Restored", event)},
			"To be deleted for good within the next 30 days": {"1", line(ken, "Ken Kept", purge)},
			"Locked after too many wrong passwords or codes": {"1", line(lou, "Lou Locked", event)},
		}
		for _, name := range []string{"ada", "bo"} {
			m := o.mailsTo(t, name+"@"+o.slug+".example", digestSubject, 1)[0]
			if !strings.Contains(m.Text, s.URL+"/o/"+o.slug+"/users") || !strings.Contains(m.Text, s.URL+"/o/"+o.slug+"/me") {
				t.Errorf("no way to the list and to the setting:\n%s", m.Text)
			}
			if strings.Contains(m.Text+m.HTML, "Other") {
				t.Errorf("somebody of another organisation is named:\n%s", m.Text)
			}
			m.Text = sorted(m.Text, "Warned that") // in one sweep, in no order
			wantSections(t, m, want)
		}
		m := elsewhere.mailsTo(t, "ada@elsewhere.example", digestSubject, 1)[0]
		if !strings.Contains(m.Text, "Otto Other") || strings.Contains(m.Text, "Smith") {
			t.Errorf("elsewhere they read:\n%s", m.Text)
		}
		wantNothingUnsent(t, s)
	})
}

// sorted puts the lines below a heading in order.
func sorted(text, heading string) string {
	before, after, _ := strings.Cut(text, heading)
	first, rest, _ := strings.Cut(after, "\n")
	list, end, _ := strings.Cut(rest, "\n\n")
	lines := strings.Split(list, "\n")
	slices.Sort(lines)
	return before + heading + first + "\n" + strings.Join(lines, "\n") + "\n\n" + end
}

// One digest an organisation and week, however often and however parallel the function runs.
func TestADigestComesOnceAWeek(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		turnOff(t, s)
		o := openDigestAuthority(t, s, "onceshire")
		o.join(t, "Danny", "Smith", roles("adviser"))
		toMonday(s, 13)
		for week := range 3 {
			var written [3]directory.Digested
			var group sync.WaitGroup
			for i := range written {
				group.Go(func() {
					var err error
					if written[i], err = s.Digest(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			if n := written[0].Written + written[1].Written + written[2].Written; n != 1 {
				t.Errorf("week %d: at one instant %+v", week, written)
			}
			s.Clock.Advance(6 * day)
			digest(t, s, 0, 0)
			wantNothingUnsent(t, s)
			o.mailsTo(t, "ada@onceshire.example", digestSubject, week+1)
			s.Clock.Advance(day)
		}
	})
}

func TestNoDigestWhenThereIsNothingToSay(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		turnOff(t, s)
		o := openDigestAuthority(t, s, "quietshire")
		joined := today(t, s)
		danny := o.join(t, "Danny", "Smith", roles("adviser"))
		if done := digest(t, s, 0, 0); done.Quiet != 1 || done.Organisations != 2 {
			t.Errorf("%+v", done)
		}
		// What is looked for is policy.
		policy, _ := o.first.Call("GET", "/settings", nil).Want(200).At("policy").(object)
		if got := fmt.Sprint(policy["digest"]); got != "map[enabled:true inactiveMonths:12]" {
			t.Errorf("to begin with the policy is %s", got)
		}
		set := func(enabled bool, months int) apptest.Answer {
			policy["digest"] = object{"enabled": enabled, "inactiveMonths": months}
			return o.first.Call("PUT", "/settings", object{"policy": policy})
		}
		for _, months := range []int{-1, 121} {
			set(true, months).WantProblem(422, "invalid").WantField("body.policy.digest.inactiveMonths")
		}
		toMonday(s, 2)
		o.enter(t, o.first).wantList(t, o, "inactiveMonths=2", "Danny Smith")
		digest(t, s, 0, 0)
		set(false, 2).Want(200)
		if done := digest(t, s, 0, 0); done.Quiet != 0 {
			t.Errorf("without a digest: %+v", done)
		}
		set(true, 0).Want(200)
		digest(t, s, 0, 0)
		set(true, 2).Want(200)
		digest(t, s, 1, 1)
		wantSections(t, s.Mail(t, "ada@quietshire.example", digestSubject), map[string][]string{
			"Not signed in for 2 months or more": {"1", "Danny Smith, " + danny.username + ", " + joined},
		})
	})
}

func TestTheDigestCanBeDeclined(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		turnOff(t, s)
		o := openDigestAuthority(t, s, "optshire")
		o.join(t, "Danny", "Smith", roles("adviser"))
		toMonday(s, 13)
		o.enter(t, o.first).wantList(t, o, "inactiveMonths=12", "Danny Smith")
		bo := o.join(t, "Bo", "Second", roles("administrator"))
		const path = "/me/communications"
		if got := bo.Call("GET", path, nil).Want(200); got.At("digest") != true {
			t.Errorf("to begin with: %s", got.Body)
		}
		bo.Call("PUT", path, object{"news": true, "newsletter": false, "digest": "no"}).WantProblem(422, "invalid").WantField("body.digest")
		bo.Call("PUT", path, object{"news": true, "newsletter": false, "digest": false}).Want(200)
		// Whoever knows nothing of the digest changes nothing about it.
		if got := bo.Call("PUT", path, object{"news": false, "newsletter": true}).Want(200); got.At("digest") != false || got.At("newsletter") != true {
			t.Errorf("the other two changed: %s", got.Body)
		}
		if got := o.first.Call("GET", "/users/"+bo.id, nil).Want(200); got.At("communications.digest") != false {
			t.Errorf("another administrator sees %s", got.Body)
		}
		digest(t, s, 1, 1)
		o.mailsTo(t, "ada@optshire.example", digestSubject, 1)

		// Ada declines it after the next one was written, and before it is sent.
		o.first.Call("PUT", path, object{"news": true, "newsletter": false, "digest": false}).Want(200)
		refused := o.waiting(t, o.first, "Ada")
		s.Await(t, func() bool { return o.letter(t, refused).Refused != "" }, func() string { return "nobody looked at the letter" })
		if m := o.letter(t, refused); m.Refused != "the user declined the digest" || !m.SentAt.IsZero() {
			t.Errorf("%+v", m)
		}
		// Bo takes it up again.
		bo.Call("PUT", path, object{"news": false, "newsletter": true, "digest": true}).Want(200)
		sent := o.waiting(t, bo, "Bo")
		s.Await(t, func() bool { return !o.letter(t, sent).SentAt.IsZero() }, func() string { return "the letter was not sent" })
		s.Clock.Advance(7 * day)
		digest(t, s, 1, 1)
		wantNothingUnsent(t, s)
		o.mailsTo(t, "ada@optshire.example", digestSubject, 1)
		o.mailsTo(t, "bo@optshire.example", digestSubject, 2)
		// Nor does one who has left read who stayed away.
		o.enter(t, o.first).Call("POST", "/users/"+bo.id+"/suspend", nil).Want(200)
		late := o.waiting(t, bo, "Bo")
		s.Await(t, func() bool { return o.letter(t, late).Refused == "the user has no access" }, func() string { return "not refused" })
	})
}

// waiting puts a digest into the outbox, as the function does.
func (o *organisation) waiting(t *testing.T, to *person, given string) directory.Mail {
	t.Helper()
	m := directory.Mail{
		ID: o.Directory.NewID(), Org: directory.Slug(o.slug), OrganisationName: o.slug, User: directory.UserID(to.id),
		ToName: given, ToEmail: strings.ToLower(given) + "@" + o.slug + ".example", Template: directory.DigestMail,
		Category: directory.ServiceMail, Language: "en", CreatedAt: o.Clock.Now(),
		Data: map[string]string{"givenName": given, "months": "12", "inactive": "Danny Smith, DSmith1, never"},
	}
	entry := directory.Entry{ID: o.Directory.NewID(), Org: m.Org, At: o.Directory.Now(), Action: directory.DigestSent}
	if err := o.Store.Commit(t.Context(), directory.Change{Entries: []directory.Entry{entry}, Mails: []directory.Mail{m}}); err != nil {
		t.Fatal(err)
	}
	return m
}

func (o *organisation) letter(t *testing.T, m directory.Mail) directory.Mail {
	t.Helper()
	now, err := o.Store.Mail(t.Context(), m.Org, m.User, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// A Danish school, and somebody there who reads English.
func TestDigestsInTheLanguageOfTheReader(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		turnOff(t, s)
		o := openNordby(t, s)
		o.join(t, "Birgit", "Krogh", initials("bk"))
		o.add("Nelly", "Never", initials("nn"))
		toMonday(s, 12)
		o.enter(t, o.first).wantList(t, o, "inactiveMonths=12&sort=lastSignInAt", "Nelly Never", "Birgit Krogh")
		eve := object{"username": "ee", "language": "en", "roles": texts(o.first.Call("GET", "/me", nil).Want(200).At("roles"))}
		o.add("Eve", "English", eve)
		digest(t, s, 1, 2)
		danish := o.mailsTo(t, "ada@"+o.slug+".example", "Ugens konti", 1)[0]
		lines := sections(danish)["Har ikke logget ind i 12 måneder eller mere"]
		if len(lines) != 3 || lines[0] != "2" || lines[1] != "Nelly Never, nn, aldrig" || !regexp.MustCompile(`^Birgit Krogh, bk, \d+\. [a-z]+ 20\d\d$`).MatchString(lines[2]) {
			t.Errorf("in Danish %q:\n%s", lines, danish.Text)
		}
		english := o.mailsTo(t, "eve@"+o.slug+".example", digestSubject, 1)[0]
		if lines := sections(english)["Not signed in for 12 months or more"]; len(lines) != 3 || lines[1] != "Nelly Never, nn, never" {
			t.Errorf("in English %q:\n%s", lines, english.Text)
		}
	})
}

// A run that is cut off between organisations, or within one, is taken up by the next; nobody is written to twice.
func TestDigestsGoOnAfterACrash(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		turnOff(t, s)
		var all []*organisation
		for _, slug := range []string{"crash-a", "crash-b", "crash-c"} {
			o := openDigestAuthority(t, s, slug)
			o.add("Nelly", "Never", roles("adviser"))
			all = append(all, o)
		}
		toMonday(s, 13)
		for week := range 6 {
			ctx, cancel := context.WithCancel(t.Context())
			cut := *s.Directory
			var mu sync.Mutex
			looks := 0
			cut.NewID = func() string { // a letter is being written
				mu.Lock()
				defer mu.Unlock()
				looks++
				if looks > week {
					cancel()
				}
				return s.Directory.NewID()
			}
			killed, _ := cut.Digest(ctx, directory.DigestOptions{}) // what was under way may still have been done
			cancel()
			if killed.Written == 3 && week < 3 {
				t.Errorf("week %d: the run was to be cut off, and wrote %+v", week, killed)
			}
			rest, err := s.Digest(t.Context())
			if err != nil || killed.Written+rest.Written > 3 || rest.More {
				t.Errorf("week %d: %+v and then %+v, %v", week, killed, rest, err)
			}
			digest(t, s, 0, 0)
			wantNothingUnsent(t, s)
			for _, o := range all {
				o.mailsTo(t, "ada@"+o.slug+".example", digestSubject, week+1)
			}
			s.Clock.Advance(7 * day)
		}
	})
}

// What a digest costs does not follow how many users there are (X11).
func TestDigestsReadWhatTheySay(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		turnOff(t, s)
		o := openDigestAuthority(t, s, "costshire")
		run := func() (int, directory.Digested) {
			t.Helper()
			m := &engine.Meter{}
			done, err := s.Digest(engine.WithMeter(t.Context(), m))
			if err != nil {
				t.Fatal(err)
			}
			return m.Total().Calls, done
		}
		alone, _ := run()
		for i := range 40 {
			o.add("Pat", fmt.Sprintf("Pupil%02d", i), roles("adviser"))
		}
		quiet, done := run()
		if done.Quiet != 1 || quiet != alone {
			t.Errorf("%d calls with 41 users and nothing to say, %d with one; %+v", quiet, alone, done)
		}
		toMonday(s, 13)
		written, done := run()
		if done.Written != 1 || written > alone+1 {
			t.Errorf("%d calls to write one, %d for nothing; %+v", written, alone, done)
		}
		again, _ := run()
		t.Logf("%d calls in a quiet week, %d with a digest, %d once it is written", quiet, written, again)
		if again >= quiet || again > 7 {
			t.Errorf("%d calls once it is written", again)
		}
	})
}
