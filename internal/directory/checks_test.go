package directory_test

import (
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
)

func TestNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		ok   bool
	}{
		{"Danny", true},
		{"O'Brien", true},
		{"O’Brien", true}, // the apostrophe that word processors put
		{"Anne-Marie", true},
		{"de la Cruz", true},
		{"J.", true},
		{"X", true}, // one letter is a name
		{"Zoë", true},
		{"محمد", true},
		{"王芳", true},
		{"Louis 14", true},
		{strings.Repeat("a", 100), true},
		{strings.Repeat("é", 100), true}, // characters count, not bytes
		{strings.Repeat("a", 101), false},
		{strings.Repeat("a", 200), false},
		{"", false},
		{"   ", false},
		{"007", false}, // no letter in it
		{"Danny 😀", false},
		{"<script>", false},
		{"Danny\nSmith", false},
		{"Danny\x00", false},
		{"\u202eynnaD", false}, // turns the direction of what follows
		{"=cmd()", false},      // a spreadsheet would run it
		{"Danny@Smith", false},
	}
	for _, tt := range tests {
		if err := directory.CheckName(directory.CleanLine(tt.name)); (err == nil) != tt.ok {
			t.Errorf("%q: %v, want accepted %t", tt.name, err, tt.ok)
		}
	}
}

func TestEmailAddresses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		address string
		ok      bool
	}{
		{"d.smith@bash-street.example", true},
		{"o'brien+tests@mail.bash-street.example", true},
		{"x@y.zz", true},
		{"joerg@schüle.example", true}, // an international domain
		{"jörg@schüle.example", false}, // SES could not write to it
		{"d.smith", false},
		{"d.smith@", false},
		{"@bash-street.example", false},
		{"d.smith@localhost", false}, // no domain that mail could be sent to
		{"d.smith@bash-street.", false},
		{"d.smith@-bash.example", false},
		{"d smith@bash-street.example", false},
		{"Danny <d.smith@bash-street.example>", false}, // an address, not a mailbox with a name
		{"a@b.example, c@d.example", false},
		{`"d smith"@bash-street.example`, false},
		{"d.smith@bash-street.example\nBcc: all@bash-street.example", false},
		{"d..smith@bash-street.example", false},
		{strings.Repeat("a", 65) + "@bash-street.example", false},
		{"a@" + strings.Repeat("b", 250) + ".example", false},
		{"", false},
	}
	for _, tt := range tests {
		if err := directory.CheckEmail(directory.CleanEmail(tt.address)); (err == nil) != tt.ok {
			t.Errorf("%q: %v, want accepted %t", tt.address, err, tt.ok)
		}
	}
	if got := directory.CleanEmail(" D.Smith@Bash-Street.EXAMPLE "); got != "D.Smith@bash-street.example" {
		t.Errorf("cleaned to %q: the part before the @ is the mail server's", got)
	}
}

func TestSlugs(t *testing.T) {
	t.Parallel()
	for slug, ok := range map[directory.Slug]bool{
		"bash-street": true, "st-marys-2": true, "ab": true,
		"a": false, "": false, "Bash": false, "bash_street": false, "-bash": false, "bash-": false, "bash--street": false,
		"9lives": false, "bash street": false, "bäsh": false, directory.Slug(strings.Repeat("a", 41)): false,
	} {
		if slug.Valid() != ok {
			t.Errorf("%q: valid %t, want %t", slug, slug.Valid(), ok)
		}
	}
}

func FuzzEmail(f *testing.F) {
	for _, s := range []string{"d.smith@bash-street.example", "a@b", "\"@\"@x.y", "ü@ü.üü", "@", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		address := directory.CleanEmail(typed)
		if directory.CheckEmail(address) == nil && strings.ContainsAny(address, "\r\n <>\",;") {
			t.Errorf("%q would break out of a mail header", address)
		}
		if again := directory.CleanEmail(address); again != address {
			t.Errorf("%q cleans to %q and then to %q", typed, address, again)
		}
	})
}
