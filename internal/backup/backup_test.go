package backup_test

import (
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/infra/local/demo"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/backup"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
	"github.com/caretaker/caretaker/internal/text"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }

// installation is a demonstration's whole store, in a folder.
func installation(t *testing.T) *host.Local {
	t.Helper()
	l, err := host.OpenEmbedded(app.Config{BaseURL: "http://127.0.0.1", Product: "Caretaker"}, t.TempDir(), time.Now, apptest.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	people, err := demo.Open(l.Directory, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := people.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

func recordsOf(t *testing.T, p engine.Porter) []engine.Record {
	t.Helper()
	var all []engine.Record
	for r, err := range p.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func memory(t *testing.T) *bolt.Engine {
	t.Helper()
	e, err := bolt.Open(bolt.Memory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func verdict(t *testing.T, e engine.Engine, p engine.Porter) backup.Verdict {
	t.Helper()
	v, err := backup.Verify(t.Context(), p, store.New(e, text.Fold).Inspect(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What an archive holds is the same in the other engine, to the last byte and version, and from there back again.
func TestAnArchiveGoesFromEngineToEngineUnchanged(t *testing.T) {
	t.Parallel()
	from := installation(t).Whole()
	made := filepath.Join(t.TempDir(), "first")
	written, err := backup.Export(t.Context(), from.Porter, made, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	client := dynamodb.NewFromConfig(emulatortest.AWS(t, emulatortest.DynamoDB(t)))
	if err := dynamo.CreateTable(t.Context(), client, "restored"); err != nil {
		t.Fatal(err)
	}
	table := dynamo.NewPorter(client, "restored")
	if _, err := backup.Import(t.Context(), made, table); err != nil {
		t.Fatal(err)
	}
	v := verdict(t, dynamo.New(client, "restored"), table)
	if !v.Sound() || v.Digest != written.Digest || v.Records < 50 {
		t.Errorf("on DynamoDB %v, sound %t, was %v", v.Summary, v.Sound(), written)
	}
	again := filepath.Join(t.TempDir(), "second")
	if _, err := backup.Export(t.Context(), table, again, time.Now()); err != nil {
		t.Fatal(err)
	}
	e := memory(t)
	if _, err := backup.Import(t.Context(), again, e); err != nil {
		t.Fatal(err)
	}
	if v := verdict(t, e, e); !v.Sound() || v.Digest != written.Digest {
		t.Errorf("back on bbolt %v, was %v", v.Summary, written)
	}
	for _, to := range []engine.Porter{table, e} {
		if _, err := backup.Import(t.Context(), made, to); !errors.Is(err, backup.ErrNotEmpty) {
			t.Errorf("a second import: %v", err)
		}
	}
	if err := e.Commit(t.Context(), engine.Put(engine.Record{Key: engine.Key{Partition: "turns#later", Sort: "until"}, Body: []byte(`{}`)})); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Replace(t.Context(), made, e); err != nil {
		t.Fatal(err)
	}
	if v := verdict(t, e, e); !v.Sound() || v.Digest != written.Digest {
		t.Errorf("put in the place of what was there: %v, was %v", v.Summary, written)
	}
	if _, err := backup.Export(t.Context(), table, again, time.Now()); err == nil {
		t.Error("an archive was written over")
	}
}

// What can go wrong with a backup is found before anything is written.
func TestADamagedArchiveChangesNothing(t *testing.T) {
	t.Parallel()
	from := installation(t).Whole()
	for why, damage := range map[string]func(lines []string) []string{
		"a line is lost":        func(l []string) []string { return l[1:] },
		"a line is there twice": func(l []string) []string { return append(l, l[0]) },
		"a byte is another": func(l []string) []string {
			return append(l[1:], strings.Replace(l[0], `"v":{"N":"1`, `"v":{"N":"7`, 1))
		},
		"a line is cut off": func(l []string) []string { return append(l[1:], l[0][:len(l[0])/2]) },
		"nothing is left":   func([]string) []string { return nil },
	} {
		made := filepath.Join(t.TempDir(), "archive")
		if _, err := backup.Export(t.Context(), from.Porter, made, time.Now()); err != nil {
			t.Fatal(err)
		}
		rewrite(t, filepath.Join(made, "data", "records.json.gz"), damage)
		e := memory(t)
		_, err := backup.Import(t.Context(), made, e)
		if empty, broken := e.Empty(t.Context()); err == nil || !empty || broken != nil {
			t.Errorf("%s: %v, empty %t", why, err, empty)
		}
	}
	for why, file := range map[string]string{"no summary": "summary.json", "no data": "data/records.json.gz"} {
		made := filepath.Join(t.TempDir(), "archive")
		if _, err := backup.Export(t.Context(), from.Porter, made, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(made, file)); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Import(t.Context(), made, memory(t)); err == nil {
			t.Errorf("%s: it was imported", why)
		}
	}
}

func rewrite(t *testing.T, path string, change func([]string) []string) {
	t.Helper()
	var lines []string
	for r, err := range backup.Records(filepath.Dir(path)) {
		if err != nil {
			t.Fatal(err)
		}
		line, err := dynamo.Line(r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(f)
	if _, err := zipped.Write([]byte(strings.Join(change(lines), "\n"))); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(zipped.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// An export of DynamoDB's own to S3, copied to a folder as it is, is an archive. The form is that of Amazon's manual.
func TestDynamoDBsOwnExportIsAnArchive(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "AWSDynamoDB", "01700000000000-0a1b2c3d")
	if err := os.MkdirAll(filepath.Join(folder, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	e := memory(t)
	if err := e.Commit(t.Context(), engine.Put(engine.Record{Key: engine.Key{Partition: "turns#mail", Sort: "until"}, Body: []byte(`{}`)})); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "data", "abcdefgh.json.gz")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(f)
	_, err = zipped.Write([]byte(`{"Item":{"b":{"B":"e30="},"sk":{"S":"until"},"v":{"N":"1"},"pk":{"S":"turns#mail"},"t":{"S":"4b0c"}}}` + "\n"))
	if err = errors.Join(err, zipped.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	for manifest, good := range map[string]bool{
		`{"itemCount":1,"outputFormat":"DYNAMODB_JSON","exportTime":"2026-11-28T09:00:00.000Z"}`: true,
		`{"itemCount":2,"outputFormat":"DYNAMODB_JSON"}`:                                         false,
		`{"itemCount":1,"outputFormat":"ION"}`:                                                   false,
	} {
		if err := os.WriteFile(filepath.Join(folder, "manifest-summary.json"), []byte(manifest), 0o600); err != nil {
			t.Fatal(err)
		}
		to := memory(t)
		_, err := backup.Import(t.Context(), folder, to)
		if (err == nil) != good {
			t.Errorf("%s: %v", manifest, err)
		}
		if good && verdict(t, to, to).Digest != verdict(t, e, e).Digest {
			t.Errorf("it came as %+v, want %+v", recordsOf(t, to), recordsOf(t, e))
		}
	}
}

// What does not fit is found, whatever of it was lost or changed.
func TestAVerificationFindsWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	sound := recordsOf(t, installation(t).Whole().Porter)
	is := func(partition, sort string) func(engine.Record) bool {
		return func(r engine.Record) bool {
			return strings.HasPrefix(r.Key.Partition, partition) && strings.HasPrefix(r.Key.Sort, sort)
		}
	}
	for _, c := range []struct {
		why    string
		which  func(engine.Record) bool
		change func(*engine.Record) // nil: it is lost
		says   string
	}{
		{"nothing is wrong", is("none", ""), nil, ""},
		{"an organisation is lost", is("org#bash-street", "organisation"), nil, "belongs to bash-street, which is not there"},
		{"a counter of users is off", is("org#bash-street", "count#users"), func(r *engine.Record) { r.Count++ }, "count#users"},
		{"a counter of holders is lost", is("org#bash-street", "holders#"), nil, "holders#"},
		{"a username is free", is("name#bash-street", ""), nil, "is held by"},
		{"a username is somebody else's", is("name#bash-street", ""), func(r *engine.Record) { r.Body = []byte(`{"User":"x"}`) }, `is held by "x"`},
		{"an administrator is not listed", is("org#bash-street", "administrator#"), nil, "and not listed"},
		{"a user is in no list", is("user#bash-street", "user"), func(r *engine.Record) { r.Index = nil }, "stands in the lists at"},
		{"a user is lost", is("user#bash-street", "user"), nil, "count#users"},
		{"a user has no password", is("vault#password", ""), nil, "without a password"},
		{"a record cannot be read", is("audit#bash-street", ""), func(r *engine.Record) { r.Body = []byte("{") }, "decode the record"},
		{"a record of a later version", is("audit#bash-street", ""), func(r *engine.Record) { r.Key.Partition = "later#x" }, "of no kind that this version knows"},
	} {
		records, done := slices.Clone(sound), false
		records = slices.DeleteFunc(records, func(r engine.Record) bool {
			if done || !c.which(r) || c.change != nil {
				return false
			}
			done = true
			return true
		})
		for i := range records {
			if c.change != nil && !done && c.which(records[i]) {
				c.change(&records[i])
				done = true
			}
		}
		e := memory(t)
		if err := e.Load(t.Context(), records); err != nil {
			t.Fatal(err)
		}
		v := verdict(t, e, e)
		var told strings.Builder
		v.Tell(&told)
		if v.Sound() != (c.says == "") || !strings.Contains(told.String(), c.says) {
			t.Errorf("%s: %q is not said:\n%s", c.why, c.says, told.String())
		}
	}
}
