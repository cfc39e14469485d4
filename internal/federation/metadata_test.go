package federation_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/federation"
)

func TestCheckSaysWhatIsWrongWithAProvider(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		metadata map[string]any
		told     string
	}{
		"another issuer":        {map[string]any{"issuer": "https://elsewhere.example"}, "another issuer"},
		"a slash more":          {map[string]any{"issuer": "http://127.0.0.1/tenant/"}, "another issuer"},
		"no issuer":             {map[string]any{"issuer": nil}, "another issuer"},
		"no authorization":      {map[string]any{"authorization_endpoint": nil}, "authorization endpoint"},
		"a script":              {map[string]any{"authorization_endpoint": "javascript:alert(1)"}, "authorization endpoint"},
		"plain http":            {map[string]any{"authorization_endpoint": "http://idp.example/"}, "authorization endpoint"},
		"with a password":       {map[string]any{"authorization_endpoint": "https://a:b@idp.example/"}, "authorization endpoint"},
		"with a fragment":       {map[string]any{"authorization_endpoint": "https://idp.example/#a"}, "authorization endpoint"},
		"no tokens":             {map[string]any{"token_endpoint": nil}, "token endpoint"},
		"tokens without TLS":    {map[string]any{"token_endpoint": "http://idp.example/token"}, "token endpoint"},
		"a file of keys":        {map[string]any{"jwks_uri": "file:///etc/passwd"}, "its keys"},
		"no keys":               {map[string]any{"jwks_uri": nil}, "its keys"},
		"UserInfo without TLS":  {map[string]any{"userinfo_endpoint": "http://idp.example/"}, "UserInfo"},
		"implicit flow alone":   {map[string]any{"response_types_supported": []string{"id_token"}}, "authorisation code flow"},
		"another grant":         {map[string]any{"grant_types_supported": []string{"implicit"}}, "authorisation code flow"},
		"no grants":             {map[string]any{"grant_types_supported": []string{}}, "authorisation code flow"},
		"fragments alone":       {map[string]any{"response_modes_supported": []string{"fragment"}}, "query"},
		"plain challenges":      {map[string]any{"code_challenge_methods_supported": []string{"plain"}}, "PKCE"},
		"secrets as signatures": {map[string]any{"id_token_signing_alg_values_supported": []string{"HS256", "none"}}, "ID tokens"},
		"no client secrets":     {map[string]any{"token_endpoint_auth_methods_supported": []string{"private_key_jwt"}}, "client secrets"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.metadata = c.metadata
			err := f.federation().Check(t.Context(), f.provider())
			wantError(t, err, directory.ErrProviderMisconfigured)
			if e, ok := errors.AsType[*directory.Error](err); !ok || !strings.Contains(e.Detail, c.told) {
				t.Errorf("err = %v, want a detail that tells of %q", err, c.told)
			}
			_, err = f.federation().Begin(t.Context(), f.provider(), flow)
			wantError(t, err, directory.ErrProviderMisconfigured)
			if e, ok := errors.AsType[*directory.Error](err); !ok || e.Detail != directory.ErrProviderMisconfigured.Detail {
				t.Errorf("a user is told %v", err)
			}
		})
	}
}

func TestProvidersNeedNotSayEverything(t *testing.T) {
	t.Parallel()
	for name, metadata := range map[string]map[string]any{
		"only what must be there": {"userinfo_endpoint": nil, "response_types_supported": nil, "id_token_signing_alg_values_supported": nil},
		"all of it": {
			"grant_types_supported": []string{"authorization_code"}, "response_modes_supported": []string{"query"},
			"code_challenge_methods_supported":      []string{"plain", "S256"},
			"token_endpoint_auth_methods_supported": []string{"client_secret_post"},
			"id_token_signing_alg_values_supported": []string{"none", "HS256", "ES256"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.metadata = metadata
			got, err := f.finish(t, f.federation())
			wantAnn(t, got, err)
		})
	}
}

// An algorithm that the provider does not say it uses is not believed from it.
func TestOnlyAnnouncedSignaturesAreBelieved(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.metadata = map[string]any{"id_token_signing_alg_values_supported": []string{"RS256"}}
	_, err := f.finish(t, f.federation())
	wantError(t, err, directory.ErrIdentityRefused)
}

func TestIssuersThatAreNone(t *testing.T) {
	t.Parallel()
	ps := federation.New(federation.Config{BaseURL: base, Now: time.Now})
	for _, issuer := range []string{
		"", "idp.example", "http://idp.example", "ftp://idp.example", "https://", "https://idp.example/?tenant=1",
		"https://idp.example/?", "https://idp.example/#a", "https://idp.example/#", "https://user@idp.example",
		"http://127.0.0.1:1", "http://localhost:1", "https://idp.example/\x00", "https://idp.example:port/",
		"javascript:alert(1)", "https:idp.example", "//idp.example", "https://idp.example/" + strings.Repeat("a", 1024),
	} {
		err := ps.Check(t.Context(), directory.Provider{Issuer: issuer, ClientID: "caretaker", Claim: "sub"})
		wantError(t, err, directory.ErrProviderMisconfigured)
		if !strings.Contains(err.Error(), "not an https address") {
			t.Errorf("%q: %v, want it refused before it is asked", issuer, err)
		}
	}
}

// With AllowLoopback too, http is for this machine alone.
func TestPlainHTTPIsForLoopbackAlone(t *testing.T) {
	t.Parallel()
	ps := federation.New(federation.Config{BaseURL: base, Now: time.Now, AllowLoopback: true})
	for _, issuer := range []string{"http://idp.example", "http://10.0.0.1", "http://127.0.0.1.idp.example", "http://0.0.0.0:1"} {
		err := ps.Check(t.Context(), directory.Provider{Issuer: issuer, ClientID: "caretaker", Claim: "sub"})
		wantError(t, err, directory.ErrProviderMisconfigured)
	}
}
