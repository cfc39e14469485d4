package console_test

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/caretaker/caretaker/internal/console"
)

const (
	page = `<!--early-head--><script src="/assets/main-1.js" nonce="{{nonce}}"></script><meta property="csp-nonce" nonce="{{nonce}}">` +
		`<!--early-form-->`
	earlier = `{"en": {"head": "<link href=\"en.js\" nonce=\"{{nonce}}\">", "form": "<p>Sign in</p>"}, "da": {"head": "<link href=\"da.js\">", "form": "<p>Log ind</p>"}}`
	script  = "console.log('a script, long enough to be worth packing; a script, long enough to be worth packing')"
)

// built is a console as the build leaves it.
func built(t *testing.T) fstest.MapFS {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, script); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{
		"index.html":            {Data: []byte(page)},
		"unbuilt.html":          {Data: []byte("not built")},
		"assets/main-1.js.gz":   {Data: packed.Bytes()},
		"assets/main-1.js.br":   {Data: []byte("as brotli")},
		"assets/picture-1.png":  {Data: []byte("\x89PNG")},
		"assets/styles-1.css":   {Data: []byte("p{}")},
		"assets/icon-1.svg.gz":  {Data: packed.Bytes()},
		"secret/notes-of-build": {Data: []byte("not to be served")},
	}
}

func serve(t *testing.T, files fstest.MapFS, random io.Reader) http.Handler {
	t.Helper()
	s, err := console.New(files, random)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ask(t *testing.T, h http.Handler, method, path, accepted string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	if accepted != "" {
		r.Header.Set("Accept-Encoding", accepted)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestEveryPathOfThePagesGetsThePageAndOthersNone(t *testing.T) {
	t.Parallel()
	h := serve(t, built(t), rand.Reader)
	for path, want := range map[string]int{
		"/":                                     200,
		"/o/bash-street":                        200,
		"/o/bash-street/me/second-step":         200,
		"/o/bash-street/new-password?token=abc": 200,
		"/o/no-such-school":                     200, // the page says so itself
		"/o/":                                   200,
		"/operator":                             200,
		"/operator/organisations":               200,
		"/index.html":                           404,
		"/unbuilt.html":                         404,
		"/others":                               404,
		"/other/o/":                             404,
		"/o/../secret/notes-of-build":           404,
		"/secret/notes-of-build":                404,
		"/assets/main-0.js":                     404, // of a version that is gone
		"/assets/main-1.js.gz":                  404,
		"/assets/":                              404,
		"/api/v1/no-such-operation":             404,
	} {
		if got := ask(t, h, http.MethodGet, path, "gzip").Code; got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}

func TestThePageIsNeverKeptAndEachHasANonceOfItsOwn(t *testing.T) {
	t.Parallel()
	h := serve(t, built(t), rand.Reader)
	seen := map[string]bool{}
	for range 3 {
		r := ask(t, h, http.MethodGet, "/o/bash-street", "")
		if got := r.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("it is kept: %q", got)
		}
		_, after, _ := strings.Cut(r.Header().Get("Content-Security-Policy"), "'nonce-")
		nonce, _, _ := strings.Cut(after, "'")
		content := r.Body.String()
		if len(nonce) < 22 || strings.Count(content, `nonce="`+nonce+`"`) != 2 || strings.Contains(content, "{{") {
			t.Errorf("the policy has the nonce %q, the page is %s", nonce, content)
		}
		seen[nonce] = true
	}
	if len(seen) != 3 {
		t.Errorf("three pages have %d nonces", len(seen))
	}
}

func TestThePolicyForbidsWhatIsInline(t *testing.T) {
	t.Parallel()
	policy := ask(t, serve(t, built(t), rand.Reader), http.MethodGet, "/", "").Header().Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src-attr 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("%q is not in %s", part, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("it allows too much: %s", policy)
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	h := serve(t, built(t), rand.Reader)
	for _, path := range []string{"/", "/assets/main-1.js", "/assets/picture-1.png", "/nowhere"} {
		headers := ask(t, h, http.MethodGet, path, "br").Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000",
		} {
			if headers.Get(name) != want {
				t.Errorf("%s has %s %q", path, name, headers.Get(name))
			}
		}
		if !strings.Contains(headers.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s may do what it likes", path)
		}
	}
}

func TestFilesAreKeptForEverInTheFormThatTheBrowserTakes(t *testing.T) {
	t.Parallel()
	h := serve(t, built(t), rand.Reader)
	for _, c := range []struct{ path, accepted, coding, mediaType string }{
		{"/assets/main-1.js", "gzip, deflate, br, zstd", "br", "text/javascript; charset=utf-8"},
		{"/assets/main-1.js", "gzip, deflate", "gzip", "text/javascript; charset=utf-8"}, // Chromium without https
		{"/assets/main-1.js", "br;q=0, gzip;q=0.5", "gzip", "text/javascript; charset=utf-8"},
		{"/assets/main-1.js", "", "", "text/javascript; charset=utf-8"},
		{"/assets/main-1.js", "gzip;q=0.0", "", "text/javascript; charset=utf-8"},
		{"/assets/styles-1.css", "gzip, br", "", "text/css; charset=utf-8"},
		{"/assets/picture-1.png", "gzip, br", "", "image/png"},
		{"/assets/icon-1.svg", "gzip, br", "gzip", "image/svg+xml"},
	} {
		r := ask(t, h, http.MethodGet, c.path, c.accepted)
		if r.Code != http.StatusOK || r.Header().Get("Content-Encoding") != c.coding || r.Header().Get("Content-Type") != c.mediaType {
			t.Errorf("%s for %q: %d, %v", c.path, c.accepted, r.Code, r.Header())
		}
		if r.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || r.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s is kept by %v", c.path, r.Header())
		}
		if content := r.Body.String(); c.coding == "" && strings.HasSuffix(c.path, ".js") && content != script {
			t.Errorf("unpacked it is %q", content)
		}
	}
}

func TestThereIsOnlySomethingToRead(t *testing.T) {
	t.Parallel()
	h := serve(t, built(t), rand.Reader)
	if r := ask(t, h, http.MethodPost, "/o/bash-street", ""); r.Code != http.StatusMethodNotAllowed || r.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d, %v", r.Code, r.Header())
	}
	if r := ask(t, h, http.MethodHead, "/", ""); r.Code != http.StatusOK {
		t.Errorf("HEAD: %d", r.Code)
	}
}

func TestWithoutRandomnessThereIsNoPage(t *testing.T) {
	t.Parallel()
	r := ask(t, serve(t, built(t), iotest.ErrReader(errors.New("none left"))), http.MethodGet, "/", "")
	if r.Code != http.StatusInternalServerError || strings.Contains(r.Body.String(), "none left") {
		t.Errorf("answered %d", r.Code)
	}
}

// What is compiled without Node has no console and says so, and nothing takes that for the console.
func TestAProgramWithoutTheConsoleSaysSo(t *testing.T) {
	t.Parallel()
	files := built(t)
	delete(files, "index.html")
	r := ask(t, serve(t, files, rand.Reader), http.MethodGet, "/", "")
	if r.Code != http.StatusServiceUnavailable || r.Body.String() != "not built" {
		t.Errorf("answered %d", r.Code)
	}
	if _, err := console.New(fstest.MapFS{}, rand.Reader); err == nil {
		t.Error("nothing at all passes for a console")
	}
}

func TestWhatIsEmbeddedCanBeServed(t *testing.T) {
	t.Parallel()
	s, err := console.New(console.Files(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if content := ask(t, s, http.MethodGet, "/", "").Body.String(); !strings.Contains(content, "<html") || strings.Contains(content, "{{") {
		t.Errorf("it is %s", content)
	}
}

// On a slow line the form is there long before the script. It is for who comes to the entrance, not for who is in.
func TestTheEntranceIsReadableBeforeItsScriptHasCome(t *testing.T) {
	t.Parallel()
	files := built(t)
	files["early.json"] = &fstest.MapFile{Data: []byte(earlier)}
	h := serve(t, files, rand.Reader)
	for _, c := range []struct{ path, language, cookie, text, form string }{
		{"/o/bash-street", "en-GB,en;q=0.9", "", "en.js", "Sign in"},
		{"/o/bash-street/", "da", "caretaker-known=abc", "da.js", "Log ind"}, // somebody was in at this browser, and is not now
		{"/o/bash-street", "fr-FR,fr;q=0.9,da-DK;q=0.5", "", "da.js", "Log ind"},
		{"/o/bash-street", "fr", "", "en.js", "Sign in"},
		{"/o/bash-street", "", "", "en.js", "Sign in"},
		{"/o/bash-street", "en", "__Host-caretaker=abc", "en.js", ""},
		{"/o/bash-street", "en", "caretaker=abc", "en.js", ""},
		{"/o/bash-street/forgotten", "da", "", "da.js", ""},
		{"/", "da", "", "da.js", ""},
		{"/o/%22%3E%3Cscript%3E", "en", "", "en.js", ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, c.path, http.NoBody)
		r.Header.Set("Accept-Language", c.language)
		r.Header.Set("Cookie", c.cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		got := w.Body.String()
		if !strings.Contains(got, c.text) || c.form == "" && strings.Contains(got, "<p>") || !strings.Contains(got, c.form) {
			t.Errorf("%+v: %s", c, got)
		}
		if strings.Contains(got, "<!--") || strings.Contains(got, "{{") || strings.Contains(got, "><script>\"") {
			t.Errorf("%+v: a mark is left in %s", c, got)
		}
		if asks := strings.Contains(got, `href="/api/v1/organisations/bash-street/sign-in"`); asks != (c.form != "" || c.cookie != "") {
			t.Errorf("%+v: asks for the organisation: %t", c, asks)
		}
	}
}

// Behind the entrance the script, the texts, the session and the page itself are fetched side by side, and not each when the
// one before has come; and who has no session is not asked about.
func TestThePagesBehindComeAtOnce(t *testing.T) {
	t.Parallel()
	files := built(t)
	files["early.json"] = &fstest.MapFile{Data: []byte(`{"en": {"head": "en.js ", "inside": "inside.js ", "pages": {"users": "users.js "}}}`)}
	h := serve(t, files, rand.Reader)
	const session, organisation, none = `href="/api/v1/session"`, `href="/api/v1/organisations/bash-street/sign-in"`, `<meta name="session" content="none">`
	for _, c := range []struct {
		path, cookie string
		want         []string
	}{
		{"/o/bash-street/users", "caretaker=abc", []string{"inside.js", "users.js", session, organisation}},
		{"/o/bash-street/users/01JABC/rights", "caretaker=abc", []string{"inside.js", "users.js", session, organisation}},
		{"/o/bash-street/settings", "__Host-caretaker=abc", []string{"inside.js", session, organisation}},
		{"/o/bash-street/users", "", []string{none}},
		{"/o/bash-street", "", []string{none, organisation}},
		{"/o/bash-street", "caretaker=abc", []string{organisation}}, // may be somewhere in a challenge
		{"/o/Bash/users", "caretaker=abc", nil},                     // not a name of an organisation
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, c.path, http.NoBody)
		r.Header.Set("Sec-Fetch-Site", "none")
		r.Header.Set("Cookie", c.cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		for _, part := range []string{"inside.js", "users.js", session, organisation, none} {
			if there := strings.Contains(w.Body.String(), part); there != slices.Contains(c.want, part) {
				t.Errorf("%s with %q: %s: %t", c.path, c.cookie, part, there)
			}
		}
	}
}

func TestWhatIsShownEarlyMustBeReadable(t *testing.T) {
	t.Parallel()
	files := built(t)
	files["early.json"] = &fstest.MapFile{Data: []byte("{")}
	if _, err := console.New(files, rand.Reader); err == nil {
		t.Error("a broken build passes for a console")
	}
}

// The session's cookie does not come along from an identity provider or a mail, so its absence says nothing there.
func TestWhoComesFromAnotherSiteIsAskedAbout(t *testing.T) {
	t.Parallel()
	files := built(t)
	files["early.json"] = &fstest.MapFile{Data: []byte(`{"en": {"head": "en.js ", "inside": "inside.js "}}`)}
	h := serve(t, files, rand.Reader)
	for from, nobody := range map[string]bool{"cross-site": false, "same-site": false, "": false, "same-origin": true, "none": true} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.Header.Set("Sec-Fetch-Site", from)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := strings.Contains(w.Body.String(), `<meta name="session" content="none">`); got != nobody {
			t.Errorf("from %q: says that nobody is signed in: %t", from, got)
		}
	}
}
