package embedded

// Parse and the rest are what the tests look at from inside.
var Parse = parse

// Digest is a parsed hash.
type Digest = digest

// NewDigest makes one of given parts.
func NewDigest(p Params, salt, key []byte) Digest { return digest{params: p, salt: salt, key: key} }

// OnDerive calls before ahead of every hash computation, with its params.
func (p *Passwords) OnDerive(before func(Params)) {
	derive := p.derive
	p.derive = func(password string, salt []byte, params Params, length int) []byte {
		before(params)
		return derive(password, salt, params, length)
	}
}
