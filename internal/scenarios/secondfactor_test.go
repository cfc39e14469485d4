package scenarios_test

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
)

// Authenticator apps (N8), recovery codes (X4), and who must have a second factor (X19), at Melchester.

const (
	codeStep           = 30 * time.Second
	authorityThreshold = 10 // for a quarter of an hour
	proofHolds         = 15 * time.Minute
)

// authenticatorApp is on somebody's telephone, whose clock is right.
type authenticatorApp struct {
	tb     testing.TB
	clock  *apptest.Clock
	secret string
}

// code is what the app shows so many steps from now.
func (a authenticatorApp) code(steps int) string {
	a.tb.Helper()
	code, err := totp.GenerateCode(a.secret, a.clock.Now().Add(time.Duration(steps)*codeStep))
	if err != nil {
		a.tb.Fatal(err)
	}
	return code
}

// next waits for a code that was not used yet.
func (a authenticatorApp) next() string {
	a.tb.Helper()
	a.clock.Advance(codeStep)
	return a.code(0)
}

// wrong is a code that the app does not show, nor did or will a step away.
func (a authenticatorApp) wrong() string {
	a.tb.Helper()
	right := []string{a.code(-1), a.code(0), a.code(1)}
	for i := range 4 {
		if code := fmt.Sprintf("%06d", 111111*i); !slices.Contains(right, code) {
			return code
		}
	}
	a.tb.Fatal("three codes cannot be four")
	return ""
}

// setUpApp gives somebody who has just signed in an authenticator app, and the recovery codes that come with it.
func (o *organisation) setUpApp(t *testing.T, p *person) (app authenticatorApp, recoveryCodes []string) {
	t.Helper()
	app = authenticatorApp{tb: t, clock: o.Clock, secret: p.Call("POST", "/me/totp", nil).Want(200).Text("secret")}
	made := p.Call("POST", "/me/totp/confirm", object{"code": app.code(0)}).Want(200)
	return app, texts(made.At("recoveryCodes"))
}

// atTheDoor has somebody type the password in a browser that nobody knows; in says what is asked for next.
func (o *organisation) atTheDoor(t *testing.T, p *person) (b *apptest.Browser, in apptest.Answer) {
	t.Helper()
	b = o.Browser(t)
	return b, b.SignIn(o.slug, p.username, p.password).Want(200)
}

// wantAsked fails the test unless this is what has to be done next.
func wantAsked(t *testing.T, a apptest.Answer, challenge string) apptest.Answer {
	t.Helper()
	a.Want(200)
	if a.Text("status") != "challenge" || a.Text("challenge.kind") != challenge {
		t.Fatalf("want the challenge %s: %s", challenge, a.Body)
	}
	return a
}

// wantIn fails the test unless nothing has to be done any more.
func wantIn(t *testing.T, a apptest.Answer) apptest.Answer {
	t.Helper()
	a.Want(200)
	if a.Text("status") != "active" {
		t.Fatalf("not in: %s", a.Body)
	}
	return a
}

func typed(code string) object { return object{"code": code} }

// letters are the texts of the mails about something that this installation sent to an address; one at least is waited for.
// Other installations' mails may go to people of the same name.
func (o *organisation) letters(t *testing.T, to, subject string) []string {
	t.Helper()
	sender := o.Mail(t, to, subject).From
	all, err := o.Inbox.List(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, m := range all {
		if m.From == sender && strings.Contains(m.Subject, subject) {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// mailSaying waits for a mail with these words in it, where several have one subject.
func (o *organisation) mailSaying(t *testing.T, to, subject, words string) {
	t.Helper()
	var came []string
	o.Await(t, func() bool {
		came = o.letters(t, to, subject)
		return slices.ContainsFunc(came, func(text string) bool { return strings.Contains(text, words) })
	}, func() string {
		return fmt.Sprintf("no mail to %s says %q, but these:\n%s", to, words, strings.Join(came, "\n\n"))
	})
}

// N8.
func TestSettingUpAnAuthenticatorApp(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.join(t, "Ivor", "Setup", roles("consultant"))
		shown := ivor.Call("POST", "/me/totp", nil).Want(200)
		wantForApps(t, shown, ivor.username)
		app := authenticatorApp{tb: t, clock: s.Clock, secret: shown.Text("secret")}
		if again := ivor.Call("POST", "/me/totp", nil).Want(200); again.Text("secret") != app.secret {
			t.Error("a page that is loaded again shows another secret than the app was given")
		}

		// Nothing is asked for before a code shows that the app works.
		ivor.Call("POST", "/me/totp/confirm", typed(app.wrong())).WantProblem(422, "wrong_code").WantField("body.code")
		_, in := o.atTheDoor(t, ivor)
		wantIn(t, in)
		made := ivor.Call("POST", "/me/totp/confirm", typed(app.code(0))).Want(200)
		codes := texts(made.At("recoveryCodes"))
		wantRecoveryCodes(t, codes)
		if me := ivor.Call("GET", "/me", nil).Want(200); me.At("totp") != true || me.At("recoveryCodes") != 10.0 {
			t.Errorf("%s", me.Body)
		}
		m := s.Mail(t, "ivor@melchester.example", "authenticator app")

		// Secret and recovery codes are shown once: nothing that can be read afterwards holds them.
		ivor.Call("POST", "/me/totp", nil).WantProblem(409, "totp_exists")
		ivor.Call("POST", "/me/totp/confirm", typed(app.next())).WantProblem(409, "no_totp_setup")
		readable := m.Text + m.HTML + string(o.first.Call("GET", "/users/"+ivor.id, nil).Want(200).Body) +
			string(o.first.Call("GET", "/users/"+ivor.id+"/audit", nil).Want(200).Body)
		for _, path := range []string{"/session", "/me", "/me/audit", "/me/sessions"} {
			readable += string(ivor.Call("GET", path, nil).Want(200).Body)
		}
		for _, secret := range append(codes, app.secret, codes[0][:4]+codes[0][5:9]) {
			if strings.Contains(readable, secret) {
				t.Errorf("%s can be read again", secret)
			}
		}
	})
}

// wantForApps fails the test unless the three forms of the secret agree: to be typed, as an address, as a picture.
func wantForApps(t *testing.T, shown apptest.Answer, username string) {
	t.Helper()
	secret := shown.Text("secret")
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil || len(raw) < 20 {
		t.Errorf("the secret %q has %d bytes, want the 160 bits of RFC 4226: %v", secret, len(raw), err)
	}
	u, err := url.Parse(shown.Text("otpauthUri"))
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Query().Get("secret") != secret ||
		!strings.Contains(u.Query().Get("issuer"), "Melchester") || !strings.Contains(u.Path, username) {
		t.Errorf("the address is %s: %v", u, err)
	}
	picture, isPNG := strings.CutPrefix(shown.Text("qrCode"), "data:image/png;base64,")
	content, err := base64.StdEncoding.DecodeString(picture)
	if err != nil || !isPNG {
		t.Fatalf("the picture is no PNG in a data URI: %v", err)
	}
	if image, err := png.Decode(bytes.NewReader(content)); err != nil || image.Bounds().Dx() < 100 {
		t.Errorf("the picture cannot be shown: %v", err)
	}
}

// wantRecoveryCodes fails the test unless there are ten different ones, grouped to be copied by hand.
func wantRecoveryCodes(t *testing.T, codes []string) {
	t.Helper()
	if unique := slices.Compact(slices.Sorted(slices.Values(codes))); len(unique) != 10 || len(codes) != 10 {
		t.Fatalf("want ten recovery codes: %v", codes)
	}
	for _, code := range codes {
		if !regexp.MustCompile(`^[a-z2-9]{4}(-[a-z2-9]{4}){3}$`).MatchString(code) {
			t.Errorf("the recovery code %q is not easily copied", code)
		}
	}
}

// N8: a secret that was shown on a screen which somebody left is not good for ever.
func TestASecretThatNobodyConfirmsLapses(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		o.first.Call("POST", "/me/totp/confirm", typed("123456")).WantProblem(409, "no_totp_setup")
		app := authenticatorApp{tb: t, clock: s.Clock, secret: o.first.Call("POST", "/me/totp", nil).Want(200).Text("secret")}
		s.Clock.Advance(10 * time.Minute)
		o.first.Call("POST", "/me/totp/confirm", typed(app.code(0))).WantProblem(409, "no_totp_setup")
		if fresh, _ := o.setUpApp(t, o.first); fresh.secret == app.secret {
			t.Error("the lapsed secret was shown again")
		}
	})
}

// N8: the interface has the second factor come before the new password, which a stolen temporary password would else set.
func TestTheCodeComesBeforeTheNewPassword(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.join(t, "Ivor", "Order", roles("consultant"))
		app, _ := o.setUpApp(t, ivor)
		ivor.password = o.first.Call("POST", "/users/"+ivor.id+"/password-reset", nil).Want(200).Text("temporaryPassword")
		b, in := o.atTheDoor(t, ivor)
		wantAsked(t, in, "totp")
		if got := texts(in.At("challenge.methods")); !slices.Equal(got, []string{"totp", "recoveryCode"}) {
			t.Errorf("serves as second factor: %v", got)
		}
		if rights, _ := in.At("rights").([]any); len(rights) != 0 {
			t.Errorf("the password alone gives rights: %v", rights)
		}
		for _, a := range []apptest.Answer{
			b.Call("POST", "/session/password", apptest.NewPassword("Trumpet-valve-4-oil")), b.Call("GET", "/me", nil),
			b.Call("GET", "/areas", nil), b.Call("DELETE", "/me/totp", nil), b.Call("POST", "/me/recovery-codes", nil),
		} {
			a.WantProblem(403, "challenge_pending")
			if a.Text("challenge") != "totp" {
				t.Errorf("%s: %s", a.Asked, a.Body)
			}
		}
		wantAsked(t, b.Call("POST", "/session/totp", typed(app.next())), "newPassword")
		b.Call("POST", "/session/totp", typed(app.next())).WantProblem(403, "challenge_pending")
		wantIn(t, b.Call("POST", "/session/password", apptest.NewPassword("Trumpet-valve-4-oil")))
		b.Call("POST", "/session/totp", typed(app.next())).WantProblem(409, "no_such_challenge")
	})
}

// N8: clocks of telephones are a little wrong (RFC 6238, section 5.2: one step at most).
func TestACodeIsTakenAStepEarlyOrLate(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.join(t, "Ivor", "Drift", roles("consultant"))
		app, _ := o.setUpApp(t, ivor)
		for _, tt := range []struct {
			steps int
			taken bool
		}{{-2, false}, {-1, true}, {0, true}, {1, true}, {2, false}} {
			s.Clock.Advance(5 * time.Minute) // away from the codes that were used
			b, in := o.atTheDoor(t, ivor)
			wantAsked(t, in, "totp")
			a := b.Call("POST", "/session/totp", typed(app.code(tt.steps)))
			if tt.taken {
				wantIn(t, a)
			} else {
				a.WantProblem(422, "wrong_code").WantField("body.code")
			}
		}
		b, _ := o.atTheDoor(t, ivor)
		code := app.next()
		for _, nonsense := range []string{"", "12345", code + "0", "１２３４５６", code[:5]} {
			b.Call("POST", "/session/totp", typed(nonsense)).WantProblem(422, "wrong_code")
		}
		wantIn(t, b.Call("POST", "/session/totp", typed(" "+code[:3]+" "+code[3:]))) // as apps show it
	})
}

// N8, X4: whoever looked over a shoulder, or reads along, has a code that was used.
func TestACodeOpensOnce(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.join(t, "Ivor", "Once", roles("consultant"))
		app, recovery := o.setUpApp(t, ivor)
		earlier, code := app.next(), app.next()
		for _, used := range []string{code, recovery[0]} {
			browsers := make([]*apptest.Browser, 4)
			for i := range browsers {
				browsers[i], _ = o.atTheDoor(t, ivor)
			}
			// At the same instant one of them gets in …
			answers := make([]apptest.Answer, len(browsers))
			var typing sync.WaitGroup
			for i, b := range browsers {
				typing.Go(func() { answers[i] = b.Call("POST", "/session/totp", typed(used)) })
			}
			typing.Wait()
			in := 0
			for _, a := range answers {
				if a.Status == 200 {
					in++
				} else {
					a.WantProblem(422, "wrong_code")
				}
			}
			if in != 1 {
				t.Errorf("%s let %d in, want 1", used, in)
			}
			// … and later nobody, with it or with one from before it.
			b, _ := o.atTheDoor(t, ivor)
			b.Call("POST", "/session/totp", typed(used)).WantProblem(422, "wrong_code")
			b.Call("POST", "/session/totp", typed(earlier)).WantProblem(422, "wrong_code")
			wantIn(t, b.Call("POST", "/session/totp", typed(app.next()))) // which clears the count
		}
		if me := o.first.Call("GET", "/users/"+ivor.id, nil).Want(200); me.At("recoveryCodes") != 9.0 {
			t.Errorf("one of ten recovery codes was used: %s", me.Body)
		}
	})
}

// N8: six digits can be guessed, so guesses at them count with those at the password, and the password alone clears
// nothing: else whoever knows it could go on for ever.
func TestWrongCodesCountLikeWrongPasswords(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.join(t, "Ivor", "Guess", roles("consultant"))
		app, recovery := o.setUpApp(t, ivor)
		waiting, _ := o.atTheDoor(t, ivor)
		var guesser *apptest.Browser
		for i := range authorityThreshold {
			if i%2 == 0 {
				guesser, _ = o.atTheDoor(t, ivor) // the right password, each time anew
			}
			guesser.Call("POST", "/session/totp", typed(app.wrong())).WantProblem(422, "wrong_code")
		}
		guesser.Call("POST", "/session/totp", typed(app.code(1))).WantProblem(401, "not_signed_in") // the session has ended
		wantBarred(t, waiting.Call("POST", "/session/totp", typed(app.code(1))), int(aQuarter.Seconds()))
		wantBarred(t, waiting.Call("POST", "/session/totp", typed(recovery[0])), int(aQuarter.Seconds()))
		wantBarred(t, o.Browser(t).SignIn(o.slug, ivor.username, ivor.password), int(aQuarter.Seconds()))

		s.Clock.Advance(aQuarter)
		wantIn(t, waiting.Call("POST", "/session/totp", typed(app.code(0)))) // the right code was not used up by the bar
		// That cleared the count: there is room for all but one again, passwords among them.
		o.guess(o.Browser(t), ivor.username, 5)
		again, _ := o.atTheDoor(t, ivor)
		for range authorityThreshold - 6 {
			again.Call("POST", "/session/totp", typed(app.wrong())).WantProblem(422, "wrong_code")
		}
		wantIn(t, again.Call("POST", "/session/totp", typed(app.next())))
	})
}

// N8, X4: whoever has the store alone has no second factor from it.
func TestSecondFactorsAtRest(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.join(t, "Ivor", "Sealed", roles("consultant"))
		secret := ivor.Call("POST", "/me/totp", nil).Want(200).Text("secret")
		ticket, err := s.Store.Ticket(t.Context(), directory.TicketTOTP, ownSession(t, ivor))
		if err != nil || len(ticket.Data) == 0 {
			t.Fatalf("the secret that was shown is kept nowhere: %+v, %v", ticket, err)
		}
		wantSealed(t, ticket.Data, secret)
		app, recovery := o.setUpApp(t, ivor)
		f, _, err := s.Store.Proofs(t.Context(), borough, directory.UserID(ivor.id), "")
		if err != nil || f.TOTP == nil || f.Recovery == nil || len(f.Recovery.Codes) != 10 {
			t.Fatalf("%+v, %v", f, err)
		}
		wantSealed(t, f.TOTP.Sealed, app.secret)
		kept, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range recovery {
			plain := strings.ReplaceAll(code, "-", "")
			for _, form := range []string{code, plain, base64.StdEncoding.EncodeToString([]byte(plain))} {
				if bytes.Contains(kept, []byte(form)) {
					t.Errorf("the recovery code %s is in the store", code)
				}
			}
		}
	})
}

// ownSession is the id of the session in which somebody sits here.
func ownSession(t *testing.T, p *person) string {
	t.Helper()
	var list struct {
		Items []struct {
			ID      string
			Current bool
		}
	}
	p.Call("GET", "/me/sessions", nil).Want(200).Into(&list)
	for _, item := range list.Items {
		if item.Current {
			return item.ID
		}
	}
	t.Fatalf("none of %+v is this session", list)
	return ""
}

func wantSealed(t *testing.T, kept []byte, secret string) {
	t.Helper()
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(kept, []byte(secret)) || bytes.Contains(kept, raw) || len(kept) <= len(raw) {
		t.Errorf("the secret %s is kept as %q", secret, kept)
	}
}

// N8.
func TestGivingAnAuthenticatorAppUp(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.join(t, "Ivor", "Away", roles("consultant"))
		ivor.Call("DELETE", "/me/totp", nil).WantProblem(404, "not_found")
		ivor.Call("POST", "/me/recovery-codes", nil).WantProblem(409, "no_second_factor") // there is nothing to stand in for
		old, recovery := o.setUpApp(t, ivor)
		ivor.Call("DELETE", "/me/totp", nil).Want(204)
		s.Mail(t, "ivor@melchester.example", "no longer works")
		if me := ivor.Call("GET", "/me", nil).Want(200); me.At("totp") != false || me.At("recoveryCodes") != 0.0 {
			t.Errorf("%s", me.Body)
		}
		_, in := o.atTheDoor(t, ivor)
		wantIn(t, in)

		// Another app has another secret and its own recovery codes; the old ones open nothing.
		app, _ := o.setUpApp(t, ivor)
		b, _ := o.atTheDoor(t, ivor)
		b.Call("POST", "/session/totp", typed(old.next())).WantProblem(422, "wrong_code")
		b.Call("POST", "/session/totp", typed(recovery[0])).WantProblem(422, "wrong_code")
		wantIn(t, b.Call("POST", "/session/totp", typed(app.code(0))))
	})
}

// N8: "a Two Factor Authentication reset button for each user in their LA … where a user has a new phone and has
// reinstalled their authentication app."
func TestResetOfTwoFactorAuthentication(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.join(t, "Ivor", "Reset", roles("consultant"))
		path := "/users/" + ivor.id + "/totp-reset"
		o.first.Call("POST", path, nil).WantProblem(409, "no_second_factor")
		app, recovery := o.setUpApp(t, ivor)
		waiting, _ := o.atTheDoor(t, ivor)
		for range authorityThreshold { // the new telephone shows other codes
			b, _ := o.atTheDoor(t, ivor)
			b.Call("POST", "/session/totp", typed(app.wrong())).WantProblem(422, "wrong_code")
		}

		ivor.Call("POST", path, nil).WantProblem(403, "missing_right")
		reset := o.first.Call("POST", path, nil).Want(200)
		if reset.At("totp") != false || reset.At("recoveryCodes") != 0.0 {
			t.Errorf("%s", reset.Body)
		}
		s.Mail(t, "ivor@melchester.example", "has been reset")
		for _, open := range []*apptest.Browser{ivor.Browser, waiting} {
			open.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		}
		_, in := o.atTheDoor(t, ivor) // with the password alone, and no longer barred
		wantIn(t, in)
		o.first.wantTrail(t, o.organisation, "/users/"+ivor.id+"/audit?action=secondFactor.", "secondFactor.reset", "secondFactor.added")

		// Whoever sits at an administrator's computer does not get past the administrator's second factor, or a bigger one's.
		o.setUpApp(t, o.first)
		o.first.Call("POST", "/users/"+o.first.id+"/totp-reset", nil).WantProblem(409, "cannot_change_self")
		leaders := o.first.Call("POST", "/roles", object{"name": "Team leader", "rights": []string{"users.view", "users.manage"}}).Want(201)
		leader := o.join(t, "Lena", "Leader", roles(leaders.Text("id")))
		leader.Call("POST", "/users/"+o.first.id+"/totp-reset", nil).WantProblem(403, "missing_right")
		next := authority(t, s, "barchester", "Nora", "Nextdoor")
		next.Call("POST", path, nil).WantProblem(404, "not_found")
		enterAgain := o.enter(t, ivor)
		if fresh, _ := o.setUpApp(t, enterAgain); fresh.secret == app.secret {
			t.Error("the old secret was given again")
		}
		b, _ := o.atTheDoor(t, ivor)
		b.Call("POST", "/session/totp", typed(recovery[0])).WantProblem(422, "wrong_code")
	})
}

// N8: at a computer that was left, nobody changes how its user signs in.
func TestWhatChangesHowOneSignsInNeedsAFreshProof(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.join(t, "Ivor", "Fresh", roles("consultant"))
		nothing := object{"name": "Key", "credential": object{}}
		guarded := []struct {
			method, path string
			body         any
		}{
			{"POST", "/me/totp", nil},
			{"POST", "/me/totp/confirm", typed("123456")},
			{"DELETE", "/me/totp", nil},
			{"POST", "/me/recovery-codes", nil},
			{"POST", "/me/passkeys/options", nil},
			{"POST", "/me/passkeys", nothing},
			{"DELETE", "/me/passkeys/abc", nil},
		}
		wantGuarded := func() {
			t.Helper()
			for _, op := range guarded {
				ivor.Call(op.method, op.path, op.body).WantProblem(403, "confirmation_required")
			}
		}
		s.Clock.Advance(proofHolds - time.Second)
		app, _ := o.setUpApp(t, ivor)
		s.Clock.Advance(time.Second)
		wantGuarded()
		ivor.Call("GET", "/me", nil).Want(200) // everything else goes on

		ivor.Call("POST", "/session/confirm", object{}).WantProblem(422, "invalid").WantField("body.password")
		ivor.Call("POST", "/session/confirm", object{"password": "not the password"}).
			WantProblem(422, "wrong_password").WantField("body.password")
		ivor.Call("POST", "/session/confirm", typed(app.wrong())).WantProblem(422, "wrong_code").WantField("body.code")
		wantGuarded()
		ivor.Call("POST", "/session/confirm", object{"password": ivor.password}).Want(204)
		ivor.Call("POST", "/me/recovery-codes", nil).Want(200)

		s.Clock.Advance(proofHolds)
		wantGuarded()
		code := app.code(0)
		ivor.Call("POST", "/session/confirm", typed(code)).Want(204)
		ivor.Call("POST", "/session/confirm", typed(code)).WantProblem(422, "wrong_code") // it is used
		b, _ := o.atTheDoor(t, ivor)
		b.Call("POST", "/session/totp", typed(code)).WantProblem(422, "wrong_code")
		ivor.Call("DELETE", "/me/totp", nil).Want(204)
		o.first.Call("GET", "/users/"+ivor.id, nil).WantProblem(401, "not_signed_in") // Ada's time ran out meanwhile
		o.enter(t, o.first)
		o.first.wantTrail(t, o.organisation, "/users/"+ivor.id+"/audit?action=identity.", "identity.confirmed", "identity.confirmed")
	})
}

// N8: the confirmation is no place to guess at either.
func TestWrongConfirmationsEndTheSession(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.join(t, "Ivor", "Confirm", roles("consultant"))
		app, _ := o.setUpApp(t, ivor)
		for range authorityThreshold / 2 {
			ivor.Call("POST", "/session/confirm", typed(app.wrong())).WantProblem(422, "wrong_code")
			ivor.Call("POST", "/session/confirm", object{"password": "not the password"}).WantProblem(422, "wrong_password")
		}
		ivor.Call("GET", "/session", nil).WantProblem(401, "not_signed_in")
		o.Browser(t).SignIn(o.slug, ivor.username, ivor.password).WantProblem(423, "locked")
	})
}

// X4.
func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.join(t, "Ivor", "Recovery", object{"roles": []string{"consultant"}, "email": "ivor.recovery@melchester.example"})
		app, void := o.setUpApp(t, ivor)
		codes := texts(ivor.Call("POST", "/me/recovery-codes", nil).Want(200).At("recoveryCodes"))
		wantRecoveryCodes(t, codes)
		s.Mail(t, "ivor.recovery@melchester.example", "New recovery codes")
		b, _ := o.atTheDoor(t, ivor)
		b.Call("POST", "/session/totp", typed(void[0])).WantProblem(422, "wrong_code") // the new set voids the old one

		left := map[int]string{9: "You have 9 codes left", 1: "You have one code left", 0: "It was your last one"}
		for i, code := range codes {
			b, in := o.atTheDoor(t, ivor)
			wantAsked(t, in, "totp")
			written := []string{code, strings.ToUpper(code), strings.ReplaceAll(code, "-", " "), strings.ReplaceAll(code, "-", "")}
			in = wantIn(t, b.Call("POST", "/session/totp", typed(written[i%len(written)]))) // however it is copied
			if in.At("user.recoveryCodes") != float64(9-i) {
				t.Errorf("after %d: %s", i+1, in.Body)
			}
			if words := left[9-i]; words != "" {
				o.mailSaying(t, "ivor.recovery@melchester.example", "has been used", words)
			}
		}
		b, in := o.atTheDoor(t, ivor)
		if got := texts(in.At("challenge.methods")); !slices.Equal(got, []string{"totp"}) {
			t.Errorf("no recovery code is left, but offered are %v", got)
		}
		b.Call("POST", "/session/totp", typed(codes[9])).WantProblem(422, "wrong_code")
		wantIn(t, b.Call("POST", "/session/totp", typed(app.next())))
		o.first.wantTrail(t, o.organisation, "/users/"+ivor.id+"/audit?action=recoveryCode.used&limit=10",
			slices.Repeat([]string{"recoveryCode.used"}, 10)...)
	})
}

// X4: one that is used to confirm who one is is used up too, and its owner hears of it.
func TestARecoveryCodeConfirmsWhoOneIs(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.join(t, "Ivor", "Lost", object{"roles": []string{"consultant"}, "email": "ivor.lost@melchester.example"})
		_, codes := o.setUpApp(t, ivor)
		s.Clock.Advance(proofHolds)
		ivor.Call("POST", "/session/confirm", typed(codes[3])).Want(204)
		o.mailSaying(t, "ivor.lost@melchester.example", "has been used", "You have 9 codes left")
		ivor.Call("POST", "/session/confirm", typed(codes[3])).WantProblem(422, "wrong_code")
		ivor.Call("DELETE", "/me/totp", nil).Want(204) // of the telephone that is lost
	})
}

// X19: A passkey is a second factor like an authenticator app, also for whoever has to set one up.
func TestADemandedSecondFactorCanBeAPasskey(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		o.first.set(object{"signIn": object{"secondFactor": "administrators"}}).Want(200)
		b, in := o.atTheDoor(t, o.first)
		wantAsked(t, in, "totpSetup")
		device := newDevice(s, o.first.id)
		credential := device.create(t, b.Call("POST", "/me/passkeys/options", nil).Want(200))
		made := b.Call("POST", "/me/passkeys", object{"name": "Telephone", "credential": credential}).Want(201)
		wantRecoveryCodes(t, texts(made.At("recoveryCodes")))
		wantIn(t, b.Call("GET", "/session", nil).Want(200))
		_, in = o.atTheDoor(t, o.first)
		wantAsked(t, in, "passkey")
	})
}

// X19: "asked for at the next sign-in after the promotion".
func TestTwoFactorAuthenticationForAdministrators(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		ivor := o.join(t, "Ivor", "Promoted", roles("consultant"))
		olga := o.join(t, "Olga", "Ordinary", roles("adviser"))
		o.first.set(object{"signIn": object{"secondFactor": "always"}}).WantProblem(422, "invalid").WantField("body.policy.signIn.secondFactor")
		o.first.set(object{"signIn": object{"secondFactor": "administrators"}}).Want(200)
		o.first.setRoles(ivor.id, "administrator").Want(200)
		for _, p := range []*person{o.first, ivor} { // whoever is in goes on
			p.Call("GET", "/users", nil).Want(200)
		}
		_, in := o.atTheDoor(t, olga)
		wantIn(t, in) // is none

		for _, p := range []*person{o.first, ivor} {
			b, in := o.atTheDoor(t, p)
			wantAsked(t, in, "totpSetup")
			app := authenticatorApp{tb: t, clock: s.Clock, secret: in.Text("challenge.secret")}
			again := wantAsked(t, b.Call("GET", "/session", nil), "totpSetup")
			for _, form := range []string{"secret", "otpauthUri", "qrCode"} {
				if got := again.Text("challenge." + form); got == "" || got != in.Text("challenge."+form) {
					t.Errorf("%s is %q after the page was loaded again, before %q", form, got, in.Text("challenge."+form))
				}
			}
			b.Call("GET", "/users", nil).WantProblem(403, "challenge_pending")
			b.Call("POST", "/session/totp", typed(app.wrong())).WantProblem(422, "wrong_code").WantField("body.code")
			done := wantIn(t, b.Call("POST", "/session/totp", typed(app.code(0))))
			wantRecoveryCodes(t, texts(done.At("recoveryCodes")))
			if later := b.Call("GET", "/session", nil).Want(200); later.At("recoveryCodes") != nil {
				t.Errorf("the recovery codes are shown again: %s", later.Body)
			}
			b.Call("GET", "/users", nil).Want(200)
			b, in = o.atTheDoor(t, p)
			wantAsked(t, in, "totp")
			wantIn(t, b.Call("POST", "/session/totp", typed(app.next())))
		}
		o.first.set(object{"signIn": object{"secondFactor": "everybody"}}).Want(200)
		_, in = o.atTheDoor(t, olga)
		wantAsked(t, in, "totpSetup")
	})
}

// X19: the interface's order, from an initial password to the inside, where everything is asked for.
func TestSettingUpComesBetweenPasswordAndAgreement(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openCollege(t, s)
		o.first.set(object{"signIn": object{"secondFactor": "everybody"}}).Want(200)
		bob := o.add("Bob", "Boldwood", roles("LRBOnlineUser"))
		b, in := o.atTheDoor(t, bob)
		wantAsked(t, in, "newPassword")
		in = wantAsked(t, b.Call("POST", "/session/password", apptest.NewPassword(chosenPassword)), "totpSetup")
		app := authenticatorApp{tb: t, clock: s.Clock, secret: in.Text("challenge.secret")}
		b.Call("POST", "/session/agreement", object{"version": 1, "accepted": true}).WantProblem(403, "challenge_pending")
		in = wantAsked(t, b.Call("POST", "/session/totp", typed(app.code(0))), "agreement")
		wantRecoveryCodes(t, texts(in.At("recoveryCodes")))
		wantIn(t, b.Call("POST", "/session/agreement", object{"version": 1, "accepted": true}))
	})
}

// X19: "exemptions carry a reason and an end date".
func TestExemptions(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		carla := o.join(t, "Carla", "Exempt", roles("administrator"))
		o.first.set(object{"signIn": object{"secondFactor": "administrators"}}).Want(200)
		path := "/users/" + carla.id + "/totp-exemption"
		asked := func(challenge string) {
			t.Helper()
			_, in := o.atTheDoor(t, carla)
			if challenge == "" {
				wantIn(t, in)
			} else {
				wantAsked(t, in, challenge)
			}
		}
		asked("totpSetup")
		o.refuseExemptions(t, path)

		until := s.Clock.Now().UTC().AddDate(0, 0, 30)
		exempt := o.first.Call("PUT", path, object{"reason": "Has no telephone yet", "until": until}).Want(200)
		if exempt.Text("totpExemption.reason") != "Has no telephone yet" || exempt.Text("totpExemption.until") != until.Format(time.RFC3339) {
			t.Errorf("%s", exempt.Body)
		}
		o.first.Call("PUT", path, object{"reason": "Again", "until": until}, "If-Match", `"1"`).WantProblem(412, "stale_version")
		asked("")
		o.first.Call("DELETE", path, nil).Want(200)
		asked("totpSetup")
		o.first.Call("PUT", path, object{"reason": "It has not come", "until": until}).Want(200)
		told := o.first.wantTrail(t, o.organisation, "/users/"+carla.id+"/audit?action=secondFactor.exempted",
			"secondFactor.exempted", "secondFactor.exempted", "secondFactor.exempted")
		for i, words := range []string{"It has not come", "taken back", "until " + until.Format(time.DateOnly) + ": Has no telephone yet"} {
			if !strings.Contains(told[i].Note, words) {
				t.Errorf("the trail says %q, want %q", told[i].Note, words)
			}
		}
		s.Clock.Advance(30*24*time.Hour - time.Second)
		asked("")
		s.Clock.Advance(time.Second)
		asked("totpSetup")
	})
}

func (o *organisation) refuseExemptions(t *testing.T, path string) {
	t.Helper()
	now := o.Clock.Now().UTC()
	for _, tt := range []struct {
		why    string
		body   object
		fields []string
	}{
		{"no reason", object{"reason": " ", "until": now.AddDate(0, 1, 0)}, []string{"body.reason"}},
		{"no end", object{"reason": "No telephone"}, []string{"body.until"}},
		{"an end that is now", object{"reason": "No telephone", "until": now}, []string{"body.until"}},
		{"more than a year", object{"reason": "No telephone", "until": now.AddDate(1, 0, 2)}, []string{"body.until"}},
		{"everything at once", object{"reason": "", "until": now.AddDate(0, -1, 0)}, []string{"body.reason", "body.until"}},
	} {
		a := o.first.Call("PUT", path, tt.body)
		if a.Status != 422 {
			t.Errorf("%s: got %d: %s", tt.why, a.Status, a.Body)
			continue
		}
		for _, field := range tt.fields {
			a.WantField(field)
		}
	}
	o.first.Call("PUT", "/users/"+o.first.id+"/totp-exemption", object{"reason": "I may", "until": now.AddDate(0, 1, 0)}).
		WantProblem(409, "cannot_change_self")
}

// X19: what is demanded cannot be given up, only exchanged.
func TestTheLastSecondFactorStaysWhereItIsDemanded(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		o := openAuthority(t, s)
		carla := o.join(t, "Carla", "Keeps", roles("administrator"))
		o.setUpApp(t, carla)
		o.first.set(object{"signIn": object{"secondFactor": "administrators"}}).Want(200)
		carla.Call("DELETE", "/me/totp", nil).WantProblem(409, "second_factor_required")
		d := o.addPasskey(t, carla, "Telephone")
		carla.Call("DELETE", "/me/totp", nil).Want(204)
		carla.Call("DELETE", "/me/passkeys/"+d.id(), nil).WantProblem(409, "second_factor_required")
		// Whoever is exempt may, and whoever is no administrator any more.
		until := s.Clock.Now().Add(time.Hour)
		o.first.Call("PUT", "/users/"+carla.id+"/totp-exemption", object{"reason": "Repair", "until": until}).Want(200)
		carla.Call("DELETE", "/me/passkeys/"+d.id(), nil).Want(204)
		o.setUpApp(t, carla)
		o.first.Call("DELETE", "/users/"+carla.id+"/totp-exemption", nil).Want(200)
		carla.Call("DELETE", "/me/totp", nil).WantProblem(409, "second_factor_required")
		o.first.setRoles(carla.id, "adviser").Want(200)
		carla.Call("DELETE", "/me/totp", nil).Want(204)
	})
}
