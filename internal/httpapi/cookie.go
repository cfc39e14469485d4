package httpapi

import (
	"net/http"

	"github.com/caretaker/caretaker/internal/directory"
)

// The cookie's names. The prefix __Host- makes browsers insist on https, this host and the path / (RFC 6265bis, 4.1.3.2);
// on plain-http loopback that cannot be had.
const (
	secureCookie = "__Host-caretaker"
	plainCookie  = "caretaker"
)

func (a *API) cookieName() string {
	if a.config.Secure {
		return secureCookie
	}
	return plainCookie
}

// readCookie returns the session's text, "" if there is none.
func (a *API) readCookie(r *http.Request) string {
	c, err := r.Cookie(a.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

// cookie makes the cookie that holds a session; it goes when the browser is closed. The zero Token clears it.
func (a *API) cookie(t directory.Token) http.Cookie {
	c := http.Cookie{ //nolint:gosec // Secure is off on plain-http loopback only, where a browser would not send it back
		Name: a.cookieName(), Path: "/", HttpOnly: true, Secure: a.config.Secure, SameSite: http.SameSiteStrictMode,
	}
	if t == (directory.Token{}) {
		c.MaxAge = -1
		return c
	}
	c.Value = t.Text()
	return c
}
