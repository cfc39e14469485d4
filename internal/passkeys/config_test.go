package passkeys_test

import (
	"slices"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/passkeys"
)

func TestConfigForTakesHostAndOriginOfTheBaseURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ baseURL, rpID, origin string }{
		{"https://users.example.org", "users.example.org", "https://users.example.org"},
		{"https://users.example.org/", "users.example.org", "https://users.example.org"},
		{"https://Users.Example.ORG", "users.example.org", "https://users.example.org"},
		{"https://users.example.org:8443", "users.example.org", "https://users.example.org:8443"},
		{"https://users.example.org:443", "users.example.org", "https://users.example.org"},
		{"http://localhost:8080", "localhost", "http://localhost:8080"},
		{"http://localhost:80", "localhost", "http://localhost"},
		{"http://127.0.0.1:8080", "localhost", "http://localhost:8080"},
		{"http://127.0.0.1", "localhost", "http://localhost"},
		{"http://127.8.8.8:8080", "localhost", "http://localhost:8080"},
		{"http://[::1]:8080", "localhost", "http://localhost:8080"},
		{"https://127.0.0.1:8443", "localhost", "https://localhost:8443"},
	} {
		got, err := passkeys.ConfigFor(c.baseURL, "Caretaker")
		if err != nil || got.RPID != c.rpID || got.Name != "Caretaker" || !slices.Equal(got.Origins, []string{c.origin}) {
			t.Errorf("%s: %+v, %v; want %s and %s", c.baseURL, got, err, c.rpID, c.origin)
			continue
		}
		if _, err := passkeys.New(got, time.Now); err != nil {
			t.Errorf("%s: the configuration is not taken: %v", c.baseURL, err)
		}
	}
}

func TestConfigForRefusesWhereBrowsersMakeNoPasskeys(t *testing.T) {
	t.Parallel()
	for name, baseURL := range map[string]string{
		"plain http":             "http://users.example.org",
		"http on a private host": "http://192.0.2.7:8080",
		"an IP address":          "https://192.0.2.7",
		"an IPv6 address":        "https://[2001:db8::7]",
		"all addresses":          "http://0.0.0.0:8080",
		"another scheme":         "ftp://users.example.org",
		"no scheme":              "users.example.org",
		"no host":                "https://",
		"a path":                 "https://example.org/users",
		"a query":                "https://example.org?a=b",
		"a fragment":             "https://example.org#a",
		"a user":                 "https://ann@example.org",
		"no URL":                 "https://exa mple.org",
		"nothing":                "",
	} {
		if got, err := passkeys.ConfigFor(baseURL, "Caretaker"); err == nil {
			t.Errorf("%s: %q was taken as %+v", name, baseURL, got)
		}
	}
}

func TestNewRefusesAConfigurationWithoutWhichNothingWorks(t *testing.T) {
	t.Parallel()
	whole := passkeys.Config{RPID: "example.org", Name: "Caretaker", Origins: []string{"https://example.org"}}
	for name, change := range map[string]func(*passkeys.Config){
		"no RPID":        func(c *passkeys.Config) { c.RPID = "" },
		"RPID with port": func(c *passkeys.Config) { c.RPID = "example.org:8080" },
		"RPID is an IP":  func(c *passkeys.Config) { c.RPID = "192.0.2.7" },
		"RPID not ASCII": func(c *passkeys.Config) { c.RPID = "skolé.example" },
		"no name":        func(c *passkeys.Config) { c.Name = "" },
		"no origins":     func(c *passkeys.Config) { c.Origins = nil },
	} {
		c := whole
		change(&c)
		if _, err := passkeys.New(c, time.Now); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
