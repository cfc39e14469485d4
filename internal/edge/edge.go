// Package edge believes what an installation has put in front of its API, a CloudFront distribution with a firewall
// (infra/edge.yaml), and nobody else. Whoever asks the API itself has gone around the firewall, and could say to come from
// any address.
package edge

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

const (
	// SecretHeader is what the distribution adds to each request; infra/edge.yaml says it too. API Gateway writes names small.
	SecretHeader = "caretaker-origin-secret"
	// ViewerHeader is where CloudFront says whom it has a request from. What a browser sends under that name it replaces.
	ViewerHeader = "cloudfront-viewer-address"
	// Variable is the variable of the API's stage, which comes with each request, with the hashes of the secrets that are
	// believed. Without it there is no edge, and everybody is let in.
	Variable = "originSecretHashes"
	// most is how many secrets can be believed at a time: the one in use and, while it is changed, the next.
	most = 2
)

// Handler answers an event of API Gateway's HTTP API, payload format 2.0.
type Handler = func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// Guard hands on what came by the edge, if there is one, as a request from the browser's address.
func Guard(next Handler) Handler {
	return func(ctx context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		hashes, err := parse(r.StageVariables[Variable])
		if err != nil {
			return events.APIGatewayV2HTTPResponse{}, err // nobody is let in by mistake
		}
		if len(hashes) == 0 {
			return next(ctx, r)
		}
		if !knows(hashes, r.Headers[SecretHeader]) {
			return refused(), nil
		}
		return next(ctx, admitted(r))
	}
}

// Hash is what the functions are told of a secret. A secret is as long as a key, so that its hash need not be kept secret.
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// parse reads hashes in hexadecimal, with commas between.
func parse(list string) ([][sha256.Size]byte, error) {
	if list == "" {
		return nil, nil
	}
	var hashes [][sha256.Size]byte
	for text := range strings.SplitSeq(list, ",") {
		raw, err := hex.DecodeString(text)
		if err != nil || len(raw) != sha256.Size {
			return nil, fmt.Errorf("%s has %q, must be SHA-256 hashes in hexadecimal, separated by commas", Variable, text)
		}
		hashes = append(hashes, [sha256.Size]byte(raw))
	}
	if len(hashes) > most {
		return nil, fmt.Errorf("%s has %d hashes, and may have %d", Variable, len(hashes), most)
	}
	return hashes, nil
}

// knows compares with every hash, each in the time that any takes.
func knows(hashes [][sha256.Size]byte, secret string) bool {
	sum, same := sha256.Sum256([]byte(secret)), 0
	for _, hash := range hashes {
		same |= subtle.ConstantTimeCompare(sum[:], hash[:])
	}
	return same == 1
}

// admitted is the request as the edge had it: from the browser's address, and without the secret, which nobody needs further
// in. An address that cannot be read is not guessed at: the one that API Gateway saw stays.
func admitted(r events.APIGatewayV2HTTPRequest) events.APIGatewayV2HTTPRequest {
	r.Headers = maps.Clone(r.Headers)
	delete(r.Headers, SecretHeader)
	if address, said := viewer(r.Headers[ViewerHeader]); said {
		r.RequestContext.HTTP.SourceIP = address
	}
	return r
}

// viewer reads the address before the port. CloudFront writes no brackets around one of IPv6.
func viewer(header string) (address string, said bool) {
	colon := strings.LastIndexByte(header, ':')
	if colon < 0 {
		return "", false
	}
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(header[:colon], "["), "]"))
	if err != nil || a.Zone() != "" {
		return "", false
	}
	return a.Unmap().String(), true
}

// refused is an answer in the form of those that API Gateway gives by itself.
func refused() events.APIGatewayV2HTTPResponse {
	return events.APIGatewayV2HTTPResponse{
		StatusCode: http.StatusForbidden, Body: `{"message":"Caretaker is not reached at this address"}`,
		Headers: map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store"},
	}
}
