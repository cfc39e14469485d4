package totp_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"net/url"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/pquerna/otp"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/totp"
)

func describe(tb testing.TB, issuer, account string) directory.TOTPSecret {
	tb.Helper()
	got, err := totp.Codes{}.Describe(rfcSecret, issuer, account)
	if err != nil {
		tb.Fatal(err)
	}
	return got
}

func TestAddressIsReadAsItWasMeant(t *testing.T) {
	t.Parallel()
	const secret = "secret=" + rfcSecret
	for _, c := range []struct {
		name, issuer, account string
		readIssuer            string // as an app shows it
		readAccount           string
		uri                   string
	}{
		{
			"plain", "Caretaker", "d.smith", "Caretaker", "d.smith",
			"otpauth://totp/Caretaker:d.smith?" + secret + "&issuer=Caretaker",
		},
		{
			"what means something in addresses", "Bash Street: School & Co", "ann@school.example", "Bash Street School & Co", "ann@school.example",
			"otpauth://totp/Bash%20Street%20School%20%26%20Co:ann%40school.example?" + secret + "&issuer=Bash%20Street%20School%20%26%20Co",
		},
		{
			"umlauts", "Grundschule Südöd", "jörg.weiß", "Grundschule Südöd", "jörg.weiß",
			"otpauth://totp/Grundschule%20S%C3%BCd%C3%B6d:j%C3%B6rg.wei%C3%9F?" + secret + "&issuer=Grundschule%20S%C3%BCd%C3%B6d",
		},
		{
			"emoji", "🏫 School", "🦉", "🏫 School", "🦉",
			"otpauth://totp/%F0%9F%8F%AB%20School:%F0%9F%A6%89?" + secret + "&issuer=%F0%9F%8F%AB%20School",
		},
		{
			"signs", "A+B=C? 100% #1/2;x", "a&secret=AAAA", "A+B=C? 100% #1/2;x", "a&secret=AAAA",
			"otpauth://totp/A%2BB%3DC%3F%20100%25%20%231%2F2%3Bx:a%26secret%3DAAAA?" + secret + "&issuer=A%2BB%3DC%3F%20100%25%20%231%2F2%3Bx",
		},
		{
			"colons everywhere", ":: 10:30 :", "x:y", "10 30", "x y",
			"otpauth://totp/10%2030:x%20y?" + secret + "&issuer=10%2030",
		},
		{
			"no issuer", "", "ann", "", "ann",
			"otpauth://totp/ann?" + secret,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := describe(t, c.issuer, c.account)
			if got.URI != c.uri {
				t.Errorf("got  %s\nwant %s", got.URI, c.uri)
			}
			key, err := otp.NewKeyFromURL(got.URI)
			if err != nil {
				t.Fatal(err)
			}
			if key.Issuer() != c.readIssuer || key.AccountName() != c.readAccount || key.Secret() != rfcSecret {
				t.Errorf("read as %q, %q, %q", key.Issuer(), key.AccountName(), key.Secret())
			}
			if key.Type() != "totp" || key.Algorithm() != otp.AlgorithmSHA1 || key.Digits() != 6 || key.Period() != 30 {
				t.Errorf("read as %s, %s, %d digits, %d seconds", key.Type(), key.Algorithm(), key.Digits(), key.Period())
			}
			if issuer := labelsIssuer(t, got.URI); issuer != c.readIssuer {
				t.Errorf("before the account stands %q", issuer)
			}
		})
	}
}

// labelsIssuer is what old apps show: all before the first colon, once escaping is undone.
func labelsIssuer(t *testing.T, uri string) string {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	issuer, _, found := strings.Cut(strings.TrimPrefix(u.Path, "/"), ":")
	if !found {
		return ""
	}
	return issuer
}

func TestLongNamesAreCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ given, shown string }{
		{strings.Repeat("a", 60), strings.Repeat("a", 60)},
		{strings.Repeat("a", 61), strings.Repeat("a", 59) + "…"},
		{strings.Repeat("🏫", 5000), strings.Repeat("🏫", 59) + "…"}, // the longest address there is
	} {
		t.Run(c.given[:4], func(t *testing.T) {
			t.Parallel()
			got := describe(t, c.given, c.given)
			key, err := otp.NewKeyFromURL(got.URI)
			if err != nil {
				t.Fatal(err)
			}
			if key.Issuer() != c.shown || key.AccountName() != c.shown {
				t.Errorf("shown as %q and %q", key.Issuer(), key.AccountName())
			}
			if read := scan(t, got.QR); read != got.URI {
				t.Errorf("the QR code says %s", read)
			}
		})
	}
}

func TestPictureSaysTheAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ issuer, account string }{
		{"Caretaker", "ann"},
		{"Bash Street: School & Co", "danny.smith@bash-street.school.example"},
		{"Grundschule Südöd an der Höhe", "jörg.weiß"},
		{"🏫🦉", "🐦"},
		{"", "a"},
	} {
		t.Run(c.issuer, func(t *testing.T) {
			t.Parallel()
			got := describe(t, c.issuer, c.account)
			if read := scan(t, got.QR); read != got.URI {
				t.Errorf("the QR code says %s, want %s", read, got.URI)
			}
			if n := len(got.QR); n > 4096 {
				t.Errorf("%d bytes, want 4 kB at most", n)
			}
		})
	}
}

func TestPictureHasAMarginAndTwoColours(t *testing.T) {
	t.Parallel()
	img := decode(t, describe(t, "Bash Street School", "d.smith").QR)
	side := img.Bounds().Dx()
	if img.Bounds().Dy() != side || side < 150 || side > 400 {
		t.Errorf("the picture is %v", img.Bounds())
	}
	if palette, ok := img.ColorModel().(color.Palette); !ok || len(palette) != 2 {
		t.Errorf("colours %v, want two", img.ColorModel())
	}
	const margin = 4 * 4 // pixels: four modules
	for i := range side {
		for _, at := range []image.Point{{i, margin - 1}, {margin - 1, i}, {i, side - margin}, {side - margin, i}} {
			if r, _, _, _ := img.At(at.X, at.Y).RGBA(); r != 0xffff {
				t.Fatalf("the margin is not white at %v", at)
			}
		}
	}
	if r, _, _, _ := img.At(margin, margin).RGBA(); r != 0 {
		t.Error("the code does not begin behind the margin")
	}
}

func decode(tb testing.TB, dataURI string) image.Image {
	tb.Helper()
	encoded, found := strings.CutPrefix(dataURI, "data:image/png;base64,")
	file, err := base64.StdEncoding.DecodeString(encoded)
	if !found || err != nil {
		tb.Fatalf("no PNG in base64: %.40q, %v", dataURI, err)
	}
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		tb.Fatal(err)
	}
	return img
}

// scan reads the QR code with another library than the one that drew it.
func scan(tb testing.TB, dataURI string) string {
	tb.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(decode(tb, dataURI))
	if err != nil {
		tb.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		tb.Fatalf("read the QR code: %v", err)
	}
	return result.GetText()
}
