package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/breached"
)

// Lists as the packages ship them: "kestrel" and "Kingfisher" are behind the ranked lines.
const (
	npmList  = "dragon\nlove\nDragon\nkestrel\nKingfisher\n"
	pypiList = "kingston\r\ndragon99\r\n"
)

// fetched lays two packages into a new folder, as install.sh would, and returns it with the lines of sources.txt.
func fetched(t *testing.T) (folder, pins string) {
	t.Helper()
	folder = t.TempDir()
	npm := tarball(t, "package/list.txt.gz", npmList)
	pypi := wheel(t, "some/list.txt.gz", pypiList)
	write(t, filepath.Join(folder, "a-1.0.0.tgz"), npm)
	write(t, filepath.Join(folder, "b-2.0.0.whl"), pypi)
	sum512, sum256 := sha512.Sum512(npm), sha256.Sum256(pypi)
	return folder, fmt.Sprintf("# Pins\n#\nnpm a 1.0.0 a-1.0.0.tgz sha512-%s package/list.txt.gz 3\n\npypi B 2.0.0 b-2.0.0.whl sha256-%s some/list.txt.gz 100\n",
		base64.StdEncoding.EncodeToString(sum512[:]), base64.StdEncoding.EncodeToString(sum256[:]))
}

func TestRunBuildsAFilterOfTheLists(t *testing.T) {
	t.Parallel()
	folder, pins := fetched(t)
	f, err := breached.Open(built(t, folder, pins))
	if err != nil {
		t.Fatal(err)
	}
	want := breached.Header{
		Version: 1, Common: 4, Rare: 1, Entries: 5, OneIn: 16_384, Sources: []string{"npm a 1.0.0", "pypi B 2.0.0"},
	}
	if diff := cmp.Diff(want, f.Header()); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	for password, known := range map[string]bool{
		"dragon": true, "Love2026": true, "kingston": true, "Dragon99!?": true, "kingfisher": true,
		"kingfisher1": false, // a rare one
		"kestrel":     false, // a rare one, and too short to be chosen
	} {
		if f.Known(password) != known {
			t.Errorf("%q: known is %v, want %v", password, !known, known)
		}
	}
}

func TestTheSamePackagesMakeTheSameBytes(t *testing.T) {
	t.Parallel()
	folder, pins := fetched(t)
	if !bytes.Equal(built(t, folder, pins), built(t, folder, pins)) {
		t.Error("two runs make different files")
	}
}

func TestRunRefusesWhatIsNotPinned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(t *testing.T, folder, pins string) string
		says   string
	}{
		{"not fetched", func(_ *testing.T, _, pins string) string {
			return strings.Replace(pins, "a-1.0.0.tgz", "a-1.0.1.tgz", 1)
		}, "install.sh"},
		{"another package", func(t *testing.T, folder, pins string) string {
			write(t, filepath.Join(folder, "a-1.0.0.tgz"), tarball(t, "package/list.txt.gz", "dragon\n"))
			return pins
		}, "not the one that is pinned"},
		{"another wheel", func(t *testing.T, folder, pins string) string {
			write(t, filepath.Join(folder, "b-2.0.0.whl"), wheel(t, "some/list.txt.gz", "dragon\n"))
			return pins
		}, "not the one that is pinned"},
		{"a hash of another kind", func(_ *testing.T, _, pins string) string {
			return strings.Replace(pins, "sha512-", "md5-", 1)
		}, "integrity"},
		{"a list that is not in the tarball", func(_ *testing.T, _, pins string) string {
			return strings.Replace(pins, "package/list", "package/lost", 1)
		}, "package/lost.txt.gz is not in it"},
		{"a list that is not in the wheel", func(_ *testing.T, _, pins string) string {
			return strings.Replace(pins, "some/list", "some/lost", 1)
		}, "some/lost.txt.gz"},
		{"a column too few", func(_ *testing.T, _, pins string) string {
			return strings.TrimSuffix(pins, " 100\n")
		}, "6 columns"},
		{"a column that is no number", func(_ *testing.T, _, pins string) string {
			return strings.TrimSuffix(pins, "100\n") + "all\n"
		}, "all"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			folder, pins := fetched(t)
			to := filepath.Join(t.TempDir(), "filter")
			err := run(c.change(t, folder, pins), folder, to, &bytes.Buffer{})
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
			if _, err := os.Stat(to); err == nil {
				t.Error("a filter was written")
			}
		})
	}
}

// Whoever changes the pins has to build the filter again.
func TestTheBuiltInFilterIsMadeOfThePinnedPackages(t *testing.T) {
	t.Parallel()
	sources, err := parseSources(pins)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range sources {
		names = append(names, s.String())
	}
	if diff := cmp.Diff(names, breached.BuiltIn().Header().Sources); diff != "" {
		t.Errorf("sources.txt and the filter (-pinned +built in):\n%s", diff)
	}
}

func built(t *testing.T, folder, pins string) []byte {
	t.Helper()
	to := filepath.Join(t.TempDir(), "filter")
	var stdout bytes.Buffer
	if err := run(pins, folder, to, &stdout); err != nil {
		t.Fatal(err)
	}
	if want := "5 entries for 4 common and 1 rare passwords"; !strings.Contains(stdout.String(), want) {
		t.Errorf("printed %q, want %q in it", stdout.String(), want)
	}
	data, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// tarball is an npm package with the list, gzipped, and a file before it.
func tarball(t *testing.T, name, list string) []byte {
	t.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipped)
	for name, content := range map[string][]byte{"package/package.json": []byte("{}"), name: gzipped(t, list)} {
		must(t, archive.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}))
		_, err := archive.Write(content)
		must(t, err)
	}
	must(t, archive.Close())
	must(t, zipped.Close())
	return packed.Bytes()
}

// wheel is a Python package with the list, gzipped.
func wheel(t *testing.T, name, list string) []byte {
	t.Helper()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	file, err := archive.Create(name)
	must(t, err)
	_, err = file.Write(gzipped(t, list))
	must(t, err)
	must(t, archive.Close())
	return packed.Bytes()
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	_, err := zipped.Write([]byte(text))
	must(t, err)
	must(t, zipped.Close())
	return packed.Bytes()
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	must(t, os.WriteFile(file, content, 0o600))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
