package federation_test

import (
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/infra/emulators/openid/openidtest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/federation"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	for name, client := range map[string]openidtest.Client{
		"RS256":               {Secret: secret},
		"PS256":               {Secret: secret, Alg: "PS256"},
		"ES256":               {Secret: secret, Alg: "ES256"},
		"EdDSA":               {Secret: secret, Alg: "EdDSA"},
		"a public client":     {},
		"an awkward secret":   {Secret: "a:b c+d%2F&="},
		"a secret that posts": {Secret: secret, PostsSecret: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := worldAt(t, openidtest.New(t, emulatortest.OpenID(t)), client)
			if client.PostsSecret {
				w.SetMetadata(t, map[string]any{"token_endpoint_auth_methods_supported": []string{"client_secret_post"}})
			}
			if err := w.federation.Check(t.Context(), w.settings); err != nil {
				t.Errorf("Check: %v", err)
			}
			got, err := w.signIn(t)
			wantAnn(t, got, err)
		})
	}
}

func TestClaimsThatTheIDTokenDoesNotHaveComeFromUserInfo(t *testing.T) {
	t.Parallel()
	w := worldAt(t, openidtest.NewUserinfoOnly(t, emulatortest.OpenID(t)), openidtest.Client{Secret: secret})
	got, err := w.signIn(t)
	wantAnn(t, got, err)
}

func TestAnEmailAddressThatTheIDTokenDoesNotHaveComesFromUserInfo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Misbehave(t, openidtest.Misdeed{Claims: map[string]any{"email": nil, "email_verified": nil}})
	got, err := w.signIn(t)
	wantAnn(t, got, err)
}

func TestAddressOfTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address, err := w.federation.Begin(t.Context(), w.settings, flow)
	if err != nil {
		t.Fatal(err)
	}
	at, query, _ := strings.Cut(address, "?")
	got, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"response_type": {"code"}, "response_mode": {"query"}, "client_id": {"caretaker"}, "redirect_uri": {callback},
		"scope": {"openid profile email"}, "state": {flow.State}, "nonce": {flow.Nonce},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(flow.Verifier)}, "code_challenge_method": {"S256"},
	}
	if at != w.Issuer+"/auth" || !maps.EqualFunc(got, want, func(a, b []string) bool { return strings.Join(a, "|") == strings.Join(b, "|") }) {
		t.Errorf("address = %s?%v, want %v", at, got, want)
	}
}

func TestAFlowThatBindsNothingIsNotBegun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, f := range map[string]directory.Flow{
		"no state":       {Nonce: flow.Nonce, Verifier: flow.Verifier},
		"no nonce":       {State: flow.State, Verifier: flow.Verifier},
		"short verifier": {State: flow.State, Nonce: flow.Nonce, Verifier: flow.Verifier[:42]},
		"long verifier":  {State: flow.State, Nonce: flow.Nonce, Verifier: strings.Repeat("v", 129)},
	} {
		if address, err := w.federation.Begin(t.Context(), w.settings, f); directory.KindOf(err) != directory.Internal || address != "" {
			t.Errorf("%s: Begin = %q, %v", name, address, err)
		}
		if _, err := w.federation.Finish(t.Context(), w.settings, f, "code"); err == nil || directory.KindOf(err) != directory.Internal {
			t.Errorf("%s: Finish = %v", name, err)
		}
	}
}

// The provider's ID token is altered each time; then the next one, which is right, is accepted.
func TestIDTokensThatProveNothingAreRefused(t *testing.T) {
	t.Parallel()
	claim := func(name string, value any) openidtest.Misdeed {
		return openidtest.Misdeed{Claims: map[string]any{name: value}}
	}
	for name, misdeed := range map[string]openidtest.Misdeed{
		"wrong nonce":                   claim("nonce", "another"),
		"no nonce":                      claim("nonce", nil),
		"empty nonce":                   claim("nonce", ""),
		"another audience":              claim("aud", "somebody-else"),
		"no audience":                   claim("aud", nil),
		"two audiences without azp":     claim("aud", []string{"caretaker", "somebody-else"}),
		"two audiences, another's azp":  {Claims: map[string]any{"aud": []string{"caretaker", "x"}, "azp": "x"}},
		"one audience, another's azp":   claim("azp", "x"),
		"azp that is not a text":        claim("azp", []string{"caretaker"}),
		"another issuer":                claim("iss", "https://elsewhere.example"),
		"no issuer":                     claim("iss", nil),
		"expired":                       {Shift: -3600 - 90},
		"no expiry":                     claim("exp", nil),
		"from the future":               {Shift: 90},
		"no time of issue":              claim("iat", nil),
		"not valid yet":                 claim("nbf", time.Now().Add(time.Hour).Unix()),
		"no subject":                    claim("sub", nil),
		"a subject that is too long":    claim("sub", strings.Repeat("s", 256)),
		"no claim":                      claim("preferred_username", nil),
		"an empty claim":                claim("preferred_username", ""),
		"a claim that is a number":      claim("preferred_username", 5),
		"unsigned":                      {Alg: "none"},
		"HS256 with the secret":         {Alg: "HS256"},
		"HS256 with the public key":     {Alg: "HS256-public"},
		"an algorithm not on the list":  {Alg: "RS512"},
		"signed by another":             {Key: "foreign"},
		"signed by another, unnamed":    {Key: "foreign", Kid: new("")},
		"signed by a key nobody has":    {Key: "foreign", Kid: new("new")},
		"another's key of another kind": {Key: "foreign", Alg: "ES256"},
		"signed under an unknown name":  {Kid: new("new")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if _, taken := misdeed.Claims["preferred_username"]; taken {
				w.SetMetadata(t, map[string]any{"userinfo_endpoint": nil})
			}
			w.Misbehave(t, misdeed)
			got, err := w.signIn(t)
			wantError(t, err, directory.ErrIdentityRefused)
			if got != (directory.Identity{}) {
				t.Errorf("identity = %+v beside an error", got)
			}
			got, err = w.signIn(t)
			wantAnn(t, got, err)
		})
	}
}

func TestIDTokensThatAreOnlyUnusualAreAccepted(t *testing.T) {
	t.Parallel()
	for name, misdeed := range map[string]openidtest.Misdeed{
		"two audiences with azp":         {Claims: map[string]any{"aud": []string{"x", "caretaker"}, "azp": "caretaker"}},
		"verified as a text":             {Claims: map[string]any{"email_verified": "true"}},
		"expired less than a minute ago": {Shift: -3600 - 30},
		"issued by a clock that is fast": {Shift: 30},
		"a key without a name":           {Kid: new("")},
		"a key of another kind":          {Alg: "ES256"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Misbehave(t, misdeed)
			got, err := w.signIn(t)
			wantAnn(t, got, err)
		})
	}
}

func TestEmailIsVerifiedOnlyIfTheProviderSaysSo(t *testing.T) {
	t.Parallel()
	for name, said := range map[string]any{
		"false": false, "the text false": "false", "nothing": nil, "a number": 1, "a list": []bool{true}, "yes": "yes",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.SetMetadata(t, map[string]any{"userinfo_endpoint": nil})
			w.Misbehave(t, openidtest.Misdeed{Claims: map[string]any{"email_verified": said}})
			if got, err := w.signIn(t); err != nil || got.EmailVerified || got.Email != ann.Email {
				t.Errorf("identity = %+v, %v", got, err)
			}
		})
	}
}

func TestTheClaimIsTheOneThatWasChosen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for claim, want := range map[string]string{"email": "ann@school.example", "sub": "ann", "preferred_username": "ann.smith"} {
		w.settings.Claim = claim
		if got, err := w.signIn(t); err != nil || got.Name != want {
			t.Errorf("claim %s: %+v, %v; want the name %s", claim, got, err, want)
		}
	}
	for _, claim := range []string{"number", "missing", "Preferred_Username"} {
		w.settings.Claim = claim
		_, err := w.signIn(t)
		wantError(t, err, directory.ErrIdentityRefused)
	}
}

func TestAnAnswerWithoutAnIDTokenIsTheProvidersFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Misbehave(t, openidtest.Misdeed{Omit: true})
	_, err := w.signIn(t)
	wantError(t, err, directory.ErrProviderMisconfigured)
}

func TestACodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answer := w.leave(t)
	got, err := w.finish(t, answer)
	wantAnn(t, got, err)
	_, err = w.finish(t, answer)
	wantError(t, err, directory.ErrIdentityRefused)
}

func TestACodeIsForWhoeverBegan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, change := range map[string]func(f *directory.Flow, code *string){
		"another verifier":    func(f *directory.Flow, _ *string) { f.Verifier = strings.Repeat("x", 43) },
		"another nonce":       func(f *directory.Flow, _ *string) { f.Nonce = "another" },
		"another issuer":      func(f *directory.Flow, _ *string) { f.Issuer = "https://elsewhere.example" },
		"no issuer":           func(f *directory.Flow, _ *string) { f.Issuer = "" },
		"a code that is none": func(_ *directory.Flow, code *string) { *code = "made-up" },
		"no code":             func(_ *directory.Flow, code *string) { *code = "" },
	} {
		answer := w.leave(t)
		f, code := flow, answer.Get("code")
		f.Issuer = answer.Get("iss")
		change(&f, &code)
		if _, err := w.federation.Finish(t.Context(), w.settings, f, code); err == nil {
			t.Errorf("%s was accepted", name)
		} else {
			wantError(t, err, directory.ErrIdentityRefused)
		}
	}
}

// RFC 9207: a provider need not name itself, but if it does it must be right.
func TestAProviderThatDoesNotNameItselfNeedNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetMetadata(t, map[string]any{"authorization_response_iss_parameter_supported": nil})
	answer := w.leave(t)
	answer.Set("iss", "https://elsewhere.example")
	_, err := w.finish(t, answer)
	wantError(t, err, directory.ErrIdentityRefused)
	answer.Del("iss")
	got, err := w.finish(t, answer)
	wantAnn(t, got, err)
}

func TestAClientThatTheProviderDoesNotKnow(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(p *directory.Provider){
		"wrong secret":   func(p *directory.Provider) { p.ClientSecret = "wrong" },
		"no secret":      func(p *directory.Provider) { p.ClientSecret = "" },
		"unknown client": func(p *directory.Provider) { p.ClientID = "unknown" },
		"no client":      func(p *directory.Provider) { p.ClientID = "" },
		"no claim":       func(p *directory.Provider) { p.Claim = "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			answer := w.leave(t)
			change(&w.settings)
			_, err := w.finish(t, answer)
			wantError(t, err, directory.ErrProviderMisconfigured)
		})
	}
}

func TestNewKeysAreFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		got, err := w.signIn(t)
		wantAnn(t, got, err)
		w.RotateKeys(t)
		w.clock.advance(federation.KeysAgainAfter)
		w.SetClock(t, w.clock.Now())
	}
}

func TestKeysThatWereWithdrawnAreForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answer := w.leave(t)
	w.RotateKeys(t)
	w.Misbehave(t, openidtest.Misdeed{Key: "foreign"}) // by the name of a new key, signed with one that is not there
	_, err := w.finish(t, answer)
	wantError(t, err, directory.ErrIdentityRefused)
	got, err := w.signIn(t)
	wantAnn(t, got, err)
}

func TestTheClockIsTheOneThatIsGiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clock.advance(1000 * time.Hour)
	_, err := w.signIn(t)
	wantError(t, err, directory.ErrIdentityRefused)
	w.SetClock(t, w.clock.Now())
	got, err := w.signIn(t)
	wantAnn(t, got, err)
}

func TestAnOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answer := w.leave(t)
	w.SetOutage(t, true)
	_, err := w.finish(t, answer)
	wantError(t, err, errUnavailable)
	wantError(t, w.federation.Check(t.Context(), w.settings), errUnavailable)
	if _, err := w.federation.Begin(t.Context(), w.settings, flow); err != nil {
		t.Errorf("what is known of the provider is not used: %v", err)
	}
	w.SetOutage(t, false)
	got, err := w.finish(t, answer)
	wantAnn(t, got, err)
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	ps := federation.New(federation.Config{BaseURL: base, Now: time.Now, AllowLoopback: true})
	p := directory.Provider{Issuer: "http://127.0.0.1:1", ClientID: "caretaker", Claim: "sub"}
	_, err := ps.Begin(t.Context(), p, flow)
	wantError(t, err, errUnavailable)
	wantError(t, ps.Check(t.Context(), p), errUnavailable)
}

func TestWhoeverCancels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.NextCancel(t)
	address, err := w.federation.Begin(t.Context(), w.settings, flow)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.finish(t, w.SignIn(t, address).Query())
	wantError(t, err, directory.ErrIdentityRefused)
}
