package directory

import (
	"regexp"
	"strings"
)

// Slug names an organisation for good: it is the organisation's id, part of its sign-in address, and is never given
// to a second organisation. It is 2 to 40 characters of a-z, 0-9 and single hyphens, and starts with a letter.
type Slug string

// OperatorSlug is the organisation whose users run the platform.
const OperatorSlug Slug = "operator"

// SessionID names a session openly; it opens nothing. The secret in the cookie does.
type SessionID string

var slugForm = regexp.MustCompile(`^[a-z](-?[a-z0-9])+$`)

// reservedSlugs would be confused with parts of the service's own addresses.
var reservedSlugs = map[Slug]bool{"api": true, "dev": true, "o": true, "www": true, "admin": true, "scim": true}

// Valid tells whether s has the form of a slug.
func (s Slug) Valid() bool { return len(s) >= 2 && len(s) <= 40 && slugForm.MatchString(string(s)) }

// CleanSlug makes the slug out of what somebody typed.
func CleanSlug(typed string) Slug { return Slug(strings.ToLower(strings.TrimSpace(typed))) }
