package federation_test

import (
	"context"
	"encoding/binary"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/federation"
)

// refusedAddresses are those that a provider cannot be at.
var refusedAddresses = []string{
	"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
	"169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.170",
	"192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.7",
	"203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
	"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:100.64.0.1",
	"::ffff:0.0.0.0", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1",
	"100::1", "2001::1", "2001:0:7f00:1::", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::", "3fff::1",
	"5f00::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "ff02::1", "ff0e::1",
}

var publicAddresses = []string{
	"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
	"169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
	"198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2001:200::1", "2001:4860:4860::8888",
	"2606:4700::1111", "2a00:1450::1",
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for _, a := range refusedAddresses {
		if federation.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s passes for public", a)
		}
	}
	for _, a := range publicAddresses {
		if !federation.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s does not pass for public", a)
		}
	}
	if federation.Public(netip.Addr{}) {
		t.Error("no address passes for public")
	}
}

// wantAddressRefused wants the dialler's refusal, not somebody's who was dialled.
func wantAddressRefused(t *testing.T, err error) {
	t.Helper()
	wantError(t, err, directory.ErrProviderMisconfigured)
	if err == nil || !strings.Contains(err.Error(), "not a public one") {
		t.Errorf("err = %v, want one that speaks of the address", err)
	}
}

func check(t *testing.T, c federation.Config, issuer string) error {
	t.Helper()
	c.BaseURL, c.Now = base, time.Now
	return federation.New(c).Check(t.Context(), directory.Provider{Issuer: issuer, ClientID: "caretaker", Claim: "sub"})
}

func TestAddressesThatAreNotDialled(t *testing.T) {
	t.Parallel()
	for _, a := range refusedAddresses {
		addr := netip.MustParseAddr(a)
		if addr.Zone() != "" {
			continue // the resolver does not give any
		}
		t.Run(a, func(t *testing.T) {
			t.Parallel()
			wantAddressRefused(t, check(t, federation.Config{}, "https://"+netip.AddrPortFrom(addr, 443).String()))
			wantAddressRefused(t, check(t, federation.Config{Resolver: resolver(addr)}, "https://idp.example"))
			if !addr.Unmap().IsLoopback() {
				wantAddressRefused(t, check(t, federation.Config{AllowLoopback: true, Resolver: resolver(addr)}, "https://idp.example"))
			}
		})
	}
}

// A name with a public address beside private ones gains nothing for these.
func TestNoneOfSeveralAddressesIsDialled(t *testing.T) {
	t.Parallel()
	addresses := []netip.Addr{
		netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("::1"),
		netip.MustParseAddr("fd00:ec2::254"),
	}
	wantAddressRefused(t, check(t, federation.Config{Resolver: resolver(addresses...)}, "https://idp.example"))
}

// What listens here is not reached by any of the ways to write it.
func TestThisMachineIsNotReached(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			reached.Add(1)
		}
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains about the client that leaves
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "idp.example"} {
		err := check(t, federation.Config{Resolver: resolver(netip.MustParseAddr("127.0.0.1"))}, "https://"+host+":"+port)
		wantAddressRefused(t, err)
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("it was reached %d times", n)
	}
	err = check(t, federation.Config{AllowLoopback: true, Resolver: resolver(netip.MustParseAddr("127.0.0.1"))}, "https://idp.example:"+port)
	if err == nil || reached.Load() == 0 {
		t.Errorf("with AllowLoopback it is not reached: %v", err)
	}
}

func TestAHostThatDoesNotExist(t *testing.T) {
	t.Parallel()
	err := check(t, federation.Config{Resolver: resolver()}, "https://idp.example")
	wantError(t, err, directory.ErrProviderMisconfigured)
	if !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("err = %v, want one that speaks of the host", err)
	}
}

// resolver knows every name, by the addresses; without any, none.
func resolver(addresses ...netip.Addr) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go serveDNS(theirs, addresses)
		return ours, nil
	}}
}

// serveDNS answers queries as over TCP: each message after its length in two bytes (RFC 1035, 4.2.2).
func serveDNS(conn net.Conn, addresses []netip.Addr) {
	defer conn.Close()
	for {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		answer, err := dnsAnswer(query, addresses)
		if err != nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

func dnsAnswer(query []byte, addresses []netip.Addr) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil {
		return nil, err
	}
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	if len(addresses) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	}
	asked := m.Questions[0]
	header := dnsmessage.ResourceHeader{Name: asked.Name, Class: asked.Class, TTL: 1}
	for _, a := range addresses {
		switch {
		case asked.Type == dnsmessage.TypeA && a.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: a.As4()}})
		case asked.Type == dnsmessage.TypeAAAA && a.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	return m.Pack()
}
