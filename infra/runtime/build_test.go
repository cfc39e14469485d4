//go:build linux

package runtime_test

import (
	"bytes"
	"context"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/caretaker/caretaker/infra/template/samfile"
)

const (
	root         = "../.."
	templateFile = root + "/template.yaml"
)

// runMake runs a target of the Makefile as a person would, whatever make this test was started by.
func runMake(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(context.Background(), "make", append([]string{"--no-print-directory"}, args...)...)
	cmd.Dir = root
	inherited := func(setting string) bool {
		return strings.HasPrefix(setting, "MAKE") || strings.HasPrefix(setting, "MFLAGS=") || strings.HasPrefix(setting, "FUNCTION_ARCH=")
	}
	cmd.Env = slices.DeleteFunc(os.Environ(), inherited)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("make %s: %w\n%s%s", strings.Join(args, " "), err, out, &stderr)
	}
	return out, nil
}

// built is the folder that sam build has filled, once for all tests, by the target that a deployment uses; only the kind of
// machine differs.
var built = sync.OnceValues(func() (string, error) {
	folder, err := filepath.Abs(filepath.Join(root, ".aws-sam", "tests"))
	if err != nil {
		return "", err
	}
	_, err = runMake("sam-build", "SAM_BUILD="+folder, "FUNCTION_ARCH="+runtime.GOARCH)
	return folder, err
})

// bootstrap is the executable of a function, where the template that sam build has written says that its code is.
func bootstrap(tb testing.TB, function string) string {
	tb.Helper()
	folder, err := built()
	if err != nil {
		tb.Fatal(err)
	}
	var t struct {
		Resources map[string]struct{ Properties struct{ CodeUri string } } //nolint:revive // SAM's name
	}
	if err := samfile.Read(filepath.Join(folder, "template.yaml"), &t); err != nil {
		tb.Fatal(err)
	}
	code := t.Resources[function].Properties.CodeUri
	if code == "" {
		tb.Fatalf("sam build has not built %s", function)
	}
	return filepath.Join(folder, code, "bootstrap")
}

func TestWhatIsDeployedIsBuiltForTheMachinesThatTheTemplateNames(t *testing.T) {
	t.Parallel()
	all := loadTemplate(t)
	if arch := all.Globals.Function.Architectures; !slices.Equal(arch, []string{"arm64"}) {
		t.Fatalf("functions run on %v", arch)
	}
	for folder := range all.functions(t) {
		function := logical(folder)
		said, err := runMake("--dry-run", "build-"+function, "ARTIFACTS_DIR=there")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(said), "GOOS=linux GOARCH=arm64 go build") || !strings.Contains(string(said), "./functions/"+folder+"\n") {
			t.Errorf("%s is built by\n%s", function, said)
		}
	}
}

// An executable that needed a C library would start here and not on AWS, whose images have another one.
func TestBootstrapsNeedNothingOfTheMachine(t *testing.T) {
	t.Parallel()
	for folder := range loadTemplate(t).functions(t) {
		file, err := elf.Open(bootstrap(t, logical(folder)))
		if err != nil {
			t.Fatal(err)
		}
		libraries, err := file.ImportedLibraries()
		if err != nil || len(libraries) > 0 || file.Section(".interp") != nil {
			t.Errorf("%s needs %v, %v", folder, libraries, err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
}
