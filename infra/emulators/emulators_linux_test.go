package emulators_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/infra/emulators"
)

// asParent has this test binary start an emulator, print its endpoint and wait to be killed, instead of testing.
const asParent = "CARETAKER_TEST_AS_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(asParent) == "" {
		os.Exit(m.Run())
	}
	server, err := emulators.Start(context.Background(), emulators.SES)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(server.Endpoint)
	select {}
}

func TestAnEmulatorDiesWithAParentThatIsKilled(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.CommandContext(t.Context(), self)
	parent.Env = append(os.Environ(), asParent+"=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	endpoint, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	endpoint = strings.TrimSpace(endpoint)
	if err := knock(t, endpoint); err != nil {
		t.Fatalf("%s does not answer: %v", endpoint, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := parent.Wait(); err == nil {
		t.Fatal("the parent was not killed")
	}
	for deadline := time.Now().Add(10 * time.Second); knock(t, endpoint) == nil; {
		if time.Now().After(deadline) {
			t.Fatal("the emulator outlives its parent by 10 s")
		}
	}
}
