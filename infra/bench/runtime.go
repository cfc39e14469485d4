package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// lambdaRuntime is what a function of Lambda asks for its events, and answers to. Whatever else it is asked, as a service of
// AWS, it knows nothing.
type lambdaRuntime struct {
	*httptest.Server
	asked  chan time.Time // when the function asked for its next event
	events chan []byte
	done   chan error
}

const invocation = "/2018-06-01/runtime/invocation/"

func newRuntime() *lambdaRuntime {
	r := &lambdaRuntime{asked: make(chan time.Time, 1), events: make(chan []byte), done: make(chan error)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+invocation+"next", r.next)
	mux.HandleFunc("POST "+invocation+"{id}/{outcome}", r.answered)
	mux.HandleFunc("POST /", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte("{}"))
	})
	r.Server = httptest.NewServer(mux)
	return r
}

func (r *lambdaRuntime) next(w http.ResponseWriter, request *http.Request) {
	select {
	case r.asked <- time.Now():
	default: // nobody waits for it
	}
	select {
	case <-request.Context().Done():
	case event := <-r.events:
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-2:123456789012:function:bench")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
		_, _ = w.Write(event) // a function that is gone is noticed below
	}
}

func (r *lambdaRuntime) answered(w http.ResponseWriter, request *http.Request) {
	w.WriteHeader(http.StatusAccepted)
	var err error
	if request.PathValue("outcome") == "error" {
		err = fmt.Errorf("the function failed: %s", request.Header.Get("Lambda-Runtime-Function-Error-Type"))
	}
	select {
	case r.done <- err:
	case <-request.Context().Done():
	}
}

// invoke has the function handle an event.
func (r *lambdaRuntime) invoke(ctx context.Context, event []byte) error {
	select {
	case r.events <- event:
	case <-ctx.Done():
		return fmt.Errorf("hand over an event: %w", ctx.Err())
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for the function: %w", ctx.Err())
	}
}

// address is what AWS_LAMBDA_RUNTIME_API holds.
func (r *lambdaRuntime) address() string { return strings.TrimPrefix(r.URL, "http://") }
