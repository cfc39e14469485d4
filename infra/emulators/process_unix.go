//go:build unix && !linux

package emulators

import (
	"os/exec"
	"syscall"
)

// bindToParent gives the child a process group of its own, so that Ctrl-C in a terminal reaches the parent alone and
// the parent decides the order of ending. A parent that is killed leaves its emulators behind on these systems.
func bindToParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// kill ends the child and whatever it has started.
func kill(cmd *exec.Cmd) error {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}
