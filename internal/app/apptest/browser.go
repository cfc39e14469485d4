package apptest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// Browser is one person at a computer: it keeps cookies and talks to the public interface only.
type Browser struct {
	tb     testing.TB
	client *http.Client
	url    string
}

// Browser sits somebody down at a computer.
func (s *Stack) Browser(tb testing.TB) *Browser {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	stay := func(next *http.Request, _ []*http.Request) error { // a test looks at where the service sends a browser
		if next.Response.StatusCode == http.StatusSeeOther {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &Browser{tb: tb, client: &http.Client{Jar: jar, CheckRedirect: stay, Transport: s.Transport}, url: s.URL + "/api/v1"}
}

// Answer is what came back.
type Answer struct {
	tb     testing.TB
	Asked  string
	Status int
	Header http.Header
	Body   []byte
}

// Call asks for something. body is JSON text as it is, or a value to be written as JSON; headers come in pairs.
func (b *Browser) Call(method, path string, body any, headers ...string) Answer {
	b.tb.Helper()
	var sent io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		sent = strings.NewReader(body)
	default:
		text, err := json.Marshal(body)
		if err != nil {
			b.tb.Fatal(err)
		}
		sent = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(b.tb.Context(), method, b.url+path, sent)
	if err != nil {
		b.tb.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.send(r)
}

func (b *Browser) send(r *http.Request) Answer {
	b.tb.Helper()
	response, err := b.client.Do(r)
	if err != nil {
		b.tb.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		b.tb.Fatal(err)
	}
	return Answer{
		tb: b.tb, Asked: r.Method + " " + r.URL.Path, Status: response.StatusCode, Header: response.Header, Body: read,
	}
}

// Cookies are what the browser holds for the service.
func (b *Browser) Cookies() []*http.Cookie { return b.client.Jar.Cookies(b.site()) }

// Cookie is the one of that name; the test fails if there is none.
func (b *Browser) Cookie(name string) *http.Cookie {
	b.tb.Helper()
	for _, c := range b.Cookies() {
		if c.Name == name {
			return c
		}
	}
	b.tb.Fatalf("the browser has no cookie %s", name)
	return nil
}

// SetCookie puts a cookie into the browser.
func (b *Browser) SetCookie(name, value string) {
	b.client.Jar.SetCookies(b.site(), []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

func (b *Browser) site() *url.URL {
	site, err := url.Parse(b.url)
	if err != nil {
		b.tb.Fatal(err)
	}
	return site
}

// Want fails the test unless the status is the one expected.
func (a Answer) Want(status int) Answer {
	a.tb.Helper()
	if a.Status != status {
		a.tb.Fatalf("%s: got %d, want %d: %s", a.Asked, a.Status, status, a.Body)
	}
	return a
}

// WantProblem fails the test unless the answer is a problem document with this status and code.
func (a Answer) WantProblem(status int, code string) Answer {
	a.tb.Helper()
	a.Want(status)
	if got := a.Text("code"); got != code || a.Header.Get("Content-Type") != "application/problem+json" {
		a.tb.Fatalf("%s: got code %q as %s, want %q: %s", a.Asked, got, a.Header.Get("Content-Type"), code, a.Body)
	}
	return a
}

// WantField fails the test unless the problem names the field.
func (a Answer) WantField(location string) Answer {
	a.tb.Helper()
	var p struct {
		Errors []struct{ Location, Message string }
	}
	a.Into(&p)
	for _, e := range p.Errors {
		if e.Location == location && e.Message != "" {
			return a
		}
	}
	a.tb.Fatalf("%s: %s is not named: %s", a.Asked, location, a.Body)
	return a
}

// Into reads the answer into a value.
func (a Answer) Into(value any) {
	a.tb.Helper()
	if err := json.Unmarshal(a.Body, value); err != nil {
		a.tb.Fatalf("%s: %v: %s", a.Asked, err, a.Body)
	}
}

// At returns what stands at a path such as "user.username"; nil if there is nothing.
func (a Answer) At(path string) any {
	a.tb.Helper()
	var value any
	a.Into(&value)
	for part := range strings.SplitSeq(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[part]
	}
	return value
}

// Text returns the text at a path, "" if there is none.
func (a Answer) Text(path string) string {
	a.tb.Helper()
	text, _ := a.At(path).(string)
	return text
}
