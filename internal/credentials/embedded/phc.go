package embedded

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Lengths in bytes. New hashes have saltLength and keyLength; what is read back may differ within the bounds, which
// are the PHC string format's for argon2, so that hashes made elsewhere can be taken over.
const (
	saltLength = 16
	keyLength  = 32

	minSalt, maxSalt = 8, 64
	minKey, maxKey   = 12, 64
)

// digest is a password's hash and all that is needed to compute it again.
type digest struct {
	params Params
	salt   []byte
	key    []byte
}

// Without padding and, on the way in, without stray bits.
var base64PHC = base64.RawStdEncoding.Strict()

// String writes the digest in the PHC string format, $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
func (d digest) String() string {
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", d.params.MemoryKiB, d.params.Passes, d.params.Lanes,
		base64PHC.EncodeToString(d.salt), base64PHC.EncodeToString(d.key))
}

// outdated tells whether a new hash would be made differently.
func (d digest) outdated(now Params) bool {
	return d.params != now || len(d.salt) != saltLength || len(d.key) != keyLength
}

// parse reads what String writes and nothing else: one digest has one spelling. Its errors never quote the text.
func parse(text string) (digest, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v=19" {
		return digest{}, errors.New("not an argon2id hash of version 19 in the PHC string format")
	}
	params, err := parseParams(parts[3])
	if err != nil {
		return digest{}, err
	}
	salt, err := parseBytes("salt", parts[4], minSalt, maxSalt)
	if err != nil {
		return digest{}, err
	}
	key, err := parseBytes("hash", parts[5], minKey, maxKey)
	if err != nil {
		return digest{}, err
	}
	d := digest{params: params, salt: salt, key: key}
	if d.String() != text { // leading zeros in a number, line breaks inside the base64
		return digest{}, errors.New("the hash is not in its canonical spelling")
	}
	return d, nil
}

func parseParams(text string) (Params, error) {
	var values [3]uint64
	parts := strings.Split(text, ",")
	if len(parts) != len(values) {
		return Params{}, errors.New("the hash does not have the params m, t and p")
	}
	for i, limit := range [...]struct {
		prefix string
		bits   int
	}{{"m=", 32}, {"t=", 32}, {"p=", 8}} {
		digits, found := strings.CutPrefix(parts[i], limit.prefix)
		n, err := strconv.ParseUint(digits, 10, limit.bits)
		if !found || err != nil {
			return Params{}, fmt.Errorf("the hash has no valid param %s", limit.prefix)
		}
		values[i] = n
	}
	p := Params{MemoryKiB: uint32(values[0]), Passes: uint32(values[1]), Lanes: uint8(values[2])}
	return p, p.Validate()
}

func parseBytes(what, text string, shortest, longest int) ([]byte, error) {
	b, err := base64PHC.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("the %s is not base64 without padding", what)
	}
	if len(b) < shortest || len(b) > longest {
		return nil, fmt.Errorf("the %s has %d bytes, must have %d to %d", what, len(b), shortest, longest)
	}
	return b, nil
}
