package passkeys

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Config says for which service passkeys are. Changing RPID makes all passkeys useless: browsers offer them for the
// name they were made for, and nothing else.
type Config struct {
	RPID    string   // the domain that passkeys belong to
	Name    string   // the service's name, as the browser shows it
	Origins []string // the pages that may ask for them, such as "https://users.example.org"
}

// ConfigFor derives the configuration from where browsers reach the service. Browsers take no IP address for an RPID,
// and plain http from localhost alone; so a service on a loopback address, which is what a developer runs, has its
// passkeys under the name localhost, and pages must be opened under that name to use them.
func ConfigFor(baseURL, product string) (Config, error) {
	u, err := url.Parse(baseURL)
	if err != nil {
		return Config{}, fmt.Errorf("passkeys: %w", err)
	}
	if err := checkOrigin(u); err != nil {
		return Config{}, fmt.Errorf("passkeys: the base URL %s %w", u.Redacted(), err)
	}
	host := hostOf(u)
	if net.ParseIP(host) != nil {
		return Config{}, fmt.Errorf("passkeys: the base URL %s has an IP address, for which browsers make no passkeys", baseURL)
	}
	if u.Scheme == "http" && host != localhost {
		return Config{}, fmt.Errorf("passkeys: the base URL %s must begin with https, or browsers make no passkeys", baseURL)
	}
	return Config{RPID: host, Name: product, Origins: []string{originOf(u, host)}}, nil
}

const localhost = "localhost"

// checkOrigin refuses what is more than an origin: passkeys hold for all of a host, so a path would promise too much.
func checkOrigin(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("must begin with https or http")
	case u.Hostname() == "":
		return errors.New("has no host")
	case u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return errors.New("must have a scheme, a host and a port only")
	}
	return nil
}

// hostOf is the host in lower case, as browsers write it, with loopback addresses by name.
func hostOf(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return localhost
	}
	return host
}

// originOf leaves out the scheme's own port, as browsers do (RFC 6454, section 6.2).
func originOf(u *url.URL, host string) string {
	port := u.Port()
	if port == "" || u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		return u.Scheme + "://" + host
	}
	return u.Scheme + "://" + host + ":" + port
}
