package bolt

import (
	"errors"
	"strings"
)

// join makes one string of several parts, so that a key can be made of more than one thing. Joined strings sort as
// their parts do, first part first; different parts never make the same string, whatever they contain; and valid
// UTF-8 stays valid. Parts are divided by U+0000; U+0000 and U+0001 inside a part are escaped, all else is itself.
//
// join(a, b)+separator is the Prefix of everything joined from a, b and at least one part more.
func join(parts ...string) string {
	if len(parts) == 1 {
		return escape.Replace(parts[0])
	}
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteString(separator)
		}
		_, _ = escape.WriteString(&b, part) // a Builder never fails
	}
	return b.String()
}

// separator stands between the parts of a joined string. It sorts before everything a part can begin with.
const separator = "\x00"

// escape keeps the order: what stands for U+0000 sorts before what stands for U+0001, both before U+0002.
var escape = strings.NewReplacer("\x00", "\x01\x01", "\x01", "\x01\x02")

var errJoined = errors.New("not a joined string")

// split returns the parts that join was given. It fails for a string that join cannot have made.
func split(joined string) ([]string, error) {
	parts := strings.Split(joined, separator)
	for i, part := range parts {
		plain, err := unescape(part)
		if err != nil {
			return nil, err
		}
		parts[i] = plain
	}
	return parts, nil
}

func unescape(part string) (string, error) {
	if !strings.Contains(part, "\x01") {
		return part, nil
	}
	var b strings.Builder
	for i := 0; i < len(part); i++ {
		c := part[i]
		if c == 1 {
			i++
			if i == len(part) || part[i] != 1 && part[i] != 2 {
				return "", errJoined
			}
			c = part[i] - 1
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}
