package emulators

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Function is a function as Lambda is given it.
type Function struct {
	Name string
	// Bootstrap is the executable that was built. It is started in its folder, as Lambda does.
	Bootstrap string
	// Environment is all that the function finds, beside what Lambda adds; nothing of this process's own.
	Environment map[string]string
	Timeout     time.Duration // in whole seconds
	MemoryMB    int           // is told and not enforced
}

// Lambda runs one function under Amazon's runtime interface emulator, the program that `sam local` puts into its containers:
// it starts the bootstrap with the first event, hands it one event after the other, ends it when its time is up, and starts
// it anew when it has ended. Memory and rights are not bounded by it.
type Lambda struct {
	url     string
	process *process
	stdout  *stdout
	one     sync.Mutex // an environment of Lambda has one event at a time
}

// FunctionError is what Lambda answers instead of a function that failed, crashed or took too long.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

const (
	// TimedOut is the Type of a function that took too long.
	TimedOut = "Sandbox.Timedout"
	// NotStarted is the Type of a function that ended before it asked for its first event. It has no message.
	NotStarted = "Runtime.InitError"
)

// startTries bounds how often other ports are tried: between choosing them and listening somebody else may take one.
const startTries = 3

// StartLambda makes a function ready to be invoked. ctx bounds the start alone. The error says `make sam-cli` when the
// emulator is not installed.
func StartLambda(ctx context.Context, f Function) (*Lambda, error) {
	program, err := interfaceEmulator()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", f.Name, err)
	}
	var failed error
	for range startTries {
		l, err := startLambda(ctx, program, f)
		if err == nil {
			return l, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, fmt.Errorf("start %s: %w", f.Name, failed)
}

func startLambda(ctx context.Context, program string, f Function) (*Lambda, error) {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	at, err := freeAddresses(ctx, 2)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program,
		"--runtime-interface-emulator-address", at[0], "--runtime-api-address", at[1], f.Bootstrap)
	l := &Lambda{url: "http://" + at[0], stdout: &stdout{}}
	cmd.Dir, cmd.Env, cmd.Stdout = filepath.Dir(f.Bootstrap), f.environment(), l.stdout
	if l.process, err = launch(cmd); err != nil {
		return nil, err
	}
	if err := awaitAnswer(ctx, l.process, l.url); err != nil {
		return nil, errors.Join(err, l.process.stop(), l.process.printed())
	}
	return l, nil
}

// environment adds what Lambda tells every function. The emulator reads some of it too.
func (f Function) environment() []string {
	env := []string{
		"AWS_LAMBDA_FUNCTION_NAME=" + f.Name, "AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "_HANDLER=bootstrap",
		"AWS_LAMBDA_FUNCTION_TIMEOUT=" + strconv.Itoa(int(f.Timeout/time.Second)),
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_LOG_FORMAT=JSON", "LANG=en_US.UTF-8", "TZ=:UTC", "PATH=/usr/local/bin:/usr/bin/:/bin",
	}
	for name, value := range f.Environment {
		env = append(env, name+"="+value)
	}
	return env
}

// interfaceEmulator finds the program, which the SAM CLI brings along for both kinds of machines.
func interfaceEmulator() (string, error) {
	dir, err := tool("sam", "make sam-cli")
	if err != nil {
		return "", err
	}
	arch := map[string]string{"amd64": "x86_64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	found, err := filepath.Glob(filepath.Join(dir, "lib", "python*", "site-packages", "samcli", "local", "rapid", "aws-lambda-rie-"+arch))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("the SAM CLI has %d emulators for %s, want one", len(found), arch)
	}
	return found[0], nil
}

// freeAddresses chooses ports that nobody listens on, of the loopback interface.
func freeAddresses(ctx context.Context, n int) ([]string, error) {
	var at []string
	var taken []net.Listener // until all are chosen, so that they differ
	defer func() {
		for _, l := range taken {
			_ = l.Close() // nobody has come
		}
	}()
	for range n {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		taken, at = append(taken, l), append(at, l.Addr().String())
	}
	return at, nil
}

// Invoke hands the function an event and returns its answer. The error is a *FunctionError when the function was reached
// and has none.
func (l *Lambda) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	l.one.Lock()
	defer l.one.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url+"/2015-03-31/functions/function/invocations", bytes.NewReader(event))
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("invoke: %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if failed := failure(answer); failed != nil {
		return nil, failed
	}
	if res.StatusCode == http.StatusBadGateway {
		return nil, &FunctionError{Type: NotStarted, Message: string(answer)}
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("invoke: %s: %s", res.Status, answer)
	}
	return answer, nil
}

// failure reads an answer that Lambda would mark as an error; nil when it is the function's own. This emulator does not mark.
func failure(answer []byte) error {
	if strings.HasPrefix(string(answer), "Task timed out after") {
		return &FunctionError{Type: TimedOut, Message: string(answer)}
	}
	var failed FunctionError
	if err := json.Unmarshal(answer, &failed); err != nil || failed.Type == "" {
		return nil //nolint:nilerr // a text or a list is an answer
	}
	return &failed
}

// PID is the emulator's process; the function's, when it runs, is its child.
func (l *Lambda) PID() int { return l.process.cmd.Process.Pid }

// Stdout is what the function has written so far, to its standard error too, and the emulator's reports, in lines.
func (l *Lambda) Stdout() []string { return l.stdout.lines() }

// Stop ends the function and the emulator.
func (l *Lambda) Stop() error {
	if err := l.process.stop(); err != nil {
		return errors.Join(err, l.process.printed())
	}
	return nil
}

// stdout keeps all that is printed.
type stdout struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *stdout) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *stdout) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Split(strings.TrimSuffix(s.text.String(), "\n"), "\n")
}
