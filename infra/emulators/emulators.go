// Package emulators starts and stops what stands in for others in tests and in the local runner: the third-party
// emulators of AWS services DynamoDB Local, moto and aws-ses-v2-local, and an OpenID provider. It does not install
// them (`make emulators` does) and knows nothing of Caretaker's tables, pools or mails.
//
// Each of them listens on the loopback interface only, on a free port of its own, keeps its data in memory and
// ends with the process that started it.
package emulators

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Name says which emulator is meant.
type Name string

const (
	// DynamoDB is Amazon's DynamoDB Local, streams included. All keys and regions see the same tables.
	DynamoDB Name = "dynamodb"
	// Moto answers for Cognito user pools, EventBridge and its Scheduler, S3, SQS and KMS.
	Moto Name = "moto"
	// SES is aws-ses-v2-local. It keeps the mails it is sent: GET /store shows them, POST /clear-store forgets them.
	SES Name = "ses"
	// OpenID is an OpenID provider (oidc-provider, served by openid/server.js) whose clients and people the package
	// openidtest sets.
	OpenID Name = "openid"
)

// startWithin bounds the time from launching an emulator to its first answer. The slowest takes 2 s on an idle
// machine with two cores; the rest is room for machines that compile and test at the same time.
const startWithin = 60 * time.Second

// Server is a running emulator.
type Server struct {
	// Endpoint is the address to give to clients, such as "http://127.0.0.1:40321".
	Endpoint string

	name    Name
	process *process
	scratch string
}

// Start launches an emulator and returns when it answers. ctx bounds the start alone: the emulator runs until Stop,
// or until this process ends. The error says `make emulators` when the emulator is not installed, and otherwise
// includes what the emulator printed.
func Start(ctx context.Context, name Name) (*Server, error) {
	scratch, err := os.MkdirTemp("", "caretaker-"+string(name)+"-")
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	s, err := startIn(ctx, name, scratch)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, errors.Join(err, os.RemoveAll(scratch)))
	}
	return s, nil
}

// startIn keeps what the emulator writes by the way (native libraries that it unpacks, say) in one folder.
func startIn(ctx context.Context, name Name, scratch string) (*Server, error) {
	cmd, err := command(ctx, name, scratch)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()

	p, err := launch(cmd)
	if err != nil {
		return nil, err
	}
	endpoint, err := awaitEndpoint(ctx, p)
	if err != nil {
		return nil, errors.Join(err, p.stop(), p.printed())
	}
	return &Server{Endpoint: endpoint, name: name, process: p, scratch: scratch}, nil
}

// Stop ends the emulator and waits until it is gone; its data goes with it. It fails when the emulator had ended by
// itself before, with what it printed last. A second call does nothing and returns what the first did.
func (s *Server) Stop() error {
	if err := s.process.stop(); err != nil {
		return fmt.Errorf("stop %s: %w", s.name, errors.Join(err, s.process.printed()))
	}
	return os.RemoveAll(s.scratch)
}

// command is the command line of an emulator. Each is told to listen on 127.0.0.1 and to choose a free port.
func command(ctx context.Context, name Name, scratch string) (*exec.Cmd, error) {
	dir, err := installed(name)
	if err != nil {
		return nil, err
	}
	var line []string
	switch name {
	case DynamoDB:
		// A short life is spent on starting: no optimising compiler, no parallel collector. dynamodb.xml has the address.
		line = []string{
			"java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m", "-Djava.library.path=DynamoDBLocal_lib",
			"-Djava.io.tmpdir=" + scratch,
			"-cp", "DynamoDBLocal.jar", "org.eclipse.jetty.xml.XmlConfiguration", "dynamodb.xml",
		}
	case Moto:
		line = []string{filepath.Join(dir, "bin", "python"), "-m", "moto.server", "--host", "127.0.0.1", "--port", "0"}
	case SES:
		line = []string{"node", "node_modules/aws-ses-v2-local/dist/cli.js", "--host", "127.0.0.1", "--port", "0"}
	case OpenID:
		line = []string{"node", "server.js"}
	}
	// The emulator outlives the context that bounds its start.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), line[0], line[1:]...)
	cmd.Dir = dir
	cmd.Env = append(slices.DeleteFunc(os.Environ(), developersOwn), "PYTHONUNBUFFERED=1", "DDB_LOCAL_TELEMETRY=0", "TMPDIR="+scratch)
	return cmd, nil
}

// developersOwn tells of a setting of the developer's machine that would change what an emulator does: real
// credentials and endpoints, or a mail server to which the SES emulator would pass every mail on.
func developersOwn(setting string) bool {
	for _, prefix := range []string{"AWS_", "MOTO_", "SMTP_TRANSPORT=", "JAVA_TOOL_OPTIONS=", "NODE_OPTIONS="} {
		if strings.HasPrefix(setting, prefix) {
			return true
		}
	}
	return false
}

// installed is the folder that `make emulators` has put an emulator in. The tree is found from the working
// directory upwards, because a test runs in the folder of its package.
func installed(name Name) (string, error) {
	if !slices.Contains([]Name{DynamoDB, Moto, SES, OpenID}, name) {
		return "", errors.New("no such emulator")
	}
	return tool(filepath.Join("emulators", string(name)), "make emulators")
}

// tool is a folder of .tools that a target of the Makefile has filled.
func tool(name, target string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		found := filepath.Join(dir, ".tools", name)
		if _, err := os.Stat(filepath.Join(found, ".stamp")); err == nil {
			return found, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("not installed: run `%s`", target)
		}
		dir = parent
	}
}

// awaitEndpoint waits until the process has announced its address and answers there.
func awaitEndpoint(ctx context.Context, p *process) (string, error) {
	var endpoint string
	select {
	case port := <-p.port:
		endpoint = "http://127.0.0.1:" + port
	case <-p.ended:
		return "", errors.New("it ended before it listened")
	case <-ctx.Done():
		return "", fmt.Errorf("it did not listen in time: %w", ctx.Err())
	}
	return endpoint, awaitAnswer(ctx, p, endpoint)
}

// awaitAnswer waits until the process answers at its address.
func awaitAnswer(ctx context.Context, p *process, endpoint string) error {
	for !answers(ctx, endpoint) {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-p.ended:
			return errors.New("it ended before it answered")
		case <-ctx.Done():
			return fmt.Errorf("it did not answer in time: %w", ctx.Err())
		}
	}
	return nil
}

// answers tells whether something speaks HTTP at the address. Any status will do: without a signed request
// DynamoDB Local refuses, and that is an answer.
func answers(ctx context.Context, endpoint string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, http.NoBody)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil
}
