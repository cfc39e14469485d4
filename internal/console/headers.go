package console

import (
	"net/http"
	"strings"
)

// policy allows the page its own files and the API beside them. Scripts come from files alone. Style sheets that the
// component library writes carry the page's nonce; what scripts set on single elements goes through the CSSOM, which needs
// no permission, so that attributes named style in the page's text stay forbidden. Pictures may come from elsewhere,
// because an organisation's logo does; the picture of an authenticator's secret is a data URI.
func policy(nonce string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self' 'nonce-" + nonce + "'",
		"style-src-attr 'none'",
		"img-src 'self' data: https:",
		"font-src 'self'",
		"connect-src 'self'",
		"form-action 'self'",
		"base-uri 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}

// guard sets what every answer carries. A file that somebody opens by itself may do nothing.
func guard(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "+
		"publickey-credentials-create=(self), publickey-credentials-get=(self)")
	h.Set("Referrer-Policy", "no-referrer") // the address of the page for a new password holds a secret
	h.Set("Strict-Transport-Security", "max-age=31536000")
	h.Set("X-Content-Type-Options", "nosniff")
}
