package main

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"testing"
)

// ask asks as vegeta would.
func ask(t *testing.T, asked target) int {
	t.Helper()
	body, err := base64.StdEncoding.DecodeString(asked.Body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), asked.Method, asked.URL, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = asked.Header
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}
