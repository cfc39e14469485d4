package store

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// testdata/releases has, of each release, a record of every kind as that release wrote it, in the form of each engine, and
// what it meant. What is there is never written anew: a deployment in which old and new functions run side by side, and a
// rollback, are only safe if old records stay readable. Before a release that stores something new:
//
//	go test ./internal/store -run TestWriteRelease -release 2027-01
var release = flag.String("release", "", "write the samples of a release of this name, which is not there yet")

const releases = "testdata/releases"

// TestWriteRelease writes the samples, if it is asked to.
func TestWriteRelease(t *testing.T) {
	t.Parallel()
	if *release == "" {
		return
	}
	folder := filepath.Join(releases, *release)
	if err := os.MkdirAll(releases, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "store.db")
	e, err := bolt.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	samples(t, e)
	var lines []byte
	meant := map[string]json.RawMessage{}
	for r, err := range e.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		line, err := dynamo.Line(r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(append(lines, line...), '\n')
		meant[place(r.Key)] = meaning(t, r)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	writeSample(t, filepath.Join(folder, "dynamodb.jsonl"), lines)
	text, err := json.MarshalIndent(meant, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	writeSample(t, filepath.Join(folder, "meaning.json"), append(text, '\n'))
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(content); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	writeSample(t, filepath.Join(folder, "bbolt.db.gz"), zipped.Bytes())
}

func writeSample(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func place(k engine.Key) string { return k.Partition + " " + k.Sort }

// meaning is what the product reads out of a record.
func meaning(t *testing.T, r engine.Record) json.RawMessage {
	t.Helper()
	_, value, err := readAny(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Every record of every release is read by this version, and still means what it did. Members that were added since may be
// there too.
func TestRecordsOfEarlierReleasesAreRead(t *testing.T) {
	t.Parallel()
	for _, name := range releasesThere(t) {
		folder := filepath.Join(releases, name)
		var meant map[string]any
		unmarshalFile(t, filepath.Join(folder, "meaning.json"), &meant)
		for form, records := range map[string][]engine.Record{"DynamoDB": ofDynamoDB(t, folder), "bbolt": ofBolt(t, folder)} {
			if len(records) != len(meant) {
				t.Errorf("%s, %s: %d records, and %d have a meaning", name, form, len(records), len(meant))
			}
			for _, r := range records {
				var got any
				if err := json.Unmarshal(meaning(t, r), &got); err != nil {
					t.Fatal(err)
				}
				want := meant[place(r.Key)]
				if diff := cmp.Diff(want, onlyMembersOf(want, got)); diff != "" {
					t.Errorf("%s, %s: %s means something else (-then +now):\n%s", name, form, place(r.Key), diff)
				}
			}
		}
	}
}

// A kind of record without a sample could change without anybody noticing.
func TestEveryKindOfRecordHasASample(t *testing.T) {
	t.Parallel()
	sampled := map[string]bool{}
	for _, name := range releasesThere(t) {
		for _, r := range ofDynamoDB(t, filepath.Join(releases, name)) {
			k, known := kindOf(r.Key)
			if !known {
				t.Errorf("%s: %s is of no kind", name, place(r.Key))
			}
			sampled[k.name] = true
		}
	}
	source, err := os.ReadFile("keys.go")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, line := range regexp.MustCompile(`(?m)^//\t(\S+)\s+(\S+)`).FindAllStringSubmatch(string(source), -1) {
		name := line[1] + " " + line[2]
		listed = append(listed, name)
		if !sampled[name] {
			t.Errorf("%q of keys.go has no sample in %s", name, releases)
		}
	}
	var known []string
	for _, k := range kinds {
		known = append(known, k.name)
	}
	slices.Sort(listed)
	slices.Sort(known)
	if diff := cmp.Diff(listed, known); diff != "" {
		t.Errorf("keys.go lists other kinds than kinds.go (-listed +known):\n%s", diff)
	}
}

// onlyMembersOf leaves out of now, at any depth, the members of objects that then does not have.
func onlyMembersOf(then, now any) any {
	switch then := then.(type) {
	case map[string]any:
		object, is := now.(map[string]any)
		if !is {
			return now
		}
		kept := map[string]any{}
		for name, value := range object {
			if was, there := then[name]; there {
				kept[name] = onlyMembersOf(was, value)
			}
		}
		return kept
	case []any:
		list, is := now.([]any)
		if !is || len(list) != len(then) {
			return now
		}
		kept := make([]any, len(list))
		for i := range list {
			kept[i] = onlyMembersOf(then[i], list[i])
		}
		return kept
	}
	return now
}

func releasesThere(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(releases)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if len(names) == 0 {
		t.Fatal("there are no samples of any release")
	}
	return names
}

func ofDynamoDB(t *testing.T, folder string) []engine.Record {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "dynamodb.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var records []engine.Record
	for line := range bytes.Lines(text) {
		r, err := dynamo.ParseLine(line)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

func ofBolt(t *testing.T, folder string) []engine.Record {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, "bbolt.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plain, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "store.db")
	writeSample(t, file, content)
	e, err := bolt.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var records []engine.Record
	for r, err := range e.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

func unmarshalFile(t *testing.T, path string, value any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, value); err != nil {
		t.Fatal(err)
	}
}

// filled is a value of which every member, at any depth, has a content of its own.
func filled[T any](t *testing.T) T {
	t.Helper()
	var value T
	n := 0
	fill(t, reflect.ValueOf(&value).Elem(), "", &n)
	return value
}

var atSomeTime = time.Date(2026, time.November, 28, 9, 30, 0, 0, time.UTC)

func fill(t *testing.T, v reflect.Value, name string, n *int) {
	t.Helper()
	*n++
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(atSomeTime.Add(time.Duration(*n) * time.Minute)))
		return
	}
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		v.SetBytes(fmt.Appendf(nil, `{"kept":%d}`, *n))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "Version" {
				fill(t, v.Field(i), f.Name, n)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), name, n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), name, n)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, name, n)
		fill(t, value, name, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(fmt.Sprintf("%s-%d", strings.ToLower(name), *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if v.Type() == reflect.TypeFor[time.Duration]() {
			v.SetInt(int64(time.Duration(*n) * time.Second))
			return
		}
		v.SetInt(int64(*n % 100))
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(uint64(*n % 100))
	case reflect.Float64:
		v.SetFloat(float64(*n))
	default:
		t.Fatalf("%s is a %s", name, v.Kind())
	}
}

// samples commits a record of every kind.
func samples(t *testing.T, e engine.Engine) {
	t.Helper()
	s := New(e, strings.ToLower)
	const org, user = directory.Slug("bash-street"), directory.UserID("01ke00000000000000000000aa")
	o := filled[directory.Organisation](t)
	o.Slug = org
	u := filled[directory.User](t)
	u.Org, u.ID, u.Status = org, user, directory.Active
	entry, mail := filled[directory.Entry](t), filled[directory.Mail](t)
	entry.Org, mail.Org, mail.User, mail.SentAt, mail.Refused = org, org, user, time.Time{}, ""
	closed := filled[directory.ClosedOrganisation](t)
	closed.ErasedAt = time.Time{}
	receipt := filled[directory.Receipt](t)
	receipt.Answer = []byte(`{"an":"answer"}`)
	link, ticket, intent := filled[directory.PasswordLink](t), filled[directory.Ticket](t), filled[directory.Intent](t)
	writes := []directory.Write{
		directory.PutOrganisation{Organisation: o},
		directory.PutUser{User: u},
		directory.CountHolders{Org: org, Role: "operator", Delta: 3, Max: 10},
		directory.ListAdministrator{Org: org, User: user, Listed: true},
		directory.PutAgreement{Agreement: filled[directory.Agreement](t)},
		directory.PutSession{Session: filled[directory.Session](t)},
		directory.PutAcceptance{Acceptance: filled[directory.Acceptance](t)},
		directory.PutAssignments{Assignments: filled[directory.Assignments](t)},
		directory.PutBrowser{Browser: filled[directory.Browser](t)},
		directory.PutFactors{Factors: filled[directory.Factors](t)},
		directory.PutOldPasswords{OldPasswords: filled[directory.OldPasswords](t)},
		directory.PutFailures{Failures: filled[directory.Failures](t)},
		directory.PutQuota{Quota: filled[directory.Quota](t)},
		directory.PutVisit{Visit: filled[directory.Visit](t)},
		directory.PutSchool{Book: "book", School: filled[directory.School](t)},
		directory.PutSchoolGroup{Book: "book", Group: filled[directory.SchoolGroup](t)},
		directory.PutAnnouncement{Announcement: filled[directory.Announcement](t)},
		directory.OpenIntent{Intent: intent},
		directory.PutClosed{Closed: closed},
	}
	c := directory.Change{Entries: []directory.Entry{entry}, Writes: writes, Mails: []directory.Mail{mail}, Receipt: &receipt}
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := s.PutLink(t.Context(), link); err != nil {
		t.Fatal(err)
	}
	if err := s.PutTicket(t.Context(), ticket); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Reserve(t.Context(), "mail", time.Second, atSomeTime, atSomeTime); err != nil {
		t.Fatal(err)
	}
	if err := NewVault(e, "password").Save(t.Context(), string(user), []byte(`{"Hash":"$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA"}`), 0); err != nil {
		t.Fatal(err)
	}
}
