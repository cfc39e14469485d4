//go:build linux

package runtime_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/caretaker/caretaker/infra/emulators"
	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
)

// What Lambda does to a function that fails, which a test of a handler cannot show.

// document asks for what takes nothing but the function itself.
const document = `{"version":"2.0","rawPath":"/api/openapi.json","requestContext":{"stage":"$default","http":{"method":"GET","path":"/api/openapi.json"}}}`

// silent is the address of a service that takes requests and never answers; asked receives when somebody has come.
func silent(t *testing.T) (endpoint string, asked <-chan struct{}) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	came := make(chan struct{}, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
			came <- struct{}{}
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return "http://" + l.Addr().String(), came
}

// withoutStore is the function session, whose table does not answer. It needs no table to say what the interface is.
func withoutStore(t *testing.T, timeout time.Duration) (l *emulators.Lambda, asked <-chan struct{}) {
	t.Helper()
	endpoint, asked := silent(t)
	return ofSession(t, sessionFunction(t, timeout, endpoint)), asked
}

// ofSession starts a function for one test.
func ofSession(t *testing.T, f emulators.Function) *emulators.Lambda {
	t.Helper()
	l := startFunction(t, f)
	t.Cleanup(func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// sessionFunction is the function session, to which one endpoint is all of AWS.
func sessionFunction(t *testing.T, timeout time.Duration, endpoint string) emulators.Function {
	t.Helper()
	return emulators.Function{
		Name: "session", Bootstrap: bootstrap(t, "SessionFunction"), Timeout: timeout, MemoryMB: 512,
		Environment: map[string]string{
			"TABLE": "none", "USER_POOL_ID": "eu-west-2_none", "USER_POOL_CLIENT_ID": "none", "SEALING_KEY": "none",
			"BASE_URL":   "https://users.example.org",
			"AWS_REGION": emulatortest.Region, "AWS_ACCESS_KEY_ID": "emulator", "AWS_SECRET_ACCESS_KEY": "emulator",
			"AWS_ENDPOINT_URL": endpoint,
		},
	}
}

// ofFunction is the process of the function itself; it fails the test where there is none.
func ofFunction(t *testing.T, l *emulators.Lambda) int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a process that has ended since
		}
		_, after, _ := strings.Cut(string(text), ") ") // behind the name, which may hold anything
		if fields := strings.Fields(after); len(fields) > 1 && fields[0] != "Z" && fields[1] == strconv.Itoa(l.PID()) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatal("the function does not run")
	return 0
}

// wantServed fails the test unless the function answers.
func wantServed(t *testing.T, l *emulators.Lambda) {
	t.Helper()
	answer, err := l.Invoke(t.Context(), []byte(document))
	if err != nil || !strings.Contains(string(answer), `"statusCode":200`) {
		t.Fatalf("got %.200s, %v", answer, err)
	}
}

// A store that does not answer is said to the browser before Lambda ends the function, which would be an internal error and
// a cold start for the next.
func TestAFunctionSaysInTimeThatTheStoreDoesNotAnswer(t *testing.T) {
	t.Parallel()
	l, _ := withoutStore(t, time.Duration(loadTemplate(t).functions(t)["session"].Timeout)*time.Second)
	g := only(map[string]string{"POST /api/v1/session": "session"}, l)
	body := `{"organisation":"bash-street","username":"DSmit1259","password":"Put1the2password"}`
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://users.example.org/api/v1/session", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := inProcess{g}.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("got %s, to be tried again after %q", res.Status, res.Header.Get("Retry-After"))
	}
}

// A function that hangs is ended when its time is up, and the next event has a new one.
func TestAnInvocationBeyondTheTimeoutIsEndedAndTheNextOneServed(t *testing.T) {
	t.Parallel()
	l, _ := withoutStore(t, 2*time.Second)
	wantServed(t, l)
	hung := ofFunction(t, l)
	if err := syscall.Kill(hung, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if f := failed(t, l, []byte(document)); f.Type != emulators.TimedOut || !strings.Contains(f.Message, "2.00 seconds") {
		t.Errorf("got %v", f)
	}
	wantServed(t, l)
	if ofFunction(t, l) == hung {
		t.Error("the function that hung goes on")
	}
}

// A function that is killed while it works, as when it takes too much memory, fails that event alone.
func TestAFunctionThatDiesFailsItsEventAndTheNextOneIsServed(t *testing.T) {
	t.Parallel()
	l, asked := withoutStore(t, 30*time.Second)
	killed := make(chan error, 1)
	wantServed(t, l)
	pid := ofFunction(t, l)
	go func() {
		<-asked // it waits for the store
		killed <- syscall.Kill(pid, syscall.SIGKILL)
	}()
	f := failed(t, l, keptEvent(t, "session"))
	if err := <-killed; err != nil {
		t.Fatal(err)
	}
	if f.Type != "Runtime.ExitError" || !strings.Contains(f.Message, "signal: killed") {
		t.Errorf("got %v", f)
	}
	wantServed(t, l)
	if ofFunction(t, l) == pid {
		t.Error("it is the same process")
	}
}

// A function that lacks a variable says which, in its log, and answers no event.
func TestAFunctionThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	f := sessionFunction(t, 5*time.Second, "http://127.0.0.1:1")
	delete(f.Environment, "TABLE")
	delete(f.Environment, "SEALING_KEY")
	l := ofSession(t, f)
	for range 2 { // Lambda tries again with the next event
		if f := failed(t, l, []byte(document)); f.Type != emulators.NotStarted {
			t.Errorf("got %v", f)
		}
	}
	if said := entries(l.Stdout()); len(said) == 0 || !strings.Contains(fmt.Sprint(said[0]["error"]), "TABLE, SEALING_KEY") {
		t.Errorf("it says %v", said)
	}
}

// The AWS SDK warns in a text of its own, of what it cannot close for example; in the log it is an entry like all others.
func TestWhatTheSDKSaysIsAnEntryOfTheLogToo(t *testing.T) {
	t.Parallel()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amz-Crc32", "1") // which is not that of the answer
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(broken.Close)
	l := ofSession(t, sessionFunction(t, 5*time.Second, broken.URL))
	if _, err := l.Invoke(t.Context(), keptEvent(t, "session")); err != nil {
		t.Fatal(err)
	}
	lines := functionLines(l.Stdout())
	said := entries(lines)
	if len(said) != len(lines) || !slices.ContainsFunc(said, func(e map[string]any) bool { return e["msg"] == "the AWS SDK" && e["level"] == "WARN" }) {
		t.Errorf("the log is\n%s", strings.Join(lines, "\n"))
	}
}

// entries are the lines that are JSON.
func entries(lines []string) []map[string]any {
	var found []map[string]any
	for _, line := range lines {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) == nil {
			found = append(found, entry)
		}
	}
	return found
}
