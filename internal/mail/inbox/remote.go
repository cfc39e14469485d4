package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	stdmail "net/mail"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// RemoteBox reads the mails that the emulator of SES has received.
type RemoteBox struct {
	endpoint string
	since    time.Time
	client   *http.Client
}

var _ Box = (*RemoteBox)(nil)

// Remote returns the inbox of the SES emulator at the endpoint, such as "http://127.0.0.1:8005". SentAt is the
// emulator's own clock there, in whole seconds. What came before since, by that clock, is not shown: an emulator that many
// share hands out all of it each time.
func Remote(endpoint string, since time.Time) *RemoteBox {
	return &RemoteBox{endpoint: endpoint, since: since, client: &http.Client{Timeout: 10 * time.Second}}
}

// List fails with Unavailable when the emulator does not answer.
func (b *RemoteBox) List(ctx context.Context, to string) ([]Received, error) {
	var store struct {
		Emails []storedMail `json:"emails"`
	}
	if err := b.call(ctx, http.MethodGet, fmt.Sprintf("/store?since=%d", max(b.since.Unix(), 0)), &store); err != nil {
		return nil, err
	}
	sent := make([]Received, len(store.Emails))
	for i, e := range store.Emails {
		sent[i] = e.received()
	}
	return newestFirst(sent, to), nil
}

// Clear makes the emulator forget all it was sent, by whomever. It fails with Unavailable when it does not answer.
func (b *RemoteBox) Clear(ctx context.Context) error {
	var answer struct{}
	return b.call(ctx, http.MethodPost, "/clear-store", &answer)
}

func (b *RemoteBox) call(ctx context.Context, method, path string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, b.endpoint+path, http.NoBody)
	if err != nil {
		return fmt.Errorf("inbox of the SES emulator: %w", err)
	}
	res, err := b.client.Do(req)
	if err != nil {
		return noEmulator(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return noEmulator(fmt.Errorf("%s %s: %s", method, path, res.Status))
	}
	if err := json.NewDecoder(res.Body).Decode(answer); err != nil {
		return noEmulator(fmt.Errorf("%s %s: %w", method, path, err))
	}
	return nil
}

func noEmulator(err error) error { return directory.NewUnavailable("SES emulator", time.Second, err) }

// storedMail is a mail in the store of aws-ses-v2-local.
type storedMail struct {
	MessageID   string   `json:"messageId"`
	From        string   `json:"from"`
	ReplyTo     []string `json:"replyTo"`
	Destination struct {
		To []string `json:"to"`
	} `json:"destination"`
	Subject string `json:"subject"`
	Body    struct {
		HTML string `json:"html"`
		Text string `json:"text"`
	} `json:"body"`
	Headers []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"headers"`
	At int64 `json:"at"` // seconds since 1970
}

func (e storedMail) received() Received {
	r := Received{
		ID: e.MessageID, From: bareAddress(e.From), Subject: e.Subject, Text: e.Body.Text, HTML: e.Body.HTML,
		Headers: map[string]string{"From": e.From}, SentAt: time.Unix(e.At, 0).UTC(),
	}
	for _, h := range e.Headers {
		r.Headers[h.Name] = h.Value
	}
	if len(e.Destination.To) > 0 {
		r.To, r.Headers["To"] = bareAddress(e.Destination.To[0]), e.Destination.To[0]
	}
	if len(e.ReplyTo) > 0 {
		r.Headers["Reply-To"] = e.ReplyTo[0]
	}
	if id := r.Headers["X-Caretaker-Id"]; id != "" {
		r.ID = id
	}
	return r
}

func bareAddress(mailbox string) string {
	a, err := stdmail.ParseAddress(mailbox)
	if err != nil {
		return mailbox
	}
	return canonical(a.Address)
}
