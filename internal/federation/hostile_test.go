package federation_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/federation"
)

func TestTheFakeIsAProviderUntilItMisbehaves(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	if err := f.federation().Check(t.Context(), f.provider()); err != nil {
		t.Error(err)
	}
	got, err := f.finish(t, f.federation())
	wantAnn(t, got, err)
}

// silent does not answer; it ends with its client.
func silent(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client left
	<-r.Context().Done()
}

// trickling sends the beginning of an answer, and no more.
func trickling(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	_, _ = w.Write([]byte(`{"issuer":`))
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// cutOff ends in the middle of an answer.
func cutOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(`{"issuer":`))
}

func huge(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte(`{"x":"` + strings.Repeat("x", federation.MaxBytes) + `"}`))
}

// bomb is small until it is unpacked.
func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	packed := gzip.NewWriter(w)
	_, _ = packed.Write([]byte(`{"x":"` + strings.Repeat("x", 2*federation.MaxBytes)))
	_ = packed.Close()
}

func manyHeaders(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Large", strings.Repeat("x", 64<<10))
	_, _ = w.Write([]byte(`{}`))
}

// Each of the four addresses of a provider misbehaves in each way.
func TestProvidersThatMisbehave(t *testing.T) {
	t.Parallel()
	misconfigured := directory.ErrProviderMisconfigured
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"silent":        {silent, errUnavailable},
		"trickling":     {trickling, errUnavailable},
		"cut off":       {cutOff, errUnavailable},
		"overloaded":    {says(http.StatusTooManyRequests, `{}`), errUnavailable},
		"broken":        {says(http.StatusBadGateway, `<html>`), errUnavailable},
		"huge":          {huge, misconfigured},
		"a bomb":        {bomb, misconfigured},
		"large headers": {manyHeaders, errUnavailable},
		"not found":     {http.NotFound, misconfigured},
		"forbidden":     {says(http.StatusForbidden, `{}`), misconfigured},
		"not JSON":      {says(http.StatusOK, `<html>`), misconfigured},
		"a list":        {says(http.StatusOK, `[]`), misconfigured},
	} {
		for _, path := range []string{discoveryPath, keysPath, tokenPath, userinfoPath} {
			t.Run(name+path, func(t *testing.T) {
				t.Parallel()
				f := newFake(t)
				f.replace[path] = c.answer
				ps, p := f.federation(), f.provider()
				if name == "silent" || name == "trickling" {
					ps.Within(200 * time.Millisecond)
				}
				if path == userinfoPath {
					p.Claim = "upn" // the ID token does not have it
				}
				_, err := ps.Finish(t.Context(), p, flow, code)
				wantError(t, err, c.want)
			})
		}
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	elsewhere := newFake(t)
	for name, c := range map[string]struct {
		to   func(f *fake) string
		want error
	}{
		"another port":   {func(*fake) string { return elsewhere.server.URL + "/tenant" + discoveryPath }, directory.ErrProviderMisconfigured},
		"another host":   {func(*fake) string { return "https://elsewhere.example/" }, directory.ErrProviderMisconfigured},
		"another scheme": {func(f *fake) string { return strings.Replace(f.server.URL, "http:", "https:", 1) }, directory.ErrProviderMisconfigured},
		"a file":         {func(*fake) string { return "file:///etc/passwd" }, directory.ErrProviderMisconfigured},
		"for ever":       {func(*fake) string { return "/tenant" + discoveryPath }, directory.ErrProviderMisconfigured},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.replace[discoveryPath] = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, c.to(f), http.StatusFound) }
			wantError(t, f.federation().Check(t.Context(), f.provider()), c.want)
		})
	}
	t.Cleanup(func() {
		if n := elsewhere.asked[discoveryPath].Load(); n != 0 {
			t.Errorf("the other provider was asked %d times", n)
		}
	})
}

func TestRedirectsAreFollowedThreeTimes(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.replace[discoveryPath] = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }
	wantError(t, f.federation().Check(t.Context(), f.provider()), directory.ErrProviderMisconfigured)
	f.wantAsked(t, discoveryPath, 4)
}

// What comes first would do, were it not for what follows.
func TestAnAnswerThatIsTooLargeIsNotUsed(t *testing.T) {
	t.Parallel()
	for padding, want := range map[int]error{federation.MaxBytes - 1000: nil, federation.MaxBytes: directory.ErrProviderMisconfigured} {
		f := newFake(t)
		f.replace[discoveryPath] = func(w http.ResponseWriter, _ *http.Request) {
			answer(w, f.document(f.provider().Issuer))
			_, _ = w.Write([]byte(strings.Repeat(" ", padding)))
		}
		if err := f.federation().Check(t.Context(), f.provider()); !errors.Is(err, want) {
			t.Errorf("with %d bytes more: %v, want %v", padding, err, want)
		}
	}
}

func TestARedirectWithinTheHostIsFollowed(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.replace[discoveryPath] = func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/moved") {
			http.Redirect(w, r, "/moved"+r.URL.Path, http.StatusMovedPermanently)
			return
		}
		answer(w, f.document(f.provider().Issuer))
	}
	if err := f.federation().Check(t.Context(), f.provider()); err != nil {
		t.Error(err)
	}
}

// A 307 would have the client send code and secret again, to wherever it says.
func TestTheTokenRequestIsNeverRedirected(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		var leaked atomic.Bool
		f := newFake(t)
		f.replace[userinfoPath] = func(http.ResponseWriter, *http.Request) { leaked.Store(true) }
		f.replace[tokenPath] = func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/tenant"+userinfoPath+"?code="+r.FormValue("code"), status)
		}
		_, err := f.finish(t, f.federation())
		wantError(t, err, directory.ErrProviderMisconfigured)
		wantNoSecrets(t, err)
		if leaked.Load() {
			t.Errorf("%d: the redirect was followed", status)
		}
	}
}

func wantNoSecrets(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, s := range []string{secret, code, flow.Verifier, flow.Nonce, flow.State, "access-token-4711", "eyJ"} {
			if strings.Contains(e.Error(), s) {
				t.Errorf("the error tells %q: %v", s, e)
			}
		}
	}
}

// Whatever a provider quotes, causes hold nothing of it.
func TestCausesHoldNoSecrets(t *testing.T) {
	t.Parallel()
	quoted := strings.Join([]string{secret, code, flow.Verifier, flow.Nonce, flow.State, "access-token-4711"}, " ")
	for name, replace := range map[string]func(f *fake){
		"a description": func(f *fake) {
			f.replace[tokenPath] = says(http.StatusBadRequest, `{"error":"invalid_grant","error_description":"`+quoted+`"}`)
		},
		"an error code": func(f *fake) { f.replace[tokenPath] = says(http.StatusBadRequest, `{"error":"`+code+`"}`) },
		"a page":        func(f *fake) { f.replace[tokenPath] = says(http.StatusInternalServerError, "<p>"+quoted) },
		"a number": func(f *fake) {
			f.replace[tokenPath] = says(http.StatusOK, `{"access_token":"a","expires_in":"`+code+`"}`)
		},
		"a page as 200": func(f *fake) { f.replace[tokenPath] = says(http.StatusOK, quoted) },
		"a form": func(f *fake) {
			f.replace[tokenPath] = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/x-www-form-urlencoded")
				_, _ = w.Write([]byte("%zz" + quoted))
			}
		},
		"an ID token that is none": func(f *fake) {
			f.replace[tokenPath] = says(http.StatusOK, `{"access_token":"access-token-4711","id_token":"eyJ`+code+`.`+code+`.`+code+`"}`)
		},
		"no ID token": func(f *fake) { f.replace[tokenPath] = says(http.StatusOK, `{"access_token":"access-token-4711"}`) },
		"an address": func(f *fake) {
			f.replace[userinfoPath] = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.RawQuery != "" {
					w.WriteHeader(http.StatusOK)
					panic(http.ErrAbortHandler)
				}
				http.Redirect(w, r, r.URL.Path+"?quoted="+code, http.StatusFound)
			}
		},
		"UserInfo": func(f *fake) { f.replace[userinfoPath] = says(http.StatusForbidden, quoted) },
		"silence":  func(f *fake) { f.replace[tokenPath] = silent },
		"an unsigned ID token": func(f *fake) {
			f.replace[tokenPath] = func(w http.ResponseWriter, r *http.Request) {
				answer(w, map[string]any{"access_token": "access-token-4711", "id_token": f.idToken("http://" + r.Host + "/tenant")[:60]})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			replace(f)
			ps, p := f.federation(), f.provider()
			if name == "silence" {
				ps.Within(200 * time.Millisecond)
			}
			p.Claim = "upn"
			_, err := ps.Finish(t.Context(), p, flow, code)
			if err == nil {
				t.Fatal("it was accepted")
			}
			wantNoSecrets(t, err)
		})
	}
}

func TestWhatTheTokenEndpointSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		body   string
		want   error
	}{
		{400, `{"error":"invalid_grant"}`, directory.ErrIdentityRefused},
		{401, `{"error":"invalid_client"}`, directory.ErrProviderMisconfigured},
		{400, `{"error":"unauthorized_client"}`, directory.ErrProviderMisconfigured},
		{400, `{"error":"invalid_request"}`, directory.ErrProviderMisconfigured},
		{400, `{"error":"Something Else"}`, directory.ErrProviderMisconfigured},
		{401, ``, directory.ErrProviderMisconfigured},
		{400, `{"error":"temporarily_unavailable"}`, errUnavailable},
		{400, `{"error":"server_error"}`, errUnavailable},
		{503, `{"error":"invalid_client"}`, errUnavailable},
		{429, `slow down`, errUnavailable},
		{200, `{"error":"invalid_grant"}`, directory.ErrIdentityRefused},
		{200, `{}`, directory.ErrProviderMisconfigured},
		{200, `{"access_token":"a"}`, directory.ErrProviderMisconfigured},
		{200, `{"access_token":"a","id_token":5}`, directory.ErrProviderMisconfigured},
		{200, `{"access_token":"a","id_token":"x"}`, directory.ErrIdentityRefused},
		{200, `{"access_token":"a","id_token":"e30.e30.e30"}`, directory.ErrIdentityRefused},
	} {
		t.Run(c.body, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.replace[tokenPath] = says(c.status, c.body)
			_, err := f.finish(t, f.federation())
			wantError(t, err, c.want)
			if n := f.asked[tokenPath].Load(); n != 1 {
				t.Errorf("the code was sent %d times", n)
			}
		})
	}
}

func TestUserInfoOfAnotherPersonIsRefused(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"sub":"bob","upn":"bob"}`, `{"upn":"ann"}`, `null`, `{"sub":"ann"}`, `{"sub":"ann","upn":1}`} {
		f := newFake(t)
		f.replace[userinfoPath] = says(http.StatusOK, body)
		p := f.provider()
		p.Claim = "upn"
		_, err := f.federation().Finish(t.Context(), p, flow, code)
		wantError(t, err, directory.ErrIdentityRefused)
	}
}

func TestUserInfoIsAskedWithTheAccessToken(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.replace[userinfoPath] = func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer access-token-4711" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(w, map[string]any{"sub": "ann", "upn": "ann.smith", "email": "not.signed@school.example"})
	}
	p := f.provider()
	p.Claim = "upn"
	got, err := f.federation().Finish(t.Context(), p, flow, code)
	wantAnn(t, got, err) // with the address that is signed
}

func TestWhoeverLeavesDoesNotWait(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	asked := make(chan struct{})
	f.replace[discoveryPath] = func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		silent(w, r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	ps := f.federation()
	ps.Within(time.Second) // for what goes on behind
	_, err := ps.Begin(ctx, f.provider(), flow)
	wantError(t, err, errUnavailable)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the cause is %v, want the context's", err)
	}
}

func TestACertificateThatDoesNotHold(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains about the client that leaves
	server.StartTLS()
	t.Cleanup(server.Close)
	ps := federation.New(federation.Config{BaseURL: base, Now: time.Now, AllowLoopback: true})
	err := ps.Check(t.Context(), directory.Provider{Issuer: server.URL, ClientID: "caretaker", Claim: "sub"})
	wantError(t, err, directory.ErrProviderMisconfigured)
	if !strings.Contains(err.Error(), "certificate") {
		t.Errorf("err = %v, want one that speaks of the certificate", err)
	}
}
