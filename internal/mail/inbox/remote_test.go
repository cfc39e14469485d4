package inbox_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail/inbox"
)

// store is an answer of aws-ses-v2-local 2.10.2; the conformance test of package ses talks to the real one.
const store = `{"templates":{},"emails":[
	{"messageId":"ses-1","from":"\"Caretaker\" <no-reply@caretaker.example>","replyTo":["j@school.example"],
	 "destination":{"to":["=?utf-8?q?Zo=C3=AB?= <zoe@xn--rdovre-bya.example>"],"cc":[],"bcc":[]},"subject":"One",
	 "body":{"html":"<p>1</p>","text":"1"},"attachments":[],
	 "headers":[{"name":"X-Caretaker-Id","value":"letter-1"}],"at":1788246000},
	{"messageId":"ses-2","from":"somebody else","replyTo":[],"destination":{"to":[],"cc":[],"bcc":[]},
	 "subject":"Two","body":{"text":"2"},"attachments":[],"at":1788246001}]}`

func emulator(t *testing.T, answer http.HandlerFunc) *inbox.RemoteBox {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return inbox.Remote(server.URL, time.Unix(1_800_000_000, 0))
}

func TestRemoteShowsTheStoreInTheSameShape(t *testing.T) {
	t.Parallel()
	box := emulator(t, func(w http.ResponseWriter, r *http.Request) {
		if since := r.URL.Query().Get("since"); since != "1800000000" {
			t.Errorf("asked for the mails since %q", since)
		}
		if _, err := w.Write([]byte(store)); err != nil {
			t.Error(err)
		}
	})
	at := time.Date(2026, 9, 1, 7, 0, 0, 0, time.UTC)
	one := inbox.Received{
		ID: "letter-1", To: "zoe@rødovre.example", From: "no-reply@caretaker.example", Subject: "One",
		Text: "1", HTML: "<p>1</p>", SentAt: at, Headers: map[string]string{
			"From": `"Caretaker" <no-reply@caretaker.example>`, "Reply-To": "j@school.example",
			"To": "=?utf-8?q?Zo=C3=AB?= <zoe@xn--rdovre-bya.example>", "X-Caretaker-Id": "letter-1",
		},
	}
	two := inbox.Received{ // what others sent through the emulator shows as far as it goes
		ID: "ses-2", From: "somebody else", Subject: "Two", Text: "2", SentAt: at.Add(time.Second),
		Headers: map[string]string{"From": "somebody else"},
	}
	if diff := cmp.Diff([]inbox.Received{two, one}, list(t, box, "")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]inbox.Received{one}, list(t, box, "Zoe@rødovre.example")); diff != "" {
		t.Errorf("to one address: -want +got\n%s", diff)
	}
}

func TestRemoteClears(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 1)
	box := emulator(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.URL.Path
		if _, err := w.Write([]byte(`{"message":"Store cleared"}`)); err != nil {
			t.Error(err)
		}
	})
	if err := box.Clear(t.Context()); err != nil {
		t.Fatalf("clear: %v", err)
	}
	if got := <-asked; got != "POST /clear-store" {
		t.Errorf("asked for %q", got)
	}
}

func TestRemoteIsUnavailableWithoutAnEmulator(t *testing.T) {
	t.Parallel()
	for name, box := range map[string]*inbox.RemoteBox{
		"nothing listens":        inbox.Remote("http://127.0.0.1:0", time.Time{}),
		"something else listens": emulator(t, http.NotFound),
		"the answer is no store": emulator(t, func(w http.ResponseWriter, _ *http.Request) {
			if _, err := w.Write([]byte("<html>")); err != nil {
				t.Error(err)
			}
		}),
	} {
		if _, err := box.List(t.Context(), ""); directory.KindOf(err) != directory.Unavailable {
			t.Errorf("%s: list: %v, want unavailable", name, err)
		}
		if err := box.Clear(t.Context()); directory.KindOf(err) != directory.Unavailable {
			t.Errorf("%s: clear: %v, want unavailable", name, err)
		}
	}
}
