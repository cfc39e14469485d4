package browsertest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/infra/browser/browsertest"
)

const testdata = "infra/browser/browsertest/testdata/"

func TestRunReturnsTheLastLine(t *testing.T) {
	t.Setenv("NODE_OPTIONS", "--no-deprecation")
	var got struct {
		Given   []string
		Node    string
		Scratch string
	}
	printed := browsertest.Run(t, testdata+"echo.mjs", []string{"a\nb", "ü"})
	if err := json.Unmarshal(printed, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Given) != 2 || got.Given[0] != "a\nb" || got.Given[1] != "ü" {
		t.Errorf("the script was given %q", got.Given)
	}
	if got.Node != "" {
		t.Errorf("a setting of the developer's reached the script: %s", got.Node)
	}
	if _, err := os.Stat(got.Scratch); got.Scratch == "" || !os.IsNotExist(err) {
		t.Errorf("the scratch folder %s is still there: %v", got.Scratch, err)
	}
}

// failing is a testing.TB that notes Fatalf instead of failing.
type failing struct {
	testing.TB
	ctx  context.Context // nil: the test's own
	said string
}

func (f *failing) Context() context.Context {
	if f.ctx == nil {
		return f.TB.Context()
	}
	return f.ctx
}

func (f *failing) Fatalf(format string, args ...any) { f.said += fmt.Sprintf(format, args...) }

func TestRunFailsWithWhatTheScriptPrinted(t *testing.T) {
	t.Parallel()
	for script, because := range map[string]string{
		testdata + "fail.mjs":   "it broke on purpose",
		testdata + "mute.mjs":   "nothing to tell",
		testdata + "absent.mjs": "Cannot find module",
	} {
		f := &failing{TB: t}
		if got := browsertest.Run(f, script, nil); got != nil {
			t.Errorf("%s: result %s", script, got)
		}
		if !strings.Contains(f.said, script) || !strings.Contains(f.said, because) {
			t.Errorf("%s: the test says %q, want %q in it", script, f.said, because)
		}
	}
}

// A script whose test is over ends its browser before itself, or else profiles and processes would be left.
func TestRunEndsAScriptThatTakesTooLong(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	f := &failing{TB: t, ctx: ctx}
	browsertest.Run(f, testdata+"hang.mjs", nil)
	if !strings.Contains(f.said, "the test has gone away") || !strings.Contains(f.said, context.DeadlineExceeded.Error()) {
		t.Errorf("the test says %q", f.said)
	}
}

// A test's browser must not talk to the world; the name below would be that of a real machine.
func TestTheBrowserKnowsNoOtherMachine(t *testing.T) {
	t.Parallel()
	var got struct{ Version, Refusal string }
	if err := json.Unmarshal(browsertest.Run(t, testdata+"outside.mjs", "https://example.com/"), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version == "" || !strings.Contains(got.Refusal, "ERR_NAME_NOT_RESOLVED") {
		t.Errorf("Chromium %q said %q", got.Version, got.Refusal)
	}
}
