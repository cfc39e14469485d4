//go:build linux

// Package runtime_test runs the functions as AWS does: what `sam build` builds, each under Amazon's runtime interface
// emulator, with the environment that template.yaml gives it, behind events as API Gateway, the table's stream, schedules and
// SES make them. It says nothing about rights, memory or the network of AWS.
package runtime_test

import (
	"os"
	"testing"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }
