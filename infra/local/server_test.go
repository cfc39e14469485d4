package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestItListensOnThisMachineOnly(t *testing.T) {
	t.Parallel()
	l, err := listen(t.Context(), "0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.Equal(net.IPv4(127, 0, 0, 1)) {
		t.Errorf("it listens on %v", l.Addr())
	}
}

func TestItAnswersUnderItsOwnNamesOnly(t *testing.T) {
	t.Parallel()
	h := route(http.NotFoundHandler(), http.NotFoundHandler(), http.NotFoundHandler(), http.NotFoundHandler())
	for host, want := range map[string]int{
		"127.0.0.1:8080":      200,
		"localhost:8080":      200,
		"localhost":           200,
		"rebound.example":     421, // a name made to point here
		"127.0.0.1.example:1": 421,
		"":                    421,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/healthz", http.NoBody)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: %d, want %d", host, w.Code, want)
		}
	}
}

func TestARequestUnderWayIsAnsweredBeforeTheEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	arrived, goOn := make(chan struct{}), make(chan struct{})
	url, ended := serveOne(ctx, t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-goOn
		_, _ = io.WriteString(w, "whole")
	}))
	go func() {
		<-arrived
		cancel()
		close(goOn)
	}()
	response, err := http.Get(url) //nolint:noctx // it must not end with the server's context
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "whole" {
		t.Errorf("answered %q, %v", body, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("ended: %v", err)
	}
}

func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	url, _ := serveOne(t.Context(), t, http.NotFoundHandler())
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", strings.Repeat("x", 32<<10))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("32 KiB of headers: %s", response.Status)
	}
}

// serveOne serves a handler until the context ends.
func serveOne(ctx context.Context, t *testing.T, h http.Handler) (url string, ended <-chan error) {
	t.Helper()
	l, err := listen(ctx, "0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- serve(ctx, l, newServer(h, slog.New(slog.DiscardHandler))) }()
	return "http://" + l.Addr().String(), done
}
