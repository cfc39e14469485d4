package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// endsWithin bounds a script. Starting Chromium takes a second on an idle machine with two cores and a scenario another;
// the rest is room for machines that compile and test at the same time.
const endsWithin = 2 * time.Minute

// Run gives args, as JSON, to a script and returns the JSON that the script prints as its last line. The script is named
// by its path from the root of the project, such as "infra/browser/passkey.mjs"; what is in browser.mjs is for it to
// use. The test fails, with all that the script printed, if the script does, and if no browser is installed.
func Run(tb testing.TB, script string, args any) json.RawMessage {
	tb.Helper()
	result, err := run(tb.Context(), script, args)
	if err != nil {
		tb.Fatalf("browsertest: %s: %v", script, err)
	}
	return result
}

func run(ctx context.Context, script string, args any) (json.RawMessage, error) {
	b, err := installed()
	if err != nil {
		return nil, err
	}
	given, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "caretaker-browser-")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, endsWithin)
	defer cancel()
	result, err := b.node(ctx, filepath.Join(b.root, script), scratch, given)
	return result, errors.Join(err, os.RemoveAll(scratch))
}

// browser says where things are.
type browser struct {
	root     string // the project's
	tools    string // where playwright-core is
	chromium string // the program
}

// installed is the browser that `make browser` has made ready. The tree is found from the working directory upwards,
// because a test runs in the folder of its package.
func installed() (browser, error) {
	dir, err := os.Getwd()
	if err != nil {
		return browser{}, err
	}
	for {
		tools := filepath.Join(dir, ".tools", "browser")
		chromium, err := os.ReadFile(filepath.Join(tools, "chromium")) // written last, so all else is there
		if err == nil {
			return browser{root: dir, tools: tools, chromium: strings.TrimSpace(string(chromium))}, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return browser{}, errors.New("no browser is installed: run `make browser`")
		}
		dir = parent
	}
}

// node runs a script. What the browser writes by the way, its profile above all, goes to the folder scratch. The
// script's input stays open until it has ended, so that it sees this process end before it.
func (b browser) node(ctx context.Context, script, scratch string, given []byte) (json.RawMessage, error) {
	cmd := exec.CommandContext(ctx, "node", script)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), developersOwn),
		"CARETAKER_BROWSER="+b.tools, "CARETAKER_CHROMIUM="+b.chromium, "TMPDIR="+scratch)
	var out, all bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &all
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	cmd.Cancel = in.Close           // the script then ends the browser and itself
	cmd.WaitDelay = 5 * time.Second // or is killed
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	_, errIn := in.Write(append(given, '\n'))
	err = errors.Join(cmd.Wait(), errIn, ctx.Err())
	if err == nil {
		var result json.RawMessage
		if result, err = lastLine(out.Bytes()); err == nil {
			return result, nil
		}
	}
	return nil, fmt.Errorf("%w; its output:\n%s%s", err, &out, &all)
}

// developersOwn tells of a setting of the developer's machine that would change what a script does.
func developersOwn(setting string) bool {
	for _, prefix := range []string{"NODE_", "CHROMIUM_", "DEBUG=", "PWDEBUG=", "PLAYWRIGHT_"} {
		if strings.HasPrefix(setting, prefix) {
			return true
		}
	}
	return false
}

func lastLine(output []byte) (json.RawMessage, error) {
	output = bytes.TrimSpace(output)
	line := output[bytes.LastIndexByte(output, '\n')+1:]
	if !json.Valid(line) {
		return nil, errors.New("its last line is not JSON")
	}
	return slices.Clone(line), nil
}
