package statefile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/caretaker/caretaker/infra/local/statefile"
)

func TestWhatIsSavedIsLoaded(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "state.json")
	for _, want := range []string{"first", "second"} {
		if err := statefile.Save(name, want); err != nil {
			t.Fatal(err)
		}
		var got string
		if err := statefile.Load(name, &got); err != nil || got != want {
			t.Errorf("loaded %q, %v; want %q", got, err, want)
		}
	}
	if left, err := filepath.Glob(name + "*"); err != nil || len(left) != 1 {
		t.Errorf("the folder has %q, %v; want the file alone", left, err)
	}
}

func TestOnlyThisUserCanReadIt(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "state.json")
	if err := statefile.Save(name, "a password"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestNothingIsKeptWithoutAName(t *testing.T) {
	t.Parallel()
	value := "as it was"
	if err := statefile.Save("", "other"); err != nil {
		t.Fatal(err)
	}
	if err := statefile.Load("", &value); err != nil || value != "as it was" {
		t.Errorf("loaded %q, %v", value, err)
	}
}

func TestAMissingFileLeavesTheValue(t *testing.T) {
	t.Parallel()
	value := "as it was"
	if err := statefile.Load(filepath.Join(t.TempDir(), "state.json"), &value); err != nil || value != "as it was" {
		t.Errorf("loaded %q, %v", value, err)
	}
}

func TestAnotherFileIsRefused(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "diary.txt")
	if err := os.WriteFile(name, []byte("Dear diary,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var value string
	if err := statefile.Load(name, &value); err == nil {
		t.Errorf("loaded %q from a diary", value)
	}
}

func TestSavingFailsWhereNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	if err := statefile.Save(filepath.Join(t.TempDir(), "no such folder", "state.json"), "value"); err == nil {
		t.Error("saved into a folder that is not there")
	}
}
