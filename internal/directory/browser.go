package directory

import (
	"crypto/hmac"
	"strings"
	"time"
)

// Browser is one in which a user has signed in before. It opens nothing: it only tells the user's own attempts from those
// of strangers (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
type Browser struct {
	Org        Slug
	User       UserID
	ID         SessionID
	SecretHash []byte
	KnownAt    time.Time
	Version    int64
}

const (
	// BrowserKept is how long a browser is known after a sign-in in it: as long as browsers keep cookies (RFC 6265bis, 5.5).
	BrowserKept = 400 * 24 * time.Hour
	// maxKnownUsers is how many people can be known in one browser: a tablet in a staff room has several.
	maxKnownUsers = 5
)

// Expires is when the browser is a stranger's again.
func (b Browser) Expires() time.Time { return b.KnownAt.Add(BrowserKept) }

// Known is what a browser's second cookie holds: a token for each user who signed in there.
type Known []Token

// ParseKnown reads the cookie; what is no token in it is left out.
func ParseKnown(text string) Known {
	var k Known
	for part := range strings.SplitSeq(text, "~") {
		if t, err := ParseToken(part); err == nil && t.Home == "" && len(k) < maxKnownUsers {
			k = append(k, t)
		}
	}
	return k
}

// Text is the form for the cookie.
func (k Known) Text() string {
	texts := make([]string, len(k))
	for i, t := range k {
		texts[i] = t.Text()
	}
	return strings.Join(texts, "~")
}

// of is the token of a user; the zero Token if the user is not known there.
func (k Known) of(org Slug, user UserID) Token {
	for _, t := range k {
		if t.Org == org && t.User == user {
			return t
		}
	}
	return Token{}
}

// with puts a user's token first.
func (k Known) with(t Token) Known {
	all := Known{t}
	for _, other := range k {
		if (other.Org != t.Org || other.User != t.User) && len(all) < maxKnownUsers {
			all = append(all, other)
		}
	}
	return all
}

// knownBrowser is the id of the browser if it is one of the user's; "" for a stranger's.
func (t Token) knownBrowser(b Browser, now time.Time) SessionID {
	if t == (Token{}) || b.Version == 0 || !now.Before(b.Expires()) || !hmac.Equal(t.hash(), b.SecretHash) {
		return ""
	}
	return b.ID
}

// remember makes the browser in which the caller is getting in one of the caller's, unless it is already.
func (d *Directory) remember(c *Caller) ([]Write, error) {
	if c.Session.Browser != "" {
		return nil, nil
	}
	token, err := newToken(c.User.Org, c.User.ID, d.Random)
	if err != nil {
		return nil, err
	}
	b := Browser{Org: token.Org, User: token.User, ID: token.session(), SecretHash: token.hash(), KnownAt: d.Now()}
	c.Session.Browser = b.ID
	c.Known, c.Remembered = c.Known.with(token), true
	return []Write{PutBrowser{b}}, nil
}
