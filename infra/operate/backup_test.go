package main

import (
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/infra/local/demo"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// seed sets the demonstration up, and returns somebody who can sign in.
func seed(t *testing.T, d *directory.Directory) (organisation, username, password string) {
	t.Helper()
	people, err := demo.Open(d, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := people.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, _, err := people.AtOnce(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	jane := all[0].Users[0]
	return string(all[0].Slug), jane.Username, jane.Password
}

// A deployment whose table was lost comes back from an archive: the same records, which fit the pool, and its users sign in.
func TestADeploymentComesBackFromItsBackup(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	server := deploy(t, a, "lost")
	p, out := a.on(t)
	at := []string{"-stack", "caretaker-staging"}
	w, _, err := p.open(t.Context(), place{stack: "caretaker-staging"})
	if err != nil {
		t.Fatal(err)
	}
	organisation, username, password := seed(t, w.Directory)
	archive := filepath.Join(t.TempDir(), "archive")
	if err := p.run(t.Context(), append([]string{"backup", "-to", archive}, at...)); err != nil {
		t.Fatal(err)
	}
	if err := p.run(t.Context(), append([]string{"restore", "-from", archive}, at...)); err == nil || !strings.Contains(err.Error(), "empty one only") {
		t.Errorf("a restore over what is there: %v", err)
	}
	if err := dynamo.CreateTable(t.Context(), dynamodb.NewFromConfig(emulatortest.AWS(t, emulatortest.DynamoDB(t))), "new"); err != nil {
		t.Fatal(err)
	}
	a.outputs["TableName"] = "new"
	out.Reset()
	if err := p.run(t.Context(), append([]string{"restore", "-from", archive}, at...)); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if said := out.String(); !strings.Contains(said, "sound: ") || !strings.Contains(said, "the same as the archive") {
		t.Errorf("the restore says\n%s", said)
	}
	w, _, err = p.open(t.Context(), place{stack: "caretaker-staging"})
	if err != nil {
		t.Fatal(err)
	}
	b := serve(t, server, w.App).Browser(t)
	b.SignIn(organisation, username, password).Want(200)
	b.Call("GET", "/users", nil).Want(200)

	// From here on it is another store than the archive; whoever has no password in the pool is told of.
	if err := p.run(t.Context(), append([]string{"verify", "-from", archive}, at...)); err == nil || !strings.Contains(err.Error(), "differs from the archive") {
		t.Errorf("after a sign-in: %v", err)
	}
	// A table that was damaged is replaced, by somebody who says its name once more.
	if err := p.run(t.Context(), append([]string{"restore", "-from", archive, "-replace", "caretaker"}, at...)); err == nil {
		t.Error("replaced without the stack's name")
	}
	if err := p.run(t.Context(), append([]string{"restore", "-from", t.TempDir(), "-replace", "caretaker-staging"}, at...)); err == nil {
		t.Error("replaced by nothing")
	}
	b.Call("GET", "/users", nil).Want(200)
	if err := p.run(t.Context(), append([]string{"restore", "-from", archive, "-replace", "caretaker-staging"}, at...)); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b.Call("GET", "/users", nil).Want(401) // the session is of a later moment
	b.SignIn(organisation, username, password).Want(200)
	v, err := w.Verify(t.Context())
	if err != nil || !v.Sound() {
		t.Fatalf("%+v, %v", v, err)
	}
	if err := w.Directory.Credentials.DeletePassword(t.Context(), v.Users[0]); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := p.run(t.Context(), append([]string{"verify"}, at...)); !errors.Is(err, errUnsound) || !strings.Contains(out.String(), string(v.Users[0])) {
		t.Errorf("with a user who is not in the pool: %v\n%s", err, out)
	}
}

// An embedded installation is copied with its keys, and comes back in another folder only. A new key seals what comes, and what
// the former sealed can still be opened.
func TestAnEmbeddedInstallationComesBackWithItsKeys(t *testing.T) {
	t.Parallel()
	p, out := newAccount(t).on(t)
	data, copied, back := t.TempDir(), filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "back")
	open := func(folder string, server *httptest.Server) *host.Local {
		l, err := host.OpenEmbedded(p.config(app.Config{BaseURL: "http://" + server.Listener.Addr().String()}), folder, time.Now, apptest.Cheap)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	server := httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	l := open(data, server)
	organisation, username, password := seed(t, l.Directory)
	former, err := l.Directory.Sealer.Seal(t.Context(), "label", []byte("before"))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.run(t.Context(), []string{"backup", "-data", data, "-to", copied}); err == nil || !strings.Contains(err.Error(), "/dev/run/backup") {
		t.Errorf("while it runs: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"rotate-key", "-data", data},
		{"backup", "-data", data, "-to", copied},
		{"restore", "-data", back, "-from", copied},
		{"verify", "-data", back},
	} {
		if err := p.run(t.Context(), args); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	for _, args := range [][]string{
		{"backup", "-data", data, "-to", copied},
		{"restore", "-data", back, "-from", copied},
		{"restore", "-data", filepath.Join(t.TempDir(), "other"), "-from", t.TempDir()},
	} {
		if err := p.run(t.Context(), args); err == nil {
			t.Errorf("%v was done", args)
		}
	}
	l = open(back, server)
	defer l.Close()
	if plain, err := l.Directory.Sealer.Open(t.Context(), "label", former); err != nil || string(plain) != "before" {
		t.Errorf("what the former key sealed: %q, %v", plain, err)
	}
	since, err := l.Directory.Sealer.Seal(t.Context(), "label", []byte("since"))
	if err != nil || string(since[1:9]) == string(former[1:9]) {
		t.Errorf("it is sealed with the former key still, %v", err)
	}
	serve(t, server, l.App).Browser(t).SignIn(organisation, username, password).Want(200)
	for _, name := range []string{host.StoreFile, host.KeysFile} {
		if about, err := os.Stat(filepath.Join(copied, name)); err != nil || about.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
