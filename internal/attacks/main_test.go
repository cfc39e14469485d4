package attacks_test

import (
	"os"
	"testing"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }
