package emulators_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/infra/emulators"
)

var all = []emulators.Name{emulators.DynamoDB, emulators.Moto, emulators.SES, emulators.OpenID}

func TestEachEmulatorAnswersUntilItIsStopped(t *testing.T) {
	t.Parallel()
	for _, name := range all {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			server, err := emulators.Start(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			if err := knock(t, server.Endpoint); err != nil {
				t.Errorf("started, but does not answer: %v", err)
			}
			checkLoopbackOnly(t, server.Endpoint)
			if err := server.Stop(); err != nil {
				t.Errorf("Stop: %v", err)
			}
			if knock(t, server.Endpoint) == nil {
				t.Error("still answers after Stop")
			}
			if err := server.Stop(); err != nil {
				t.Errorf("second Stop: %v", err)
			}
		})
	}
}

// checkLoopbackOnly knocks at 127.0.0.2: like every address of 127.0.0.0/8 it reaches a server that listens on all
// interfaces, and not one that listens on 127.0.0.1.
func checkLoopbackOnly(tb testing.TB, endpoint string) {
	tb.Helper()
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() != "127.0.0.1" {
		tb.Fatalf("endpoint = %q (%v), want one on 127.0.0.1", endpoint, err)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(tb.Context(), "tcp", net.JoinHostPort("127.0.0.2", u.Port()))
	if err == nil {
		tb.Errorf("%s also listens on 127.0.0.2, so on every interface", endpoint)
		_ = conn.Close()
	}
}

func TestStartOutsideAnInstalledTreeNamesTheRemedy(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := emulators.Start(t.Context(), emulators.SES)
	if err == nil || !strings.Contains(err.Error(), "run `make emulators`") {
		t.Errorf("err = %v, want one that says what to run", err)
	}
}

func TestStartRefusesAnUnknownName(t *testing.T) {
	t.Parallel()
	if _, err := emulators.Start(t.Context(), "../emulators/ses"); err == nil {
		t.Error("a name that is none of the four was accepted")
	}
}

func TestStartGivesUpWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := emulators.Start(ctx, emulators.DynamoDB); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
}

func TestAFailedStartShowsWhatTheEmulatorPrinted(t *testing.T) {
	// An installation that is complete by its stamp and broken otherwise.
	tree := t.TempDir()
	installation := tree + "/.tools/emulators/ses"
	program := installation + "/node_modules/aws-ses-v2-local/dist"
	if err := os.MkdirAll(program, 0o700); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{
		installation + "/.stamp": "",
		program + "/cli.js":      `console.error("no disk left"); process.exit(3)`,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(tree)
	_, err := emulators.Start(t.Context(), emulators.SES)
	if err == nil || !strings.Contains(err.Error(), "no disk left") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("err = %v, want the output and the exit status", err)
	}
}

// knock asks the server for anything; any answer is one.
func knock(t *testing.T, endpoint string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}
