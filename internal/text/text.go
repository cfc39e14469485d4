// Package text brings human text into canonical and comparable forms, with libraries that know the world's scripts. It
// holds no rule about what is allowed; the domain does.
package text

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Normal is the canonical form (Unicode NFC): texts that look the same are the same.
func Normal(s string) string { return norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD")) }

// Fold is the form in which names are sorted and searched: without case and accents.
func Fold(s string) string { return strings.ToLower(strings.TrimSpace(Latin(norm.NFC.String(s)))) }
