package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// The tour in the README works as it is written: its commands run in a shell, one after another.
func TestTheTourInTheREADME(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, env("DATA", ":memory:"))
	script := "set -euo pipefail\n"
	for _, block := range shellBlock.FindAllSubmatch(readme, -1) {
		script += strings.ReplaceAll(string(block[1]), "http://127.0.0.1:8080", r.url)
	}
	shell := exec.CommandContext(t.Context(), "bash")
	shell.Stdin = strings.NewReader(script)
	shell.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	said, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, said)
	}
	wantSaid(t, string(said), // in this order they are what the README promises
		`"status":"active"`, `"initialPassword":"`, `"total":1`, "newPassword", "signInAgain", "real people", "\nactive",
		`"code":"missing_right"`, `"code":"not_signed_in"`, "\nDaniel", "Your Caretaker password has been reset")
}
