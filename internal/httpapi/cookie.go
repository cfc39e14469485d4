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
	// knownSuffix and flowSuffix follow it in the names of the cookies that say who signed in before in this browser, and
	// that it is the one that was sent to an identity provider.
	knownSuffix = "-known"
	flowSuffix  = "-flow"
)

func (a *API) cookieName() string {
	if a.config.Secure {
		return secureCookie
	}
	return plainCookie
}

// readCookie returns the session's text, "" if there is none.
func (a *API) readCookie(r *http.Request) string { return a.cookieValue(r, "") }

func (a *API) cookieValue(r *http.Request, suffix string) string {
	c, err := r.Cookie(a.cookieName() + suffix)
	if err != nil {
		return ""
	}
	return c.Value
}

// hostCookie is a cookie of this host that scripts cannot read, kept for so many seconds; 0 is until the browser is closed.
// Without a value, it takes one back.
func (a *API) hostCookie(suffix, value string, site http.SameSite, seconds int) http.Cookie {
	if value == "" {
		seconds = -1
	}
	return http.Cookie{ //nolint:gosec // Secure is off on plain-http loopback only, where a browser would not send it back
		Name: a.cookieName() + suffix, Value: value, Path: "/", HttpOnly: true, Secure: a.config.Secure,
		SameSite: site, MaxAge: seconds,
	}
}

// knownCookie says, for as long as browsers keep cookies, who signed in here. It opens nothing, and has to come along from
// an identity provider too.
func (a *API) knownCookie(k directory.Known) http.Cookie {
	return a.hostCookie(knownSuffix, k.Text(), http.SameSiteLaxMode, int(directory.BrowserKept.Seconds()))
}

// flowCookie goes with a browser to an identity provider and back, for as long as somebody may take there; the way back is
// a visit from another site, so it must not be a strict one.
func (a *API) flowCookie(binding string) http.Cookie {
	return a.hostCookie(flowSuffix, binding, http.SameSiteLaxMode, int(directory.TicketLife.Seconds()))
}

// cookie makes the cookie that holds a session; it goes when the browser is closed. The zero Token clears it.
func (a *API) cookie(t directory.Token) http.Cookie {
	if t == (directory.Token{}) {
		return a.hostCookie("", "", http.SameSiteStrictMode, 0)
	}
	return a.hostCookie("", t.Text(), http.SameSiteStrictMode, 0)
}
