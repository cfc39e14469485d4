//go:build linux

package runtime_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/edge"
)

// cloudFront is the distribution: it adds the secret and the browser's address to what it hands on, in place of what the browser
// says under those names.
type cloudFront struct {
	inProcess
	secret, viewer string
}

func (c cloudFront) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(edge.SecretHeader, c.secret)
	r.Header.Set(edge.ViewerHeader, c.viewer)
	return c.inProcess.RoundTrip(r)
}

// Behind the edge, functions answer CloudFront alone, and the trail has the browser's address.
func TestBehindTheEdgeFunctionsAnswerItAlone(t *testing.T) {
	t.Parallel()
	const secret, viewer = "a-secret-as-long-as-a-key-is-at-the-least", "2001:db8::7:50112"
	d := deploy(t)
	d.parameters["Edge"], d.parameters["OriginSecretHashes"] = "yes", edge.Hash("the next one")+","+edge.Hash(secret)
	d.gateway.stage = d.stageVariables(t)
	_, operator, password := d.founders(t, time.Hour)
	d.age.Store(0)

	around := d.Browser(t)
	if a := around.SignIn(string(directory.OperatorSlug), operator, password); a.Status != http.StatusForbidden || !strings.Contains(string(a.Body), "not reached at this address") {
		t.Errorf("around the edge: %d %s", a.Status, a.Body)
	}
	d.Transport = cloudFront{inProcess{d.gateway}, "a guess", viewer}
	if a := d.Browser(t).SignIn(string(directory.OperatorSlug), operator, password); a.Status != http.StatusForbidden {
		t.Errorf("with a guess: %d %s", a.Status, a.Body)
	}
	d.Transport = cloudFront{inProcess{d.gateway}, secret, viewer}
	olive := d.Browser(t)
	olive.SignIn(string(directory.OperatorSlug), operator, password).Want(200)
	trail := string(olive.Call("GET", "/me/audit", nil).Want(200).Body)
	if !strings.Contains(trail, "2001:db8::7") || strings.Contains(trail, secret) {
		t.Errorf("the trail: %s", trail)
	}
	sessions := string(olive.Call("GET", "/me/sessions", nil).Want(200).Body)
	if strings.Contains(sessions, "192.0.2.7") {
		t.Errorf("a session has CloudFront's address: %s", sessions)
	}
}
