package openidtest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/infra/emulators/openid/openidtest"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }

const (
	callback = "https://rp.example/callback"
	verifier = "0123456789012345678901234567890123456789abc"
)

// provider has a public client "app" and knows Ann and Bob.
func provider(t *testing.T) *openidtest.Provider {
	t.Helper()
	p := openidtest.New(t, emulatortest.OpenID(t))
	p.SetClient(t, openidtest.Client{ID: "app", RedirectURIs: []string{callback}})
	p.SetAccount(t, "ann", map[string]any{"email": "ann@school.example", "email_verified": true, "employee": "E1"})
	p.SetAccount(t, "bob", map[string]any{})
	return p
}

// address is that of an authorisation request.
func address(p *openidtest.Provider, change map[string]string) string {
	digest := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"client_id": {"app"}, "response_type": {"code"}, "redirect_uri": {callback}, "scope": {"openid profile email"},
		"state": {"s"}, "nonce": {"n"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(digest[:])}, "code_challenge_method": {"S256"},
	}
	for name, value := range change {
		q.Set(name, value)
	}
	return p.Issuer + "/auth?" + q.Encode()
}

// idToken exchanges a code and returns header and claims of the ID token.
func idToken(t *testing.T, p *openidtest.Provider, code string) (header, claims map[string]any) {
	t.Helper()
	status, answer := ask(t, http.MethodPost, p.Issuer+"/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "client_id": {"app"},
		"code_verifier": {verifier},
	}.Encode())
	if status != http.StatusOK {
		t.Fatalf("the token endpoint answers %d: %v", status, answer)
	}
	token, _ := answer["id_token"].(string)
	if token == "" {
		return nil, nil
	}
	parts := strings.Split(token, ".")
	decode(t, parts[0], &header)
	decode(t, parts[1], &claims)
	return header, claims
}

func decode(t *testing.T, part string, into any) {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, method, address, form string) (status int, answer map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatalf("%s %s: %s: %v", method, address, res.Status, err)
	}
	return res.StatusCode, answer
}

// signIn signs Ann in and returns the claims.
func signIn(t *testing.T, p *openidtest.Provider) map[string]any {
	t.Helper()
	p.NextSignIn(t, "ann")
	_, claims := idToken(t, p, p.SignIn(t, address(p, nil)).Query().Get("code"))
	return claims
}

func TestPeopleSignInAsTheTestSays(t *testing.T) {
	t.Parallel()
	p := provider(t)
	p.NextSignIn(t, "ann")
	p.NextSignIn(t, "bob")
	for _, want := range []string{"ann", "bob"} {
		back := p.SignIn(t, address(p, nil))
		if back.Host != "rp.example" || back.Query().Get("state") != "s" || back.Query().Get("iss") != p.Issuer {
			t.Errorf("sent back to %s", back)
		}
		if _, claims := idToken(t, p, back.Query().Get("code")); claims["sub"] != want {
			t.Errorf("claims = %v, want those of %s", claims, want)
		}
	}
}

func TestClaimsAreThoseOfTheAccount(t *testing.T) {
	t.Parallel()
	p := provider(t)
	claims := signIn(t, p)
	if claims["email"] != "ann@school.example" || claims["email_verified"] != true || claims["employee"] != "E1" ||
		claims["nonce"] != "n" || claims["aud"] != "app" {
		t.Errorf("claims = %v", claims)
	}
}

func TestUserinfoOnlyKeepsClaimsOutOfTheIDToken(t *testing.T) {
	t.Parallel()
	p := openidtest.NewUserinfoOnly(t, emulatortest.OpenID(t))
	p.SetClient(t, openidtest.Client{ID: "app", RedirectURIs: []string{callback}})
	p.SetAccount(t, "ann", map[string]any{"email": "ann@school.example"})
	if claims := signIn(t, p); claims["sub"] != "ann" || claims["email"] != nil {
		t.Errorf("claims = %v, want none but the subject", claims)
	}
}

func TestWhoeverCancelsIsSentBackWithAnError(t *testing.T) {
	t.Parallel()
	p := provider(t)
	p.NextCancel(t)
	if got := p.SignIn(t, address(p, nil)).Query(); got.Get("error") != "access_denied" || got.Has("code") {
		t.Errorf("answer = %v", got)
	}
}

func TestPKCEIsRequired(t *testing.T) {
	t.Parallel()
	p := provider(t)
	for name, change := range map[string]map[string]string{
		"none":  {"code_challenge": "", "code_challenge_method": ""},
		"plain": {"code_challenge_method": "plain"},
	} {
		if got := p.SignIn(t, address(p, change)).Query(); got.Get("error") != "invalid_request" || got.Has("code") {
			t.Errorf("%s: answer = %v", name, got)
		}
	}
}

// failing is a testing.TB that notes Fatalf and ends the goroutine, as the real one does.
type failing struct {
	testing.TB
	failed chan<- bool
}

func (f failing) Fatalf(string, ...any) {
	f.failed <- true
	runtime.Goexit()
}

func TestASignInThatNobodySpokeForFails(t *testing.T) {
	t.Parallel()
	p := provider(t)
	failed := make(chan bool, 1)
	go func() {
		p.SignIn(failing{t, failed}, address(p, nil))
		failed <- false
	}()
	if !<-failed {
		t.Error("somebody signed in")
	}
}

func TestMisdeeds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		misdeed openidtest.Misdeed
		shows   func(header, claims map[string]any) bool
	}{
		"a claim replaced": {
			openidtest.Misdeed{Claims: map[string]any{"nonce": "other"}},
			func(_, claims map[string]any) bool { return claims["nonce"] == "other" && claims["sub"] == "ann" },
		},
		"a claim left out": {
			openidtest.Misdeed{Claims: map[string]any{"nonce": nil}},
			func(_, claims map[string]any) bool { _, there := claims["nonce"]; return !there },
		},
		"expired": {
			openidtest.Misdeed{Shift: -7200},
			func(_, claims map[string]any) bool { return claims["exp"].(float64) < float64(time.Now().Unix()) },
		},
		"unsigned": {
			openidtest.Misdeed{Alg: "none"},
			func(header, _ map[string]any) bool { return header["alg"] == "none" },
		},
		"signed with the public key": {
			openidtest.Misdeed{Alg: "HS256-public"},
			func(header, _ map[string]any) bool { return header["alg"] == "HS256" },
		},
		"another kind of key": {
			openidtest.Misdeed{Alg: "EdDSA"},
			func(header, _ map[string]any) bool { return header["alg"] == "EdDSA" },
		},
		"another name of the key": {
			openidtest.Misdeed{Key: "foreign", Kid: new("k")},
			func(header, _ map[string]any) bool { return header["kid"] == "k" },
		},
		"no name of the key": {
			openidtest.Misdeed{Kid: new("")},
			func(header, _ map[string]any) bool { _, there := header["kid"]; return !there },
		},
		"no ID token": {
			openidtest.Misdeed{Omit: true},
			func(_, claims map[string]any) bool { return claims == nil },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := provider(t)
			p.Misbehave(t, c.misdeed)
			p.NextSignIn(t, "ann")
			header, claims := idToken(t, p, p.SignIn(t, address(p, nil)).Query().Get("code"))
			if !c.shows(header, claims) {
				t.Errorf("ID token = %v %v", header, claims)
			}
			if after := signIn(t, p); after["nonce"] != "n" {
				t.Errorf("the ID token after it = %v, want one that is right", after)
			}
		})
	}
}

func TestKeysAreReplaced(t *testing.T) {
	t.Parallel()
	p := provider(t)
	_, before := ask(t, http.MethodGet, p.Issuer+"/jwks", "")
	p.NextSignIn(t, "ann")
	code := p.SignIn(t, address(p, nil)).Query().Get("code")
	p.RotateKeys(t)
	_, after := ask(t, http.MethodGet, p.Issuer+"/jwks", "")
	for _, key := range before["keys"].([]any) {
		for _, left := range after["keys"].([]any) {
			if key.(map[string]any)["kid"] == left.(map[string]any)["kid"] {
				t.Errorf("key %v is still there", left)
			}
		}
	}
	if header, _ := idToken(t, p, code); header["kid"] == nil {
		t.Errorf("a sign-in begun before gave %v", header)
	}
}

func TestMetadataOutageAndClock(t *testing.T) {
	t.Parallel()
	p := provider(t)
	discovery := p.Issuer + "/.well-known/openid-configuration"
	p.SetMetadata(t, map[string]any{"issuer": "https://elsewhere.example", "jwks_uri": nil})
	if _, got := ask(t, http.MethodGet, discovery, ""); got["issuer"] != "https://elsewhere.example" || got["jwks_uri"] != nil {
		t.Errorf("metadata = %v", got)
	}
	p.SetOutage(t, true)
	if status, _ := ask(t, http.MethodGet, discovery, ""); status != http.StatusServiceUnavailable {
		t.Errorf("during an outage it answers %d", status)
	}
	p.SetOutage(t, false)
	now := time.Now().Add(1000 * time.Hour)
	p.SetClock(t, now)
	claims := signIn(t, p)
	if issued := time.Unix(int64(claims["iat"].(float64)), 0); issued.Sub(now).Abs() > time.Minute {
		t.Errorf("issued at %v, want %v", issued, now)
	}
}

func TestProvidersKeepApart(t *testing.T) {
	t.Parallel()
	a, b := provider(t), provider(t)
	a.NextSignIn(t, "ann")
	b.NextSignIn(t, "bob")
	if _, claims := idToken(t, b, b.SignIn(t, address(b, nil)).Query().Get("code")); claims["sub"] != "bob" || claims["iss"] != b.Issuer {
		t.Errorf("claims = %v", claims)
	}
}
