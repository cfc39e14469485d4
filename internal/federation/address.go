package federation

import (
	"fmt"
	"net/netip"
	"syscall"
)

// The only IPv6 addresses of others are in 2000::/3. That leaves out ::, ::1, IPv4-compatible, link-local, site-local
// and unique local addresses, multicast, and the metadata service of EC2 (fd00:ec2::254).
var global6 = netip.MustParsePrefix("2000::/3")

// nat64 holds IPv4 addresses in its last 32 bits, for networks that speak IPv6 alone (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// special are the addresses that are not anybody's on the internet (IANA's special-purpose registries).
var special = parsePrefixes(
	"0.0.0.0/8",       // this network; 0.0.0.0 reaches the machine itself
	"10.0.0.0/8",      // private, RFC 1918
	"100.64.0.0/10",   // shared by carriers (CGNAT), RFC 6598
	"127.0.0.0/8",     // loopback
	"169.254.0.0/16",  // link-local, with the metadata services of clouds
	"172.16.0.0/12",   // private, RFC 1918
	"192.0.0.0/24",    // protocol assignments, RFC 6890
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays, RFC 7526
	"192.168.0.0/16",  // private, RFC 1918
	"198.18.0.0/15",   // benchmarks, RFC 2544
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, and broadcast
	"2001::/23",       // protocol assignments, with Teredo, which leads to IPv4 addresses
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4, which leads to IPv4 addresses
	"3fff::/20",       // documentation
)

func parsePrefixes(texts ...string) []netip.Prefix {
	prefixes := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		prefixes[i] = netip.MustParsePrefix(t)
	}
	return prefixes
}

// public tells whether an address may be a provider's. An IPv6 address that stands for one of IPv4 is judged as that.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		last := a.As16()
		a = netip.AddrFrom4([4]byte(last[12:]))
	}
	if a.Is6() && !global6.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsValid()
}

// guardDial is a net.Dialer's Control: it is asked after names have been resolved and for each address that is tried, so
// a name that means something else by then gains nothing.
func guardDial(allowLoopback bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %w", errAddress, err)
		}
		if public(at.Addr()) || allowLoopback && at.Addr().Unmap().IsLoopback() {
			return nil
		}
		return errAddress
	}
}
