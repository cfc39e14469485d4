package browsertest

import (
	"encoding/json"
	"testing"
)

// Step is one thing that a person with a browser and an authenticator does. What a step has got can be saved under a
// name; later steps name it by a path such as "started.options", and ${started.options} in a Path, a Body or Headers is
// replaced by it. A string that consists of one such reference becomes the value itself, an object say.
//
// What is done:
//
//   - "api" calls the service, with the browser's cookies and the headers of a page of the service's own. It saves the
//     body of the answer. Redirects are not followed.
//   - "create" and "get" give the options that From names to navigator.credentials, and save the credential.
//   - "authenticator" changes the authenticator as Set says: "userVerified" tells whether the person gets past its
//     fingerprint or PIN from now on. With Replace, another and empty authenticator takes its place, and Set changes its
//     options, which are the DevTools protocol's VirtualAuthenticatorOptions.
//   - "credentials" saves the list of what the authenticator holds (DevTools' WebAuthn.Credential).
//   - "open" goes to another page of the service, and "forget" drops the browser's cookies.
type Step struct {
	Do      string            `json:"do"`
	Method  string            `json:"method,omitempty"` // of "api"; "" is GET
	Path    string            `json:"path,omitempty"`   // of "api" and "open"
	Headers map[string]string `json:"headers,omitempty"`
	Body    any               `json:"body,omitempty"` // of "api"; nil is none
	From    string            `json:"from,omitempty"`
	Set     map[string]any    `json:"set,omitempty"`
	Replace bool              `json:"replace,omitempty"`
	Save    string            `json:"save,omitempty"`
}

// Result is what came of a step. A refusal, by the service or by the browser, is a result; a step that cannot be done at
// all fails the test.
type Result struct {
	Status  int               `json:"status"`  // of "api" and "open"
	Headers map[string]string `json:"headers"` // of "api", with names in lower case
	Value   json.RawMessage   `json:"value"`   // what was there to save; a body that is not JSON is a string, an empty one null
	Error   string            `json:"error"`   // of "create" and "get": the name of the DOMException, such as "NotAllowedError"
	Message string            `json:"message"` // of the exception
}

// Passkeys plays the steps in a new browser with the page baseURL open, and returns a result for each. The URL must have
// the host localhost, since browsers take no IP address for passkeys; what is at it does not matter. The authenticator is empty at first,
// built into the device, and verifies its user.
func Passkeys(tb testing.TB, baseURL string, steps ...Step) []Result {
	tb.Helper()
	var results []Result
	printed := Run(tb, "infra/browser/passkey.mjs", map[string]any{"baseURL": baseURL, "steps": steps})
	if err := json.Unmarshal(printed, &results); err != nil {
		tb.Fatalf("browsertest: %v in %s", err, printed)
	}
	return results
}
