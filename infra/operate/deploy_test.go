package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// filledIn is a copy of samconfig.toml with names of one's own.
func filledIn(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../samconfig.toml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "samconfig.toml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "example.org", "school.uk")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// make deploy looks first, builds, deploys, and says what comes next; what is missing ends it before anything is built. The
// SAM CLI is one that notes what it is asked for.
func TestMakeDeployGoesThroughItsStepsInOrder(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.outputs = map[string]string{
		"BaseUrl": "https://users.staging.school.uk", "ApiEndpoint": "https://abc.execute-api.eu-west-2.amazonaws.com", "TableName": "table",
		"UserPoolId": "pool", "UserPoolClientId": "client", "SealingKeyArn": "key",
	}
	bin := t.TempDir()
	operate := filepath.Join(bin, "operate")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", operate, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	noted := filepath.Join(bin, "noted")
	if err := os.WriteFile(filepath.Join(bin, "sam"), []byte("#!/bin/sh\necho \"$@\" >> '"+noted+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	deploy := func(samconfig string) (said, asked string, err error) {
		c := exec.CommandContext(t.Context(), "make", "--no-print-directory", "-C", "../..", "-o", "sam-cli", "deploy",
			"STAGE=staging", "SAM="+bin, "OPERATE=run() { "+operate+" \"$$@\" -samconfig "+samconfig+"; }; run", "SAM_DEPLOY_FLAGS=--no-confirm-changeset")
		c.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+a.URL, "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "MAKEFLAGS=")
		out, err := c.CombinedOutput()
		asked2, _ := os.ReadFile(noted) // none if the SAM CLI was not called
		return string(out), string(asked2), err
	}
	said, asked, err := deploy("samconfig.toml")
	if err == nil || asked != "" || !strings.Contains(said, "DomainName is still the placeholder users.staging.example.org") {
		t.Fatalf("with placeholders: %v, asked %q\n%s", err, asked, said)
	}
	said, asked, err = deploy(filledIn(t))
	want := "build --config-env staging --template-file template.yaml\ndeploy --config-env staging --no-confirm-changeset\n"
	if err != nil || asked != want {
		t.Fatalf("%v, asked %q\n%s", err, asked, said)
	}
	for _, part := range []string{"as arn:aws:iam::123456789012:user/jo", "caretaker-staging is deployed", "make bootstrap DEPLOYMENT=caretaker-staging", "put users.staging.school.uk in front of https://abc"} {
		if !strings.Contains(said, part) {
			t.Errorf("%q is not said:\n%s", part, said)
		}
	}
}

func TestMakeDeployAsksForAStage(t *testing.T) {
	t.Parallel()
	c := exec.CommandContext(t.Context(), "make", "--no-print-directory", "-C", "../..", "deploy")
	c.Env = append(os.Environ(), "MAKEFLAGS=", "STAGE=")
	if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), "make deploy STAGE=staging") {
		t.Errorf("%v: %s", err, out)
	}
}
