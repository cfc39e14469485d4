package federation_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"math/big"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/caretaker/caretaker/internal/federation"
)

func jwk(tb testing.TB, key any, change map[string]any) json.RawMessage {
	tb.Helper()
	text, err := json.Marshal(jose.JSONWebKey{Key: key, KeyID: "k"})
	if err != nil {
		tb.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		tb.Fatal(err)
	}
	maps.Copy(members, change)
	if text, err = json.Marshal(members); err != nil {
		tb.Fatal(err)
	}
	return text
}

func elliptical(tb testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// modulus is an RSA key's that nobody has.
func modulus(bits int) *rsa.PublicKey {
	n := make([]byte, bits/8)
	n[0], n[len(n)-1] = 0x80, 1
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
}

func TestKeysThatAreUsed(t *testing.T) {
	t.Parallel()
	p256 := elliptical(t, elliptic.P256()).Public()
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key  json.RawMessage
		used bool
	}{
		"P-256":               {jwk(t, p256, nil), true},
		"Ed25519":             {jwk(t, ed, nil), true},
		"RSA of 2048 bits":    {jwk(t, modulus(2048), nil), true},
		"RSA of 4096 bits":    {jwk(t, modulus(4096), nil), true},
		"for signatures":      {jwk(t, p256, map[string]any{"use": "sig"}), true},
		"with a certificate":  {jwk(t, p256, map[string]any{"x5c": []string{"rubbish"}, "x5t": "rubbish", "key_ops": []string{"verify"}}), true},
		"for encryption":      {jwk(t, p256, map[string]any{"use": "enc"}), false},
		"P-384":               {jwk(t, elliptical(t, elliptic.P384()).Public(), nil), false},
		"RSA of 1024 bits":    {jwk(t, modulus(1024), nil), false},
		"RSA of 8192 bits":    {jwk(t, modulus(8192), nil), false},
		"symmetric":           {jwk(t, []byte("0123456789abcdef0123456789abcdef"), nil), false},
		"off the curve":       {jwk(t, p256, map[string]any{"x": "AAAA"}), false},
		"of an unknown kind":  {json.RawMessage(`{"kty":"XYZ"}`), false},
		"kid that is no text": {json.RawMessage(`{"kty":"OKP","kid":5}`), false},
		"a text":              {json.RawMessage(`"key"`), false},
		"null":                {json.RawMessage(`null`), false},
	} {
		if _, used := federation.ParseKey(c.key); used != c.used {
			t.Errorf("%s: used = %v, want %v", name, used, c.used)
		}
	}
}

// A provider that publishes its private keys is not our vault.
func TestPrivatePartsAreNotRead(t *testing.T) {
	t.Parallel()
	key, used := federation.ParseKey(jwk(t, elliptical(t, elliptic.P256()), nil))
	if !used || !key.IsPublic() {
		t.Errorf("key = %T, used = %v; want the public part", key.Key, used)
	}
}

func TestOnlySoManyKeysAreRead(t *testing.T) {
	t.Parallel()
	published := make([]json.RawMessage, 3*federation.MaxKeys)
	for i := range published {
		published[i] = jwk(t, modulus(2048), nil)
	}
	if got := len(federation.ParseKeys(published)); got != federation.MaxKeys {
		t.Errorf("%d keys are read, want %d", got, federation.MaxKeys)
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add([]byte(jwk(f, elliptical(f, elliptic.P256()), nil)))
	f.Add([]byte(jwk(f, modulus(2048), map[string]any{"use": "sig", "alg": "PS256"})))
	f.Add([]byte(`{"kty":"OKP","crv":"Ed25519","x":"AA"}`))
	f.Add([]byte(`{"kty":"oct","k":"AAAA"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		key, used := federation.ParseKey(text)
		if !used {
			return
		}
		if !key.IsPublic() || !key.Valid() {
			t.Errorf("%s gives %T", text, key.Key)
		}
	})
}
