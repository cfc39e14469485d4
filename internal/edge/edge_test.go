package edge_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/caretaker/caretaker/internal/edge"
)

const (
	secret = "n0-5ecret-of-a-deployment"
	next   = "the-one-that-comes-after-it"
	direct = "198.51.100.1" // whom API Gateway saw
)

// request is one to an API that knows some secrets.
func request(known []string, headers map[string]string) events.APIGatewayV2HTTPRequest {
	r := events.APIGatewayV2HTTPRequest{Headers: headers}
	r.RequestContext.HTTP.SourceIP = direct
	if known != nil {
		var hashes []string
		for _, s := range known {
			hashes = append(hashes, edge.Hash(s))
		}
		r.StageVariables = map[string]string{edge.Variable: strings.Join(hashes, ",")}
	}
	return r
}

// ask tells what a handler behind the guard is asked, if it is.
func ask(t *testing.T, r events.APIGatewayV2HTTPRequest) (*events.APIGatewayV2HTTPRequest, events.APIGatewayV2HTTPResponse) {
	t.Helper()
	var asked *events.APIGatewayV2HTTPRequest
	answer, err := edge.Guard(func(_ context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		asked = &r
		return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusNoContent}, nil
	})(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return asked, answer
}

func TestOnlyWhatComesByTheEdgeIsAdmittedAndBelieved(t *testing.T) {
	t.Parallel()
	const forwarded = "x-forwarded-for"
	type said map[string]string
	from := func(viewer string) said { return said{edge.SecretHeader: secret, edge.ViewerHeader: viewer} }
	only := []string{secret}
	for _, c := range []struct {
		why      string
		known    []string
		headers  said
		admitted bool
		address  string
	}{
		{"no edge", nil, nil, true, direct},
		{"no edge, so nobody is believed", nil, said{edge.ViewerHeader: "203.0.113.9:1", forwarded: "203.0.113.9"}, true, direct},
		{"no edge, and a secret of no meaning", nil, from("203.0.113.9:1"), true, direct},
		{"around the edge", only, nil, false, ""},
		{"around it, with forged addresses", only, said{edge.ViewerHeader: "203.0.113.9:1", forwarded: "203.0.113.9, 192.0.2.1"}, false, ""},
		{"around it, with a guess", only, said{edge.SecretHeader: "guess"}, false, ""},
		{"around it, with an empty guess", only, said{edge.SecretHeader: ""}, false, ""},
		{"around it, with the hash", only, said{edge.SecretHeader: edge.Hash(secret)}, false, ""},
		{"around it, with part of the secret", only, said{edge.SecretHeader: secret[:len(secret)-1]}, false, ""},
		{"around it, with two guesses as API Gateway joins them", only, said{edge.SecretHeader: "guess," + secret}, false, ""},
		{"by the edge", only, from("203.0.113.9:46532"), true, "203.0.113.9"},
		{
			"by it, whatever the browser says to have been forwarded", only, said{
				edge.SecretHeader: secret, edge.ViewerHeader: "203.0.113.9:46532",
				forwarded: "10.0.0.1, 203.0.113.77, 192.0.2.1", "x-real-ip": "10.0.0.2", "forwarded": "for=10.0.0.3",
			}, true, "203.0.113.9",
		},
		{"IPv6, as CloudFront writes it", only, from("2001:db8::9:9985"), true, "2001:db8::9"},
		{"IPv6 in full", only, from("2001:0db8:0:0:1:2:3:4:443"), true, "2001:db8::1:2:3:4"},
		{"IPv6 in brackets", only, from("[2001:db8::9]:443"), true, "2001:db8::9"},
		{"IPv4 within IPv6 is the same caller", only, from("::ffff:203.0.113.9:443"), true, "203.0.113.9"},
		{"by it, without an address", only, said{edge.SecretHeader: secret}, true, direct},
		{"by it, without an address but a chain, which is not guessed from", only, said{edge.SecretHeader: secret, forwarded: "203.0.113.9, 192.0.2.1"}, true, direct},
		{"by it, with what is no address", only, from("somewhere:80"), true, direct},
		{"by it, with two addresses", only, from("203.0.113.9:1,10.0.0.1:2"), true, direct},
		{"by it, with a zone", only, from("[fe80::1%eth0]:2"), true, direct},
		{"by it, without a port", only, from("203.0.113.9"), true, direct},
		{"the old secret while it is changed", []string{secret, next}, from("203.0.113.9:1"), true, "203.0.113.9"},
		{"the new one while it is changed", []string{next, secret}, from("203.0.113.9:1"), true, "203.0.113.9"},
		{"the old one afterwards", []string{next}, from("203.0.113.9:1"), false, ""},
	} {
		r := request(c.known, c.headers)
		asked, answer := ask(t, r)
		switch {
		case (asked != nil) != c.admitted:
			t.Errorf("%s: admitted %t", c.why, asked != nil)
		case !c.admitted:
			if answer.StatusCode != http.StatusForbidden || !strings.Contains(answer.Body, "not reached at this address") {
				t.Errorf("%s: %+v", c.why, answer)
			}
		case asked.RequestContext.HTTP.SourceIP != c.address:
			t.Errorf("%s: is from %s, want %s", c.why, asked.RequestContext.HTTP.SourceIP, c.address)
		case c.known != nil && asked.Headers[edge.SecretHeader] != "":
			t.Errorf("%s: the secret is carried on", c.why)
		case r.Headers[edge.SecretHeader] != c.headers[edge.SecretHeader]:
			t.Errorf("%s: the caller's event is changed", c.why)
		}
	}
}

// What cannot be read lets nobody in: a slip in the settings must not open the way around the firewall.
func TestHashesThatCannotBeReadShutTheDoor(t *testing.T) {
	t.Parallel()
	one := edge.Hash(secret)
	for _, list := range []string{"x", one[:62], one + ",", one + ", " + one, secret, strings.Join([]string{one, one, one}, ",")} {
		r := request(nil, map[string]string{edge.SecretHeader: secret})
		r.StageVariables = map[string]string{edge.Variable: list}
		_, err := edge.Guard(func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
			t.Errorf("%q lets somebody in", list)
			return events.APIGatewayV2HTTPResponse{}, nil
		})(t.Context(), r)
		if err == nil || !strings.Contains(err.Error(), edge.Variable) {
			t.Errorf("%q: %v", list, err)
		}
	}
}
