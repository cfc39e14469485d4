package credentialstest_test

import (
	"testing"

	"github.com/caretaker/caretaker/internal/credentials/credentialstest"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
)

func TestHashesInMemory(t *testing.T) {
	t.Parallel()
	credentialstest.RunHashes(t, func(*testing.T) embedded.Hashes { return &credentialstest.Hashes{} })
}
