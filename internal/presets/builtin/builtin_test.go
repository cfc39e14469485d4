package builtin_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/presets"
	"github.com/caretaker/caretaker/internal/presets/builtin"
)

var update = flag.Bool("update", false, "write presets.json anew")

// After a change of a preset: go test ./internal/presets/builtin -update
func TestFunctionsHaveThePresetsThatAreWritten(t *testing.T) {
	t.Parallel()
	files := presets.Builtin()
	if *update {
		write(t, files)
		t.Log("what functions have is looked at when the tests are built again")
		return
	}
	held := builtin.New()
	if diff := cmp.Diff(files.Names(), held.Names()); diff != "" {
		t.Errorf("other presets (go test ./internal/presets/builtin -update): %s", diff)
	}
	for _, name := range files.Names() {
		want, _ := files.Preset(name)
		got, ok := held.Preset(name)
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("%s (go test ./internal/presets/builtin -update): %s", name, diff)
		}
	}
	if _, ok := held.Preset("nothing"); ok {
		t.Error("a preset that is not there was found")
	}
}

// write writes a line for each part, so that changes can be read.
func write(t *testing.T, files *presets.Catalogue) {
	t.Helper()
	all := map[string]directory.Preset{}
	for _, name := range files.Names() {
		all[name], _ = files.Preset(name)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(all); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("presets.json", b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
