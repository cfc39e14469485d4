package federation

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// keysAgainAfter bounds how often signatures by unknown keys make us ask for keys.
	keysAgainAfter = time.Minute
	// maxKeys is how many keys of a provider are read; those in wide use have up to ten.
	maxKeys = 64
	// RSA keys outside these bounds, in bits, are too weak, or costly to compute with.
	minRSA, maxRSA = 2048, 4096
)

// keySet is a provider's public keys.
type keySet struct {
	web     *web
	now     func() time.Time
	address string

	mu   sync.Mutex
	keys []jose.JSONWebKey

	again   sync.Mutex // held while asking again, so that whoever waits has the answer too
	askedAt time.Time
	failed  error // how asking again ended
}

// load asks the provider for its keys.
func (k *keySet) load(ctx context.Context) error {
	var published struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := k.web.get(ctx, "the list of its keys", k.address, "", &published); err != nil {
		return err
	}
	keys := parseKeys(published.Keys)
	if len(keys) == 0 {
		return misconfigured("it publishes no keys that can be used", nil)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = keys
	return nil
}

// reload asks again for keys, once in a while. The answer is for others too, so it does not depend on the patience of
// whoever asks.
func (k *keySet) reload(ctx context.Context) error {
	k.again.Lock()
	defer k.again.Unlock()
	if now := k.now(); k.askedAt.IsZero() || now.Sub(k.askedAt) >= keysAgainAfter {
		k.askedAt, k.failed = now, k.load(context.WithoutCancel(ctx))
	}
	return k.failed
}

// verify returns what was signed. A signature by a key that is not known has us look for new keys.
func (k *keySet) verify(ctx context.Context, jwt string, accepted []jose.SignatureAlgorithm) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(jwt, accepted)
	if err != nil {
		return nil, refused("the ID token cannot be read", err)
	}
	said, known := k.try(signed)
	if said == nil && !known {
		if err := k.reload(ctx); err != nil {
			return nil, err
		}
		said, _ = k.try(signed)
	}
	if said == nil {
		return nil, refused("the ID token is not the provider's", errNoSuchKey)
	}
	return said, nil
}

// try returns what was signed, nil if none of the keys fits, and whether the key that the token names is known.
func (k *keySet) try(signed *jose.JSONWebSignature) (said []byte, known bool) {
	k.mu.Lock()
	keys := k.keys
	k.mu.Unlock()
	header := signed.Signatures[0].Protected
	for _, key := range keys {
		if header.KeyID != "" && header.KeyID != key.KeyID {
			continue
		}
		known = header.KeyID != ""
		if key.Algorithm != "" && key.Algorithm != header.Algorithm {
			continue
		}
		if said, err := signed.Verify(key.Key); err == nil {
			return said, true
		}
	}
	return nil, known
}

// publicKey has the members of a JSON Web Key (RFC 7517) that a public one can have and that are used: private ones and
// certificates are left out before anything else reads them.
type publicKey struct {
	Kty string `json:"kty"`
	Kid string `json:"kid,omitempty"`
	Use string `json:"use,omitempty"`
	Alg string `json:"alg,omitempty"`
	Crv string `json:"crv,omitempty"`
	X   string `json:"x,omitempty"`
	Y   string `json:"y,omitempty"`
	N   string `json:"n,omitempty"`
	E   string `json:"e,omitempty"`
}

// parseKeys returns those keys that can verify ID tokens. The others are passed over (RFC 7517, 5): providers publish keys
// for many purposes.
func parseKeys(published []json.RawMessage) []jose.JSONWebKey {
	var keys []jose.JSONWebKey
	for _, text := range published[:min(len(published), maxKeys)] {
		if key, ok := parseKey(text); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

func parseKey(text json.RawMessage) (jose.JSONWebKey, bool) {
	var p publicKey
	if json.Unmarshal(text, &p) != nil || p.Use != "" && p.Use != "sig" {
		return jose.JSONWebKey{}, false
	}
	clean, err := json.Marshal(p)
	if err != nil {
		return jose.JSONWebKey{}, false
	}
	var key jose.JSONWebKey
	if key.UnmarshalJSON(clean) != nil || !key.Valid() {
		return jose.JSONWebKey{}, false
	}
	return key, trusted(key.Key)
}

func trusted(key any) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return minRSA <= k.N.BitLen() && k.N.BitLen() <= maxRSA
	case *ecdsa.PublicKey:
		return k.Curve.Params().BitSize == 256
	case ed25519.PublicKey:
		return true
	}
	return false
}
