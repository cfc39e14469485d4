package keyfile_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/seal"
	"github.com/caretaker/caretaker/internal/seal/keyfile"
)

func write(tb testing.TB, path, text string, mode fs.FileMode) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		tb.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask is
		tb.Fatal(err)
	}
}

func read(tb testing.TB, path string) string {
	tb.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

func exists(tb testing.TB, path string) bool {
	tb.Helper()
	_, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		tb.Fatal(err)
	}
	return err == nil
}

func unhex(tb testing.TB, text string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func addKey(tb testing.TB, s *keyfile.Sealer) {
	tb.Helper()
	if err := s.AddKey(); err != nil {
		tb.Fatal(err)
	}
}

// onlyFile fails when a write has left something beside the key file.
func onlyFile(tb testing.TB, path string) {
	tb.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		tb.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		tb.Errorf("the folder has %v, want the key file alone", entries)
	}
}

func mode(tb testing.TB, path string) fs.FileMode {
	tb.Helper()
	about, err := os.Stat(path)
	if err != nil {
		tb.Fatal(err)
	}
	return about.Mode()
}

func TestMissingFileIsMadeForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	opens(t, open(t, path), sealed(t, open(t, path)))
	if got := mode(t, path); got != 0o600 {
		t.Errorf("mode %v, want 0600", got)
	}
	if lines := keyLines(read(t, path)); len(lines) != 1 {
		t.Errorf("%d keys, want one", len(lines))
	}
	onlyFile(t, path)
}

func keyLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestFileThatIsThereIsNeverWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	open(t, path)
	before := read(t, path)
	open(t, path)
	if read(t, path) != before {
		t.Error("the file was written")
	}
}

func TestProcessesThatStartAtOnceShareOneFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	sealers := make([]*keyfile.Sealer, 8)
	var wg sync.WaitGroup
	for i := range sealers {
		wg.Go(func() {
			s, err := keyfile.Open(keyfile.Config{Path: path, Random: rand.Reader})
			if err != nil {
				t.Error(err)
				return
			}
			sealers[i] = s
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	what := sealed(t, sealers[0])
	for _, s := range sealers {
		opens(t, s, what)
	}
	onlyFile(t, path)
}

func TestAddedKeySealsAndFormerOnesOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	s := open(t, path)
	before := sealed(t, s)
	addKey(t, s)
	after := sealed(t, s)
	if bytes.Equal(before[:9], after[:9]) {
		t.Error("the former key still seals")
	}
	again := open(t, path)
	for _, by := range []*keyfile.Sealer{s, again} {
		opens(t, by, before)
		opens(t, by, after)
	}
	if latest := sealed(t, again); !bytes.Equal(latest[:9], after[:9]) {
		t.Error("once opened again, the new key does not seal")
	}
	if got := mode(t, path); got != 0o600 {
		t.Errorf("mode %v, want 0600", got)
	}
	onlyFile(t, path)
}

func TestKeyAddedInMemorySealsAndFormerOnesOpen(t *testing.T) {
	t.Parallel()
	s := open(t, keyfile.Memory)
	before := sealed(t, s)
	addKey(t, s)
	after := sealed(t, s)
	if bytes.Equal(before[:9], after[:9]) {
		t.Error("the former key still seals")
	}
	opens(t, s, before)
	opens(t, s, after)
	if exists(t, keyfile.Memory) {
		t.Error("there is a file of that name")
	}
}

func TestAddingKeepsKeysThatAnotherProcessAdded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	ours, theirs := open(t, path), open(t, path)
	addKey(t, theirs)
	what := sealed(t, theirs)
	if _, err := ours.Open(t.Context(), label, what); !errors.Is(err, seal.ErrUnreadable) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error that names the file", err)
	}
	addKey(t, ours)
	opens(t, ours, what)
	if lines := keyLines(read(t, path)); len(lines) != 3 {
		t.Errorf("%d keys, want 3", len(lines))
	}
}

func TestKeysAddedAtOnceAreAllThere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	s := open(t, path)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := s.AddKey(); err != nil {
				t.Error(err)
			}
			opens(t, s, sealed(t, s))
		})
	}
	wg.Wait()
	if lines := keyLines(read(t, path)); len(lines) != 9 {
		t.Errorf("%d keys, want 9", len(lines))
	}
}

func TestAddingIsRefusedWhile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		harm func(t *testing.T, path string)
		says string
	}{
		{"another process adds", func(t *testing.T, path string) { write(t, path+".new", "", 0o600) }, "delete "},
		{"the file is gone, and the former keys with it", func(t *testing.T, path string) { remove(t, path) }, "no such file"},
		{"the file is damaged", func(t *testing.T, path string) { write(t, path, "x\n", 0o600) }, "damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "keys")
			s := open(t, path)
			what := sealed(t, s)
			c.harm(t, path)
			before := folder(t, path)
			err := s.AddKey()
			if err == nil || directory.KindOf(err) != directory.Internal || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want kind internal and %q", err, c.says)
			}
			if after := folder(t, path); after != before {
				t.Errorf("the folder has %s, had %s", after, before)
			}
			if now := sealed(t, s); !bytes.Equal(now[:9], what[:9]) {
				t.Error("a key that is not on the disk seals")
			}
			opens(t, s, what)
		})
	}
}

func TestRandomnessThatRepeatsItselfAddsNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	s, err := keyfile.Open(keyfile.Config{Path: path, Random: strings.NewReader(strings.Repeat("k", 64))})
	if err != nil {
		t.Fatal(err)
	}
	before := read(t, path)
	for _, why := range []string{"repeats", "EOF"} {
		if err := s.AddKey(); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("got %v, want an error that says %s", err, why)
		}
	}
	if read(t, path) != before {
		t.Error("the file was written")
	}
	onlyFile(t, path)
}

func remove(tb testing.TB, path string) {
	tb.Helper()
	if err := os.Remove(path); err != nil {
		tb.Fatal(err)
	}
}

// folder is what stands beside the key file, with sizes.
func folder(tb testing.TB, path string) string {
	tb.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		tb.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		b.WriteString(e.Name() + " " + read(tb, filepath.Join(filepath.Dir(path), e.Name())) + "\n")
	}
	return b.String()
}

func TestOpenSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	t.Parallel()
	const line = firstVersionLine
	flipped := strings.Replace(line, "AQID", "AQIE", 1)
	for _, c := range []struct {
		name string
		text string
		mode fs.FileMode
		says string
	}{
		{"readable by all", line, 0o644, "chmod 600"},
		{"readable by the group", line, 0o640, "chmod 600"},
		{"writable by others", line, 0o602, "chmod 600"},
		{"empty", "", 0o600, "cut off"},
		{"without a key", "# nothing\n\n", 0o600, "no key"},
		{"cut off at the end", strings.TrimSuffix(line, "\n"), 0o600, "cut off"},
		{"cut off in the key", line[:40] + "\n", 0o600, "line 1"},
		{"one character of the key is another", flipped, 0o600, "does not match its id"},
		{"one character of the id is another", "0" + line[1:], 0o600, "does not match its id"},
		{"the id in upper case", strings.ToUpper(line[:16]) + line[16:], 0o600, "does not match its id"},
		{"only an id", line[:16] + "\n", 0o600, "line 1"},
		{"a key too short", "0123456789abcdef AQID\n", 0o600, "3 bytes"},
		{"the same key twice", line + line, 0o600, "line 2"},
		{"a line too many", "# comment\n" + line + "what is this\n", 0o600, "line 3"},
		{"line ends of Windows", strings.Replace(line, "\n", "\r\n", 1), 0o600, "line 1"},
		{"something else altogether", strings.Repeat("\x00", 100_000), 0o600, "path"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "keys")
			write(t, path, c.text, c.mode)
			s, err := keyfile.Open(keyfile.Config{Path: path, Random: rand.Reader})
			if s != nil || err == nil || directory.KindOf(err) != directory.Internal {
				t.Fatalf("got %v, %v, want kind internal", s, err)
			}
			if says := err.Error(); !strings.Contains(says, c.says) || !strings.Contains(says, path) || strings.Contains(says, "AQIDBAUG") {
				t.Errorf("got %v, want %q, the path and no key", err, c.says)
			}
			if read(t, path) != c.text {
				t.Error("the file was written")
			}
			onlyFile(t, path)
		})
	}
}

func TestPathThatCannotBeAFileIsRefused(t *testing.T) {
	t.Parallel()
	there := t.TempDir()
	file := filepath.Join(there, "file")
	write(t, file, firstVersionLine, 0o600)
	for name, path := range map[string]string{
		"a folder":           there,
		"in no folder":       filepath.Join(there, "missing", "keys"),
		"below a file":       filepath.Join(file, "keys"),
		"no path":            "",
		"a path with a zero": "keys\x00",
	} {
		s, err := keyfile.Open(keyfile.Config{Path: path, Random: rand.Reader})
		if s != nil || err == nil || directory.KindOf(err) != directory.Internal {
			t.Errorf("%s: got %v, %v, want kind internal", name, s, err)
		}
	}
}

func TestCommentsAndOrderAreTheOperators(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	s := open(t, path)
	first := sealed(t, s)
	addKey(t, s)
	lines := keyLines(read(t, path))
	write(t, path, "# made in spring\n"+lines[1]+"\n# made in autumn\n"+lines[0], 0o600)
	s = open(t, path)
	if got := sealed(t, s); !bytes.Equal(got[:9], first[:9]) {
		t.Error("the key that stands first does not seal")
	}
}

func FuzzKeyFile(f *testing.F) {
	f.Add([]byte(firstVersionFile))
	f.Add([]byte(firstVersionLine + "\n#\n"))
	f.Add([]byte("0123456789abcdef AQID\n"))
	f.Add([]byte(" \n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		once, err := keyfile.ParseAndWrite(text)
		if err != nil {
			return
		}
		twice, err := keyfile.ParseAndWrite(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%q was taken and written as %q, then %q (%v)", text, once, twice, err)
		}
		if len(keyLines(string(once))) == 0 {
			t.Errorf("%q was taken without a key", text)
		}
	})
}
