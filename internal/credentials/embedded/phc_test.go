package embedded_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/credentials/embedded"
)

const (
	salt16 = "c29tZXNhbHRzb21lc2FsdA"
	key32  = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"
)

func TestParseTakesOneSpelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		taken      bool
	}{
		{"ours", "$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "$" + key32, true},
		{"other params", "$argon2id$v=19$m=65536,t=3,p=4$" + salt16 + "$" + key32, true},
		{"shortest salt and hash", "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$MDEyMzQ1Njc4OTAx", true},
		{"empty", "", false},
		{"another algorithm", "$argon2i$v=19$m=19456,t=2,p=1$" + salt16 + "$" + key32, false},
		{"the flawed first version", "$argon2id$v=16$m=19456,t=2,p=1$" + salt16 + "$" + key32, false},
		{"no version", "$argon2id$m=19456,t=2,p=1$" + salt16 + "$" + key32, false},
		{"params in another order", "$argon2id$v=19$t=2,m=19456,p=1$" + salt16 + "$" + key32, false},
		{"a param missing", "$argon2id$v=19$m=19456,t=2$" + salt16 + "$" + key32, false},
		{"a leading zero", "$argon2id$v=19$m=019456,t=2,p=1$" + salt16 + "$" + key32, false},
		{"a sign", "$argon2id$v=19$m=+19456,t=2,p=1$" + salt16 + "$" + key32, false},
		{"memory that would exhaust the machine", "$argon2id$v=19$m=4194304,t=2,p=1$" + salt16 + "$" + key32, false},
		{"memory beyond 32 bits", "$argon2id$v=19$m=4294967304,t=2,p=1$" + salt16 + "$" + key32, false},
		{"too little memory for the lanes", "$argon2id$v=19$m=15,t=2,p=2$" + salt16 + "$" + key32, false},
		{"no passes, which argon2 panics on", "$argon2id$v=19$m=19456,t=0,p=1$" + salt16 + "$" + key32, false},
		{"no lanes, likewise", "$argon2id$v=19$m=19456,t=2,p=0$" + salt16 + "$" + key32, false},
		{"lanes that wrap round to one", "$argon2id$v=19$m=19456,t=2,p=257$" + salt16 + "$" + key32, false},
		{"padding", "$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "==$" + key32, false},
		{"the alphabet of URLs", "$argon2id$v=19$m=19456,t=2,p=1$" + strings.Repeat("_", 22) + "$" + key32, false},
		{"stray bits in the last character", "$argon2id$v=19$m=19456,t=2,p=1$" + salt16[:21] + "B$" + key32, false},
		{"a line break, which Go's base64 skips", "$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "\n$" + key32, false},
		{"a salt too short", "$argon2id$v=19$m=19456,t=2,p=1$c29tZQ$" + key32, false},
		{"no hash, which every password would match", "$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "$", false},
		{"a hash too long", "$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "$" + strings.Repeat("AAAA", 22), false},
		{"something after it", "$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "$" + key32 + "$", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, err := embedded.Parse(c.text)
			if (err == nil) != c.taken {
				t.Fatalf("taken is %v, want %v (%v)", err == nil, c.taken, err)
			}
			if c.taken && d.String() != c.text {
				t.Errorf("written back as %s", d)
			}
			if !c.taken && strings.Contains(err.Error(), key32) {
				t.Errorf("the error quotes the hash: %v", err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "$" + key32)
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$MDEyMzQ1Njc4OTAx")
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "\r\n$" + key32)
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := embedded.Parse(text)
		if err == nil && d.String() != text {
			t.Errorf("%q was taken and written back as %q", text, d)
		}
	})
}

func FuzzDigestComesBack(f *testing.F) {
	f.Add(uint32(19456), uint32(2), uint8(1), []byte("somesaltsomesalt"), []byte("0123456789012345678901"))
	f.Fuzz(func(t *testing.T, memory, passes uint32, lanes uint8, salt, key []byte) {
		p := embedded.Params{MemoryKiB: memory, Passes: passes, Lanes: lanes}
		valid := p.Validate() == nil && len(salt) >= 8 && len(salt) <= 64 && len(key) >= 12 && len(key) <= 64
		written := embedded.NewDigest(p, bytes.Clone(salt), bytes.Clone(key)).String()
		back, err := embedded.Parse(written)
		if (err == nil) != valid {
			t.Fatalf("%s: taken is %v, want %v (%v)", written, err == nil, valid, err)
		}
		if valid && back.String() != written {
			t.Errorf("%s came back as %s", written, back)
		}
	})
}
