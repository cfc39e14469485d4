package totp

import (
	"net/url"
	"strings"
)

// maxShown is the most of issuer and account that an app is told, in characters. Apps show about thirty; and with each of
// these written as 12 bytes, as an emoji is, the address still fits into a QR code.
const maxShown = 60

// address writes the secret in the Key URI format of authenticator apps. Algorithm, digits and period are the format's
// defaults and are left out, which makes for a coarser QR code. The issuer stands there twice: before the account for old
// apps, by itself for the others, which want the two to be the same.
func address(secret, issuer, account string) string {
	issuer, account = shown(issuer), shown(account)
	uri := "otpauth://totp/"
	if issuer != "" {
		uri += escape(issuer) + ":"
	}
	uri += escape(account) + "?secret=" + secret
	if issuer != "" {
		uri += "&issuer=" + escape(issuer)
	}
	return uri
}

// shown takes out colons, which the format has for separating issuer and account: apps look for the first one after they
// have undone the escaping.
func shown(name string) string {
	name = strings.Join(strings.FieldsFunc(name, colonOrSpace), " ")
	if runes := []rune(name); len(runes) > maxShown {
		return string(runes[:maxShown-1]) + "…"
	}
	return name
}

func colonOrSpace(r rune) bool { return r == ':' || r == ' ' }

// escape writes a space as %20: apps do not read a plus sign as one, neither in the path nor in the query.
func escape(name string) string { return strings.ReplaceAll(url.QueryEscape(name), "+", "%20") }
