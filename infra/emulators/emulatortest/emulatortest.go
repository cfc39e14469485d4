// Package emulatortest gives tests an emulator of DynamoDB, Cognito or SES, or an OpenID provider: started when the
// first test of a package asks for it, shared by the package's tests, stopped after the last. It does not create
// tables, pools, templates or issuers; tests that share an emulator keep apart by the names they choose.
//
// A package whose tests use it has
//
//	func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }
package emulatortest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/caretaker/caretaker/infra/emulators"
)

// Region is the region of every configuration that AWS returns.
const Region = "eu-west-2"

// running holds what this test process has started; nil outside Main, when nobody would stop it.
var running *servers

// Main runs the tests, stops the emulators they have started and returns the exit code: not 0 also when an emulator
// had ended by itself.
func Main(m *testing.M) int {
	running = &servers{started: map[emulators.Name]*start{}}
	code := m.Run()
	if err := running.stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// DynamoDB returns the endpoint of this process's DynamoDB Local.
func DynamoDB(tb testing.TB) string {
	tb.Helper()
	return endpoint(tb, emulators.DynamoDB)
}

// Moto returns the endpoint of this process's moto.
func Moto(tb testing.TB) string {
	tb.Helper()
	return endpoint(tb, emulators.Moto)
}

// SES returns the endpoint of this process's SES emulator.
func SES(tb testing.TB) string {
	tb.Helper()
	return endpoint(tb, emulators.SES)
}

// OpenID returns the address of this process's OpenID provider, for openidtest.New.
func OpenID(tb testing.TB) string {
	tb.Helper()
	return endpoint(tb, emulators.OpenID)
}

// AWS returns a configuration for clients of an emulator: made-up credentials, Region, and nothing read from the
// environment, from files or from an instance's metadata. It refuses an endpoint that is not on this machine.
func AWS(tb testing.TB, endpoint string) aws.Config {
	tb.Helper()
	if u, err := url.Parse(endpoint); err != nil || u.Hostname() != "127.0.0.1" {
		tb.Fatalf("emulatortest: %q is not on the loopback interface", endpoint)
	}
	return aws.Config{
		Region:       Region,
		Credentials:  credentials.NewStaticCredentialsProvider("emulator", "emulator", ""),
		BaseEndpoint: &endpoint,
	}
}

func endpoint(tb testing.TB, name emulators.Name) string {
	tb.Helper()
	if running == nil {
		tb.Fatal("emulatortest: this package's TestMain does not call emulatortest.Main")
	}
	s, err := running.get(name)
	if err != nil {
		tb.Fatalf("emulatortest: %v", err)
	}
	return s.Endpoint
}

// servers are the emulators of one test process. Each start is tried once: if it fails, it fails every test that
// needs it, without another wait.
type servers struct {
	mu      sync.Mutex
	started map[emulators.Name]*start
	rota    rota
}

type start struct {
	once   sync.Once
	server *emulators.Server
	err    error
}

func (s *servers) get(name emulators.Name) (*emulators.Server, error) {
	s.mu.Lock()
	one := s.started[name]
	if one == nil {
		one = &start{}
		s.started[name] = one
	}
	s.mu.Unlock()
	// Not the context of the test that comes first: the emulator serves the others too.
	one.once.Do(func() { one.server, one.err = emulators.Start(context.Background(), name) })
	return one.server, one.err
}

func (s *servers) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	failed := []error{s.rota.stop()}
	for _, one := range s.started {
		if one.server != nil {
			failed = append(failed, one.server.Stop())
		}
	}
	return errors.Join(failed...)
}
