package totp_test

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/totp"
)

// rfcSecret is the one of RFC 6238 appendix B, "12345678901234567890".
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

// codeOf is the code of a step.
func codeOf(tb testing.TB, step int64) string {
	tb.Helper()
	code, err := hotp.GenerateCode(rfcSecret, uint64(step))
	if err != nil {
		tb.Fatal(err)
	}
	return code
}

func TestCodesOfTheRFC(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		seconds int64
		code    string // the last six of the eight digits there
		step    int64
	}{
		{59, "287082", 0x1},
		{1111111109, "081804", 0x23523EC},
		{1111111111, "050471", 0x23523ED},
		{1234567890, "005924", 0x273EF07},
		{2000000000, "279037", 0x3F940AA},
		{20000000000, "353130", 0x27BC86AA},
	} {
		step, ok := totp.Codes{}.Step(rfcSecret, c.code, time.Unix(c.seconds, 0))
		if !ok || step != c.step {
			t.Errorf("%s at %d: got step %#x, %v, want %#x", c.code, c.seconds, step, ok, c.step)
		}
	}
}

func TestStepsBesideTheTimeAreTakenAndNoOthers(t *testing.T) {
	t.Parallel()
	const step = int64(59_000_000) // in the year 2026
	code := codeOf(t, step)
	begin := time.Unix(step*30, 0)
	for after, want := range map[time.Duration]bool{
		-31 * time.Second:     false,
		-30*time.Second - 1:   false,
		-30 * time.Second:     true,
		-1:                    true,
		0:                     true,
		30*time.Second - 1:    true,
		30 * time.Second:      true,
		60*time.Second - 1:    true,
		60 * time.Second:      false,
		365 * 24 * time.Hour:  false,
		-365 * 24 * time.Hour: false,
	} {
		got, ok := totp.Codes{}.Step(rfcSecret, code, begin.Add(after))
		if ok != want || ok && got != step || !ok && got != 0 {
			t.Errorf("%v after its beginning: got step %d, %v, want %v", after, got, ok, want)
		}
	}
	if got, ok := (totp.Codes{}).Step(rfcSecret, code, begin.In(time.FixedZone("", 12*3600+45*60))); !ok || got != step {
		t.Errorf("in another zone: got %d, %v", got, ok)
	}
}

func TestOfTwoStepsWithOneCodeTheNearestCounts(t *testing.T) {
	t.Parallel()
	// One code in a million is that of the next step too, or of the one after it. These were searched for.
	const next, afterNext = int64(59_061_240), int64(61_331_809)
	if codeOf(t, next) != codeOf(t, next+1) || codeOf(t, afterNext) != codeOf(t, afterNext+2) {
		t.Fatal("the codes differ")
	}
	for _, c := range []struct {
		name          string
		of, now, want int64
	}{
		{"this and the next", next, next, next},
		{"the former and this", next, next + 1, next + 1},
		{"the former and the next", afterNext, afterNext + 1, afterNext},
	} {
		got, ok := totp.Codes{}.Step(rfcSecret, codeOf(t, c.of), time.Unix(c.now*30, 0))
		if !ok || got != c.want {
			t.Errorf("%s: got %d, %v, want %d", c.name, got, ok, c.want)
		}
	}
}

func TestWhatIsNoCodeIsOfNoStep(t *testing.T) {
	t.Parallel()
	at := time.Unix(1234567890, 0) // 005924
	for code, want := range map[string]bool{
		"005924":                      true,
		"005 924":                     true,
		" 0 0 5 9 2 4 ":               true,
		"005\u00a0924":                true, // no-break space, as copied from a page
		"005924\n":                    true,
		"5924":                        false,
		"05924":                       false,
		"0005924":                     false,
		"89005924":                    false,
		"005925":                      false,
		"":                            false,
		"      ":                      false,
		"+05924":                      false,
		"005-924":                     false,
		"00592４":                      false, // a full-width 4
		"٠٠٥٩٢٤":                      false, // Arabic-Indic digits
		"00592\u200b4":                false, // zero-width space, which is none
		"00592\x00":                   false,
		"005924x":                     false,
		"\xff\xff\xff":                false,
		strings.Repeat("0", 1000):     false,
		"005924" + " 005924":          false,
		strings.Repeat(" ", 1000):     false,
		"005924; DROP TABLE sessions": false,
	} {
		if _, ok := (totp.Codes{}).Step(rfcSecret, code, at); ok != want {
			t.Errorf("%q: got %v, want %v", code, ok, want)
		}
	}
}

func TestDamagedSecretsHaveNoCodes(t *testing.T) {
	t.Parallel()
	at := time.Unix(1234567890, 0)
	for name, secret := range map[string]string{
		"empty, of which everybody knows the codes": "",
		"cut off":         rfcSecret[:24],
		"too long":        rfcSecret + rfcSecret[:8],
		"in lower case":   strings.ToLower(rfcSecret),
		"no base32":       strings.Repeat("1", 32),
		"padded":          rfcSecret[:26] + "======",
		"with line break": rfcSecret[:31] + "\n",
	} {
		// The code that the library makes of it, if any, is no code either.
		code, err := hotp.GenerateCode(secret, uint64(at.Unix()/30))
		if err != nil {
			code = "005924"
		}
		if step, ok := (totp.Codes{}).Step(secret, code, at); ok {
			t.Errorf("%s: got step %d", name, step)
		}
		if got, err := (totp.Codes{}).Describe(secret, "School", "ann"); err == nil || got != (directory.TOTPSecret{}) {
			t.Errorf("%s: described as %q", name, got.URI)
		} else if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error quotes the secret: %v", name, err)
		}
	}
}

func TestNewSecretIsOfTheGivenRandomness(t *testing.T) {
	t.Parallel()
	c := totp.Codes{Random: strings.NewReader("12345678901234567890" + "too short")}
	got, err := c.New("School", "ann")
	if err != nil || got.Secret != rfcSecret {
		t.Fatalf("got %q, %v, want %q", got.Secret, err, rfcSecret)
	}
	described, err := c.Describe(rfcSecret, "School", "ann")
	if err != nil || described != got {
		t.Errorf("described as %q, %v, drawn as %q", described.URI, err, got.URI)
	}
	if got, err := c.New("School", "ann"); !errors.Is(err, io.ErrUnexpectedEOF) || got != (directory.TOTPSecret{}) {
		t.Errorf("drawn without randomness: %q, %v", got.Secret, err)
	}
}

func TestNewSecretsDifferAndWork(t *testing.T) {
	t.Parallel()
	c := totp.Codes{Random: rand.Reader}
	seen := map[string]bool{}
	for range 5 {
		got, err := c.New("School", "ann")
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base32.StdEncoding.DecodeString(got.Secret)
		if err != nil || len(raw) != 20 || seen[got.Secret] {
			t.Errorf("%q: %d bytes, %v, seen before: %v", got.Secret, len(raw), err, seen[got.Secret])
		}
		seen[got.Secret] = true
		code, err := hotp.GenerateCode(got.Secret, 59_000_000)
		if err != nil {
			t.Fatal(err)
		}
		if step, ok := c.Step(got.Secret, code, time.Unix(59_000_000*30, 0)); !ok || step != 59_000_000 {
			t.Errorf("its code is of step %d, %v", step, ok)
		}
	}
}

func TestSecretStaysOutOfLogs(t *testing.T) {
	t.Parallel()
	got, err := totp.Codes{}.Describe(rfcSecret, "School", "ann")
	if err != nil {
		t.Fatal(err)
	}
	if printed := fmt.Sprintf("%v %+v", got, &got); strings.Contains(printed, rfcSecret[:8]) {
		t.Errorf("printed as %s", printed)
	}
}

func FuzzStep(f *testing.F) {
	f.Add(rfcSecret, "005924", int64(1234567890))
	f.Add(rfcSecret, "005 924", int64(1234567890))
	f.Add("", "", int64(-1))
	f.Fuzz(func(t *testing.T, secret, code string, seconds int64) {
		step, ok := totp.Codes{}.Step(secret, code, time.Unix(seconds, 0))
		if !ok {
			return
		}
		if now := seconds / 30; step < now-1 || step > now+1 {
			t.Errorf("%q at %d: step %d", code, seconds, step)
		}
		want, err := hotp.GenerateCode(secret, uint64(step))
		if err != nil || strings.Join(strings.Fields(code), "") != want {
			t.Errorf("%q at %d: step %d has %q (%v)", code, seconds, step, want, err)
		}
	})
}

func BenchmarkStep(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := (totp.Codes{}).Step(rfcSecret, "005924", time.Unix(1234567890, 0)); !ok {
			b.Fatal("not of the step")
		}
	}
}

func BenchmarkDescribe(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (totp.Codes{}).Describe(rfcSecret, "Bash Street School", "d.smith"); err != nil {
			b.Fatal(err)
		}
	}
}
