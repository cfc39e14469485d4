package mail

import (
	stdmail "net/mail"
	"strings"
	"testing"
)

func TestAddressInAHeader(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address Address
		want    string
	}{
		{Address{"", "d@e.example"}, "d@e.example"},
		{Address{"Danny Smith", "d@e.example"}, `"Danny Smith" <d@e.example>`},
		{Address{"Smith, Danny", "d@e.example"}, `"Smith, Danny" <d@e.example>`},
		{Address{"Zoë", "d@e.example"}, "=?utf-8?q?Zo=C3=AB?= <d@e.example>"},
		{Address{"Dan\r\nBcc: x@e.example", "d@e.example"}, `"Dan Bcc: x@e.example" <d@e.example>`},
		{Address{"Bo", "bo@rødovre.example"}, `"Bo" <bo@xn--rdovre-bya.example>`},
		{Address{strings.Repeat("n", 305), "d@e.example"}, "d@e.example"}, // SES takes 320 bytes for both
		{Address{strings.Repeat("李", 60), "d@e.example"}, "d@e.example"},  // which encoding uses up sooner
	} {
		if got := c.address.String(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.address, got, c.want)
		}
	}
}

func TestASCIITakesWhatCanBeWrittenTo(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("d", 63) + "."
	for email, want := range map[string]string{
		"d.smith@school.example":                       "d.smith@school.example",
		"o'neil+tag@school.example":                    "o'neil+tag@school.example",
		"D.Smith@school.example":                       "D.Smith@school.example", // letter case before the @ is the server's affair
		"bo@rødovre.example":                           "bo@xn--rdovre-bya.example",
		"bo@xn--rdovre-bya.example":                    "bo@xn--rdovre-bya.example",
		"":                                             "",
		"@school.example":                              "",
		"d.smith":                                      "",
		"d.smith@":                                     "",
		"bjørn@school.example":                         "", // needs SMTPUTF8, which SES does not speak
		"d..smith@school.example":                      "",
		".d@school.example":                            "",
		"d smith@school.example":                       "",
		`"d smith"@school.example`:                     "", // legal, and in no school's use
		"d@school.example, x@school.example":           "",
		"Danny <d@school.example>":                     "",
		"d@[127.0.0.1]":                                "",
		"d@school .example":                            "",
		"d@-school.example":                            "",
		"d@school..example":                            "",
		"d\r\n@school.example":                         "",
		"d@school.example\x00":                         "",
		strings.Repeat("d", 65) + "@e.example":         "",
		"d@" + long + long + long + long + "example":   "",
		strings.Repeat("d", 64) + "@school.example":    strings.Repeat("d", 64) + "@school.example",
		"d@" + long + long + long + "school.example":   "d@" + long + long + long + "school.example",
		"d@\u202eschool.example":                       "",
		"=?utf-8?q?d?=@school.example":                 "=?utf-8?q?d?=@school.example", // odd, yet plain characters
		"d@school.example(comment)":                    "",
		"undisclosed-recipients:;":                     "",
		"d@school.example\r\nBcc: everybody@e.example": "",
		"d@school.example>\r\nX: <y@e.example":         "",
		"d@school.example\u2028":                       "",
		"d@sch\u200dool.example":                       "",
	} {
		if got, err := ASCII(email); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", email, got, err, want)
		}
	}
}

func TestReadableUndoesASCII(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]string{
		"bo@xn--rdovre-bya.example": "bo@rødovre.example",
		"d@school.example":          "d@school.example",
		"no address":                "no address",
		"d@xn--":                    "d@xn--", // not what any domain is written as
	} {
		if got := Readable(email); got != want {
			t.Errorf("%q: %q, want %q", email, got, want)
		}
	}
}

// Whatever is typed, an address that passes is one plain mailbox.
func FuzzASCII(f *testing.F) {
	for _, seed := range []string{"d@e.example", "bo@rødovre.example", "a@b\r\nBcc: c@d", `"a b"@c`, "a@b,c@d", "a@[::1]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, email string) {
		got, err := ASCII(email)
		if err != nil {
			return
		}
		list, err := stdmail.ParseAddressList(got)
		if err != nil || len(list) != 1 || list[0].Address != got || !printable(got) || strings.Contains(got, " ") {
			t.Errorf("%q became %q, which reads as %v, %v", email, got, list, err)
		}
	})
}
